import { itemsOf, type YamlData } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { readYaml } from "../yaml/read.ts";

/** How a file in JSON comes to be read. */
export function sayRename(file: string): string {
  return `Have the name of ${file} end in .yaml (JSON is YAML), with every entry that lists it, merge that, and run fluxlift again.`;
}

/** Why an object is not found that a file in JSON holds, and what to do: Flux takes JSON as YAML, and only YAML files are read here. */
export function sayInJson(tree: Tree, kind: unknown, name: unknown): { why: string; next: string } | undefined {
  const file = tree
    .grep(`"${kind}"`)
    .filter((path) => path.endsWith(".json"))
    .find((path) => {
      const read = readYaml(tree.read(path) ?? "");
      return (
        read.ok &&
        read.docs
          // Of a List as well, as kubectl prints several objects.
          .flatMap(({ data }: { data: YamlData }) => [
            data,
            ...(String(data?.kind).endsWith("List") ? itemsOf(data.items) : []),
          ])
          .some((data: YamlData) => data?.kind === kind && data?.metadata?.name === name)
      );
    });
  if (file === undefined) return undefined;
  return {
    why: `, but its source ${kind} ${name} is in ${file}, and fluxlift reads YAML files`,
    next: sayRename(file),
  };
}
