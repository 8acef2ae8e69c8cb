import { readFileSync, statfsSync } from "node:fs";
import { defineConfig } from "vitest/config";

const ROOM = 4 * 2 ** 30;

/** Memory in place of a disk where there is enough: the tests make and remove some hundred thousand small files. */
function fastTempDir(): string | undefined {
  try {
    const mount = readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .find((line) => line.split(" ")[1] === "/dev/shm");
    const { bavail, bsize } = statfsSync("/dev/shm");
    return mount?.includes("tmpfs") && !mount.includes("noexec") && bavail * bsize > ROOM ? "/dev/shm" : undefined;
  } catch {
    return undefined;
  }
}

const tempDir = process.env.TMPDIR ?? fastTempDir();

export default defineConfig({
  test: {
    // Its ESM imports JSON in a way that node itself does not take.
    server: { deps: { inline: [/@actions\/(?:workflow-parser|expressions)/] } },
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    env: tempDir === undefined ? {} : { TMPDIR: tempDir },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
