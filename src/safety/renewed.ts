import { HASH_PATTERN } from "../delivery/kustomize/index.ts";
import { printKey, splitKey } from "./key.ts";
import type { ObjectKey, Outcome } from "./types.ts";

/** What kustomize puts behind the name of a generated ConfigMap or Secret, or what stands for it where it cannot be known. */
const HASH = new RegExp(`-(?:${HASH_PATTERN}|\\((?:old |new )?hash\\))$`);

/**
 * Takes generated ConfigMaps and Secrets whose hash changes, comes or goes out of what is deleted: Flux makes the new one and
 * rewrites what names it before it prunes the old one (flux-facts 2.4 item 1), so only content or name changes.
 */
export function settleRenewed(outcomes: readonly Outcome[]): void {
  const stems = new Map<string, Outcome>();
  const plain = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    if (outcome.fate !== "created") continue;
    const stem = stemOfKey(outcome.key);
    if (stem !== undefined) stems.set(stem, outcome);
    else if (isSettings(outcome.key)) plain.set(printStem(outcome.key), outcome);
  }
  if (stems.size === 0 && plain.size === 0) return;
  for (const outcome of outcomes) {
    if (outcome.fate !== "deleted" || outcome.begins !== "stale" || !isSettings(outcome.key)) continue;
    const stem = stemOfKey(outcome.key);
    const renewed = stem === undefined ? undefined : stems.get(stem);
    const next = renewed ?? (stem === undefined ? stems.get(printStem(outcome.key)) : plain.get(stem));
    if (!next || outcome.leads.length > 0 || !next.after.some((owner) => outcome.before.includes(owner))) continue;
    outcome.fate = "kept";
    outcome.danger = 0;
    const why = renewed
      ? "its content changes, and with it its name"
      : `its name ${stem === undefined ? "gets" : "loses"} its hash`;
    outcome.reason = `${printKey(outcome.key)} is replaced by ${printKey(next.key)}: ${why}.`;
  }
}

/** What a generated ConfigMap or Secret is without the hash at its name; undefined for anything else. */
export function stemOfKey(key: ObjectKey): string | undefined {
  return isSettings(key) && HASH.test(splitKey(key).name) ? printStem(key) : undefined;
}

function isSettings(key: ObjectKey): boolean {
  const { group, kind } = splitKey(key);
  return group === "" && (kind === "ConfigMap" || kind === "Secret");
}

function printStem(key: ObjectKey): string {
  const { kind, namespace, name, remote } = splitKey(key);
  return JSON.stringify([kind, namespace, name.replace(HASH, ""), remote]);
}
