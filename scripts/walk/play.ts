// Plays the whole way of an owner: runs what the output before names, and nothing else; merges are played with a local bare
// repository in place of the forge.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface Step {
  command: string;
  /** What it printed: data, then words for people. A diff is `diff` instead. */
  output: string;
  /** Lines of the diff that it printed first. */
  diff: number;
  code: number;
  /** Who acts: the owner, or the forge that merges a pull request. */
  by: "owner" | "forge";
}

export interface Walk {
  steps: Step[];
  /** Why it ended: nothing was left to do, an output named no command, or said the same as before. */
  end: "done" | "no-command" | "stands-still";
}

export interface Scene {
  /** Folder of the tree; it is copied. */
  tree: string;
  /** Folders and files of it that are left out. */
  without?: readonly string[];
  /** Address of the repository, as Flux and `git remote` know it. Nothing is fetched from there. */
  remote: string;
  /** Branch that is checked out; `main` unless told. */
  branch?: string;
  /** Others that a cluster reads; what is merged goes into them as well. */
  branches?: readonly string[];
  /** The program, as an absolute path. */
  bin: string;
  colour?: boolean;
  /** Width of the terminal that its output goes to; without it that is a pipe. */
  columns?: number;
  /** How a forge merges. */
  merges?: "squash" | "merge";
}

/** More commands than any way needs. */
const MOST = 80;
/** What a person starts with, as the README says. */
const FIRST = "fluxlift";

/** @throws Error when a command of git fails: fluxlift has named one that does not work */
export function playWay(scene: Scene): Walk {
  return inTemporaryHome((home) => walk(home, scene));
}

/** Runs commands one after the other in a checkout of the scene. */
export function playCommands(scene: Scene, commands: readonly string[]): Step[] {
  return inTemporaryHome((home) => {
    const run = makeRunner(home, scene);
    const checkout = setUp(home, scene, scene.branch ?? "main", run);
    return commands.map((command) => ({ ...run(command, checkout), by: "owner" }));
  });
}

