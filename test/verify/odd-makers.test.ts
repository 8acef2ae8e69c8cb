import { expect, test } from "vitest";
import { kustomization, object, release } from "./home-tree.ts";
import { APP, type Case, cm, HR, h, LIST, op, PLAYER, player, sayOf } from "./odd-tree.ts";

const K = "kubernetes";
const VALS = `${APP}/vals.yaml`;
const GEN = `${K}/flux/gen.yaml`;
const SET = `${K}/flux/set.yaml`;

const withVals = kustomization(["helmrelease.yaml", "pvc.yaml", "vals.yaml"]);
const size = "values: {persistence: {data: {size: 1Gi}}}";
const from = (kind: string, name: string, path: string) =>
  `{kind: ${kind}, name: ${name}, valuesKey: key, targetPath: ${path}}`;
const set = (...refs: string[]) => release("player", [size, `valuesFrom: [${refs.join(", ")}]`]);
const targeted = {
  ...h,
  [LIST]: withVals,
  [VALS]: cm("vals", "{key: 'true', image: '1'}"),
  [HR]: set(from("ConfigMap", "vals", "persistence.data.enabled")),
};

const generator = (name: string, artifacts: string[], sources = "[{alias: repo, kind: GitRepository, name: home}]") =>
  object("ArtifactGenerator", name, "source.extensions.fluxcd.io/v1beta1", [
    "  namespace: flux-system",
    "spec:",
    `  sources: ${sources}`,
    `  artifacts: [${artifacts.join(", ")}]`,
  ]);
const off = (text: string) =>
  text.replace("  namespace", "  annotations: {source.extensions.fluxcd.io/reconcile: disabled}\n  namespace");
const artifact = (name: string, folder: string, more = "") =>
  `{name: ${name}, ${more}copy: [{from: '@repo/${folder}/**', to: '@artifact/'}]}`;
const made = {
  ...h,
  [GEN]: generator("gen", [artifact("player", APP, "originRevision: '@repo', ")]),
  [PLAYER]: player()
    .replace("GitRepository", "ExternalArtifact")
    .replace("name: home", "name: player")
    .replace(APP, ""),
};

const instance = (name: string, namespace: string) =>
  object("FluxInstance", name, "fluxcd.controlplane.io/v1", [
    `  namespace: ${namespace}`,
    "spec: {distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}}",
  ]);
const chartOfInstance = object("HelmRelease", "second", "helm.toolkit.fluxcd.io/v2", [
  "  namespace: media",
  "spec:",
  "  interval: 1h",
  "  chart: {spec: {chart: flux-instance, sourceRef: {kind: HelmRepository, name: charts}}}",
  "  values: {instance: {distribution: {version: 2.6.x}}}",
]);

const SECOND = `${K}/flux/second.yaml`;
const THIRD = `${K}/flux/third.yaml`;
const suspended = (text: string) => text.replace("  interval", "  suspend: true\n  interval");
const disabled = (text: string) =>
  text.replace("  namespace", "  annotations: {fluxcd.controlplane.io/reconcile: disabled}\n  namespace");

const kept = (text: string) =>
  text.replace("  namespace", "  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}\n  namespace");

const waits = (on?: string) =>
  object("ResourceSet", "apps", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    "spec:",
    ...(on === undefined ? [] : [`  dependsOn: [${on}]`]),
    "  resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: made, namespace: media}}]",
  ]);
const expression = (text: string) =>
  player("wait: true", `healthCheckExprs: [{apiVersion: example.com/v1, kind: Thing, ${text}}]`);

const nested = (levels: number): string => {
  const items = Array.from({ length: 20 }, (_, at) => at).join(",");
  const starts = Array.from({ length: levels }, (_, at) => `[${items}].all(x${at}, `);
  return `${starts.join("")}true${")".repeat(levels)} && false`;
};

const oci = (ref: string) =>
  object("OCIRepository", "app", "source.toolkit.fluxcd.io/v1", [
    "spec:",
    "  interval: 1h",
    "  url: oci://ghcr.io/acme/charts/app",
    ...(ref === "" ? [] : [`  ${ref}`]),
  ]);
const ofRegistry = { ...h, [LIST]: withVals, [VALS]: oci("ref: {tag: 1.0.0}") };
const source = (...more: string[]) =>
  object("GitRepository", "other", "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 30m",
    "  url: https://git.example.invalid/me/home.git",
    "  ref: {branch: main}",
    ...more,
  ]);
