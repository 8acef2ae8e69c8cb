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

const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const labelled = (text: string, labels: string) => text.replace("metadata:\n", `metadata:\n  labels: {${labels}}\n`);
/** With a Flux that has readyExpr. */
const later = Object.fromEntries(Object.entries(tree).map(([path, text]) => [path, text.replace("v2.6.4", "v2.8.5")]));
const asking = (expression: string) =>
  tree[CHESS]!.replace("{name: player}", `{name: player, readyExpr: ${JSON.stringify(expression)}}`);

test.each<[expression: string, doubt: boolean]>([
  ["dep.metadata.labels['wave'] == '1'", true],
  ["dep.metadata.labels.wave == self.metadata.labels.own", true],
  ["has(dep.metadata.labels) && dep.metadata.annotations['wave'] == '1'", true],
  ["dep.metadata.labels['app'] == self.metadata.labels.own", false],
  ["dep.metadata.labels['wave'] == '1' || true", false],
  ["dep.metadata.?labels[?'wave'].orValue('') == '' && 'wave' in dep.metadata.labels", false],
  ["dep.metadata.labels['kustomize.toolkit.fluxcd.io/name'] == 'cluster-apps'", false],
])("a condition that reads a label which Git does not give: %s", (text, doubt) => {
  const from = {
    ...later,
    [PLAYER]: labelled(tree[PLAYER]!, "app: player"),
    [CHESS]: labelled(tree[CHESS]!, "own: player"),
  };
  const edit = { [CHESS]: labelled(asking(text), "own: player") };
  expect(inShort(from, edit)).toBe(doubt ? "unproven | safety-unknown Kustomization flux-system/chess" : "safe");
  expect(inShort({ ...from, ...edit }, { [CHESS]: `${edit[CHESS]}  retryInterval: 2m\n` })).toBe("safe");
});

test("a label that a condition reads goes from what it waits for", () => {
  const from = {
    ...later,
    [PLAYER]: labelled(tree[PLAYER]!, "wave: '1'"),
    [CHESS]: asking("dep.metadata.labels.wave == '1'"),
  };
  expect(inShort(from, { [PLAYER]: tree[PLAYER]! })).toBe("unproven | safety-unknown Kustomization flux-system/chess");
});

test("what a ResourceSet waits for is asked the same", () => {
  const set = (expression: string) =>
    [
      "apiVersion: fluxcd.controlplane.io/v1",
      "kind: ResourceSet",
      "metadata: {name: set, namespace: flux-system}",
      "spec:",
      "  dependsOn:",
      "    - apiVersion: v1",
      "      kind: Namespace",
      "      name: media",
      "      ready: true",
      `      readyExpr: ${JSON.stringify(expression)}`,
      "  resources: []",
      "",
    ].join("\n");
  const file = "kubernetes/flux/set.yaml";
  const said = (expression: string) => says(tree, { [file]: set(expression) }).findings.map(({ what }) => what);
  expect(said("metadata.labels['tenant'] == 'a'").join()).toContain(
    "its readyExpr reads the label tenant, which Namespace media does not have in Git",
  );
  expect(said("'tenant' in metadata.labels").join()).not.toContain("tenant");
});