function inTemporaryHome<Result>(work: (home: string) => Result): Result {
  const home = mkdtempSync(join(tmpdir(), "fluxlift-walk-"));
  try {
    return work(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function walk(home: string, scene: Scene): Walk {
  const { branch = "main", branches = [], merges = "squash" } = scene;
  const run = makeRunner(home, scene);
  const checkout = setUp(home, scene, branch, run);
  const steps: Step[] = [];
  const said = new Map<string, string>();
  let queue = [FIRST];
  while (steps.length < MOST) {
    const command = queue.shift();
    if (command === undefined) return { steps, end: "no-command" };
    const step = run(command, checkout);
    steps.push({ ...step, by: "owner" });
    if (!command.startsWith("fluxlift")) {
      if (step.code !== 0) throw new Error(`${command}\n${step.output}`);
      if (/^git push\b/.test(command)) steps.push(...mergeRequest(home, checkout, [branch, ...branches], merges, run));
      continue;
    }
    // Lines of scripts that fluxlift names and cannot rewrite are the owner's to settle: no command comes after them.
    if (/^► (?:Nothing is left to do\.|No edit is left to make;)/m.test(step.output)) return { steps, end: "done" };
    if (said.get(command) === step.output) return { steps, end: "stands-still" };
    said.set(command, step.output);
    queue = nextCommands(step.output);
  }
  return { steps, end: "stands-still" };
}

/** The commands of the steps that an output ends with; what is only to be read is left out. */
function nextCommands(output: string): string[] {
  const lines = output.split("\n");
  const closing = lines.findLastIndex((line) => /^[✔✗⚠◎] /.test(line));
  let isReading = false;
  return lines.slice(closing + 1).flatMap((line) => {
    if (line.startsWith("► ")) isReading = line.startsWith("► The runbook");
    return !isReading && /^ {4}\S/.test(line) ? [line.trim()] : [];
  });
}

type Runner = (command: string, cwd: string) => Omit<Step, "by">;

/** One command line in a shell, with a git that knows nobody's settings and makes the same commits every time. */
function makeRunner(home: string, { bin, remote, colour, columns }: Scene): Runner {
  mkdirSync(join(home, "bin"));
  symlinkSync(bin, join(home, "bin/fluxlift"));
  const [date, name, mail] = ["2025-05-04T18:20:11Z", "Example", "example@example.invalid"];
  const { CI: _, FORCE_COLOR: __, NO_COLOR: ___, ...inherited } = process.env;
  const settings = { [`url.${join(home, "origin.git")}.insteadOf`]: remote, "init.defaultBranch": "main" };
  const env = {
    ...inherited,
    ...{
      PATH: [join(home, "bin"), inherited.PATH].join(delimiter),
      HOME: home,
      // What V8 compiled says nothing of a home, and would be made anew in each.
      XDG_CACHE_HOME: inherited.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
      ...(colour ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }),
    },
    ...{ GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", GIT_PAGER: "cat" },
    ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: mail, GIT_AUTHOR_DATE: date },
    ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: mail, GIT_COMMITTER_DATE: date },
  };
  const pairs = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  const forGit = { ...env, GIT_CONFIG_COUNT: String(pairs.length / 2), ...Object.fromEntries(pairs) };
  return (command, cwd) => {
    const own = command.startsWith("fluxlift") ? env : forGit;
    const onScreen = columns !== undefined && command.startsWith("fluxlift");
    const [program = "", ...argv] = onScreen ? onTerminal(command, columns) : ["sh", "-c", command];
    const input = "y\n";
    const done = spawnSync(program, argv, { cwd, env: own, encoding: "utf8", maxBuffer: 1 << 28, input });
    // A program that ends before it reads leaves the answer in a broken pipe; its exit code still counts.
    const unread = done.status !== null && (done.error as NodeJS.ErrnoException | undefined)?.code === "EPIPE";
    if (done.error && !unread) throw done.error;
    done.stdout = done.stdout.replaceAll("\r\n", "\n");
    const isDiff = done.stdout.startsWith("diff --git ");
    return {
      command,
      output: `${isDiff ? "" : done.stdout}${done.stderr}`,
      diff: isDiff ? done.stdout.trimEnd().split("\n").length : 0,
      code: done.status ?? 2,
    };
  };
}

/** A command on a terminal of util-linux's `script`. Only what writes is answered; the guide is not asked for its help. */
function onTerminal(command: string, columns: number): string[] {
  const input = /^fluxlift (?:migrate|oci)\b/.test(command) ? "" : " </dev/null";
  const lines = `stty rows 40 cols ${columns}; export TERM=xterm PAGER=cat; ${command}${input}`;
  return ["script", "--quiet", "--return", "--command", lines, "/dev/null"];
}

/** A checkout of the tree whose one commit is pushed. */
function setUp(home: string, scene: Scene, branch: string, run: Runner): string {
  const { tree, without = [], remote, branches = [] } = scene;
  const checkout = join(home, "checkout");
  cpSync(tree, checkout, { recursive: true, verbatimSymlinks: true });
  for (const path of [".git", ...without]) rmSync(join(checkout, path), { recursive: true, force: true });
  must(run, home, `git init --quiet --bare --initial-branch '${branch}' origin.git`);
  must(run, checkout, `git init --quiet --initial-branch '${branch}'`);
  must(run, checkout, "git config core.autocrlf false && git add --all --force && git commit --quiet --message Start");
  must(run, checkout, `git remote add origin '${remote}' && git push --quiet -u origin '${branch}'`);
  for (const other of branches) must(run, checkout, `git push --quiet origin 'HEAD:refs/heads/${other}'`);
  must(run, checkout, "git fetch --quiet");
  return checkout;
}

/** What the forge does with a branch that was pushed: it goes into each branch that a cluster reads, and is gone then. */
function mergeRequest(
  home: string,
  checkout: string,
  branches: readonly string[],
  merges: "squash" | "merge",
  run: Runner,
): Step[] {
  const pushed = run("git branch --show-current", checkout).output.trim();
  const into = branches.filter((branch) => branch !== pushed);
  const forge = join(home, "forge");
  return into.map((branch): Step => {
    rmSync(forge, { recursive: true, force: true });
    must(run, home, `git clone --quiet --branch '${branch}' origin.git forge`);
    const squash = `git merge --squash 'origin/${pushed}' && git commit --quiet --allow-empty --message 'Merge ${pushed}'`;
    const merge = `git merge --no-ff --quiet --message 'Merge ${pushed}' 'origin/${pushed}'`;
    must(run, forge, `${merges === "squash" ? squash : merge} && git push --quiet`);
    return { command: `merge ${pushed} into ${branch}`, output: "", diff: 0, code: 0, by: "forge" };
  });
}

function must(run: Runner, cwd: string, command: string): void {
  const { code, output } = run(command, cwd);
  if (code !== 0) throw new Error(`${command}\n${output}`);
}