const merged = ["  annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}"];
const ignored = ["  annotations: {kustomize.toolkit.fluxcd.io/ssa: Ignore}"];
const takes = (key: string) => release("player", [`valuesFrom: [{kind: ConfigMap, name: vals, valuesKey: ${key}}]`]);
const provider = (marks: string[], name: string) =>
  object("HelmRelease", "radio", "helm.toolkit.fluxcd.io/v2", [
    ...marks,
    `spec: {interval: 1h, chart: {spec: {chart: app, sourceRef: {kind: HelmRepository, name: charts}}}, dependsOn: [{name: ${name}}]}`,
  ]);

const MORE = `${K}/flux/more.yaml`;
const claims = (marks: string[]) =>
  object("HelmRelease", "radio", "helm.toolkit.fluxcd.io/v2", [
    ...marks,
    "spec: {interval: 1h, chart: {spec: {chart: app, sourceRef: {kind: HelmRepository, name: charts}}}, values: {existingClaim: palyer}}",
  ]);
const reader = (more = "") =>
  object("Kustomization", "more", "kustomize.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    `spec: {${more}interval: 1h, prune: false, path: ./kubernetes/more, sourceRef: {kind: GitRepository, name: other}}`,
  ]);
const unreadable = (marks: string[]) =>
  object("Kustomization", "more", "kustomize.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    ...marks,
    `spec: {interval: 1h, prune: false, wait: true, path: ./${APP}/none, sourceRef: {kind: GitRepository, name: home}, healthCheckExprs: [{apiVersion: a/v1, kind: A, current: 'a = b'}]}`,
  ]);
const inNowhere = (marks: string[]) =>
  object("ConfigMap", "one", "v1", ["  namespace: nowhere", ...marks, "data: {a: b}"]);

const external = (policy: string) =>
  object("ExternalSecret", "keys", "external-secrets.io/v1", [
    `spec: {secretStoreRef: {kind: ClusterSecretStore, name: vault}, target: {creationPolicy: ${policy}}, dataFrom: [{extract: {key: a}}]}`,
  ]);
const pod = object("Pod", "web", "v1", [
  "spec: {containers: [{name: a, image: a, envFrom: [{secretRef: {name: keys}}]}]}",
]);
const keys = (file: string) => kustomization(["helmrelease.yaml", "pvc.yaml", "pod.yaml", file]);
const inGit = {
  ...h,
  [LIST]: keys("vals.yaml"),
  [VALS]: object("Secret", "keys", "v1", ["stringData: {a: b}"]),
  [`${APP}/pod.yaml`]: pod,
  [`${K}/flux/vault.yaml`]: object("ClusterSecretStore", "vault", "external-secrets.io/v1", [
    "spec: {provider: {fake: {data: []}}}",
  ]),
};

