import { builderOf } from "../cluster/graph.ts";
import type { Cluster, Install } from "../cluster/types.ts";
import { type Loc, lineOf } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { itemsOf, type KubeObject, type SourcePatch, type YamlData } from "../contract/objects.ts";
import { listDelivered } from "../delivery/flux-build.ts";
import { describe } from "../delivery/kinds.ts";
import {
  type DeliveredObject,
  HASH_PATTERN,
  hashContent,
  kustomizationOf,
  reach,
} from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { dirname } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { readYamlCached } from "../yaml/read.ts";
import { textsIn } from "../yaml/walk-data.ts";

/**
 * Patches that name a ConfigMap or Secret by the name that a generator has for it. kustomize writes the hash of the content
 * behind that name wherever it stands in the build; a patch of a FluxInstance is no part of the build, and the controller
 * would look for an object that does not exist.
 */
export function findGenerated(tree: Tree, cluster: Cluster, install: Install): { at: Loc; name: string }[] {
  const { dir, patches } = install;
  if (patches.length === 0 || dir === undefined) return [];
  const generated = listGenerated(tree, cluster, dir);
  if (generated.size === 0) return [];
  return patches.flatMap((patch) => {
    const named = namesIn(patch).find((name) => generated.has(name));
    if (named === undefined) return [];
    return [{ at: patch.at, name: named }];
  });
}

/** Data as the patches say it: these names without the hash that kustomize adds to them. */
export function withoutHashes(data: YamlData, names: readonly string[]): YamlData {
  if (names.length === 0) return data;
  const plain = (text: string) => (names.includes(text.replace(HASHED, "")) ? text.replace(HASHED, "") : text);
  return JSON.parse(JSON.stringify(data), (_key, value) => (typeof value === "string" ? plain(value) : value));
}

const GENERATORS = ["configMapGenerator", "secretGenerator"] as const;

/** Names to which kustomize adds a hash, in all that is built together with the install. */
function listGenerated(tree: Tree, cluster: Cluster, installed: string): Set<string> {
  const folders = cluster.local.map((item) => builderOf(item, cluster.artifactRoot).dir);
  const builds = [...folders, installed].map((dir) => reach(tree, dir).kustomizations);
  const names = new Set<string>();
  for (const dir of new Set(builds.filter((dirs) => dirs.some((dir) => dir === installed)).flat())) {
    const data = kustomizationOf(tree, dir)?.data as YamlData;
    for (const item of GENERATORS.flatMap((field) => itemsOf(data?.[field]))) {
      const isPlain = item.options?.disableNameSuffixHash ?? data?.generatorOptions?.disableNameSuffixHash;
      if (isPlain !== true && typeof item.name === "string") names.add(item.name);
    }
  }
  return names;
}

/** Every text in the body of a patch but the name of what it patches. */
function namesIn({ body }: SourcePatch): string[] {
  const read = readYamlCached(body);
  return read.ok ? textsIn(read.docs.map(({ data }) => (isMap(data) ? { ...data, metadata: undefined } : data))) : [];
}

const HASHED = new RegExp(`-${HASH_PATTERN}$`);

/**
 * Source and root that name a ConfigMap or Secret as a generator made it last. kustomize writes each new hash into them as long
 * as they lie in its build; what the operator makes keeps the name of today, which the next change of the content prunes.
 * @param objects source and root as Flux applies them
 */
export function checkSyncGenerated(tree: Tree, cluster: Cluster, objects: readonly KubeObject[]): DraftFinding[] {
  const named = objects.flatMap((owner) =>
    textsIn(owner.data.spec).flatMap((name) => (HASHED.test(name) ? [{ owner, name }] : [])),
  );
  if (named.length === 0) return [];
  const generated = new Map(
    cluster.local
      .map((item) => builderOf(item, cluster.artifactRoot))
      .flatMap(({ by, dir }) => listDelivered(tree, by, dir).filter(isHashed))
      .map((object) => [object.name, object]),
  );
  return named.flatMap(({ owner, name }): DraftFinding[] => {
    const made = generated.get(name);
    if (made === undefined) return [];
    const facts = { owner: describe(owner), name: `${made.kind} ${name.replace(HASHED, "")}` };
    return [{ rule: "sync-names-generated", level: "blocker", resource: facts.owner, at: placeOf(tree, made), facts }];
  });
}

/** Whether the name of a generated object ends in the hash of its content; one of content kept elsewhere does as well. */
function isHashed({ kind, name, body, uncertain }: DeliveredObject): boolean {
  if ((kind !== "ConfigMap" && kind !== "Secret") || !HASHED.test(name)) return false;
  return uncertain === true || name.endsWith(`-${hashContent(body)}`);
}

/** The generator of an object, in the file that holds it. */
function placeOf(tree: Tree, { kind, name, file, doc }: DeliveredObject): Loc {
  const field = kind === "Secret" ? "secretGenerator" : "configMapGenerator";
  const list = itemsOf((kustomizationOf(tree, dirname(file))?.data as YamlData)?.[field]);
  const index = list.findIndex((item) => typeof item.name === "string" && name.includes(item.name));
  return index < 0 ? lineOf(file) : locateField(tree, { file, doc }, [field, index]);
}
