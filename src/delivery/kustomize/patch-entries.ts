import type { Unknown } from "../../contract/answer.ts";
import type { Loc } from "../../contract/errors.ts";
import { type Accumulated, type BuildFiles, hide } from "./accumulated.ts";
import { BuildError } from "./build-error.ts";
import { type Data, scalarText } from "./data.ts";
import type { KustomizationFile } from "./file.ts";
import type { Item } from "./item.ts";
import { applyJson, applyPatch, type PatchContext, patchOptions, present, targetOf, tryOperations } from "./patch.ts";
import { compileTarget } from "./select.ts";
import { findDuplicate } from "./transform.ts";

export type Locate = (field: string, value: string) => Loc;

/** Runs one patch or replacement over the objects and keeps what it makes of them. */
export function patchAll(
  acc: Accumulated,
  at: Loc,
  run: (items: readonly Item[], context: PatchContext) => readonly (Item | undefined)[],
): void {
  const undecided: Unknown[] = [];
  const context = {
    at,
    incomplete: acc.incomplete,
    unmatched: (what: string) => acc.unknowns.push({ at, what }),
    undecided: (what: string) => undecided.push({ at, what }),
  };
  acc.items = present(run(acc.items, context));
  for (const one of undecided) hide(acc, one);
}

/** Applies one entry of `patches`, or a PatchTransformer, which has the same fields. */
export function patch(
  build: BuildFiles,
  file: KustomizationFile,
  acc: Accumulated,
  field: string,
  entry: Data,
  locate: Locate,
): void {
  const [inline, path] = [scalarText(entry.patch).trim(), scalarText(entry.path)];
  const at = locate(field, path || inline);
  if ((inline === "") === (path === "")) throw new BuildError(at, "a patch must have one of patch and path");
  const target = targetOf(entry);
  const text = inline || build.readText(file, field, path, acc, target && compileTarget(target, at));
  if (text === undefined) return;
  patchAll(acc, at, (items, context) => applyPatch(items, text, target, patchOptions(entry), context));
  if (target === undefined) return;
  const twice = findDuplicate(acc.items);
  if (twice && tryOperations(text) === undefined) {
    throw new BuildError(at, `may not add resource with an already registered id: ${twice.kind}/${twice.name}`);
  }
}

/** Applies one entry of `patchesJson6902`, or a PatchJson6902Transformer. */
export function patchJson(
  build: BuildFiles,
  file: KustomizationFile,
  acc: Accumulated,
  entry: Data,
  locate: Locate,
): void {
  const [inline, path] = [scalarText(entry.patch) || scalarText(entry.jsonOp), scalarText(entry.path)];
  const target = targetOf(entry);
  const at = locate("patchesJson6902", path || inline);
  if (target === undefined || scalarText(target.name) === "") throw new BuildError(at, "must specify the target name");
  if ((inline === "") === (path === "")) throw new BuildError(at, "a patch must have one of patch and path");
  const text = inline || build.readText(file, "patchesJson6902", path, acc, compileTarget(target, at));
  if (text === undefined) return;
  const operations = tryOperations(text);
  if (operations === undefined || operations.length === 0)
    throw new BuildError(at, "the JSON patch is empty or malformed");
  patchAll(acc, at, (items) => applyJson(items, operations, target, at, false));
}
