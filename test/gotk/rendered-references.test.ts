import { expect, test } from "vitest";
import { makeFluxSystem } from "./make-gotk.ts";
import { type Files, runPhase } from "./run-phases.ts";

/** The source is called `fleet`, and the root delivers a release of a chart that makes a FluxKustomization. */
function makeTree(template: string, more: Files = {}): Files {
  const own = makeFluxSystem("clusters/home");
  const sync = "clusters/home/flux-system/gotk-sync.yaml";
  const [source = "", root = ""] = own[sync]!.split(/^---\n(?=apiVersion: kustomize)/m);
  const renamed = root.replace(/(sourceRef:\n\s+kind: GitRepository\n\s+name: )\S+/, "$1fleet");
  return {
    ...own,
    [sync]: `${source.replace("name: flux-system", "name: fleet")}---\n${renamed}`,
    "clusters/home/own.yaml": `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: own, namespace: flux-system}
spec:
  interval: 10m
  chart:
    spec:
      chart: ./charts/own
      sourceRef: {kind: GitRepository, name: fleet}
`,
    "charts/own/Chart.yaml": "apiVersion: v2\nname: own\nversion: 0.1.0\n",
    "charts/own/templates/app.yaml": `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: made, namespace: flux-system}
spec:
  path: ./apps
  sourceRef:
    kind: GitRepository
    name: ${template}
`,
    ...more,
  };
}

function findings(files: Files) {
  const install = runPhase(files, "install");
  const cutover = runPhase(install.files, "cutover");
  const of = (rule: string) => cutover.findings.filter((finding) => finding.rule === rule);
  return { early: install.findings, rendered: of("rendered-reference"), idle: of("undelivered-reference") };
}

test("a template that a release renders and that names the old source stops the cutover, and is said before", () => {
  const { early, rendered, idle } = findings(makeTree("fleet"));
  expect(rendered).toMatchObject([{ level: "blocker", at: { file: "charts/own/templates/app.yaml", line: 8 } }]);
  expect(rendered[0]?.what).toBe(
    "This file of a chart names GitRepository fleet, and HelmRelease flux-system/own renders it.",
  );
  expect(rendered[0]?.next).toContain("Write flux-system instead");
  expect(idle).toEqual([]);
  expect(early.find(({ rule }) => rule === "cutover-will-stop")?.what).toContain("This file of a chart names");
});

test("values that name it are a caution", () => {
  const { rendered } = findings(
    makeTree("{{ .Values.source }}", { "charts/own/values.yaml": "a: b\nsource: fleet\n" }),
  );
  expect(rendered).toMatchObject([{ level: "caution", at: { file: "charts/own/values.yaml", line: 2 } }]);
});

test("another thing of that name, or a chart that nothing renders, is none", () => {
  const app = { "charts/own/values.yaml": "name: fleet\n# source: fleet\n" };
  expect(findings(makeTree("flux-system", app)).rendered).toEqual([]);
  const files = makeTree("fleet");
  delete files["clusters/home/own.yaml"];
  const { rendered, idle } = findings(files);
  expect(rendered).toEqual([]);
  expect(idle).toHaveLength(1);
});
