import { readModules } from "../../cluster/gotk/terraform-states.ts";
import { isTerraformCode, readTerraform } from "../../cluster/gotk/terraform-text.ts";
import type { YamlData } from "../../contract/objects.ts";
import { join } from "../../delivery/paths.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYaml } from "../../yaml/read.ts";

/** A file with blocks of Terraform. */
export const isProgramFile = (path: string): boolean => isTerraformCode(path.replace(/\.json$/, ""));

/** What a file, or the files of a folder, have Terraform make. */
export interface Blocks {
  /** The files of resources, by address (`bucket.logs`). */
  resources: Map<string, string>;
  /** Calls of modules, by name: the source as it is written, or nothing where it is no literal. */
  modules: Map<string, { file: string; source: string }>;
  /** Old addresses of what moves, and the new ones; none for what Terraform only forgets (`removed`, without `destroy`). */
  moves: Map<string, string | undefined>;
}

/** The blocks of a folder, without those of modules that it takes. */
export function blocksOf(tree: Tree, dir: string): Blocks {
  return remember(tree, "blocks of Terraform", dir, () => {
    const blocks: Blocks = { resources: new Map(), modules: new Map(), moves: new Map() };
    for (const file of filesOf(tree, dir)) (file.endsWith(".json") ? addJson : addCode)(tree, file, blocks);
    return blocks;
  });
}

const filesOf = (tree: Tree, dir: string): string[] =>
  tree
    .entries(dir)
    .map((name) => join(dir, name))
    .filter((path) => isProgramFile(path) && tree.has(path));

const RESOURCE = /^[ \t]*resource[ \t]+"?([^\s"{]+)"?[ \t]+"?([^\s"{]+)"?/gm;
const MOVE = /^[ \t]*(?:moved|removed)[ \t]*\{([^{}]*(?:\{[^{}]*\}[^{}]*)?)\}/gm;

function addCode(tree: Tree, file: string, { resources, modules, moves }: Blocks): void {
  const text = readTerraform(tree, file);
  for (const [, type, name] of text.matchAll(RESOURCE)) resources.set(`${type}.${name}`, file);
  for (const { name, said } of readModules(text))
    modules.set(name, { file, source: (said.get("source") ?? "").replace(/^"|"$/g, "") });
  for (const [, body = ""] of text.matchAll(MOVE)) {
    const [from, to] = ["from", "to"].map((key) => new RegExp(`\\b${key}[ \\t]*=[ \\t]*([^\\s#}]+)`).exec(body)?.[1]);
    addMove(moves, from, to, /\bdestroy[ \t]*=[ \t]*false\b/.test(body));
  }
}

/** Of one that is made several times not all may move. */
function addMove(moves: Blocks["moves"], from: string | undefined, to: string | undefined, isKept: boolean): void {
  if (from !== undefined && !from.includes("[") && (to !== undefined || isKept))
    moves.set(from, to?.replace(/\[[^\]]*\]?/g, ""));
}

/** A map of maps, which JSON may cut into a list of them. */
const entriesOf = (value: YamlData): [string, YamlData][] =>
  listOf(value).flatMap((one) => (isMap(one) ? Object.entries(one) : []));
const listOf = (value: YamlData): YamlData[] => (Array.isArray(value) ? value : [value]);

function addJson(tree: Tree, file: string, { resources, modules, moves }: Blocks): void {
  const parsed = readYaml(tree.read(file) ?? "");
  const data: YamlData = parsed.ok ? parsed.docs[0]?.data : undefined;
  for (const [type, named] of entriesOf(data?.resource))
    for (const [name] of entriesOf(named)) resources.set(`${type}.${name}`, file);
  for (const [name, call] of entriesOf(data?.module))
    modules.set(name, { file, source: String(new Map(entriesOf(call)).get("source") ?? "") });
  for (const one of [data?.moved, data?.removed].flatMap(listOf).filter(isMap)) {
    const [from, to] = [one.from, one.to].map((end) => (typeof end === "string" ? end : undefined));
    addMove(moves, from, to, new Map(entriesOf(one.lifecycle)).get("destroy") === false);
  }
}
