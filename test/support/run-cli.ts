import type { Prompts } from "../../src/cli/guide/prompts.ts";
import type { Io } from "../../src/cli/io.ts";
import { type Engine, type EngineLoader, loadEngine, openWorkspace as openTree } from "../../src/cli/load-engine.ts";
import { main } from "../../src/cli/main.ts";
import type { Edit, FileChange } from "../../src/contract/edit.ts";
import type { Finding } from "../../src/contract/finding.ts";
import { made } from "../../src/contract/media.ts";
import type { Options, Phase } from "../../src/contract/options.ts";
import type { ClusterPlan, PhasePlan, Plan } from "../../src/contract/plan.ts";
import { shown, spellHidden } from "../../src/contract/visible.ts";
import { commitChanges } from "../../src/files/commit.ts";
import { hashBase } from "../../src/files/hash.ts";
import { openWorkspace, type Workspace } from "../../src/files/snapshot.ts";
import { findOpenWrite, findUndo } from "../../src/files/undo.ts";
import { writeChanges } from "../../src/files/write.ts";
import { verifyBase } from "../../src/plan/apply.ts";
import { makeTextCheck } from "../../src/plan/validate-text.ts";
import { renderDiff } from "../../src/report/diff.ts";
import { viewDiff } from "../../src/report/diff-view.ts";
import { md } from "../../src/report/markdown-escape.ts";

export interface CliRun {
  code: number;
  out: string;
  err: string;
  /** Questions that were asked. */
  asked: string[];
}

export interface CliSettings {
  cwd?: string;
  /** Answers to questions, in order; giving them makes the run interactive. */
  answers?: (string | undefined)[];
  loader?: EngineLoader;
  /** Whether a person reads stdout. */
  terminal?: boolean;
  /** Answers the guide. */
  prompts?: Prompts;
  /** Whether stdout is the log of a job. */
  jobLog?: boolean;
  /** Columns of the terminal. */
  width?: number;
}

/** Runs a command line in this process with captured streams. */
export async function runCli(argv: string[], settings: CliSettings = {}): Promise<CliRun> {
  const run: CliRun = { code: -1, out: "", err: "", asked: [] };
  const answers = [...(settings.answers ?? [])];
  const io: Io = {
    terminal: settings.terminal ?? false,
    jobLog: settings.jobLog ?? false,
    prompts: async () => {
      if (!settings.prompts) throw new Error("the test has no answers for the guide");
      return settings.prompts;
    },
    page: async (text) => {
      run.out += text;
    },
    out: (text) => {
      run.out += text;
    },
    err: (text) => {
      run.err += text;
    },
    tellRunner: (command) => {
      run.err += `${command}\n`;
    },
    interactive: settings.answers !== undefined || settings.prompts !== undefined,
    liveStderr: false,
    colourOut: false,
    colourErr: false,
    width: settings.width ?? 100,
    cwd: settings.cwd ?? process.cwd(),
    ask: async (question) => {
      if (answers.length === 0) throw new Error(`asked more often than the test answers: ${question}`);
      run.asked.push(question);
      return answers.shift();
    },
  };
  run.code = await main(argv, io, settings.loader ?? brokenLoader);
  return run;
}

/** What the program itself loads. */
export const realEngine: EngineLoader = { openWorkspace: openTree, load: loadEngine };

/** The same, for a tree that nothing changes: of the same options it is planned once, however often it is told. */
export function planningOnce(): EngineLoader {
  const plans = new Map<string, Plan>();
  const once =
    (plan: (workspace: Workspace, options: Options) => Plan): typeof plan =>
    (workspace, options) => {
      const key = JSON.stringify([plan.name, workspace.root, options]);
      const made = plans.get(key) ?? plan(workspace, options);
      plans.set(key, made);
      return made;
    };
  const load = async (): Promise<Engine> => {
    const engine = await loadEngine();
    return { ...engine, makePlan: once(engine.makePlan), survey: once(engine.survey) };
  };
  return { openWorkspace: openTree, load };
}

/** For command lines that must not need the engine. */
const brokenLoader: EngineLoader = {
  openWorkspace: async () => {
    throw new Error("this command line must not open a folder");
  },
  load: async () => {
    throw new Error("this command line must not load the engine");
  },
};

/** An engine that really writes, commits and undoes, but plans what the test says. */
export function engineThatPlans(makePlan: (workspace: Workspace, options: Options) => Plan): EngineLoader {
  const engine: Engine = {
    transforms: [],
    makePlan,
    survey: makePlan,
    recognises: () => true,
    verifyBase,
    writeChanges: (workspace, changes, label) =>
      void writeChanges(workspace, changes, { label, validate: makeTextCheck(changes) }),
    commitChanges,
    findOpenWrite,
    findUndo,
    render: {
      text: (plan) => shown`REPORT of ${plan.phases.length} phases\n`,
      diff: renderDiff,
      diffView: viewDiff,
      json: (plan) => spellHidden(`${JSON.stringify(plan)}\n`),
      markdown: () => md`# RUNBOOK\n`,
      sarif: () => made("{}\n"),
      preflight: () => made("#!/bin/sh\n"),
      scan: () => shown`SCAN\n`,
      scanMarkdown: () => md`# SCAN\n`,
    },
  };
  return { openWorkspace: async (dir) => await openWorkspace(dir), load: async () => engine };
}

/** A plan with one cluster `main` and the given changes, one list a phase. */
export function planOf(workspace: Workspace, options: Options, phases: FileChange[][], findings: Finding[] = []): Plan {
  const names = ["install", "cutover", "cleanup"] as const;
  const base = phases.flat().filter((change) => change.before !== undefined && workspace.tree.has(change.path));
  return {
    tool: "fluxlift",
    version: "0.0.0-test",
    schema: 1,
    options,
    scanned: { files: workspace.tree.paths.length, fluxFiles: 0, git: null },
    phases: phases.map(
      (files, index): PhasePlan => ({
        phase: names[index]!,
        clusters: files.length > 0 ? [clusterOf(names[index]!, files)] : [],
        files: [...files].sort((a, b) => (a.path < b.path ? -1 : 1)),
      }),
    ),
    findings,
    base: hashBase(
      workspace.tree,
      base.map((change) => change.path),
    ),
  };
}

/** A cluster `main` with an edit for each change, and nothing else to say. */
function clusterOf(phase: Phase, files: readonly FileChange[]): ClusterPlan {
  const of = { why: "It is a test.", transform: "test", phase, cluster: "main", evidence: [] };
  return {
    cluster: "main",
    state: "not-started",
    detected: { style: "gotk", namespace: "flux-system", patches: 0, layout: "manifests" },
    edits: files.map(({ path, before, after, mode }): Edit => {
      if (after === undefined) return { kind: "delete", path, ...of };
      if (before === undefined) return { kind: "create", path, text: after, ...(mode ? { mode } : {}), ...of };
      return { kind: "replace", path, ranges: [{ start: 0, end: before.length, text: after }], ...of };
    }),
    findings: [],
    patches: [],
    runbook: {
      ...{ preChecks: [], steps: [], rollback: [], rebuild: [], assumptions: [] },
      measure: {
        namespace: "flux-system",
        root: { namespace: "flux-system", name: "main" },
        ...{ sources: [], guards: [], needs: [] },
      },
    },
  };
}

export function blocker(what: string): Finding {
  return { rule: "path-taken", level: "blocker", what, why: "because", next: "fix it" };
}
