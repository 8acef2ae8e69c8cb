import { expect, test } from "vitest";
import { planOf } from "../traps/support.ts";
import { fleet, flux, list, URL } from "./fleet.ts";

const modules = (...paths: string[]) =>
  paths.map((path) => `[submodule "x"]\n\tpath = ${path}\n\turl = ../other\n`).join("");

const said = (files: Record<string, string>) =>
  planOf(files).findings.flatMap(({ rule, level, at, what }) =>
    rule === "content-elsewhere" ? [[level, at?.file, what]] : [],
  );

/** A cluster that builds `folder`, with this in the spec of its source. */
function builds(folder: string, spec: string): Record<string, string> {
  const files = fleet({ main: { dir: "kubernetes" } });
  const file = "kubernetes/flux/config/cluster.yaml";
  return {
    ...files,
    [file]: files[file]!.replace(`  url: ${URL}\n`, `  url: ${URL}\n${spec}`),
    "kubernetes/apps/default/web/ks.yaml": flux("web", `./${folder}`),
  };
}

const SUBMODULES = "  recurseSubmodules: true\n";

test("what a cluster builds out of a submodule is neither searched nor edited, and the plan says so", () => {
  const files = { ...builds("infra/web", SUBMODULES), ".gitmodules": modules("infra", "docs/theme") };
  expect(said(files)).toEqual([
    [
      "caution",
      "kubernetes/flux/config/cluster.yaml",
      "GitRepository flux-system/home-ops fills infra from another repository (spec.recurseSubmodules): what Flux reads there is neither searched nor edited.",
    ],
  ]);
  // Of no folder that is built, or not fetched.
  expect(said({ ...files, ".gitmodules": modules("docs/theme") })).toEqual([]);
  expect(said({ ...builds("infra/web", ""), ".gitmodules": modules("infra") })).toEqual([]);
});

test("so it is with what its source includes", () => {
  const include =
    "  include:\n    - repository:\n        name: shared\n      toPath: kubernetes/apps/default/web/app/shared\n";
  expect(said(builds("kubernetes/apps/default/web/app", include))).toEqual([
    ["caution", expect.anything(), expect.stringContaining("web/app/shared from another repository (spec.include)")],
  ]);
});

test("a repository with nothing of Flux in it names its submodules, which are not entered", () => {
  const next = (paths: string[]) => {
    const files = { "README.md": "Nothing.\n", "a/kustomization.yaml": list(), ".gitmodules": modules(...paths) };
    return planOf(files).findings.map((finding) => finding.next);
  };
  expect(next(["my infra"])).toEqual([
    expect.stringMatching(/^my infra is a submodule, which is not entered: .* run fluxlift scan 'my infra'\. Check/),
  ]);
  expect(next(["infra", "apps"])[0]).toContain("Other submodules are not entered either: apps.");
});
