import ignore from "ignore";
import type { Tree } from "../../workspace/tree.ts";
import { basename, dirname, isWithin } from "../paths.ts";
import { escapeRegExp } from "../patterns.ts";

/** What source-controller leaves out while no pattern stands anywhere (flux-semantics 6.1). */
const EXTENSIONS = ["*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"];
const CI = [
  ...[".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml"],
  ...["codeship-services.yml", "codeship-steps.yml", "**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"],
];

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
export function keptFiles(tree: Tree, folder: string, rules: string, root: string): string[] {
  const files = tree.paths.filter((path) => isWithin(path, folder) && tree.status(path) !== "symlink");
  const own = tree.paths.filter((path) => basename(path) === ".sourceignore" && isWithin(path, root));
  const matchers = own.map((path) => ({ dir: dirname(path), matcher: ignore().add(tree.read(path) ?? "") }));
  const main = ignore().add(rules);
  if (own.length === 0 && !hasPattern(rules)) main.add([...EXTENSIONS, ...CI]);
  const below = (path: string, dir: string) => (dir === "" ? path : path.slice(dir.length + 1));
  return files.filter(
    (path) =>
      !main.ignores(below(path, root)) &&
      !matchers.some(({ dir, matcher }) => dir !== path && isWithin(path, dir) && matcher.ignores(below(path, dir))),
  );
}

/** Whether Flux keeps files today that `flux push artifact` leaves out by itself: pictures and archives. */
export function keepsExtensions(tree: Tree, folder: string, rules: string): boolean {
  const pushed = ignore().add(EXTENSIONS);
  return keptFiles(tree, folder, rules, "").some((path) => pushed.ignores(path));
}

function hasPattern(rules: string): boolean {
  return rules.split("\n").some((line) => line.trim() !== "" && !line.trim().startsWith("#"));
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function translate(rules: string, artifactPath: string): string {
  const prefix = new RegExp(`^(!?)/?${escapeRegExp(artifactPath)}/`);
  const lines = rules.split("\n").filter((line) => {
    const rule = line.trim().replace(/\/+$/, "");
    return rule !== "/*" && rule !== `!/${artifactPath}` && rule !== `!${artifactPath}`;
  });
  return lines.map((line) => line.replace(prefix, "$1/")).join("\n");
}
