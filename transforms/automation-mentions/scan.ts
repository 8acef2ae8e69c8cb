import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { basename, dirname } from "../../src/delivery/paths.ts";
import { remember } from "../../src/files/remember.ts";
import type { Tree } from "../../src/files/tree.ts";
import { type Apply, type Line, type Mention, matchLine, readApply, readLines } from "../shared/automation/applies.ts";
import { isFolderPlace } from "../shared/automation/name-places.ts";
import { makeRuleMatcher } from "../shared/automation/rules.ts";
import type { Target } from "../shared/automation/targets.ts";
import { stateOwnerOf } from "./state-owners.ts";

/**
 * The lines of a file that apply a target, and those that name one and fail without it.
 * @param now the tree with the edits of the clusters before this one
 */
export function scanFile(
  file: AutomationFile,
  files: readonly AutomationFile[],
  targets: readonly Target[],
  tree: Tree,
  now: Tree,
): { applies: Apply[]; mentions: Mention[] } {
  const applies: Apply[] = [];
  const mentions: Mention[] = [];
  const isRule = file.kind === "renovate" || file.kind === "lint";
  const match = isRule ? makeRuleMatcher(targets, tree, now) : (line: Line) => matchLine(line, targets, tree);
  for (const line of targets.length === 0 ? [] : readLines(tree, file, files)) {
    const mention = match(line);
    if (!mention) continue;
    const { certain } = mention.match;
    const runs = !line.isComment && !line.isPrinted && !isRule;
    const apply = runs ? readApply(mention) : undefined;
    if (apply) applies.push(apply);
    else if ((fails(mention) || isOwned(tree, mention)) && (!line.isComment || (certain && isProse(line.text)))) {
      if (!isForOthers(tree, mention, targets)) mentions.push(mention);
    }
  }
  return { applies, mentions };
}

/** A name that fits files which stay as well, `flux-system/$app.yaml`, in a file that says the name of none that goes. */
function isForOthers(tree: Tree, mention: Mention, targets: readonly Target[]): boolean {
  const { file } = mention.line;
  const { target, others } = mention.match;
  const beside = others.filter((path) => target.isFile && dirname(path) === dirname(target.path));
  if (beside.length === 0) return false;
  const fitting = new Set([target.path, ...beside]);
  const gone = targets.filter(({ path, vanishes }) => vanishes && fitting.has(path));
  const isSaid = ({ path }: Target) => {
    const name = basename(path).replace(/\.\w+$/, "");
    return remember(tree, `says ${name}`, file, () => file.text.includes(name));
  };
  return gone.length < fitting.size && !gone.some(isSaid);
}

/** Whether what a line names is gone for it: a folder may keep a key and still have nothing left to build. */
function fails({ line: { text }, word, match: { target } }: Mention): boolean {
  const isBuilt = () =>
    /\bkustomize build\b/.test(text) || (!target.isEmptied && BUILT.test(text.slice(0, word.start)));
  return target.vanishes || (!target.stays && !target.isFile && isBuilt());
}

/** What stands before a folder that kubectl builds, whatever it does with it: `delete -k`, `diff --kustomize=`. */
const BUILT = /(?:\s-k|\s--kustomize|\bkubectl\s+kustomize)[=\s]\s*["']?$/;

/** Whether what a line names holds the install, for something that deletes what it no longer finds there. */
function isOwned(tree: Tree, { line, word, match: { target } }: Mention): boolean {
  const isMeant = !line.isComment && target.roles.length > 0 && isFolderPlace(line.text, word);
  return isMeant && stateOwnerOf(tree, line) !== undefined;
}

/** A comment that explains, such as `# now apply a/b.yaml`; a command commented out runs nothing and explains nothing. */
function isProse(text: string): boolean {
  return !/^[\s#/]*(?:-\s+)?(?:sudo\s+)?(?:kubectl|kustomize|oc|k|flux|helm|helmfile|task|just)\s/.test(text);
}
