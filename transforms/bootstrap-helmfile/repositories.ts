import type { TextRange } from "../../src/contract/edit.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { Helmfile } from "../shared/automation/helmfile-find.ts";
import { findItems } from "./text.ts";

/** What goes with an entry of `repositories`, and the list as it should read afterwards. */
export interface DroppedRepository {
  range: TextRange;
  /** Undefined where it was the only one: the key goes with it. */
  left: YamlData[] | undefined;
}

/**
 * The repository that only a replaced release had its chart from: helmfile would go on asking for its index. One that
 * another file names as well stays, as files of helmfile may be read together.
 * @param releases as they read afterwards
 */
export function dropRepository(
  tree: Tree,
  { path, text, data }: Helmfile,
  replaced: YamlData,
  releases: readonly YamlData[],
): DroppedRepository | undefined {
  const [, name] = /^([^/:]+)\/[^/]+$/.exec(String(replaced.chart)) ?? [];
  const repositories = itemsOf(data?.repositories);
  const index = repositories.findIndex((repository) => repository.name === name);
  if (name === undefined || index < 0) return undefined;
  const isUsed = JSON.stringify({ ...data, releases, repositories: [] }).includes(`${name}/`);
  const isShared = tree.grep(`${name}/`).some((other) => other !== path && /\.(?:ya?ml|gotmpl)$/.test(other));
  const items = findItems(text, "repositories");
  if (isUsed || isShared || items.length !== repositories.length) return undefined;
  const { start, end } = items[index]!;
  if (repositories.length > 1) {
    return { range: { start, end, text: "" }, left: repositories.filter((_, other) => other !== index) };
  }
  const key = text.lastIndexOf("repositories:", start);
  const [gap = ""] = /^(?:[ \t]*\r?\n)*/.exec(text.slice(end)) ?? [];
  return { range: { start: key, end: end + gap.length, text: "" }, left: undefined };
}
