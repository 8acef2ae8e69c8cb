import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DELIVERED } from "../../bench/growth/inputs.ts";
import { withoutRewritten } from "../../src/safety/unknown/rewritten.ts";
import { findMissedByRenovate } from "../../transforms/charts-to-oci/automation.ts";
import type { ChartMove } from "../../transforms/charts-to-oci/decide.ts";
import { memoryTree } from "../support/memory.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { judge } from "../verify/judge.ts";
import { example, planExample, withDeadline } from "./plan-example.ts";

const SIZE = 100 * 1024;
const run = (piece: string) => piece.repeat(Math.ceil(SIZE / piece.length));
const SOURCE = "kubernetes/flux/config/cluster.yaml";
const APPS = "kubernetes/flux/apps.yaml";
const LIST = join(DELIVERED, "../kustomization.yaml");
const INSTALL = "kubernetes/flux/config/flux.yaml";

const edited = (path: string, from: string, to: string) => {
  const text = example[path]!.replace(from, () => to);
  if (text === example[path]) throw new Error(`${from} is not in ${path}`);
  return { [path]: text };
};
const delivered = (apiVersion: string, kind: string, rest: string) => ({
  [DELIVERED]: `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a, namespace: default}\n${rest}`,
});

/** Runs of one piece that something else follows: a pattern for what ends a text begins anew at each piece. */
const RUNS: Record<string, Record<string, string>> = {
  "blanks in a pattern of .sourceignore": { ".sourceignore": `a${run(" ")}b\n` },
  "blank lines within a block": edited(
    APPS,
    "metadata:\n",
    `metadata:\n  annotations:\n    a: |\n      b${run("\n")}      c\n`,
  ),
  "blank lines in front of a patch": edited(INSTALL, "patch: |\n", `patch: |\n${run("\n")}`),
  "blank lines in .gitmodules": {
    ".gitmodules": `[submodule "a"]\n${run("\n")}x\n`,
    ...edited(SOURCE, "  url:", "  recurseSubmodules: true\n  url:"),
  },
  "dots in the address of the source": edited(SOURCE, "url: ", `url: "ssh://${run(".-")}:x" #`),
  "slashes within the path of the root": edited(SOURCE, "./kubernetes/flux", `./kubernetes${run("/")}flux`),
  "what a slug leaves out, within one": delivered(
    "fluxcd.controlplane.io/v1",
    "ResourceSet",
    `spec:\n  inputs: [{a: "x${run("_")}x"}]\n  resourcesTemplate: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: "<< inputs.a | slugify >>"}\n`,
  ),
  "beginnings of templates": delivered(
    "fluxcd.controlplane.io/v1",
    "ResourceSet",
    `spec:\n  inputs: [{a: b}]\n  resources:\n    - apiVersion: kustomize.toolkit.fluxcd.io/v1\n      kind: Kustomization\n      metadata: {name: a}\n      spec: {path: "${run("<")}"}\n`,
  ),
  "blank lines beside a variable": delivered("v1", "ConfigMap", `data:\n  a: \${B}${run("\n")}  c: d\n`),
  "hyphens in a name": { [DELIVERED]: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x${run("-")}x}\n` },
  "blank lines in Terraform": { "main.tf": `resource "a" "b" {\n${run("\n")}}\n` },
  "blank lines behind an empty item": delivered("v1", "ConfigMap", `a:\n  -${run("\n")}b: c\n`),
  "blank lines of CRLF in a block": delivered("v1", "ConfigMap", `data:\n  a: |\r\n${run("\r\n")}    b\r\n    \tc\r\n`),
  "comments that end in CRLF": { [DELIVERED]: `${run("# a\r\n")}apiVersion: v1\r\nkind: ConfigMap\r\n` },
  "letters in what a patch is for": edited(INSTALL, "name: helm-controller", `name: ${run("a")}`),
  "letters in the name of an image": edited(LIST, "resources:", `images:\n  - name: ${run("a")}\nresources:`),
  "lines in the metadata of a template": {
    "templates/source.yaml.j2": `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n${"    a: b\n".repeat(60)}spec:\n`,
  },
  "comments in front of an object": {
    [DELIVERED]: `${run("# a\n")}apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n`,
  },
  "brackets behind the folder of a chart": {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    ...delivered(
      "helm.toolkit.fluxcd.io/v2",
      "HelmRelease",
      `spec: {interval: 1h, chart: {spec: {chart: "./charts/web${run("]")}x", sourceRef: {kind: GitRepository, name: home-ops}}}}\n`,
    ),
  },
};

describe.each(Object.entries(RUNS))("%s take no more than their length", (_, files) => {
  test("in a plan", () => {
    const plan = planExample(files);
    expect(plan.phases.map(({ phase }) => phase)).toEqual(["install", "cutover", "cleanup"]);
  });

  test("in a change that verify judges", () => {
    const edits = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, `${text}# more\n`]));
    const [before, after] = [files, edits].map((all) => memoryTree(all));
    const change = { before: before!, after: after!, changed: new Set(Object.keys(files)) };
    expect(withDeadline(() => withoutRewritten(change).changed.size)).toBeTypeOf("number");
    expect(withDeadline(() => judge({ ...example, ...files }, edits).safety.verdict)).toBeTypeOf("string");
    expect(withDeadline(() => judge(example, files).safety.verdict)).toBeTypeOf("string");
  });
});

test.each([`"${"\\".repeat(61)}\n]`, run("flux: { fileMatch: [\n"), run("'flux': {fileMatch: ['a'],\n")])(
  "lists of Renovate are read once: %#",
  (list) => {
    const tree = memoryTree({ ".renovaterc.json5": `{ flux: { fileMatch: [\n${list}` });
    const move = { release: { file: "old.yaml" } } as ChartMove;
    expect(withDeadline(() => findMissedByRenovate(tree, [{ move, file: "new.yaml" }]))).toEqual([]);
  },
);

test("no pattern looks from every place of a run for the end of a text", () => {
  const files = ["src", "transforms"].flatMap((folder) =>
    readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  );
  // `/x+$/` without what stands in front of the run.
  const open = /[(= ]\/(?:\[[^\]]+\]|\\.|[^\\/^$])[+*]\$\/[a-z]*/g;
  // Names and versions of fluxlift's own, and texts that were cut before.
  const short = new Set([
    ...["src/cli/options.ts", "src/files/undo.ts", "src/plan/detected.ts", "src/release/flux-apis.ts"],
    "src/report/text-findings.ts",
  ]);
  const found = files
    .filter((file) => file.endsWith(".ts") && !short.has(file))
    .flatMap((file) => {
      const text = readFileSync(join(PROJECT_ROOT, file), "utf8");
      return [...text.matchAll(open)].map(([pattern]) => `${file}: ${pattern.slice(1)}`);
    });
  expect(found).toEqual([]);
});
