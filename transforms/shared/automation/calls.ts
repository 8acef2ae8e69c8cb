import type { AutomationFile } from "../../../src/cluster/automation-files.ts";
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
