import { type ChartUse, readChartUse } from "../cluster/chart-release.ts";
import { readHelmValues } from "../cluster/helm-values.ts";
import { readable } from "../contract/answer.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { keyOfObject, splitKey } from "./key.ts";
import type { World } from "./references/world.ts";
import type { OwnedObject } from "./types.ts";

/** A release as it is applied, with the patches and variables that Git gives it. */
export interface AppliedRelease {
  release: KubeObject;
  use: ChartUse;
}

/** @param objects of the tree, for what no build that was read holds */
export function readApplied(
  object: OwnedObject,
  world: World,
  objects: readonly KubeObject[],
): AppliedRelease | undefined {
  const release = object.release && toKube(object);
  if (!release) return undefined;
  const ref = release.data.spec?.chartRef;
  const { remote } = splitKey(object.key);
  const source = typeof ref?.name === "string" ? findSource(release, ref, world, remote) : undefined;
  // What is written under that name may be this cluster's own.
  const use = readChartUse(release, source ? [source] : remote === "" ? objects : []);
  return use && { release, use };
}

function findSource({ namespace }: KubeObject, ref: YamlData, world: World, remote: string): KubeObject | undefined {
  const { kind = "OCIRepository", name } = ref;
  const apiVersion = "source.toolkit.fluxcd.io/v1";
  const key = keyOfObject({ apiVersion, kind, name, namespace: ref.namespace ?? namespace }, remote);
  if (remote !== "" && !world.has(key)) return undefined;
  const held = world.objects.get(key);
  return held && toKube(held.object);
}

/** An object as it is applied, at the place of its document. */
export function toKube({ at, doc = 0, kind, name, namespace, body }: OwnedObject): KubeObject | undefined {
  if (!at || !isMap(body)) return undefined;
  return { file: at.file, doc, apiVersion: String(body.apiVersion), kind, name, namespace, data: body };
}

/** Of some applied objects the one that was read from a document. */
export function appliedFrom(
  { file, doc, kind }: Pick<KubeObject, "file" | "doc" | "kind">,
  objects: readonly OwnedObject[],
): KubeObject | undefined {
  const found = objects.find((one) => one.kind === kind && one.at?.file === file && (one.doc ?? 0) === doc);
  return found && toKube(found);
}

/** Its values as far as they can be read. */
export function readValues({ release }: AppliedRelease, tree: Tree): { values: YamlData; isKnown: boolean } {
  const { values } = readHelmValues(tree, release, release.data.spec);
  return { values: readable(values), isKnown: values.known };
}
