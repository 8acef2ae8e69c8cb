import { keyOfOwner, printKey } from "../../admission/key.ts";
import type { Comparison } from "../../change/comparison.ts";
import { finalizes, isSparedInGit } from "../../change/exclusions.ts";
import type { FluxSpec, Outcome, TreeChange } from "../../change/types.ts";
import { objectNamed } from "../../cluster/objects.ts";
import { bodyOf, type YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import type { Tree } from "../../files/tree.ts";
import { makeLayers } from "../unknown/layers.ts";

/** What a FluxKustomization that stays says so that it does not delete what it no longer builds. */
const GUARDS: readonly { is: (spec: FluxSpec) => boolean; says: string }[] = [
  { is: ({ prune }) => !prune, says: "prune: false" },
  {
    is: ({ data }) => isSparedInGit(data.spec.commonMetadata, undefined),
    says: "commonMetadata with kustomize.toolkit.fluxcd.io/prune: disabled",
  },
];

/**
 * Finds what is to be kept by a guard that the change brings together with the removal: an annotation, `deletionPolicy`,
 * `suspend`, or `prune: false` of its FluxKustomization, in its document or by a kustomization or patch over it. Flux deletes by what is live, so the guard comes too late
 * (flux-facts 2.4 items 2 and 6), and whoever wrote it does not mean the object to go.
 * @returns why the object is wanted; undefined where nothing guards it
 */
export function makeLateGuards(
  { respecced }: Pick<Comparison, "respecced">,
  { before, after, changed }: TreeChange,
): (outcome: Outcome) => string | undefined {
  const guarded = new Map(
    respecced.flatMap(({ key, before: old, after: now }) => {
      const guard = GUARDS.find(({ is }) => now.every(is) && !old.every(is));
      return guard ? [[key, guard.says] as const] : [];
    }),
  );
  const layersOver = once(() => makeLayers(respecced, { before, after, changed }));
  return (outcome) => {
    const owner = outcome.before.map(keyOfOwner).find((key) => guarded.has(key));
    if (owner !== undefined)
      return `${printKey(owner)} gets ${guarded.get(owner)} with the same change, which Flux may read too late; in a change of its own it protects.`;
    const { at } = outcome;
    const old = at && readBody(before, at.file, outcome);
    if (!old) return undefined;
    const own = changed.has(at.file) ? readGuard(readBody(after, at.file, outcome), outcome) : undefined;
    if (own !== undefined && own !== readGuard(old, outcome)) return sayLate("Its document gets", own);
    for (const { name, before: was, after: now } of layersOver()(outcome)) {
      const laid = readGuard(now(old), outcome);
      if (laid !== undefined && laid !== readGuard(was(old), outcome)) return sayLate(`${name} gives it`, laid);
    }
    return undefined;
  };
}

function sayLate(how: string, guard: string): string {
  return `${how} ${guard} with the same change, which is not live yet when Flux deletes it; in a change of its own it protects.`;
}

function readBody(tree: Tree, file: string, outcome: Outcome): YamlData {
  const own = objectNamed(tree, file, outcome);
  return own && bodyOf(own);
}

/** What an object says so that it, or what it holds, is not deleted. */
function readGuard(body: YamlData, { kind }: Outcome): string | undefined {
  if (isSparedInGit(body?.metadata, undefined)) return "kustomize.toolkit.fluxcd.io/prune: disabled";
  const spec = body?.spec;
  if (spec?.suspend === true && (kind === "Kustomization" || kind === "HelmRelease")) return "suspend: true";
  if (kind !== "Kustomization" || !spec || finalizes(spec, undefined)) return undefined;
  return spec.deletionPolicy === "Orphan" ? "deletionPolicy: Orphan" : "prune: false";
}
