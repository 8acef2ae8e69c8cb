import type { Given } from "../../change/given.ts";
import type { TreeChange } from "../../change/types.ts";
import { type GivenKeys, listValueSources, readDeliveredKeys } from "../../change/value-keys.ts";
import { listUses } from "../../change/variable-uses.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import type { Tree } from "../../files/tree.ts";

/** What a FluxKustomization may not be without as long as a file needs it. */
export type NeededSetting = "decryption" | "postBuild";

/** Whether a FluxKustomization has a setting: one that names no value substitutes nothing (flux-facts 2.9). */
export function isSet(spec: YamlData, field: NeededSetting): boolean {
  if (field !== "postBuild") return spec?.[field] !== undefined;
  const { substitute, substituteFrom, substituteStrategy } = spec?.postBuild ?? {};
  const names = Object.keys(substitute ?? {}).length + itemsOf(substituteFrom).length;
  return names > 0 || substituteStrategy === "Always";
}

/** Names of variables that a FluxKustomization has a value for, by where they stand. */
export interface Variables {
  all: readonly ReadonlySet<string>[];
  has: (name: string) => boolean;
  /** Sources, `Kind/name`, of which nobody knows here what they set. */
  open: readonly string[];
  /** Nothing else can set one. */
  whole: boolean;
}

/** What a FluxKustomization fills in, as far as that can be read. Many of them take the same thousands of values: nobody joins those. */
export function readVariables(spec: YamlData, keysOf: (id: string) => GivenKeys): Variables {
  const ids = listValueSources(spec);
  const sources = ids.map(keysOf);
  const open = ids.filter((_, index) => !sources[index]!.whole);
  const inline = new Set(Object.keys(spec?.postBuild?.substitute ?? {}));
  const all = [inline, ...sources.flatMap(({ keys }) => keys ?? [])].filter(({ size }) => size > 0);
  // Without any value kustomize-controller leaves all as it is written.
  const runs = all.length > 0 || spec?.postBuild?.substituteStrategy === "Always";
  const has = (name: string) => all.some((keys) => keys.has(name));
  return { all, has, open, whole: runs && open.length === 0 };
}

interface Opened {
  id: string;
  keys: ReadonlySet<string>;
}

/** Sources that are there and say no more which keys they hold, with those that they held: what makes them from now on may give them still. */
export function listOpened(
  was: Variables,
  is: Variables,
  keysOf: Readonly<Record<"before" | "after", (id: string) => GivenKeys>>,
): Opened[] {
  return is.open.flatMap((id): Opened | [] => {
    const keys = was.open.includes(id) || keysOf.after(id).isWritten ? undefined : keysOf.before(id).keys;
    return keys ? { id, keys } : [];
  });
}

/** What tells the keys of the sources of a FluxKustomization, by side. */
export const makeKeysOfSides = (given: Given, trees: TreeChange, namespace: string) => ({
  before: (id: string) => readDeliveredKeys(given, "before", trees.before, { namespace, id }),
  after: (id: string) => readDeliveredKeys(given, "after", trees.after, { namespace, id }),
});

/** The first file that uses variables of a kind, without a default and not escaped. */
export function findUses(
  tree: Tree,
  files: ReadonlySet<string>,
  isMeant: (name: string) => boolean,
): { file: string; names: string[] } | undefined {
  const { filled } = listUses(tree, files);
  const meant = [...filled].filter(([name]) => isMeant(name));
  // No name is used in an earlier file than its first.
  const first = new Set(meant.map(([, users]) => users[0]));
  const file = [...files].find((one) => first.has(one));
  if (file === undefined) return undefined;
  return { file, names: meant.filter(([, users]) => users[0] === file).map(([name]) => name) };
}
