import { groupKindHere, type ObjectKey, printKey } from "../../admission/key.ts";
import { RESOURCE_SET } from "../../change/fields.ts";
import type { Given } from "../../change/given.ts";
import { listReferences } from "../../change/read.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import type { Stopped } from "../stopped.ts";

/** `applied X`: Flux has applied it. `ready X`: it is Ready, what it waits for included. */
type Node = `${"applied" | "ready"} ${ObjectKey}`;

type WaitsOf = (node: Node) => readonly Wait[];

/** Why one thing has to come before another. */
interface Wait {
  from: Node;
  to: Node;
  /** Goes on from the name of `from` and ends at that of `to`. */
  says: "depends on" | "waits for" | "is applied by";
  /** The field of the document that says so. */
  path?: readonly (string | number)[];
}

/**
 * Circles that the change closes: Flux reports "dependency not ready" for ever. A parent that waits is Ready only when what
 * it applies is, so a child that depends on its parent waits for itself.
 */
export function findCircles({ before, after }: Given): Stopped[] {
  const waitsOf = makeWaits(after);
  const starts = listNewWaits(before, after, waitsOf);
  const circles: Stopped[] = [];
  const closed = new Set<Node>();
  const component = findComponents(
    starts.map(({ wait }) => wait.from),
    (node) => waitsOf(node).map(({ to }) => to),
  );
  for (const { held, wait } of starts) {
    const own = component.get(wait.from);
    if (own === undefined || own !== component.get(wait.to) || closed.has(wait.from)) continue;
    const way =
      wait.from === wait.to
        ? []
        : findWay(wait.to, wait.from, (node) => waitsOf(node).filter(({ to }) => component.get(to) === own));
    if (!way) continue;
    const waits = [wait, ...way];
    for (const { from } of waits) closed.add(from);
    circles.push({ held, path: wait.path ?? [], ...sayCircle(waits) });
  }
  return circles;
}

function keyOfNode(node: Node): ObjectKey {
  return node.slice(node.indexOf(" ") + 1);
}

/** From so many on the rest of a circle is counted. */
const SHOWN = 6;

/** Things that wait for each other, each for the next and the last for the first. */
function sayCircle(waits: readonly Wait[]) {
  const steps = waits.filter(({ from, to }) => keyOfNode(from) !== keyOfNode(to));
  const shown = steps.slice(0, SHOWN).map(({ says, to }) => `${says} ${printKey(keyOfNode(to))}`);
  const more = steps.length > SHOWN ? `, and ${steps.length - SHOWN} more steps lead back` : "";
  return {
    rule: "waits-in-circle" as const,
    what:
      steps.length === 0
        ? "depends on itself: Flux never applies it"
        : `waits for itself: it ${shown.join(", which ")}${more}. Flux applies none of them any more`,
    why: "A dependency has to be Ready first, and a Kustomization with wait is Ready only when everything it applies is.",
    next: "Take one of these dependencies out, or wait away from the parent.",
  };
}

/** Waits that were not there before: of objects that the change touches, and for what one that waits applies anew. */
function listNewWaits(before: World, after: World, now: WaitsOf): { held: Held; wait: Wait }[] {
  const old = makeWaits(before);
  const touched = after.all.filter((held) => {
    const appliesAnew = held.object.flux && after.holdersOf(held.object.key).some(({ fixed }) => !fixed);
    return (
      (appliesAnew || (held.by && !held.by.fixed)) &&
      mayWait(held) &&
      says(held) !== "" &&
      // What builds the same on both sides is not read to see whom it waits for: that is the same, too.
      (says(held) !== says(before.objects.get(held.object.key)) || (appliesAnew && isWaiting(held)))
    );
  });
  return touched.flatMap((held) => {
    const nodes: Node[] = [`applied ${held.object.key}`, `ready ${held.object.key}`];
    return nodes.flatMap((node) => {
      const known = new Set(old(node).map(({ to }) => to));
      const own = now(node).filter(({ to, path }) => path && !known.has(to));
      return own.map((wait) => ({ held, wait }));
    });
  });
}

/** What decides for whom an object waits, to see at once that nothing of it changes. */
function says(held: Held | undefined): string {
  const { dependsOn, healthChecks, wait } = held?.object.body?.spec ?? {};
  return dependsOn || healthChecks || wait ? JSON.stringify([dependsOn, healthChecks, wait]) : "";
}

function isWaiting({ object: { flux, body } }: Held): boolean {
  return flux !== undefined && body?.spec?.wait === true;
}

const WAITING = ["kustomize.toolkit.fluxcd.io|Kustomization", "helm.toolkit.fluxcd.io|HelmRelease", RESOURCE_SET];

function mayWait({ object }: Held): boolean {
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

/** What the document of an object itself says; for whom `wait: true` waits its build tells. */
function ownWaits(held: Held): Wait[] {
  const { object } = held;
  const { key, body } = object;
  const spec: YamlData = body?.spec;
  return listReferences(object).flatMap(({ field, path, target }): Wait[] => {
    const last = path.at(-1);
    // An expression of their own may call ready what is not.
    if (field === "spec.dependsOn" && needsReady(object, itemsOf(spec?.dependsOn)[Number(last)]))
      return [{ from: `applied ${key}`, to: `ready ${target}`, says: "depends on", path }];
    if (field === "spec.healthChecks" && spec?.wait !== true)
      return [{ from: `ready ${key}`, to: `ready ${target}`, says: "waits for", path }];
    return [];
  });
}

/** Waits of everything in a tree, read as a search comes to them. */
function makeWaits(world: World): WaitsOf {
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

/** Which strongly connected component each node is in, by a number (Tarjan, without recursion). */
function findComponents(starts: readonly Node[], next: (node: Node) => readonly Node[]): Map<Node, number> {
  const component = new Map<Node, number>();
  const index = new Map<Node, number>();
  const low = new Map<Node, number>();
  const stack: Node[] = [];
  const onStack = new Set<Node>();
  let count = 0;
  const enter = (node: Node) => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    onStack.add(node);
    return { node, targets: next(node), at: 0 };
  };
  for (const start of starts) {
    if (index.has(start)) continue;
    const work = [enter(start)];
    while (work.length > 0) {
      const frame = work.at(-1)!;
      const target = frame.targets[frame.at++];
      if (target !== undefined) {
        if (!index.has(target)) work.push(enter(target));
        else if (onStack.has(target)) low.set(frame.node, Math.min(low.get(frame.node)!, index.get(target)!));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent) low.set(parent.node, Math.min(low.get(parent.node)!, low.get(frame.node)!));
      if (low.get(frame.node) !== index.get(frame.node)) continue;
      for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
        onStack.delete(node);
        component.set(node, count);
        if (node === frame.node) break;
      }
      count++;
    }
  }
  return component;
}

/** The shortest way from one node to another. */
function findWay(from: Node, to: Node, waitsOf: WaitsOf): Wait[] | undefined {
  const reached = new Map<Node, Wait | undefined>([[from, undefined]]);
  for (const node of reached.keys()) {
    if (node === to) break;
    for (const wait of waitsOf(node)) if (!reached.has(wait.to)) reached.set(wait.to, wait);
  }
  if (!reached.has(to)) return undefined;
  const way: Wait[] = [];
  for (let wait = reached.get(to); wait; wait = reached.get(wait.from)) way.unshift(wait);
  return way;
}
