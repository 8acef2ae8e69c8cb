import { homeTree, ks, kustomization, object, operatorTree, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import type { Cases } from "./said.ts";

const CONFIG = "kubernetes/flux/config";
const LIST = `${CONFIG}/kustomization.yaml`;
/** Of the root that is there: what the operator generates becomes that. */
const INSTANCE = operatorTree()[`${CONFIG}/instance.yaml`]!.replace("ref: refs", "name: cluster, ref: refs");
const OFF = "fluxcd.controlplane.io/reconcile: disabled";

const REPOSITORIES = ["charts", "operator"]
  .map((name) =>
    object("HelmRepository", name, "source.toolkit.fluxcd.io/v1", [
      "  namespace: flux-system",
      "spec: {interval: 1h, url: https://charts.example.invalid}",
    ]),
  )
  .join("");

/** A FluxInstance beside the Flux that is installed from Git, which then goes from there. */
const cutover = (files: Files, more: Edits = {}): [Files, Edits] => {
  const list = ["repositories.yaml", ...Object.keys(files)].filter((name) => !name.includes("/"));
  const placed = (all: Edits) =>
    Object.entries(all).map(([name, text]) => [name.includes("/") ? name : `${CONFIG}/${name}`, text]);
  return [
    {
      ...homeTree(),
      ...Object.fromEntries(placed({ "repositories.yaml": REPOSITORIES, ...files })),
      [LIST]: kustomization(["cluster.yaml", "flux.yaml", ...list]),
    },
    {
      ...Object.fromEntries(placed(more)),
      [`${CONFIG}/flux.yaml`]: undefined,
      [LIST]: kustomization(["cluster.yaml", ...list]),
    },
  ];
};
const as = (was: string, is: string) => cutover({ "instance.yaml": INSTANCE.replace(was, is) });
const spec = (line: string) => as("  sync:", `  ${line}\n  sync:`);
const operator = (name: string, ...more: string[]) =>
  release(name, more)
    .replace("chart: app", "chart: flux-operator")
    .replace("metadata:\n", "metadata:\n  namespace: flux-system\n");
const besideOperators = (...operators: string[]) =>
  cutover({ "instance.yaml": INSTANCE, "operator.yaml": operators.join("") });
const inFolder = (...more: string[]) =>
  cutover({ "parent.yaml": ks("instance", "instance", more), "instance/instance.yaml": INSTANCE });
const chart = (values: readonly string[] = [], ...more: string[]) =>
  cutover({
    "instance.yaml": object("HelmRelease", "flux-instance", "helm.toolkit.fluxcd.io/v2", [
      "  namespace: flux-system",
      "spec:",
      "  interval: 1h",
      "  chart: {spec: {chart: flux-instance, sourceRef: {kind: HelmRepository, name: operator}}}",
      ...more.map((line) => `  ${line}`),
      "  values:",
      ...values.map((line) => `    ${line}`),
      "    instance:",
      "      distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}",
      `      ${/components: .*/.exec(INSTANCE)![0]}`,
      `      ${/sync: .*/.exec(INSTANCE)![0]}`,
    ]),
  });
const [PATCH, IDLE] = ["remove", "add"].map(
  (op) =>
    `kustomize: {patches: [{target: {kind: Deployment, name: source-controller}, patch: '[{"op": "${op}", "path": "/spec/nothing", "value": 1}]'}]}`,
);

/** The Flux of Git goes where the operator has taken it over, or has not for certain. */
export const STANDSTILL: Cases = {
  "the operator has taken over": cutover({ "instance.yaml": INSTANCE }),
  "it is paused": as("metadata:", `metadata:\n  annotations: {${OFF}}`),
  "it is paused by what applies it": inFolder(`commonMetadata: {annotations: {${OFF}}}`),
  "what applies it is suspended": inFolder("suspend: true"),
  "what applies it runs": inFolder(),
  "the operator is suspended": besideOperators(operator("flux-operator", "suspend: true")),
  "one of two operators is": besideOperators(operator("flux-operator", "suspend: true"), operator("second")),
  "it lies in another namespace": as("namespace: flux-system", "namespace: other"),
  "it lies where a variable says": as("namespace: flux-system", "namespace: '${PLACE}'"),
  "a component is misspelt": as("helm-controller", "helm-controler"),
  "a component is named twice": as("helm-controller", "helm-controller, helm-controller"),
  "a component may come with a newer operator": as("image-reflector-controller]", "quite-another]"),
  "a Flux that no operator knows yet": as("2.6.x", "2.99.x"),
  "a Flux that there never was": as("2.6.x", "1.x"),
  "the API server refuses it": spec("cluster: {size: huge}"),
  "a patch does not build": spec(PATCH!),
  "a patch brings what is dropped": spec(IDLE!),
  "its address has no scheme": as("https://git.example.invalid/me/home.git", "git@git.example.invalid:me/home.git"),
  "a release has it": chart(),
  "the release is suspended": chart([], "suspend: true"),
  "the release pauses it": chart([`commonAnnotations: {${OFF}}`]),
  "the release puts it elsewhere": chart([], "targetNamespace: other"),
  "the release puts it where a variable says": chart([], "targetNamespace: '${PLACE}'"),
  "the release calls it otherwise": chart(["fullnameOverride: mine"]),
  "a variable calls it": chart(["fullnameOverride: '${NAME_OF_IT}'"]),
};
