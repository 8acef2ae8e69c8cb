import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Record } from "./types.ts";

/** Raise when the steps or what is kept of an answer change: older answers are then asked for again. */
const FORMAT = 1;
/** Answers of this many builds are kept. */
const KEEP = 12;

/** Where builds, trees and answers lie: `FLUXLIFT_CACHE`, which several worktrees may share, or `.cache/compare`. */
export function cacheDir(project: string): string {
  return process.env.FLUXLIFT_CACHE ? resolve(process.env.FLUXLIFT_CACHE) : join(project, ".cache/compare");
}

/** Answers by build and unit, and the repositories that hold the trees of the base build. */
export class Store {
  readonly root: string;
  private readonly baseDir: string;

  /** @param base the full id of the commit that is compared with */
  constructor(cache: string, base: string) {
    this.root = cache;
    this.baseDir = join(cache, `base-${base.slice(0, 12)}-${FORMAT}`);
    mkdirSync(this.baseDir, { recursive: true });
  }

  /** Git repository with every tree the base build was run on and made; absent until it was. */
  repoOf(unit: string): string {
    return join(this.baseDir, "repos", unit);
  }

  /** A folder for one run, emptied. */
  workDir(unit: string): string {
    const dir = join(this.root, "work", `${process.pid}-${unit.replaceAll("/", "__")}`);
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    return dir;
  }

  /** @param build `base`, or the hash of a bundle */
  read(build: string, unit: string, input: string): Record | undefined {
    const path = this.pathOf(build, unit, input);
    if (!existsSync(path)) return undefined;
    return JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")) as Record;
  }

  write(build: string, input: string, record: Record): void {
    const path = this.pathOf(build, record.unit, input);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, gzipSync(JSON.stringify(record)));
    renameSync(`${path}.${process.pid}`, path);
  }

  /** Marks the answers of a build as used and drops those that were not used for longest. */
  touch(build: string): void {
    const dir = join(this.baseDir, "answers");
    mkdirSync(join(dir, build), { recursive: true });
    utimesSync(join(dir, build), new Date(), new Date());
    const old = readdirSync(dir)
      .filter((name) => name !== "base")
      .map((name) => ({ name, used: statSync(join(dir, name)).mtimeMs }))
      .sort((a, b) => b.used - a.used)
      .slice(KEEP);
    for (const { name } of old) rmSync(join(dir, name), { recursive: true, force: true });
  }

  private pathOf(build: string, unit: string, input: string): string {
    return join(this.baseDir, "answers", build, `${unit.replaceAll("/", "__")}-${input.slice(0, 12)}.json.gz`);
  }
}

export const sha256 = (...parts: (string | Buffer)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
};
