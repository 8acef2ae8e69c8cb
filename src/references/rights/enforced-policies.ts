import { splitKey } from "../../admission/key.ts";
import { pluralOf } from "../../admission/plural.ts";
import type { Given } from "../../change/given.ts";
import { perWorld } from "../../change/per-world.ts";
import type { Held, World } from "../../change/world.ts";
import { notIn } from "../../contract/not-in.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { operand, sh } from "../../contract/shell.ts";
import { isFluxGroup } from "../../delivery/kinds.ts";
import { isMap } from "../../yaml/is-map.ts";
import { says } from "../network/selectors.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { refusesFluxPods } from "./flux-pods-refused.ts";
import { findPolicy, isDenying, isPolicy, isRefusing } from "./refusing-policies.ts";

/**
 * Policies of Kyverno, Gatekeeper and Kubernetes itself that only reported, and refuse from then on: what in the cluster breaks
 * one today is refused with its next change, that of Flux included, and which objects these are stands in no tree. One that comes,
 * or asks for something else, counts where it is asked about objects of Flux.
 */
export function findEnforcedPolicies({ before, after }: Pick<Given, "before" | "after">, flux: string): Stopped[] {
  return stopsOf({ before, after }, (held, was): Stop | [] => {
    const begins = was && findBeginning(after, held, was);
    return begins ?? (asksMore(after, held, was) ? ASKS_FLUX : (refusesFluxPods(after, held, was, flux) ?? []));
  });
}

function findBeginning(after: World, held: Held, was: Held): Stop | undefined {
  const { group, kind, name } = splitKey(held.object.key);
  if (isKyverno(held)) {
    const old = listEnforced(was.object.body?.spec, false);
    const added = [...listEnforced(held.object.body?.spec, true)].find((rule) => old.has(rule));
    return added === undefined
      ? undefined
      : say(["spec"], `with ${sh`kubectl get policyreport,clusterpolicyreport -A`.line}`);
  }
  if (isDenying(held)) {
    const isNew = !isDenying(was) && !isRefusing(after, String(held.object.body?.spec?.policyName));
    return isNew ? say(["spec", "validationActions"], "in the audit log of the API server") : undefined;
  }
  if (group !== "constraints.gatekeeper.sh" || isDenied(was) || !isDenied(held)) return undefined;
  return say(
    ["spec", "enforcementAction"],
    `with ${sh`kubectl get ${operand(`${kind}.${group}`)} ${operand(name)} -o yaml`.line}`,
  );
}

const ASKS_FLUX = {
  path: ["spec"],
  what: "is asked about objects of Flux in Git and refuses those that break it: whether one does is not worked out here, and of what holds it Flux would apply nothing more",
  why: "",
  next: "",
  look: "look whether all that Git has of these kinds fulfils it",
};

/** Whether it refuses objects of Flux by what it did not ask for before. */
function asksMore(after: World, held: Held, was: Held | undefined): boolean {
  const fresh = notIn(listDemands(after, held), listDemands(after, was), (one) => JSON.stringify(one));
  if (fresh.length === 0) return false;
  after.readAll();
  return fresh.some(({ match }) => match.some(isOfFlux(after)));
}

/** What something is asked about: kinds or their plurals, in all groups and namespaces where none is named. */
interface Match {
  kinds: readonly string[];
  groups?: readonly string[];
  namespaces: readonly string[];
}

/** What a policy refuses for, and of what. */
interface Demand {
  match: readonly Match[];
  rest: unknown;
}

function listDemands(world: World, held: Held | undefined): Demand[] {
  const spec: YamlData = held?.object.body?.spec;
  if (!held || !isMap(spec)) return [];
  if (isKyverno(held)) {
    const enforced = listEnforced(spec, true);
    return itemsOf(spec.rules)
      .filter(({ name, validate }) => isMap(validate) && enforced.has(String(name)))
      .map(({ match, exclude, preconditions, validate: { message, failureAction, ...rest } }) => ({
        match: [match, ...itemsOf(match?.any), ...itemsOf(match?.all)].flatMap((one) => matchOf(one?.resources)),
        rest: [exclude, preconditions, rest],
      }));
  }
  if (splitKey(held.object.key).group === "constraints.gatekeeper.sh") {
    const { match, parameters } = spec;
    const kinds = itemsOf(match?.kinds).filter(isMap) as YamlData[];
    const namespaces = textsOf(match?.namespaces);
    const all = kinds.map((one): Match => ({ kinds: textsOf(one.kinds), groups: textsOf(one.apiGroups), namespaces }));
    return isDenied(held) ? [{ match: all, rest: parameters }] : [];
  }
  if (isPolicy(held)) return isRefusing(world, held.object.name) ? [] : listBound(world, held);
  if (!isDenying(held) || isRefusing(world, String(spec.policyName))) return [];
  return listValidated(findPolicy(world, String(spec.policyName))?.object.body?.spec, spec, null);
}

