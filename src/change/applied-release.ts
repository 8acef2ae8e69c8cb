import { keyOfObject, type ObjectKey, splitKey } from "../admission/key.ts";
import { isOpenText } from "../admission/open-text.ts";
import { type ChartUse, readChartUse } from "../cluster/chart-release.ts";
import { readHelmValues } from "../cluster/helm-values.ts";
import { readable } from "../contract/answer.ts";
import { itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import type { Given } from "./given.ts";
import { chartSourceOf, mapTexts } from "./read-object.ts";
import type { OwnedObject } from "./types.ts";
import type { World } from "./world.ts";

/** A release as it is applied, with the patches and variables that Git gives it. */
export interface AppliedRelease {
  release: KubeObject;
  use: ChartUse;
  /** Of another cluster, as its key says it. */
  remote: string;
}

/** @param objects of the tree, for what no build that was read holds */
export function readApplied(
  object: OwnedObject,
  world: World,
  objects: readonly KubeObject[],
): AppliedRelease | undefined {
  const release = object.release && toKube(object);
  if (!release) return undefined;
  const { remote } = splitKey(object.key);
  const key = chartSourceOf(release.data.spec, release.namespace, remote);
  const source = key === undefined ? undefined : findSource(key, world, remote);
  // What is written under that name may be this cluster's own.
  const use = readChartUse(release, source ? [source] : remote === "" ? objects : []);
  return use && { release, use, remote };
}

function findSource(key: ObjectKey, world: World, remote: string): KubeObject | undefined {
  if (remote !== "" && !world.has(key)) return undefined;
  const held = world.objects.get(key);
  return held && toKube(held.object);
}

/** An object as it is applied, at the place of its document. */
export function toKube({ at, doc = 0, kind, name, namespace, body }: OwnedObject): KubeObject | undefined {
  if (!at || !isMap(body)) return undefined;
  return { file: at.file, doc, apiVersion: String(body.apiVersion), kind, name, namespace, data: body };
}

/** Of some applied objects the one that was read from a document, with the defaults of variables that nothing sets. */
export function appliedFrom(
  { file, doc, kind }: Pick<KubeObject, "file" | "doc" | "kind">,
  objects: readonly OwnedObject[],
): KubeObject | undefined {
  const found = objects.find((one) => one.kind === kind && one.at?.file === file && (one.doc ?? 0) === doc);
  return found && toKube(found.settle ? { ...found, body: mapTexts(found.body, found.settle) } : found);
}

/** Its values as far as they can be read: from what the cluster is given, or from files beside it. */
export function readValues(
  { release, remote }: AppliedRelease,
  tree: Tree,
  world: World,
): { values: YamlData; isKnown: boolean } {
  const given = (kind: string, name: string, key: string) => {
    if (kind !== "ConfigMap" && kind !== "Secret") return undefined;
    const map = world.find(keyOfMap(kind, release.namespace, name, remote))?.object;
    const text = map && textIn(map, key);
    return text === undefined || isOpenText(text) ? undefined : text;
  };
  const { values } = readHelmValues(tree, release, release.data.spec, given, "${valuesFrom}");
  return { values: readable(values), isKnown: values.known };
}

/** What a ConfigMap holds under a key, or a Secret that lies in Git in the clear. */
function textIn({ kind, body, isPart, encrypted }: OwnedObject, key: string): string | undefined {
  if (isPart || encrypted) return undefined;
  const [plain, data]: unknown[] = [body?.stringData?.[key], body?.data?.[key]];
  if (kind !== "Secret") return typeof data === "string" ? data : undefined;
  if (typeof plain === "string") return plain;
  return typeof data === "string" ? Buffer.from(data, "base64").toString() : undefined;
}

/** One key of a ConfigMap or Secret that one build makes, as `readHelmValues` asks for it. */
export function givenIn(objects: readonly OwnedObject[]) {
  return (kind: string, name: string, key: string): string | undefined => {
    const map = objects.find((one) => one.kind === kind && one.name === name);
    return map && textIn(map, key);
  };
}

/**
 * Tells whether a release takes values from a ConfigMap or Secret that the change alters, whichever Kustomization delivers that; such
 * releases are read.
 */
export function makeTakes({ before, after }: Pick<Given, "before" | "after">): (object: OwnedObject) => boolean {
  const print = ({ body }: OwnedObject) => JSON.stringify([body?.data, body?.stringData]);
  const holdsValues = ({ kind, encrypted }: OwnedObject) => kind === "ConfigMap" || (kind === "Secret" && !encrypted);
  const altered = after.all.flatMap(({ object, by }) => {
    const old = holdsValues(object) && !by?.fixed ? before.objects.get(object.key)?.object : undefined;
    return old && print(old) !== print(object) ? [object] : [];
  });
  for (const world of [before, after]) world.search(altered.map(({ name }) => name));
  const keys = new Set(altered.map(({ key }) => key));
  return ({ key, namespace, body }) =>
    itemsOf(body?.spec?.valuesFrom).some(({ kind, name }) =>
      keys.has(keyOfMap(String(kind), namespace, name, splitKey(key).remote)),
    );
}

const keyOfMap = (kind: string, namespace: string, name: unknown, remote: string) =>
  keyOfObject({ apiVersion: "v1", kind, namespace, name: String(name) }, remote);
