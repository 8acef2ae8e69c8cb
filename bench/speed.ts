// Measures the processor time of whole processes, less that of a bare node: plan and verify on corpus trees and on
// synthetic ones of growing size. Use: npm run bench [-- --runs 11 --only plan,verify,scale] ; writes bench/README.md.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { CORPUS, NO_CORPUS } from "./corpus/places.ts";
import { type Command, measurePeakRss, medians } from "./measure.ts";
import { replaceBetweenMarks } from "./readme.ts";
import { changeOne, type SYNTHETIC, withState, withSynthetic } from "./trees.ts";

const PROJECT = resolve(import.meta.dirname, "..");
const STATES = join(CORPUS, "states");
const CLI = join(PROJECT, "dist/fluxlift.js");
/** The largest trees of the corpus that are still to be migrated. */
const TREES = ["thaynes43__haynes-ops__live", "drag0n141__home-ops__before", "onedr0p__home-ops__before"];
/** A tree with what `flux install` writes, for the synthetic ones. */
const INSTALLED = "6SL3PT__homelab__live";
const COMPONENTS = "clusters/production/flux-system/gotk-components.yaml";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "11" }, only: { type: "string", default: "plan,verify,scale" } },
});
const runs = Number(values.runs);
const bare: Command = { command: [process.execPath, "-e", "0"] };
const fluxlift = (...args: string[]): Command => ({ command: [process.execPath, CLI, ...args] });
const ms = (value: number) => `${value.toFixed(0)} ms`;
const seconds = (value: number) => `${(value / 1000).toFixed(1)} s`;

const PARTS: Record<string, () => string[]> = { plan: measurePlans, verify: measureVerifies, scale: measureScale };

if (existsSync(STATES)) {
  for (const part of values.only.split(",")) {
    const lines = PARTS[part]!();
    console.log(lines.join("\n"));
    replaceBetweenMarks(part, lines);
  }
} else {
  console.error(`✗ Nothing measured, bench/README.md left as it is: ${NO_CORPUS}.`);
  process.exitCode = 2;
}

function measurePlans(): string[] {
  const [node, help] = medians([bare, fluxlift("--help")], runs);
  return [
    `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown CPU"}, medians of ${runs} runs.`,
    "",
    `Bare \`node -e 0\`: ${ms(node!.cpu)}. \`fluxlift --help\`: ${ms(help!.cpu - node!.cpu)} more.`,
    "",
    "| tree | `plan` | `git grep -l` | ratio | without code cache | by the clock | peak RSS | files changed |",
    "| --- | --: | --: | --: | --: | --: | --: | --: |",
    ...TREES.map((name) => withState(STATES, name, (root) => planRow(name, root))),
  ];
}

function planRow(name: string, root: string): string {
  const plan = fluxlift("plan", root);
  const first = { ...plan, env: { NODE_DISABLE_COMPILE_CACHE: "1" } };
  const grep = { command: ["git", "grep", "-l", "toolkit.fluxcd.io"], cwd: root, times: 20 };
  const [node, whole, uncached, search] = medians([bare, plan, first, grep], runs).map(({ cpu }) => cpu) as number[];
  const [clock] = medians([plan], 3);
  const cells = [
    ms(whole! - node!),
    ms(search!),
    `**${((whole! - node!) / search!).toFixed(1)}×**`,
    ms(uncached! - node!),
  ];
  return `| ${name} | ${[...cells, ms(clock!.wall), rss(plan), String(countChanges(root))].join(" | ")} |`;
}

function measureVerifies(): string[] {
  return [
    "| tree | `verify` of one HelmRelease | by the clock | peak RSS |",
    "| --- | --: | --: | --: |",
    ...TREES.map((name) => withState(STATES, name, (root) => verifyRow(name, root, runs))),
    withSynthetic("helmReleases", 5000, components(), (root) => verifyRow("5,000 HelmReleases", root, 3)),
  ];
}

function verifyRow(name: string, root: string, rounds: number): string {
  changeOne(root, "kind: HelmRelease");
  const verify = fluxlift("verify", "--base", "HEAD~1", root);
  const [node, whole] = medians([bare, verify], rounds);
  return `| ${name} | **${ms(whole!.cpu - node!.cpu)}** | ${ms(whole!.wall)} | ${rss(verify)} |`;
}

function measureScale(): string[] {
  const all = [500, 1000, 2000, 4000, 8000];
  return [
    "| tree | command | processor time | peak RSS |",
    "| --- | --- | --: | --: |",
    ...all.map((count) => scaleRow("fluxKustomizations", count, "FluxKustomizations", "--phase", "all", "--direct")),
    scaleRow("files", 100_000, "other files"),
  ];
}

function scaleRow(kind: keyof typeof SYNTHETIC, count: number, what: string, ...options: string[]): string {
  return withSynthetic(kind, count, components(), (root) => {
    const plan = fluxlift("plan", ...options, root);
    const [node, whole] = medians([bare, plan], 3);
    const cells = [`\`${["plan", ...options].join(" ")}\``, `**${seconds(whole!.cpu - node!.cpu)}**`, rss(plan)];
    return `| ${count.toLocaleString("en")} ${what} | ${cells.join(" | ")} |`;
  });
}

function components(): string {
  return withState(STATES, INSTALLED, (root) => readFileSync(join(root, COMPONENTS), "utf8"));
}

function rss(command: Command): string {
  const peak = measurePeakRss(command);
  return peak === undefined ? "not measured" : `${peak.toFixed(0)} MB`;
}

function countChanges(root: string): number {
  const options = { encoding: "utf8", maxBuffer: 1 << 28 } as const;
  const { stdout } = spawnSync(process.execPath, [CLI, "plan", "--format", "json", root], options);
  const plan = JSON.parse(stdout) as { phases: { files: unknown[] }[] };
  return plan.phases.reduce((sum, phase) => sum + phase.files.length, 0);
}
