import { OPERATOR, ownerName, printKey, splitKey } from "./key.ts";
import type { ObjectKey, Risk } from "./types.ts";

/** The causes of a deletion as short sentences, the first one first. */
export function explainChain(risks: ReadonlyMap<ObjectKey, Risk>, key: ObjectKey): string[] {
  return followChain(risks, key).map((at) => sayRisk(at, risks.get(at)!));
}

/** What deletes it, the first cause first. */
export function listCauses(risks: ReadonlyMap<ObjectKey, Risk>, key: ObjectKey): ObjectKey[] {
  return followChain(risks, key).flatMap((at) => risks.get(at)!.by ?? []);
}

/** What is deleted before it and leads to it, the first one first. */
export function listLeads(risks: ReadonlyMap<ObjectKey, Risk>, key: ObjectKey): ObjectKey[] {
  return followChain(risks, key).slice(0, -1);
}

/** How it begins: what a guard has to prevent. */
export function findBeginning(risks: ReadonlyMap<ObjectKey, Risk>, key: ObjectKey): Risk["how"] | undefined {
  const [first] = followChain(risks, key);
  return first === undefined ? undefined : risks.get(first)!.how;
}

function followChain(risks: ReadonlyMap<ObjectKey, Risk>, key: ObjectKey): ObjectKey[] {
  const chain: ObjectKey[] = [];
  for (let at: ObjectKey | undefined = key; at !== undefined && chain.length < 8; at = risks.get(at)?.after)
    chain.unshift(at);
  return chain;
}

function sayRisk(key: ObjectKey, { how, by }: Risk): string {
  const what = printKey(key);
  const owner = by === undefined ? OPERATOR : ownerName(by);
  switch (how) {
    case "stale":
      return `Kustomization ${owner} no longer delivers ${what} and prunes it`;
    case "finalizer":
      return `the finalizer of Kustomization ${owner} deletes its inventory, ${what} among it`;
    case "namespace":
      return `Namespace ${splitKey(by!).name} takes ${what} along`;
    case "crd":
      return `${printKey(by!)} takes ${what} along`;
    case "operator":
      return `the FluxInstance no longer generates ${what}, and the operator collects it`;
    case "uninstall":
      return `without ${printKey(by!)} the operator uninstalls Flux, ${what} included`;
    case "helm":
      return `HelmRelease ${owner} is uninstalled, and ${what} with it`;
    case "force":
      return `what changes in ${what} cannot be changed in place, and with force Kustomization ${owner} deletes it to make it anew`;
    case "hollow":
      return `Namespace ${splitKey(by!).name} takes along what the release of ${what} installed there`;
    case "reinstall":
      return `the release of ${what} changes its name, namespace or chart, so Helm uninstalls the old one first`;
  }
}
