import { homeTree, ks, kustomization, object, operatorTree } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { type Cases, type Row, rows } from "./said.ts";

const both = (name: string, kind: string, lines: string[]): Row => [name, kind, lines, lines];
const container = (name: string, resources: string) =>
  `{name: ${name}, image: a${resources && `, resources: {${resources}}`}}`;
const pods = (...containers: string[]) => [
  `spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [${containers.join(", ")}]}}}`,
];
const asks = (resources: string) => pods(container("a", resources));
const runs = (id: string, was: string | undefined, is: string): Row => [
  id,
  "Deployment",
  was === undefined ? undefined : asks(was),
  asks(is),
];
const same = (id: string, resources: string) => runs(id, resources, resources);
const range = (id: string, was: string | undefined, is: string): Row => {
  const lines = (text: string) => [`spec: {limits: [${text}]}`];
  return [id, "LimitRange", was === undefined ? undefined : lines(was), lines(is)];
};
const quota = (id: string, was: string | undefined, is: string): Row => {
  const lines = (text: string) => [`spec: {hard: {${text}}}`];
  return [id, "ResourceQuota", was === undefined ? undefined : lines(was), lines(is)];
};
const CPU = (text: string) => `requests: {cpu: ${text}}, limits: {cpu: ${text}}`;

const INSTANCE = "kubernetes/flux/config/instance.yaml";
const sized = (): Files => ({
  ...operatorTree(),
  [INSTANCE]: operatorTree()[INSTANCE]!.replace("spec:", "spec:\n  cluster: {size: small}"),
});

/** A workload whose limits another Kustomization applies. */
const apart = (was: string[], is: string[], kind = "Deployment"): [Files, Edits] => {
  const app = "kubernetes/apps/media/player/app";
  const web = (lines: string[]) => object(kind, "web", kind === "Pod" ? "v1" : "apps/v1", lines);
  return [
    {
      ...homeTree(),
      "kubernetes/flux/sizes.yaml": ks("sizes", "kubernetes/sizes"),
      "kubernetes/sizes/sizes.yaml": object("LimitRange", "sizes", "v1", [
        "  namespace: media",
        "spec: {limits: [{type: Container, max: {cpu: 1}}]}",
      ]),
      [`${app}/kustomization.yaml`]: kustomization(["web.yaml"]),
      [`${app}/web.yaml`]: web(was),
    },
    { [`${app}/web.yaml`]: web(is) },
  ];
};

