import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import { PLAYER_APP } from "../references/tree.ts";

const ALERT = `${PLAYER_APP}/alert.yaml`;
const PATCHES = "kubernetes/flux/patches.txt";

/** An Alert that watches objects of some kinds. */
const alert = (...kinds: string[]): string =>
  object("Alert", "player", "notification.toolkit.fluxcd.io/v1beta3", [
    "spec:",
    "  providerRef: {name: player}",
    "  eventSources:",
    ...kinds.flatMap((kind) => [`    - kind: ${kind}`, '      name: "*"']),
  ]);

const withAlert = (text: string, more: Files = {}): Files => ({
  ...homeTree(),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "alert.yaml"]),
  [ALERT]: text,
  ...more,
});

const refusals = (from: Files, edits: Edits) =>
  judge(from, edits).findings.flatMap(({ rule, what }) => (rule === "object-refused" ? [what] : []));

describe("a word of a list that its CRD does not have", () => {
  test("is refused as before where an item before it goes", () => {
    const before = withAlert(alert("Kustomization", "OCIRepository", "Terraform"));
    expect(refusals(before, { [ALERT]: alert("Kustomization", "Terraform") })).toEqual([]);
    expect(refusals(before, { [ALERT]: alert("Kustomization", "Teraform") })).toHaveLength(1);
  });

  test.each<[string, string, number]>([
    ["a patch of that field", "- op: add\n  path: /spec/x/properties/kind/enum/-\n  value: Terraform\n", 0],
    ["the same the other way round", '{\n  "value": "Terraform",\n  "path": "/x/properties/kind/enum/-"\n}\n', 0],
    ["a patch of another field", "- op: add\n  path: /spec/x/properties/type/enum/-\n  value: Terraform\n", 1],
    ["a patch with another word", "- op: add\n  path: /spec/x/properties/kind/enum/-\n  value: Pipeline\n", 1],
    ["a comment", "# - op: add\n#   path: /spec/x/properties/kind/enum/-\n#   value: Terraform\n", 1],
  ])("is one where %s adds it", (_, patch, count) => {
    const before = withAlert(alert("Kustomization"), { [PATCHES]: patch });
    expect(refusals(before, { [ALERT]: alert("Kustomization", "Terraform") })).toHaveLength(count);
  });
});
