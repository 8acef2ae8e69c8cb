import { sayLoss } from "./danger.ts";
import { OPERATOR, printKey } from "./key.ts";
import type { Outcome } from "./types.ts";

/** One sentence: what Flux does with an object. */
export function sayReason({ key, fate, before, after, chain }: Omit<Outcome, "reason">, isAlone: boolean): string {
  const what = printKey(key);
  const from = before.join(" and ");
  const to = after.join(" and ");
  const loss = isAlone ? "and nothing else: what it applied stays" : sayLoss(key);
  switch (fate) {
    case "deleted":
      return `Flux deletes ${what}${loss ? ` (${loss})` : ""}: ${chain.at(-1)}.`;
    case "recreated":
      return `Flux may delete ${what}${loss ? ` (${loss})` : ""} before ${to} applies it again: ${chain.at(-1)}.`;
    case "adopted":
      return `The operator owns ${what}; no FluxKustomization can delete it any more.`;
    case "moved":
      return `${what} goes over from ${from} to ${to} without being deleted.`;
    case "orphaned":
      return `${what} stays in the cluster, and nothing in Git manages it any more.`;
    case "created":
      return `${to || OPERATOR} creates ${what}.`;
    case "unknown":
      return `Flux itself may be deleted, so nothing can be promised for ${what}.`;
    case "kept":
      return `${what} stays with ${to}.`;
  }
}
