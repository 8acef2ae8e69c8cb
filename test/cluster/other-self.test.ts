import { expect, test } from "vitest";
import { run } from "../traps/support.ts";
import { flux, gitRepository, list, URL } from "./fleet.ts";

const source = gitRepository("flux-system", URL);
const self = (path: string, more = "") => flux("flux-system", path, "GitRepository flux-system", more);

/** The second bootstrap went to a folder that lists what the first one wrote; `listed` is in the folder above. */
const twice = (first: string, second: string, listed: string[]) => ({
  "prod/kustomization.yaml": list("app.yaml", ...listed),
  "prod/app.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n  namespace: default\n",
  "prod/flux-system/kustomization.yaml": list("sync.yaml"),
  "prod/flux-system/sync.yaml": `${source}${first}`,
  "prod/flux-system/flux-system/sync.yaml": `${source}${second}`,
});
const said = (files: Record<string, string>) => {
  const { findings } = run(files, {}, [URL]);
  return findings.filter(({ at }) => at?.file === "prod/flux-system/sync.yaml" && at.col > 1);
};

test("a root that delivers another manifest of itself, for another folder, stops", () => {
  const [finding, ...others] = said(twice(self("./prod"), self("./prod/flux-system"), []));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ rule: "root-ambiguous", level: "blocker" });
  expect(finding?.what).toContain("(prod/flux-system/flux-system/sync.yaml) builds prod/flux-system,");
  expect(finding?.what).toContain("has it build ./prod instead");
});

test("another manifest for the same folder does not, nor one that builds itself, nor a path that is filled in", () => {
  expect(said(twice(self("./prod/flux-system"), self("./prod/flux-system"), []))).toEqual([]);
  expect(said(twice(self("./prod"), self("./prod/flux-system"), ["flux-system"]))).toEqual([]);
  const filled = "  postBuild:\n    substitute:\n      CLUSTER: prod/flux-system\n";
  expect(said(twice(self("./${CLUSTER}"), self("./prod/flux-system", filled), []))).toEqual([]);
});
