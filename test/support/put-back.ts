import fc from "fast-check";
import { afterAll, vi } from "vitest";
import { startFromSmallParent } from "./small-parent.ts";

startFromSmallParent();

// The same cases in every run: what a new one finds is for `FLUXLIFT_SEED`, not for the next who changes something else.
const seed = process.env.FLUXLIFT_SEED ?? "20";
if (!/^\d+$/.test(seed)) throw new Error(`FLUXLIFT_SEED has to be a number: ${seed}`);
fc.configureGlobal({ seed: Number(seed) });

// Files share a process: what one changes of it is put back before the next begins.
const env = { ...process.env };
const cwd = process.cwd();

afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
});
