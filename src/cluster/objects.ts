import type { KubeObject, YamlData } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { readYamlCached } from "../yaml/read.ts";
import { readLazily, toKubeObject } from "./gotk/documents.ts";

const YAML_FILE = /\.ya?ml$/;

/** Characters from which a file of CRDs is read document by document. */
const LARGE = 50_000;

/** Whether kustomize and Flux would take the file for YAML. */
export function isYamlPath(path: string): boolean {
  return YAML_FILE.test(path);
}

/** What stands in the way of reading a file that mentions Flux. */
interface BrokenFile {
  file: string;
  line: number;
  col: number;
  reason: string;
}

export interface ObjectScan {
  objects: KubeObject[];
  broken: BrokenFile[];
}

/** The Kubernetes objects of one file; empty when it does not parse (the error is in `broken`). */
export function readObjects(tree: Tree, file: string): ObjectScan {
  const text = tree.read(file);
  if (text === undefined) return { objects: [], broken: [] };
  if (text.length > LARGE && text.includes("kind: CustomResourceDefinition")) return readLarge(tree, file);
  const parsed = readYamlCached(text);
  if (!parsed.ok) {
    return { objects: [], broken: [{ file, line: parsed.line, col: parsed.col, reason: parsed.reason }] };
  }
  const objects: KubeObject[] = [];
  for (const doc of parsed.docs) {
    const object = toObject(file, doc.index, doc.data);
    if (object) objects.push(object);
  }
  return { objects, broken: [] };
}

/** Files of CRDs are large, and no decision needs their schemas: those are named from their text alone. */
function readLarge(tree: Tree, file: string): ObjectScan {
  const scan: ObjectScan = { objects: [], broken: [] };
  for (const document of readLazily(tree, file)) {
    const isCrd = document.kind === "CustomResourceDefinition";
    const data = isCrd ? undefined : document.data();
    const object = isCrd ? toKubeObject(document) : toObject(file, document.doc, data);
    if (object) scan.objects.push(object);
    else if (data === undefined) scan.broken.push({ file, line: document.line, col: 1, reason: "not valid YAML" });
  }
  return scan;
}

/** A document as a Kubernetes object; undefined when kind or name is missing. */
export function toObject(file: string, doc: number, data: YamlData): KubeObject | undefined {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return undefined;
  const { apiVersion, kind, metadata } = data;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined;
  const name = metadata?.name;
  if (typeof name !== "string") return undefined;
  const namespace = typeof metadata.namespace === "string" ? metadata.namespace : "";
  return { file, doc, apiVersion, kind, name, namespace, data };
}
