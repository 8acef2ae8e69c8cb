import { homeTree, object, operatorTree } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { type Cases, type Row, rows } from "./said.ts";

const spec = (said: string) => [`spec: {${said}}`];
const DISABLED = "  annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}";
const KEPT = "annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}";

/** A release before and after, each with what its spec says besides the chart; none where it is not there. */
const release = (name: string, was: string | undefined, is: string | undefined, marks: readonly string[] = []): Row => {
  const all = (more: string) => [
    ...marks,
    ...spec(`interval: 1h, chartRef: {kind: OCIRepository, name: charts}${more && `, ${more}`}`),
  ];
  return [name, "HelmRelease", was === undefined ? undefined : all(was), is === undefined ? undefined : all(is)];
};
const of = (name: string, more = "") => `releaseName: ${name}${more && `, ${more}`}`;
const AWAY = "kubeConfig: {secretRef: {name: away}}";
const PAUSE = "suspend: true";

/** One document that gets another name, in a file that stays. */
const renamed = (was: string, is: string, file = "kubernetes/flux/renamed.yaml", to = file): [Files, Edits] => [
  { ...homeTree(), [file]: was },
  { [file]: undefined, [to]: is },
];
const named = (name: string, more: string, mark = "", chart = "app", namespace = "games") =>
  object("HelmRelease", name, "helm.toolkit.fluxcd.io/v2", [
    `  namespace: ${namespace}`,
    ...(mark ? [`  ${mark}`] : []),
    ...spec(
      `interval: 1h, chart: {spec: {chart: ${chart}, sourceRef: {kind: HelmRepository, name: charts}}}${more && `, ${more}`}`,
    ),
  ]);

/** What makes a Secret or a certificate, before and after. */
const maker = (
  kind: string,
  name: string,
  was: string | undefined,
  is: string | undefined,
  marks: readonly string[] = [],
): Row => {
  const all = (said: string) => [...marks, ...spec(said)];
  return [name, kind, was === undefined ? undefined : all(was), is === undefined ? undefined : all(is)];
};
const external = (name: string, policy = "") =>
  `secretStoreRef: {kind: ClusterSecretStore, name: a}, target: {name: '${name}'${policy && `, creationPolicy: ${policy}`}}, dataFrom: [{extract: {key: a}}]`;
const certificate = (name: string) => `secretName: ${name}, issuerRef: {name: a}, dnsNames: [a.example.invalid]`;
const artifact = (...names: string[]) =>
  `sources: [{alias: a, kind: GitRepository, name: home}], artifacts: [${names.map((name) => `{name: ${name}, copy: [{from: '@a/kubernetes/**', to: '@artifact/'}]}`).join(", ")}]`;
const PAUSED = ["  annotations: {source.extensions.fluxcd.io/reconcile: Disabled}"];
const secret = (name: string, was: string | undefined, is: string | undefined, marks?: readonly string[]) =>
  maker("ExternalSecret", name, was, is, marks);

const INSTANCE = "distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}";
const OFF = "fluxcd.controlplane.io/reconcile: disabled";
const instance = (name: string, was: readonly string[] | undefined, is: readonly string[] | undefined): Row => {
  const all = (marks: readonly string[]) => [...marks, ...spec(INSTANCE)];
  return [name, "FluxInstance", was && all(was), is && all(is)];
};
const chart = (
  name: string,
  was: string | undefined,
  is: string | undefined,
  marks: readonly string[] = [],
  held = "flux-instance",
): Row => {
  const all = (more: string) => [
    ...marks,
    ...spec(
      `interval: 1h, chart: {spec: {chart: ${held}, sourceRef: {kind: HelmRepository, name: operator}}}${more && `, ${more}`}`,
    ),
  ];
  return [name, "HelmRelease", was === undefined ? undefined : all(was), is === undefined ? undefined : all(is)];
};
const VALUES = "values: {instance: {distribution: {version: 2.6.x}}}";
const op = operatorTree();

