import { homeTree, ks, kustomization, operatorTree } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { type Cases, type Row, rows, UNSEEN } from "./said.ts";

const CLUSTER = "kubernetes/flux/config/cluster.yaml";
const APPS = "kubernetes/flux/apps.yaml";
const KEY = "sharding.fluxcd.io/key";

const spec = (lines: readonly string[]) => ["spec:", ...lines.map((line) => `  ${line}`)];
/** A source with these lines before the change, and those after it. */
const source = (name: string, kind: string, was: string[] | undefined, is: string[]): Row => {
  const all = (lines: string[]) => spec(["interval: 1h", ...lines]);
  return [name, kind, was && all(was), all(is)];
};
const bucket = (name: string, was: string[] | undefined, is: string[]): Row => {
  const fixed = ["endpoint: s3.example.invalid", "bucketName: a"];
  return source(name, "Bucket", was && [...fixed, ...was], [...fixed, ...is]);
};
const oci = (name: string, was: string[] | undefined, is: string[]): Row => {
  const url = "url: oci://example.invalid/a";
  return source(name, "OCIRepository", was && [url, ...was], [url, ...is]);
};
const OCI = "url: oci://example.invalid/charts";
const HTTP = "url: https://example.invalid/charts";
const charts = (name: string, was: string[] | undefined, is: string[]) => source(name, "HelmRepository", was, is);

const pods = (name: string, was: string | undefined, is: string): Row => {
  const lines = (more: string) =>
    spec([
      more,
      `selector: {matchLabels: {app: ${name}}}`,
      `template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: manager, image: "ghcr.io/fluxcd/${name}:v1.6.2"}]}}`,
    ]);
  return [name, "Deployment", was === undefined ? undefined : lines(was), lines(is)];
};
/** Flux by manifests of its own, without the artifact. */
const byHand = { ...homeTree(), "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml"]) };

const marked = (was: string[], is: string[]): [Files, Edits] => [
  { ...homeTree(), [APPS]: ks("cluster-apps", "kubernetes/apps", was) },
  { [APPS]: ks("cluster-apps", "kubernetes/apps", is) },
];
const SSA = "commonMetadata: {annotations: {kustomize.toolkit.fluxcd.io/ssa: Ignore}}";

const zero = (tree: Files): [Files, Edits] => [
  tree,
  { [CLUSTER]: tree[CLUSTER]!.replace("interval: 30m\n  url", "interval: 00.00h0m\n  url") },
];
const others = ["games/chess/ks.yaml", "media/player/ks.yaml"].map((path) => `kubernetes/apps/${path}`);
const withOneReader = Object.fromEntries(
  Object.entries(homeTree()).map(([path, text]) => [
    path,
    [...others, APPS].includes(path) ? text.replace("prune: true", "suspend: true\n  prune: true") : text,
  ]),
);

const shard = (name: string, was: string | undefined, is: string): Row => {
  const lines = (labels: string) => [
    `  labels: {${labels}}`,
    ...spec([
      "interval: 1h",
      "path: ./none",
      "prune: true",
      "suspend: true",
      "sourceRef: {kind: GitRepository, name: flux-system}",
    ]),
  ];
  return [name, "Kustomization", was === undefined ? undefined : lines(was), lines(is)];
};
const INSTANCE = "kubernetes/flux/config/instance.yaml";
const sharded = (shards: string): Files => ({
  ...operatorTree(),
  [INSTANCE]: operatorTree()[INSTANCE]!.replace("spec:\n", `spec:\n  sharding: ${shards}\n`),
});
const selecting = (...selectors: string[]): Files => ({
  ...operatorTree(),
  "kubernetes/flux/shard.yaml": selectors.map((one) => `# --watch-label-selector=${one}\n`).join(""),
});