/** What a policy of the API server asks, where a binding makes that a refusal: by what it says of itself. */
function listBound(world: World, { object: { name, body } }: Held): Demand[] {
  world.search([name]);
  const { validations, matchConditions } = body.spec;
  // Conditions may leave out all that Flux applies.
  if (itemsOf(matchConditions).length > 0) return [];
  const rest = itemsOf(validations).map(({ expression }) => expression);
  return world.all
    .filter((one) => isDenying(one) && one.object.body?.spec?.policyName === name)
    .flatMap((one) => listValidated(body.spec, one.object.body.spec, rest));
}

function listValidated(policy: YamlData, spec: YamlData, rest: unknown): Demand[] {
  const rules = itemsOf(policy?.matchConstraints?.resourceRules).filter(isAboutWrites);
  const match = rules.map(
    (one): Match => ({ kinds: textsOf(one.resources), groups: textsOf(one.apiGroups), namespaces: [] }),
  );
  const isNarrow = [
    spec.matchResources,
    policy?.matchConstraints?.namespaceSelector,
    policy?.matchConstraints?.objectSelector,
  ].some((one) => isMap(one) && Object.keys(one).length > 0);
  return isNarrow ? [] : [{ match, rest }];
}

const textsOf = (list: unknown): string[] => itemsOf(list).map(String);
const isAboutWrites = ({ operations }: YamlData): boolean =>
  operations === undefined || says(operations, "*", "CREATE", "UPDATE");

function matchOf(resources: YamlData): Match[] {
  if (!isMap(resources) || !isAboutWrites(resources)) return [];
  // Kyverno names kinds as Kind, version/Kind or group/version/Kind.
  const kinds = textsOf(resources.kinds).map((one) => one.split("/").at(-1)!);
  return [{ kinds, namespaces: textsOf(resources.namespaces) }];
}

/** Whether Git has an object of Flux that something is asked about. A namespace with a wildcard may be any. */
const isOfFlux =
  (world: World) =>
  ({ kinds, groups = ["*"], namespaces }: Match): boolean =>
    listFlux(world).some(({ group, kind, namespace }) => {
      const isHere = namespaces.length === 0 || namespaces.some((one) => one === namespace || one.includes("*"));
      return isHere && says(kinds, "*", "*/*", kind, pluralOf(kind)) && says(groups, "*", group);
    });

/** Where Git has kinds of Flux, each once. */
const listFlux = perWorld((world) => {
  const found = world.all.flatMap(({ object: { key } }) => {
    const { group, kind, namespace, remote } = splitKey(key);
    return remote === "" && isFluxGroup(group)
      ? [[`${group} ${kind} ${namespace}`, { group, kind, namespace }] as const]
      : [];
  });
  return [...new Map(found).values()];
});

function say(path: readonly string[], where: string) {
  return {
    path,
    what: "only reported until now and refuses from then on: whether something that Flux applies breaks it cannot be seen here, and of that Flux would apply nothing more",
    why: "",
    next: "",
    look: `look ${where} whether anything fails it today`,
  };
}

function isKyverno({ object }: Held): boolean {
  return /^kyverno\.io\|(?:Cluster)?Policy\|/.test(object.key);
}

/** Rules of a policy by whether they refuse; each may say so itself. */
function listEnforced(spec: YamlData, isMeant: boolean): Set<string> {
  const rules = itemsOf(spec?.rules).filter(({ validate }) => validate);
  const acts = (validate: YamlData) => String(validate?.failureAction ?? spec?.validationFailureAction ?? "Audit");
  return new Set(
    rules
      .filter(({ validate }) => (acts(validate).toLowerCase() === "enforce") === isMeant)
      .map(({ name }) => String(name)),
  );
}

const isDenied = ({ object }: Held): boolean => (object.body?.spec?.enforcementAction ?? "deny") === "deny";
