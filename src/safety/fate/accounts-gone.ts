import { keyOfObject, type ObjectKey, ownerName, printKey, splitKey } from "../../admission/key.ts";
import { finalizes } from "../../change/exclusions.ts";
import type { Outcome } from "../../change/types.ts";
import { objectNamed } from "../../cluster/objects.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { groupBy } from "../../contract/group-by.ts";
import { andSoMore, withOthers } from "../../contract/list-some.ts";
import { bodyOf, itemsOf, type YamlData } from "../../contract/objects.ts";
import { isFluxKustomization } from "../../delivery/kinds.ts";
import type { Tree } from "../../files/tree.ts";
import type { Locate } from "./losses.ts";

/**
 * FluxKustomizations that go together with the ServiceAccount as which they delete, or with what gives it its rights. The finalizer of one that finds no
 * account leaves all that it applied in the cluster; one that may delete nothing tries until it may (flux-facts 2.4 item 3).
 */
export function reportAccountsGone(outcomes: readonly Outcome[], before: Tree, locate: Locate): SaidFinding[] {
  const deleted = outcomes.filter(({ fate, at }) => fate === "deleted" && at);
  const read = (one: Outcome): YamlData => {
    const own = objectNamed(before, one.at!.file, one);
    return own && bodyOf(own);
  };
  const accounts = new Map(deleted.flatMap((one) => (one.kind === "ServiceAccount" ? [[one.key, one] as const] : [])));
  const bindings = groupBy(
    deleted.filter(({ kind }) => kind.endsWith("RoleBinding")).flatMap((one) => subjectsOf(read(one), one)),
    ({ account }) => account,
  );
  if (accounts.size === 0 && bindings.size === 0) return [];
  const leaving = deleted.flatMap((one): { one: Outcome; as: string; first: Outcome } | [] => {
    const own = one.kind === "Kustomization" ? objectNamed(before, one.at!.file, one) : undefined;
    const spec: YamlData = own && isFluxKustomization(own) ? bodyOf(own).spec : undefined;
    const as: unknown = spec?.serviceAccountName;
    if (typeof as !== "string" || !finalizes(spec, undefined)) return [];
    const account = accountKey(as, one.namespace, one.key);
    // What it deletes itself is there as long as it does.
    const isOther = ({ before: owners }: Outcome) => owners.some((owner) => owner !== ownerName(one.key));
    const gone = [accounts.get(account), ...(bindings.get(account) ?? []).map(({ by }) => by)];
    const first = gone.find((other) => other && isOther(other));
    return first ? { one, as, first } : [];
  });
  return [...groupBy(leaving, ({ first, as }) => `${first.key} ${as}`).values()].map((all): SaidFinding => {
    const [{ one, as, first }, ...others] = all as [(typeof all)[number], ...typeof all];
    const effect =
      first.kind === "ServiceAccount"
        ? "Flux leaves all that it applied in the cluster"
        : "it may delete nothing, and stays in deletion until it may";
    return {
      rule: "left-behind",
      level: "caution",
      resource: printKey(one.key),
      at: locate(one),
      what: `${printKey(one.key)} deletes what it applied as ServiceAccount ${as}${andSoMore(others.length)}, and ${printKey(first.key)} goes in the same change: where that is gone first, ${effect}.`,
      why: "Nothing says in which order they go.",
      next: "Take the Kustomization out first, wait until it is gone, then what it deletes by.",
      ...withOthers(others.map((other) => printKey(other.one.key))),
    };
  });
}

const accountKey = (name: string, namespace: string, near: ObjectKey): ObjectKey =>
  keyOfObject({ apiVersion: "v1", kind: "ServiceAccount", namespace, name }, splitKey(near).remote);

/** The accounts that a binding is for. */
function subjectsOf(body: YamlData, by: Outcome): { account: ObjectKey; by: Outcome }[] {
  const subjects = itemsOf(body?.subjects).filter(({ kind }) => kind === "ServiceAccount");
  return subjects.map(({ name, namespace }) => {
    return { account: accountKey(String(name), String(namespace ?? by.namespace), by.key), by };
  });
}
