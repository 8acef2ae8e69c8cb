import { expect, test } from "vitest";
import { run } from "../traps/support.ts";
import { flux, gitRepository, list, URL } from "./fleet.ts";

const MANIFESTS =
  "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-manifests\n  namespace: flux-system\nspec:\n  interval: 10m\n  url: oci://ghcr.io/fluxcd/flux-manifests\n  ref:\n    tag: v2.6.4\n";

/** Two that deliver themselves: one holds the sources, the other one applies what a source holds. */
const FILES = {
  "sources/kustomization.yaml": list("start.yaml", "git.yaml", "oci.yaml"),
  "sources/start.yaml": flux("sources", "./sources"),
  "sources/git.yaml": gitRepository("home-ops", URL),
  "sources/oci.yaml": MANIFESTS,
  "home/kubernetes/kustomization.yaml": list("start.yaml", "flux.yaml"),
  "home/kubernetes/start.yaml": flux("home", "./home/kubernetes"),
  "home/kubernetes/flux.yaml": flux("flux", "./", "OCIRepository flux-manifests"),
};
const stopped = (more: Record<string, string>) =>
  run({ ...FILES, ...more }).findings.filter(({ level }) => level === "blocker");

test("a second start that installs Flux is named, and no second install is asked for", () => {
  const [finding, ...others] = stopped({});
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ rule: "install-not-found", at: { file: "sources/start.yaml" } });
  expect(finding?.what).toContain("Kustomization flux-system/home (home/kubernetes/start.yaml) does");
  expect(finding?.next).toContain("list sources/start.yaml in the kustomization of home/kubernetes, or");
  expect(finding?.next).not.toContain("flux install --export");
});

test("either way that it tells goes on", () => {
  const home = list("start.yaml", "flux.yaml", "../../sources/start.yaml");
  expect(stopped({ "home/kubernetes/kustomization.yaml": home })).toEqual([]);
  const sources = list("start.yaml", "git.yaml", "oci.yaml", "../home/kubernetes/start.yaml");
  expect(stopped({ "sources/kustomization.yaml": sources })).toEqual([]);
});
