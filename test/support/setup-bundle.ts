import { join } from "node:path";
import { buildBundle } from "../../scripts/build.mjs";
import { PROJECT_ROOT } from "./project.ts";

/** The program as it is now: many test files run it, and a fresh clone has none. `.ci/run` has just built it. */
export default async function setup(): Promise<void> {
  if (process.env.FLUXLIFT_BUILT === undefined) await buildBundle(join(PROJECT_ROOT, "dist/fluxlift.js"));
}
