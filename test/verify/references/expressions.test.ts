import { expect, test } from "vitest";
import { homeTree } from "../home-tree.ts";
import { CHESS, inShort, says } from "./tree.ts";

const tree = homeTree();
const READY = "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')";

const lines = (expression: string, field = "current") => [
  "  healthCheckExprs:",
  "    - apiVersion: example.invalid/v1",
  "      kind: Board",
  ...(field === "current" ? [] : [`      current: ${READY}`]),
  `      ${field}: ${JSON.stringify(expression)}`,
];
const judged = (...expression: [string, string?]) => ({
  [CHESS]: [tree[CHESS], ...lines(...expression), ""].join("\n"),
});

test.each([
  READY,
  "has(status.phase) && status.phase in ['Running', \"Done\"]",
  "status.phase.matches(r'^Run') // whatever comes",
  "size(status.nodes) > 0 ? int(status.ready) >= 1 : true",
  "status.?ready.orValue(false) && status.conditions[?0].hasValue()",
  "timestamp(status.since) < now && metadata.labels['a/b'] == \"\"",
])("an expression of a health check that can be read: %s", (text) => {
  expect(inShort(tree, judged(text))).toBe("safe");
});

test.each([
  ["a quote that is not closed", "status.phase == 'Running"],
  ["a sign too few", "status.ready = true"],
  ["a bracket too many", "size(status.nodes)) > 0"],
  ["shell", "[ $ready -eq 1 ]"],
  ["words", "when it is ready"],
])("one that is no CEL: %s", (_what, text) => {
  expect(inShort(tree, judged(text))).toBe("unsafe | reconcile-stops Kustomization flux-system/chess");
  expect(inShort(tree, judged(text, "failed"))).toBe("unsafe | reconcile-stops Kustomization flux-system/chess");
});

test("the finding shows the expression where it stands", () => {
  const { findings } = says(tree, judged("status.ready = true"));
  expect(findings.find(({ rule }) => rule === "reconcile-stops")).toMatchObject({
    what: expect.stringContaining("spec.healthCheckExprs.0.current is no CEL expression (Unexpected character: =)"),
    at: { file: CHESS },
  });
});

test("one that was there before, and one that Flux fills in, say nothing", () => {
  const wrong = judged("status.ready = true");
  expect(inShort({ ...tree, ...wrong }, { [CHESS]: `${wrong[CHESS]}  retryInterval: 2m\n` })).toBe("safe");
  expect(inShort(tree, judged("status.ready == ${READY:=true}"))).not.toContain("reconcile-stops");
});

test.each([
  "{?'a': status.b}.size() == 1",
  "status.b in [?status.a]",
  "bytes(status.b) == br'\\d'",
  ".status.ready == true",
  "a.B{c: 1}.c == 1",
])("one of a kind that is not read here: %s", (text) => {
  expect(inShort(tree, judged(text))).toBe("unproven | safety-unknown Kustomization flux-system/chess");
});

test("a condition of a dependency, which Flux 2.7 knows", () => {
  const newer = Object.fromEntries(
    Object.entries(tree).map(([file, text]) => [file, text.replace("v2.6.4", "v2.7.5")]),
  );
  const waits = (text: string) => ({
    [CHESS]: tree[CHESS]!.replace("{name: player}", `{name: player, readyExpr: ${JSON.stringify(text)}}`),
  });
  for (const text of [
    "dep.status.observedGeneration == self.metadata.generation",
    "dep.status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True') && !has(self.spec.suspend)",
    "type(dep.spec.path) == string && sets.contains(self.spec.components, ['a'])",
  ])
    expect(inShort(newer, waits(text))).toBe("safe");
  const refused = says(newer, waits("status.ready == true")).findings.find(({ rule }) => rule === "reconcile-stops");
  expect(refused?.what).toContain("no condition that Flux takes (it may name self and dep, and not status)");
  for (const text of ["dep.status.ready", "dep.?status.orValue(false) == conditions[0]", "'yes'"])
    expect(inShort(newer, waits(text))).toBe("unsafe | reconcile-stops Kustomization flux-system/chess");
  expect(inShort(newer, waits("dep.status.ready =="))).toBe("unsafe | reconcile-stops Kustomization flux-system/chess");
});
