// What the README shows of examples/home-ops: true output, made by running fluxlift on a copy.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { type Engine, loadEngine, openWorkspace } from "../src/cli/load-engine.ts";
import type { FileChange } from "../src/contract/edit.ts";
import { OCI_PHASES, type Options } from "../src/contract/options.ts";
import type { Plan } from "../src/contract/plan.ts";
import { composeChanges } from "../src/plan/changes.ts";
import { makeOciPlan } from "../src/plan/oci-plan.ts";

const EXAMPLE = resolve(import.meta.dirname, "../examples/home-ops");
const WIDTH = 110;

export interface ExampleOutput {
  /** Every file the three phases touch, as a markdown code block. */
  tree: string;
  /** What `fluxlift scan` prints, as a markdown code block. */
  scan: string;
  /** Files that each phase of `fluxlift oci --charts` touches afterwards, as a markdown code block. */
  oci: string;
}

/** Runs scan and all phases on a committed copy of the example; nothing is written in the example itself. */
export async function runExample(): Promise<ExampleOutput> {
  const root = mkdtempSync(join(tmpdir(), "fluxlift-docs-"));
  try {
    cpSync(EXAMPLE, root, { recursive: true });
    commitCopy(root);
    const engine = await loadEngine();
    const workspace = await openWorkspace(root);
    const options: Options = {
      phase: "install",
      sync: "adopt",
      clusters: [],
      direct: false,
      only: [],
      skip: [],
      serviceMonitor: false,
      layout: "auto",
    };
    const scan = engine.render.scan(engine.survey(workspace, options), {
      colour: false,
      width: WIDTH,
      verbose: false,
    });
    const all = engine.makePlan(workspace, { ...options, phase: "all", direct: true });
    return {
      tree: fence("diff", composeChanges(all).map(describeChange)),
      scan: fence("text", [scan.trimEnd()]),
      oci: await runOciPhases(root, engine, options, all),
    };
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Migrates the copy, then takes it on to OCI phase by phase, as three merges would. */
async function runOciPhases(root: string, engine: Engine, options: Options, migrated: Plan): Promise<string> {
  engine.writeChanges(await openWorkspace(root), composeChanges(migrated), "example");
  const lines: string[] = [];
  for (const phase of OCI_PHASES) {
    const oci = { sign: false, charts: true, remote: "github.com/example/home-ops" };
    const plan = makeOciPlan(await openWorkspace(root), { ...options, phase, direct: true, oci });
    lines.push(`# ${phase}`, ...composeChanges(plan).map(describeChange));
    engine.writeChanges(await openWorkspace(root), composeChanges(plan), "example");
  }
  return fence("diff", lines);
}

function describeChange({ path, before, after }: FileChange): string {
  if (before === undefined) return `+ ${path}`;
  return after === undefined ? `- ${path}` : `! ${path}`;
}

function fence(language: string, lines: string[]): string {
  return `\`\`\`${language}\n${lines.join("\n")}\n\`\`\`\n`;
}

/** Author, dates and settings are fixed, so that the commit id in the output is the same everywhere. */
function commitCopy(root: string): void {
  const date = "2025-05-04T18:20:11Z";
  const env = {
    ...process.env,
    ...{ GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    ...{ GIT_AUTHOR_NAME: "Example", GIT_AUTHOR_EMAIL: "example@example.invalid", GIT_AUTHOR_DATE: date },
    ...{ GIT_COMMITTER_NAME: "Example", GIT_COMMITTER_EMAIL: "example@example.invalid", GIT_COMMITTER_DATE: date },
  };
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, env, stdio: "pipe" });
  git("init", "--quiet", "--initial-branch", "main");
  git("config", "core.autocrlf", "false");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Start");
}
