import { expect, test } from "vitest";
import { APP, fluxKustomization, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

const FILES = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP };

test("what has no path and nothing delivers takes the place of no root, and is named", () => {
  const { plan, findings } = runPhase(
    { ...FILES, "samples/ks.yaml": fluxKustomization("all"), "docs/all.yaml": fluxKustomization("other") },
    "install",
  );
  const { clusters } = plan.phases[0]!;
  expect(clusters.map(({ detected }) => detected.root?.name)).toEqual(["flux-system"]);
  const left = findings.filter(({ rule }) => rule === "cluster-left-out").map(({ at }) => at?.file);
  expect(left.sort()).toEqual(["docs/all.yaml", "samples/ks.yaml"]);
});

test("it is the root where it lies beside its source, or another start delivers it", () => {
  const beside = runPhase({ ...FILES, "clusters/home/flux-system/all.yaml": fluxKustomization("all") }, "install");
  expect(beside.plan.phases[0]!.clusters.map(({ detected }) => detected.root?.name)).toEqual(["all"]);
});
