import { readFileSync, statfsSync } from "node:fs";

const ROOM = 4 * 2 ** 30;

/** Memory in place of a disk where there is enough: tests and benches make and remove some hundred thousand small files. */
export function fastTempDir(): string | undefined {
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
