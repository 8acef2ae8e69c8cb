import { isDeepStrictEqual } from "node:util";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { PortedPatch } from "../../../src/instance/types.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import type { YamlOp } from "../../../src/yaml/types.ts";
import type { InstanceTarget } from "./types.ts";

/** Operations that add the patches an instance does not have yet, in order, with the owner's comments. */
export function patchOperations(target: InstanceTarget, patches: readonly PortedPatch[]): YamlOp[] {
  const now: YamlData[] = target.spec?.kustomize?.patches ?? [];
  const missing = patches.filter(({ data }) => !now.some((item) => samePatch(item, data)));
  const path = [...target.base, "kustomize", "patches"];
  if (missing.length === 0) return [];
  return now.length > 0
    ? missing.map(({ raw }) => ({ op: "insert", doc: target.doc, path, value: { raw } }))
    : [{ op: "set", doc: target.doc, path, value: { raw: listOf(missing) } }];
}

/** A block sequence at indent 0; comments above an item stay above its dash. */
function listOf(patches: readonly PortedPatch[]): string {
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
