import { splitKey } from "../../admission/key.ts";
import type { Held } from "../../change/world.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";

const BINDINGS = new Set(["RoleBinding", "ClusterRoleBinding"]);
/** An account by the name of its user. */
const USER = /^system:serviceaccount:([^:]+):([^:]+)$/;

export function isBinding(held: Held): boolean {
  return placeOfBinding(held) === "";
}

/** The cluster that a binding is applied to, as keys say it; undefined for what is none. */
export function placeOfBinding({ object }: Held): string | undefined {
  return BINDINGS.has(object.kind) ? splitKey(object.key).remote : undefined;
}

/** Accounts that a binding names, as `namespace/name`, and groups of accounts as they are called. */
export function listSubjects(held: Held | undefined): string[] {
  return held ? subjectsOf(held.object.body, held.object.namespace) : [];
}

/** The same of the body of a binding. */
export function subjectsOf(body: YamlData, home?: string): string[] {
  return itemsOf(body?.subjects).flatMap((one) => {
    if (one.kind === "ServiceAccount") return [`${one.namespace ?? home}/${one.name}`];
    if (one.kind === "User") return USER.test(one.name) ? [String(one.name).replace(USER, "$1/$2")] : [];
    return one.kind === "Group" ? [String(one.name)] : [];
  });
}