/** Two that each mean to have one thing for themselves. */
export const SECONDS: Cases = {
  "releases of one name": rows([
    release("first", "", ""),
    release("second", undefined, of("first")),
    release("third", of("other"), of("first")),
    release("edited", of("edited"), of("edited", "timeout: 5m")),
    release("goes-elsewhere", undefined, of("first", "targetNamespace: games")),
    release("is-kept-elsewhere", undefined, of("first", "storageNamespace: games")),
    release("comes-suspended", undefined, of("first", PAUSE)),
    release("goes-on", of("resumed", PAUSE), of("resumed")),
    release("resumed", "", "timeout: 5m"),
    release("goes-on-alone", of("alone", PAUSE), of("alone")),
    release("a-pair", of("pair"), of("pair", "timeout: 5m")),
    release("a-pair-too", of("pair"), of("pair")),
    release("is-open", undefined, of("'${A}'")),
    release("is-open-too", undefined, of("'${A}'")),
    release("away", undefined, of("first", AWAY)),
    release("away-too", undefined, of("first", AWAY)),
    release("far-away", undefined, of("first", "kubeConfig: {secretRef: {name: far}}")),
    release("left", "", undefined, [`  ${KEPT}`]),
    release("after-the-left", undefined, of("left")),
    release("left-suspended", PAUSE, undefined, [`  ${KEPT}`]),
    release("after-the-suspended", undefined, of("left-suspended")),
    release("gone", "", undefined),
    release("after-the-gone", undefined, of("gone")),
    release("ignored", undefined, of("first"), [DISABLED]),
  ]),
  "a release that gets another name, and is left": renamed(named("old", "", KEPT), named("new", "")),
  "and keeps that of its release": renamed(named("old", "", KEPT), named("new", of("old"))),
  "and takes another chart": renamed(named("old", "", KEPT), named("new", "", "", "other")),
  "and goes to another cluster": renamed(named("old", "", KEPT), named("new", AWAY)),
  "and is not left": renamed(named("old", ""), named("new", "")),
  "and was suspended": renamed(named("old", PAUSE), named("new", "")),
  "and was suspended, and takes its release over": renamed(named("old", PAUSE), named("new", of("old"))),
  "and was suspended, and takes it to another namespace": renamed(
    named("old", PAUSE),
    named("new", of("old", "targetNamespace: media")),
  ),
  "and goes to another file and namespace, under its name": renamed(
    named("old", "", KEPT),
    named("old", "", "", "app", "media"),
    "kubernetes/flux/old.yaml",
    "kubernetes/flux/new.yaml",
  ),
  "and goes to another file and namespace, and takes another chart": renamed(
    named("old", "", KEPT),
    named("old", "", "", "other", "media"),
    "kubernetes/flux/old.yaml",
    "kubernetes/flux/new.yaml",
  ),
  "and goes to another file, under another name": renamed(
    named("old", "", KEPT),
    named("new", ""),
    "kubernetes/flux/old.yaml",
    "kubernetes/flux/new.yaml",
  ),
  "and one of its name comes, while its file stays": [
    { ...homeTree(), "kubernetes/flux/old.yaml": named("old", "", KEPT) + named("kept", "") },
    { "kubernetes/flux/old.yaml": named("kept", ""), "kubernetes/flux/new.yaml": named("old", "", "", "app", "media") },
  ],
  "makers of one Secret": rows([
    secret("first", external("a"), external("a")),
    secret("second", undefined, external("a")),
    secret("by-an-edit", external("b"), external("a")),
    secret("as-before", external("a"), external("a", "Owner")),
    secret("filling", undefined, external("a", "Merge")),
    secret("leaving", undefined, external("a", "Orphan")),
    secret("making-none", undefined, external("a", "None")),
    secret("of-its-own", undefined, external("c")),
    secret("open", undefined, external("${A}")),
    secret("open-too", undefined, external("${A}")),
    secret("ignored", undefined, external("a"), [DISABLED]),
    secret("games/elsewhere", undefined, external("a")),
    maker("Certificate", "certificate", undefined, certificate("a")),
    maker("Certificate", "issued", certificate("d"), certificate("d")),
    maker("Certificate", "issued-too", undefined, certificate("d")),
    maker("ArtifactGenerator", "artifacts", artifact("one", "two"), artifact("one", "two")),
    maker("ArtifactGenerator", "more-artifacts", undefined, artifact("three", "two")),
    maker("ArtifactGenerator", "paused", undefined, artifact("one"), PAUSED),
    ["resumed", "ArtifactGenerator", [...PAUSED, ...spec(artifact("one"))], spec(artifact("one"))],
    ["sleeps", "ArtifactGenerator", [...PAUSED, ...spec(artifact("four"))], [...PAUSED, ...spec(artifact("four"))]],
    maker("ArtifactGenerator", "beside-what-sleeps", undefined, artifact("four")),
    maker("OnePasswordItem", "onepassword", undefined, "itemPath: a"),
    secret("as-of-onepassword", undefined, external("onepassword")),
  ]),
  "instances of Flux": rows(
    [
      instance("games/flux", undefined, []),
      instance("media/flux", undefined, [`  annotations: {${OFF}}`]),
      instance("a/flux", [`  annotations: {${OFF}}`], []),
      instance("b/flux", [], [`  annotations: {a: b}`]),
      instance("c/flux", undefined, [DISABLED]),
      chart("d/flux", undefined, VALUES),
      chart("e/flux", undefined, `${VALUES}, ${PAUSE}`),
      chart("f/flux", undefined, `${VALUES}, ${AWAY}`),
      chart("g/flux", undefined, `values: {commonAnnotations: {${OFF}}}`),
      chart("h/flux", `${VALUES}, ${PAUSE}`, VALUES),
      chart("i/flux", VALUES, `${VALUES}, timeout: 5m`),
      chart("j/flux", undefined, VALUES, [DISABLED]),
      chart("k/flux", undefined, VALUES, [], "flux-operator"),
    ],
    op,
  ),
  "an instance beside one that is paused": rows(
    [
      instance("games/flux", [`  annotations: {${OFF}}`], [`  annotations: {${OFF}}`]),
      instance("media/flux", undefined, []),
    ],
    homeTree(),
  ),
  "two instances that come": rows([instance("games/flux", undefined, []), instance("media/flux", undefined, [])]),
  "an instance beside one that comes paused": rows(
    [instance("games/flux", undefined, [`  annotations: {${OFF}}`]), instance("media/flux", undefined, [])],
    homeTree(),
  ),
};
