import { dirname, normalizePath } from "../../delivery/paths.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { readableText } from "../readable-text.ts";

/** Where Terraform keeps the state of a block, and what it calls the block there. */
export interface TerraformState {
  /** The folder that `terraform` is run in. */
  dir: string;
  /** `module.flux.flux_bootstrap_git.this`. */
  address: string;
}

interface ModuleCall {
  dir: string;
  /** The folder of the module. */
  target: string;
  /** `module.flux`, with an index where it is made several times. */
  step: string;
}

const CALL = /^[ \t]*module[ \t]+"([\w-]+)"[ \t]*\{/;
const SOURCE = /^[ \t]*source[ \t]*=[ \t]*"(\.\.?\/[^"$]*)"/;

/** Chains of modules, and ways that lead up from one, beyond which nobody writes them. */
const DEEPEST = 8;
const WIDEST = 20;

/**
 * The states that hold a block of a folder. A folder that others take for a module has none of its own: the block is in the
 * state of each folder above, under the names of all modules in between.
 */
export function statesOf(tree: Tree, dir: string, address: string): TerraformState[] {
  const calls = remember(tree, "terraform modules", "", () => findCalls(tree));
  const found = new Map<string, TerraformState>();
  let open: TerraformState[] = [{ dir, address }];
  for (let depth = 0; open.length > 0 && depth < DEEPEST; depth++) {
    const next = open.flatMap((state) => {
      const above = calls.filter(({ target, dir: from }) => target === state.dir && from !== state.dir);
      if (above.length === 0) found.set(`${state.dir} ${state.address}`, state);
      return above.map((call) => ({ dir: call.dir, address: `${call.step}.${state.address}` }));
    });
    open = next.slice(0, WIDEST);
  }
  return found.size > 0 ? [...found.values()] : [{ dir, address }];
}

function findCalls(tree: Tree): ModuleCall[] {
  return tree
    .grep("module")
    .filter((file) => /\.(tf|tofu)$/.test(file))
    .flatMap((file) => readCalls(dirname(file), readableText(tree, file) ?? ""));
}

/** `source` and `count` stand at the depth of the block itself; `providers = {` opens another. */
function readCalls(dir: string, text: string): ModuleCall[] {
  const calls: ModuleCall[] = [];
  let open: { name: string; source?: string | undefined; index: string } | undefined;
  let depth = 0;
  for (const line of text.split("\n")) {
    const head = depth === 0 ? CALL.exec(line) : null;
    if (head) open = { name: head[1]!, index: "" };
    const isOwn = open !== undefined && depth === 1;
    if (isOwn) open!.source ??= SOURCE.exec(line)?.[1];
    if (isOwn && /^[ \t]*count[ \t]*=/.test(line)) open!.index = "[0]";
    if (isOwn && /^[ \t]*for_each[ \t]*=/.test(line)) open!.index = '["<key>"]';
    depth = Math.max(0, depth + (line.match(/\{/g) ?? []).length - (line.match(/\}/g) ?? []).length);
    if (depth > 0 || open === undefined) continue;
    const target = open.source === undefined ? undefined : normalizePath(`./${dir}/${open.source}`);
    if (target !== undefined) calls.push({ dir, target, step: `module.${open.name}${open.index}` });
    open = undefined;
  }
  return calls;
}
