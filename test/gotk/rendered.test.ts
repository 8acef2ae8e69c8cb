import { expect, test } from "vitest";
import { makeFluxSystem } from "./make-gotk.ts";
import { type Files, runPhase } from "./run-phases.ts";

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
