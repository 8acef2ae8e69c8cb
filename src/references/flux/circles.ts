import { printKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import type { Stopped } from "../stopped.ts";
import { addNeeds, isBrought } from "./needs.ts";
import { keyOfNode, makeWaits, mayWait, type Node, type Wait, type WaitsOf } from "./waits.ts";

interface Start {
  held: Held;
  wait: Wait;
}

/**
 * Circles that the change closes: Flux reports "dependency not ready" for ever. A parent that waits is Ready only when what
 * it applies is, so a child that depends on its parent waits for itself. So does what needs something that comes behind it.
 */
export function findCircles(given: Given): Stopped[] {
  const { before, after } = given;
  const plain = makeWaits(after);
  const closed = new Set<Node>();
  const said = closeCircles(listNewWaits(before, after, plain), plain, closed, () => true);
  const { waitsOf, brought } = addNeeds(given, plain);
  const starts = brought.map((held): Start => {
    const from: Node = `applied ${held.object.key}`;
    return { held, wait: { from, to: `applied ${held.by!.key}`, says: "is applied by" } };
  });
  const isSure = (waits: readonly Wait[]) => {
    const waiting = new Set(waits.map(({ from }) => keyOfNode(from)));
    return waits.every(({ says, to }) => {
      const held = says === "needs" ? after.objects.get(keyOfNode(to)) : undefined;
      return !held || isBrought(given, held, (key) => waiting.has(key));
    });
  };
  return [...said, ...closeCircles(starts, waitsOf, closed, isSure)];
}

/** @param closed the things of which a circle is told */
function closeCircles(
  starts: readonly Start[],
  waitsOf: WaitsOf,
  closed: Set<Node>,
  isSure: (waits: readonly Wait[]) => boolean,
): Stopped[] {
  const circles: Stopped[] = [];
  const component = findComponents(
    starts.map(({ wait }) => wait.from),
    (node) => waitsOf(node).map(({ to }) => to),
  );
  for (const { held, wait } of starts) {
    const own = component.get(wait.from);
    if (own === undefined || own !== component.get(wait.to) || closed.has(wait.from)) continue;
    // What one and the same Kustomization brings too late is told once.
    if (wait.path === undefined && closed.has(wait.to)) continue;
    const way =
      wait.from === wait.to
        ? []
        : findWay(wait.to, wait.from, (node) => waitsOf(node).filter(({ to }) => component.get(to) === own));
    if (!way) continue;
    const waits = [wait, ...way];
    if (!isSure(waits)) continue;
    for (const { from } of waits) closed.add(from);
    circles.push({ held, path: wait.path ?? [], ...sayCircle(waits) });
  }
  return circles;
}

/** From so many on the rest of a circle is counted. */
const SHOWN = 6;

/** Things that wait for each other, each for the next and the last for the first. */
function sayCircle(waits: readonly Wait[]) {
  const steps = waits.filter(({ from, to }) => keyOfNode(from) !== keyOfNode(to));
  const shown = steps.slice(0, SHOWN).map(({ says, to }) => `${says} ${printKey(keyOfNode(to))}`);
  const more = steps.length > SHOWN ? `, and ${steps.length - SHOWN} more steps lead back` : "";
  const isNew = waits.some(({ says }) => says === "needs");
  return {
    rule: "waits-in-circle" as const,
    what:
      steps.length === 0
        ? "depends on itself: Flux never applies it"
        : `waits for itself: it ${shown.join(", which ")}${more}. Flux applies none of them${isNew ? "" : " any more"}`,
    why: isNew
      ? "A dependency has to be Ready first, and what needs something that is not there is not."
      : "A dependency has to be Ready first, and a Kustomization with wait is Ready only when everything it applies is.",
    next: isNew
      ? "Apply what is needed from somewhere that waits for none of these, or in a change before this one."
      : "Take one of these dependencies out, or wait away from the parent.",
  };
}

/** Waits that were not there before: of objects that the change touches, and for what one that waits applies anew. */
function listNewWaits(before: World, after: World, now: WaitsOf): Start[] {
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
