import { expect, test } from "vitest";
import { judge } from "../verify/judge.ts";
import { CONFIG, kustomization, makeSync } from "./make-gotk.ts";
import { type Files, runPhase } from "./run-phases.ts";

test("the operator's bindings name the accounts of a namespace of one's own", () => {
  const start: Files = {
    "cluster/flux/sync.yaml": makeSync("./cluster").replaceAll("namespace: flux-system", "namespace: fluxcd"),
    "cluster/flux/kustomization.yaml": kustomization(
      "namespace: fluxcd\nresources:\n- github.com/fluxcd/flux2/manifests/install?ref=v2.7.5\n- sync.yaml\n",
    ),
    "cluster/settings.yaml": CONFIG,
  };
  const installed = runPhase(start, "install").files;
  const { changed, files } = runPhase(installed, "cutover");
  expect(changed).toContain("cluster/flux/kustomization.yaml");
  const cutover = judge(installed, Object.fromEntries(changed.map((path) => [path, files[path]])));
  expect(cutover.findings.map(({ what }) => what).filter((what) => what.includes("last binding"))).toEqual([]);
  expect(cutover.blockers).toEqual([]);
});
