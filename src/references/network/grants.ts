import { groupKindHere, printKey, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { type Given, listAltered, staysWithoutGit } from "../../change/given.ts";
import { listReferences, type Reference } from "../../change/read.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { itemsOf } from "../../contract/objects.ts";
import { operand, sh } from "../../contract/shell.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

const GROUP = "gateway.networking.k8s.io";
const GRANT = `${GROUP}|ReferenceGrant`;
const FIELDS = new Set(["spec.rules.backendRefs", "spec.listeners.tls.certificateRefs"]);

/**
 * Routes that send to a Service of another namespace, and Gateways that take a certificate from one, where no ReferenceGrant
 * there lets them (any more): a Gateway then answers with an error, or has no certificate, and nothing is refused.
 */
export function findUngranted(given: Given): Stopped[] {
  const { before, after } = given;
  after.search(listAltered(given, isGrant).map(({ object }) => object.namespace));
  const isLeft = ({ object }: Held) => staysWithoutGit(given, object.key);
  const [was, isGiven, staysGiven] = [listGrants(before), listGrants(after), listGrants(before, isLeft)];
  const is: typeof was = (object, reference) => isGiven(object, reference) || staysGiven(object, reference);
  return stopsOf({ before, after }, (held, old) => {
    const known = new Set(old ? listFar(old.object).map(({ target }) => target) : []);
    return listFar(held.object).flatMap((reference): Stop | [] => {
      if (is(held.object, reference)) return [];
      const isOld = known.has(reference.target);
      if (isOld) return was(held.object, reference) ? { path: reference.path, ...say(reference), next: KEEP } : [];
      if (held.by?.fixed !== false || isReliedOn(before, held.object, reference)) return [];
      return { path: reference.path, ...say(reference), next: "", look: lookAt(reference) };
    });
  });
}

const KEEP = "Keep the ReferenceGrant, or let another one take its place.";
const isGrant = ({ object }: Held): boolean => groupKindHere(object.key) === GRANT;

/** What an object names in another namespace by a field that needs a grant. */
function listFar(object: OwnedObject): Reference[] {
  if (!object.key.startsWith(`${GROUP}|`)) return [];
  return listReferences(object).filter(({ field, target }) => {
    const { namespace } = splitKey(target);
    return FIELDS.has(field) && namespace !== object.namespace && !isOpenText(`${namespace}${object.namespace}`);
  });
}

/** Asks whether a grant of that tree lets an object name another one. */
function listGrants(world: World, counts = (_: Held) => true): (object: OwnedObject, reference: Reference) => boolean {
  let all: readonly Held[] | undefined;
  return ({ key, namespace }, { target }) => {
    if (!all) {
      world.search(["ReferenceGrant"]);
      all = world.all.filter((held) => isGrant(held) && counts(held));
    }
    const [from, to] = [splitKey(key), splitKey(target)];
    return all.some(({ object: { namespace: home, body } }) => {
      if (home !== to.namespace) return isOpenText(home);
      const isFrom = itemsOf(body?.spec?.from).some(
        (one) => one.kind === from.kind && one.group === from.group && mayBe(one.namespace, namespace),
      );
      const isTo = itemsOf(body?.spec?.to).some(
        (one) => one.kind === to.kind && (one.group ?? "") === to.group && mayBe(one.name ?? to.name, to.name),
      );
      return isFrom && isTo;
    });
  };
}

const mayBe = (said: unknown, wanted: string): boolean => said === wanted || isOpenText(String(said));

/** Something of that kind goes from here to there today, by a grant that Git may not have. */
function isReliedOn({ all }: World, { kind, namespace }: OwnedObject, { target }: Reference): boolean {
  const to = splitKey(target).namespace;
  return all.some(
    ({ object }) =>
      object.kind === kind &&
      object.namespace === namespace &&
      listFar(object).some((one) => splitKey(one.target).namespace === to),
  );
}

function say({ target }: Reference) {
  const { namespace } = splitKey(target);
  return {
    rule: "reference-breaks" as const,
    what: `names ${printKey(target)}, and no ReferenceGrant of namespace ${namespace} in Git lets it: without one that is as if it were not there`,
    why: "A route or a Gateway may name what lies in another namespace only where a ReferenceGrant of that namespace says so, and nothing is refused.",
  };
}

const lookAt = ({ target }: Reference): string =>
  `look with ${sh`kubectl get referencegrants -n ${operand(splitKey(target).namespace)} -o yaml`.line}`;
