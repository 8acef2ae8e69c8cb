import { groupKindHere, type ObjectKey } from "../../admission/key.ts";
import { RESOURCE_SET } from "../../change/fields.ts";
import { listReferences, type Reference } from "../../change/read.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";

/** `applied X`: Flux has applied it. `ready X`: it is Ready, what it waits for included. */
export type Node = `${"applied" | "ready"} ${ObjectKey}`;

export type WaitsOf = (node: Node) => readonly Wait[];

/** Why one thing has to come before another. */
export interface Wait {
  from: Node;
  to: Node;
  /** Goes on from the name of `from` and ends at that of `to`. */
  says: "depends on" | "waits for" | "is applied by" | "needs";
  /** The field of the document that says so. */
  path?: readonly (string | number)[];
}

export function keyOfNode(node: Node): ObjectKey {
  return node.slice(node.indexOf(" ") + 1);
}

const WAITING = ["kustomize.toolkit.fluxcd.io|Kustomization", "helm.toolkit.fluxcd.io|HelmRelease", RESOURCE_SET];

export function mayWait({ object }: Held): boolean {
  return WAITING.includes(groupKindHere(object.key)) && object.body?.spec?.suspend !== true && !object.flux?.suspend;
}

/** As the documentation of ResourceSets has it: what `ready` says by itself. */
const IS_READY = "status.conditions.filter(e,e.type=='Ready').all(e,e.status=='True')";

/** Whether a dependency has to be Ready; of a ResourceSet it need only be there unless it says more. */
function needsReady({ key }: OwnedObject, dependency: YamlData): boolean {
  const expression: unknown = dependency?.readyExpr;
  if (groupKindHere(key) !== RESOURCE_SET) return expression === undefined;
  const isPlain = expression === undefined || String(expression).replace(/\s/g, "").replaceAll('"', "'") === IS_READY;
  return dependency?.ready === true && isPlain;
}

/** Whether an object waits for what it names there until that is Ready: an expression of their own may call ready what is not. */
export function isWaitedFor(object: OwnedObject, { field, path }: Reference): boolean {
  return field === "spec.dependsOn" && needsReady(object, itemsOf(object.body?.spec?.dependsOn)[Number(path.at(-1))]);
}

/** What the document of an object itself says; for whom `wait: true` waits its build tells. */
function ownWaits(held: Held): Wait[] {
  const { object } = held;
  const { key, body } = object;
  const spec: YamlData = body?.spec;
  return listReferences(object).flatMap((reference): Wait[] => {
    const { field, path, target } = reference;
    if (isWaitedFor(object, reference))
      return [{ from: `applied ${key}`, to: `ready ${target}`, says: "depends on", path }];
    if (field === "spec.healthChecks" && spec?.wait !== true)
      return [{ from: `ready ${key}`, to: `ready ${target}`, says: "waits for", path }];
    return [];
  });
}

/** Waits of everything in a tree, read as a search comes to them. */
export function makeWaits(world: World): WaitsOf {
  const known = new Map<Node, Wait[]>();
  return (node) => getOrMake(known, node, () => listWaits(world, node));
}

function listWaits(world: World, node: Node): Wait[] {
  const key = keyOfNode(node);
  world.has(key);
  const held = world.objects.get(key);
  if (!held || !mayWait(held)) return [];
  const own = ownWaits(held).filter(({ from }) => from === node);
  if (node.startsWith("applied")) {
    const parent = held.by?.key;
    return parent === undefined || parent === key
      ? own
      : [...own, { from: node, to: `applied ${parent}`, says: "is applied by" }];
  }
  return [...own, { from: node, to: `applied ${key}`, says: "depends on" }, ...listChildren(world, held, node)];
}

/** With `wait` everything it applies has to be Ready. */
function listChildren(world: World, { object }: Held, node: Node): Wait[] {
  const spec: YamlData = object.body?.spec;
  if (!object.flux || spec?.wait !== true) return [];
  const judged = new Set(itemsOf(spec?.healthCheckExprs).map((one) => one.kind));
  const waits: Wait[] = [];
  for (const holder of world.holdersOf(object.key)) {
    world.read(holder);
    for (const child of world.objectsOf(holder)) {
      if (judged.has(child.kind) || child.key === object.key || !mayWait({ object: child })) continue;
      waits.push({ from: node, to: `ready ${child.key}`, says: "waits for", path: ["spec", "wait"] });
    }
  }
  return waits;
}
