import { expect, test } from "vitest";
import { sayFinding } from "../../src/findings/say.ts";
import transform from "../../transforms/docs-mentions/index.ts";
import { clusterFiles, contextOf, runTransform } from "./support.ts";

function linesOf(text: string, cluster = "main"): string[] {
  const files = { ...clusterFiles("kubernetes/main"), ...clusterFiles("kubernetes/edge"), "README.md": text };
  const outcome = runTransform(transform, contextOf(files, cluster));
  expect(outcome.texts).toEqual({});
  return outcome.findings.map(({ what }) => /renames: (.*)\.$/.exec(what)?.[1] ?? "?");
}

test("folds every line of a page into one finding", () => {
  expect(linesOf("see kubernetes/main/flux/config\n\nand `kubernetes/main/bootstrap/flux`\n")).toEqual([
    "README.md:1 (kubernetes/main/flux/config), README.md:3 (kubernetes/main/bootstrap/flux)",
  ]);
});

test("names where a page has people put a key, whose folder goes", () => {
  const key = "kubernetes/main/bootstrap/flux/deploy.key";
  expect(linesOf(`ssh-keygen -f ${key}\n`)).toEqual([`README.md:1 (${key})`]);
});

test("the flux CLI may stand in quotes", () => {
  expect(linesOf('"$HOME/bin/flux" bootstrap git\n"influx" install\n"bin/flux" install\n', "edge")).toEqual([
    'README.md:1 (flux" bootstrap), README.md:3 (flux" install)',
  ]);
});

test.each(["guide.adoc", "guide.org", "docs/guide.txt", "guide.rst"])("%s is a page", (path) => {
  const files = { ...clusterFiles("kubernetes/main"), [path]: "flux bootstrap github --path=x\n" };
  const { findings } = runTransform(transform, contextOf(files));
  expect(findings.map(({ rule, at }) => [rule, at?.file])).toEqual([["docs-name-removed", path]]);
});

test("leaves the paths of another cluster to it", () => {
  expect(linesOf("kubernetes/edge/flux/config\n")).toEqual([]);
  expect(linesOf("kubernetes/edge/flux/config\n", "edge")).toEqual(["README.md:1 (kubernetes/edge/flux/config)"]);
});

test("a path that may mean either is reported once", () => {
  expect(linesOf("$KUBERNETES_DIR/flux/config\n", "edge")).toEqual(["README.md:1 ($KUBERNETES_DIR/flux/config)"]);
  expect(linesOf("$KUBERNETES_DIR/flux/config\n", "main")).toEqual([]);
});

test.each(["flux/configuration", "my-flux/config-old", "tools/flux/config.d", "home-kubernetes is our repository"])(
  "%s is something else",
  (line) => {
    expect(linesOf(`${line}\n`, "edge")).toEqual([]);
  },
);

test("commands on objects of the old install follow the cutover, or are listed there", () => {
  const home = "kubernetes/main/flux/config";
  const install = [
    "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-manifests\n  namespace: flux-system\nspec:\n  url: oci://ghcr.io/fluxcd/flux-manifests\n  ref:\n    tag: v2.6.4\n",
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  path: ./\n  prune: true\n  sourceRef:\n    kind: OCIRepository\n    name: flux-manifests\n",
  ].join("---\n");
  const page =
    "flux reconcile kustomization flux-instance\nflux suspend ks -n flux-system flux\nflux reconcile source oci flux-manifests\n";
  const base = clusterFiles("kubernetes/main");
  const kustomization = (base[`${home}/kustomization.yaml`] ?? "").replace(
    "./cluster.yaml",
    "./cluster.yaml\n  - ./flux.yaml",
  );
  const files = {
    ...base,
    [`${home}/flux.yaml`]: install,
    [`${home}/kustomization.yaml`]: kustomization,
    "README.md": page,
  };
  const { edits, findings } = transform.run({ ...contextOf(files), phase: "cutover" });
  const [edit] = edits;
  expect(edit).toMatchObject({ path: "README.md", ranges: [{ text: "flux-instance" }] });
  const [finding, ...others] = findings.map(sayFinding);
  expect(others).toEqual([]);
  expect(finding?.what).toMatch(/: README\.md:3 \(flux-manifests\)\.$/);
});

test("a page left alone in a folder that goes is listed", () => {
  const home = "kubernetes/main/flux/config";
  const files = { ...clusterFiles("kubernetes/main"), [`${home}/README.md`]: "# What stands here\n" };
  const said = runTransform(transform, contextOf(files)).findings.map(({ what }) => what);
  expect(said).toEqual([expect.stringContaining(`${home}/README.md:1 (${home})`)]);
  const kept = { ...files, [`${home}/secret.sops.yaml`]: "kind: Secret\n" };
  expect(runTransform(transform, contextOf(kept)).findings).toEqual([]);
});

test("prose may write Flux with a capital, and a heading says nothing of its own", () => {
  expect(linesOf("# Flux bootstrap\n\nRun Flux bootstrap once.\n", "edge")).toEqual(["README.md:3 (Flux bootstrap)"]);
  expect(linesOf("Flux bootstraps from the operator.\n", "edge")).toEqual([]);
});
