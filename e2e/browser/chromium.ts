import { type ExecFileSyncOptions, execFileSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

const PROGRAM = "/usr/bin/chromium";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function isThere(): boolean {
  try {
    accessSync(PROGRAM, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian's Chromium, installed where it is missing. @throws Error where it cannot be */
function ensureChromium(log: (line: string) => void): void {
  if (isThere()) return;
  log("installing chromium with apt-get");
  const quiet: ExecFileSyncOptions = { stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("apt-get", ["update"], quiet);
  execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"], quiet);
  if (!isThere()) throw new Error(`${PROGRAM} is missing after apt-get install chromium`);
}

/** Runs `use` with a fresh browser that has never seen anything. */
export async function withBrowser<T>(
  log: (line: string) => void,
  use: (context: BrowserContext) => Promise<T>,
): Promise<T> {
  ensureChromium(log);
  const profile = mkdtempSync(join(tmpdir(), "fluxlift-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: PROGRAM,
    headless: true,
    args: FLAGS,
  });
  try {
    return await use(context);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
