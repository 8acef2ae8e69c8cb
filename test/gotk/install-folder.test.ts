import { expect, test } from "vitest";
import { CONFIG, fluxKustomization, kustomization, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, runAll } from "./run-phases.ts";

/** An install that a FluxKustomization of its own applies, from a folder that holds something else as well. */
const tree = (): Files => ({
  "clusters/home/kustomization.yaml": kustomization("resources:\n- sync.yaml\n- flux.yaml\n- alerts.yaml\n"),
  "clusters/home/sync.yaml": makeSync("clusters/home"),
  "clusters/home/flux.yaml": fluxKustomization("flux", "./system/flux"),
  "clusters/home/alerts.yaml": fluxKustomization("alerts", "./system/flux/alerts"),
  "system/flux/kustomization.yaml": kustomization("resources:\n- install.yaml\n"),
  "system/flux/install.yaml": makeGotk(),
  "system/flux/alerts/kustomization.yaml": kustomization("resources:\n- settings.yaml\n"),
  "system/flux/alerts/settings.yaml": CONFIG,
});

test("what lies below the folder of an install is not built, and deleted, by what goes with the install", () => {
  const { install, cutover, cleanup } = runAll(tree());
  for (const { findings } of [install, cutover, cleanup])
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(cutover.files["system/flux/install.yaml"]).toBeUndefined();
  expect(cutover.files["clusters/home/flux.yaml"]).toBeUndefined();
  expect(cutover.files["system/flux/kustomization.yaml"]).toBe(kustomization("resources: []\n"));
  expect(cleanup.files["system/flux/alerts/settings.yaml"]).toBe(CONFIG);
});

test("with nothing below it the folder goes as a whole", () => {
  const below = ([path]: [string, string]) => path.startsWith("system/flux/alerts/");
  const alone = Object.fromEntries(Object.entries(tree()).filter((file) => !below(file)));
  const alerts = {
    "clusters/home/alerts.yaml": fluxKustomization("alerts", "./alerts"),
    "alerts/settings.yaml": CONFIG,
  };
  const { cutover } = runAll({ ...alone, ...alerts });
  expect(Object.keys(cutover.files).filter((path) => path.startsWith("system/flux/"))).toEqual([]);
});

test("what delivered source and root as well stays, builds nothing, and is named", () => {
  const files = {
    ...tree(),
    "clusters/home/kustomization.yaml": kustomization("resources:\n- flux.yaml\n- alerts.yaml\n"),
    "system/flux/kustomization.yaml": kustomization("resources:\n- install.yaml\n- sync.yaml\n"),
    "system/flux/sync.yaml": makeSync("clusters/home"),
  };
  delete (files as Files)["clusters/home/sync.yaml"];
  const { cutover, cleanup } = runAll(files);
  expect(cutover.rules).not.toContain("builds-nothing");
  expect(cleanup.files["system/flux/kustomization.yaml"]).toBe(kustomization("resources: []\n"));
  expect(cleanup.files["clusters/home/flux.yaml"]).toBe(fluxKustomization("flux", "./system/flux"));
  const found = cleanup.findings.find(({ rule }) => rule === "builds-nothing");
  expect(found).toMatchObject({ level: "info", at: { file: "clusters/home/flux.yaml", line: 1 } });
  expect(found?.what).toBe(
    "Kustomization flux-system/flux builds system/flux, in which nothing is left: it applies nothing any more.",
  );
});
