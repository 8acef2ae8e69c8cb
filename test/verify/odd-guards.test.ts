import { expect, test } from "vitest";
import { kustomization, object, release } from "./home-tree.ts";
import { type Case, CHESS, chess, cm, HR, h, LIST, MEDIA, op, PLAYER, PVC, player, pvc, sayOf } from "./odd-tree.ts";

const K = "kubernetes";
const FLUX = `${K}/flux/config/flux.yaml`;
const INSTANCE = `${K}/flux/config/instance.yaml`;
const alone = { ...h, [CHESS]: chess().replace("dependsOn", "#dependsOn") };
const instance = (edit: (text: string) => string) => ({ [INSTANCE]: edit(op[INSTANCE]!) });
const OFF = "- {op: add, path: /spec/replicas, value: 0}";
const patches = (indent: string, kind: string, line: string) =>
  ["patches:", `  - target: {kind: ${kind}}`, "    patch: |", `      ${line}`, ""]
    .map((one) => indent + one)
    .join("\n");
const LOST =
  "unsafe | wanted-may-go PersistentVolumeClaim media/player | deleted HelmRelease media/player | deleted Kustomization flux-system/player | deleted PersistentVolumeClaim media/player";
const renders = (text: string) => [
  "postRenderers:",
  "  - kustomize:",
  "      patches:",
  "        - target: {kind: PersistentVolumeClaim}",
  `          patch: '${text}'`,
];
const rset = object("ResourceSet", "tenants", "fluxcd.controlplane.io/v1", [
  "  namespace: flux-system",
  "spec:",
  "  inputsFrom: [{kind: ResourceSetInputProvider, name: pulls}]",
  "  resources:",
  "    - {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: '<< inputs.id >>', namespace: media}}",
]);
const pulls = (more: string) =>
  object("ResourceSetInputProvider", "pulls", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    `spec: {type: GitHubPullRequest, url: 'https://github.com/me/home', ${more}}`,
  ]);
const other = (more: string) =>
  object("GitRepository", "other", "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    `spec: {interval: 1h, url: 'https://git.example.invalid/me/other.git', ref: {branch: main}${more}}`,
  ]) + player().replace("name: player", "name: other").replace("name: home", "name: other");

