import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Which fluxlift a run was made with. */
export interface Code {
  /** The last one that changed `src` or `transforms`; later ones behave the same. */
  commit: string;
  /** Names the content of `src` and `transforms`; two commits with the same one behave the same. */
  source: string;
}

/** The code of this work tree; `source` ends in `-changed` when it has changes that are not committed. */
export function codeUnderTest(): Code {
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", join(import.meta.dirname, "../.."), ...args], { encoding: "utf8" }).trim();
  const trees = git("rev-parse", "HEAD:src", "HEAD:transforms").split("\n");
  const changed = git("status", "--porcelain", "--", "src", "transforms") !== "";
  return {
    commit: git("log", "-1", "--format=%h", "--abbrev=12", "--", "src", "transforms"),
    source: `${trees.map((one) => one.slice(0, 12)).join("-")}${changed ? "-changed" : ""}`,
  };
}

/** Whether a result was made with the code of this work tree; never where something is not committed. */
export function isSameCode(code: Code | undefined): boolean {
  const { source } = codeUnderTest();
  return code?.source === source && !source.endsWith("-changed");
}
