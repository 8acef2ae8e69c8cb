import { homeTree, ks, kustomization, object } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { type Cases, type Row, rows } from "./said.ts";

const ENFORCE = "pod-security.kubernetes.io/enforce";
const GOOD = [
  "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
  "containers: [{name: a, image: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]",
];
const HOST = ["hostNetwork: true", "containers: [{name: a, image: a}]"];
const PLAIN = ["containers: [{name: a, image: a}]"];

const workload = (pod: readonly string[], more = "") => [
  `spec: {${more}selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {${pod.join(", ")}}}}`,
];
const bare = (pod: readonly string[]) => [`spec: {${pod.join(", ")}}`];
const deployment = (name: string, was: readonly string[] | undefined, is: readonly string[] | undefined): Row => [
  name,
  "Deployment",
  was && workload(was),
  is && workload(is),
];
const level = (name: string, was: string | undefined, is: string | undefined): Row => {
  const lines = (one: string) => [`  labels: {${one === "" ? "a: b" : `${ENFORCE}: ${one}`}}`];
  return [name, "Namespace", was === undefined ? undefined : lines(was), is === undefined ? undefined : lines(is)];
};
const stays = (name: string, one: string) => level(name, one, one);

const hard = (text: string) => [`spec: {hard: {${text}}}`];
const quota = (namespace: string, was: string | undefined, is: string): Row => [
  `${namespace}/few`,
  "ResourceQuota",
  was === undefined ? undefined : hard(was),
  hard(is),
];
const runs = (id: string, was: string | undefined, is: string, kind = "Deployment"): Row => [
  id,
  kind,
  was === undefined ? undefined : workload(PLAIN, was),
  workload(PLAIN, is),
];
const same = (id: string, more: string, kind = "Deployment") => runs(id, more, more, kind);
const fixed = (id: string, kind: string, spec: string): Row => [id, kind, [`spec: {${spec}}`], [`spec: {${spec}}`]];
const chart = "interval: 1h, chartRef: {kind: OCIRepository, name: charts}";

/** A workload whose Namespace, and a quota of that, another Kustomization applies. */
const apart = (was: string, is: string): [Files, Edits] => {
  const app = "kubernetes/apps/media/player/app";
  const web = (lines: string) => object("Deployment", "web", "apps/v1", [lines]);
  return [
    {
      ...homeTree(),
      "kubernetes/apps/media/namespace.yaml": object("Namespace", "media", "v1", [`  labels: {${ENFORCE}: baseline}`]),
      "kubernetes/flux/quotas.yaml": ks("quotas", "kubernetes/quotas"),
      "kubernetes/quotas/few.yaml": object("ResourceQuota", "few", "v1", [
        "  namespace: media",
        "spec: {hard: {pods: 2}}",
      ]),
      [`${app}/kustomization.yaml`]: kustomization(["web.yaml"]),
      [`${app}/web.yaml`]: web(was),
    },
    { [`${app}/web.yaml`]: web(is) },
  ];
};

