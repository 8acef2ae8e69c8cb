import { homeTree, object, operatorTree } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import type { Cases } from "./said.ts";

const INSTANCE = "kubernetes/flux/config/instance.yaml";
const PLAIN = operatorTree()[INSTANCE]!;
const OWN = "oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests";

/** What stands in the parts of a FluxInstance. */
interface Parts {
  /** Of `distribution`, its registry included. */
  of?: string;
  /** More of `sync`. */
  sync?: string;
  notes?: string;
  /** A field of `spec`. */
  spec?: string;
}

const write = ({ of = "registry: ghcr.io/fluxcd", sync, notes, spec }: Parts): string =>
  PLAIN.replace("registry: ghcr.io/fluxcd", of)
    .replace("path: kubernetes/flux}", `path: kubernetes/flux${sync === undefined ? "" : `, ${sync}`}}`)
    .replace("metadata:", notes === undefined ? "metadata:" : `metadata:\n  annotations: {${notes}}`)
    .replace("spec:", spec === undefined ? "spec:" : `spec:\n  ${spec}`);
const edit = (was: Parts, is: Parts): [Files, Edits] => [
  { ...operatorTree(), [INSTANCE]: write(was) },
  { [INSTANCE]: write(is) },
];
const distribution = (was: string, is: string): [Files, Edits] => edit({ of: was }, { of: is });
const spec = (was: string | undefined, is: string | undefined): [Files, Edits] =>
  edit(was === undefined ? {} : { spec: was }, is === undefined ? {} : { spec: is });
const common = (key: string, value: string) => `commonMetadata: {annotations: {${key}: ${value}}}`;
const MARK = "kustomize.toolkit.fluxcd.io";
const MIRROR = "registry: registry.example.invalid/flux";
const THEIRS = "registry: ghcr.io/fluxcd, artifact: 'oci://registry.example.invalid/manifests'";
const ENTERPRISE = "registry: ghcr.io/controlplaneio-fluxcd/distroless";

/** A release of the chart with these values. */
const chart = (...lines: string[]): string =>
  object("HelmRelease", "flux-instance", "helm.toolkit.fluxcd.io/v2", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 1h",
    "  chart: {spec: {chart: flux-instance, sourceRef: {kind: HelmRepository, name: operator}}}",
    ...lines.map((line) => `  ${line}`),
  ]);
const VALUES = [
  "values:",
  "  instance:",
  "    distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}",
  `    ${/sync: .*/.exec(PLAIN)![0]}`,
];
const charted = (was: readonly string[], is: readonly string[]): [Files, Edits] => [
  { ...operatorTree(), [INSTANCE]: chart(...was) },
  { [INSTANCE]: chart(...is) },
];

const onSource = (op: string, path: string, value: unknown) =>
  `kustomize: {patches: [{target: {kind: Deployment, name: source-controller}, patch: '${JSON.stringify([{ op, path, value }])}'}]}`;
const REFUSED = onSource("replace", "/spec/selector/matchLabels/app", "x");
const DROPPED = onSource("add", "/spec/nothing", 1);
const withoutScheme = (text: string) => text.replace("https://git.example.invalid/me", "git@git.example.invalid:me");
/** It comes beside the Flux that is there. */
const comes = (text: string): [Files, Edits] => [
  homeTree(),
  { "kubernetes/flux/instance.yaml": text.replace("sync: {", "sync: {name: cluster, ") },
];

