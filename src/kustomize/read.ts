import yaml from "js-yaml";
import type { Tree } from "../workspace/tree.ts";
import { type ParsedFile, readYamlCached } from "../yaml/index.ts";

type Failure = Extract<ParsedFile, { ok: false }>;

/** Reads a YAML file of the tree as plain documents; shared between callers, so it must not be changed. */
export function readDocs(tree: Tree, path: string): ParsedFile {
  const text = tree.read(path);
  if (text === undefined)
    return { ok: false, reason: `not a readable text file (${tree.status(path)})`, line: 1, col: 1 };
  return readText(text);
}

/** `readYamlCached`, with the document markers that kustomize refuses on top. */
export function readText(text: string): ParsedFile {
  return findBadSeparator(text) ?? readYamlCached(text);
}

/**
 * First document of a kustomization file. Unlike for resources, kustomize takes the last of two equal keys.
 */
export function readKustomizationDoc(tree: Tree, path: string): { ok: true; data: unknown } | Failure {
  const read = readDocs(tree, path);
  if (read.ok) return { ok: true, data: read.docs[0]?.data };
  if (!read.reason.includes("duplicated mapping key")) return read;
  const docs = yaml.loadAll(tree.read(path) ?? "", null, { json: true }) as unknown[];
  return { ok: true, data: docs[0] };
}

/** kustomize splits files at lines that start with `---` and refuses anything but a comment behind it. */
function findBadSeparator(text: string): Failure | undefined {
  if (!text.includes("\n---")) return undefined;
  const lines = text.split("\n");
  for (let index = 1; index < lines.length - 1; index++) {
    const line = lines[index]!;
    if (!line.startsWith("---")) continue;
    const rest = line.slice(3).trim();
    if (rest !== "" && !rest.startsWith("#")) {
      return { ok: false, reason: "invalid document separator", line: index + 1, col: 4 };
    }
  }
  return undefined;
}
