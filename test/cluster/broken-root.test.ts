import { expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { APP, CONFIG, kustomization, makeFluxSystem } from "../gotk/make-gotk.ts";
import { type Files, instanceText, runPhase } from "../gotk/run-phases.ts";
import { memoryTree } from "../support/memory.ts";

const ROOT = "clusters/home/kustomization.yaml";
const more = APP.replaceAll("apps", "infrastructure");
const home = (root: string): Files => ({
  ...makeFluxSystem("clusters/home"),
  "clusters/home/apps.yaml": APP,
  "clusters/home/infrastructure.yaml": more,
  "apps/settings.yaml": CONFIG,
  "infrastructure/settings.yaml": CONFIG.replace("settings", "more"),
  [ROOT]: root,
});

test("a root whose folder kustomize refuses is named with the file, not called one of several", () => {
  const wrong = kustomization("resources:\n- apps.yaml\n- infrastructure.yaml\n").replace("v1beta1", "v1");
  const { clusters } = buildModel({ tree: memoryTree(home(wrong)), remotes: [], options: { layout: "auto" } });
  const [found] = clusters.flatMap(({ findings }) => findings).filter(({ rule }) => rule === "root-ambiguous");
  expect(found).toMatchObject({ at: { file: ROOT, line: 1 }, next: expect.stringMatching(/^Mend it/) });
  expect(found!.what).toContain("flux-system cannot be built (apiVersion for Kustomization should be");
});

test("the apps lie in the folder of the sync also where the root lists its own files, and not that folder", () => {
  const { files, changed } = runPhase(
    home(kustomization("resources:\n- apps.yaml\n- infrastructure.yaml\n")),
    "install",
  );
  expect(changed).toContain("clusters/home/flux-system/flux-instance/helmrelease.yaml");
  expect(files["clusters/home/flux-operator.yaml"]).toContain("path: ./clusters/home/flux-system/flux-operator\n");
  expect(files[ROOT]).toContain("- flux-instance.yaml\n");
  expect(instanceText(files)).toContain("path: ./clusters/home\n");
});
