import { cutEnd } from "../../../src/contract/cut.ts";
import { readKeeps } from "../../../src/delivery/artifact-files.ts";
import { isWithin } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import type { Tree } from "../../../src/files/tree.ts";

/**
 * `spec.ignore` of a source whose artifact begins at a sub-folder: patterns count from the artifact's root, so `/*` with
 * `!/kubernetes` would leave nothing of an artifact made of `kubernetes`. The rules are translated and then proven on the
 * files of the tree: the same ones have to stay.
 * @returns the new rules, `''` when none are needed, undefined when no translation keeps the same files
 */
export function rerootIgnore(tree: Tree, rules: string, artifactPath: string): string | undefined {
  if (artifactPath === "") return rules;
  const before = keptFiles(tree, artifactPath, rules, "");
  const candidates = ["", translate(rules, artifactPath), rules];
  return candidates.find((candidate) => sameList(keptFiles(tree, artifactPath, candidate, artifactPath), before));
}

/** Files below `folder` that source-controller keeps of an artifact that begins at `root`; links never get there. */
function keptFiles(tree: Tree, folder: string, ignore: string, root: string): string[] {
  const keeps = readKeeps(tree, { ignore }, root);
  return tree.paths.filter((path) => isWithin(path, folder) && tree.status(path) !== "symlink" && keeps(path));
}

/** Whether Flux keeps files today that `flux push artifact` leaves out by itself: pictures and archives. */
export function keepsExtensions(tree: Tree, folder: string, rules: string): boolean {
  return keptFiles(tree, folder, rules, "").some((path) => /\.(?:jpe?g|gif|png|wmv|flv|tar\.gz|zip)$/.test(path));
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function translate(rules: string, artifactPath: string): string {
  const prefix = new RegExp(`^(!?)/?${escapeRegExp(artifactPath)}/`);
  const lines = rules.split("\n").filter((line) => {
    const rule = cutEnd(line.trim(), "/");
    return rule !== "/*" && rule !== `!/${artifactPath}` && rule !== `!${artifactPath}`;
  });
  return lines.map((line) => line.replace(prefix, "$1/")).join("\n");
}
