import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RepositoryPlace } from "./git-find.ts";

/** Where the parts of an entry are, in bytes: stat data that ends with the size, the object id, flags, then the name. */
const SIZE_AT = 36;
const ID_AT = 40;
const HAS_MORE_FLAGS = 0x4000;

/**
 * Tracked files above a size. The index knows nearly all sizes: to ask the disk about each of 100,000 files takes longer than
 * the rest of a run. The format is gitformat-index(5), versions 2 to 4.
 * @param limit in bytes
 * @param idBytes length of an object id: 20, or 32 with SHA-256
 * @returns paths from the top folder, bytes as latin1; empty where git could not read the index either
 */
export function listHuge({ gitDir, top }: RepositoryPlace, limit: number, idBytes: number): string[] {
  const names = readdirSync(gitDir).filter((name) => name === "index" || name.startsWith("sharedindex."));
  const huge = new Set<string>();
  // Of an index that is split, entries without a name stand for one of the other half, which tells an old size of it.
  let isOld = false;
  for (const name of names.sort()) {
    forEachEntry(readFileSync(join(gitDir, name)), idBytes, (size, readPath) => {
      // Modulo 4 GiB; 0 also where git does not trust what it saw.
      if (size <= limit && size !== 0 && !isOld) return;
      const path = readPath();
      if (path === "") isOld = true;
      else if (size > limit || sizeOnDisk(top, path) > limit) huge.add(path);
    });
  }
  return [...huge];
}

function sizeOnDisk(top: string, path: string): number {
  try {
    return lstatSync(Buffer.from(`${Buffer.from(top).toString("latin1")}/${path}`, "latin1")).size;
  } catch {
    return 0;
  }
}

function forEachEntry(index: Buffer, idBytes: number, visit: (size: number, readPath: () => string) => void): void {
  if (index.length < 12 || index.toString("latin1", 0, 4) !== "DIRC") return;
  const isPacked = index.readUInt32BE(4) >= 4;
  const flagsAt = ID_AT + idBytes;
  let last = "";
  let at = 12;
  for (let left = index.readUInt32BE(8); left > 0 && at + flagsAt + 4 <= index.length; left--) {
    const hasMore = (index.readUInt16BE(at + flagsAt) & HAS_MORE_FLAGS) !== 0;
    const size = index.readUInt32BE(at + SIZE_AT);
    const cut = isPacked ? readNumber(index, at + flagsAt + (hasMore ? 4 : 2)) : undefined;
    const from = cut?.next ?? at + flagsAt + (hasMore ? 4 : 2);
    const end = index.indexOf(0, from);
    if (end < 0) return;
    const readName = () => index.toString("latin1", from, end);
    if (cut) last = last.slice(0, last.length - cut.value) + readName();
    visit(size, cut ? () => last : readName);
    // Up to version 3 an entry is filled up to a multiple of 8 bytes, with at least one.
    at = cut ? end + 1 : at + ((end - at + 8) & ~7);
  }
}

/** A number in as many bytes as it needs, as version 4 counts what a name has not in common with the one before. */
function readNumber(bytes: Buffer, at: number): { value: number; next: number } {
  let byte = bytes[at++] ?? 0;
  let value = byte & 127;
  while (byte & 128) {
    byte = bytes[at++] ?? 0;
    value = (value + 1) * 128 + (byte & 127);
  }
  return { value, next: at };
}