const CASES: Case[] = [
  [
    "an ExternalSecret comes in place of a Secret",
    "deletes | deleted Secret media/keys",
    inGit,
    { [LIST]: keys("external.yaml"), [VALS]: undefined, [`${APP}/external.yaml`]: external("Owner") },
  ],
  [
    "one that only fills what others make",
    "unsafe | reference-breaks Pod media/web | deleted Secret media/keys",
    inGit,
    { [LIST]: keys("external.yaml"), [VALS]: undefined, [`${APP}/external.yaml`]: external("Merge") },
  ],
  [
    "an ExternalSecret goes on filling what it made",
    "safe",
    { ...inGit, [VALS]: external("Owner") },
    { [VALS]: external("Merge") },
  ],
  [
    "a text that a targetPath sets switches storage off",
    "unproven | safety-unknown HelmRelease media/player",
    targeted,
    { [VALS]: cm("vals", "{key: 'false', image: '1'}") },
  ],
  ["another key beside that text", "safe", targeted, { [VALS]: cm("vals", "{key: 'true', image: '2'}") }],
  [
    "a targetPath that a Secret fills comes over what was on",
    "unproven | safety-unknown HelmRelease media/player",
    targeted,
    { [HR]: set(from("Secret", "hidden", "persistence.data.enabled")) },
  ],
  [
    "a targetPath sets what decides nothing",
    "safe",
    targeted,
    { [HR]: set(from("ConfigMap", "vals", "persistence.data.enabled"), from("ConfigMap", "vals", "image.tag")) },
  ],
  [
    "a slip in the alias that an ArtifactGenerator copies from",
    "unsafe | reconcile-stops ArtifactGenerator flux-system/gen",
    made,
    { [GEN]: generator("gen", [artifact("player", APP).replace("@repo", "@rpeo")]) },
  ],
  [
    "a slip in the place that it copies to",
    "unsafe | reconcile-stops ArtifactGenerator flux-system/gen",
    made,
    { [GEN]: generator("gen", [artifact("player", APP).replace("@artifact", "@artefact")]) },
  ],
  [
    "a slip in the revision of an artifact",
    "unsafe | reconcile-stops ArtifactGenerator flux-system/gen",
    made,
    { [GEN]: generator("gen", [artifact("player", APP, "revision: '@rpeo', ")]) },
  ],
  [
    "an ArtifactGenerator says no originRevision any more",
    "safe",
    made,
    { [GEN]: generator("gen", [artifact("player", APP)]) },
  ],
  [
    "an ArtifactGenerator makes one artifact more",
    "safe",
    made,
    {
      [GEN]: generator("gen", [
        artifact("player", APP, "originRevision: '@repo', "),
        artifact("games", `${K}/apps/games`),
      ]),
    },
  ],
  [
    "a second ArtifactGenerator makes the same artifact",
    "unsafe | second-owner ArtifactGenerator flux-system/gen2",
    made,
    { [`${K}/flux/gen2.yaml`]: generator("gen2", [artifact("player", `${K}/apps/games`)]) },
  ],
  [
    "one that makes the same artifact while the other is disabled",
    "safe",
    { ...h, [GEN]: off(generator("gen", [artifact("player", APP)])) },
    { [`${K}/flux/gen2.yaml`]: generator("gen2", [artifact("player", `${K}/apps/games`)]) },
  ],
  [
    "the other is enabled beside it",
    "unsafe | second-owner ArtifactGenerator flux-system/gen",
    {
      ...h,
      [GEN]: off(generator("gen", [artifact("player", APP)])),
      [`${K}/flux/gen2.yaml`]: generator("gen2", [artifact("player", `${K}/apps/games`)]),
    },
    { [GEN]: generator("gen", [artifact("player", APP)]) },
  ],
  [
    "a second ArtifactGenerator makes another artifact",
    "safe",
    made,
    { [`${K}/flux/gen2.yaml`]: generator("gen2", [artifact("games", `${K}/apps/games`)]) },
  ],
  [
    "a second FluxInstance in another namespace",
    "unsafe | instance-harms FluxInstance media/flux",
    op,
    { [`${K}/flux/second.yaml`]: instance("flux", "media") },
  ],
  [
    "a FluxInstance by another name",
    "unsafe | instance-harms FluxInstance flux-system/flux2 | object-refused FluxInstance flux-system/flux2",
    op,
    { [`${K}/flux/second.yaml`]: instance("flux2", "flux-system") },
  ],
  [
    "a release of flux-instance beside a FluxInstance",
    "unsafe | instance-harms HelmRelease media/second",
    op,
    { [`${K}/flux/second.yaml`]: chartOfInstance },
  ],
  ["such a release that comes suspended", "safe", op, { [SECOND]: suspended(chartOfInstance) }],
  [
    "it is resumed",
    "unsafe | instance-harms HelmRelease media/second | safety-unknown HelmRelease media/second",
    { ...op, [SECOND]: suspended(chartOfInstance) },
    { [SECOND]: chartOfInstance },
  ],
  [
    "a FluxInstance beside a release of flux-instance that is suspended at once",
    "unsafe | instance-harms FluxInstance games/flux",
    { ...h, [SECOND]: chartOfInstance },
    { [SECOND]: suspended(chartOfInstance), [THIRD]: instance("flux", "games") },
  ],
  [
    "such a release that annotates its FluxInstance as disabled",
    "safe",
    op,
    {
      [SECOND]: chartOfInstance.replace(
        "values: {",
        "values: {commonAnnotations: {fluxcd.controlplane.io/reconcile: Disabled}, ",
      ),
    },
  ],
  [
    "a FluxInstance that goes to another namespace while a guard keeps the one that is there",
    "unsafe | instance-harms FluxInstance games/flux",
    { ...h, [SECOND]: kept(instance("flux", "media")) },
    { [SECOND]: kept(instance("flux", "games")) },
  ],
  [
    "a FluxInstance that goes to a release of its chart in the same namespace",
    "safe",
    { ...h, [SECOND]: kept(instance("flux", "media")) },
    { [SECOND]: chartOfInstance },
  ],
  ["a FluxInstance that comes disabled", "safe", op, { [THIRD]: disabled(instance("flux", "media")) }],
  [
    "a FluxInstance beside one that is disabled at once",
    "unsafe | instance-harms FluxInstance games/flux | instance-harms FluxInstance media/flux",
    { ...h, [SECOND]: instance("flux", "media") },
    { [SECOND]: disabled(instance("flux", "media")), [THIRD]: instance("flux", "games") },
  ],
  [
    "a FluxInstance has no suspend",
    "unsafe | instance-harms FluxInstance media/flux",
    op,
    { [THIRD]: instance("flux", "media").replace("spec: {", "spec: {suspend: true, ") },
  ],
  [
    "the same, for another cluster",
    "safe",
    { ...op, [`${K}/flux/secret.yaml`]: object("Secret", "far", "v1", ["  namespace: media"]) },
    {
      [`${K}/flux/second.yaml`]: chartOfInstance.replace(
        "  interval",
        "  kubeConfig: {secretRef: {name: far}}\n  interval",
      ),
    },
  ],
  [
    "a ResourceSet waits for a source that nothing makes",
    "unsafe | reference-missing ResourceSet flux-system/apps",
    { ...op, [SET]: waits() },
    { [SET]: waits("{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, name: other, namespace: media}") },
  ],
  [
    "a ResourceSet waits for what nothing may make in a namespace without releases",
    "unproven",
    { ...op, [`${K}/flux/spare.yaml`]: object("Namespace", "spare"), [SET]: waits() },
    { [SET]: waits("{apiVersion: v1, kind: ConfigMap, name: nothing, namespace: spare}") },
  ],
  [
    "a ResourceSet waits for a controller of Flux",
    "safe",
    { ...op, [SET]: waits() },
    { [SET]: waits("{apiVersion: apps/v1, kind: Deployment, name: kustomize-controller, namespace: flux-system}") },
  ],
  [
    "a ResourceSet waits for another Deployment beside Flux",
    "unproven",
    { ...op, [SET]: waits() },
    { [SET]: waits("{apiVersion: apps/v1, kind: Deployment, name: nothing, namespace: flux-system}") },
  ],
  [
    "a ResourceSet waits for what lies in kube-system",
    "safe",
    { ...op, [SET]: waits() },
    { [SET]: waits("{apiVersion: apps/v1, kind: Deployment, name: coredns, namespace: kube-system}") },
  ],
  [
    "a ResourceSet waits for what the FluxInstance makes",
    "safe",
    { ...op, [SET]: waits() },
    {
      [SET]: waits(
        "{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, name: flux-system, namespace: flux-system}",
      ),
    },
  ],
  [
    "a health check that is always false",
    "unsafe | reconcile-stops Kustomization flux-system/player",
    h,
    { [PLAYER]: expression("current: 'false'") },
  ],
  [
    "a health check that always fails",
    "unsafe | reconcile-stops Kustomization flux-system/player",
    h,
    { [PLAYER]: expression("current: status.ready == true, failed: 1 < 2") },
  ],
  [
    "a slip in the first name of a health check",
    "unsafe | reconcile-stops Kustomization flux-system/player",
    h,
    { [PLAYER]: expression("current: stauts.ready == true") },
  ],
  [
    "a health check that is always true, and one that binds a name",
    "safe",
    h,
    { [PLAYER]: expression("current: 'true', failed: \"status.conditions.exists(stat, stat.type == 'Failed')\"") },
  ],
  [
    "a health check that is always false, where nobody waits",
    "safe",
    h,
    { [PLAYER]: expression("current: 'false'").replace("wait: true", "wait: false") },
  ],
  [
    "a health check of macros in macros over long lists",
    "safe",
    h,
    { [PLAYER]: expression(`current: "${nested(3)}"`) },
  ],
  ["a long one", "safe", h, { [PLAYER]: expression(`current: 'false${" || false".repeat(70)}'`) }],
  [
    "a name at the top that is close to another one",
    "safe",
    h,
    { [PLAYER]: expression("current: date.ready == true, failed: specs.a == 1") },
  ],
  ["an OCIRepository loses its ref", "unproven", ofRegistry, { [VALS]: oci("") }],
  [
    "an OCIRepository loses its ref, which was the tag latest",
    "safe",
    { ...ofRegistry, [VALS]: oci("ref: {tag: latest}") },
    { [VALS]: oci("") },
  ],
  [
    "the same, where a range went before that tag",
    "unproven",
    { ...ofRegistry, [VALS]: oci("ref: {tag: latest, semver: 1.x}") },
    { [VALS]: oci("") },
  ],
  [
    "an OCIRepository that is suspended loses its ref",
    "safe",
    { ...ofRegistry, [VALS]: oci("ref: {tag: 1.0.0}\n  suspend: true") },
    { [VALS]: oci("suspend: true") },
  ],
  ["the ref of an OCIRepository goes from a tag to a range", "safe", ofRegistry, { [VALS]: oci("ref: {semver: 1.x}") }],
  [
    "who has signed it, where notation looks after that",
    "safe",
    { ...ofRegistry, [VALS]: `${oci("ref: {tag: 1.0.0}")}  verify: {provider: notation, secretRef: {name: trust}}\n` },
    {
      [VALS]: `${oci("ref: {tag: 1.0.0}")}  verify: {provider: notation, secretRef: {name: trust}, matchOIDCIdentity: [{issuer: '(', subject: '('}]}\n`,
    },
  ],
  [
    "a source comes suspended, and something reads it",
    "unsafe | reconcile-stops GitRepository flux-system/other",
    h,
    {
      [`${K}/flux/other.yaml`]: source("  suspend: true"),
      [PLAYER]: player().replace("name: home\n", "name: other\n"),
    },
  ],
  [
    "a source comes suspended, and what reads it too",
    "safe",
    { ...h, [`${K}/more/one.yaml`]: cm("one", "{a: b}") },
    {
      [`${K}/flux/other.yaml`]: source("  suspend: true"),
      [MORE]: reader("suspend: true, "),
    },
  ],
  [
    "a source that is read already comes to Git suspended",
    "unproven",
    { ...h, [MORE]: reader() },
    { [`${K}/flux/other.yaml`]: source("  suspend: true") },
  ],
  [
    "a source comes, and something reads it",
    "safe",
    h,
    { [`${K}/flux/other.yaml`]: source(), [PLAYER]: player().replace("name: home\n", "name: other\n") },
  ],
  [
    "a key of a ConfigMap that is laid over another one",
    "safe",
    { ...h, [LIST]: withVals, [VALS]: cm("vals", "{a: 'x: y'}", merged), [HR]: takes("a") },
    { [HR]: takes("b") },
  ],
  [
    "a key of a ConfigMap that is written whole",
    "unsafe | reference-missing HelmRelease media/player",
    { ...h, [LIST]: withVals, [VALS]: cm("vals", "{a: 'x: y'}"), [HR]: takes("a") },
    { [HR]: takes("b") },
  ],
  [
    "a slip in what Flux leaves alone",
    "safe",
    { ...h, [LIST]: withVals, [VALS]: provider(ignored, "player") },
    { [VALS]: provider(ignored, "palyer") },
  ],
  [
    "what Flux left alone comes with a slip",
    "unsafe | reference-missing HelmRelease media/radio",
    { ...h, [LIST]: withVals, [VALS]: provider(ignored, "palyer") },
    { [VALS]: provider([], "palyer") },
  ],
  [
    "what Flux left alone comes with a slip in a name that no table knows",
    "unsafe | reference-missing HelmRelease media/radio",
    { ...h, [LIST]: withVals, [VALS]: claims(ignored) },
    { [VALS]: claims([]) },
  ],
  [
    "what Flux left alone comes with an expression that nobody can read",
    "unsafe | reconcile-stops Kustomization flux-system/more",
    { ...h, [MORE]: unreadable(ignored) },
    { [MORE]: unreadable([]) },
  ],
  [
    "what Flux left alone comes to a namespace that nothing makes",
    "unproven",
    { ...h, [MORE]: inNowhere(ignored) },
    { [MORE]: inNowhere([]) },
  ],
  [
    "a slip in what Flux applies",
    "unsafe | reference-missing HelmRelease media/radio",
    { ...h, [LIST]: withVals, [VALS]: provider([], "player") },
    { [VALS]: provider([], "palyer") },
  ],
];

test.each(CASES)("%s", (_, said, before, change) => {
  expect(sayOf(before, change)).toBe(said);
});
