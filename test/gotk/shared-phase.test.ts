import { expect, test } from "vitest";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { renderText } from "../../src/report/text.ts";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { type Files, runAll } from "./run-phases.ts";

/** Install and sync in a base, with a source that gets another name; each cluster has its path from a patch of its own. */
function fleet(): Files {
  const { "base/flux-system/gotk-sync.yaml": sync, ...base } = makeFluxSystem("base");
  const open = sync!.replace("  path: ./base\n", "").replace("name: flux-system", "name: fleet");
  const overlay = (name: string): Files => ({
    [`clusters/${name}/kustomization.yaml`]: kustomization("resources:\n- flux-system\n"),
    [`clusters/${name}/flux-system/kustomization.yaml`]: kustomization(
      "resources:\n- ../../../base/flux-system\n- settings.yaml\npatches:\n- path: root.yaml\n",
    ),
    [`clusters/${name}/flux-system/settings.yaml`]: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\n`,
    [`clusters/${name}/flux-system/root.yaml`]: `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  path: ./clusters/${name}\n`,
  });
  const path = "base/flux-system/gotk-sync.yaml";
  const text = open.replace(/(sourceRef:\n {4}kind: GitRepository\n {4}name: )flux-system/, "$1fleet");
  return { ...base, [path]: text, ...overlay("blue"), ...overlay("green") };
}

test("a cluster whose files all go with those of another is told what Flux does, and by which of its own", () => {
  const { cleanup } = runAll(fleet());
  const [blue, green] = cleanup.plan.phases[0]!.clusters;
  expect(green!.edits).toEqual([]);
  expect(green!.safety?.outcomes.deleted?.names).toEqual(blue!.safety?.outcomes.deleted?.names);
  expect(green!.safety?.dangers.map(({ origin }) => origin?.at.file)).toEqual([
    "clusters/green/flux-system/kustomization.yaml",
  ]);
  expect(green!.detected.source?.at).toEqual(blue!.detected.source?.at);
  const text = renderText(cleanup.plan, { colour: false, verbose: true, width: 200 });
  expect(text).not.toContain("nothing to change");
  expect(text.split("► green")[1]).toContain("GitRepository flux-system/fleet is deleted");
  expect(renderMarkdown(cleanup.plan)).not.toContain("in the tree already");
});
