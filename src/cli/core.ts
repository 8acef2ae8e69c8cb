import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { openCodeCache } from "./code-cache.ts";

/** Put in front of the bundle by scripts/build.mjs: the hash of `core.cjs`. */
declare const __CORE_HASH: string;

type Modules = Record<string, () => unknown>;

const require = createRequire(import.meta.url);
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
  tuneForShortRuns();
  const vm: typeof import("node:vm") = require("node:vm");
  const fs: typeof import("node:fs") = require("node:fs");
  const file = new URL("core.cjs", import.meta.url);
  const cache = openCodeCache({ fs, os: require("node:os") }, __CORE_HASH, process.argv[2] ?? "");
  const cachedData = cache?.read();
  const script = new vm.Script(
    `(function(module,exports,require){"use strict";${fs.readFileSync(file, "latin1")}\n})`,
    {
      filename: fileURLToPath(file),
      importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(cachedData ? { cachedData } : {}),
    },
  );
  if (cache && (!cachedData || script.cachedDataRejected)) {
    // At the end: by then V8 has compiled what this command calls.
    process.once("exit", () => cache.write(script.createCachedData()));
  }
  const module: { exports: { modules?: Modules } } = { exports: {} };
  const load = (name: string): unknown => (name === "fluxlift:errors" ? errors : require(name));
  script.runInThisContext()(module, module.exports, load);
  return module.exports.modules!;
}

/**
 * Most runs end within half a second, before optimised code pays for its compilation, which took a third of all their
 * processor time; functions have to run nine times as long as usual before V8 optimises them. What a run makes mostly lives
 * to its end, so the space for new objects grows to its full 16 MB at once rather than being copied at every doubling.
 * Later versions of V8 may not know the flags and would say so on stderr.
 */
function tuneForShortRuns(): void {
  if (!/^1[1-3]\./.test(process.versions.v8)) return;
  const v8: typeof import("node:v8") = require("node:v8");
  v8.setFlagsFromString("--interrupt-budget=600000");
  v8.setFlagsFromString("--semi-space-growth-factor=16");
}
