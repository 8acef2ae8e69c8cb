import { type Loc, lineOf } from "../../contract/errors.ts";
import type { Tree } from "../../files/tree.ts";
import { isArchived, isEditable, isJinja, isSample, listAutomation } from "../automation-files.ts";
import { isYamlPath } from "../objects.ts";
import { readableText } from "../readable-text.ts";
import { SYNC_PATH } from "./templates.ts";

/** A key with a text below it: `flux.yaml: |`, `- contents: >-`. */
const TEXT_STARTS = /^([ \t]*(?:-[ \t]+)?)["']?([\w./-]+)["']?:[ \t]*[|>][-+\d]*[ \t]*(?:#.*)?$/;
const INSTANCE = /^[ \t]+kind:[ \t]+FluxInstance[ \t\r]*$/m;
const WRITTEN = /^[ \t]*kind:[ \t]+FluxInstance[ \t\r]*$/m;

/**
 * Folders that the FluxInstances in texts of something else start from: a ConfigMap that Cluster API applies to the clusters
 * it makes, the `inlineManifests` of Talos, a file that cloud-init writes. What a patch holds changes one that is told of
 * elsewhere.
 */
export function readTexts(tree: Tree): { path: string; at: Loc }[] {
  const files = tree.grep("kind: FluxInstance").filter((file) => isYamlPath(file) && !isArchived(file));
  return files.flatMap((file) => {
    if (isJinja(file) || isSample(file)) return [];
    return listTexts(readableText(tree, file) ?? "").flatMap(({ key, first, text }) => {
      return key === "patch" || !INSTANCE.test(text) ? [] : readPaths(file, text, first);
    });
  });
}

/** The same of what a script or a task writes out and applies: `kubectl apply -f - <<EOF`. */
export function readScripts(tree: Tree): { path: string; at: Loc }[] {
  return listAutomation(tree).flatMap(({ path, kind, text }) => {
    return isEditable(kind) && !isSample(path) && WRITTEN.test(text) ? readPaths(path, text, 1) : [];
  });
}

/** @param first number of the first line of the text in its file */
function readPaths(file: string, text: string, first: number): { path: string; at: Loc }[] {
  return [...text.matchAll(SYNC_PATH)].flatMap(({ index, 0: found, 2: path }) => {
    const line = first + text.slice(0, index + found.length).split("\n").length - 1;
    return path && !/\{\{|\$/.test(path) ? [{ path, at: lineOf(file, line) }] : [];
  });
}

interface Text {
  key: string;
  /** Number of its first line. */
  first: number;
  text: string;
}

/** The block scalars of a file, the outermost ones only. */
function listTexts(text: string): Text[] {
  const found: { key: string; first: number; indent: number; lines: string[] }[] = [];
  let open: (typeof found)[number] | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const isBlank = line.trim() === "";
    if (open && !isBlank && line.search(/\S/) <= open.indent) open = undefined;
    if (open) {
      open.lines.push(line);
      continue;
    }
    const [, before, key] = TEXT_STARTS.exec(line) ?? [];
    if (before === undefined || key === undefined) continue;
    open = { key, first: index + 2, indent: before.length, lines: [] };
    found.push(open);
  }
  return found.map(({ lines, ...one }) => ({ ...one, text: lines.join("\n") }));
}
