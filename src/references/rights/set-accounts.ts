import { groupKindHere } from "../../admission/key.ts";
import type { ClusterChange } from "../../change/change.ts";
import { RESOURCE_SET } from "../../change/fields.ts";
import type { Given } from "../../change/given.ts";
import { listOperators, type OperatorRelease } from "../../change/operator-releases.ts";
import type { Held, World } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import type { Stopped } from "../stopped.ts";
import { accountOf, namespaceOf } from "./idle-operator.ts";
import { isBound, listBound } from "./rights.ts";

/**
 * ResourceSets that name no ServiceAccount while the operator has a default one (`multitenancy.enabled` or `extraArgs` of its chart) to which
 * nothing in Git gives any rights: they name none any more, or the default comes with this change.
 */
export function findUnnamedSets(given: Given, change: ClusterChange): Stopped[] {
  const { before, after } = given;
  const sets = (world: World) => world.all.filter(isNameless);
  const known = new Set(sets(before).map(({ object }) => object.key));
  const lost = sets(after).filter(({ object }) => before.applied(object.key) && !known.has(object.key));
  const { before: was, after: is } = listOperators(given, change, lost.length > 0);
  const [operator] = is;
  const account = defaultOf(operator);
  // Of several nobody knows which one looks after what.
  if (!operator || account === undefined || is.length > 1) return [];
  const isOther = was.length === 1 && defaultOf(was[0]) !== account;
  if (isOther) after.search(["ResourceSet"]);
  const asked = isOther ? sets(after) : lost;
  if (asked.length === 0) return [];
  after.readAll();
  const bound = listBound(after);
  const isOfOperator = (namespace: string) => namespaceOf(operator) === namespace && accountOf(operator) === account;
  const barred = asked.filter(
    ({ object: { namespace } }) => !isOfOperator(namespace) && !isBound(bound, namespace, account),
  );
  return barred.map((held) => ({
    held,
    path: ["spec"],
    what: `names no ServiceAccount and is applied as ${account} of its namespace from then on, and no binding in Git gives that any rights: the operator may not apply it any more`,
    why: "By multitenancy.enabled or extraArgs in the values of its chart the operator has a default ServiceAccount for ResourceSets.",
    next: "Name a ServiceAccount with the rights it needs, or give that account the rights first.",
  }));
}

function isNameless({ object }: Held): boolean {
  const isSet = groupKindHere(object.key) === RESOURCE_SET && !object.ignored;
  return isSet && !object.body?.spec?.serviceAccountName;
}

/** The last of its arguments counts, and those of `extraArgs` come last. */
function defaultOf(operator: OperatorRelease | undefined): string | undefined {
  const { multitenancy, extraArgs }: YamlData = operator?.values ?? {};
  // The value of such a flag may be an argument of its own.
  const words = itemsOf(extraArgs).flatMap((one) => String(one).split(/(?<=^--?default-service-account)=/));
  const said = words.flatMap((one, index) =>
    /^--?default-service-account$/.test(one) ? (words[index + 1] ?? "") : [],
  );
  if (said.length > 0) return said.at(-1) || undefined;
  const { enabled, defaultServiceAccount } = multitenancy ?? {};
  return enabled === true ? String(defaultServiceAccount || "flux-operator") : undefined;
}
