import type { AutomationFile } from "../../../src/cluster/automation-files.ts";
import { getOrMake } from "../../../src/contract/group-by.ts";
import { depthOf, linesOf } from "./lines.ts";

/** `vars: { DIR: a/b }` of a call on one line, and `task apply DIR=a/b`. */
const INLINE = /(?:^|[\s{,-])["']?(?:vars|env|with)["']?:[ \t]*\{(?!\{)(.*)/;
const ENTRY = /(?:^|,)[ \t]*["']?([A-Za-z_]\w*)["']?:[ \t]+("[^"]*"|'[^']*'|(?:\{\{[^{}]*\}\}|[^,{}"'])+)/g;
const CALL = /(?:^|[\s;&|"'@])task[ \t]/;
const GIVEN = /[ \t]([A-Za-z_]\w*)=("[^"]*"|'[^']*'|(?:\{\{[^{}]*\}\}|[^\s;&|"'])+)/g;

/** Values that calls give on one line. */
export function readInline({ kind, text }: AutomationFile): [name: string, value: string][] {
  if (kind !== "task" && kind !== "workflow" && kind !== "other") return [];
  return text.split("\n").flatMap((line) => {
    const call = kind === "task" ? CALL.exec(line) : null;
    const found = [
      ...(INLINE.exec(line)?.[1] ?? "").matchAll(ENTRY),
      ...(call ? line.slice(call.index).matchAll(GIVEN) : []),
    ];
    return found.map(([, name = "", value = ""]): [string, string] => [
      name,
      value.trim().replace(/^(["'])(.*)\1$/, "$2"),
    ]);
  });
}

/** A task stands this close to the values that it is called with. */
const NEAR = 6;

/** Names that a Taskfile gives values to in a call, or asks its callers for: they are arguments, and other files may give others. */
export function findGiven(file: AutomationFile): ReadonlySet<string> {
  if (file.kind !== "task") return new Set();
  const found = new Set(readInline(file).map(([name]) => name));
  const lines = linesOf(file);
  for (const [index, line] of lines.entries()) {
    for (const [name] of (REQUIRED.exec(line)?.[1] ?? "").matchAll(/\w+/g)) found.add(name);
    if (!/^\s*vars:\s*$/.test(line)) continue;
    const depth = depthOf(line);
    const above = lines
      .slice(Math.max(0, index - NEAR), index)
      .findLast((one) => one.trim() !== "" && depthOf(one) <= depth);
    if (!above || !/^\s*(?:-\s+)?task:\s/.test(above)) continue;
    for (const text of lines.slice(index + 1, index + 1 + MOST)) {
      if (text.trim() !== "" && depthOf(text) <= depth) break;
      const name = /^\s*([A-Za-z_]\w*):/.exec(text)?.[1];
      if (name) found.add(name);
    }
  }
  return found;
}

/** Values of one call that are read. */
const MOST = 50;
const REQUIRED = /(?:^|\s)requires:\s*\{\s*vars:\s*\[([^\]]*)\]/;

/** `task: apply` above a value, or `{ task: apply, … }` before it. */
const CALLED = /(?:^|[\s{-])task:\s+["']?([\w:-]+)/;
/** A task that is called so applies what it is given, wherever it stands. */
const APPLYING = /apply|kustomi[sz]e|kubectl/i;

/**
 * The argument that a line of a Taskfile gives a word to, where a task takes it that applies it: one of the same file with
 * `kubectl apply -k {{.DIR}}`, or one that is called for that.
 */
export function argumentOfApply(file: AutomationFile, index: number, start: number): string | undefined {
  if (file.kind !== "task") return undefined;
  const lines = linesOf(file);
  const line = lines[index] ?? "";
  const name = /["']?([A-Za-z_]\w*)["']?:\s+["']?$|[ \t]([A-Za-z_]\w*)=["']?$/.exec(
    line.slice(Math.max(0, start - REACH), start),
  );
  const argument = name?.[1] ?? name?.[2];
  if (argument === undefined) return undefined;
  const task =
    name?.[2] === undefined ? calledOn(lines, index) : /(?:^|[\s;&|"'@-])task[ \t]+([\w:-]+)/.exec(line)?.[1];
  if (task === undefined) return undefined;
  return APPLYING.test(task) || listApplied(file).has(argument) ? argument : undefined;
}

const applied = new WeakMap<AutomationFile, ReadonlySet<string>>();

/** Arguments that the commands of a file apply, read once: each of its lines may ask. */
function listApplied(file: AutomationFile): ReadonlySet<string> {
  return getOrMake(applied, file, () => {
    const commands = linesOf(file).filter((one) => /\b(?:kubectl|oc|k)\b/.test(one) && /\bapply\b/.test(one));
    return new Set(commands.flatMap((one) => [...one.matchAll(/\{\{-?\s*\.(\w+)/g)].map(([, name = ""]) => name)));
  });
}

const REACH = 100;

/** The task whose call a line gives a value to. */
function calledOn(lines: readonly string[], index: number): string | undefined {
  const line = lines[index] ?? "";
  const own = CALLED.exec(line)?.[1];
  if (own !== undefined) return own;
  const near = lines.slice(Math.max(0, index - NEAR), index).toReversed();
  const vars = /\bvars:\s*\{/.test(line) ? line : near.find((one) => one.trim() !== "" && depthOf(one) < depthOf(line));
  if (vars === undefined || !/^\s*vars:/.test(vars)) return undefined;
  return near
    .map((one) => (depthOf(one) <= depthOf(vars) ? CALLED.exec(one)?.[1] : undefined))
    .find((one) => one !== undefined);
}
