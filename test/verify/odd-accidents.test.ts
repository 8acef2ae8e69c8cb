import { describe, expect, test } from "vitest";
import { ks, kustomization, object, release } from "./home-tree.ts";
import { APP, CAPP, type Case, CHESS, CLUSTER, cm, HR, h, LIST, op, PLAYER, player, sayOf } from "./odd-tree.ts";

const K = "kubernetes";
const INSTANCE = `${K}/flux/config/instance.yaml`;
const instance = op[INSTANCE]!;
const SSH = "ssh://git@git.example.invalid/me/home.git";
const source = (more: string) =>
  h[CLUSTER]!.replace("  url: https://git.example.invalid/me/home.git", `  url: ${more}`);
const PATCH = `[{target: {kind: Deployment, name: helm-controller}, patch: '[{"op": "add", "path": "/metadata/labels/a", "value": "b"}]'}]`;
const chartValues = (claim: string) =>
  release("player", [`values: {persistence: {config: {existingClaim: ${claim}}}}`]);
const SETTINGS = `${K}/flux/vars/cluster-settings.yaml`;
const sized = (storage: string) =>
  object("PersistentVolumeClaim", "player", "v1", [
    `spec: {storageClassName: '\${CLASS:=${storage}}', accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}`,
  ]);
const filled = player("postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}");
const issuer = (name: string) => object("ConfigMap", name, "v1", ["data: {server: a}"]);
const PATCHED = `patches: [{target: {kind: ConfigMap, name: main}, patch: '[{"op": "replace", "path": "/data/server", "value": "b"}]'}]`;
const automation = object("ImageUpdateAutomation", "all", "image.toolkit.fluxcd.io/v1beta2", [
  "spec: {interval: 5m, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}, git: {commit: {author: {email: a@b.invalid}}}}",
]);
const tenant = (name: string) =>
  object("GitRepository", name, "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    `spec: {interval: 1m, url: 'https://git.example.invalid/${name}', ref: {branch: main}}`,
  ]) + ks(name, "deploy", [], name);
/** The operator's tree with the FluxInstance in an app of its own, so that it goes on without the root. */
const apart = (() => {
  const tree = { ...op };
  delete tree[INSTANCE];
  tree[`${K}/flux/config/kustomization.yaml`] = kustomization(["../apps.yaml"]);
  tree[`${K}/apps/flux/instance.yaml`] = instance.replace("path: kubernetes/flux}", "path: kubernetes/flux/config}");
  tree[`${K}/apps/flux/kustomization.yaml`] = kustomization(["instance.yaml"]);
  tree[`${K}/flux/config/kustomization.yaml`] = kustomization([
    "apps.yaml",
    "cluster-settings.yaml",
    "settings.sops.yaml",
  ]);
  for (const [from, to] of [
    ["apps.yaml", "apps.yaml"],
    ["vars/cluster-settings.yaml", "cluster-settings.yaml"],
    ["vars/settings.sops.yaml", "settings.sops.yaml"],
  ]) {
    tree[`${K}/flux/config/${to}`] = tree[`${K}/flux/${from}`]!;
    delete tree[`${K}/flux/${from}`];
  }
  return tree;
})();

const ROOT_FILES = Object.keys(apart).filter((path) => path.startsWith(`${K}/flux/config/`));

