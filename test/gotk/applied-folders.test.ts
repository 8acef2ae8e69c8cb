import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { type Files, runAll } from "./run-phases.ts";

const tree = (more: Files): Files => ({
  ...makeFluxSystem("clusters/home"),
  "clusters/home/kustomization.yaml": kustomization("resources:\n  - flux-system\n  - app.yaml\n"),
  "clusters/home/app.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: app\n",
  ...more,
});

test("a command that applies the cluster's whole folder installs operator and instance first from then on", () => {
  const makefile = "up:\n\tkubectl apply -k clusters/home\n\nlook:\n\tkustomize build clusters/home\n";
  const { cleanup } = runAll(tree({ Makefile: makefile }));
  expect(cleanup.files.Makefile).toMatch(
    /^up:\n\t.*charts\/flux-operator[\s\S]*charts\/flux-instance[\s\S]*\n\tkubectl apply -k clusters\/home\n/,
  );
  expect(cleanup.files.Makefile).toContain("\nlook:\n\tkustomize build clusters/home\n");
});

test("where it runs elsewhere it is listed, with what it no longer does", () => {
  const makefile = 'up:\n\tssh node "sudo kubectl apply -k /tmp/copy/clusters/home"\n';
  const { cutover } = runAll(tree({ Makefile: makefile }));
  const own = cutover.findings.filter(({ rule }) => rule === "automation-applies-removed");
  expect(own.map(({ at }) => `${at?.file}:${at?.line}`)).toEqual(["Makefile:2"]);
  expect(own[0]?.what).toContain("clusters/home, which no longer holds the Flux install or the source and root");
  expect(own[0]?.next).toContain("charts/flux-operator");
});

test("a page that says to is listed, and one that names the sync file alone", () => {
  const page =
    "# Home\n\nRun `kubectl apply -k clusters/home` once.\n\nSee clusters/home for the apps.\n\nThe key of `gotk-sync.yaml`.\n";
  const { cutover } = runAll(tree({ "README.md": page }));
  const [own] = cutover.findings.filter(({ rule }) => rule === "docs-name-removed");
  expect(own?.what).toContain("README.md:3 (clusters/home), README.md:7 (gotk-sync.yaml)");
  expect(own?.what).not.toContain("README.md:5");
});