/** Pods that are not started any more: by the level that their namespace enforces, and by a number of pods. */
export const REFUSED_PODS: Cases = {
  "levels that come": rows([
    level("one", "", "baseline"),
    deployment("one/host", HOST, HOST),
    level("two", "privileged", "restricted"),
    deployment("two/host", HOST, HOST),
    deployment("two/plain", PLAIN, PLAIN),
    deployment("two/good", GOOD, GOOD),
    level("lowered", "restricted", "baseline"),
    deployment("lowered/plain", PLAIN, PLAIN),
    deployment("lowered/host", HOST, HOST),
    level("comes", undefined, "baseline"),
    deployment("comes/host", undefined, HOST),
    level("warns", "", ""),
    deployment("warns/host", HOST, HOST),
  ]),
  "pods that come to a level": rows([
    stays("low", "baseline"),
    deployment("low/worse", PLAIN, HOST),
    deployment("low/new", undefined, HOST),
    deployment("low/other-bad", HOST, [...HOST, "hostPID: true"]),
    deployment("low/better", HOST, PLAIN),
    ["low/set", "StatefulSet", workload(PLAIN), workload(HOST)],
    ["low/daemon", "DaemonSet", workload(PLAIN), workload(HOST)],
    ["low/pod", "Pod", undefined, bare(HOST)],
    ["low/no-pods", "ConfigMap", ["data: {hostNetwork: a}"], ["data: {hostNetwork: b}"]],
    stays("high", "restricted"),
    deployment("high/worse", GOOD, PLAIN),
    deployment("high/good", PLAIN, GOOD),
  ]),
  "pods that come to a level of another Kustomization": apart(workload(PLAIN)[0]!, workload(HOST)[0]!),
  "pods that are many for a quota of another Kustomization": apart(
    workload(PLAIN)[0]!,
    workload(PLAIN, "replicas: 5, ")[0]!,
  ),
  "levels beside a policy that changes pods": rows([
    level("one", "", "restricted"),
    deployment("one/plain", PLAIN, PLAIN),
    stays("low", "baseline"),
    deployment("low/worse", PLAIN, HOST),
    fixed("fills", "ClusterPolicy", "rules: [{name: a, mutate: {}}]"),
  ]),
  "levels beside a policy that changes none": rows([
    level("one", "", "restricted"),
    deployment("one/plain", PLAIN, PLAIN),
    fixed("checks", "ClusterPolicy", "rules: [{name: a, validate: {}}]"),
    ["mutates", "ConfigMap", ["data: {mutate: a}"], ["data: {mutate: a}"]],
  ]),
  "levels over pods of a chart": rows([
    level("rises", "privileged", "restricted"),
    fixed("rises/web", "HelmRelease", chart),
    fixed("flux/other", "HelmRelease", `${chart}, targetNamespace: rises`),
    level("begins", "", "baseline"),
    fixed("begins/web", "HelmRelease", chart),
    level("falls", "restricted", "baseline"),
    fixed("falls/web", "HelmRelease", chart),
    level("begins-low", "", "privileged"),
    fixed("begins-low/web", "HelmRelease", chart),
    level("comes", undefined, "restricted"),
    fixed("comes/web", "HelmRelease", chart),
    level("comes-in", "", "restricted"),
    ["comes-in/web", "HelmRelease", undefined, [`spec: {${chart}}`]],
    level("away", "", "restricted"),
    fixed("away/web", "HelmRelease", `${chart}, targetNamespace: flux`),
    level("seen", "", "restricted"),
    fixed("seen/web", "HelmRelease", chart),
    deployment("seen/plain", PLAIN, PLAIN),
  ]),
  "a level over the chart of another Kustomization": (() => {
    const file = "kubernetes/apps/media/namespace.yaml";
    const says = (one: string) => object("Namespace", "media", "v1", [`  labels: {${ENFORCE}: ${one}}`]);
    return [{ ...homeTree(), [file]: says("baseline") }, { [file]: says("restricted") }];
  })(),
  "no pods at all": rows([
    quota("none", "pods: 5", "pods: 0"),
    same("none/web", ""),
    quota("by-count", 'count/pods: "5"', 'count/pods: "0", pods: 5'),
    same("by-count/web", ""),
    quota("comes", undefined, "pods: 0"),
    same("comes/web", ""),
    quota("was-none", "pods: 0", "count/pods: 0"),
    same("was-none/web", ""),
    quota("runs-none", "pods: 5", "pods: 0"),
    same("runs-none/web", "replicas: 0, "),
    quota("release", "pods: 5", "pods: 0"),
    fixed("release/web", "HelmRelease", chart),
    quota("release-elsewhere", "pods: 5", "pods: 0"),
    fixed("release-elsewhere/web", "HelmRelease", `${chart}, targetNamespace: release`),
    ["scoped/few", "ResourceQuota", hard("pods: 5"), ["spec: {hard: {pods: 0}, scopes: [BestEffort]}"]],
    same("scoped/web", ""),
    [
      "selects/few",
      "ResourceQuota",
      hard("pods: 5"),
      ["spec: {hard: {pods: 0}, scopeSelector: {matchExpressions: []}}"],
    ],
    same("selects/web", ""),
    ["cpu/few", "ResourceQuota", hard("cpu: 5"), hard("cpu: 0")],
    same("cpu/web", ""),
  ]),
  "too few pods": rows([
    quota("lowered", "pods: 5", "pods: 2"),
    same("lowered/web", "replicas: 2, "),
    same("lowered/db", "", "StatefulSet"),
    quota("raised", "pods: 3", "pods: 3"),
    runs("raised/web", "replicas: 1, ", "replicas: 3, "),
    same("raised/db", "replicas: 1, ", "StatefulSet"),
    quota("comes-in", "pods: 1", "pods: 1"),
    same("comes-in/web", ""),
    ["comes-in/pod", "Pod", undefined, bare(PLAIN)],
    quota("lowered-and-more", "pods: 2", "pods: 1"),
    runs("lowered-and-more/web", "replicas: 1, ", "replicas: 3, "),
    quota("exact", "pods: 5", "pods: 2"),
    same("exact/web", "replicas: 2, "),
    quota("over-today", "pods: 1", "pods: 1"),
    runs("over-today/web", "replicas: 2, ", "replicas: 3, "),
    quota("equal-today", "pods: 2", "pods: 2"),
    runs("equal-today/web", "replicas: 2, ", "replicas: 3, "),
    quota("daemons", "pods: 1", "pods: 1"),
    same("daemons/a", "", "DaemonSet"),
    same("daemons/b", "", "DaemonSet"),
    runs("daemons/web", "replicas: 1, ", "replicas: 1, minReadySeconds: 1, "),
    quota("gets", undefined, "pods: 2"),
    same("gets/web", "replicas: 3, "),
    quota("open", "pods: 1", "pods: 1"),
    runs("open/web", "replicas: 1, ", "replicas: '${DOMAIN}', "),
  ]),
  "too few pods of what is scaled": rows([
    quota("keda", "pods: 9", "pods: 1"),
    same("keda/web", "replicas: 5, "),
    fixed("keda/scaler", "ScaledObject", "scaleTargetRef: {name: web}"),
    quota("keda-least", "pods: 9", "pods: 1"),
    same("keda-least/web", "replicas: 5, "),
    fixed("keda-least/scaler", "ScaledObject", "scaleTargetRef: {name: web}, minReplicaCount: 2"),
    quota("hpa", "pods: 9", "pods: 1"),
    same("hpa/web", "replicas: 5, ", "StatefulSet"),
    same("hpa/other", "replicas: 1, "),
    fixed("hpa/scaler", "HorizontalPodAutoscaler", "scaleTargetRef: {kind: StatefulSet, name: web}, maxReplicas: 5"),
    quota("hpa-least", "pods: 9", "pods: 2"),
    same("hpa-least/web", "replicas: 5, "),
    fixed(
      "hpa-least/scaler",
      "HorizontalPodAutoscaler",
      "scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 3, maxReplicas: 5",
    ),
    quota("hpa-two", "pods: 9", "pods: 2"),
    same("hpa-two/web", "replicas: 5, "),
    fixed(
      "hpa-two/a",
      "HorizontalPodAutoscaler",
      "scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 3, maxReplicas: 5",
    ),
    fixed(
      "hpa-two/b",
      "HorizontalPodAutoscaler",
      "scaleTargetRef: {kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 5",
    ),
    quota("hpa-of-another", "pods: 9", "pods: 2"),
    same("hpa-of-another/web", "replicas: 5, "),
    fixed(
      "hpa-of-another/scaler",
      "HorizontalPodAutoscaler",
      "scaleTargetRef: {kind: StatefulSet, name: web}, maxReplicas: 5",
    ),
    quota("hpa-open", "pods: 9", "pods: 2"),
    same("hpa-open/web", "replicas: 5, "),
    fixed(
      "hpa-open/scaler",
      "HorizontalPodAutoscaler",
      "scaleTargetRef: {kind: Deployment, name: web}, minReplicas: '${DOMAIN}', maxReplicas: 5",
    ),
  ]),
};
