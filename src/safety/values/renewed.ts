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
  const nextOf = (key: ObjectKey): Next | undefined => {
    const stem = withoutHash(key);
    if (stem === undefined) return nextAs("comes", stems.get(key));
    return nextAs("changes", stems.get(stem)) ?? nextAs("goes", plain.get(stem));
  };
  for (const outcome of outcomes) {
    if (outcome.fate !== "deleted" || outcome.begins !== "stale" || !isSettings(outcome.key)) continue;
    const next = nextOf(outcome.key);
    if (!next || outcome.leads.length > 0 || !isFollowedBy(outcome, next.outcome)) continue;
    if (next.hash === "comes" && !isNamed(next.outcome)) {
      outcome.renewed = true;
      continue;
    }
    outcome.fate = "kept";
    outcome.danger = 0;
    outcome.reason = `${printKey(outcome.key)} is replaced by ${printKey(next.outcome.key)}: ${WHY[next.hash]}.`;
  }
}

/** What takes the place of a generated object, and what becomes of the hash in the name. */
interface Next {
  outcome: Outcome;
  hash: "changes" | "comes" | "goes";
}

const WHY: Record<Next["hash"], string> = {
  changes: "its content changes, and with it its name",
  comes: "its name gets its hash",
  goes: "its name loses its hash",
};

const nextAs = (hash: Next["hash"], outcome: Outcome | undefined): Next | undefined => outcome && { outcome, hash };

const isFollowedBy = (old: Outcome, next: Outcome): boolean => next.after.some((owner) => old.before.includes(owner));

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
