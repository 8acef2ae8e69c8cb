import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { dirOf, isRemote, kustomizationFile, namedPaths, reach } from "./gate/reach.ts";
import { joinPath, type Snapshot } from "./gate/snapshot.ts";

/**
 * Everything that decides what a folder yields: the files it reaches, the names beside them, and what is named and not there.
 * A folder that lies in three states of one repository is then built once.
 */
export function contentOf(tree: Snapshot, dir: string): string {
  const files = reach(tree, dir);
  const hash = createHash("sha256").update(dir);
  for (const file of files) hash.update(`\0${file}\0${tree.text(file)}`);
  for (const folder of new Set(files.map(dirOf))) hash.update(`\0${folder}\0${tree.entries(folder).join("\0")}`);
  for (const file of files.filter((path) => kustomizationFile(tree, dirOf(path)) === path)) {
    for (const { target } of tree.yaml(file).docs.flatMap((doc) => namedPaths(doc.data))) {
      const path = joinPath(dirOf(file), target);
      if (!isRemote(target) && !tree.has(path) && !tree.isDir(path)) hash.update(`\0absent ${path}`);
    }
  }
  return hash.digest("hex").slice(0, 32);
}

/** Answers by content, kept on disk for one version of the code that gives them. */
export class AnswerCache<T> {
  private readonly file: string;
  private readonly known = new Map<string, T>();

  /** @param code hash of the code that answers; answers of older code are dropped */
  constructor(dir: string, code: string) {
    mkdirSync(dir, { recursive: true });
    this.file = join(dir, `${code}.jsonl`);
    for (const name of readdirSync(dir)) if (name !== `${code}.jsonl`) rmSync(join(dir, name), { recursive: true });
    if (!existsSync(this.file)) return;
    for (const line of readFileSync(this.file, "utf8").split("\n")) {
      // The last line may be cut where a run was stopped.
      if (!line.endsWith("]")) continue;
      const [key, answer] = JSON.parse(line) as [string, T];
      this.known.set(key, answer);
    }
  }

  get(key: string, make: () => T): T {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const answer = make();
    this.known.set(key, answer);
    appendFileSync(this.file, `${JSON.stringify([key, answer])}\n`);
    return answer;
  }
}
