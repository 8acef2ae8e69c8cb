import { isAscii, isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import type { FileStatus } from "./tree.ts";

/** Files above this many bytes are not read; Flux's own gotk-components.yaml is about 0.5 MiB. */
export const HUGE_BYTES = 2 * 1024 * 1024;

export interface FileContent {
  status: FileStatus;
  /** Present when the status is `text`. */
  text?: string;
}

/** Whether a text is what Git LFS writes into Git in place of a file. */
export function isLfsPointer(text: string): boolean {
  return text.startsWith("version https://git-lfs.github.com/spec/v1\noid ");
}

export const GIT_CRYPT_HEADER = "\0GITCRYPT\0";
const NO_FOLLOW: number | undefined = constants.O_NOFOLLOW;
/** A named pipe must not block the open. */
const FLAGS = constants.O_RDONLY | (NO_FOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

let shared: Buffer | undefined;

/** Reads a file once and says what it is; never throws, never follows a symlink in the last part of the path. */
export function readContent(absolute: string | Buffer): FileContent {
  let fd: number | undefined;
  try {
    if (NO_FOLLOW === undefined && lstatSync(absolute).isSymbolicLink()) return { status: "symlink" };
    fd = openSync(absolute, FLAGS);
    shared ??= Buffer.allocUnsafe(HUGE_BYTES + 1);
    let size = 0;
    while (size < shared.length) {
      const read = readSync(fd, shared, size, shared.length - size, null);
      if (read === 0) break;
      size += read;
    }
    if (size === 0 && !fstatSync(fd).isFile()) return { status: "unreadable" };
    return classify(shared.subarray(0, size));
  } catch (error) {
    return { status: (error as NodeJS.ErrnoException).code === "ELOOP" ? "symlink" : "unreadable" };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** So many bytes of a file that is too large are looked through. */
const MOST_SEARCHED = 1 << 28;

/** Whether a file that is too large to be read may hold a word of ASCII: it does, or is too large to be looked through either. */
export function mayHold(absolute: string, word: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(absolute, FLAGS);
    const { size } = fstatSync(fd);
    if (size > MOST_SEARCHED) return true;
    const buffer = Buffer.allocUnsafe(1 << 20);
    let kept = 0;
    for (let read = -1; read !== 0; ) {
      read = readSync(fd, buffer, kept, buffer.length - kept, null);
      const text = buffer.subarray(0, kept + read);
      if (text.includes(word)) return true;
      // The word may begin here and end in what follows.
      kept = Math.min(word.length - 1, text.length);
      buffer.copyWithin(0, text.length - kept, text.length);
    }
    return false;
  } catch {
    return true;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Says what bytes are. Text is valid UTF-8 without NUL, so that writing the string gives the same bytes again. */
export function classify(bytes: Buffer): FileContent {
  if (bytes.length > HUGE_BYTES) return { status: "huge" };
  if (bytes.includes(0)) return { status: bytes.indexOf(GIT_CRYPT_HEADER) === 0 ? "encrypted" : "binary" };
  // Most files are ASCII, and node decodes that several times as fast.
  if (isAscii(bytes)) return { status: "text", text: bytes.toString("latin1") };
  return isUtf8(bytes) ? { status: "text", text: bytes.toString("utf8") } : { status: "binary" };
}
