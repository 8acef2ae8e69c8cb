import { expect, test } from "vitest";
import { ks, kustomization, object, release } from "./home-tree.ts";
import {
  APP,
  CAPP,
  type Case,
  CHESS,
  chess,
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
  sayOf,
} from "./odd-tree.ts";

const K = "kubernetes";
const listOf = (field: string) =>
  `apiVersion: v1\nkind: List\n${field}:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n`;

const CASES: Case[] = [
  [
    "a file takes the place of a folder that holds nothing to apply",
    "unsafe | build-breaks Kustomization flux-system/none",
    { ...h, [PLAYER]: h[PLAYER] + ks("none", `${K}/none`), [`${K}/none/README.md`]: "Nothing yet.\n" },
    { [`${K}/none/README.md`]: undefined, [`${K}/none`]: "../docs\n" },
  ],
  [
    "a tab comes before a comment",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    { [HR]: h[HR]!.replace("spec:\n", "spec:\n\t# why\n") },
  ],
  [
    "a key loses the quotes that made it no number",
    "unsafe | build-breaks Kustomization flux-system/player",
    { ...h, [LIST]: kustomization(["cm.yaml"]), [`${APP}/cm.yaml`]: cm("ports", "{'8080': web}") },
    { [`${APP}/cm.yaml`]: cm("ports", "{8080: web}") },
  ],
  [
    "a name gets a blank at its end that is none to YAML",
    "unsafe | object-refused PersistentVolumeClaim media/player\u00a0 | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    h,
    { [PVC]: h[PVC]!.replace("name: player", "name: player\u00a0") },
  ],
  [
    "a comment holds a line break that only Go takes for one",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    { [PVC]: `${h[PVC]}# one\u2028two\n` },
  ],
  [
    "a suspended Kustomization goes",
    "deletes | deleted Kustomization flux-system/player",
    { ...h, [CHESS]: chess().replace("dependsOn", "#dependsOn"), [PLAYER]: player("suspend: true") },
    { [PLAYER]: undefined, [MEDIA]: kustomization(["namespace.yaml"]) },
  ],
  [
    "a replacement gives a claim another name",
    "unsafe | wanted-may-go PersistentVolumeClaim media/one | deleted PersistentVolumeClaim media/one",
    {
      ...h,
      [LIST]: kustomization(
        ["helmrelease.yaml", "pvc.yaml", "cm.yaml"],
        [
          "replacements: [{source: {kind: ConfigMap, name: names, fieldPath: data.claim}, targets: [{select: {kind: PersistentVolumeClaim}, fieldPaths: [metadata.name]}]}]",
        ],
      ),
      [`${APP}/cm.yaml`]: cm("names", "{claim: one}"),
    },
    { [`${APP}/cm.yaml`]: cm("names", "{claim: two}") },
  ],
  [
    "a generator that merges loses what it merges into",
    "unsafe | build-breaks Kustomization flux-system/player",
    {
      ...h,
      [LIST]: kustomization(
        ["base", "helmrelease.yaml"],
        ["configMapGenerator: [{name: c, behavior: merge, literals: [a=b]}]"],
      ),
      [`${APP}/base/kustomization.yaml`]: "configMapGenerator: [{name: c, literals: [x=y]}]\n",
    },
    { [`${APP}/base/kustomization.yaml`]: "configMapGenerator: [{name: d, literals: [x=y]}]\n" },
  ],
  [
    "a patch of the Kustomization deletes a claim",
    "unsafe | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    h,
    {
      [PLAYER]: player(
        'patches: [{patch: "apiVersion: v1\\nkind: PersistentVolumeClaim\\nmetadata: {name: player}\\n$patch: delete", target: {kind: PersistentVolumeClaim}}]',
      ),
    },
  ],
  [
    "a typo in the field that sets the namespace",
    "unsafe | field-ignored Kustomization flux-system/player",
    { ...h, [LIST]: kustomization(["cm.yaml"], ["namespace: media"]), [`${APP}/cm.yaml`]: cm("a", "{a: b}") },
    { [LIST]: kustomization(["cm.yaml"], ["anmespace: media"]) },
  ],
  [
    "a list of resources behind a mark of another document",
    "unsafe | field-ignored Kustomization flux-system/player",
    { ...h, [`${APP}/cm.yaml`]: cm("a", "{a: b}") },
    { [LIST]: `${kustomization(["helmrelease.yaml", "pvc.yaml"])}---\nresources: [cm.yaml]\n` },
  ],
  [
    "what is no YAML behind that mark, and comments there",
    "safe",
    { ...h, [LIST]: `${kustomization(["helmrelease.yaml", "pvc.yaml"])}---\n{{ other\n` },
    { [LIST]: `# apps\n---\n${kustomization(["pvc.yaml", "helmrelease.yaml"])}---\n{{ other\n` },
  ],
  [
    "a List whose items are misspelt",
    "unsafe | field-ignored Kustomization flux-system/player | deleted ConfigMap media/a",
    {
      ...h,
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "list.yaml"]),
      [`${APP}/list.yaml`]: listOf("items"),
    },
    { [`${APP}/list.yaml`]: listOf("item") },
  ],
  [
    "a typo in a field of a patch",
    "unsafe | field-ignored Kustomization flux-system/player",
    { ...h, [LIST]: kustomization(["cm.yaml"]), [`${APP}/cm.yaml`]: cm("a", "{a: b}") },
    {
      [LIST]: kustomization(
        ["cm.yaml"],
        ['patches: [{pach: "metadata: {labels: {a: b}}", target: {kind: ConfigMap}, path: cm.yaml}]'],
      ),
    },
  ],
  [
    "a field that was unknown before stays",
    "safe",
    { ...h, [LIST]: kustomization(["cm.yaml"], ["anmespace: media"]), [`${APP}/cm.yaml`]: cm("a", "{a: b}") },
    { [LIST]: kustomization(["cm.yaml"], ["anmespace: media", "nameSuffix: ''"]) },
  ],
  [
    "a key that only holds an anchor comes to a list",
    "safe",
    h,
    { [LIST]: `x-files:\n  - &claim pvc.yaml\n${kustomization(["helmrelease.yaml", "*claim"])}` },
  ],
  [
    "a key that only holds an anchor comes to a release, which the API server refuses",
    "unsafe | object-refused HelmRelease media/player",
    h,
    { [HR]: h[HR]!.replace("---\n", "---\nx-common: &a {b: c}\n") },
  ],
  [
    "the same in an object of Kubernetes, which Flux prints anew without it",
    "safe",
    { ...h, [LIST]: kustomization(["cm.yaml"]), [`${APP}/cm.yaml`]: cm("a", "{a: b}") },
    { [`${APP}/cm.yaml`]: cm("a", "{a: b}").replace("---\n", "---\nx-common: &a {b: c}\n") },
  ],
  [
    "a file of a folder without a list becomes JSON, which Flux does not read",
    "unsafe | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    { ...h, [LIST]: undefined },
    {
      [PVC]: undefined,
      [PVC.replace("yaml", "json")]:
        '{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "player"}}\n',
    },
  ],
  [
    "a file of a folder without a list is put aside",
    "deletes | deleted PersistentVolumeClaim media/player",
    { ...h, [LIST]: undefined },
    { [PVC]: undefined, [`${PVC}.bak`]: h[PVC]! },
  ],
  [
    "commonLabels come to a Deployment",
    "unsafe | immutable-changes Deployment media/web",
    {
      ...h,
      [LIST]: kustomization(["d.yaml"]),
      [`${APP}/d.yaml`]: object("Deployment", "web", "apps/v1", [
        "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}}",
      ]),
    },
    { [LIST]: kustomization(["d.yaml"], ["commonLabels: {team: x}"]) },
  ],
  [
    "labels that reach selectors come to a Deployment",
    "unsafe | immutable-changes Deployment media/web",
    {
      ...h,
      [LIST]: kustomization(["d.yaml"]),
      [`${APP}/d.yaml`]: object("Deployment", "web", "apps/v1", [
        "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}}",
      ]),
    },
    { [LIST]: kustomization(["d.yaml"], ["labels: [{pairs: {team: x}, includeSelectors: true}]"]) },
  ],
  [
    "labels that reach no selectors come to a Deployment",
    "safe",
    {
      ...h,
      [LIST]: kustomization(["d.yaml"]),
      [`${APP}/d.yaml`]: object("Deployment", "web", "apps/v1", [
        "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}}",
      ]),
    },
    { [LIST]: kustomization(["d.yaml"], ["labels: [{pairs: {team: x}}]"]) },
  ],
  [
    "a path has other letters of case",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    { [PLAYER]: player().replace("/player/app", "/Player/app") },
  ],
  [
    "a path is written in another way",
    "safe",
    h,
    {
      [PLAYER]: player().replace(
        "path: ./kubernetes/apps/media/player/app",
        "path: /kubernetes//apps/media/chess/../player/app/",
      ),
    },
  ],
  [
    "the namespace of a source is written out",
    "safe",
    h,
    { [PLAYER]: player().replace("    name: home", "    name: home\n    namespace: flux-system") },
  ],
  [
    "the only binding of a ServiceAccount that a Kustomization is applied as goes",
    "unsafe | reference-breaks Kustomization flux-system/player | deleted ClusterRoleBinding team",
    {
      ...h,
      [PLAYER]: player("serviceAccountName: team"),
      [`${K}/apps/media/kustomization.yaml`]: kustomization(["namespace.yaml", "player/ks.yaml", "rbac.yaml"]),
      [`${K}/apps/media/rbac.yaml`]:
        object("ServiceAccount", "team", "v1", ["  namespace: flux-system"]) +
        object("ClusterRoleBinding", "team", "rbac.authorization.k8s.io/v1", [
          "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}",
          "subjects: [{kind: ServiceAccount, name: team, namespace: flux-system}]",
        ]),
    },
    { [`${K}/apps/media/rbac.yaml`]: object("ServiceAccount", "team", "v1", ["  namespace: flux-system"]) },
  ],
  [
    "a health check waits for what a chart may make",
    "safe",
    h,
    { [PLAYER]: player("healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: playr, namespace: media}]") },
  ],
  [
    "an object with a variable is annotated not to be filled in",
    "unsafe | setting-lost Kustomization flux-system/player",
    { ...h, [PLAYER]: player("postBuild: {substitute: {DOMAIN: a.example}}") },
    {
      [HR]: h[HR]!.replace(
        "  name: player",
        "  name: player\n  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}",
      ),
    },
  ],
  [
    "a script is filled in from now on",
    "unsafe | setting-lost Kustomization flux-system/player",
    {
      ...h,
      [PLAYER]: player("postBuild: {substitute: {DOMAIN: a.example}}"),
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "cm.yaml"]),
      [`${APP}/cm.yaml`]: cm("script", "{run.sh: 'echo ${HOME}'}", [
        "  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}",
      ]),
    },
    { [`${APP}/cm.yaml`]: cm("script", "{run.sh: 'echo ${HOME}'}") },
  ],
  [
    "the root no longer lists itself",
    "unsafe | flux-may-go…",
    h,
    { [`${K}/flux/config/kustomization.yaml`]: kustomization(["flux.yaml"]) },
  ],
  ["a file is empty", "deletes | deleted HelmRelease media/player", h, { [HR]: "" }],
  ["a file is all comments", "deletes | deleted HelmRelease media/player", h, { [HR]: h[HR]!.replace(/^/gm, "# ") }],
  [
    "a list of helmCharts comes",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    {
      [LIST]: kustomization(
        ["helmrelease.yaml", "pvc.yaml"],
        ["helmCharts: [{name: x, repo: 'https://x.example.invalid', version: 1.0.0}]"],
      ),
    },
  ],
  [
    "a listed folder becomes a component",
    "unsafe | build-breaks Kustomization flux-system/player",
    { ...h, [LIST]: kustomization(["sub"]), [`${APP}/sub/kustomization.yaml`]: kustomization(["../helmrelease.yaml"]) },
    {
      [`${APP}/sub/kustomization.yaml`]: kustomization(["../helmrelease.yaml"])
        .replace("v1beta1", "v1alpha1")
        .replace("kind: Kustomization", "kind: Component"),
    },
  ],
  [
    "a transformer puts a prefix before names",
    "unsafe | wanted-may-go HelmRelease media/player | deleted HelmRelease media/player",
    {
      ...h,
      [LIST]: kustomization(["sub"]),
      [`${APP}/sub/kustomization.yaml`]: kustomization(["hr.yaml"]),
      [`${APP}/sub/hr.yaml`]: h[HR]!,
    },
    {
      [`${APP}/sub/kustomization.yaml`]: kustomization(["hr.yaml"], ["transformers: [x.yaml]"]),
      [`${APP}/sub/x.yaml`]:
        "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: my-\nfieldSpecs: [{path: metadata/name}]\n",
    },
  ],
  [
    "resources stands twice in the list that Flux reads leniently",
    "unsafe | wanted-may-go HelmRelease media/player | deleted HelmRelease media/player",
    h,
    { [LIST]: "resources:\n  - helmrelease.yaml\n  - pvc.yaml\nresources:\n  - pvc.yaml\n" },
  ],
  [
    "spec stands twice in a release",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    { [HR]: `${h[HR]!}spec:\n  interval: 1h\n` },
  ],
  [
    "the namespace of a list is misspelt",
    "unsafe | namespace-missing HelmRelease medai/player | wanted-may-go HelmRelease media/player | wanted-may-go PersistentVolumeClaim media/player | deleted HelmRelease media/player | deleted PersistentVolumeClaim media/player",
    {
      ...h,
      [PLAYER]: ks("player", APP),
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"], ["namespace: media"]),
    },
    { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"], ["namespace: medai"]) },
  ],
  [
    "multitenant comes with an account without rights",
    "unsafe | instance-harms Kustomization flux-system/cluster-apps",
    op,
    {
      [`${K}/flux/config/instance.yaml`]: `${op[`${K}/flux/config/instance.yaml`]!}  cluster: {multitenant: true, tenantDefaultServiceAccount: nobody}\n`,
    },
  ],
  [
    "the end of a document hides the next one",
    "unsafe | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    { ...h, [HR]: h[HR] + h[PVC]!, [LIST]: kustomization(["helmrelease.yaml"]) },
    { [HR]: `${h[HR]!}...\n${h[PVC]!.replace("---\n", "")}` },
  ],
  [
    "a claim becomes local config",
    "unsafe | wanted-may-go PersistentVolumeClaim media/player | deleted PersistentVolumeClaim media/player",
    h,
    { [PVC]: pvc(["  annotations: {config.kubernetes.io/local-config: 'true'}"]) },
  ],
  [
    "a release that Flux leaves alone leaves its list",
    "deletes | deleted HelmRelease media/player",
    {
      ...h,
      [HR]: h[HR]!.replace(
        "  name: player",
        "  name: player\n  annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}",
      ),
    },
    { [LIST]: kustomization(["pvc.yaml"]) },
  ],
  [
    "a Kustomization gets a namePrefix",
    "unsafe | wanted-may-go HelmRelease media/player | wanted-may-go PersistentVolumeClaim media/player | deleted HelmRelease media/player | deleted PersistentVolumeClaim media/player",
    h,
    { [PLAYER]: player("namePrefix: my-") },
  ],
  [
    "a list gets sortOptions and buildMetadata",
    "safe",
    h,
    {
      [LIST]: kustomization(
        ["helmrelease.yaml", "pvc.yaml"],
        ["sortOptions: {order: fifo}", "buildMetadata: [originAnnotations]"],
      ),
    },
  ],
  [
    "a CRD goes, and objects of it stay elsewhere",
    "unsafe | wanted-may-go Board games/one | deleted Board games/one | deleted CustomResourceDefinition boards.chess.example",
    {
      ...h,
      [LIST]: kustomization(["helmrelease.yaml", "crd.yaml"]),
      [`${APP}/crd.yaml`]: object("CustomResourceDefinition", "boards.chess.example", "apiextensions.k8s.io/v1", [
        "spec: {group: chess.example, scope: Namespaced, names: {kind: Board, plural: boards}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}",
      ]),
      [`${CAPP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "b.yaml"]),
      [`${CAPP}/b.yaml`]: object("Board", "one", "chess.example/v1"),
    },
    { [`${APP}/crd.yaml`]: undefined, [LIST]: kustomization(["helmrelease.yaml"]) },
  ],
  [
    "a CRD moves to another Kustomization",
    "unsafe | wanted-may-go CustomResourceDefinition boards.chess.example | recreated Board games/one | recreated CustomResourceDefinition boards.chess.example",
    {
      ...h,
      [LIST]: kustomization(["helmrelease.yaml", "crd.yaml"]),
      [`${APP}/crd.yaml`]: object("CustomResourceDefinition", "boards.chess.example", "apiextensions.k8s.io/v1", [
        "spec: {group: chess.example, scope: Namespaced, names: {kind: Board, plural: boards}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}",
      ]),
      [`${CAPP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "b.yaml"]),
      [`${CAPP}/b.yaml`]: object("Board", "one", "chess.example/v1"),
    },
    {
      [`${APP}/crd.yaml`]: undefined,
      [LIST]: kustomization(["helmrelease.yaml"]),
      [`${CAPP}/crd.yaml`]: object("CustomResourceDefinition", "boards.chess.example", "apiextensions.k8s.io/v1", [
        "spec: {group: chess.example, scope: Namespaced, names: {kind: Board, plural: boards}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}",
      ]),
      [`${CAPP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "b.yaml", "crd.yaml"]),
    },
  ],
  [
    "the name of a release is written out",
    "safe",
    h,
    { [HR]: release("player", ["releaseName: player", "values: {host: 'player.${DOMAIN}'}"]) },
  ],
  [
    "an interval is misspelt",
    "unsafe | object-refused Kustomization flux-system/player",
    h,
    { [PLAYER]: player().replace("interval: 30m", "interval: 30mm") },
  ],
  [
    "a folder gets two lists",
    "unsafe | build-breaks Kustomization flux-system/player",
    h,
    { [`${APP}/kustomization.yml`]: kustomization(["pvc.yaml"]) },
  ],
  ["a timeout gets shorter", "safe", h, { [PLAYER]: player("timeout: 1m") }],
  [
    "a stray kustomization stands in ks.yaml",
    "unsafe | build-breaks Kustomization flux-system/cluster-apps",
    h,
    { [PLAYER]: `${h[PLAYER]!}---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n` },
  ],
];

test.each(CASES)("%s", (_, expected, before, change) => {
  const said = sayOf(before, change);
  // Where Flux itself goes the list is long.
  expect(expected.endsWith("…") ? `${said.slice(0, expected.length - 1)}…` : said).toBe(expected);
});
