import { isArchived, isSample } from "../../src/cluster/automation-files.ts";
import { isTerraformCode, readTerraform } from "../../src/cluster/gotk/terraform-text.ts";
import { isCommentLine } from "../../src/cluster/readable-text.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { dirname } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import { positionAt } from "../../src/yaml/lines.ts";

const LISTING = /\bdata\.flux_sync\.[\w-]+(?:\[[^\]\n]{0,100}\])?\.kustomize_content\b/;
const writesList = (text: string) => text.split("\n").some((line) => LISTING.test(line) && !isCommentLine(line));
const BLOCK = /^[ \t]*data[ \t]+"flux_sync"[ \t]/m;

/**
 * Terraform that writes the kustomization of bootstrap's folder, which the install phase adds to: its next apply takes the
 * operator off that list again. What writes nothing else of the folder changes nothing before the cutover.
 */
export function findRendered(tree: Tree): DraftFinding[] {
  const files = tree
    .grep("flux_sync")
    .filter((path) => isTerraformCode(path) && !isArchived(path) && !isSample(path))
    .map((path) => ({ path, text: readTerraform(tree, path) }));
  const folders = new Set(files.filter(({ text }) => writesList(text)).map(({ path }) => dirname(path)));
  return files.flatMap(({ path, text }): DraftFinding[] => {
    const block = folders.has(dirname(path)) ? BLOCK.exec(text) : null;
    if (!block) return [];
    const at = lineOf(path, positionAt(text, block.index).line);
    return [{ rule: "automation-installs-flux", level: "caution", at, facts: { how: "rendered", commands: [] } }];
  });
}
