import { HASH_PATTERN } from "../delivery/kustomize/index.ts";
import { printKey, splitKey } from "./key.ts";
import type { ObjectKey, Outcome } from "./types.ts";

/** What kustomize puts behind the name of a generated ConfigMap or Secret, or what stands for it where it cannot be known. */
const HASH = new RegExp(`-(?:${HASH_PATTERN}|\\((?:old |new )?hash\\))$`);

/**
 * Takes generated ConfigMaps and Secrets whose hash changes out of what is deleted: Flux makes the new one and rewrites
 * what names it before it prunes the old one (flux-facts 2.4 item 1), so only content changes.
 */
export function settleRenewed(outcomes: readonly Outcome[]): void {
  const stems = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    const stem = outcome.fate === "created" ? stemOfKey(outcome.key) : undefined;
    if (stem !== undefined) stems.set(stem, outcome);
  }
  if (stems.size === 0) return;
  for (const outcome of outcomes) {
    const stem = outcome.fate === "deleted" && outcome.begins === "stale" ? stemOfKey(outcome.key) : undefined;
    const next = stem === undefined ? undefined : stems.get(stem);
    if (!next || outcome.leads.length > 0 || !next.after.some((owner) => outcome.before.includes(owner))) continue;
    outcome.fate = "kept";
    outcome.danger = 0;
    outcome.reason = `${printKey(outcome.key)} is replaced by ${printKey(next.key)}: its content changes, and with it its name.`;
  }
}

/** What a generated ConfigMap or Secret is without the hash at its name; undefined for anything else. */
export function stemOfKey(key: ObjectKey): string | undefined {
  const { group, kind, namespace, name, remote } = splitKey(key);
  const isGenerated = group === "" && (kind === "ConfigMap" || kind === "Secret") && HASH.test(name);
  return isGenerated ? JSON.stringify([kind, namespace, name.replace(HASH, ""), remote]) : undefined;
}
