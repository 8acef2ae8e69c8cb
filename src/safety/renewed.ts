import { isSettings, withoutHash } from "./generated-names.ts";
import { printKey } from "./key.ts";
import type { ObjectKey, Outcome } from "./types.ts";

/**
 * Takes generated ConfigMaps and Secrets whose hash changes, comes or goes out of what is deleted: Flux makes the new one and
 * rewrites what names it before it prunes the old one (flux-facts 2.4 item 1), so only content or name changes.
 */
export function settleRenewed(outcomes: readonly Outcome[]): void {
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
    const next = renewed ?? (stem === undefined ? stems.get(outcome.key) : plain.get(stem));
    if (!next || outcome.leads.length > 0 || !next.after.some((owner) => outcome.before.includes(owner))) continue;
    outcome.fate = "kept";
    outcome.danger = 0;
    const why = renewed
      ? "its content changes, and with it its name"
      : `its name ${stem === undefined ? "gets" : "loses"} its hash`;
    outcome.reason = `${printKey(outcome.key)} is replaced by ${printKey(next.key)}: ${why}.`;
  }
}
