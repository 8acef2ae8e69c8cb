import { keyOfOwner, type ObjectKey, printKey } from "../../admission/key.ts";
import { isSettings, withoutHash } from "../../change/generated-names.ts";
import type { Given } from "../../change/given.ts";
import type { Outcome, OwnedObject } from "../../change/types.ts";
import { getOrMake } from "../../contract/group-by.ts";

/**
 * Takes generated ConfigMaps and Secrets whose hash changes, comes or goes out of what is deleted: Flux makes the new one and
 * rewrites what names it before it prunes the old one (flux-facts 2.4 item 1), so only content or name changes. Where nothing
 * of its build names one whose hash comes, nothing is rewritten: whatever else took it by its plain name loses it.
 */
export function settleRenewed(outcomes: readonly Outcome[], { after }: Pick<Given, "after">): void {
  const users = new Map<ObjectKey, ReadonlyMap<string, ObjectKey | typeof SEVERAL>>();
  const usersIn = (owner: ObjectKey) =>
    getOrMake(users, owner, () => indexWords(after.holdersOf(owner).flatMap((one) => after.objectsOf(one))));
  const isNamed = ({ key, name, after: owners }: Outcome) =>
    owners.some((owner) => {
      const user = usersIn(keyOfOwner(owner)).get(name);
      return user !== undefined && user !== key;
    });
  const stems = new Map<ObjectKey, Outcome>();
  const plain = new Map<ObjectKey, Outcome>();
  for (const outcome of outcomes) {
    if (outcome.fate !== "created") continue;
    const stem = withoutHash(outcome.key);
    if (stem !== undefined) stems.set(stem, outcome);
    else if (isSettings(outcome.key)) plain.set(outcome.key, outcome);
  }
  if (stems.size === 0 && plain.size === 0) return;
  for (const outcome of outcomes) {
    if (outcome.fate !== "deleted" || outcome.begins !== "stale" || !isSettings(outcome.key)) continue;
    const stem = withoutHash(outcome.key);
    const renewed = stem === undefined ? undefined : stems.get(stem);
    const hashed = stem === undefined ? stems.get(outcome.key) : undefined;
    const next = renewed ?? hashed ?? (stem === undefined ? undefined : plain.get(stem));
    if (!next || outcome.leads.length > 0 || !next.after.some((owner) => outcome.before.includes(owner))) continue;
    if (hashed && !isNamed(hashed)) {
      outcome.renewed = true;
      continue;
    }
    outcome.fate = "kept";
    outcome.danger = 0;
    const why = renewed
      ? "its content changes, and with it its name"
      : `its name ${stem === undefined ? "gets" : "loses"} its hash`;
    outcome.reason = `${printKey(outcome.key)} is replaced by ${printKey(next.key)}: ${why}.`;
  }
}

const SEVERAL = Symbol("several objects");

/** Which object says a word that may be a name: what kustomize rewrites is a whole field. */
function indexWords(objects: readonly OwnedObject[]): Map<string, ObjectKey | typeof SEVERAL> {
  const found = new Map<string, ObjectKey | typeof SEVERAL>();
  for (const { key, body } of objects) {
    for (const [word] of JSON.stringify(body ?? null).matchAll(/[a-z\d][a-z\d.-]*/g)) {
      const known = found.get(word);
      if (known !== key) found.set(word, known === undefined ? key : SEVERAL);
    }
  }
  return found;
}
