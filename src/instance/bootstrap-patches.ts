import type { Install } from "../cluster/types.ts";
import type { SourcePatch } from "../contract/objects.ts";
import { installedBase } from "../release/base.ts";
import { differingObjects } from "../release/compare.ts";
import { readBaseFacts } from "../release/facts.ts";
import { patchItems } from "../release/normalise.ts";
import type { FluxVersion } from "../release/releases.ts";
import { reaches, runItem } from "../release/simulate.ts";
import type { PatchItem } from "../release/types.ts";
import { copyData } from "../yaml/copy.ts";

/**
 * The patches of an install that somebody applies once which change what the install that Flux keeps applying makes: nothing
 * carries them over, as Flux takes them back with its first run. Errs towards silence: one that cannot be run changes nothing.
 */
export function patchesOnlyIn(
  bootstrap: Install,
  install: Install,
  { version, namespace }: { version: FluxVersion; namespace: string },
): SourcePatch[] {
  const facts = readBaseFacts(version);
  if (!facts || install.style === "community-chart" || bootstrap.style === "community-chart") return [];
  const kept = patchItems(install.patches);
  const known = new Set(kept.map(textOf));
  const others = patchItems(bootstrap.patches).filter((item) => !known.has(textOf(item)));
  if (others.length === 0) return [];
  const objects = installedBase(facts, install.style, install.components, namespace, install.gotk?.suffix);
  for (const item of kept) runItem(objects, item);
  const changing = others.filter((item) => {
    const reached = objects.filter((object) => !object.deleted && reaches(item, [object]));
    const after = copyData(reached);
    const { failure, ids } = runItem(after, item);
    return failure === undefined && differingObjects(reached, after, new Set(ids)).length > 0;
  });
  return [...new Set(changing.map(({ source }) => source))];
}

/** What a patch does, however its file writes it. */
function textOf(item: PatchItem): string {
  return JSON.stringify([item.target ?? {}, item.type === "json" ? item.ops : item.doc]);
}
