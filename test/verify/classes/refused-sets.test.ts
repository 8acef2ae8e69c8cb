import { expect, test } from "vitest";
import { object, operatorTree } from "../home-tree.ts";
import { judge } from "../judge.ts";

const FILE = "kubernetes/flux/set.yaml";
const set = (spec: string) =>
  object("ResourceSet", "web", "fluxcd.controlplane.io/v1", [`  namespace: flux-system\nspec: {${spec}}`]);
const MAKES = "resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: web, namespace: flux-system}}]";
const OTHER = MAKES.replace("name: web", "name: shop");
const ON = "apiVersion: v1, kind: Secret, name: settings, namespace: flux-system";
const say = (spec: string) => judge({ ...operatorTree(), [FILE]: set(MAKES) }, { [FILE]: set(spec) });

test.each([
  ["wait: true", "spec.resources is missing, and so is resourcesTemplate"],
  ["steps: [{name: a}]", "spec.steps.0.resources is missing, and so is resourcesTemplate"],
  [`steps: [{name: a, ${MAKES}}, {name: a, ${OTHER}}]`, "spec.steps.1.name is a, as another step is called"],
  [
    `${MAKES}, inputsFrom: [{name: a, selector: {matchLabels: {a: b}}}]`,
    "spec.inputsFrom.0.selector stands beside name",
  ],
  [`${MAKES}, inputsFrom: [{kind: ResourceSetInputProvider}]`, "spec.inputsFrom.0.name is missing, and so is selector"],
  [
    `${MAKES}, inputStrategy: {name: Flatten, includeEmptyProviders: true}`,
    "spec.inputStrategy.includeEmptyProviders stands beside name Flatten",
  ],
])("a ResourceSet that the API server refuses: %s", (spec, says) => {
  const refused = say(spec).findings.filter(({ rule }) => rule === "object-refused");
  expect(refused.map(({ what }) => what)).toEqual([expect.stringContaining(says)]);
});

test.each([
  `steps: [{name: a, ${MAKES}}, {name: b, ${OTHER}}]`,
  "resourcesTemplate: ''",
  `${MAKES}, inputsFrom: [{selector: {matchLabels: {a: b}}}]`,
  `${MAKES}, inputStrategy: {name: Permute, includeEmptyProviders: true}`,
  `${MAKES}, dependsOn: [{${ON}, ready: false, readyExpr: 'true'}]`,
])("one that it takes: %s", (spec) => {
  expect(say(spec).blockers).not.toContain("object-refused");
});

test("a readyExpr without ready, which the operator refuses from 0.59.0 on", () => {
  const { safety } = say(`${MAKES}, dependsOn: [{${ON}, readyExpr: "has(self.data)"}]`);
  expect(safety.verdict).toBe("unproven");
  expect(safety.unknown.map(({ what }) => what).join()).toContain(
    "spec.dependsOn.0.readyExpr, which stands there without ready, as no Flux Operator from 0.59.0 on takes it",
  );
});
