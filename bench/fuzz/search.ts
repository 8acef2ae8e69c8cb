import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runInThisContext } from "node:vm";
import fc from "fast-check";
import type { Target } from "./targets.ts";

const FOUND = resolve(import.meta.dirname, "../../test/fuzz-cases");
/** Milliseconds that one case may take; the slowest plans a whole repository. */
const DEADLINE = 10_000;
const RUN = "fluxliftFuzzRun";

/** Checks one value. @returns how many edits it was good for. @throws what the check throws, or when it takes too long */
export async function checkOne(target: Target, value: unknown): Promise<number> {
  Object.assign(globalThis, { [RUN]: () => target.check(value) });
  return (await runInThisContext(`${RUN}()`, { timeout: DEADLINE })) ?? 0;
}

interface Search {
  edits: number;
  found?: { value: unknown; reason: string };
}

/** Looks for a value that breaks a target, and makes it as small as it finds. */
export async function search(target: Target, cases: number, seed: number): Promise<Search> {
  let edits = 0;
  const property = fc.asyncProperty(target.values, async (value) => {
    edits += await checkOne(target, value);
  });
  const run = await fc.check(property, { numRuns: cases, seed, interruptAfterTimeLimit: 3_600_000 });
  if (!run.failed || run.counterexample === null) return { edits };
  const reason = String((run.errorInstance as Error)?.stack ?? run.errorInstance);
  return { edits, found: { value: run.counterexample[0], reason } };
}

/** Keeps a value as a test. @returns the path of the file */
export function keepFound(target: string, value: unknown): string {
  const text = `${JSON.stringify({ target, value }, null, 2)}\n`;
  const path = join(FOUND, `${target}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}.json`);
  mkdirSync(FOUND, { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Everything that was found so far. */
export function readFound(): { file: string; target: string; value: unknown }[] {
  return readdirSync(FOUND).map((file) => ({ file, ...JSON.parse(readFileSync(join(FOUND, file), "utf8")) }));
}
