import { expect, test } from "vitest";
import { object, operatorTree } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { inFlux, inShort, says } from "./tree.ts";

const [RELEASE, FILE] = ["kubernetes/flux/config/operator.yaml", "kubernetes/flux/vars/budget.yaml"];

/** The operator by its chart, in a namespace of its own or in that of Flux. */
function tree(namespace: string, values = "{}"): Files {
  const op = operatorTree();
  const list = "kubernetes/flux/config/kustomization.yaml";
  return {
    ...op,
    [list]: `${op[list]}  - operator.yaml\n`,
    [RELEASE]:
      object("Namespace", "operator") +
      inFlux("OCIRepository", "flux-operator", "source.toolkit.fluxcd.io/v1", [
        "  interval: 1h",
        "  url: oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator",
        "  ref: {tag: 0.58.0}",
      ]) +
      inFlux("HelmRelease", "flux-operator", "helm.toolkit.fluxcd.io/v2", [
        "  interval: 1h",
        "  chartRef: {kind: OCIRepository, name: flux-operator}",
        "  releaseName: flux-operator",
        `  targetNamespace: ${namespace}`,
        `  values: ${values}`,
      ]),
  };
}
const budget = (kind: string, spec: string, namespace = "operator") =>
  object(kind, "own", "v1", [`  namespace: ${namespace}`, `spec: {${spec}}`]);
const quota = (hard: string, namespace?: string) => budget("ResourceQuota", `hard: {${hard}}`, namespace);
const range = (limits: string) => budget("LimitRange", `limits: [{type: Container, ${limits}}]`);
const goes = (text: string, files = tree("operator")) => inShort(files, { [FILE]: text });

test("a quota or a LimitRange that leaves Flux Operator no pod", () => {
  expect(goes(quota("limits.memory: 500Mi"))).toBe("unsafe | reconcile-stops ResourceQuota operator/own");
  expect(goes(quota("requests.cpu: 50m"))).toBe("unsafe | reconcile-stops ResourceQuota operator/own");
  expect(goes(range("max: {memory: 512Mi}"))).toBe("unsafe | reconcile-stops LimitRange operator/own");
  expect(goes(range("min: {cpu: 200m}"))).toBe("unsafe | reconcile-stops LimitRange operator/own");
  const { findings } = says(tree("operator"), { [FILE]: range("max: {memory: 512Mi}") });
  expect(findings.find(({ rule }) => rule === "reconcile-stops")!.what).toContain(
    "lets no pod of HelmRelease flux-system/flux-operator be started any more",
  );
});

test("it is one pod more than the controllers of Flux", () => {
  const here = tree("flux-system");
  expect(goes(quota("pods: 5", "flux-system"), here)).toBe("unsafe | reconcile-stops ResourceQuota flux-system/own");
  expect(goes(quota("pods: 6", "flux-system"), here)).toBe("safe");
  expect(goes(quota("pods: 5", "flux-system"))).toBe("safe");
});

test("one that it keeps to by the values of its release, and one for others", () => {
  expect(goes(quota("limits.memory: 2Gi, limits.cpu: 4"))).toBe("safe");
  expect(goes(range("max: {memory: 1Gi, cpu: 2}"))).toBe("safe");
  const small = tree("operator", "{resources: {limits: {memory: 256Mi}}}");
  expect(goes(range("max: {memory: 512Mi}"), small)).toBe("safe");
  expect(goes(budget("LimitRange", "limits: [{type: Container, max: {memory: 1Mi}}]", "media"))).toBe("safe");
  expect(inShort({ ...small, [FILE]: range("max: {memory: 1Mi}") }, { [FILE]: range("max: {memory: 2Mi}") })).toBe(
    "safe",
  );
});