const CASES: Case[] = [
  [
    "a source that is read over ssh loses its Secret",
    "unsafe | login-mismatch GitRepository flux-system/home",
    { ...h, [CLUSTER]: source(`${SSH}\n  secretRef: {name: key}`) },
    { [CLUSTER]: source(SSH) },
  ],
  [
    "a key of values gets another name, and an undelivered copy keeps it",
    "unsafe | setting-lost Kustomization flux-system/player",
    { ...h, [PLAYER]: filled, "other/settings.yaml": h[SETTINGS]!.replace("DOMAIN", "DOMAIN") },
    { [SETTINGS]: h[SETTINGS]!.replace("DOMAIN", "BASE") },
  ],
  ["a tenant comes with its source", "safe", h, { [`${K}/flux/tenant.yaml`]: tenant("team") }],
  [
    "the default class of a claim changes where nothing sets another one",
    "unsafe | immutable-changes PersistentVolumeClaim media/player",
    { ...h, [PLAYER]: filled, [`${APP}/pvc.yaml`]: sized("fast") },
    { [`${APP}/pvc.yaml`]: sized("slow") },
  ],
  [
    "the default class of a claim changes where a key sets another one",
    "unproven",
    {
      ...h,
      [PLAYER]: filled,
      [SETTINGS]: h[SETTINGS]!.replace("{", "{CLASS: own, "),
      [`${APP}/pvc.yaml`]: sized("fast"),
    },
    { [`${APP}/pvc.yaml`]: sized("slow") },
  ],
  [
    "the target of a patch of the FluxInstance is misspelt",
    "unsafe | instance-harms FluxInstance flux-system/flux",
    { ...op, [INSTANCE]: `${instance}  kustomize: {patches: ${PATCH}}\n` },
    { [INSTANCE]: `${instance}  kustomize: {patches: ${PATCH.replace("helm-controller", "helm-controler")}}\n` },
  ],
  [
    "a patch of the FluxInstance gets another target that is there",
    "safe",
    { ...op, [INSTANCE]: `${instance}  kustomize: {patches: ${PATCH}}\n` },
    { [INSTANCE]: `${instance}  kustomize: {patches: ${PATCH.replace("helm-controller", "source-controller")}}\n` },
  ],
  [
    "the claim in the values of a chart is misspelt",
    "unsafe | reference-missing HelmRelease media/player",
    { ...h, [HR]: chartValues("player") },
    { [HR]: chartValues("palyer") },
  ],
  [
    "the values of a chart name a claim that somebody else makes",
    "safe",
    { ...h, [HR]: chartValues("player") },
    { [HR]: chartValues("library") },
  ],
  [
    "a field comes that the Flux of this cluster does not have yet",
    "unsafe | object-refused Kustomization flux-system/chess",
    op,
    { [CHESS]: op[CHESS]!.replace("{name: player}", "{name: player, readyExpr: 'true'}") },
  ],
  [
    "a field comes together with the Flux that has it",
    "safe",
    op,
    {
      [CHESS]: op[CHESS]!.replace("{name: player}", "{name: player, readyExpr: 'true'}"),
      [INSTANCE]: instance.replace("2.6.x", "2.7.x"),
    },
  ],
  [
    "a copied app keeps the name of its release",
    "unsafe | second-owner Kustomization flux-system/radio",
    h,
    {
      [`${K}/apps/media/kustomization.yaml`]: kustomization(["namespace.yaml", "player/ks.yaml", "radio/ks.yaml"]),
      [`${K}/apps/media/radio/ks.yaml`]: ks("radio", `${K}/apps/media/radio/app`, ["targetNamespace: media"]),
      [`${K}/apps/media/radio/app/helmrelease.yaml`]: h[HR]!,
    },
  ],
  [
    "the same where the first stops pruning with it: neither can take the release from the other",
    "safe",
    h,
    {
      [PLAYER]: player().replace("prune: true", "prune: false"),
      [`${K}/apps/media/kustomization.yaml`]: kustomization(["namespace.yaml", "player/ks.yaml", "radio/ks.yaml"]),
      [`${K}/apps/media/radio/ks.yaml`]: ks("radio", `${K}/apps/media/radio/app`, ["targetNamespace: media"]),
      [`${K}/apps/media/radio/app/helmrelease.yaml`]: h[HR]!,
    },
  ],
  [
    "what a patch is for gets another name, and the patch is not told",
    "unsafe | setting-lost Kustomization flux-system/player | deleted ConfigMap media/main",
    {
      ...h,
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "c.yaml"]),
      [`${APP}/c.yaml`]: issuer("main"),
      [PLAYER]: player(PATCHED),
    },
    { [`${APP}/c.yaml`]: issuer("other") },
  ],
  [
    "the same with the patch in the list",
    "unsafe | setting-lost Kustomization flux-system/player | deleted ConfigMap media/main",
    {
      ...h,
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "c.yaml"], [PATCHED]),
      [`${APP}/c.yaml`]: issuer("main"),
    },
    { [`${APP}/c.yaml`]: issuer("other") },
  ],
  [
    "what a patch is for goes",
    "deletes | deleted ConfigMap media/main",
    {
      ...h,
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "c.yaml"], [PATCHED]),
      [`${APP}/c.yaml`]: issuer("main"),
    },
    { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"], [PATCHED]), [`${APP}/c.yaml`]: undefined },
  ],
  [
    "a list of folders is emptied",
    "unsafe | wanted-may-go ConfigMap games/one | wanted-may-go ConfigMap games/two | deleted ConfigMap games/one | deleted ConfigMap games/two",
    {
      ...h,
      [`${CAPP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "one", "two"]),
      [`${CAPP}/one/kustomization.yaml`]: kustomization(["c.yaml"]),
      [`${CAPP}/one/c.yaml`]: cm("one", "{a: b}"),
      [`${CAPP}/two/kustomization.yaml`]: kustomization(["c.yaml"]),
      [`${CAPP}/two/c.yaml`]: cm("two", "{a: b}"),
    },
    { [`${CAPP}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]) },
  ],
  [
    "an object comes whose controller the FluxInstance does not run",
    "unsafe | api-not-served ImageUpdateAutomation media/all",
    op,
    { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "auto.yaml"]), [`${APP}/auto.yaml`]: automation },
  ],
  [
    "an object of Flux comes in a version that is newer than this Flux",
    "unsafe | api-not-served ImageRepository media/x",
    op,
    {
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "ir.yaml"]),
      [`${APP}/ir.yaml`]: object("ImageRepository", "x", "image.toolkit.fluxcd.io/v1", [
        "spec: {image: a, interval: 1h}",
      ]),
    },
  ],
  [
    "the folder of the root moves, and the FluxInstance that an app holds is told",
    "safe",
    apart,
    {
      ...Object.fromEntries(
        ROOT_FILES.flatMap((path) => [
          [path, undefined],
          [path.replace(`${K}/flux/config`, "clusters/main"), apart[path]],
        ]),
      ),
      [`${K}/apps/flux/instance.yaml`]: apart[`${K}/apps/flux/instance.yaml`]!.replace(
        "kubernetes/flux/config",
        "clusters/main",
      ),
    },
  ],
];

describe("accidents that people have, and what only looks like one", () => {
  test.each(CASES)("%s", (_, expected, before, change) => {
    expect(sayOf(before, change)).toBe(expected);
  });
});
