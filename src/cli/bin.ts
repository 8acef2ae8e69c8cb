import { processIo } from "./io.ts";
import { main } from "./main.ts";

const argv = process.argv.slice(2);
const loader = {
  openWorkspace: async (dir: string, underWay?: () => void) =>
    (await import("./load-engine.ts")).openWorkspace(dir, underWay),
  load: async () => (await import("./load-engine.ts")).loadEngine(),
};

// exitCode instead of exit(): output that a pipe has not taken yet must still be flushed.
process.exitCode = await main(argv, processIo(argv), loader);
