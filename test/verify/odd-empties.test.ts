import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kustomization, object } from "./home-tree.ts";
import { type Case, CLUSTER, h, LIST, op, PLAYER, PVC, player, sayOf } from "./odd-tree.ts";

const K = "kubernetes";
const FLUX = `${K}/flux/config/flux.yaml`;
const INSTANCE = `${K}/flux/config/instance.yaml`;
const DECRYPTION = "decryption: {provider: sops, secretRef: {name: sops-age}}";
const secret = object("Secret", "one", "v1", [
  "stringData: {key: 'ENC[AES256_GCM,data:AA==,type:str]'}",
  "sops: {version: 3.9.0, age: [{recipient: age1}]}",
]);
const set = (replicas: number) =>
  object("StatefulSet", "db", "apps/v1", [
    "spec:",
    `  replicas: ${replicas}`,
    "  serviceName: db",
    "  persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}",
    "  selector: {matchLabels: {app: db}}",
    "  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: a, image: 'a:1'}]}}",
  ]);
const told = (kind: string, api: string, spec: string) => object(kind, "db", api, [`spec: ${spec}`]);
const drops = (ensure: string) =>
  told("Database", "postgresql.cnpg.io/v1", `{name: a, owner: a, cluster: {name: a}${ensure}}`);
const postgres = (...names: string[]) =>
  told(
    "PostgresCluster",
    "postgres-operator.crunchydata.com/v1beta1",
    `{instances: [${names.map((one) => `{name: ${one}}`).join()}]}`,
  );
const restore = (word: string, more: string) =>
  told(
    "ReplicationDestination",
    "volsync.backube/v1alpha1",
    `{trigger: {manual: ${word}}, restic: {repository: a${more}}}`,
  );
const ceph = (more: string) => told("CephCluster", "ceph.rook.io/v1", `{mon: {count: 3}${more}}`);
const west = (text: string) => text.replaceAll("kubernetes/", "west/");
const both = {
  ...h,
  ...Object.fromEntries(Object.entries(h).map(([path, text]) => [west(path), west(text)])),
};