/** Objects that do not work any more after the change, and their neighbours that do. */
export const STOPS: Cases = {
  "specs that go": rows([
    ["lost", "Service", spec(["{type: ExternalName, externalName: a.example}"]), []],
    ["was-empty", "Service", ["spec: {}"], []],
    ["open", "Service", spec(["{type: ExternalName, externalName: a.example}"]), ["spec: ${DOMAIN}"]],
    ["comes", "Service", undefined, []],
  ]),
  "all that it builds is marked as not to be applied": marked([], [SSA]),
  "all that it builds was marked before": marked([SSA], [SSA, "timeout: 5m"]),
  "commonMetadata that marks nothing": marked([], ["commonMetadata: {annotations: {a: b}}"]),
  "an interval of nothing, of what many read": zero(homeTree()),
  "an interval of nothing, of what one reads": zero(withOneReader),
  "sources without time": rows([
    oci("oci", ["ref: {tag: a}"], ["ref: {tag: a}", "timeout: 00.00s"]),
    bucket("bucket", [], ["timeout: 0s"]),
    bucket("comes", undefined, ["timeout: 0s"]),
    bucket("suspended", [], ["timeout: 0s", "suspend: true"]),
    bucket("was-without", ["timeout: 0s"], ["timeout: 0m"]),
    bucket("with-time", [], ["timeout: 10s"]),
    charts("charts", [HTTP], [HTTP, "timeout: 0s"]),
    ["unread", "Bucket", undefined, spec(["interval: 0s", "endpoint: a.example.invalid", "bucketName: a"])],
  ]),
  "controllers without pods": rows(
    [
      pods("source-controller", "replicas: 1", "replicas: 0"),
      pods("kustomize-controller", "replicas: 0", "replicas: 00"),
      pods("flux-operator", "minReadySeconds: 1", "replicas: 0"),
      pods("helm-controller", undefined, "replicas: 0"),
      pods("notification-controller", "replicas: 1", "replicas: 0"),
    ],
    byHand,
  ),
  "shards of an instance": rows(
    [
      shard("two", "a: b", `${KEY}: two`),
      shard("three", `${KEY}: one`, `${KEY}: three`),
      shard("stays", `${KEY}: three`, `${KEY}: three, a: b`),
      shard("comes", undefined, `${KEY}: three`),
      shard("open", "a: b", `${KEY}: "\${SHARD:-three}"`),
      shard("number", "a: b", `${KEY}: "3"`),
    ],
    sharded("{shards: [one, two, 3]}"),
  ),
  "shards of an instance by another key": rows(
    [shard("two", "a: b", `a.example/shard: two`), shard("other", "a: b", `${KEY}: two`)],
    sharded("{key: a.example/shard, shards: [one]}"),
  ),
  "shards that nothing names": rows([shard("two", "a: b", `${KEY}: two`)], selecting("a.example/other=two")),
  "shards of controllers": rows(
    [..."one two three four five".split(" ")].map((name) => shard(name, "a: b", `${KEY}: ${name}`)),
    selecting(`${KEY} == one`, `'${KEY} in  ( two , three )'`, `four,${KEY}!=five`),
  ),
  "a version that goes": rows(
    [
      oci("tag", ["ref: {tag: a}"], []),
      oci("range", ["ref: {semver: 1.x}"], ["ref: {semverFilter: a}"]),
      oci("digest", ["ref: {digest: sha256:aa}"], ["ref: {}"]),
      oci("suspended", ["ref: {tag: a}"], ["suspend: true"]),
      oci("latest", ["ref: {tag: latest}"], []),
      oci("range-over-latest", ["ref: {tag: latest, semver: 1.x}"], []),
      oci("digest-over-latest", ["ref: {tag: latest, digest: sha256:aa}"], []),
      oci("had-none", [], ["timeout: 1m"]),
      oci("other", ["ref: {tag: a}"], ["ref: {tag: b}"]),
      oci("open", ["ref: {tag: a}"], ["ref: ${DOMAIN}"]),
      oci("comes", undefined, []),
      source("git", "GitRepository", ["url: https://a.example", "ref: {tag: a}"], ["url: https://a.example"]),
    ],
    UNSEEN,
  ),
  "types of charts": rows([
    charts("type-goes", [OCI, "type: oci"], [OCI]),
    charts("comes", undefined, [OCI]),
    charts("had-none", [OCI], [OCI, "timeout: 1m"]),
    charts("other-type", [OCI, "type: oci"], [OCI, "type: default"]),
    charts("type-comes", [HTTP], [HTTP, "type: oci"]),
    charts("had-it", [HTTP, "type: oci"], [HTTP, "type: oci", "timeout: 1m"]),
    charts("other-wrong", [HTTP, "type: oci"], [OCI]),
    charts("open", [HTTP], ["url: https://${DOMAIN}/charts", "type: oci"]),
    charts("right", [OCI, "type: oci"], [OCI, "type: oci", "timeout: 1m"]),
    charts("right-over-http", [HTTP], [HTTP, "type: default"]),
    oci("no-charts", ["ref: {tag: a}"], ["ref: {tag: a}", "provider: generic"]),
  ]),
};
