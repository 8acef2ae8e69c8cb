import { expect, test } from "vitest";
import { CONFIG, kustomization, makeGotk, makeSync } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";

const [SOURCE, ROOT] = makeSync("./flux").split("---\n").slice(1);

const TREE = {
  "flux/gotk-components.yaml": makeGotk(),
  "flux/settings.yaml": CONFIG,
  "flux/kustomization.yaml": kustomization("resources: [gotk-components.yaml, settings.yaml]\n"),
  "charts/start/Chart.yaml": "apiVersion: v2\nname: start\nversion: 0.1.0\n",
};

test("a root that a chart makes is not adopted: Helm deletes it with all that it delivers", () => {
  const tree = {
    ...TREE,
    "charts/start/templates/source.yaml": SOURCE!,
    "charts/start/templates/sync/root.yaml": ROOT!,
  };
  const { findings, changed } = runPhase(tree, "install");
  const found = findings.filter(({ level }) => level === "blocker");
  expect(found).toMatchObject([{ rule: "sync-not-expressible", at: { file: "charts/start/templates/source.yaml" } }]);
  expect(found[0]!.what).toContain("charts/start makes GitRepository flux-system and Kustomization flux-system");
  expect(found[0]!.next).toContain("--sync keep");
  expect(changed).toEqual([]);
  expect(runPhase(tree, "install", { sync: "keep" }).rules).not.toContain("sync-not-expressible");
});

test("a folder named templates is no chart by itself", () => {
  const { rules } = runPhase({ ...TREE, "templates/source.yaml": `${SOURCE}---\n${ROOT}` }, "install");
  expect(rules).not.toContain("sync-not-expressible");
});
