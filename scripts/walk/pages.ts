// What pages for owners show: real output of the whole way, played on the example trees by play.ts.
import { resolve } from "node:path";
import type { GeneratedPart } from "../generated-parts.ts";
import { playWay, type Scene, type Step } from "./play.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** Each kind of owner: the page, and the tree that it shows; `whole` is the page with every line. */
const PAGES: readonly { page: string; tree: Tree; whole?: string; more?: Partial<Scene> }[] = [
  { page: "docs/start/home-ops.md", tree: "home-ops", whole: "docs/walkthrough.md" },
  { page: "docs/start/flux-bootstrap.md", tree: "fleet", more: { without: ["clusters/lab"], merges: "merge" } },
  { page: "docs/start/several-clusters.md", tree: "fleet" },
];

type Tree = "home-ops" | "fleet";

/**
 * One of the example trees, under the address that its sync names.
 * @param bin the program, as an absolute path
 */
export function makeScene(bin: string, tree: Tree, more: Partial<Scene> = {}): Scene {
  const remote = `https://github.com/lighthouse-keeper/${tree}.git`;
  return { tree: resolve(ROOT, "examples", tree), remote, bin, ...more };
}

/** What lies between two merges. */
const SEGMENTS = ["start", "install", "cutover", "cleanup", "end"] as const;

/**
 * Generated parts of the pages for owners, and the transcript with everything in it.
 * @throws Error where a way does not end with nothing left to do
 */
export function renderWalks(bin: string): GeneratedPart[] {
  return PAGES.flatMap(({ page, tree, whole, more }) => {
    const steps = playToTheEnd(makeScene(bin, tree, more));
    const segments = splitAtMerges(steps);
    const parts = SEGMENTS.map((name, index) => ({ page, name, text: printSteps(segments[index] ?? [], true) }));
    return whole === undefined
      ? parts
      : [...parts, { page: whole, name: "transcript", text: printSteps(steps, false) }];
  });
}

/** @throws Error with the last output, where the way ends in another way than with nothing left to do */
function playToTheEnd(scene: Scene): Step[] {
  const { steps, end } = playWay(scene);
  if (end !== "done") throw new Error(`${end} after:\n${steps.at(-1)?.command}\n${steps.at(-1)?.output}`);
  return steps;
}

function splitAtMerges(steps: readonly Step[]): Step[][] {
  const first = steps.findIndex(({ command }) => command.startsWith("fluxlift migrate"));
  const segments: Step[][] = [steps.slice(0, first), []];
  for (const step of steps.slice(first)) {
    segments.at(-1)!.push(step);
    if (step.by === "forge") segments.push([]);
  }
  return segments;
}

/** One code block. @param brief leaves out what was refused for want of a terminal, and lines that were just shown */
function printSteps(steps: readonly Step[], brief: boolean): string {
  const shown = brief ? steps.filter(({ output }) => !output.includes("there is no terminal to ask on")) : steps;
  let before: string[] = [];
  const blocks = shown.map(({ command, output, diff, by }) => {
    if (by === "forge") return `# The pull request is merged: ${command}.`;
    const own = command.startsWith("fluxlift") ? output.trimEnd().split("\n") : [];
    const said = brief ? leaveOutRepeated(own, before) : own;
    if (own.length > 0) before = own;
    const patch = diff > 0 ? [`… the diff, ${diff} lines`] : [];
    return [`$ ${command}`, ...patch, ...said].join("\n");
  });
  const lines = blocks.map((block, index) => {
    const isTalk = block.includes("\n") || (blocks[index + 1]?.includes("\n") ?? false);
    return isTalk ? `${block}\n` : block;
  });
  return `\`\`\`text\n${lines.join("\n").trimEnd()}\n\`\`\`\n`;
}

/** Less than this is not worth leaving out. */
const LEAST = 8;

function leaveOutRepeated(lines: string[], before: readonly string[]): string[] {
  const same = lines.findIndex((line, index) => line !== before[index]);
  return same >= LEAST ? ["… as above", "", ...lines.slice(same)] : lines;
}
