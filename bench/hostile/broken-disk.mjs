// A disk of which one step fails, or every one from there on: what changes it is counted by the functions of node that do.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { BROKEN_STEP, BROKEN_CODE, BROKEN_DIES, BROKEN_ROOT } = process.env;
const at = Number(BROKEN_STEP);
let count = 0;
for (const name of [
  "renameSync",
  "linkSync",
  "unlinkSync",
  "mkdirSync",
  "rmdirSync",
  "writeSync",
  "writeFileSync",
  "rmSync",
]) {
  const real = fs[name];
  fs[name] = (...args) => {
    const isOurs =
      typeof args[0] !== "string" || String(args[0]).startsWith(BROKEN_ROOT) || args[0].startsWith("/proc/self/fd");
    if (isOurs && (typeof args[0] !== "number" || args[0] > 2)) {
      count++;
      if (count === at || (BROKEN_DIES && count > at))
        throw Object.assign(new Error(`${BROKEN_CODE}: injected`), { code: BROKEN_CODE, syscall: name });
    }
    return real(...args);
  };
}
syncBuiltinESMExports();
