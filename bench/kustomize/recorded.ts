import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { type Case, caseArbitrary } from "./case.ts";
import { canonical } from "./compare.ts";

/** What the real kustomize said of the cases of one seed, short enough to keep: who runs the tests needs no Go. */
export interface Recorded {
  seed: number;
  /** Digest of all cases: another one means that the generator has changed. */
  cases: string;
  /** For each case the digest of the objects that are built; `""` where the build fails. */
  answers: string[];
}

export const recordedFile = join(import.meta.dirname, "recorded.json.gz");

export function readRecorded(): Recorded {
  return JSON.parse(gunzipSync(readFileSync(recordedFile)).toString("utf8")) as Recorded;
}

export function makeCases(seed: number, count: number): Case[] {
  return fc.sample(caseArbitrary, { seed, numRuns: count });
}

export function digestObjects(objects: readonly unknown[]): string {
  return digest(objects.map(canonical).sort());
}

export function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, 12);
}
