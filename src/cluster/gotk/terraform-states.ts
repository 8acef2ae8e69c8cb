import { given } from "../../contract/given.ts";
import { dirname, normalizePath } from "../../delivery/paths.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { isTerraformCode, readTerraform } from "./terraform-text.ts";
import { findUnits } from "./terragrunt.ts";

/** How many more blocks a line opens than it closes. Errs where a text in it has a brace. */
export function depthChange(line: string): number {
  return (line.match(/\{/g) ?? []).length - (line.match(/\}/g) ?? []).length;
}

/** The index of the line that ends the block which another one begins; the number of lines where none does. */
export function endOfBlock(lines: readonly string[], from: number): number {
  let depth = 0;
  let end = from;
  for (; end < lines.length; end++) {
    depth += depthChange(lines[end]!);
    if (depth <= 0) break;
  }
  return end;
}

/** Where Terraform keeps the state of a block, and what it calls the block there. */
export interface TerraformState {
  /** The folder that `terraform` is run in. */
  dir: string;
  /** `module.flux.flux_bootstrap_git.this`. */
  address: string;
  /** The path of the cluster, where the block has a variable for it and a call says what stands for that. */
  path?: string;
  /** It is made once for each of a map or set, and so for other clusters as well. */
  isEach?: true;
  /** The folder is a unit of Terragrunt. */
  isUnit?: true;
}

interface OpenState extends TerraformState {
  /** The variable of this folder that holds the path. */
  variable?: string;
}

interface ModuleCall {
  dir: string;
  /** The folder of the module. */
  target: string;
  /** `module.flux`, with an index where it is made several times; none for a unit of Terragrunt. */
  step?: string;
  /** What it says for the variables of the module: literals and variables of its own. */
  arguments: ReadonlyMap<string, string>;
}

/** The index of one of several: its keys are not written at the block. */
export const EACH = '["<key>"]';

/** A line that makes a block several times. */
export const FOR_EACH = /^[ \t]*for_each[ \t]*=/;

const CALL = /^[ \t]*module[ \t]+"([\w-]+)"[ \t]*\{/;
const ARGUMENT = /^[ \t]*([\w-]+)[ \t]*=[ \t]*("[^"$]*"|var\.[\w-]+)/;

const SWITCH = /^[ \t]*([\w-]+)[ \t]*=[ \t]*(?:\{|true\b)/;

/** Chains of modules, and ways that lead up from one, beyond which nobody writes them. */
const DEEPEST = 8;
const WIDEST = 20;

/**
 * The states that hold a block of a folder. A folder that others take for a module has none of its own: the block is in the
 * state of each folder above, under the names of all modules in between.
 * @param path the path of the cluster as the block has it: `var.target` for a variable
 */
export function statesOf(tree: Tree, dir: string, address: string, path = ""): TerraformState[] {
  const calls = remember(tree, "terraform modules", "", () => findCalls(tree));
  const found = new Map<string, TerraformState>();
  const start: OpenState = { dir, address, ...pathOf(path) };
  let open = [start];
  for (let depth = 0; open.length > 0 && depth < DEEPEST; depth++) {
    const next = open.flatMap((state) => {
      const above = calls.filter(({ target, dir: from }) => target === state.dir && from !== state.dir);
      const { variable, ...whole } = state;
      if (above.length === 0) found.set(`${state.dir} ${state.address}`, withEach(whole));
      return above.map((call) => ({
        dir: call.dir,
        address: call.step === undefined ? state.address : `${call.step}.${state.address}`,
        ...(call.step === undefined ? { isUnit: true as const } : {}),
        ...(variable === undefined ? given({ path: state.path }) : pathOf(call.arguments.get(variable) ?? "")),
      }));
    });
    open = next.slice(0, WIDEST);
  }
  return found.size > 0 ? [...found.values()] : [withEach({ dir, address })];
}

function withEach(state: TerraformState): TerraformState {
  return state.address.includes(EACH) ? { ...state, isEach: true } : state;
}

function pathOf(written: string): Pick<OpenState, "path" | "variable"> {
  if (written.startsWith("var.")) return { variable: written.slice("var.".length) };
  return written.startsWith('"') ? { path: written.slice(1, -1) } : {};
}

function findCalls(tree: Tree): ModuleCall[] {
  const calls = tree
    .grep("module")
    .filter(isTerraformCode)
    .flatMap((file) => readCalls(dirname(file), readTerraform(tree, file)));
  return [...calls, ...findUnits(tree).map(({ dir, target, inputs }) => ({ dir, target, arguments: inputs }))];
}

/** The folder of this repository that a module of a folder comes from. */
export function readModuleFolder(dir: string, said: ReadonlyMap<string, string>): string | undefined {
  const source = /^"(\.\.?\/.*)"$/.exec(said.get("source") ?? "")?.[1];
  return source === undefined ? undefined : normalizePath(`./${dir}/${source}`);
}

function readCalls(dir: string, text: string): ModuleCall[] {
  return readModules(text).flatMap(({ name, index, said }): ModuleCall[] => {
    const target = readModuleFolder(dir, said);
    return target === undefined ? [] : [{ dir, target, step: `module.${name}${index}`, arguments: said }];
  });
}

/** A call of a module, wherever that is kept. */
export interface ModuleBlock {
  name: string;
  line: number;
  /** `[0]` or that of one of several, where it is made so. */
  index: string;
  /** Its arguments, as far as they are literals or variables. */
  said: ReadonlyMap<string, string>;
  /** Arguments that switch something on: `true`, or a map of settings. */
  on: readonly string[];
}

/** `source` and `count` stand at the depth of the block itself; `providers = {` opens another. */
export function readModules(text: string): ModuleBlock[] {
  const blocks: ModuleBlock[] = [];
  let open: (ModuleBlock & { said: Map<string, string>; on: string[] }) | undefined;
  let depth = 0;
  for (const [at, line] of text.split("\n").entries()) {
    const head = depth === 0 ? CALL.exec(line) : null;
    if (head) open = { name: head[1]!, line: at + 1, index: "", said: new Map(), on: [] };
    if (open !== undefined && (head || depth === 1)) {
      const argument = ARGUMENT.exec(head ? line.slice(head[0].length) : line);
      if (argument) open.said.set(argument[1]!, argument[2]!);
      const on = SWITCH.exec(line)?.[1];
      if (on !== undefined) open.on.push(on);
      if (/^[ \t]*count[ \t]*=/.test(line)) open.index = "[0]";
      if (FOR_EACH.test(line)) open.index = EACH;
    }
    depth = Math.max(0, depth + depthChange(line));
    if (depth > 0 || open === undefined) continue;
    blocks.push(open);
    open = undefined;
  }
  return blocks;
}
