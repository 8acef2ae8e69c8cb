import { groupKindHere, keyOfObject, type ObjectKey, splitKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import { listReferences } from "../../change/read.ts";
import type { Held, World } from "../../change/world.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { once } from "../../contract/once.ts";
import { SYSTEM } from "../namespaces.ts";
import { EVERYWHERE } from "../new-references.ts";
import { keyOfNode, mayWait, type Node, type Wait, type WaitsOf } from "./waits.ts";

/** What objects cannot do without, if nothing but a FluxKustomization makes it. */
const NEEDED = new Set([
  ...["ConfigMap", "Secret", "ServiceAccount", "Namespace", "PersistentVolumeClaim"].map((kind) => `|${kind}`),
  "apiextensions.k8s.io|CustomResourceDefinition",
  ...["GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket"].map(
    (kind) => `source.toolkit.fluxcd.io|${kind}`,
  ),
]);

/** What is not Ready before its pods are. */
const RUNNING = new Set(["|Pod", "apps|Deployment", "apps|StatefulSet", "apps|DaemonSet"]);

interface Needs {
  /** The plain waits, and those for what the change brings: whoever needs that cannot go on before it is applied. */
  waitsOf: WaitsOf;
  /** What the change brings and something needs that another FluxKustomization applies, or that applies it itself. */
  brought: readonly Held[];
}

/** Adds to the waits of a tree what its objects need of what the change brings. Errs towards too much: see `isBrought`. */
export function addNeeds({ before, after, isEarly }: Given, plain: WaitsOf): Needs {
  const isMoving = ({ object, by }: Held) => by?.fixed === false && !object.ignored;
  const moving = after.all.filter(isMoving);
  const brought = new Map(
    moving
      .filter(({ object: { key } }) => NEEDED.has(groupKindHere(key)) && !before.objects.has(key))
      .map((held) => [held.object.key, held]),
  );
  const own = new Map<Node, Wait[]>();
  const add = (wait: Wait) => getOrMake(own, wait.from, (): Wait[] => []).push(wait);
  const needed = new Set<ObjectKey>();
  const addNeed = (from: Node, to: ObjectKey, path?: Wait["path"]) => {
    needed.add(to);
    add({ from, to: `applied ${to}`, says: "needs", ...(path ? { path } : {}) });
  };
  if (brought.size > 0) {
    for (const held of moving) addOwn(held);
    addContent();
  }
  for (const to of needed)
    add({ from: `applied ${to}`, to: `applied ${brought.get(to)!.by!.key}`, says: "is applied by" });

  /** What its document names. What lies beside it comes together with it. */
  function addOwn(held: Held): void {
    const { key, flux } = held.object;
    const isRunning = RUNNING.has(groupKindHere(key)) && held.object.body?.spec?.replicas !== 0;
    if (!(mayWait(held) || isRunning) || held.by!.key === key) return;
    // One that is there may have applied with its old spec what its new one needs.
    if (flux && before.holdersOf(key).length > 0) return;
    const named = listReferences(held.object).filter(
      ({ field, target }) => brought.has(target) && !/^spec\.(?:dependsOn|healthChecks)/.test(field),
    );
    const apart = flux ? named : named.filter(({ target }) => brought.get(target)!.by!.key !== held.by!.key);
    for (const { target, path } of apart) addNeed(`${flux ? "applied" : "ready"} ${key}`, target, path);
    if (isRunning && apart.length > 0 && held.by!.spec.data.spec.wait === true)
      add({ from: `ready ${held.by!.key}`, to: `ready ${key}`, says: "waits for", path: ["spec", "wait"] });
  }

  /** Flux tries all objects of a FluxKustomization before it applies the first, but for namespaces and kinds that come with them. */
  function addContent(): void {
    const defined = new Map(
      [...brought.values()].flatMap(({ object: { key, defines } }) => (defines ? [[defines, key]] : [])),
    );
    const seen = new Set<string>();
    for (const { object, by } of moving) {
      const { group, kind, remote } = splitKey(object.key);
      if (remote !== "" || by!.at === undefined) continue;
      const home = keyOfObject({ apiVersion: "v1", kind: "Namespace", namespace: "", name: object.namespace });
      for (const target of [home, defined.get(`${group}|${kind}`)]) {
        const maker = target === undefined ? undefined : brought.get(target)?.by;
        if (target === undefined || !maker || maker.key === by!.key || seen.has(`${by!.key} ${target}`)) continue;
        seen.add(`${by!.key} ${target}`);
        addNeed(`applied ${by!.key}`, target);
      }
    }
  }

  const made = groupBy(needed, (key) => brought.get(key)!.by!.key);
  // What is there today goes on by itself while what applies it is stuck, unless it needs its new spec to bring something.
  const comesApart = (key: ObjectKey) => before.has(key) && isEarly(key, made.get(key) ?? []);
  const known = new Map<Node, readonly Wait[]>();
  const waitsOf = (node: Node) => {
    const isApart = once(() => comesApart(keyOfNode(node)));
    return getOrMake(known, node, () => [
      ...plain(node).filter(({ says }) => says !== "is applied by" || !isApart()),
      ...(own.get(node) ?? []),
    ]);
  };
  // What a whole Kustomization waits for is said before what one object of it does.
  const isForAll = ({ object: { kind, defines } }: Held) => kind === "Namespace" || defines !== undefined;
  const all = [...needed].map((key) => brought.get(key)!);
  return { waitsOf, brought: [...all.filter(isForAll), ...all.filter((held) => !isForAll(held))] };
}

/**
 * Whether nothing has made it before, nor anybody by hand, and nobody else brings it.
 * @param isWaiting whether a FluxKustomization is one of those that wait for each other
 */
export function isBrought(
  { before, after }: Given,
  { object: { key, name, kind, defines }, by }: Held,
  isWaiting: (holder: ObjectKey) => boolean,
): boolean {
  if (EVERYWHERE.has(`${kind} ${name}`) || (kind === "Namespace" && SYSTEM.has(name))) return false;
  if (before.makes(key) || before.needs(key) || (kind === "Namespace" && before.hasNamespace(name))) return false;
  if (defines !== undefined && hasKind(before, defines)) return false;
  const others = after.holders.filter((holder) => holder.key !== by?.key && !isWaiting(holder.key));
  return !others.some((holder) => after.objectsOf(holder).some((one) => one.key === key));
}

function hasKind(world: World, defines: string): boolean {
  return world.all.some(({ object }) => object.key.startsWith(`${defines}|`));
}
