import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { queryEnv } from "./git-env.ts";
import type { RepositoryPlace } from "./git-find.ts";
import { type Settings, writeSettings } from "./git-settings.ts";
import { octalBytes } from "./raw-names.ts";
import { makeTempFolder } from "./temp-folder.ts";
import { userFolder } from "./user-folder.ts";
import { codeOf, messageOf } from "./write-disk.ts";

export interface StandInOptions {
  /** Commit that counts as checked out; none where the question has nothing to do with it. */
  head?: string | undefined;
  /** Paths from the top folder of files too large to be read; see `git-index.ts`. */
  huge?: readonly string[];
  /** Another index than that of the repository; an absolute path. */
  index?: string | undefined;
}

export interface StandIn {
  /** Absolute path. */
  own: string;
  /** For questions about objects, index and files. */
  env: NodeJS.ProcessEnv;
  /** For objects alone. */
  bareEnv: NodeJS.ProcessEnv;
}

interface Known {
  own: string;
  /** What our own files say. */
  said: Map<string, string>;
  /** As which of the repository's files it was copied. */
  copied: Map<string, string>;
}

/** By what they stand for: a server that answers for hours opens a repository ever again. */
const known = new Map<string, Known>();

/**
 * A git folder of our own in front of a repository: its objects, its index and its files, none of its settings, hooks, refs
 * and remotes. So nothing that lies in a repository can make git start a program or a connection, whatever names git comes to
 * read settings by: what is needed is let in, by name, in `git-settings.ts`. What git makes for a question is written here.
 * It is made for the first question about a repository and removed when the process ends.
 * @throws RepoError when there is no room for it
 */
export function standInFor(place: RepositoryPlace, settings: Settings, options: StandInOptions = {}): StandIn {
  const config = writeSettings(settings);
  const key = [place.top, place.gitDir, place.commonDir, config].join("\0");
  let standIn = known.get(key);
  if (!standIn || !isWhole(standIn.own)) {
    const copied = new Map<string, string>();
    const own = makeOwnFolder((folder) => {
      furnish(folder, place, config);
      copied.clear();
      refresh(folder, copied, place);
    });
    standIn = { own, said: new Map(), copied };
    known.set(key, standIn);
  } else refresh(standIn.own, standIn.copied, place);
  const { own, said } = standIn;
  const { head, huge = [], index = join(place.gitDir, "index") } = options;
  const texts = { HEAD: `${head ?? "ref: refs/heads/none"}\n`, "info/attributes": writeAttributes(huge) };
  for (const [name, text] of Object.entries(texts)) {
    if (said.get(name) !== text) writeFileSync(join(own, name), text, "latin1");
    said.set(name, text);
  }
  const bareEnv = queryEnv(own);
  return { own, env: { ...bareEnv, GIT_WORK_TREE: place.top, GIT_INDEX_FILE: index }, bareEnv };
}

/** Below the cache folder where that for temporary files cannot be written to, as in some containers, or is full. */
function makeOwnFolder(fill: (own: string) => void): string {
  let reason = "";
  for (const parent of [tmpdir(), userFolder("XDG_CACHE_HOME", ".cache")]) {
    try {
      const own = makeTempFolder("git", parent);
      fill(own);
      return own;
    } catch (error) {
      if (error instanceof RepoError || codeOf(error) === undefined) throw error;
      reason ||= messageOf(error);
    }
  }
  const why = `git needs a folder for temporary files, and ${tmpdir()} cannot be written to: ${reason}`;
  throw new RepoError("no-temporary-folder", why, "Let TMPDIR name a folder that can be written to.");
}

function furnish(own: string, { commonDir }: RepositoryPlace, config: string): void {
  for (const dir of ["refs", "info", "objects", "objects/info"]) mkdirSync(join(own, dir));
  writeFileSync(join(own, "config"), config);
  writeFileSync(join(own, "objects/info/alternates"), `${quotePath(join(commonDir, "objects"))}\n`);
}

/** Machines that run for weeks clear out what is old among temporary files. */
function isWhole(own: string): boolean {
  return ["config", "refs", "objects/info/alternates"].every((name) => existsSync(join(own, name)));
}

/** Brings along what git or its owner may have changed since the last question. */
function refresh(own: string, copied: Known["copied"], { gitDir, commonDir }: RepositoryPlace): void {
  // Where a shallow history ends is no missing commit.
  for (const name of ["info/exclude", "shallow"]) {
    const stat = statOf(join(commonDir, name));
    const stamp = stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : "";
    if (copied.get(name) === stamp) continue;
    rmSync(join(own, name), { force: true });
    copyIfThere(join(commonDir, name), join(own, name));
    copied.set(name, stamp);
  }
  // An index may be split in two; git looks for the other half beside HEAD.
  for (const name of readdirSync(gitDir)) {
    if (!name.startsWith("sharedindex.") || copied.has(name)) continue;
    lend(join(gitDir, name), join(own, name));
    copied.set(name, "");
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // What cannot be looked at cannot be read either, which says so.
    return undefined;
  }
}

/** Anything but a plain file could block whoever opens it, or have no end. */
function copyIfThere(from: string, to: string): void {
  let content: Buffer;
  try {
    if (!statSync(from, { throwIfNoEntry: false })?.isFile()) return;
    content = readFileSync(from);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return;
    const message = `a file of git's own folder cannot be read: ${messageOf(error)}`;
    throw new RepoError("unreadable", message, "Make it readable, then repeat.", { cause: error });
  }
  writeFileSync(to, content);
}

function lend(from: string, to: string): void {
  try {
    symlinkSync(from, to);
  } catch {
    // Windows lets only some users make links.
    copyIfThere(from, to);
  }
}

/**
 * Tells git that these files are neither text nor worth a comparison, so that it never holds one in memory; and that all
 * others are text to be searched, whatever `.gitattributes` says: owners mark generated and encrypted YAML as binary.
 */
function writeAttributes(huge: readonly string[]): string {
  const lines = huge.map((path) => `${quotePattern(path)} -text -diff -ident -filter -working-tree-encoding\n`);
  return `* diff\n${lines.join("")}`;
}

/** A pattern for exactly this path. */
function quotePattern(path: string): string {
  return quotePath(`/${path.replace(/[\\*?[]/g, "\\$&")}`);
}

/** A path in the C style of git, which takes any byte but NUL: `"d/a\"b"`. */
export function quotePath(path: string): string {
  const escaped = path.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `"${octalBytes(escaped).replaceAll("\r", "\\r")}"`;
}
