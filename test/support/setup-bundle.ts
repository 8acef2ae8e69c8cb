import { join } from "node:path";
import { buildBundle } from "../../scripts/build.mjs";
import { PROJECT_ROOT } from "./project.ts";

/** The program as it is now: many test files run it, and a fresh clone has none. */
export default function setup(): Promise<void> {
  return buildBundle(join(PROJECT_ROOT, "dist/fluxlift.js"));
}
