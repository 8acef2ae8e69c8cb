import { readObjects } from "../cluster/objects.ts";
import { bodyOf, type YamlData } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { finalizes, isSparedInGit } from "./exclusions.ts";
import { keyOfOwner, printKey } from "./key.ts";
import type { Comparison, FluxSpec, Outcome, TreeChange } from "./types.ts";

/** What a FluxKustomization that stays says so that it does not delete what it no longer builds. */
const GUARDS: readonly { is: (spec: FluxSpec) => boolean; says: string }[] = [
  { is: ({ prune }) => !prune, says: "prune: false" },
  {
    is: ({ data }) => isSparedInGit(data?.spec?.commonMetadata, undefined),
    says: "commonMetadata with kustomize.toolkit.fluxcd.io/prune: disabled",
  },
];

/**
 * Finds what is to be kept by a guard that the change brings together with the removal: an annotation, `deletionPolicy`,
 * `suspend`, or `prune: false` of its FluxKustomization. Flux deletes by what is live, so the guard comes too late
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
  return (outcome) => {
    const owner = outcome.before.map(keyOfOwner).find((key) => guarded.has(key));
    if (owner !== undefined)
      return `${printKey(owner)} gets ${guarded.get(owner)} with the same change, which Flux may read too late; in a change of its own it protects.`;
    const { at } = outcome;
    if (!at || !changed.has(at.file)) return undefined;
    const [old, now] = [before, after].map((tree) => readGuard(tree, at.file, outcome));
    return now === undefined || now === old
      ? undefined
      : `Its document gets ${now} with the same change, which is not live yet when Flux deletes it; in a change of its own it protects.`;
  };
}

/** What a document says so that the object, or what it holds, is not deleted. */
function readGuard(tree: Tree, file: string, { kind, name }: Outcome): string | undefined {
  const found = tree.has(file) ? readObjects(tree, file).objects : [];
  const own = found.find((one) => one.kind === kind && one.name === name);
  const body: YamlData = own && bodyOf(own);
  if (isSparedInGit(body?.metadata, undefined)) return "kustomize.toolkit.fluxcd.io/prune: disabled";
  const spec = body?.spec;
  if (spec?.suspend === true && (kind === "Kustomization" || kind === "HelmRelease")) return "suspend: true";
  if (kind !== "Kustomization" || !spec || finalizes(spec, undefined)) return undefined;
  return spec.deletionPolicy === "Orphan" ? "deletionPolicy: Orphan" : "prune: false";
}
