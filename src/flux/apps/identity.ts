import { deliverFlux, findKustomization, loadKustomization } from "../../kustomize/index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { repositoryPath } from "../graph.ts";
import { dirname, isWithin, join } from "../paths.ts";
import type { KubeObject, YamlData } from "../types.ts";

export interface Identity {
  name: string;
  namespace: string;
}

/**
 * Name and namespace an object has once a FluxKustomization applies it: `namePrefix`, `nameSuffix` and `namespace` of the
 * kustomizations on the way, then those of the spec (flux-semantics 2.8 item 8). The full build confirms a difference
 * before it is believed, since a folder in between may not take part in it.
 */
export function identityOf(tree: Tree, spec: YamlData, artifactRoot: string, object: KubeObject): Identity {
  const written = { name: object.name, namespace: object.namespace };
  const guess = guessIdentity(tree, spec, artifactRoot, object);
  if (guess.name === written.name && guess.namespace === written.namespace) return written;
  const path = repositoryPath(spec, artifactRoot);
  const delivery = deliverFlux(tree, { ...spec, path: `./${path ?? ""}` });
  const found = delivery.ok
    ? delivery.objects.find(({ file, doc, kind }) => file === object.file && doc === object.doc && kind === object.kind)
    : undefined;
  return found && !found.uncertain ? { name: found.name, namespace: found.namespace } : guess;
}

function guessIdentity(tree: Tree, spec: YamlData, artifactRoot: string, object: KubeObject): Identity {
  const top = repositoryPath(spec, artifactRoot) ?? "";
  const identity = { name: object.name, namespace: object.namespace };
  const apply = (data: YamlData) => {
    identity.name = `${text(data.namePrefix)}${identity.name}${text(data.nameSuffix)}`;
    identity.namespace = text(data.namespace) || identity.namespace;
  };
  for (let dir = dirname(object.file); dir !== top && isWithin(dir, top); dir = dirname(dir)) {
    for (const data of transformersIn(tree, dir)) apply(data);
    if (dir === "") break;
  }
  const [own = {}, ...components] = transformersIn(tree, top).reverse();
  for (const data of components) apply(data);
  apply({
    namePrefix: text(spec?.namePrefix) || own.namePrefix,
    nameSuffix: text(spec?.nameSuffix) || own.nameSuffix,
    namespace: text(spec?.targetNamespace) || own.namespace,
  });
  return identity;
}

/** What the components of a folder's kustomization say, then what it says itself. */
function transformersIn(tree: Tree, dir: string, depth = 0): YamlData[] {
  if (depth > 4) return [];
  const found = findKustomization(tree, dir);
  const loaded = found?.error === undefined && found ? loadKustomization(tree, found.path, true) : undefined;
  if (!loaded?.ok) return [];
  const components: unknown[] = Array.isArray(loaded.file.data.components) ? loaded.file.data.components : [];
  return [
    ...components.flatMap((path) => (typeof path === "string" ? transformersIn(tree, join(dir, path), depth + 1) : [])),
    loaded.file.data,
  ];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
