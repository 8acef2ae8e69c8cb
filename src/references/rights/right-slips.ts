import { groupKindHere } from "../../admission/key.ts";
import { findNear } from "../../admission/near.ts";
import { pluralOf } from "../../admission/plural.ts";
import type { Given } from "../../change/given.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { KNOWN_APIS } from "../known-apis.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";

const ROLES = ["Role", "ClusterRole"].map((kind) => `rbac.authorization.k8s.io|${kind}`);
const FIELDS = ["verbs", "resources", "apiGroups"] as const;

/** Kubernetes: authorization, request verbs, and those of RBAC and certificates. */
const VERBS =
  "get list watch create update patch delete deletecollection bind escalate impersonate approve sign attest use".split(
    " ",
  );

interface Known {
  verbs: ReadonlySet<string>;
  resources: ReadonlySet<string>;
  apiGroups: ReadonlySet<string>;
}

const known = once((): Known => {
  const kinds = Object.values(KNOWN_APIS).flatMap((api) => api.kinds.split(" "));
  return {
    verbs: new Set(VERBS),
    resources: new Set(kinds.map(pluralOf)),
    apiGroups: new Set(Object.keys(KNOWN_APIS).filter((group) => group !== "")),
  };
});

/**
 * Words of a Role that Kubernetes knows, and that a letter makes others which nothing asks for: the API server takes them, and who is
 * bound to the Role loses those rights. Of what neither Kubernetes nor Flux has nobody knows which of both words is right.
 */
export function findRightSlips({ before, after }: Given): Stopped[] {
  return stopsOf({ before, after }, ({ object: { key, body }, by }, was) => {
    if (!ROLES.includes(groupKindHere(key)) || by?.fixed !== false || by.spec.suspend || !was) return [];
    const old = itemsOf(was.object.body?.rules);
    return itemsOf(body?.rules).flatMap((rule, index) => {
      const last: YamlData = old[index];
      return last ? FIELDS.flatMap((field) => findSlip(rule, last, ["rules", index, field])) : [];
    });
  });
}

function findSlip(now: YamlData, last: YamlData, path: [string, number, keyof Known]): Stop[] {
  const field = path[2];
  const [was, is] = [last, now].map((rule) => new Set(itemsOf(rule[field]).map(String))) as [Set<string>, Set<string>];
  const gone = [...was].filter((word) => !is.has(word) && known()[field].has(word));
  const fresh = [...is].filter((word) => !was.has(word) && !known()[field].has(word));
  return fresh.flatMap((word): Stop | [] => {
    const near = findNear(word, gone, { short: 3, digits: true });
    if (near === undefined) return [];
    return {
      path,
      rule: "reference-missing",
      what: `names ${word} in ${field}, which nothing asks for: whoever is bound to it loses the rights of ${near}`,
      why: `There was ${near}, which differs by a letter. The API server takes any word, and no error is reported.`,
      next: `Write ${near}.`,
    };
  });
}
