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

test("where the root lists a folder an app, and the one of that name is the owner's, the two stand among them", () => {
  const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  namespace: web\n";
  const files = {
    "root/cluster.yaml": gitRepository("home-ops", URL) + flux("cluster", "./apps"),
    "apps/kustomization.yaml": list("flux-system", "web"),
    "apps/flux-system/kustomization.yaml": list("oci.yaml", "flux.yaml"),
    "apps/flux-system/oci.yaml": MANIFESTS,
    "apps/flux-system/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests"),
    "apps/web/kustomization.yaml": list("cm.yaml"),
    "apps/web/cm.yaml": configMap,
  };
  const placeOf = (all: Record<string, string>) =>
    Object.keys(run(all).files).filter((path) => /flux-instance\/helmrelease/.test(path));
  expect(placeOf(files)).toEqual(["apps/flux-instance/helmrelease.yaml"]);
  const mixed = {
    ...files,
    "apps/kustomization.yaml": list("flux-system", "web", "more.yaml"),
    "apps/more.yaml": configMap.replace("name: web", "name: more"),
  };
  expect(placeOf(mixed)).toEqual(["flux-system/flux-instance/helmrelease.yaml"]);
});
