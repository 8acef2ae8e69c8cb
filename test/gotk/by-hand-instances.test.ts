import { describe, expect, test } from "vitest";
import { planOf } from "../traps/support.ts";
import { fluxKustomization, makeFluxSystem } from "./make-gotk.ts";
import type { Files } from "./run-phases.ts";

const URL = "ssh://git@github.com/owner/fleet";
const byHand = (path: string): Files => ({
  [`${path}/flux-instance.yaml`]: `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  distribution: {version: 2.x, registry: ghcr.io/fluxcd}
  sync: {kind: GitRepository, url: "${URL}", ref: refs/heads/main, path: ${path}}
`,
  [`${path}/kustomization.yaml`]: "resources: [apps.yaml]\n",
  [`${path}/apps.yaml`]: fluxKustomization("apps", "./apps"),
});
const APPS = { "apps/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n" };
const job = (path: string): Files => ({
  ".github/workflows/up.yaml": `jobs:\n  up:\n    steps:\n      - run: flux bootstrap github --owner=owner --repository=fleet --path=${path}\n`,
});

describe("a FluxInstance that a person has applied", () => {
  const said = (files: Files, rule: string, phase: "install" | "cleanup") =>
    planOf({ ...APPS, ...files }, { phase }, [URL]).phases.flatMap(({ clusters }) =>
      clusters.flatMap(({ findings }) => findings.filter((one) => one.rule === rule).map(({ at }) => at?.file)),
    );

  test("is no second one of another cluster", () => {
    const files = { ...makeFluxSystem("clusters/home"), ...byHand("clusters/edge") };
    expect(said(files, "instance-duplicate", "install")).toEqual([]);
    const { "clusters/edge/flux-instance.yaml": text = "" } = byHand("clusters/edge");
    const own = { "clusters/home/old/instance.yaml": text.replace("path: clusters/edge", "path: clusters/home") };
    const listed = { "clusters/home/old/kustomization.yaml": "resources: []\n" };
    expect(said({ ...files, ...own, ...listed }, "instance-duplicate", "install")).toEqual([
      "clusters/home/old/instance.yaml",
    ]);
  });

  test("is what installs Flux in its cluster", () => {
    const { phases } = planOf({ ...APPS, ...byHand("clusters/edge") }, { phase: "cleanup" }, [URL]);
    expect(phases[0]?.clusters.map(({ detected, state }) => [detected.style, state])).toEqual([["operator", "done"]]);
  });

  test("leaves a command that bootstraps Flux to be named", () => {
    const files = { ...byHand("clusters/edge"), ...byHand("clusters/lab") };
    for (const path of ["clusters/edge", "./clusters/$NAME"])
      expect(said({ ...files, ...job(path) }, "automation-installs-flux", "cleanup")).toEqual([
        ".github/workflows/up.yaml",
      ]);
    expect(said(files, "automation-installs-flux", "cleanup")).toEqual([]);
  });
});
