import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Sources of the Go program that builds with the kustomize API. */
const SOURCES = fileURLToPath(new URL("../../kustomize/judge", import.meta.url));
const CACHE = fileURLToPath(new URL("../../../.cache", import.meta.url));
/** `sigs.k8s.io/kustomize/api` of these versions is what kustomize itself is made of. */
const RELEASES: Record<string, string> = { "v0.18.0": "5.5.0" };

export interface JudgeProgram {
  binary: string;
  version: string;
}

/** The Go program, built once for its sources; undefined without Go. */
export function findJudge(): JudgeProgram | undefined {
  if (!existsSync(join(SOURCES, "go.mod"))) return undefined;
  const api = /sigs\.k8s\.io\/kustomize\/api (v\S+)/.exec(readFileSync(join(SOURCES, "go.mod"), "utf8"))?.[1] ?? "";
  const version = RELEASES[api];
  if (!version) return undefined;
  const hash = createHash("sha256");
  for (const name of readdirSync(SOURCES).sort()) hash.update(readFileSync(join(SOURCES, name)));
  const binary = join(CACHE, `kustomize-judge-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(binary)) return { binary, version };
  try {
    mkdirSync(dirname(binary), { recursive: true });
    const staging = `${binary}.${process.pid}`;
    execFileSync("go", ["build", "-trimpath", "-o", staging, "."], { cwd: SOURCES, stdio: "pipe" });
    renameSync(staging, binary);
    return { binary, version };
  } catch {
    return undefined;
  }
}

export type JudgeAnswer = { ok: true; objects: unknown[] } | { ok: false; error: string };

/** One process that answers many builds, in order. It does not keep node from ending. */
export class JudgeProcess {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly waiting: { done(answer: JudgeAnswer): void; fail(error: Error): void }[] = [];

  /** @param env what keeps it off the network */
  constructor({ binary }: JudgeProgram, env: NodeJS.ProcessEnv) {
    this.child = spawn(binary, { stdio: ["pipe", "pipe", "ignore"], env });
    createInterface({ input: this.child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
      const { ok, objects = [], error = "" } = JSON.parse(line);
      this.waiting.shift()?.done(ok ? { ok, objects } : { ok: false, error });
      if (this.waiting.length === 0) this.rest(true);
    });
    this.child.on("close", (code) => {
      for (const { fail } of this.waiting.splice(0)) fail(new Error(`the kustomize judge ended with ${code}`));
    });
    this.rest(true);
  }

  /** Builds a folder on disk. */
  build(dir: string): Promise<JudgeAnswer> {
    return new Promise((done, fail) => {
      if (this.waiting.length === 0) this.rest(false);
      this.waiting.push({ done, fail });
      this.child.stdin.write(`${JSON.stringify({ dir })}\n`);
    });
  }

  /** While nothing is asked, the process must not keep this one alive. */
  private rest(idle: boolean): void {
    const streams = [this.child.stdin, this.child.stdout] as unknown as { ref(): void; unref(): void }[];
    for (const handle of [this.child, ...streams]) {
      if (idle) handle.unref();
      else handle.ref();
    }
  }
}
