import { homeTree, ks, kustomization, object, operatorTree, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import type { Cases } from "./said.ts";

const K = "kubernetes";
const APP = `${K}/apps/media/player/app`;
const KS = `${K}/apps/media/player/ks.yaml`;
const LIST = `${APP}/kustomization.yaml`;
const MEDIA = `${K}/apps/media/kustomization.yaml`;
const CHESS = `${K}/apps/games/chess/ks.yaml`;
const INSTANCE = `${K}/flux/config/instance.yaml`;
const CONFIG = `${K}/flux/config/kustomization.yaml`;
const BASE = homeTree();
const RUN: Files = {
  ...operatorTree(),
  [`${K}/flux/config/kept.yaml`]: object("ConfigMap", "kept", "v1", ["  namespace: media"]),
};

const player = (...lines: string[]) => ks("player", APP, ["targetNamespace: media", ...lines]);
const chess = (...lines: string[]) => ks("chess", `${K}/apps/games/chess/app`, ["targetNamespace: games", ...lines]);
const claim = (name: string, ...more: string[]) => object("PersistentVolumeClaim", name, "v1", more);
const lists = (...names: string[]) => ({ [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", ...names]) });
const at = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${APP}/${name}`, text]));
const respecced = (was: string, is: string, more: Files = {}): [Files, Edits] => [
  { ...BASE, ...more, [KS]: was },
  { [KS]: is },
];
const crd = object("CustomResourceDefinition", "toys.example.com", "apiextensions.k8s.io/v1", [
  "spec: {group: example.com, scope: Namespaced, names: {kind: Toy, plural: toys}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}",
]);
const toy = (name: string) => object("Toy", name, "example.com/v1", ["  namespace: games"]);
const withToys: Files = {
  ...BASE,
  ...lists("crd.yaml"),
  ...at({ "crd.yaml": crd }),
  [`${K}/apps/games/toys.yaml`]: toy("one") + toy("two"),
  [`${K}/apps/games/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "toys.yaml"]),
};
const released = (was: string, is: string): [Files, Edits] => [
  { ...BASE, [`${APP}/helmrelease.yaml`]: was },
  { [`${APP}/helmrelease.yaml`]: is },
];
const CHART = "  chart: {spec: {chart: app, sourceRef: {kind: HelmRepository, name: charts}}}";
const instance = (from: string | RegExp, to: string): [Files, Edits] => [
  RUN,
  { [INSTANCE]: RUN[INSTANCE]!.replace(from, to) },
];
const held: Files = {
  ...RUN,
  [INSTANCE]: object("HelmRelease", "flux-instance", "helm.toolkit.fluxcd.io/v2", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 1h",
    "  chart: {spec: {chart: flux-instance, sourceRef: {kind: HelmRepository, name: operator}}}",
    "  values:",
    "    instance:",
    "      distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}",
    `      ${/sync: .*/.exec(RUN[INSTANCE]!)![0]}`,
  ]),
};
const SPARED = "  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}";
const REMOTE = "kubeConfig: {secretRef: {name: other}}";

