import type { Tree } from "../workspace/tree.ts";
import { readYamlCached } from "../yaml/read.ts";
import type { KubeObject, YamlData } from "./types.ts";

const YAML_FILE = /\.ya?ml$/;

/** Whether kustomize and Flux would take the file for YAML. */
export function isYamlPath(path: string): boolean {
  return YAML_FILE.test(path);
}

/** What stands in the way of reading a file that mentions Flux. */
export interface BrokenFile {
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
