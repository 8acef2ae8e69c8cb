import { expect, test } from "vitest";
import { blockers, CLUSTER, type Files, homeOps, list, type OPTIONS, run } from "../traps/support.ts";

const TAG = 'APP_TAG: v1 # {"$imagepolicy": "flux-system:app:tag"}';
const postBuild = `  postBuild:\n    substitute:\n      ZONE: home\n      ${TAG}\n`;
const rules = (files: Files, options: Partial<typeof OPTIONS> = {}) =>
  blockers(run(files, options)).filter((rule) => rule.startsWith("sync-field-automated"));

test("a field of the root that image automation sets stops the phase, unless the root stays in Git", () => {
  const files = homeOps({ root: postBuild });
  const found = run(files).findings.find(({ rule }) => rule === "sync-field-automated");
  expect(found?.level).toBe("blocker");
  expect(found?.at?.file).toBe(CLUSTER);
  expect(files[CLUSTER]!.split("\n")[found!.at!.line - 1]?.trim()).toBe(TAG);
  expect(found?.what).toContain("APP_TAG of Kustomization flux-system/cluster");
  expect(found?.what).not.toContain("ZONE");
  expect(rules(files, { sync: "keep" })).toEqual([]);
});

test("in a patch of the root, too", () => {
  const patch = `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: cluster\n  namespace: flux-system\nspec:\n${postBuild}`;
  const files = {
    ...homeOps(),
    "kubernetes/flux/config/kustomization.yaml": `${list("./cluster.yaml", "./flux.yaml")}patches:\n  - path: tags.yaml\n`,
    "kubernetes/flux/config/tags.yaml": patch,
  };
  expect(rules(files)).toEqual(["sync-field-automated kubernetes/flux/config/tags.yaml"]);
});

test("not in what is no part of the sync", () => {
  const files = homeOps();
  const apps = "kubernetes/flux/apps.yaml";
  expect(files[apps]).toContain("name: cluster-apps");
  expect(rules({ ...files, [apps]: `${files[apps]}${postBuild}` })).toEqual([]);
  expect(rules({ ...homeOps({ root: postBuild.replace("# {", "# see {") }) })).toEqual([]);
});

test("a marker that no automation of the repository reaches stops nothing, and is said", () => {
  const automation = (path: string) => ({
    "kubernetes/apps/automation.yaml": `apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: ImageUpdateAutomation\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  update:\n    path: ${path}\n`,
  });
  const files = homeOps({ root: postBuild });
  expect(rules({ ...files, ...automation("./kubernetes/apps") })).toEqual([]);
  const said = run({ ...files, ...automation("./kubernetes/apps") }).findings.find(({ at }) => at?.file === CLUSTER);
  expect([said?.rule, said?.level]).toEqual(["sync-marker-idle", "info"]);
  expect(said?.what).toContain("APP_TAG of Kustomization flux-system/cluster");
  for (const path of ["./kubernetes", ".", "''", "./kubernetes/flux/", "./${CLUSTER}"])
    expect(rules({ ...files, ...automation(path) }), path).toHaveLength(1);
});
