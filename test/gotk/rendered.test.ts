import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { type Files, runAll, runPhase } from "./run-phases.ts";

const SYNC = 'data "flux_sync" "main" {\n  target_path = "clusters/home"\n}\n';
const writes = (what: string) =>
  `resource "github_repository_file" "file" {\n  content = data.flux_sync.main${what}\n}\n`;
const found = (files: Files, phase: "install" | "cutover" = "install") =>
  runPhase({ ...makeFluxSystem("clusters/home"), ...files }, phase).findings.flatMap(({ rule, at }) =>
    rule === "automation-installs-flux" ? [`${at?.file}:${at?.line}`] : [],
  );

test("Terraform that writes the list which the install phase adds to is named before it", () => {
  expect(found({ "tf/flux.tf": `${writes(".kustomize_content")}${SYNC}` })).toEqual(["tf/flux.tf:4"]);
  expect(found({ "tf/a.tf": SYNC, "tf/b.tf": writes("[each.key].kustomize_content") })).toEqual(["tf/a.tf:1"]);
});

test("but not what writes other files only, or lies elsewhere", () => {
  const list = writes(".kustomize_content");
  for (const files of [
    { "tf/flux.tf": SYNC + writes(".content") },
    { "tf/a.tf": SYNC, "other/b.tf": list },
    { "archive/flux.tf": SYNC + list },
    { "examples/flux/main.tf": SYNC + list },
    { "tf/flux.tf": `/*\n${SYNC}${list}*/\n` },
    { "tf/flux.tf": SYNC + list.replaceAll(/^/gm, "# ") },
  ] as Files[])
    expect(found(files)).toEqual([]);
});

const BOOTSTRAP = 'resource "flux_bootstrap_git" "this" {\n  path = "clusters/home"\n}\n';

test("a block that bootstraps Flux into a folder is one finding, and does not say that the folder goes", () => {
  const root = kustomization("resources:\n  - flux-system\n");
  const named = (code: string) => {
    const files = { ...makeFluxSystem("clusters/home"), "clusters/home/kustomization.yaml": root, "tf/flux.tf": code };
    const { cutover, cleanup } = runAll(files);
    return [...cutover.findings, ...cleanup.findings].flatMap(({ rule, at }) =>
      rule === "automation-names-removed" ? [at?.line] : [],
    );
  };
  const applies = 'resource "kubernetes_manifest" "a" {\n  manifest = {}\n}\n';
  expect(named(BOOTSTRAP + applies)).toEqual([]);
  expect(named(SYNC + applies)).toEqual([]);
  const reads = 'data "kustomization_build" "a" {\n  path = "clusters/home"\n}\n';
  expect(named(BOOTSTRAP + reads)).toEqual([5, 5]);
  const over = BOOTSTRAP.replace(
    "}",
    '  kustomization_override = file("../clusters/home/flux-system/gotk-sync.yaml")\n}',
  );
  expect(named(over + applies)).toEqual([3, 3]);
});

test("a block that bootstraps a cluster which keeps its old install is left alone, and one is said of its own cluster", () => {
  const away = BOOTSTRAP.replaceAll("home", "away");
  const files = {
    ...makeFluxSystem("clusters/home"),
    ...makeFluxSystem("clusters/away"),
    "tf/flux.tf": `${BOOTSTRAP.replace("{\n", "{\n  # not clusters/away\n")}${away}`,
  };
  const said = (clusters: string[]) =>
    runAll(files, { clusters }).cutover.findings.flatMap(({ rule, at, cluster }) =>
      rule === "automation-installs-flux" ? [`${cluster} ${at?.line}`] : [],
    );
  expect(said(["home"])).toEqual(["home 1"]);
  expect(said([])).toEqual(["home 1", "away 5"]);
  expect(said(["away"])).toEqual(["away 5"]);
});
