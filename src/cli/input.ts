import { closeSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../contract/errors.ts";
import { refuseCommittedLinks } from "../files/report-file.ts";

/** No plan, list or file of facts is larger; what has no end, such as /dev/zero, has no size either. */
const MOST_BYTES = 1 << 28;
const PART_BYTES = 1 << 16;

/** A file that a flag or an argument names. @throws UsageError when it cannot be read, or never ends. */
export function readInput(
  cwd: string,
  file: string,
  error: { code: string; what: string; hint: string },
  most = MOST_BYTES,
): string {
  const path = resolve(cwd, file);
  let bytes: Buffer | undefined;
  try {
    refuseCommittedLinks(path);
    bytes = readUpTo(path, most);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(error.code, `${error.what} ${file} cannot be read (${code}).`, error.hint);
  }
  if (bytes) return decode(bytes);
  throw new UsageError(error.code, `${error.what} ${file} is larger than it can be.`, error.hint);
}

/** What is in a file, however long it says that it is; undefined where that is more. */
function readUpTo(path: string, most: number): Buffer | undefined {
  const fd = openSync(path, "r");
  try {
    const parts: Buffer[] = [];
    let size = 0;
    for (;;) {
      const part = Buffer.allocUnsafe(PART_BYTES);
      const read = readSync(fd, part, 0, part.length, null);
      if (read === 0) return Buffer.concat(parts, size);
      size += read;
      if (size > most) return undefined;
      parts.push(part.subarray(0, read));
    }
  } finally {
    closeSync(fd);
  }
}

/** Text in UTF-8, or as its first bytes say: Windows PowerShell 5 writes `> plan.json` in UTF-16. */
function decode(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString("hex");
  return new TextDecoder(mark === "fffe" ? "utf-16le" : mark === "feff" ? "utf-16be" : "utf-8").decode(bytes);
}
