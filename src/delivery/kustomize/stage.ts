import type { Unknown } from "../../contract/answer.ts";
import type { Loc } from "../../contract/errors.ts";
import { getOrMake } from "../../contract/group-by.ts";
import type { Tree } from "../../files/tree.ts";
import type { Data } from "./data.ts";
import { defaultSpecs, type Specs } from "./default-specs.ts";
import { BuildError } from "./failures.ts";
import type { KustomizationFile } from "./file.ts";
import { type Item, idKey, printId } from "./item.ts";

/** What a remote base builds. */
interface RemoteBase {
  objects: readonly Data[];
  /** Its own kustomization gives them their namespace: patches find them without one, too. */
  isPlaced: boolean;
}

export interface BuildOptions {
  /** Whether what a Secret is generated from is replaced before the build, as kustomize-controller decrypts SOPS files. */
  isRewritten?: (text: string) => boolean;
  /** As in kustomize-controller: Helm charts refuse the build and symlinks are not there (flux-facts 2.8, 6.1). */
  asController?: boolean;
  /** Whether a generator's file that is not in the tree is taken to be there, with content that nobody knows; one answer a tree. */
  assumesSources?: ((path: string) => boolean) | undefined;
  /** Objects of a remote base that is known without a network; one answer a tree. */
  readsRemote?: ((entry: string) => RemoteBase | undefined) | undefined;
  /** Whether what fails is noted and left out, so that the rest can be read although Flux applies nothing of it. */
  goesOn?: boolean;
  /** Whether every object gets an annotation that says where it comes from: `buildMetadata` of the root asks for it. */
  annotates?: boolean;
  /** Where settings come from that no kustomization file holds (a FluxKustomization). */
  at?: Loc;
}

/** A kustomize variable, bound to the object it reads when it was declared. */
export interface Var {
  name: string;
  at: Loc;
  fieldPath: string;
  /** The object it is bound to, as it was then. */
  target?: Item;
}

/** Objects on their way through one kustomization and its components. */
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
  /** How many objects came by a base, and by the bases of that. */
  steps: number;
  /** How many components took part, each as often as it did. */
  components: number;
  /** How many objects its transformers looked at, those of its bases included. */
  looks: number;
  ids?: { of: Item[]; first: Map<string, Item>; items: Set<Item> };
}

/** One kustomization at work, for the steps of its build. */
export interface Stage {
  readonly tree: Tree;
  readonly options: BuildOptions;
  readonly file: KustomizationFile;
  readonly acc: Accumulated;
  /** Place of a value in the kustomization file, or of the settings merged into it. */
  locate(field: string, value?: string): Loc;
  /** Whether a file is there for the build. */
  isThere(path: string): boolean;
  /**
   * Text of a file named in the kustomization; undefined for a remote one, which is noted with the objects that it may
   * change. Throws `BuildError`.
   */
  readText(field: string, path: string, reaches?: (item: Item) => boolean): string | undefined;
  /** Runs one step; where the build goes on after failures, what it throws is noted instead. */
  attempt(step: () => void): void;
}

export function newAccumulated(): Accumulated {
  const counts = { steps: 0, components: 0, looks: 0 };
  return { items: [], vars: [], specs: defaultSpecs, unknowns: [], incomplete: false, folders: new Set(), ...counts };
}

/** Notes something that may change objects in ways that cannot be known: all of them, or those it `reaches`. */
export function hide(acc: Accumulated, unknown: Unknown, reaches: (item: Item) => boolean = () => true): void {
  acc.unknowns.push(unknown);
  const reasons = [unknown];
  hideEach(acc, (item) => (reaches(item) ? reasons : undefined));
}

/** Hides objects, each for reasons of its own, which `acc.unknowns` has already. */
export function hideEach(acc: Accumulated, reasonsOf: (item: Item) => readonly Unknown[] | undefined): void {
  const ids = new Map<Unknown, number>();
  const idOf = (reason: Unknown) => getOrMake(ids, reason, () => ids.size + 1);
  // Objects share a list: thousands of things may hide thousands of them.
  const lists = new Map<Item["hidden"], Map<string, readonly Unknown[]>>();
  acc.items = acc.items.map((item) => {
    const own = reasonsOf(item);
    if (!own) return item;
    const shared = getOrMake(lists, item.hidden, () => new Map());
    return { ...item, hidden: getOrMake(shared, own.map(idOf).join(), () => [...(item.hidden ?? []), ...own]) };
  });
}

/** Each further name costs as much as all those before it; Flux has no use for so many. */
const mostNames = 100;

/** Whether objects have had so many names that what follows is left open: then everything is hidden. */
export function hideRenamed(acc: Accumulated, at: Loc): boolean {
  const isOver = acc.items.some(({ previous }) => previous.length > mostNames);
  const what = `what becomes of objects that had more than ${mostNames} names`;
  if (isOver && !acc.unknowns.some((one) => one.what === what)) hide(acc, { at, what });
  acc.incomplete ||= isOver;
  return isOver;
}

/** Every transformer looks at every object: a few thousand lines of each would take hours. */
export const mostLooks = 500_000;

/** Whether transformers have looked at so many objects that what follows is left open: then everything is hidden. */
export function hideLaboured(acc: Accumulated, at: Loc): boolean {
  const wasOver = acc.looks > mostLooks;
  acc.looks += acc.items.length;
  if (acc.looks <= mostLooks) return false;
  if (!wasOver) hide(acc, { at, what: `what transformers change after they looked at ${mostLooks} objects` });
  acc.incomplete = true;
  return true;
}

/** Adds objects; one whose id is there already refuses the build (flux-facts 2.8 item 6). */
export function append(acc: Accumulated, items: readonly Item[], at: () => Loc): void {
  const { first } = idsOf(acc);
  for (const item of items) {
    const twin = first.get(idKey(item));
    if (twin) throw registeredTwice(item, at(), [twin]);
    keep(acc, item);
  }
}

/** Adds those that are not there yet, whatever their ids. */
export function appendOthers(acc: Accumulated, items: readonly Item[]): void {
  const known = idsOf(acc).items;
  for (const item of items) if (!known.has(item)) keep(acc, item);
}

function keep(acc: Accumulated, item: Item): void {
  const { first, items } = idsOf(acc);
  getOrMake(first, idKey(item), () => item);
  items.add(item);
  acc.items.push(item);
}

/** Kept while files are added one by one: a step that changes objects makes another list. */
function idsOf(acc: Accumulated): NonNullable<Accumulated["ids"]> {
  if (acc.ids?.of !== acc.items || acc.ids.items.size !== acc.items.length)
    acc.ids = { of: acc.items, first: firstById(acc.items), items: new Set(acc.items) };
  return acc.ids;
}

function firstById(items: readonly Item[]): Map<string, Item> {
  const first = new Map<string, Item>();
  for (const item of items) getOrMake(first, idKey(item), () => item);
  return first;
}

/** What kustomize says of two objects with one id, and the files that both come from. */
export function registeredTwice(item: Item, at: Loc, others: readonly Item[]): BuildError {
  const twin = others.find((other) => idKey(other) === idKey(item)) ?? item;
  const files = [...new Set([twin.file, item.file])].join(", ");
  return new BuildError(at, `may not add resource with an already registered id: ${printId(item)} (${files})`);
}
