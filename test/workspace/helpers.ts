import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";
import { findUndo } from "../../src/files/undo.ts";
import { type Disk, realDisk } from "../../src/files/write-disk.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An empty temporary folder that is removed after the test. */
export function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "fluxlift-test-")));
  folders.push(folder);
  return folder;
}

export function put(root: string, files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

const IDENTITY = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "protocol.file.allow=always"];

export function git(root: string, ...args: string[]): string {
  return execFileSync("git", [...IDENTITY, ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** A git repository with these files committed on `main`. */
export function makeRepo(files: Record<string, string | Buffer>): string {
  const root = makeFolder();
  git(root, "init", "-q", "-b", "main");
  git(root, "config", "user.name", "Test");
  git(root, "config", "user.email", "test@example.org");
  put(root, files);
  git(root, "add", "-A");
  git(root, "commit", "-q", "--allow-empty", "-m", "first");
  return root;
}

/** Every file and folder below a root with mode and content, `.git` left out. */
export function photograph(root: string): Record<string, string> {
  const seen: Record<string, string> = {};
  const visit = (dir: string): void => {
    for (const name of readdirSync(join(root, dir)).sort()) {
      if (name === ".git") continue;
      const path = join(dir, name);
      const stat = lstatSync(join(root, path));
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isSymbolicLink()) seen[path] = `link ${readlinkSync(join(root, path))}`;
      else if (stat.isDirectory()) {
        seen[`${path}/`] = mode;
        visit(path);
      } else seen[path] = `${mode} ${readFileSync(join(root, path)).toString("latin1")}`;
    }
  };
  visit("");
  return seen;
}

export function setMode(root: string, path: string, mode: number): void {
  chmodSync(join(root, path), mode);
}

export interface Fault {
  disk: Disk;
  /** How many changing steps were asked for. */
  steps(): number;
}

/**
 * A disk whose changing step number `at` (from 1) fails; with `crash` every later step fails too, as if the process had
 * died there. `half` makes a failing `create` leave half a file behind.
 */
export function faultyDisk(at: number, mode: "once" | "crash", half = false): Fault {
  let count = 0;
  const step = <A extends unknown[]>(run: (...args: A) => void, torn?: (...args: A) => void) => {
    return (...args: A): void => {
      count++;
      if (count === at || (mode === "crash" && count > at)) {
        if (count === at) torn?.(...args);
        throw Object.assign(new Error(`EIO: injected fault at step ${at}`), { code: "EIO" });
      }
      run(...args);
    };
  };
  const disk: Disk = {
    ...realDisk,
    create: step(realDisk.create, (path, bytes, bits) => {
      if (half) realDisk.create(path, bytes.subarray(0, Math.floor(bytes.length / 2)), bits);
    }),
    rename: step(realDisk.rename),
    link: step(realDisk.link),
    unlink: step(realDisk.unlink),
    makeFolder: step(realDisk.makeFolder),
    removeFolder: step(realDisk.removeFolder),
  };
  return { disk, steps: () => count };
}

/** An interrupted write, and the two ways on; null when there is none. */
export function recover(root: string, disk?: Disk) {
  const target = findUndo(root, disk);
  if (!target?.interrupted) return null;
  const isUndo = target.interrupted === "undo";
  const [revert, resume] = isUndo ? [target.resume!, target.undo] : [target.undo, target.resume!];
  return { label: target.label, isUndo, revert, resume };
}

/** Takes the last write back, also one that was interrupted; an interrupted undo is finished. */
export function undo(root: string, disk?: Disk): { label: string; files: readonly string[] } {
  const target = findUndo(root, disk);
  if (!target) throw new Error("there is nothing to undo");
  target.undo();
  return { label: target.label, files: target.files };
}
