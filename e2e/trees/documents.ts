import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isMap, parseAllDocuments } from "yaml";
import type { KubeObject } from "../world/kube.ts";

/** One object of a YAML file of a tree. */
export interface TreeObject {
  /** Path of the file from the tree's top, with slashes. */
  path: string;
  object: KubeObject;
}

/** Paths of the YAML files of a folder, sorted, `.git` left out. */
export function yamlFiles(dir: string): string[] {
  const found: string[] = [];
  const open = [dir];
  while (open.length > 0) {
    const folder = open.pop()!;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== ".git") open.push(path);
      else if (entry.isFile() && /\.ya?ml$/.test(entry.name)) found.push(relative(dir, path).replaceAll("\\", "/"));
    }
  }
  return found.sort();
}

/** Everything in the YAML files of a folder that has a kind and an apiVersion; what does not parse is left out. */
export function readObjects(dir: string): TreeObject[] {
  return yamlFiles(dir).flatMap((path) =>
    parseAllDocuments(readFileSync(join(dir, path), "utf8"), { logLevel: "silent" }).flatMap((document) => {
      if (!isMap(document.contents) || document.errors.length > 0) return [];
      const object = document.toJS() as KubeObject;
      const whole = typeof object.kind === "string" && typeof object.apiVersion === "string";
      return whole ? [{ path, object: { ...object, metadata: object.metadata ?? { name: "" } } }] : [];
    }),
  );
}

/** `namespace` of the kustomization file beside a file, which kustomize gives to what it lists. */
export function folderNamespaces(objects: TreeObject[]): (path: string) => string | undefined {
  const spaces = new Map<string, string>();
  for (const { path, object } of objects)
    if (isKustomization(object) && typeof object.namespace === "string") spaces.set(dirname(path), object.namespace);
  return (path) => spaces.get(dirname(path));
}

export const isKustomization = ({ apiVersion }: Pick<KubeObject, "apiVersion">) =>
  apiVersion.startsWith("kustomize.config.k8s.io/");

export const isFluxKustomization = ({ apiVersion, kind }: Pick<KubeObject, "apiVersion" | "kind">) =>
  kind === "Kustomization" && apiVersion.startsWith("kustomize.toolkit.fluxcd.io/");
