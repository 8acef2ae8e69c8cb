import { rmSync } from "node:fs";
import { join } from "node:path";
import { git, type Ran, runCli } from "./shell.ts";
import type { Answer, FileDifference, Json, Step } from "./types.ts";

/** A checked-out repository that steps are run in, one after the other. */
export interface Bench {
  dir: string;
  /** Branch that is checked out, and every branch a cluster reads. */
  branch: string;
  branches: string[];
  remote: boolean;
}

/** Takes a clone back to a commit, with every branch that a cluster reads and no journal of an earlier write. */
export function checkOut(bench: Bench, commit: string): void {
  const { dir, branch } = bench;
  rmSync(join(dir, ".git/fluxlift"), { recursive: true, force: true });
  git(dir, "checkout", "-q", "-f", "-B", branch, commit);
  git(dir, "clean", "-fdxq");
  for (const name of bench.branches) {
    if (name !== branch) git(dir, "branch", "-f", name, commit);
    if (bench.remote) git(dir, "update-ref", `refs/remotes/origin/${name}`, commit);
  }
}

/** Runs one step with one build; the tree that comes out stays checked out. */
export async function answer(cli: string, bench: Bench, step: Step): Promise<Answer> {
  if (step.input) checkOut(bench, step.input);
  const ran = await runCli(
    cli,
    step.args.map((arg) => (arg === "{repo}" ? bench.dir : arg)),
  );
  const out: Answer = { ...step, exit: ran.exit, ...readSaid(ran, bench.dir) };
  if (!step.input) return out;
  git(bench.dir, "add", "-A");
  out.tree = git(bench.dir, "write-tree");
  if (step.commit) {
    git(bench.dir, "commit", "-q", "--allow-empty", "-m", step.commit);
    out.output = git(bench.dir, "rev-parse", "HEAD");
    git(bench.dir, "update-ref", `refs/compare/${step.id}`, out.output);
  }
  return out;
}

function readSaid(ran: Ran, dir: string): { said: Json } | { error: string } {
  // Every run has a folder of its own, whose name must not make a difference.
  const text = ran.stdout.replaceAll(dir, "{repo}");
  try {
    return { said: withoutTexts(JSON.parse(text.slice(text.indexOf("{")))) };
  } catch {
    const text = (ran.stderr || ran.stdout).replaceAll(dir, "{repo}").trim();
    return { error: text.split("\n").slice(0, 4).join(" ").slice(0, 400) };
  }
}

/** The result is kept as a git tree, so texts of files and ranges are dropped; so are facts about this very checkout. */
function withoutTexts(said: Json): Json {
  const { base: _base, scanned: _scanned, phases, ...rest } = said;
  if (!Array.isArray(phases)) return rest;
  const slim = phases.map((phase: Json) => ({
    ...phase,
    files: undefined,
    clusters: (phase.clusters ?? []).map((cluster: Json) => ({
      ...cluster,
      edits: (cluster.edits ?? []).map(({ text: _t, ranges: _r, ...edit }: Json) => edit),
    })),
  }));
  return { ...rest, phases: slim };
}

const DIFF_LINES = 60;

/** Files that differ between two trees of one repository. */
export function diffTrees(dir: string, base: string, now: string): FileDifference[] {
  const list = git(dir, "diff-tree", "-r", "--no-renames", "--name-status", "-z", base, now).split("\0");
  const out: FileDifference[] = [];
  for (let at = 0; at + 1 < list.length; at += 2) {
    const [status = "", path = ""] = [list[at], list[at + 1]];
    const diff = git(dir, "diff-tree", "-p", "--no-renames", base, now, "--", path).split("\n");
    const from = diff.findIndex((line) => line.startsWith("@@"));
    const lines = from < 0 ? diff : diff.slice(from);
    const cut = lines.length > DIFF_LINES ? [`… ${lines.length - DIFF_LINES} lines more`] : [];
    out.push({ path, status, diff: [...lines.slice(0, DIFF_LINES), ...cut].join("\n") });
  }
  return out;
}
