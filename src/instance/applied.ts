import { builderOf } from "../cluster/graph.ts";
import type { Cluster, Install } from "../cluster/types.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { listDelivered } from "../delivery/flux-build.ts";
import type { Tree } from "../files/tree.ts";
import { firstDifference } from "../release/compare.ts";
import type { SimObject } from "../release/types.ts";
import { copyData } from "../yaml/copy.ts";
import { isMap } from "../yaml/is-map.ts";
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
  for (const container of itemsOf(copy.spec?.template?.spec?.containers).filter(isMap) as YamlData[]) {
    const own = itemsOf(container.args).filter((arg) => !/^--(?:events|storage-adv)-addr=/.test(String(arg)));
    if (container.args) container.args = own;
  }
  return copy;
}
