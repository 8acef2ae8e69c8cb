import { type Loc, lineOf } from "../../contract/errors.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { basename } from "../../delivery/paths.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import type { Tree } from "../../files/tree.ts";
import { positionAt } from "../../yaml/lines.ts";
import { isArchived, isJinja } from "../automation-files.ts";
import { filesOfKind, isYamlPath } from "../objects.ts";

/** The path below `sync:`, with or without quotes. Each line and each blank can be read in one way only, or lines of blanks take for ever. */
export const SYNC_PATH =
  /^([ \t]*)sync:[ \t]*\n(?:\1[ \t].*\n){0,12}?\1[ \t]+path:[ \t]*["']?((?![ \t])[^"'\n#]{1,250}?(?<![ \t]))["']?[ \t]*(?:#.*)?$/gm;
const VARIABLE = /\{\{-?\s*(\w+)\s*-?\}\}/g;

/** Folders that the FluxInstances in templates of a playbook start from: it names them, fills them in and applies them. */
export function readTemplates(tree: Tree): { path: string; at: Loc }[] {
  const isUsed = (file: string) => tree.grep(basename(file)).some((by) => by !== file && isYamlPath(by));
  const templates = filesOfKind(tree, "FluxInstance").filter(
    (file) => isJinja(file) && !isArchived(file) && isUsed(file),
  );
  const known = new Map<string, string>();
  const fill = (name: string) => getOrMake(known, name, () => readVariable(tree, name) ?? `\${${name}}`);
  return templates.flatMap((file) => {
    const text = tree.read(file) ?? "";
    return [...text.matchAll(SYNC_PATH)].flatMap((found) => {
      const path = found[2]!.replace(VARIABLE, (_, name: string, at: number, all: string) => {
        // Behind a folder it stays open: each host may have its own, and each folder that fits is looked at.
        return /\w/.test(all.slice(0, at)) ? `\${${name}}` : fill(name);
      });
      const { line } = positionAt(text, found.index + found[0].length);
      return path.includes("{{") ? [] : [{ path, at: lineOf(file, line) }];
    });
  });
}

/** The one value that the YAML files of playbooks give a variable; what an inventory or a command may give is not read. */
function readVariable(tree: Tree, name: string): string | undefined {
  if (tree.grep(`${name}=`).length > 0) return undefined;
  const line = new RegExp(
    `^[ \\t]*${escapeRegExp(name)}:[ \\t]+["']?((?![ \\t])[^"'\\n#]{1,250}?(?<![ \\t]))["']?[ \\t]*(?:#.*)?$`,
    "gm",
  );
  const files = tree.grep(`${name}:`).filter((file) => isYamlPath(file) && !isArchived(file));
  const texts = files.map((file) => tree.read(file) ?? "").filter((text) => !/^apiVersion:/m.test(text));
  const values = new Set(texts.flatMap((text) => [...text.matchAll(line)].map(([, value]) => value!)));
  const [only] = values;
  return values.size === 1 && !only!.includes("{{") ? only : undefined;
}