/** Edits of the FluxInstance by which nothing goes at once. */
export const INSTANCES: Cases = {
  "its images come from elsewhere": distribution("registry: ghcr.io/fluxcd", MIRROR),
  "they come from nowhere": distribution("registry: ghcr.io/fluxcd", "registry: ''"),
  "they come from below what is known": distribution(
    "registry: ghcr.io/fluxcd",
    "registry: ghcr.io/controlplaneio-fluxcd",
  ),
  "they come from Docker Hub": distribution("registry: ghcr.io/fluxcd", "registry: fluxcd"),
  "they come from where a variable says": distribution("registry: ghcr.io/fluxcd", "registry: '${REGISTRY}'"),
  "another variant of a mirror": distribution(
    `${MIRROR}, variant: upstream-alpine`,
    `${MIRROR}, variant: enterprise-distroless`,
  ),
  "a variant that its registry has": distribution(ENTERPRISE, `${ENTERPRISE}, variant: enterprise-distroless`),
  "a variant that its registry does not have": distribution(
    "registry: ghcr.io/fluxcd",
    "registry: ghcr.io/fluxcd, variant: enterprise-alpine",
  ),
  "a variant goes": distribution(`${MIRROR}, variant: upstream-alpine`, MIRROR),
  "a mirror of what it had": distribution("registry: ghcr.io/fluxcd", `${MIRROR}, variant: upstream-alpine`),
  "no Secret for the images": distribution(`${MIRROR}, imagePullSecret: pulls`, MIRROR),
  "no Secret for images that anybody may pull": distribution(
    "registry: ghcr.io/fluxcd, imagePullSecret: pulls",
    "registry: ghcr.io/fluxcd",
  ),
  "customers' images without a Secret": distribution("registry: ghcr.io/fluxcd", ENTERPRISE),
  "no Secret for the manifests": distribution(`${THEIRS}, artifactPullSecret: pulls`, THEIRS),
  "another Secret for the manifests": distribution(
    `${THEIRS}, artifactPullSecret: pulls`,
    `${THEIRS}, artifactPullSecret: other`,
  ),
  "no Secret, and no manifests of others": distribution(
    `${THEIRS}, artifactPullSecret: pulls`,
    "registry: ghcr.io/fluxcd",
  ),
  "no Secret for manifests that anybody may fetch": distribution(
    `registry: ghcr.io/fluxcd, artifact: '${OWN}:latest', artifactPullSecret: pulls`,
    `registry: ghcr.io/fluxcd, artifact: '${OWN}:latest'`,
  ),
  "manifests from elsewhere": distribution("registry: ghcr.io/fluxcd", THEIRS),
  "manifests of the operator": distribution(
    "registry: ghcr.io/fluxcd",
    `registry: ghcr.io/fluxcd, artifact: '${OWN}:latest'`,
  ),
  "manifests that are older than its Flux": distribution(
    "registry: ghcr.io/fluxcd",
    `registry: ghcr.io/fluxcd, artifact: '${OWN}:v0.10.0'`,
  ),
  "manifests where a variable says": distribution(
    "registry: ghcr.io/fluxcd",
    "registry: ghcr.io/fluxcd, artifact: 'oci://${REGISTRY}/manifests'",
  ),
  "another domain": spec(undefined, "cluster: {domain: other.example}"),
  "the usual domain, written out": spec(undefined, "cluster: {domain: cluster.local}"),
  "the usual domain instead of another": spec("cluster: {domain: other.example}", undefined),
  "a domain where a variable says": spec(undefined, "cluster: {domain: '${DOMAIN_OF_IT}'}"),
  "it is paused": edit({}, { notes: "fluxcd.controlplane.io/reconcile: Disabled" }),
  "it stays paused": edit(
    { notes: "fluxcd.controlplane.io/reconcile: disabled" },
    { notes: "fluxcd.controlplane.io/reconcile: disabled", sync: "interval: 5m" },
  ),
  "it is looked after again": edit({ notes: "fluxcd.controlplane.io/reconcile: disabled" }, {}),
  "its marks are overwritten": spec(undefined, common(`${MARK}/prune`, "enabled")),
  "a mark gets the value of the other": spec(undefined, common(`${MARK}/ssa`, "disabled")),
  "the other one as well": spec(undefined, common(`${MARK}/prune`, "Ignore")),
  "a mark says what the operator says": spec(undefined, common(`${MARK}/prune`, "Disabled")),
  "its marks stay overwritten": spec(common(`${MARK}/ssa`, "Merge"), common(`${MARK}/ssa`, "IfNotPresent")),
  "its claim shrinks": spec("storage: {class: a, size: 1Gi}", "storage: {class: a, size: 1024M}"),
  "its claim stays as large": spec("storage: {class: a, size: 1Gi}", "storage: {class: a, size: '1073741824'}"),
  "its claim gets another class": spec("storage: {class: a, size: 1Gi}", "storage: {class: b, size: 2Gi}"),
  "its claim gets no amount": spec("storage: {class: a, size: 1Gi}", "storage: {class: a, size: much}"),
  "its claim goes": spec("storage: {class: a, size: 1Gi}", undefined),
  "a shard goes": spec("sharding: {shards: [a, b]}", "sharding: {shards: [b]}"),
  "a shard is named twice": spec("sharding: {shards: [a, b]}", "sharding: {shards: [a, b, a]}"),
  "a version that it cannot have": [{ ...operatorTree() }, { [INSTANCE]: PLAIN.replace("2.6.x", "2.6.y") }],
  "a version that its operator does not embed": [
    { ...operatorTree() },
    { [INSTANCE]: PLAIN.replace("2.6.x", "2.1.0") },
  ],
  "an older version": [{ ...operatorTree() }, { [INSTANCE]: PLAIN.replace("2.6.x", "2.5.x") }],
  "a version where a variable says": [{ ...operatorTree() }, { [INSTANCE]: PLAIN.replace("2.6.x", "'${FLUX}'") }],
  "a repository where a variable says": [
    { ...operatorTree() },
    { [INSTANCE]: PLAIN.replace("https://git.example.invalid", "${GIT}") },
  ],
  "variables stay, and others are in patches and in the path": [
    { ...operatorTree(), [INSTANCE]: write({ of: "registry: '${REGISTRY}'" }) },
    {
      [INSTANCE]: write({
        of: "registry: '${REGISTRY}'",
        spec: "kustomize: {patches: [{target: {kind: Namespace}, patch: '[{op: add, path: /metadata/labels/a, value: ${A}}]'}]}",
      }),
    },
  ],
  "workload identity of a Flux that has none": spec(undefined, "cluster: {multitenantWorkloadIdentity: true}"),
  "a provider of Git that its Flux does not have": edit({}, { sync: "provider: aws" }),
  "its release gets a value that the chart does not have": charted(VALUES, [...VALUES, "    clustr: {}"]),
  "a slip beside them": charted(VALUES, [...VALUES, "  helthcheck: {enabled: true}"]),
  "a value that is none": charted(VALUES, [...VALUES, "    cluster: {networkPolicy: maybe}"]),
  "a value of what is not rendered": charted(VALUES, [...VALUES, "    storage: {size: '', class: 5}"]),
  "a value of what is rendered": charted(VALUES, [...VALUES, "    storage: {size: 1Gi, class: 5}"]),
  "the chart's claim gets no amount": charted(VALUES, [...VALUES, "    storage: {size: much, class: a}"]),
  "an upgrade that fails uninstalls it": charted(VALUES, ["upgrade: {remediation: {strategy: uninstall}}", ...VALUES]),
  "its release gives it another name": charted(VALUES, [...VALUES, "  fullnameOverride: other"]),
  "its release pauses it": charted(VALUES, [
    ...VALUES,
    "  commonAnnotations: {fluxcd.controlplane.io/reconcile: disabled}",
  ]),
  "something is patched over it": charted(VALUES, ["postRenderers: [{kustomize: {images: []}}]", ...VALUES]),
  "more values come from where nobody sees": charted(VALUES, [
    "valuesFrom: [{kind: Secret, name: unseen, optional: true}]",
    ...VALUES,
  ]),
  "a patch comes that is refused": spec(undefined, REFUSED),
  "a refused patch stays, and another one is dropped": spec(
    REFUSED,
    REFUSED.replace("}]}", `}, ${DROPPED.slice(DROPPED.indexOf("[") + 1, -1)}}`),
  ),
  "a patch brings what is dropped": spec(undefined, DROPPED),
  "what is dropped stays": edit({ spec: DROPPED }, { spec: DROPPED, sync: "interval: 5m" }),
  "its address loses its scheme": [operatorTree(), { [INSTANCE]: withoutScheme(PLAIN) }],
  "the chart's address loses its scheme": charted(VALUES, VALUES.map(withoutScheme)),
  "what the chart says by default is taken out": charted(VALUES, [...VALUES, "    cluster:"]),
  "values of parts that are not rendered": charted(VALUES, [...VALUES, "    sharding: {shards: [], key: 5}"]),
  "values of parts that are": charted(VALUES, [...VALUES, "    sharding: {shards: [a], key: 5}"]),
  "one comes under another name": comes(chart(...VALUES, "  fullnameOverride: other")),
  "one comes under the name that it has to have": comes(chart(...VALUES, "  fullnameOverride: flux")),
  "one comes with an address without a scheme": comes(withoutScheme(PLAIN)),
  "one comes with a refused patch": comes(write({ spec: REFUSED })),
  "one comes with a value that is none": comes(chart(...VALUES, "    cluster: {networkPolicy: maybe}")),
};
