import { writeSync } from "node:fs";
import { join } from "node:path";
import { exitCodeOf } from "./exit.ts";
import { processIo } from "./io.ts";
import { main } from "./main.ts";

const argv = process.argv.slice(2);
// The build makes a require() of every import() it sees, and that reads no ECMAScript modules on Node 20. Only here: the
// core of the bundle is a script, from which nothing can be imported.
const importUrl = new Function("url", "return import(url)") as (url: string) => Promise<object>;
const loader = {
  openWorkspace: async (dir: string, underWay?: () => void) =>
    (await import("./load-engine.ts")).openWorkspace(dir, underWay),
  load: async () => (await import("./load-engine.ts")).loadEngine(),
  importFile: async (url: string) => {
    if (/\.[cm]?ts$/.test(url))
      await (await import("./read-typescript.ts")).readTypescript(join(__dirname, "typescript.cjs"), importUrl);
    return importUrl(url);
  },
};

// A program of the repository that was allowed to run may end the process, or wait for what never comes.
process.once("exit", () => {
  if (hasEnded) return;
  process.exitCode = exitCodeOf("failed");
  try {
    writeSync(
      2,
      "✗ This ended before it was done: something stopped the process or waits for ever, as a program after --config can.\n",
    );
  } catch {
    // Nobody reads it; the exit code tells.
  }
});
let hasEnded = false;

void main(argv, processIo(argv), loader).then((code) => {
  // Not exit(): output that a pipe has not taken yet must still be flushed.
  hasEnded = true;
  process.exitCode = code;
});
