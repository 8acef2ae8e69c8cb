import { isDeepStrictEqual } from "node:util";
import type { SourcePatch, YamlData } from "../../contract/objects.ts";
import { fillIn } from "../../delivery/kustomize/index.ts";
import { readYaml } from "../../yaml/read.ts";
import { isSubstitutable } from "./escape.ts";

/**
 * Patches as the `postBuild` of what delivers them fills them in; undefined where a value is not known from Git, or where
 * the text would not say the same as the objects that Flux fills in.
 */
export function fillPatches(patches: readonly SourcePatch[], postBuild: YamlData): SourcePatch[] | undefined {
  const filled = patches.map((patch) => fillPatch(patch, postBuild));
  return filled.every((patch) => patch !== undefined) ? filled : undefined;
}

function fillPatch(patch: SourcePatch, postBuild: YamlData): SourcePatch | undefined {
  if (isSubstitutable(JSON.stringify(patch.target ?? ""))) return undefined;
  if (!isSubstitutable(patch.body)) return patch;
  const read = readYaml(patch.body);
  const body = fillIn({ text: patch.body }, postBuild)?.text;
  if (!read.ok || typeof body !== "string") return undefined;
  const docs = fillIn({ docs: read.docs.map(({ data }) => data) }, postBuild)?.docs;
  const again = readYaml(body);
  const isSame =
    again.ok &&
    isDeepStrictEqual(
      again.docs.map(({ data }) => data),
      docs,
    );
  return isSame ? { ...patch, body } : undefined;
}
