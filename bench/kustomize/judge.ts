import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Case } from "./case.ts";
import type { Answer } from "./compare.ts";

const source = join(import.meta.dirname, "judge");
const cache = resolve(import.meta.dirname, "../../.cache");

/** The judge, built once for its sources; needs Go. */
export function buildJudge(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(source).sort()) hash.update(readFileSync(join(source, name)));
  const binary = join(cache, `kustomize-judge-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  execFileSync("go", ["build", "-trimpath", "-o", binary, "."], {
    cwd: source,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return binary;
}

/** A tree in memory, or a folder on disk. */
export type Request = Case | { dir: string };

/** The real kustomize in a process of its own, which answers until it is closed. */
export class Judge {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;
  readonly #waiting: ((line: string) => void)[] = [];

  constructor() {
    this.#child = spawn(buildJudge(), { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#lines.on("line", (line) => this.#waiting.shift()?.(line));
  }

  /** Answers in the order of the requests. */
  ask(requests: readonly Request[]): Promise<Answer[]> {
    const answers = requests.map((one) => {
      const answer = new Promise<Answer>((done) => this.#waiting.push((line) => done(JSON.parse(line) as Answer)));
      this.#child.stdin.write(`${JSON.stringify(one)}\n`);
      return answer;
    });
    return Promise.all(answers);
  }

  close(): void {
    this.#child.stdin.end();
    this.#lines.close();
  }
}
