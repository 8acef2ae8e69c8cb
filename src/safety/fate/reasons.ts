import type { DataOf } from "../../admission/data-kinds.ts";
import { type ObjectKey, OPERATOR, printKey, splitKey } from "../../admission/key.ts";
import type { Outcome, Risk, RiskKind } from "../../change/types.ts";
import { listSome } from "../../contract/list-some.ts";
import { judgeLoss } from "./danger.ts";

/** One sentence: what Flux does with an object. */
export function sayReason(
  { key, fate, before, after, chain, begins }: Omit<Outcome, "reason">,
  isAlone: boolean,
  dataOf: DataOf,
): string {
  const what = printKey(key);
  const from = before.join(" and ");
  const to = after.join(" and ");
  const takes = isAlone ? "and nothing else: what it applied stays" : judgeLoss(key, dataOf).takes;
  const lost = takes ? `${what} (${takes})` : what;
  switch (fate) {
    case "deleted":
      return `Flux deletes ${lost}: ${chain.at(-1)}.`;
    case "recreated":
      if (from === to && begins === "stale" && chain.length === 1)
        return `Flux may delete ${lost}: the new files and the new spec of Kustomization ${to} arrive one after the other, and in between it does not deliver ${what} and prunes it, before it applies it again.`;
      return `Flux may delete ${lost} before ${to} ${after.length > 1 ? "apply" : "applies"} it again: ${chain.at(-1)}.`;
    case "adopted":
      return `The operator owns ${what}; no FluxKustomization can delete it any more.`;
    case "moved":
      return `${what} goes over from ${from} to ${to} without being deleted.`;
    case "orphaned":
      return `${what} stays in the cluster, and nothing in Git manages it any more.`;
    case "created":
      return `${to || OPERATOR} ${after.length > 1 ? "create" : "creates"} ${what}.`;
    case "unknown":
      return `Flux itself may be deleted, so nothing can be promised for ${what}.`;
    case "kept":
      return `${what} stays with ${to}.`;
  }
}

type Trace = Pick<Outcome, "chain" | "causes" | "leads" | "begins">;

/** How it comes to a deletion. */
export function traceRisk(risks: ReadonlyMap<ObjectKey, Risk>, key: ObjectKey): Trace {
  const keys: ObjectKey[] = [];
  for (let at: ObjectKey | undefined = key; at !== undefined && keys.length < 8; at = risks.get(at)?.after)
    keys.unshift(at);
  const steps = keys.map((at) => risks.get(at)!);
  return {
    chain: steps.map(({ how, by = "", fields = [] }, index) => CAUSES[how](printKey(keys[index]!), by, fields)),
    causes: steps.flatMap(({ by }) => by ?? []),
    leads: keys.slice(0, -1),
    begins: steps[0]!.how,
  };
}

/** Why something goes, as a short sentence. */
const CAUSES: Record<RiskKind, (what: string, by: ObjectKey, fields: readonly string[]) => string> = {
  stale: (what, by) =>
    isRelease(by)
      ? `the chart of ${printKey(by)} no longer makes ${what}, and Helm deletes it`
      : `${printKey(by)} no longer delivers ${what} and prunes it`,
  finalizer: (what, by) =>
    isRelease(by)
      ? CAUSES.helm(what, by, [])
      : `the finalizer of ${printKey(by)} deletes its inventory, ${what} among it`,
  namespace: (what, by) => `Namespace ${splitKey(by).name} takes ${what} along`,
  crd: (what, by) => `${printKey(by)} takes ${what} along`,
  operator: (what) => `the FluxInstance no longer generates ${what}, and the operator collects it`,
  uninstall: (what, by) => `without ${printKey(by)} the operator uninstalls Flux, ${what} included`,
  helm: (what, by) => `${printKey(by)} is uninstalled, and ${what} with it`,
  force: (what, by, fields) =>
    `${listSome(fields, 3)} of ${what} cannot be changed in place, and with force ${printKey(by)} deletes it to make it anew`,
  hollow: (what, by) => `Namespace ${splitKey(by).name} takes along what the release of ${what} installed there`,
  reinstall: (what) =>
    `the release of ${what} changes its name, namespace or chart, so Helm uninstalls the old one first`,
};

function isRelease(key: ObjectKey): boolean {
  return splitKey(key).kind === "HelmRelease";
}
