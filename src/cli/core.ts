import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getHeapCodeStatistics, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { openCodeCache } from "./code-cache.ts";

const LATE = [
  ...["--invocation-count-for-maglev=10000", "--invocation-count-for-maglev-osr=3000"],
  ...["--invocation-count-for-turbofan=100000", "--invocation-count-for-osr=30000"],
];
/** By the version of V8, those that were tried: of node 20, 22, 24, 25 and 26. Another says of a flag it does not know so on stderr. */
const FLAGS: Record<string, readonly string[]> = {
  "11.3": ["--interrupt-budget=2400000", "--semi-space-growth-factor=16"],
  "12.4": LATE,
  "13.6": LATE,
  "14.1": LATE,
  "14.6": LATE,
};
const GARBAGE = ["--no-incremental-marking", "--no-flush-bytecode"];

/** A run that compiled this many times what was kept is kept in its place: the first one may have seen an empty repository. */
const MORE = 1.1;

type Modules = Record<string, () => unknown>;

let modules: Modules | undefined;

/**
 * A module of the core, which is compiled when the first one is asked for. Only bundles have a core. It is compiled here, not
 * by `require`, so that what V8 made of it can be kept: bench/README.md has a run with and without (*first run*).
 * @param errors module of the error classes; both halves of a bundle share it, so that `instanceof` holds in both
 */
export function loadFromCore(id: string, errors: unknown): unknown {
  modules ??= compile(errors);
  return modules[id]!();
}

function compile(errors: unknown): Modules {
  // Node holds its own modules compiled, which V8 takes only before its flags change.
  for (const name of ["child_process", "crypto", "util"]) require(`node:${name}`);
  tuneForShortRuns();
  const file = join(__dirname, "core.cjs");
  const source = readFileSync(file, "latin1");
  // It begins with the hash of the rest in a comment (scripts/build.mjs).
  const cache = openCodeCache(source.slice(2, 18), process.argv[2] ?? "");
  const cachedData = cache?.read();
  const script = new Script(source, { filename: file, ...(cachedData ? { cachedData } : {}) });
  const kept = cachedData && !script.cachedDataRejected ? compiledSize() : 0;
  if (cache) {
    // At the end: by then V8 has compiled what this command calls. A run that failed has called little of it.
    process.once("exit", (code) => {
      if (code !== 2 && compiledSize() > MORE * kept) cache.write(script.createCachedData());
    });
  }
  const module: { exports: { modules?: Modules } } = { exports: {} };
  const load = (name: string): unknown => (name === "fluxlift:errors" ? errors : require(name));
  script.runInThisContext()(module, module.exports, load);
  return module.exports.modules!;
}

/** How much code V8 holds compiled, in bytes. */
function compiledSize(): number {
  return getHeapCodeStatistics().bytecode_and_metadata_size;
}

/**
 * Most runs end within half a second, before optimised code pays for its compilation, which took a third of all their
 * processor time; functions have to run some forty times as long as usual before V8 optimises them. What a run makes mostly lives
 * to its end, so other threads do not look for garbage meanwhile, and no code is thrown away; on node 20 the space for new
 * objects also grows to its full 16 MB at once rather than being copied at every doubling (later ones are slower so).
 */
function tuneForShortRuns(): void {
  for (const flag of tuningFlags(process.versions.v8)) setFlagsFromString(flag);
}

/** What this V8 is told; nothing for one that was not tried. */
export function tuningFlags(v8: string): readonly string[] {
  const flags = FLAGS[v8.split(".", 2).join(".")];
  return flags === undefined ? [] : [...flags, ...GARBAGE];
}