const COPY_FROM = "fluxcd.controlplane.io/copyFrom: flux-system/from";
const source = { [`${K}/flux/from.yaml`]: cm("from", "{a: b}", ["  namespace: flux-system"]) };
const copies = (annotation: string, data = "{}") => ({
  [`${K}/flux/copy.yaml`]: object("ResourceSet", "copy", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  resources:",
    "    - apiVersion: v1",
    "      kind: ConfigMap",
    `      metadata: {name: copy, namespace: media, annotations: {${annotation}}}`,
    `      data: ${data}`,
  ]),
});
const CASES: Case[] = [
  // Guards that come with what they are to keep.
  [
    "a claim leaves its list and is marked not to be pruned at once",
    "unsafe | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    h,
    {
      [PVC]: pvc(["  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}"]),
      [LIST]: kustomization(["helmrelease.yaml"]),
    },
  ],
  [
    "a claim leaves its list, which annotates all with prune: disabled at once",
    "unsafe | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    h,
    {
      [LIST]: `${kustomization(["helmrelease.yaml"])}commonAnnotations: {kustomize.toolkit.fluxcd.io/prune: disabled}\n`,
    },
  ],
  [
    "a claim leaves its list, and other annotations come",
    "deletes | deleted PersistentVolumeClaim media/player",
    h,
    { [LIST]: `${kustomization(["helmrelease.yaml"])}commonAnnotations: {team: media}\n` },
  ],
  [
    "a Kustomization leaves its list, which patches all to deletionPolicy: Orphan at once",
    LOST,
    alone,
    {
      [MEDIA]:
        kustomization(["namespace.yaml"]) +
        patches("", "Kustomization", "- {op: add, path: /spec/deletionPolicy, value: Orphan}"),
    },
  ],
  [
    "a claim goes while the patches of its Kustomization mark it not to be pruned",
    "unsafe | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    h,
    {
      [PLAYER]:
        player() +
        patches(
          "  ",
          "PersistentVolumeClaim",
          "- {op: add, path: /metadata/annotations, value: {kustomize.toolkit.fluxcd.io/prune: disabled}}",
        ),
      [LIST]: kustomization(["helmrelease.yaml"]),
    },
  ],
  [
    "a claim goes while its Kustomization is told to prune no more",
    "unsafe | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    h,
    {
      [PLAYER]: player().replace("prune: true", "prune: false"),
      [PVC]: undefined,
      [LIST]: kustomization(["helmrelease.yaml"]),
    },
  ],
  [
    "a Kustomization leaves its list and gets deletionPolicy: Orphan at once",
    LOST,
    alone,
    { [PLAYER]: player("deletionPolicy: Orphan"), [MEDIA]: kustomization(["namespace.yaml"]) },
  ],
  [
    "a Kustomization leaves its list and is suspended at once",
    LOST,
    alone,
    { [PLAYER]: player("suspend: true"), [MEDIA]: kustomization(["namespace.yaml"]) },
  ],
  [
    "a release leaves its list and is suspended at once",
    "unsafe | wanted-may-go HelmRelease media/player | deleted HelmRelease media/player",
    h,
    { [HR]: release("player", ["suspend: true"]), [LIST]: kustomization(["pvc.yaml"]) },
  ],
  [
    "a guard that was there before stays the decision that it is",
    "deletes | deleted Kustomization flux-system/player",
    { ...alone, [PLAYER]: player("deletionPolicy: Orphan") },
    { [MEDIA]: kustomization(["namespace.yaml"]) },
  ],
  // The Flux that comes from the flux-manifests artifact.
  [
    "Flux gets another namespace by targetNamespace",
    expect.stringContaining("unsafe | flux-may-go Deployment flux-system/helm-controller") as unknown as string,
    h,
    { [FLUX]: `${h[FLUX]}  targetNamespace: flux\n` },
  ],
  [
    "Flux gets other names by a prefix",
    expect.stringContaining("unsafe | flux-may-go Deployment flux-system/helm-controller") as unknown as string,
    h,
    { [FLUX]: `${h[FLUX]}  namePrefix: a-\n` },
  ],
  [
    "a patch leaves a controller of Flux without pods",
    "unsafe | reconcile-stops Deployment flux-system/source-controller",
    h,
    { [FLUX]: `${h[FLUX]}${patches("  ", "Deployment, name: source-controller", OFF)}` },
  ],
  [
    "Flux is looked for in a folder that its artifact does not have",
    "unsafe | build-breaks Kustomization flux-system/flux",
    h,
    { [FLUX]: h[FLUX]!.replace("path: ./\n", "path: ./manifests\n") },
  ],
  [
    "an ignore of the artifact that holds Flux",
    "unproven",
    h,
    { [FLUX]: h[FLUX]!.replace("ref: {tag: v2.6.4}", "ref: {tag: v2.6.4}\n  ignore: '*.yaml'") },
  ],
  [
    "another layer of the artifact",
    "unproven",
    h,
    { [FLUX]: h[FLUX]!.replace("ref: {tag: v2.6.4}", "ref: {tag: v2.6.4}\n  layerSelector: {mediaType: a/b}") },
  ],
  [
    "the source of another repository leaves more out",
    "unproven",
    { ...h, [`${K}/flux/other.yaml`]: other("") },
    { [`${K}/flux/other.yaml`]: other(", ignore: /apps/x") },
  ],
  [
    "the source of another repository is asked less often",
    "safe",
    { ...h, [`${K}/flux/other.yaml`]: other("") },
    { [`${K}/flux/other.yaml`]: other("").replace("interval: 1h", "interval: 2h") },
  ],
  [
    "the artifact that holds Flux gets its next patch",
    "safe",
    { ...h, [FLUX]: h[FLUX]!.replace("v2.6.4", "v2.6.3") },
    { [FLUX]: h[FLUX] },
  ],
  [
    "the artifact that holds Flux goes back by a patch",
    "unproven",
    h,
    { [FLUX]: h[FLUX]!.replace("v2.6.4", "v2.6.3") },
  ],
  // The FluxInstance.
  [
    "a patch of the FluxInstance leaves a controller without pods",
    "unsafe | reconcile-stops Deployment flux-system/kustomize-controller",
    op,
    instance((text) => `${text}  kustomize:\n${patches("    ", "Deployment, name: kustomize-controller", OFF)}`),
  ],
  [
    "the claim of source-controller gets another class",
    "unsafe | instance-harms FluxInstance flux-system/flux",
    { ...op, ...instance((text) => `${text}  storage: {class: a, size: 5Gi}\n`) },
    instance((text) => `${text}  storage: {class: b, size: 5Gi}\n`),
  ],
  [
    "the claim of source-controller grows",
    "safe",
    { ...op, ...instance((text) => `${text}  storage: {class: a, size: 5Gi}\n`) },
    instance((text) => `${text}  storage: {class: a, size: 9Gi}\n`),
  ],
  [
    "the claim of source-controller shrinks",
    "unsafe | instance-harms FluxInstance flux-system/flux",
    { ...op, ...instance((text) => `${text}  storage: {class: a, size: 9Gi}\n`) },
    instance((text) => `${text}  storage: {class: a, size: 5Gi}\n`),
  ],
  [
    "commonMetadata of the FluxInstance sets a mark back",
    "unsafe | instance-harms FluxInstance flux-system/flux",
    op,
    instance((text) => `${text}  commonMetadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: enabled}}\n`),
  ],
  [
    "an interval of the FluxInstance that the API server refuses",
    "unsafe | object-refused FluxInstance flux-system/flux",
    op,
    instance((text) => text.replace("sync: {", "sync: {interval: 1d, ")),
  ],
  [
    "a provider that the kind of the sync does not have",
    "unsafe | object-refused FluxInstance flux-system/flux",
    op,
    instance((text) => text.replace("sync: {", "sync: {provider: gcp, ")),
  ],
  // ResourceSets and releases.
  [
    "a provider of inputs asks for fewer pull requests",
    "unproven",
    { ...op, [`${K}/flux/tenants.yaml`]: rset, [`${K}/flux/pulls.yaml`]: pulls("filter: {limit: 100}") },
    { [`${K}/flux/pulls.yaml`]: pulls("filter: {limit: 1}") },
  ],
  [
    "a provider of inputs logs in with another Secret",
    "safe",
    {
      ...op,
      [`${K}/flux/tenants.yaml`]: rset,
      [`${K}/flux/pulls.yaml`]: pulls("secretRef: {name: one}"),
      [`${K}/flux/one.yaml`]: object("Secret", "one", "v1", ["  namespace: flux-system"]),
      [`${K}/flux/two.yaml`]: object("Secret", "two", "v1", ["  namespace: flux-system"]),
    },
    { [`${K}/flux/pulls.yaml`]: pulls("secretRef: {name: two}") },
  ],
  [
    "what a ResourceSet copies from goes",
    "unsafe | reference-breaks ConfigMap media/copy | deleted ConfigMap flux-system/from",
    { ...op, ...source, ...copies(COPY_FROM) },
    { [`${K}/flux/from.yaml`]: undefined },
  ],
  [
    "a ResourceSet copies no more",
    "unsafe | reference-breaks ConfigMap media/copy",
    { ...op, ...source, ...copies(COPY_FROM) },
    copies(""),
  ],
  [
    "a ResourceSet says itself what it has copied",
    "safe",
    { ...op, ...source, ...copies(COPY_FROM) },
    copies("", "{a: b}"),
  ],
  ["a ResourceSet makes what was empty all along", "safe", { ...op, ...copies("") }, copies("a: b")],
  [
    "a patch over what a chart renders deletes objects",
    "unproven",
    h,
    {
      [HR]: release(
        "player",
        renders("{$patch: delete, apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}}"),
      ),
    },
  ],
  [
    "a patch over what a chart renders sets a label",
    "safe",
    h,
    { [HR]: release("player", renders('[{"op": "add", "path": "/metadata/labels/a", "value": "b"}]')) },
  ],
  // Other clusters, and what cannot be changed.
  [
    "a Kustomization reads another kubeconfig of the same Secret",
    "unproven",
    { ...h, [PLAYER]: player("kubeConfig: {secretRef: {name: west}}") },
    { [PLAYER]: player("kubeConfig: {secretRef: {name: west, key: other}}") },
  ],
  [
    "the key of a kubeconfig that is read anyway is written out",
    "safe",
    { ...h, [PLAYER]: player("kubeConfig: {secretRef: {name: west}}") },
    { [PLAYER]: player("kubeConfig: {secretRef: {name: west, key: value}}") },
  ],
  [
    "a plain Pod gets another variable",
    "unsafe | immutable-changes Pod media/one",
    {
      ...h,
      [PVC]: object("Pod", "one", "v1", ["spec: {containers: [{name: a, image: a:1, env: [{name: A, value: b}]}]}"]),
    },
    { [PVC]: object("Pod", "one", "v1", ["spec: {containers: [{name: a, image: a:1, env: [{name: A, value: c}]}]}"]) },
  ],
  [
    "a plain Pod gets another image",
    "safe",
    { ...h, [PVC]: object("Pod", "one", "v1", ["spec: {containers: [{name: a, image: a:1}]}"]) },
    { [PVC]: object("Pod", "one", "v1", ["spec: {containers: [{name: a, image: a:2}]}"]) },
  ],
];

test.each(CASES)("%s", (_what, said, before, change) => {
  expect(sayOf(before, change)).toEqual(said);
});
