import { cutEnd } from "../contract/cut.ts";

/** Whether a path is relative, in its plain form, and outside git's own folder on every file system. */
export function isInside(path: string): boolean {
  if (path === "" || path.includes("\0") || path.includes("\\")) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !isGitFolder(part));
}

/** Whether a text can be written as UTF-8: no half of a character is in it. */
export function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** What most file systems take of one name, in UTF-8. */
const MOST_BYTES = 255;

/** Why a file cannot be written under a path; undefined when nothing in its names speaks against it. */
export function findBadName(path: string): string | undefined {
  if (!isUnicode(path)) return "the name is no valid Unicode";
  const isLong = path.split("/").some((part) => Buffer.byteLength(part) > MOST_BYTES);
  return isLong ? `a name in it is longer than the ${MOST_BYTES} bytes that file systems take` : undefined;
}

/** Longer names are none that a file system takes. */
const MOST = 1024;

/**
 * Whether some file system takes a name for `.git`: one that knows no case, HFS+ which skips characters that do not show,
 * NTFS which drops dots and blanks at the end and reads `:` as the beginning of a stream, or by its short name. As git
 * itself decides it in `is_ntfs_dotgit` and `is_hfs_dotgit`, and errs towards yes.
 */
export function isGitFolder(name: string): boolean {
  if (name.length > MOST) return true;
  const letters = name.normalize("NFKD").replace(/[\p{M}\p{Cc}\p{Cf}]/gu, "");
  const plain = cutEnd(letters.split(":", 1)[0]!, ". ").toUpperCase();
  return plain === ".GIT" || /^GIT?[0-9A-F]{0,4}~\d+$/.test(plain);
}
