import { lineOf } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import { basename } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { CLI_INSTALLS, isArchived, isDocs } from "./automation-files.ts";
import { codeLines } from "./readable-text.ts";

/** What only Flux 1 has, the surest first: the groups of its HelmRelease, its charts, its images and its command line. */
const MARKS = [
  ...["helm.fluxcd.io/v1", "flux.weave.works/v1", "charts.fluxcd.io", "fluxcd/helm-operator", "fluxcd/flux:1."],
  "fluxctl",
];

/** A list of tools to install may name `fluxctl` for years after. */
const COMMAND =
  /\bfluxctl\s+(?:-\S+\s+(?:[^-\s]\S*\s+)?){0,6}(?:automate|deautomate|identity|install|list-images|list-workloads|lock|policy|release|save|sync|unlock)\b/;

/** What installs Flux 2 without a manifest of its own here: the CLI, Terraform, a chart. */
const OF_FLUX_2 = [...CLI_INSTALLS, "flux_bootstrap_git", "fluxcd.controlplane.io", "flux2", "flux-operator"];

/** What its `.flux.yaml` may say; a file of that name may be anybody's. */
const SETTINGS = /^(?:patchUpdated|commandUpdated|scanForFiles)\s*:/m;

/** Says so where a repository is one of Flux 1. Asked only where nothing mentions an API group of Flux 2. */
export function reportFluxV1(tree: Tree): Finding | undefined {
  if (OF_FLUX_2.some((mark) => tree.grep(mark).some((file) => findLine(tree, file, mark) >= 0))) return undefined;
  const at = findMark(tree) ?? findSettings(tree);
  if (!at) return undefined;
  return {
    rule: "flux-v1",
    level: "blocker",
    at: lineOf(at.file, at.line),
    what: `This is Flux 1 (${at.mark}), and nothing here is of Flux 2.`,
    why: "Flux 1 is another program with other kinds, and no longer maintained: Flux Operator runs Flux 2.2 and later, and cannot take it over.",
    next: "Move to Flux 2 first, as https://fluxcd.io/flux/migration/ says, or install Flux 2 with Flux Operator in its place and rewrite these files for its kinds. Until then there is nothing for fluxlift to do.",
  };
}

function findMark(tree: Tree) {
  for (const mark of MARKS) {
    for (const file of tree.grep(mark)) {
      const index = findLine(tree, file, mark);
      if (index >= 0) return { file, line: index + 1, mark };
    }
  }
  return undefined;
}

function findLine(tree: Tree, file: string, mark: string): number {
  if (isDocs(file) || isArchived(file)) return -1;
  return codeLines(tree, file).findIndex((line) => (mark === "fluxctl" ? COMMAND.test(line) : line.includes(mark)));
}

function findSettings(tree: Tree) {
  const file = tree.paths.find((path) => basename(path) === ".flux.yaml" && SETTINGS.test(tree.read(path) ?? ""));
  return file === undefined ? undefined : { file, line: 1, mark: basename(file) };
}
