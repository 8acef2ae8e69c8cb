import { expect, test } from "vitest";
import { APP, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

/** `path` is optional: without one, Flux builds the whole repository. */
const all = (name: string) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 10m
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;

const FILES = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP };

test("what has no path and nothing delivers takes the place of no root, and is named", () => {
  const { plan, findings } = runPhase(
    { ...FILES, "samples/ks.yaml": all("all"), "docs/all.yaml": all("other") },
    "install",
  );
  const { clusters } = plan.phases[0]!;
  expect(clusters.map(({ detected }) => detected.root?.name)).toEqual(["flux-system"]);
  const left = findings.filter(({ rule }) => rule === "cluster-left-out").map(({ at }) => at?.file);
  expect(left.sort()).toEqual(["docs/all.yaml", "samples/ks.yaml"]);
});

test("it is the root where it lies beside its source, or another start delivers it", () => {
  const beside = runPhase({ ...FILES, "clusters/home/flux-system/all.yaml": all("all") }, "install");
  expect(beside.plan.phases[0]!.clusters.map(({ detected }) => detected.root?.name)).toEqual(["all"]);
});