const CASES: Case[] = [
  // A field of which all lines are commented out.
  [
    "decryption without a value",
    "unsafe | object-refused Kustomization flux-system/player | setting-lost Kustomization flux-system/player",
    { ...h, [PLAYER]: player(DECRYPTION), [PVC]: secret },
    { [PLAYER]: player("decryption:") },
  ],
  [
    "prune without a value",
    "unsafe | build-breaks Kustomization flux-system/cluster-apps",
    h,
    { [PLAYER]: player().replace("prune: true", "prune:") },
  ],
  [
    "the URL of the source without a value",
    "unsafe | object-refused GitRepository flux-system/home",
    h,
    { [CLUSTER]: h[CLUSTER]!.replace("url: https://git.example.invalid/me/home.git", "url:") },
  ],
  [
    "kubeConfig without a value, where there was none",
    "unsafe | object-refused Kustomization flux-system/player",
    h,
    { [PLAYER]: player("kubeConfig:") },
  ],
  [
    "a list whose last entry went",
    "unsafe | object-refused Kustomization flux-system/player",
    { ...h, [PLAYER]: player("components: [../x]") },
    { [PLAYER]: player("components:") },
  ],
  [
    "a label for all without a value",
    "unsafe | object-refused Kustomization flux-system/player",
    h,
    { [PLAYER]: player("commonMetadata: {labels: {a: }}") },
  ],
  ["force without a value, which has a default", "safe", h, { [PLAYER]: player("force:") }],
  [
    "a list of patches with nothing in it",
    "unsafe | build-breaks Kustomization flux-system/flux | object-refused Kustomization flux-system/flux",
    h,
    { [FLUX]: `${h[FLUX]}  patches:\n    -\n` },
  ],
  [
    "fields of the FluxInstance with nothing in them",
    "unsafe | instance-refused FluxInstance flux | object-refused FluxInstance flux-system/flux",
    op,
    { [INSTANCE]: `${op[INSTANCE]}  sharding:\n  kustomize: {patches: [null]}\n` },
  ],
  [
    "an apiVersion that is a number",
    "unsafe | object-refused PersistentVolumeClaim media/player",
    h,
    { [PVC]: "apiVersion: 5\nkind: PersistentVolumeClaim\nmetadata: {name: player}\n" },
  ],
  // What is frozen, left out or scaled.
  [
    "all that a Kustomization applies is marked as not to be applied",
    "unsafe | reconcile-stops Kustomization flux-system/player",
    h,
    { [PLAYER]: player("commonMetadata: {annotations: {kustomize.toolkit.fluxcd.io/ssa: Ignore}}") },
  ],
  [
    "a claim leaves its list while its Kustomization begins to mark all as not to be pruned",
    "unsafe | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    h,
    {
      [PLAYER]: player("commonMetadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}"),
      [LIST]: kustomization(["helmrelease.yaml"]),
    },
  ],
  [
    "a .sourceignore that is a link",
    "unproven | safety-unknown GitRepository home",
    { ...h, patterns: "pvc.yaml\n" },
    (root) => symlinkSync("patterns", join(root, ".sourceignore")),
  ],
  ["fewer replicas, whose claims go with them", "unproven", { ...h, [PVC]: set(3) }, { [PVC]: set(1) }],
  ["more replicas", "safe", { ...h, [PVC]: set(1) }, { [PVC]: set(3) }],
  // What an object that stays tells its operator to delete.
  [
    "a cluster of Ceph that comes to say how it is wiped",
    "unproven",
    { ...h, [PVC]: ceph("") },
    { [PVC]: ceph(", cleanupPolicy: {confirmation: yes-really-destroy-data}") },
  ],
  [
    "a cluster of Ceph with an empty policy",
    "safe",
    { ...h, [PVC]: ceph("") },
    { [PVC]: ceph(', cleanupPolicy: {confirmation: ""}') },
  ],
  ["a database is to be absent", "unproven", { ...h, [PVC]: drops("") }, { [PVC]: drops(", ensure: absent") }],
  ["a database is to be present", "safe", { ...h, [PVC]: drops("") }, { [PVC]: drops(", ensure: present") }],
  ["all sets of instances go", "unproven", { ...h, [PVC]: postgres("one", "two") }, { [PVC]: postgres("three") }],
  ["a set of instances stays", "safe", { ...h, [PVC]: postgres("one", "two") }, { [PVC]: postgres("two", "three") }],
  [
    "a restore over a claim starts again",
    "unproven",
    { ...h, [PVC]: restore("once", ", destinationPVC: data") },
    { [PVC]: restore("twice", ", destinationPVC: data") },
  ],
  ...(
    [
      [
        "a restore over a claim comes to run by a schedule",
        "unproven",
        "{manual: once}",
        "{schedule: '0 * * * *'}",
        "",
      ],
      ["one restore over a claim follows the other", "unproven", "{manual: once}", "{}", ""],
      [
        "a schedule of restores stays beside the word that counts",
        "safe",
        "{manual: a}",
        "{manual: a, schedule: '0 * * * *'}",
        "",
      ],
      ["another schedule of restores", "safe", "{schedule: '0 * * * *'}", "{schedule: '5 * * * *'}", ""],
      ["a restore over a claim that is paused", "safe", "{manual: once}", "{manual: twice}", "paused: true, "],
    ] as const
  ).map(([title, says, was, is, more]): Case => {
    const write = (trigger: string, paused: string) =>
      restore("once", ", destinationPVC: data").replace("trigger: {manual: once}", `${paused}trigger: ${trigger}`);
    return [title, says, { ...h, [PVC]: write(was, "") }, { [PVC]: write(is, more) }];
  }),
  ["a restore into a claim of its own", "safe", { ...h, [PVC]: restore("once", "") }, { [PVC]: restore("twice", "") }],
  [
    "a cluster takes the apps of another one, beside Flux from its artifact",
    "unsafe | folder-of-another Kustomization flux-system/cluster-apps",
    both,
    { "west/flux/apps.yaml": h[`${K}/flux/apps.yaml`] },
  ],
];

test.each(CASES)("%s", (_what, said, before, change) => {
  expect(sayOf(before, change)).toBe(said);
});
