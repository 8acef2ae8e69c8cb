import { afterAll, vi } from "vitest";
import { startFromSmallParent } from "./small-parent.ts";

startFromSmallParent();

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
