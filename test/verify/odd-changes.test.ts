import { chmodSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ks, kustomization, object, release } from "./home-tree.ts";
import type { Edits } from "./judge.ts";
import {
  APP,
  type Case,
  CHESS,
  CLUSTER,
  chess,
  cls,
  cm,
  HR,
  h,
  LIST,
  MEDIA,
  op,
  PLAYER,
  PVC,
  player,
  pvc,
  rename,
  sayOf,
} from "./odd-tree.ts";

const K = "kubernetes";

const webOf = () =>
  object("Deployment", "web", "apps/v1", [
    "spec:",
    "  selector: {matchLabels: {app: web}}",
    "  template:",
    "    metadata: {labels: {app: web}}",
    "    spec: {containers: [{name: a, image: a, envFrom: [{secretRef: {name: web, optional: true}}]}]}",
  ]);

const CASES: Case[] = [
  [
    "a Kustomization with deletionPolicy: Orphan goes",
    "deletes | deleted Kustomization flux-system/player",
    { ...h, [PLAYER]: player("deletionPolicy: Orphan"), [CHESS]: chess().replace("dependsOn", "#dependsOn") },
    { [MEDIA]: kustomization(["namespace.yaml"]), [PLAYER]: undefined },
  ],
  [
    "a release leaves a Kustomization that does not prune",
    "safe",
    { ...h, [PLAYER]: player().replace("prune: true", "prune: false") },
    { [LIST]: kustomization(["pvc.yaml"]) },
  ],
  [
    "a release leaves a Kustomization that begins to prune",
    "deletes | deleted HelmRelease media/player",
    { ...h, [PLAYER]: player().replace("prune: true", "prune: false") },
    { [PLAYER]: player(), [LIST]: kustomization(["pvc.yaml"]) },
  ],
  [
    "a Kustomization with prune: false and deletionPolicy: Delete goes",
    "deletes | deleted HelmRelease media/player | deleted Kustomization flux-system/player | deleted PersistentVolumeClaim media/player",
    {
      ...h,
      [CHESS]: chess().replace("dependsOn", "#dependsOn"),
      [PLAYER]: player("deletionPolicy: Delete").replace("prune: true", "prune: false"),
    },
    { [MEDIA]: kustomization(["namespace.yaml"]), [PLAYER]: undefined },
  ],
  [
    "a child leaves a parent that does not prune",
    "safe",
    {
      ...h,
      [CHESS]: chess().replace("dependsOn", "#dependsOn"),
      [`${K}/flux/apps.yaml`]: ks("cluster-apps", "kubernetes/apps").replace("prune: true", "prune: false"),
    },
    { [MEDIA]: kustomization(["namespace.yaml"]), [PLAYER]: undefined },
  ],
  [
    "an optional ConfigMap of substituteFrom goes, and a value uses it",
    "unsafe | setting-lost Kustomization flux-system/player | deleted ConfigMap flux-system/extra",
    {
      ...h,
      [PLAYER]: player("postBuild: {substituteFrom: [{kind: ConfigMap, name: extra, optional: true}]}"),
      [`${K}/flux/vars/extra.yaml`]: cm("extra", "{DOMAIN: a.example}", ["  namespace: flux-system"]),
    },
    { [`${K}/flux/vars/extra.yaml`]: undefined },
  ],
  [
    "an optional ConfigMap of substituteFrom gets another name",
    "unsafe | setting-lost Kustomization flux-system/player | deleted ConfigMap flux-system/extra",
    {
      ...h,
      [PLAYER]: player("postBuild: {substituteFrom: [{kind: ConfigMap, name: extra, optional: true}]}"),
      [`${K}/flux/vars/extra.yaml`]: cm("extra", "{DOMAIN: a.example}", ["  namespace: flux-system"]),
    },
    { [`${K}/flux/vars/extra.yaml`]: cm("extras", "{DOMAIN: a.example}", ["  namespace: flux-system"]) },
  ],
  [
    "an optional ConfigMap of valuesFrom is taken out on purpose",
    "deletes | deleted ConfigMap media/pv",
    {
      ...h,
      [HR]: release("player", ["valuesFrom: [{kind: ConfigMap, name: pv, optional: true}]"]),
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "cm.yaml"]),
      [`${APP}/cm.yaml`]: cm("pv", "{values.yaml: 'a: 1'}"),
    },
    { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]), [`${APP}/cm.yaml`]: undefined },
  ],
  [
    "an optional Secret that a pod takes its environment from is taken out on purpose",
    "deletes | deleted Secret media/web",
    {
      ...h,
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "web.yaml"]),
      [`${APP}/web.yaml`]: webOf() + object("Secret", "web", "v1", ["stringData: {a: b}"]),
    },
    { [`${APP}/web.yaml`]: webOf() },
  ],
  [
    "an optional Secret that a pod takes its environment from gets another name",
    "unsafe | setting-lost Deployment media/web | deleted Secret media/web",
    {
      ...h,
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "web.yaml"]),
      [`${APP}/web.yaml`]: webOf() + object("Secret", "web", "v1", ["stringData: {a: b}"]),
    },
    { [`${APP}/web.yaml`]: webOf() + object("Secret", "webs", "v1", ["stringData: {a: b}"]) },
  ],
  [
    "an optional ConfigMap of valuesFrom gets another name",
    "unsafe | setting-lost HelmRelease media/player | deleted ConfigMap media/pv",
    {
      ...h,
      [HR]: release("player", ["valuesFrom: [{kind: ConfigMap, name: pv, optional: true}]"]),
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "cm.yaml"]),
      [`${APP}/cm.yaml`]: cm("pv", "{values.yaml: 'a: 1'}"),
    },
    { [`${APP}/cm.yaml`]: cm("pvs", "{values.yaml: 'a: 1'}") },
  ],
  [
    "dependsOn looks in another namespace",
    "unsafe | reference-missing Kustomization flux-system/chess",
    h,
    { [CHESS]: chess().replace("{name: player}", "{name: player, namespace: media}") },
  ],
  [
    "a claim with the force annotation gets another class",
    "unsafe | wanted-may-go PersistentVolumeClaim media/player | recreated PersistentVolumeClaim media/player",
    { ...h, [PVC]: pvc(["  annotations: {kustomize.toolkit.fluxcd.io/force: enabled}", cls("a")]) },
    { [PVC]: pvc(["  annotations: {kustomize.toolkit.fluxcd.io/force: enabled}", cls("b")]) },
  ],
  [
    "a claim that is only made once gets another class",
    "safe",
    { ...h, [PVC]: pvc(["  annotations: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}", cls("a")]) },
    { [PVC]: pvc(["  annotations: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}", cls("b")]) },
  ],
  [
    "a claim that is merged gets another class",
    "unsafe | immutable-changes PersistentVolumeClaim media/player",
    { ...h, [PVC]: pvc(["  annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}", cls("a")]) },
    { [PVC]: pvc(["  annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}", cls("b")]) },
  ],
  [
    "a claim that is not to be pruned goes",
    "safe",
    { ...h, [PVC]: pvc(["  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}", cls("a")]) },
    { [PVC]: undefined, [LIST]: kustomization(["helmrelease.yaml"]) },
  ],
  [
    "a Namespace that is not to be pruned leaves its list",
    "safe",
    {
      ...h,
      [`${K}/apps/media/namespace.yaml`]: object("Namespace", "media", "v1", [
        "  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}",
      ]),
    },
    { [MEDIA]: kustomization(["player/ks.yaml"]) },
  ],
  [
    "a claim goes with its document",
    "deletes | deleted PersistentVolumeClaim media/player",
    h,
    { [PVC]: undefined, [LIST]: kustomization(["helmrelease.yaml"]) },
  ],
  [
    "a .sourceignore in a folder leaves out an app",
    "unsafe | build-breaks Kustomization flux-system/cluster-apps | build-breaks Kustomization flux-system/player",
    h,
    { [`${K}/apps/media/.sourceignore`]: "player/\n" },
  ],
  [
    "spec.ignore of the source leaves out all apps",
    "unsafe | build-breaks Kustomization flux-system/chess | build-breaks Kustomization flux-system/cluster-apps | build-breaks Kustomization flux-system/player",
    h,
    {
      [CLUSTER]: h[CLUSTER]!.replace(
        "  ref: {branch: main}",
        "  ref: {branch: main}\n  ignore: |\n    /*\n    !/kubernetes/flux\n",
      ),
    },
  ],
  [
    "a sparse checkout lacks the apps",
    "unsafe | build-breaks Kustomization flux-system/chess | build-breaks Kustomization flux-system/cluster-apps | build-breaks Kustomization flux-system/player",
    h,
    {
      [CLUSTER]: h[CLUSTER]!.replace(
        "  ref: {branch: main}",
        "  ref: {branch: main}\n  sparseCheckout: [kubernetes/flux]",
      ),
    },
  ],
  [
    "the folder of an app becomes a link",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    (root) => {
      renameSync(join(root, APP), join(root, "shared-app"));
      symlinkSync("../../../../shared-app", join(root, APP));
    },
  ],
  [
    "a listed file becomes a link",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    (root) => {
      renameSync(join(root, HR), join(root, APP, "real.txt"));
      symlinkSync("real.txt", join(root, HR));
    },
  ],
  [
    "a file of a folder without a list becomes a link",
    "unsafe | wanted-may-go HelmRelease media/player | deleted HelmRelease media/player",
    (() => {
      const t: Edits = { ...h };
      delete t[LIST];
      return t;
    })(),
    (root) => {
      renameSync(join(root, HR), join(root, APP, "real.txt"));
      symlinkSync("real.txt", join(root, HR));
    },
  ],
  [
    "kustomization.yaml becomes Kustomization.yaml",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    rename(LIST, `${APP}/Kustomization.yaml`),
  ],
  [
    "the list of a folder goes, and the folder holds the same files",
    "safe",
    h,
    rename(LIST, `${APP}/kustomization.yaml.bak`),
  ],
  [
    "a file of a folder without a list becomes .YAML",
    "unsafe | wanted-may-go HelmRelease media/player | deleted HelmRelease media/player",
    (() => {
      const t: Edits = { ...h };
      delete t[LIST];
      return t;
    })(),
    rename(HR, `${APP}/HelmRelease.YAML`),
  ],
  ["a file becomes a program", "safe", h, (root) => chmodSync(join(root, HR), 0o755)],
  [
    "every file gets line ends of Windows",
    "safe",
    h,
    (root) => {
      for (const [p, t] of Object.entries(h)) writeFileSync(join(root, p), t.replaceAll("\n", "\r\n"));
    },
  ],
  [
    "an object is there twice",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "again.yaml"]), [`${APP}/again.yaml`]: pvc() },
  ],
  [
    "an anchor that is the name gets another value",
    "unsafe | reference-breaks Kustomization flux-system/chess | wanted-may-go PersistentVolumeClaim media/player | deleted Kustomization flux-system/player | recreated HelmRelease media/player | recreated PersistentVolumeClaim media/player",
    { ...h, [PLAYER]: player("commonMetadata: {labels: {app: *app}}").replace("name: player", "name: &app player") },
    { [PLAYER]: player("commonMetadata: {labels: {app: *app}}").replace("name: player", "name: &app play") },
  ],
  [
    "the line between two documents is lost",
    "unsafe | build-breaks Kustomization flux-system/player",
    { ...h, [HR]: h[HR] + h[PVC]!, [LIST]: kustomization(["helmrelease.yaml"]) },
    { [HR]: h[HR] + h[PVC]!.replace("---\n", "") },
  ],
  [
    "a List loses an item",
    "deletes | deleted PersistentVolumeClaim media/player2",
    {
      ...h,
      [PVC]:
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: player}}\n- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: player2}}\n",
    },
    {
      [PVC]:
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: player}}\n",
    },
  ],
  [
    "name becomes generateName",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    { [PVC]: h[PVC]!.replace("name: player", "generateName: player") },
  ],
  [
    "the sops block goes, and the ciphertext stays",
    "unsafe | setting-lost Secret flux-system/settings",
    h,
    {
      [`${K}/flux/vars/settings.sops.yaml`]: h[`${K}/flux/vars/settings.sops.yaml`]!.replace(
        "sops: {version: 3.9.0}\n",
        "",
      ),
    },
  ],
  [
    "sync.path of the FluxInstance leads to another folder",
    "unsafe | flux-may-go…",
    { ...op, [`${K}/other/x.yaml`]: cm("x", "{a: b}") },
    {
      [`${K}/flux/config/instance.yaml`]: op[`${K}/flux/config/instance.yaml`]!.replace(
        "path: kubernetes/flux",
        "path: kubernetes/other",
      ),
    },
  ],
  [
    "the path of the root is misspelt",
    "unsafe | build-breaks Kustomization flux-system/cluster",
    h,
    { [CLUSTER]: h[CLUSTER]!.replace("path: ./kubernetes/flux", "path: ./kubernetes/fluxx") },
  ],
  [
    "the source is read from another port",
    "unproven | source-switches GitRepository home",
    h,
    { [CLUSTER]: h[CLUSTER]!.replace("https://git.example.invalid/", "https://git.example.invalid:8443/") },
  ],
  [
    "the usual port of the source is written out",
    "safe",
    h,
    { [CLUSTER]: h[CLUSTER]!.replace("https://git.example.invalid/", "https://git.example.invalid:443/") },
  ],
  [
    "the source reads another branch",
    "unproven | source-switches GitRepository home",
    h,
    { [CLUSTER]: h[CLUSTER]!.replace("branch: main", "branch: maim") },
  ],
  [
    "a release leaves a suspended Kustomization",
    "safe",
    { ...h, [PLAYER]: player("suspend: true") },
    { [LIST]: kustomization(["pvc.yaml"]) },
  ],
];

test.each(CASES)("%s", (_, expected, before, change) => {
  const said = sayOf(before, change);
  // Where Flux itself goes the list is long.
  expect(expected.endsWith("…") ? `${said.slice(0, expected.length - 1)}…` : said).toBe(expected);
});
