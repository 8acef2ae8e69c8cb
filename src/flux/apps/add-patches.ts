import { isDeepStrictEqual } from "node:util";
import { editFile } from "../../engine/edit-file.ts";
import type { DraftFinding } from "../../engine/transform.ts";
import type { DraftEdit } from "../../engine/types.ts";
import type { Tree } from "../../workspace/tree.ts";
import { readYamlCached } from "../../yaml/read.ts";
import type { YamlOp, YamlStyle } from "../../yaml/types.ts";
import type { PortedPatch } from "../patches/types.ts";
import type { YamlData } from "../types.ts";
import type { InstanceTarget } from "./instance-target.ts";

/** Adds the patches an instance does not have yet, in order, with the owner's comments. */
export function addPatches(
  tree: Tree,
  target: InstanceTarget,
  patches: readonly PortedPatch[],
  style: YamlStyle,
  why: string,
): { edits: DraftEdit[]; findings: DraftFinding[] } {
  const now: YamlData[] = target.spec?.kustomize?.patches ?? [];
  const missing = patches.filter(({ data }) => !now.some((item) => samePatch(item, data)));
  if (missing.length === 0) return { edits: [], findings: [] };
  const path = [...target.base, "kustomize", "patches"];
  const ops: YamlOp[] =
    now.length > 0
      ? missing.map(({ raw }) => ({ op: "insert", doc: target.doc, path, value: { raw } }))
      : [{ op: "set", doc: target.doc, path, value: { raw: listOf(missing, style) } }];
  const { edit, finding } = editFile(
    tree,
    target.file,
    ops,
    why,
    missing.map(({ from }) => from),
  );
  return { edits: edit ? [edit] : [], findings: finding ? [finding] : [] };
}

/** A block sequence at indent 0; comments above an item stay above its dash. */
function listOf(patches: readonly PortedPatch[], _style: YamlStyle): string {
  return patches
    .map(({ raw }) => {
      const lines = raw.replace(/\n+$/, "").split("\n");
      const first = lines.findIndex((line) => !line.startsWith("#"));
      return lines
        .map((line, index) => {
          if (index < first) return line;
          if (index === first) return `- ${line}`;
          return line === "" ? "" : `  ${line}`;
        })
        .join("\n");
    })
    .join("\n");
}

/** Bodies are compared as data, so that a reformatted patch counts as there. */
function samePatch(item: YamlData, data: PortedPatch["data"]): boolean {
  return (
    isDeepStrictEqual(plain(item?.target), plain(data.target)) &&
    isDeepStrictEqual(bodyOf(item?.patch), bodyOf(data.patch))
  );
}

function bodyOf(patch: unknown): unknown {
  if (typeof patch !== "string") return patch;
  const parsed = readYamlCached(patch);
  return parsed.ok ? plain(parsed.docs.map(({ data }) => data)) : patch;
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
