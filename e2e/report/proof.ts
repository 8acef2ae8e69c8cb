import { join } from "node:path";
import { cacheDir } from "../install/build.ts";
import type { Scenario } from "../scenarios/scenario.ts";

/** One JSON file a scenario and generation; the proof is written from them. */
export const resultsDir = join(cacheDir, "results");

export function writeProof(_scenarios: Scenario[], _log: (line: string) => void): number {
  return 0;
}
