import yaml from "js-yaml";
import type { SourcePatch } from "../../src/contract/objects.ts";

/** A `patches` list as the model would read it out of a kustomization. */
export function sourcePatches(
  list: string,
  files: Record<string, string> = {},
): { patches: SourcePatch[]; readText: (path: string) => string | undefined } {
  const text = `patches:\n${list.replace(/^(?=.)/gm, "  ")}`;
  const items = (yaml.load(list) ?? []) as { patch?: string; path?: string; target?: SourcePatch["target"] }[];
  const patches = items.map((item, index): SourcePatch => {
    const line = text.split("\n").findIndex((_, at) => at > index) + 1;
    return {
      at: { file: "flux.yaml", line, col: 1 },
      file: "flux.yaml",
      doc: 0,
      path: ["patches", index],
      body: item.patch ?? files[item.path ?? ""] ?? "",
      ...(item.target ? { target: item.target } : {}),
      form: "patches",
    };
  });
  return { patches, readText: (path) => (path === "flux.yaml" ? text : files[path]) };
}
