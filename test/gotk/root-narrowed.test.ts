import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { APP, CONFIG, makeFluxSystem } from "./make-gotk.ts";
import { type Files, instanceText, runAll, runPhase } from "./run-phases.ts";

const KS =
  "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: x\nspec:\n  prune: true\n";
const PLAIN = "fluxlift.dev/plain notin (true)";
const fleet = (patch = KS): Files => ({
  ...makeFluxSystem("clusters/x", { root: { patches: [{ patch, target: { kind: "Kustomization" } }] } }),
  "clusters/x/apps.yaml": APP,
  "apps/settings.yaml": CONFIG,
});
const targets = (files: Files) => {
  const [{ patch }] = parse(instanceText(files)).spec.values.instance.kustomize.patches;
  return parse(patch).spec.patches.map(({ target }: { target: object }) => target);
};

describe("a root that applies the apps itself, and patches all that it applies", () => {
  test("leaves them out for good: the instance that generates it anew says so too", () => {
    const { install, cutover, cleanup } = runAll(fleet());
    const blocked = [install, cutover, cleanup].flatMap(({ findings }) => findings);
    expect(blocked.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(install.files["clusters/x/flux-system/gotk-sync.yaml"]).toContain(PLAIN);
    expect(targets(install.files)).toEqual([{ kind: "Kustomization", labelSelector: PLAIN }]);
    expect(runPhase(install.files, "install").changed).toEqual([]);
    expect(targets(cleanup.files)).toEqual([{ kind: "Kustomization", labelSelector: PLAIN }]);
  });

  test("is left as it is where the instance does not generate it", () => {
    const { files } = runPhase(fleet(), "install", { sync: "keep" });
    expect(files["clusters/x/flux-system/gotk-sync.yaml"]).toContain(PLAIN);
    expect(parse(instanceText(files)).spec.values.instance.kustomize).toBeUndefined();
  });
});

test("a patch that gives the root another path, and names no object, leaves operator and instance their own", () => {
  const dir = "clusters/x/flux-system";
  const body = `  - patch: |\n      apiVersion: kustomize.toolkit.fluxcd.io/v1\n      kind: Kustomization\n      metadata:\n        name: all\n      spec:\n        path: ./${dir}\n    target:\n      kind: Kustomization\n`;
  const listed = "resources:\n  - gotk-components.yaml\n  - gotk-sync.yaml\npatches:\n";
  const head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
  const { install, cutover, cleanup } = runAll(makeFluxSystem("clusters/x", { kustomization: head + listed + body }));
  const found = [install, cutover, cleanup].flatMap(({ findings }) => findings);
  expect(found.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(install.files[`${dir}/kustomization.yaml`]).toContain(`kind: Kustomization\n      labelSelector: ${PLAIN}\n`);
  expect(parse(instanceText(cleanup.files)).spec.values.instance.sync.path).toBe(`./${dir}`);
});