/** Pods that ask for more, or less, than their namespace takes. */
export const POD_BUDGETS: Cases = {
  "ranges that come": rows([
    range("max/sizes", undefined, "{type: Container, max: {cpu: 1, memory: 1Gi}}"),
    same("max/cpu", CPU("2")),
    same("max/memory", "limits: {memory: 2Gi}"),
    same("max/exact", CPU("1")),
    same("max/small", CPU("100m")),
    range("min/sizes", undefined, "{type: Pod, max: {cpu: 10m}}, {type: Container, min: {cpu: 500m}}"),
    same("min/small", CPU("100m")),
    same("min/exact", CPU("500m")),
    same("min/limit-alone", "limits: {cpu: 100m}"),
    range("requests/sizes", undefined, "{type: Container, max: {cpu: 1}}"),
    same("requests/big", "requests: {cpu: 2}"),
    range("open/sizes", undefined, "{type: Container, max: {cpu: 1}}"),
    same("open/big", CPU("'${DOMAIN}'")),
    range("lowered/sizes", "{type: Container, max: {cpu: 4}}", "{type: Container, max: {cpu: 1}}"),
    same("lowered/was-in", CPU("2")),
    same("lowered/was-out", CPU("8")),
    range("unread/sizes", undefined, "{type: Container, max: {cpu: many}}"),
    same("unread/big", CPU("2")),
    range("scaled/sizes", undefined, "{type: Container, max: {cpu: 1}}"),
    both("scaled/none", "Deployment", [asks(CPU("2"))[0]!.replace("spec: {", "spec: {replicas: 0, ")]),
    both("scaled/config", "ConfigMap", asks(CPU("2"))),
  ]),
  "pods that come to a range": rows([
    range("max/sizes", "{type: Container, max: {cpu: 1}}", "{type: Container, max: {cpu: 1}}"),
    runs("max/grows", CPU("1"), CPU("2")),
    runs("max/comes", undefined, CPU("2")),
    runs("max/was-big", CPU("2"), CPU("3")),
    runs("max/shrinks", CPU("2"), CPU("1")),
    [
      "max/second",
      "Deployment",
      pods(container("a", ""), container("b", "")),
      pods(container("a", ""), container("b", CPU("2"))),
    ],
    ["max/pod", "Pod", undefined, [`spec: {containers: [${container("a", CPU("2"))}]}`]],
  ]),
  "quotas that come": rows([
    quota("says/all", undefined, "requests.cpu: 2, limits.cpu: 2"),
    same("says/nothing", ""),
    quota("sum/all", undefined, "cpu: 2"),
    both("sum/two", "Deployment", pods(container("a", CPU("1")), container("b", CPU("1500m")))),
    both("sum/exact", "Deployment", pods(container("a", CPU("1")), container("b", CPU("1")))),
    quota("memory/all", undefined, "memory: 1Gi, limits.memory: 2Gi"),
    same("memory/big", "requests: {memory: 2Gi}, limits: {memory: 2Gi}"),
    same("memory/limits-big", "requests: {memory: 1Gi}, limits: {memory: 4Gi}"),
    quota("others/all", undefined, "pods: 20, requests.storage: 1Gi"),
    same("others/nothing", ""),
    quota("filled/all", undefined, "requests.cpu: 2, requests.memory: 1Gi"),
    range("filled/sizes", "{type: Container, default: {cpu: 1}}", "{type: Container, default: {cpu: 1}}"),
    same("filled/nothing", "requests: {memory: 1Mi}"),
    same("filled/no-memory", "requests: {cpu: 1}"),
    quota("limits/all", undefined, "limits.cpu: 1"),
    same("limits/big", "requests: {cpu: 1}, limits: {cpu: 2}"),
    ...["defaultRequest", "max", "min"].flatMap((field) => [
      quota(`${field.toLowerCase()}/all`, undefined, "requests.cpu: 2"),
      range(
        `${field.toLowerCase()}/sizes`,
        `{type: Container, ${field}: {cpu: 1}}`,
        `{type: Container, ${field}: {cpu: 1}}`,
      ),
      same(`${field.toLowerCase()}/nothing`, ""),
    ]),
    ["scoped/all", "ResourceQuota", undefined, ["spec: {hard: {cpu: 1}, scopes: [BestEffort]}"]],
    same("scoped/big", CPU("2")),
    ["selects/all", "ResourceQuota", undefined, ["spec: {hard: {cpu: 1}, scopeSelector: {matchExpressions: []}}"]],
    same("selects/big", CPU("2")),
  ]),
  "pods that come to a quota": rows([
    quota("cpu/all", "cpu: 2", "cpu: 2"),
    runs("cpu/grows", CPU("1"), CPU("3")),
    runs("cpu/says-less", CPU("1"), "requests: {memory: 1Gi}"),
    runs("cpu/fits", CPU("1"), CPU("2")),
  ]),
  "ranges beside a policy that changes pods": rows([
    range("max/sizes", undefined, "{type: Container, max: {cpu: 1}}"),
    same("max/big", CPU("2")),
    both("fills", "ClusterPolicy", ["spec: {rules: [{name: a, mutate: {}}]}"]),
  ]),
  "pods that come to a range of another Kustomization": apart(asks(CPU("1")), asks(CPU("2"))),
  "pods that are out of a range of another Kustomization today": apart(asks(CPU("2")), asks(CPU("3"))),
  "controllers that the operator makes": rows(
    [
      range("narrow", undefined, "{type: Container, max: {memory: 512Mi}}"),
      range("wide", undefined, "{type: Container, max: {cpu: 1, memory: 1Gi}, min: {cpu: 50m}}"),
      quota("few", undefined, "pods: 3, limits.memory: 1Gi"),
      quota("enough", undefined, "pods: 5, limits.cpu: 1"),
    ],
    operatorTree(),
  ),
  "controllers of which a size says what they ask": rows(
    [
      range("narrow", undefined, "{type: Container, max: {memory: 64Mi}}"),
      quota("asking", undefined, "requests.cpu: 1"),
    ],
    sized(),
  ),
};
