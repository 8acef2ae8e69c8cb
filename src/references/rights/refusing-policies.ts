import { groupKindHere } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { says } from "../network/selectors.ts";
import { type Stopped, stopsOf } from "../stopped.ts";

const POLICY = "ValidatingAdmissionPolicy";

/** A policy of the API server that refuses all that anybody writes: Flux applies nothing more, nor can it take the policy away. */
export function findRefusingPolicies({ before, after }: Given): Stopped[] {
  return stopsOf({ before, after }, (held, was) => {
    if (!isOf(held, POLICY) || !refusesAll(after, held)) return [];
    if (was && refusesAll(before, was)) return [];
    return {
      path: ["spec", "validations"],
      what: "refuses whatever is written to the API server, what Flux applies included: no commit can undo that",
      why: "One of its validations is false whatever it is asked about, and a binding makes that a refusal.",
      next: "Correct the expression, or narrow matchConstraints down to what is meant.",
    };
  });
}

/** Whether a policy of that name refuses all that anybody writes. */
export function isRefusing(world: World, name: string): boolean {
  const policy = findPolicy(world, name);
  return policy !== undefined && refusesAll(world, policy);
}

export function findPolicy(world: World, name: string): Held | undefined {
  world.search([name]);
  return world.all.find((one) => one.object.name === name && isOf(one, POLICY));
}

export const isPolicy = (held: Held): boolean => isOf(held, POLICY);

/** Whether it is the binding of a policy that refuses what breaks it. */
export function isDenying(held: Held): boolean {
  return isOf(held, `${POLICY}Binding`) && says(held.object.body?.spec?.validationActions, "Deny");
}

function isOf({ object }: Held, kind: string): boolean {
  return groupKindHere(object.key) === `admissionregistration.k8s.io|${kind}`;
}

/** Errs towards no: whatever narrows it down may leave Flux out. */
function refusesAll(world: World, held: Held): boolean {
  const { validations, matchConditions, paramKind, matchConstraints } = held.object.body?.spec ?? {};
  const isFalse = itemsOf(validations).some(({ expression }) => String(expression).trim() === "false");
  if (!isFalse || itemsOf(matchConditions).length > 0 || paramKind || !isWide(matchConstraints)) return false;
  world.search([held.object.name]);
  return world.all.some((one) => {
    if (!isDenying(one)) return false;
    const { policyName, matchResources } = one.object.body?.spec ?? {};
    const isNarrow = isMap(matchResources) && Object.keys(matchResources).length > 0;
    return policyName === held.object.name && !isNarrow;
  });
}

function isWide(constraints: YamlData): boolean {
  if (!isMap(constraints)) return false;
  const { resourceRules, excludeResourceRules, namespaceSelector, objectSelector } = constraints;
  const isNarrow = [namespaceSelector, objectSelector].some((one) => isMap(one) && Object.keys(one).length > 0);
  return (
    !isNarrow &&
    itemsOf(excludeResourceRules).length === 0 &&
    itemsOf(resourceRules).some(({ apiGroups, resources, operations, resourceNames, scope }) => {
      const isAll = says(apiGroups, "*") && says(resources, "*", "*/*") && says(operations, "*", "UPDATE");
      return isAll && itemsOf(resourceNames).length === 0 && (scope ?? "*") === "*";
    })
  );
}
