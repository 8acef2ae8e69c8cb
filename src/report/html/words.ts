import type { Level } from "../../contract/finding.ts";
import type { ObjectFate, Verdict } from "../../contract/safety.ts";

/** Words for what becomes of an object: in a table and a picture, and what it means. */
export const FATES: Readonly<Record<ObjectFate, { short: string; means: string }>> = {
  deleted: { short: "deleted", means: "Flux deletes it." },
  recreated: { short: "may be recreated", means: "In some order Flux deletes it, then applies it again." },
  unknown: { short: "not known", means: "Flux itself may go, so nothing can be promised." },
  orphaned: { short: "left behind", means: "It stays in the cluster, and nothing in Git manages it." },
  moved: { short: "handed over", means: "It goes to another Kustomization, and no order deletes it." },
  adopted: { short: "adopted", means: "The operator owns it; kustomize-controller cannot delete it." },
  created: { short: "created", means: "It is new." },
  kept: { short: "kept", means: "It stays with its owner." },
};

export const LEVELS: Readonly<Record<Level, { one: string; tone: "bad" | "warn" | "calm" }>> = {
  blocker: { one: "blocker", tone: "bad" },
  caution: { one: "caution", tone: "warn" },
  info: { one: "note", tone: "calm" },
};

export const VERDICTS: Readonly<Record<Verdict, { tone: "good" | "warn" | "bad"; says: string }>> = {
  safe: { tone: "good", says: "safe" },
  deletes: { tone: "good", says: "deletes on purpose" },
  unproven: { tone: "warn", says: "not proven safe" },
  unsafe: { tone: "bad", says: "not safe" },
};