const shared = (...more: string[]) => claim("a", "  namespace: media", ...more);
/** The same object in the folder of another Kustomization. */
const beside = (text: string): Files => ({
  [`${K}/apps/games/chess/app/a.yaml`]: text,
  [`${K}/apps/games/chess/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "a.yaml"]),
  [CHESS]: ks("chess", `${K}/apps/games/chess/app`),
  [`${K}/apps/games/chess/app/helmrelease.yaml`]: release("chess").replace(
    "metadata:",
    "metadata:\n  namespace: games",
  ),
});
const source = (name: string, chart: string) =>
  object("OCIRepository", name, "source.toolkit.fluxcd.io/v1", [
    `spec: {interval: 1h, url: "oci://example.invalid/charts/${chart}", ref: {tag: 1.0.0}}`,
  ]);
const charts: Files = at({ "one.yaml": source("one", "app"), "two.yaml": source("two", "app") });
const referring = (name: string) =>
  release("player").replace(CHART, `  chartRef: {kind: OCIRepository, name: ${name}}`);
/** Flux by a release of the flux2 chart. */
const byChart = (...lines: string[]): Files => ({
  ...BASE,
  [`${K}/flux/config/flux.yaml`]: object("HelmRelease", "flux2", "helm.toolkit.fluxcd.io/v2", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 1h",
    "  chart: {spec: {chart: flux2, version: 2.14.0, sourceRef: {kind: HelmRepository, name: community}}}",
    ...lines.map((line) => `  ${line}`),
  ]),
});
const gone: Edits = {
  [`${K}/flux/config/flux.yaml`]: undefined,
  [`${K}/flux/config/kustomization.yaml`]: kustomization(["cluster.yaml"]),
};
const forced = (label: string) =>
  object("Deployment", "web", "apps/v1", [
    "  annotations: {kustomize.toolkit.fluxcd.io/force: enabled}",
    `spec: {selector: {matchLabels: {app: ${label}}}, template: {metadata: {labels: {app: ${label}}}, spec: {containers: [{name: a, image: a}]}}}`,
  ]);

/** What takes an object along, and where in the change that begins. */
export const RISKS: Cases = {
  "the definition of a kind goes": [withToys, { ...lists(), [`${APP}/crd.yaml`]: undefined }],
  "the definition goes by a Kustomization to another cluster": [
    { ...withToys, [KS]: player(REMOTE) },
    { ...lists(), [`${APP}/crd.yaml`]: undefined },
  ],
  "a namespace goes, and a release that lies elsewhere installs there": [
    {
      ...BASE,
      [`${K}/apps/games/chess/app/helmrelease.yaml`]: release("chess", ["targetNamespace: media"]),
    },
    { [MEDIA]: kustomization(["player/ks.yaml"]), [`${K}/apps/media/namespace.yaml`]: undefined },
  ],
  "a namespace of another cluster goes": [
    { ...BASE, ...lists("ns.yaml"), ...at({ "ns.yaml": object("Namespace", "media") }), [KS]: player(REMOTE) },
    { ...lists(), [`${APP}/ns.yaml`]: undefined },
  ],
  "a release gets another chart": released(
    release("player"),
    release("player").replace("chart: app,", "chart: other,"),
  ),
  "a suspended release gets another chart": released(
    release("player", ["suspend: true"]),
    release("player", ["suspend: true"]).replace("chart: app,", "chart: other,"),
  ),
  "a release gets another name": released(release("player"), release("player", ["releaseName: other"])),
  "a release installs elsewhere": released(release("player"), release("player", ["targetNamespace: games"])),
  "a release keeps its chart by another source": released(
    release("player"),
    release("player").replace(CHART, CHART.replace("name: charts", "name: mirror")),
  ),
  "a release goes that is suspended": [
    { ...BASE, [`${APP}/helmrelease.yaml`]: release("player", ["suspend: true"]) },
    { [LIST]: kustomization(["pvc.yaml"]), [`${APP}/helmrelease.yaml`]: undefined },
  ],
  "what is spared goes": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": claim("a", SPARED) }) },
    { ...lists(), [`${APP}/a.yaml`]: undefined },
  ],
  "what gets its mark in the same change goes": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": claim("a") }) },
    { ...lists(), [`${APP}/a.yaml`]: claim("a", SPARED) },
  ],
  "a Kustomization goes that leaves all behind": [
    { ...BASE, [KS]: player("deletionPolicy: Orphan"), [CHESS]: chess() },
    { [MEDIA]: kustomization(["namespace.yaml"]), [KS]: undefined },
  ],
  "a Kustomization goes that deletes all though it does not prune": [
    { ...BASE, [KS]: player("deletionPolicy: Delete").replace("prune: true", "prune: false"), [CHESS]: chess() },
    { [MEDIA]: kustomization(["namespace.yaml"]), [KS]: undefined },
  ],
  "a Kustomization goes that is suspended": [
    { ...BASE, [KS]: player("suspend: true"), [CHESS]: chess() },
    { [MEDIA]: kustomization(["namespace.yaml"]), [KS]: undefined },
  ],
  "it goes over to one that waits for it": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": claim("a", "  namespace: media") }) },
    {
      ...lists(),
      [`${APP}/a.yaml`]: undefined,
      [`${K}/apps/media/a.yaml`]: claim("a", "  namespace: media"),
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "a.yaml"]),
    },
  ],
  "its path leads to a folder of less": respecced(player(), player().replace("player/app", "player/less"), {
    [`${K}/apps/media/player/less/a.yaml`]: claim("a"),
  }),
  "its components go": respecced(player("components: [../more]"), player(), {
    [`${K}/apps/media/player/more/kustomization.yaml`]: kustomization(["a.yaml"])
      .replace("v1beta1", "v1alpha1")
      .replace("kind: Kustomization", "kind: Component"),
    [`${K}/apps/media/player/more/a.yaml`]: claim("a"),
  }),
  "its patches give another name": respecced(
    player(),
    player(
      `patches: [{target: {kind: PersistentVolumeClaim}, patch: '[{"op": "replace", "path": "/metadata/name", "value": "other"}]'}]`,
    ),
  ),
  "its variables give another name": respecced(
    player("postBuild: {substitute: {WHO: a}}"),
    player("postBuild: {substitute: {WHO: b}}"),
    at({ "pvc.yaml": claim("${WHO}") }),
  ),
  "it prunes from now on, and a list is shorter": [
    {
      ...BASE,
      ...lists("a.yaml"),
      ...at({ "a.yaml": claim("a") }),
      [KS]: player().replace("prune: true", "prune: false"),
    },
    { ...lists(), [`${APP}/a.yaml`]: undefined, [KS]: player() },
  ],
  "its source leaves a folder out": [
    BASE,
    {
      ".sourceignore":
        "kubernetes/apps/media/player/app/kustomization.yaml\nkubernetes/apps/media/player/app/pvc.yaml\n",
    },
  ],
  "a document is emptied where it stands": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": claim("a") }) },
    { [`${APP}/a.yaml`]: "---\n" },
  ],
  "a document becomes another kind": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": claim("a") }) },
    { [`${APP}/a.yaml`]: object("ConfigMap", "a") },
  ],
  "a document goes beside one that the API server refuses": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": claim("a") }) },
    { ...lists(), [`${APP}/a.yaml`]: undefined, [`${APP}/helmrelease.yaml`]: release("player", ["dependOn: []"]) },
  ],
  "a Kustomization goes beside one that the API server refuses": [
    BASE,
    {
      [`${K}/apps/games/kustomization.yaml`]: kustomization(["namespace.yaml"]),
      ...{ [CHESS]: undefined, [KS]: player("dependOn: []") },
    },
  ],
  "a release becomes another kind": [
    BASE,
    { [`${APP}/helmrelease.yaml`]: object("ConfigMap", "player", "v1", ["data: {a: b}"]) },
  ],
  "the FluxInstance goes": [RUN, { [INSTANCE]: undefined, [CONFIG]: kustomization(["kept.yaml"]) }],
  "its release goes": [held, { [INSTANCE]: undefined, [CONFIG]: kustomization(["kept.yaml"]) }],
  "the FluxInstance installs less": instance(", image-reflector-controller", ""),
  "the FluxInstance syncs by another name": instance("sync: {", "sync: {name: other, "),
  "the FluxInstance syncs nothing": instance(/ {2}sync: .*\n/, ""),
  "the FluxInstance marks what it goes on to install": instance(
    ", image-reflector-controller]",
    `]
  kustomize: {patches: [{target: {kind: CustomResourceDefinition}, patch: '[{"op": "add", "path": "/metadata/annotations", "value": {"fluxcd.controlplane.io/prune": "Disabled"}}]'}]}`,
  ),
  "its release goes, and is suspended": [
    { ...held, [INSTANCE]: held[INSTANCE]!.replace("  interval: 1h", "  interval: 1h\n  suspend: true") },
    { [INSTANCE]: undefined, [CONFIG]: kustomization(["kept.yaml"]) },
  ],
  "the release that holds Flux goes": [byChart(), gone],
  "the release that holds Flux goes, and is suspended": [byChart("suspend: true"), gone],
  "the namespace of Flux goes": [
    { ...BASE, [`${K}/flux/ns.yaml`]: object("Namespace", "flux-system") },
    { [`${K}/flux/ns.yaml`]: undefined },
  ],
  "a Kustomization goes, and something of it is spared": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": claim("a", SPARED) }), [CHESS]: chess() },
    { [MEDIA]: kustomization(["namespace.yaml"]), [KS]: undefined },
  ],
  "one of two gives up what both apply": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": shared() }), ...beside(shared()) },
    { ...lists(), [`${APP}/a.yaml`]: undefined },
  ],
  "one of two that spare it gives it up": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": shared(SPARED) }), ...beside(shared(SPARED)) },
    { ...lists(), [`${APP}/a.yaml`]: undefined },
  ],
  "a release gets another source of charts by its name": [
    { ...BASE, ...lists("one.yaml", "two.yaml"), ...charts, [`${APP}/helmrelease.yaml`]: referring("one") },
    { [`${APP}/helmrelease.yaml`]: referring("two") },
  ],
  "the source of its chart holds another chart": [
    { ...BASE, ...lists("one.yaml", "two.yaml"), ...charts, [`${APP}/helmrelease.yaml`]: referring("one") },
    { [`${APP}/one.yaml`]: charts[`${APP}/one.yaml`]!.replace("charts/app", "charts/other") },
  ],
  "a Kustomization comes from another cluster": respecced(player(REMOTE), player()),
  "a Kustomization that is suspended gives up what it applied": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": claim("a") }), [KS]: player("suspend: true") },
    { ...lists(), [`${APP}/a.yaml`]: undefined },
  ],
  "a release with the mark of force changes what it may": [
    { ...BASE, ...lists("a.yaml"), ...at({ "a.yaml": forced("a") }) },
    { [`${APP}/a.yaml`]: forced("b") },
  ],
};
