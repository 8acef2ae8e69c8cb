import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { cutEnd } from "../../contract/cut.ts";
import { RepoError } from "../../contract/errors.ts";
import { cloneShallow, forgetLogin } from "../../files/clone.ts";
import { makeFolder } from "../../files/make-folder.ts";
import { resolveRoot } from "../../files/site.ts";
import { makeTempFolder } from "../../files/temp-folder.ts";
import type { Entry } from "./entries.ts";
import type { Task } from "./task.ts";

/** Where an entry lies on the disk. */
export interface Place {
  folder: string;
  close?(): Promise<void>;
}

/** The folder of an entry; what is listed by its address is cloned. @throws RepoError where it cannot be */
export async function findPlace(
  { text, repo, isRemote }: Entry,
  { action, clones, cwd, timeout }: Task,
): Promise<Place> {
  if (!isRemote) {
    const folder = resolve(cwd, text);
    // What is listed may be an address that was mistyped, with a password in it.
    if (!existsSync(folder)) throw new RepoError("no-such-folder", `${repo} does not exist`, FOLDER_HINT);
    return { folder: resolveRoot(folder) };
  }
  const depth = action === "verify" ? 2 : 1;
  if (clones !== undefined) return { folder: await keepClone({ text, repo }, clones, depth, timeout) };
  const own = makeTempFolder("fleet");
  const close = () => rm(own, { recursive: true, force: true });
  const folder = join(own, "clone");
  const failed = await cloneShallow(text, folder, depth, timeout);
  if (failed === undefined) return { folder, close };
  await close();
  throw new RepoError("no-clone", `git clone: ${failed}`, CLONE_HINT);
}

/** Clones that are being made, by their folder. */
const underWay = new Map<string, Promise<void>>();

/**
 * A clone that stays; an address that is listed twice is cloned once. What a run before has made counts; one that was killed
 * in the middle has left it under another name.
 */
async function keepClone(
  { text, repo }: Pick<Entry, "text" | "repo">,
  clones: string,
  depth: number,
  timeout: number,
): Promise<string> {
  const name = cutEnd(repo, "/")
    .replace(/\.git$/, "")
    .split(/[/:\\]/)
    .at(-1)!;
  const folder = join(
    clones,
    `${name.slice(0, LONGEST).replace(/[^\w.-]/g, "_")}-${createHash("sha256").update(repo).digest("hex").slice(0, 8)}`,
  );
  if (existsSync(folder)) return folder;
  const cloning =
    underWay.get(folder) ?? cloneInto(folder, text, depth, timeout).finally(() => underWay.delete(folder));
  underWay.set(folder, cloning);
  await cloning;
  return folder;
}

/** Of what a folder is called by; a hash follows, and no file system takes more than 255 bytes. */
const LONGEST = 100;

/** Under another name until it is whole. */
async function cloneInto(folder: string, text: string, depth: number, timeout: number): Promise<void> {
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  makeFolder(dirname(folder));
  const failed = await cloneShallow(text, part, depth, timeout);
  if (failed !== undefined) throw new RepoError("no-clone", `git clone: ${failed}`, CLONE_HINT);
  await forgetLogin(part, text);
  await rename(part, folder);
}

const FOLDER_HINT =
  "Name a folder, or an address that git clones: https://HOST/OWNER/NAME.git or git@HOST:OWNER/NAME.git";
const CLONE_HINT = "Make `git clone` work with that address, then repeat.";
