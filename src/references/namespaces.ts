import { namespaceKey, splitKey } from "../admission/key.ts";
import { findNear } from "../admission/near.ts";
import type { Given } from "../change/given.ts";
import type { Held, World } from "../change/world.ts";

/** Objects that the change brings to a namespace that nothing makes. */
export interface Homeless {
  namespace: string;
  /** The first of them. */
  held: Held;
  /** The field that names it, of an object that names one for others. */
  path: readonly string[];
  /** A namespace that differs by a letter. */
  near?: string;
}

/** Kubernetes makes them. */
export const SYSTEM: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

/** Namespaces that new objects go to, and that no document makes, no release creates, and nothing lived in before. */
export function findHomeless(given: Given, fluxNamespace: string): Homeless[] {
  const { before, after } = given;
  const asked = new Map<string, Homeless>();
  for (const held of after.all) {
    const { object } = held;
    const { key } = object;
    if (!held.by || held.by.fixed || object.ignored || splitKey(key).remote !== "") continue;
    const was = before.applied(key);
    const own = was ? [] : [{ namespace: splitKey(key).namespace, path: ["metadata", "namespace"] }];
    const makesIt = object.body?.spec?.install?.createNamespace === true;
    const target = makesIt ? undefined : targetOf(held);
    const others =
      target === undefined || was?.object.release?.target === target
        ? []
        : [{ namespace: target, path: ["spec", "targetNamespace"] }];
    for (const { namespace, path } of [...own, ...others]) {
      if (!asked.has(namespace)) asked.set(namespace, { namespace, held, path });
    }
  }
  return [...asked.values()].flatMap((one) => {
    const { namespace } = one;
    if (namespace === "" || namespace === fluxNamespace || SYSTEM.has(namespace) || namespace.includes("${")) return [];
    if (isMade(given, namespace)) return [];
    const near = findNear(namespace, after.namesLike(namespaceKey(namespace)), { short: 4 });
    return [{ ...one, ...(near ? { near } : {}) }];
  });
}

/** Whether a document or a release makes a namespace, or anything lived there before; errs towards yes. */
export function isMade({ before, after }: Pick<Given, "before" | "after">, namespace: string): boolean {
  return after.has(namespaceKey(namespace)) || livesIn(before, namespace) || isCreated(after, namespace);
}

/** The namespace of this cluster that a release goes to. */
function targetOf({ object: { release } }: Held): string | undefined {
  return release?.cluster === undefined ? release?.target : undefined;
}

/** Whether anything was applied to it; what failed to be may stand there too, so this errs towards a namespace that is there. */
function livesIn(before: World, namespace: string): boolean {
  if (before.hasNamespace(namespace)) return true;
  before.search([namespace]);
  return before.hasNamespace(namespace);
}

function isCreated(after: World, namespace: string): boolean {
  after.search([namespace]);
  for (const held of after.objects.values()) {
    if (targetOf(held) === namespace && held.object.body?.spec?.install?.createNamespace === true) return true;
  }
  return false;
}
