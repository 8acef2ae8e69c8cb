import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import { PLAYER_APP } from "../references/tree.ts";

const ALERT = `${PLAYER_APP}/alert.yaml`;

/** An Alert that watches objects of some kinds. */
const alert = (...kinds: string[]): string =>
  object("Alert", "player", "notification.toolkit.fluxcd.io/v1beta3", [
    "spec:",
    "  providerRef: {name: player}",
    "  eventSources:",
    ...kinds.flatMap((kind) => [`    - kind: ${kind}`, '      name: "*"']),
  ]);

const withAlert = (text: string): Files => ({
  ...homeTree(),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "alert.yaml"]),
  [ALERT]: text,
});

const refusals = (from: Files, edits: Edits) =>
  judge(from, edits).findings.flatMap(({ rule, what }) => (rule === "object-refused" ? [what] : []));

describe("a word of a list that its CRD does not have", () => {
  test("is refused as before where an item before it goes", () => {
    const before = withAlert(alert("Kustomization", "OCIRepository", "Terraform"));
    expect(refusals(before, { [ALERT]: alert("Kustomization", "Terraform") })).toEqual([]);
    expect(refusals(before, { [ALERT]: alert("Kustomization", "Teraform") })).toHaveLength(1);
  });
});
