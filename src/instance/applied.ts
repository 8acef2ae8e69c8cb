import { builderOf, kustomizationIn } from "../cluster/graph.ts";
import type { Cluster, Install } from "../cluster/types.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { itemsOf, type SourcePatch, type YamlData } from "../contract/objects.ts";
import { listDelivered } from "../delivery/flux-build.ts";
import { reach } from "../delivery/kustomize/index.ts";
import type { Tree } from "../files/tree.ts";
import { firstDifference } from "../release/compare.ts";
import type { SimObject } from "../release/types.ts";
import { copyData } from "../yaml/copy.ts";
import { isMap } from "../yaml/is-map.ts";
import { readYamlCached } from "../yaml/read.ts";
import { withoutCommon } from "./effective.ts";

/** The controllers as Flux applies them today, built from the files of a bootstrapped install; none for other styles. */
export function listApplied(tree: Tree, cluster: Cluster, install: Install): SimObject[] {
  const files = new Set(install.gotk?.documents.map(({ file }) => file));
  if (files.size === 0) return [];
  for (const item of cluster.local) {
    const { by, dir } = builderOf(item, cluster.artifactRoot);
    const found = listDelivered(tree, by, dir).filter(({ file, kind }) => kind === "Deployment" && files.has(file));
    if (found.length === 0) continue;
    return found.map(({ name, body }) => {
      return { id: `Deployment/${name}`, data: withoutCommon(install, body), names: [name] };
    });
  }
  return [];
}

/**
 * What Flux applies today must be what the release, the hand edits and the patches make. Where it is not, something shapes the
 * controllers that was not read as a patch, such as a label of an inner kustomization that an outer patch selects by.
 */
export function checkApplied(
  applied: readonly SimObject[],
  simulated: readonly SimObject[],
  install: Install,
): DraftFinding[] {
  return applied.flatMap((object): DraftFinding[] => {
    const told = simulated.find(({ id, deleted }) => id === object.id && !deleted);
    const field = firstDifference(withoutAddresses(object.data), told && withoutAddresses(told.data));
    if (field === undefined) return [];
    const resource = object.id.replace("/", " ");
    return [
      { rule: "install-shaped-otherwise", level: "blocker", resource, at: install.at, facts: { resource, field } },
    ];
  });
}

/** Without the flags of which bootstrap wrote other forms over time; hand edits of them are looked for elsewhere. */
function withoutAddresses(data: YamlData): YamlData {
  const copy = copyData(data);
  for (const container of copy.spec?.template?.spec?.containers ?? []) {
    const own = itemsOf(container.args).filter((arg) => !/^--(?:events|storage-adv)-addr=/.test(String(arg)));
    if (container.args) container.args = own;
  }
  return copy;
}

/**
 * Patches that name a ConfigMap or Secret by the name that a generator has for it. kustomize writes the hash of the content
 * behind that name wherever it stands in the build; a patch of a FluxInstance is no part of the build, and the controller
 * would look for an object that does not exist.
 */
export function checkGenerated(tree: Tree, cluster: Cluster, install: Install): DraftFinding[] {
  const { dir, patches } = install;
  if (patches.length === 0 || dir === undefined) return [];
  const generated = listGenerated(tree, cluster, dir);
  if (generated.size === 0) return [];
  return patches.flatMap((patch) => {
    const named = namesIn(patch).find((name) => generated.has(name));
    if (named === undefined) return [];
    return [{ rule: "patch-names-generated", level: "blocker", at: patch.at, facts: { name: named } }];
  });
}

const GENERATORS = ["configMapGenerator", "secretGenerator"] as const;

/** Names to which kustomize adds a hash, in all that is built together with the install. */
function listGenerated(tree: Tree, cluster: Cluster, installed: string): Set<string> {
  const folders = cluster.local.map((item) => builderOf(item, cluster.artifactRoot).dir);
  const builds = [...folders, installed].map((dir) => reach(tree, dir).kustomizations);
  const names = new Set<string>();
  for (const dir of new Set(builds.filter((dirs) => dirs.some((dir) => dir === installed)).flat())) {
    const data = kustomizationIn(tree, dir)?.data as YamlData;
    for (const item of GENERATORS.flatMap((field) => itemsOf(data?.[field]))) {
      const isPlain = item?.options?.disableNameSuffixHash ?? data?.generatorOptions?.disableNameSuffixHash;
      if (isPlain !== true && typeof item?.name === "string") names.add(item.name);
    }
  }
  return names;
}

/** Every text in the body of a patch but the name of what it patches. */
function namesIn({ body }: SourcePatch): string[] {
  const read = readYamlCached(body);
  if (!read.ok) return [];
  const names: string[] = [];
  const stack: YamlData[] = read.docs.map(({ data }) => (isMap(data) ? { ...data, metadata: undefined } : data));
  while (stack.length > 0) {
    const next = stack.pop();
    if (typeof next === "string") names.push(next);
    else if (next !== null && typeof next === "object") stack.push(...Object.values(next));
  }
  return names;
}
