import { given } from "../../contract/given.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { join } from "../../delivery/paths.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { type Blocks, blocksOf } from "./terraform-blocks.ts";

/** A folder as it is today, and what stands for it afterwards. */
export type FolderPair = readonly [from: string, to: string];

interface Node {
  pair: FolderPair;
  /** Old addresses below it that a folder above moves or forgets. */
  moved: readonly string[];
  /** What is lost there or below, as the end of a sentence. */
  lost?: string;
  callers: { by: Node; instead?: string }[];
}

type Module = Blocks["modules"] extends Map<string, infer M> ? M : never;

/** More blocks than anybody has in what changes its folder; hostile rings of modules would pair each folder with each. */
const MOST_BLOCKS = 100_000;
/** Characters of an address of a block, as most have at least. */
const ADDRESS = 10;
/** Longer chains of moves nobody writes. */
const LONGEST_CHAIN = 20;
const UNFOLLOWED = "which takes more modules than can be compared: what is not in there is destroyed";
const ELSEWHERE = "which takes a module from elsewhere than before: what is not in there is destroyed";
const INSTEAD = "which takes a module from another folder that lacks blocks: what they made is destroyed";
const LOSES = "which loses blocks: what they made is destroyed";

/**
 * What folders of Terraform lose, and the modules that they and those take from this repository: a block that has no heir of its
 * address in the same module, nor is moved or forgotten there.
 */
export function makeLosses(
  before: Tree,
  after: Tree,
  asked: readonly FolderPair[],
): (pair: FolderPair) => string | undefined {
  const nodes = new Map<string, Node>();
  const nodeOf = (pair: FolderPair, moved: readonly string[] = []) =>
    getOrMake(nodes, JSON.stringify([...pair, ...moved]), () => ({ pair, moved, callers: [] }));
  for (const pair of asked) nodeOf(pair);
  let compared = 0;
  // Grows while it is walked.
  for (const node of nodes.values()) {
    const [from, to] = node.pair;
    const { resources, modules } = blocksOf(before, from);
    // A module that takes itself finds the moves of its folder again at each turn, so that addresses count by their length.
    if (from !== to || node.moved.length > 0)
      compared += resources.size + modules.size + node.moved.join("").length / ADDRESS;
    const isFull = compared >= MOST_BLOCKS;
    for (const { pair, moved, instead } of compareFolders(node, before, after, isFull))
      nodeOf(pair, moved).callers.push({ by: node, ...given({ instead }) });
  }
  tellCallers([...nodes.values()].filter(({ lost }) => lost !== undefined));
  return (pair) => nodeOf(pair).lost;
}

/** Says what the folder itself loses, and gives the modules to be compared. */
function compareFolders(node: Node, before: Tree, after: Tree, isFull: boolean) {
  const [from, to] = node.pair;
  const [old, now] = [blocksOf(before, from), blocksOf(after, to)];
  const here = remember(after, "moved blocks of Terraform", to, () => byModule(listMoved(after, to, now)));
  const all = [here, byModule(node.moved)];
  const isMoved = (address: string) => all.some((one) => one.get("")?.has(address));
  for (const [address, file] of old.resources)
    if (!now.resources.has(address) && !isMoved(address)) node.lost ??= `${file}, ${LOSES}`;
  return [...old.modules].flatMap(([name, call]) => {
    const heir = findHeir(after, to, name);
    if (!heir && isMoved(`module.${name}`)) return [];
    const pair = pairOf(folderOf(from, call), heir && folderOf(heir.dir, heir.call));
    const lost = !heir ? LOSES : pair === "unknown" ? ELSEWHERE : pair && isFull ? UNFOLLOWED : undefined;
    if (lost !== undefined) node.lost ??= `${call.file}, ${lost}`;
    if (lost !== undefined || typeof pair !== "object") return [];
    const moved = all.flatMap((one) => [...(one.get(name) ?? [])]).sort();
    return { pair, moved, ...given({ instead: pair[0] === pair[1] ? undefined : `${call.file}, ${INSTEAD}` }) };
  });
}

/** Nothing for a module that another repository keeps, before and after: it only gets another version. */
function pairOf(was: string | undefined, is: string | undefined): FolderPair | "unknown" | undefined {
  if (was === undefined || is === undefined) return was === is ? undefined : "unknown";
  return [was, is];
}

/** Addresses by the module that they begin with, and without it. */
function byModule(addresses: readonly string[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>([["", new Set(addresses)]]);
  for (const address of addresses) {
    const [, name, rest] = /^module\.([^.]+)\.(.+)$/.exec(address) ?? [];
    if (rest !== undefined) getOrMake(found, name!, () => new Set()).add(rest);
  }
  return found;
}

function tellCallers(losing: Node[]): void {
  for (const { lost, callers } of losing)
    for (const { by, instead } of callers) {
      if (by.lost !== undefined) continue;
      by.lost = instead ?? lost!;
      losing.push(by);
    }
}

/** The folder of a module of this repository. */
function folderOf(dir: string, { source }: Module): string | undefined {
  return /^\.\.?(?:\/|$)/.test(source) ? join(dir, source) : undefined;
}

/** Where a call of a module stands now, moved or not. */
function findHeir(tree: Tree, dir: string, name: string): { dir: string; call: Module } | undefined {
  const call = blocksOf(tree, dir).modules.get(name);
  if (call) return { dir, call };
  const end = endOf(blocksOf(tree, dir), `module.${name}`);
  const place = end === undefined ? undefined : findPlace(tree, dir, end);
  const heir = place && blocksOf(tree, place.dir).modules.get(place.last.replace(/^module\./, ""));
  return heir && { dir: place.dir, call: heir };
}

/** Old addresses whose new ones are there, or that Terraform only forgets. */
function listMoved(tree: Tree, dir: string, blocks: Blocks): string[] {
  return [...blocks.moves.keys()].filter((from) => {
    const end = endOf(blocks, from);
    const place = end === undefined ? undefined : findPlace(tree, dir, end);
    return end === undefined || (place !== undefined && blocksOf(tree, place.dir).resources.has(place.last));
  });
}

/** The last of the addresses that one is moved to; none for what is forgotten. */
function endOf({ moves }: Blocks, address: string): string | undefined {
  let end: string | undefined = address;
  for (let steps = 0; end !== undefined && moves.has(end) && steps < LONGEST_CHAIN; steps++) end = moves.get(end);
  return end;
}

/** The folder of what an address with modules in front means, and the address there. */
function findPlace(tree: Tree, dir: string, address: string): { dir: string; last: string } | undefined {
  const steps = address.split(".");
  let at: string | undefined = dir;
  for (; at !== undefined && steps.length > 2 && steps[0] === "module"; steps.splice(0, 2)) {
    const call = blocksOf(tree, at).modules.get(steps[1]!);
    at = call && folderOf(at, call);
  }
  return at === undefined ? undefined : { dir: at, last: steps.join(".") };
}
