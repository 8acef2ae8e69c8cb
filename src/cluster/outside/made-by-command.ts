import { type Loc, lineOf } from "../../contract/errors.ts";
import type { Tree } from "../../files/tree.ts";
import { type AutomationFile, FLUX, listAutomation } from "../automation-files.ts";
import { commandLines } from "../command-lines.ts";
import { isCommentLine } from "../readable-text.ts";

const CREATES = new RegExp(String.raw`${FLUX}create\s+(?:ks|kustomization)\s`);

/** Of a line with a command, in characters. */
const LONGEST = 4096;

const isJob = ({ kind }: AutomationFile) => kind === "workflow";

/** A command that makes a FluxKustomization in the cluster, so that Git does not hold it; with `--export` it prints one. */
export function findCreated(tree: Tree): Loc | undefined {
  const files = listAutomation(tree);
  // A job may do so in a cluster that it throws away.
  const [jobs, others] = [files.filter(isJob), files.filter((file) => !isJob(file))];
  for (const { path, text } of [...others, ...jobs]) {
    // Most files speak of no such command, and are not cut into lines.
    if (!/\screate\s+(?:ks|kustomization)\s/.test(text)) continue;
    const lines = text.split("\n");
    const index = lines.findIndex((line, first) => {
      // Longer lines are no command, and flags in a row are tried from each of them.
      if (line.length > LONGEST || isCommentLine(line) || !CREATES.test(`${line} `)) return false;
      return ![...commandLines(lines, first)].some((part) => /\s--export\b/.test(part));
    });
    if (index >= 0) return lineOf(path, index + 1);
  }
  return undefined;
}
