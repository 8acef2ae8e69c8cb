import type { Unknown } from "../../contract/answer.ts";
import type { Loc } from "../../contract/errors.ts";
import { BuildError } from "./build-error.ts";
import { defaultSpecs, type Specs } from "./default-specs.ts";
import type { KustomizationFile } from "./file.ts";
import { type Item, idKey, printId } from "./item.ts";

/** A kustomize variable, bound to the object it reads when it was declared. */
export interface Var {
  name: string;
  at: Loc;
  fieldPath: string;
  /** Any id of the object it is bound to. */
  target?: string;
}

export interface Accumulated {
  items: Item[];
  vars: Var[];
  /** Where transformers work: kustomize's field specs and those of `configurations`, of bases too. */
  specs: Specs;
  unknowns: Unknown[];
  /** Objects may be missing: a remote base or a Helm chart was left out. */
  incomplete: boolean;
  /** Folders of the bases and components it took part in. */
  folders: Set<string>;
  ids?: { of: Item[]; keys: Set<string> };
}

export function newAccumulated(): Accumulated {
  return { items: [], vars: [], specs: defaultSpecs, unknowns: [], incomplete: false, folders: new Set() };
}

/** Notes something that may change objects in ways that cannot be known: all of them, or those it `reaches`. */
export function hide(acc: Accumulated, unknown: Unknown, reaches: (item: Item) => boolean = () => true): void {
  acc.unknowns.push(unknown);
  acc.items = acc.items.map((item) => (reaches(item) ? { ...item, hidden: [...(item.hidden ?? []), unknown] } : item));
}

/** How the steps of a build reach the files that a kustomization names. */
export interface BuildFiles {
  /** Place of a value in a kustomization file, or of the settings merged into it. */
  locate(file: KustomizationFile, field: string, value: string): Loc;
  /**
   * Text of a file named in a kustomization; undefined for a remote one, which is noted with the objects that it may
   * change. Throws `BuildError`.
   */
  readText(
    file: KustomizationFile,
    field: string,
    path: string,
    acc: Accumulated,
    reaches?: (item: Item) => boolean,
  ): string | undefined;
  /** Runs one step; where the build goes on after failures, what it throws is noted instead. */
  attempt(acc: Accumulated, step: () => void): void;
}

/** Adds objects; one whose id is there already refuses the build (flux-facts 2.8 item 6). */
export function append(acc: Accumulated, items: readonly Item[], at: () => Loc): void {
  const keys = idsOf(acc);
  for (const item of items) {
    const key = idKey(item);
    if (keys.has(key))
      throw new BuildError(at(), `may not add resource with an already registered id: ${printId(item)}`);
    keys.add(key);
    acc.items.push(item);
  }
}

/** Ids of what is there, kept while files are added one by one: a step that changes objects makes another list. */
function idsOf(acc: Accumulated): Set<string> {
  if (acc.ids?.of !== acc.items || acc.ids.keys.size !== acc.items.length) {
    acc.ids = { of: acc.items, keys: new Set(acc.items.map(idKey)) };
  }
  return acc.ids.keys;
}

/** Takes over what a base left unknown, once. */
export function addUnknowns(acc: Accumulated, added: readonly Unknown[]): void {
  const known = new Set(acc.unknowns);
  for (const one of added) if (!known.has(one)) acc.unknowns.push(one);
}
