import { existsSync, rmSync } from "node:fs";
import { git } from "../corpus/repo.ts";

/** Two folders of one clone, for the tree before and the tree after; checking out the next pair only touches what differs. */
export class Folders {
  private readonly clone: string;
  private readonly dir: string;

  constructor(clone: string, dir: string) {
    this.clone = clone;
    this.dir = dir;
    rmSync(dir, { recursive: true, force: true });
    git(clone, "worktree", "prune");
  }

  /** Folder that holds a revision now; it changes with the next call for the same side. */
  open(side: "before" | "after", revision: string): string {
    const folder = `${this.dir}/${side}`;
    if (!existsSync(folder)) git(this.clone, "worktree", "add", "--detach", "--force", "-q", folder, revision);
    else git(folder, "checkout", "-q", "-f", "--detach", revision);
    git(folder, "clean", "-fdxq");
    return folder;
  }

  close(): void {
    rmSync(this.dir, { recursive: true, force: true });
    git(this.clone, "worktree", "prune");
  }
}
