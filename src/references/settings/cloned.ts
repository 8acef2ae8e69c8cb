import { groupKindHere, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import { type Held, labelsOf, type World } from "../../change/world.ts";
import { likeMore } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { plainLabels } from "../network/selectors.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

const POLICY = /^kyverno\.io\|(?:Cluster)?Policy$/;

/** What a rule of a policy of Kyverno copies into other namespaces. */
interface Cloning {
  path: readonly (string | number)[];
  sources: readonly ObjectKey[];
  isList: boolean;
  /** Kyverno deletes the copies of what it finds no more. */
  isSynced: boolean;
}

/**
 * Rules of Kyverno that copied something of Git into other namespaces and, by an edit of the rule or of the labels of that, copy nothing
 * of it any more, while its document stays, or a rule that loses all that it copies (kyverno.io, "Generate Rules", clone and cloneList).
 */
export function findLostClones({ before, after }: Given): Stopped[] {
  // What is copied mostly lies elsewhere than the policy, and its labels too.
  const isNear = (world: World) => world.all.some((held) => !held.by?.fixed && mayDecide(held));
  if (isNear(before) || isNear(after)) for (const world of [before, after]) world.search(["cloneList", "clone:"]);
  return stopsOf({ before, after }, (held, was) => {
    if (!was || !POLICY.test(groupKindHere(held.object.key))) return [];
    const rules = new Map(itemsOf(was.object.body?.spec?.rules).map((rule) => [String(rule?.name), rule]));
    return itemsOf(held.object.body?.spec?.rules).flatMap((rule, at): Stop | [] => {
      const [old, now] = [cloningOf(before, rules.get(String(rule?.name)), at), cloningOf(after, rule, at)];
      if (!old || !now) return [];
      const lost = old.sources.filter((key) => !now.sources.includes(key));
      const came = now.sources.filter((key) => !old.sources.includes(key)).map((key) => splitKey(key).name);
      const isRenamed = (key: ObjectKey) => findNear(splitKey(key).name, came, { short: 3 }) !== undefined;
      // That what a rule names alone is gone is said of all that names something.
      const isEmptied = now.isList && now.sources.length === 0;
      const [first] = lost.filter((key) => isEmptied || after.has(key) || isRenamed(key));
      return first === undefined ? [] : sayLost(now, first, lost.length - 1, { before, after });
    });
  });
}

function sayLost(
  { path, isSynced }: Cloning,
  first: ObjectKey,
  more: number,
  { before, after }: Pick<Given, "before" | "after">,
): Stop {
  const isKept = after.has(first);
  const isSlip = !isKept || isSlipped(before.objects.get(first), after.objects.get(first));
  return {
    path,
    rule: "reference-breaks",
    what: `copies ${printKey(first)} into no namespace any more${likeMore(more)}, ${isKept ? "which is there and is not what it asks for" : "which is gone or has another name"}: ${isSynced ? "Kyverno deletes the copies" : "no new namespace gets a copy"}`,
    why: "What takes its Secrets or settings from a copy finds none.",
    next: "Correct the name, the namespace or the labels that the rule asks for.",
    ...(isSlip ? {} : { look: "look whether anything still needs the copies" }),
  };
}

/** A label that differs by a letter, or a rule that asks for something else while the object is as it was. */
function isSlipped(was: Held | undefined, is: Held | undefined): boolean {
  const [old, now] = [was, is].map((held): Readonly<Record<string, unknown>> => (held ? labelsOf(held) : {}));
  const changed = Object.entries(old!).filter(([key, value]) => now![key] !== value);
  if (changed.length === 0) return true;
  return changed.some(([key, value]) =>
    key in now!
      ? findNear(String(now![key]), [String(value)], { short: 3 }) !== undefined
      : findNear(key, Object.keys(now!), { short: 3 }) !== undefined,
  );
}

/** Labels of anything may decide what is copied. */
function mayDecide({ object: { key, kind } }: Held): boolean {
  return POLICY.test(groupKindHere(key)) || kind === "Secret" || kind === "ConfigMap";
}

function cloningOf(world: World, rule: YamlData, at: number): Cloning | undefined {
  const generate: YamlData = rule?.generate;
  if (!isMap(generate)) return undefined;
  const isSynced = generate.synchronize === true;
  const { clone, cloneList } = generate;
  const isPlain = (text: unknown) => typeof text === "string" && !isOpenText(text) && !text.includes("{{");
  if (isMap(cloneList)) {
    const { namespace, kinds, selector } = cloneList;
    const labels = selector === undefined ? [] : plainLabels(selector);
    if (!isPlain(namespace) || !labels) return undefined;
    const names = itemsOf(kinds).map((one) => String(one).split("/").at(-1));
    world.search([String(namespace)]);
    const sources = world.all.flatMap((held) => {
      const { key, kind, ignored } = held.object;
      const own: YamlData = labelsOf(held);
      const isHere = !ignored && splitKey(key).namespace === namespace && splitKey(key).remote === "";
      return isHere && names.includes(kind) && labels.every(([name, value]) => own[name] === value) ? [key] : [];
    });
    return { path: ["spec", "rules", at, "generate", "cloneList"], sources, isSynced, isList: true };
  }
  if (!isMap(clone) || !isPlain(clone.name) || !isPlain(clone.namespace)) return undefined;
  world.search([String(clone.name)]);
  const sources = world.all.flatMap(({ object: { key, kind, name, ignored } }) => {
    const isHere = !ignored && splitKey(key).namespace === clone.namespace && splitKey(key).remote === "";
    return isHere && kind === generate.kind && name === clone.name ? [key] : [];
  });
  return { path: ["spec", "rules", at, "generate", "clone"], sources, isSynced, isList: false };
}
