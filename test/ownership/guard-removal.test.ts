import { describe, expect, test } from "vitest";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { findOldGuards } from "../../transforms/guards/index.ts";
import { memoryTree } from "../support/memory.ts";
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

describe("a guard is taken back", () => {
  const spec = (...lines: string[]) => ["kind: Kustomization", "metadata: {name: a}", "spec:", ...lines].join("\n");
  const typed = (text: string) => `apiVersion: kustomize.toolkit.fluxcd.io/v1\n${text}`;
  /** A file without what was added. */
  function takeBack(text: string, file = "flux.yaml"): string {
    const guards = findOldGuards(memoryTree({ [file]: text }));
    const ranges = guards.map(({ range }) => range).sort((a, b) => b.start - a.start);
    return ranges.reduce((now, { start, end, text: to }) => now.slice(0, start) + to + now.slice(end), text);
  }

  test.each([
    ["prune is true again", spec("  prune: false # fluxlift:guard", "  path: a"), spec("  prune: true", "  path: a")],
    ["at the end of a file", spec("  prune: false # fluxlift:guard"), spec("  prune: true")],
    ["another field goes with its line", spec("  suspend: true # fluxlift:guard", "  path: a"), spec("  path: a")],
    ["also at the end of a file", spec("  path: a", "  suspend: true # fluxlift:guard"), spec("  path: a", "")],
    [
      "deletionPolicy as well",
      spec("  deletionPolicy: Orphan # fluxlift:guard", "  prune: false # fluxlift:guard"),
      spec("  prune: true"),
    ],
    [
      "with the line endings of Windows",
      spec("  prune: false # fluxlift:guard", "  suspend: true # fluxlift:guard", "").replaceAll("\n", "\r\n"),
      spec("  prune: true", "").replaceAll("\n", "\r\n"),
    ],
    ["and no field of another name", spec("  wait: true # fluxlift:guard"), spec("  wait: true # fluxlift:guard")],
  ])("%s", (_title, from, to) => {
    expect(takeBack(typed(from))).toBe(typed(to));
    expect(takeBack(typed(from), "a/flux.yml")).toBe(typed(to));
  });

  test("only of Flux's own kinds, in files of YAML", () => {
    const text = spec("  suspend: true # fluxlift:guard");
    expect(takeBack(`apiVersion: batch/v1\n${text.replace("Kustomization", "CronJob")}`)).toContain("fluxlift:guard");
    for (const file of ["flux.md", "flux.yaml.bak", "yaml"]) expect(takeBack(typed(text), file)).toBe(typed(text));
  });
});
