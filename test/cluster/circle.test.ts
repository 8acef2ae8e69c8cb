import { expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { fluxKustomization, makeGotk, makeSync } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";
import { memoryTree } from "../support/memory.ts";

/** The root builds `./start`, that starts `./apps`, and that `./flux`, where the root lies. */
const files = {
  "start/apps.yaml": fluxKustomization("apps", "./apps"),
  "apps/flux.yaml": fluxKustomization("flux", "./flux"),
  "flux/kustomization.yaml": "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n",
  "flux/gotk-components.yaml": makeGotk(),
  "flux/gotk-sync.yaml": makeSync("./start"),
};
const rootsOf = (tree: Record<string, string>) =>
  buildModel({ tree: memoryTree(tree), remotes: [], options: { layout: "auto" } }).clusters.map(
    ({ root }) => `${root.file} ${root.name}`,
  );

test("a root that what it starts delivers begins where it lies with its source", () => {
  expect(rootsOf(files)).toEqual(["flux/gotk-sync.yaml flux-system"]);
  const { cleanup } = runAll(files);
  expect(cleanup.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(cleanup.files["flux/gotk-sync.yaml"]).toBeUndefined();
});

test("and none of those that another root reaches is one", () => {
  const outer = makeSync("./clusters/home").replaceAll("name: flux-system", "name: home");
  const start = {
    "clusters/home/gotk-sync.yaml": outer,
    "clusters/home/start.yaml": fluxKustomization("start", "./start"),
  };
  expect(rootsOf({ ...files, ...start })).toEqual(["clusters/home/gotk-sync.yaml home"]);
});

test("of two that deliver each other the one that lies with its source is the root", () => {
  const pair = {
    "clusters/home/kustomization.yaml": "resources:\n- upgrade.yaml\n",
    "clusters/home/upgrade.yaml": fluxKustomization("flux-upgrade", "./flux"),
    "flux/kustomization.yaml": files["flux/kustomization.yaml"],
    "flux/gotk-components.yaml": makeGotk(),
    "flux/gotk-sync.yaml": makeSync("./clusters/home"),
  };
  expect(rootsOf(pair)).toEqual(["flux/gotk-sync.yaml flux-system"]);
  const { cleanup } = runAll(pair);
  expect(cleanup.findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(cleanup.files["flux/gotk-sync.yaml"]).toBeUndefined();
  expect(cleanup.files["clusters/home/upgrade.yaml"]).toBe(pair["clusters/home/upgrade.yaml"]);
});

test("what nothing delivers and builds the folder of the root once more is no root", () => {
  const twice = {
    "clusters/home/flux-system/kustomization.yaml": files["flux/kustomization.yaml"],
    "clusters/home/flux-system/gotk-components.yaml": makeGotk(),
    "clusters/home/flux-system/gotk-sync.yaml": makeSync("./clusters/home"),
    "clusters/home/flux-system/keys.yaml": fluxKustomization("keys", "clusters/home"),
    "clusters/home/apps.yaml": fluxKustomization("apps", "./apps"),
    "apps/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
  };
  expect(rootsOf(twice)).toEqual(["clusters/home/flux-system/gotk-sync.yaml flux-system"]);
  const { cleanup } = runAll(twice);
  expect(cleanup.files["clusters/home/flux-system/gotk-sync.yaml"]).toBeUndefined();
  expect(cleanup.files["clusters/home/flux-system/keys.yaml"]).toBe(twice["clusters/home/flux-system/keys.yaml"]);
});

test("nor with a source of its own, as what an earlier bootstrap left", () => {
  const later = makeSync("./flux").replaceAll("name: flux-system", "name: cluster");
  const twice = {
    "flux/kustomization.yaml": "resources:\n- config\n",
    "flux/config/kustomization.yaml": "resources:\n- gotk-components.yaml\n- cluster.yaml\n",
    "flux/config/gotk-components.yaml": makeGotk(),
    "flux/config/cluster.yaml": later,
    "flux/flux-system/gotk-sync.yaml": makeSync("./flux"),
  };
  expect(rootsOf(twice)).toEqual(["flux/config/cluster.yaml cluster"]);
  // What reads another repository is another matter: it may well be the parent.
  const other = makeSync("./flux").replace(/url: .*/, "url: https://example.com/other/repository.git");
  expect(rootsOf({ ...twice, "flux/flux-system/gotk-sync.yaml": other })).toContain(
    "flux/flux-system/gotk-sync.yaml flux-system",
  );
});
