import { existsSync } from "node:fs";
import { join } from "node:path";
import { binaryPath, build, cacheDir, type Go } from "../install/build.ts";
import { binaryName, type Component } from "../install/components.ts";

const GITEA: Component = { name: "gitea", module: "code.gitea.io/gitea", version: "v1.26.0", pkg: "." };
const ACT: Component = { name: "act", module: "github.com/nektos/act", version: "v0.2.89", pkg: "." };

/** SQLite is C, and Gitea has it only with these. */
const GITEA_BUILD = { tags: "sqlite,sqlite_unlock_notify", cgo: true };

export interface Tools {
  gitea: string;
  /** The source of Gitea, with the templates and texts that it reads when it runs. */
  giteaSource: string;
  act: string;
}

/** Builds what the bench needs, unless it is there; the first time takes a quarter of an hour on two cores. */
export async function installTools(go: Go, log: (line: string) => void): Promise<Tools> {
  const giteaSource = join(cacheDir, "src", binaryName(GITEA));
  const isThere = existsSync(binaryPath(GITEA)) && existsSync(giteaSource);
  const gitea = isThere ? binaryPath(GITEA) : await build(go, GITEA, log, GITEA_BUILD);
  return { gitea, giteaSource, act: await build(go, ACT, log) };
}
