import { expect, test } from "vitest";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { findOldGuards } from "../../transforms/guards/index.ts";
import { makeRepo } from "../support/repo.ts";
import { ks, object } from "../verify/home-tree.ts";

test("only marked guards are taken back", async () => {
  const file = "flux.yaml";
  const mine = ks("mine", "a").replace("prune: true", "prune: false # keep");
  const ours = ks("ours", "b").replace("prune: true", "prune: false # fluxlift:guard");
  const release = object("HelmRelease", "flux2", "helm.toolkit.fluxcd.io/v2", [
    "spec:",
    "  interval: 1h",
    "  suspend: true # fluxlift:guard",
  ]);
  const root = makeRepo({ [file]: mine + ours + release, "note.md": "fluxlift:guard\n" });
  const guards = findOldGuards((await openWorkspace(root)).tree);
  expect(guards.map(({ object: { name }, field }) => `${name} ${field}`)).toEqual(["ours prune", "flux2 suspend"]);
  const text = mine + ours + release;
  const edited = guards.reduceRight(
    (now, { range }) => now.slice(0, range.start) + range.text + now.slice(range.end),
    text,
  );
  expect(edited).toContain("prune: false # keep");
  expect(edited).not.toContain("suspend");
  expect(edited).not.toContain("fluxlift:guard");
  expect(edited.match(/prune: true/g)).toHaveLength(1);
});
