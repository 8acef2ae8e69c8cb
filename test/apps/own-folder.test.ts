import { expect, test } from "vitest";
import { flux, gitRepository, list, URL } from "../cluster/fleet.ts";
import { run } from "../traps/support.ts";

const MANIFESTS =
  "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-manifests\n  namespace: flux-system\nspec:\n  interval: 10m\n  url: oci://ghcr.io/fluxcd/flux-manifests\n  ref:\n    tag: v2.6.4\n";

test("a root that builds a folder of that name gets no second one in it", () => {
  const { files, findings } = run({
    "home/flux-system/kustomization.yaml": list("git.yaml", "root.yaml", "oci.yaml", "flux.yaml"),
    "home/flux-system/git.yaml": gitRepository("home-ops", URL),
    "home/flux-system/root.yaml": flux("home", "./home/flux-system"),
    "home/flux-system/oci.yaml": MANIFESTS,
    "home/flux-system/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests"),
  });
  expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
  expect(files["home/flux-system/flux-instance/helmrelease.yaml"]).toBeDefined();
  expect(files["home/flux-system/kustomization.yaml"]).toMatch(/- flux-operator\.yaml\n\s*- flux-instance\.yaml\n$/);
});
