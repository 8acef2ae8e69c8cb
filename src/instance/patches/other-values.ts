import { isDeepStrictEqual } from "node:util";
import type { Install } from "../../cluster/types.ts";
import type { Loc } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { itemsOf, type KubeObject, type YamlData } from "../../contract/objects.ts";
import { describe } from "../../delivery/kinds.ts";
import { isSubstitutionDisabled } from "../../delivery/kustomize/index.ts";
import { locateField } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import type { Substitution } from "../types.ts";
import { listVariables, locateVariable } from "./escape.ts";

/** Variables of patches that the instance would have filled in otherwise than today. */
export function reportOtherValues(tree: Tree, install: Install, { values, nextValues }: Substitution): DraftFinding[] {
  return install.patches.flatMap(({ body, at }) => {
    const variable = findOtherValue(body, values, nextValues);
    return variable === undefined ? [] : [lost(tree, at, { owner: "a patch of the controllers", variable })];
  });
}

/** The same of source and root. */
export function reportSyncValues(
  tree: Tree,
  objects: readonly KubeObject[],
  ofRoot: YamlData,
  { nextValues }: Substitution,
): DraftFinding[] {
  return objects.flatMap((object) => {
    const text = isSubstitutionDisabled(object.data) ? "" : JSON.stringify(object.data.spec ?? {});
    const variable = findOtherValue(text, ofRoot, nextValues);
    if (variable === undefined) return [];
    return [lost(tree, locateField(tree, object, ["spec"]), { owner: describe(object), variable })];
  });
}

function lost(tree: Tree, at: Loc, { owner, variable }: { owner: string; variable: string }): DraftFinding {
  const facts = { owner, variable, isOther: true } as const;
  return {
    rule: "patch-substitution-lost",
    level: "blocker",
    at: locateVariable(tree.read(at.file), at, variable),
    facts,
  };
}

/**
 * The first variable of a text that two `postBuild`s fill in differently: both substitute, but the new place does not take
 * the value from where the old one does. What both look up in the same ConfigMaps and Secrets is the same, and so is
 * what only the new place looks up in more of them.
 */
function findOtherValue(text: string, old: YamlData, next: YamlData): string | undefined {
  const isCovered = isSubsequence(
    itemsOf(old?.substituteFrom).map(printSource),
    itemsOf(next?.substituteFrom).map(printSource),
  );
  return listVariables(text).find((name) => {
    const [before, after] = [old?.substitute?.[name], next?.substitute?.[name]];
    if (before === undefined && after === undefined) return !isCovered;
    return !isDeepStrictEqual(before, after);
  });
}

function printSource({ kind, name }: YamlData): string {
  return `${kind}/${name}`;
}

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const one of whole) if (one === part[at]) at++;
  return at === part.length;
}
