import { groupKindHere, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { RESOURCE_SET } from "../../change/fields.ts";
import type { Given } from "../../change/given.ts";
import { type Held, labelsOf, type World } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { plainLabels } from "../network/selectors.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

const PROVIDER = "ResourceSetInputProvider";

/**
 * A selector for inputs that no provider has the labels for by an edit of the one or of the other: the operator takes that for no
 * inputs, and prunes what the ResourceSet made. A provider that goes is another matter, as is a ResourceSet that comes.
 */
export function findIdleSelectors({ before, after }: Given): Stopped[] {
  return stopsOf({ before, after }, (held, was) => {
    const { namespace } = splitKey(held.object.key);
    if (groupKindHere(held.object.key) !== RESOURCE_SET || held.by?.fixed || !was?.object.body) return [];
    const known = new Set(inputsOf(was).map(({ selector }) => JSON.stringify(selector)));
    return inputsOf(held).flatMap(({ selector }, index): Stop | [] => {
      const wanted = knownLabels(selector);
      const isOld = known.has(JSON.stringify(selector));
      const matched = wanted ? listMatched(after, namespace, wanted) : [];
      if (!wanted || matched.length > 0)
        return wanted && isOld ? findSlipped({ before, after }, { namespace, wanted, matched, index }) : [];
      if (isOld && !haveMoved(namespace, wanted, { before, after })) return [];
      return {
        path: ["spec", "inputsFrom", index, "selector"],
        rule: "reference-breaks",
        what: `makes nothing any more of spec.inputsFrom.${index}: no ${PROVIDER} in its namespace has the labels ${wanted.map((one) => one.join(": ")).join(", ")}`,
        why: "The operator takes that for no inputs, and prunes what it made of those before.",
        next: "Correct the selector, or give the provider those labels, in the namespace of the ResourceSet.",
      };
    });
  });
}

interface Selecting {
  namespace: string;
  wanted: Pairs;
  matched: readonly ObjectKey[];
  /** Of the selector. */
  index: number;
}

/** One of several providers that stays, and is selected no more by a slip in its labels. One that gets other labels may be meant. */
function findSlipped(
  { before, after }: Pick<Given, "before" | "after">,
  { namespace, wanted, matched, index }: Selecting,
): Stop | [] {
  const lost = listMatched(before, namespace, wanted).filter((key) => !matched.includes(key) && after.has(key));
  for (const key of lost) {
    const held = after.objects.get(key);
    const labels: Readonly<Record<string, unknown>> = held ? labelsOf(held) : {};
    const slip = Object.entries(labels).find(([name, value]) =>
      wanted.some(([label, text]) => {
        if (label === name) return findNear(String(value), [String(text)], SHORT) !== undefined;
        return value === text && findNear(name, [label], SHORT) !== undefined;
      }),
    );
    if (!slip) continue;
    return {
      path: ["spec", "inputsFrom", index, "selector"],
      rule: "reference-breaks",
      what: `makes nothing any more for ${printKey(key)}, which has the label ${slip.join(": ")} after this change: it selects ${wanted.map((one) => one.join(": ")).join(", ")}`,
      why: "The operator takes that for inputs that are gone, and prunes what it made of them.",
      next: "Correct the label of the provider.",
    };
  }
  return [];
}

const SHORT = { short: 3 };
const AUTOMATION = "image.toolkit.fluxcd.io|ImageUpdateAutomation";

/** The same of image automation: with a selector for policies that fits none it commits nothing, and reports no error. */
export function findIdleAutomation({ before, after }: Given): Stopped[] {
  return stopsOf({ before, after }, (held, was) => {
    const { key, namespace, body } = held.object;
    if (groupKindHere(key) !== AUTOMATION) return [];
    const read = (one: YamlData): YamlData => one?.spec?.policySelector;
    const wanted = knownLabels(read(body));
    if (!was || !wanted || body?.spec?.suspend === true) return [];
    if (listMatched(after, namespace, wanted, POLICY).length > 0) return [];
    const old = Object.entries(read(was.object.body)?.matchLabels ?? {});
    // What selected nothing before, or goes, is another matter.
    if (!listMatched(before, namespace, old, POLICY).some((one) => after.has(one))) return [];
    return {
      path: ["spec", "policySelector"],
      what: `updates nothing any more: no ${POLICY} in its namespace has the labels ${wanted.map((one) => one.join(": ")).join(", ")}`,
      why: "Without a policy there is nothing to write, and image-automation-controller reports no error.",
      next: "Correct the selector, or give the policies those labels.",
    };
  });
}

const POLICY = "ImagePolicy";

const inputsOf = ({ object }: Held): YamlData[] => itemsOf(object.body?.spec?.inputsFrom);

type Pairs = readonly (readonly [string, unknown])[];

/** The labels that a selector asks for; undefined where it asks for none, or for what cannot be told. */
function knownLabels(selector: YamlData): Pairs | undefined {
  const wanted = plainLabels(selector) ?? [];
  return wanted.length === 0 || wanted.some(([, value]) => isOpenText(value)) ? undefined : wanted;
}

/** A selector that stays as it is loses its providers by an edit of their labels or namespaces, where these stay. */
function haveMoved(namespace: string, wanted: Pairs, { before, after }: Pick<Given, "before" | "after">): boolean {
  const came = listMatched(after, undefined, wanted).filter((key) => !before.has(key));
  const moved = new Set(came.map((key) => splitKey(key).name));
  return listMatched(before, namespace, wanted).some((key) => after.has(key) || moved.has(splitKey(key).name));
}

/** @param namespace undefined for all of them */
function listMatched(world: World, namespace: string | undefined, wanted: Pairs, kind = PROVIDER): ObjectKey[] {
  world.search([kind]);
  return world.all.flatMap((held) => {
    if (held.object.kind !== kind || (namespace ?? held.object.namespace) !== held.object.namespace) return [];
    const own = labelsOf(held);
    return wanted.every(([key, value]) => own[key] === value) ? [held.object.key] : [];
  });
}
