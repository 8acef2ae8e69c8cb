import { processIo } from "./io.ts";
import { main } from "./main.ts";

const argv = process.argv.slice(2);
const loader = {
  openWorkspace: async (dir: string, underWay?: () => void) =>
    (await import("./load-engine.ts")).openWorkspace(dir, underWay),
  load: async () => (await import("./load-engine.ts")).loadEngine(),
};

void main(argv, processIo(argv), loader).then((code) => {
  // Not exit(): output that a pipe has not taken yet must still be flushed.
  process.exitCode = code;
});
