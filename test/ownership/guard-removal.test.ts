import { expect, test } from "vitest";
import { findOldGuards } from "../../src/flux/guard-removal.ts";
import { openWorkspace } from "../../src/workspace/snapshot.ts";
import { editYaml } from "../../src/yaml/index.ts";
import { makeRepo } from "../support/repo.ts";
import { ks, object } from "../verify/home-tree.ts";

test("only marked guards are taken back", () => {
  const file = "flux.yaml";
  const mine = ks("mine", "a").replace("prune: true", "prune: false # keep");
  const ours = ks("ours", "b").replace("prune: true", "prune: false # fluxlift:guard");
  const release = object("HelmRelease", "flux2", "helm.toolkit.fluxcd.io/v2", [
    "spec:",
    "  interval: 1h",
    "  suspend: true # fluxlift:guard",
  ]);
  const root = makeRepo({ [file]: mine + ours + release, "note.md": "fluxlift:guard\n" });
  const guards = findOldGuards(openWorkspace(root).tree);
  expect(guards.map(({ object: { name }, field }) => `${name} ${field}`)).toEqual(["ours prune", "flux2 suspend"]);
  const edited = editYaml(
    mine + ours + release,
    guards.map(({ op }) => op),
  );
  if (!edited.ok) throw new Error(edited.reason);
  expect(edited.text).toContain("prune: false # keep");
  expect(edited.text).not.toContain("suspend");
  expect(edited.text.match(/prune: true/g)).toHaveLength(1);
});
