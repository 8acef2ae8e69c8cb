import { itemsOf, type YamlData } from "../../contract/objects.ts";
import type { FluxObjectSpec } from "../../contract/specs.ts";
import { SYNC_SOURCE_KINDS } from "../../delivery/kinds.ts";
import { fluxSchema } from "../../release/flux-schemas.ts";
import type { SyncObject } from "../../release/generated-sync.ts";
import { printBody } from "../../release/print.ts";
import { compareFluxVersions, EMBEDDED_FLUX, type FluxVersion, parseFluxVersion } from "../../release/releases.ts";
import { copyData } from "../../yaml/copy.ts";

export interface Modernised {
  spec: FluxObjectSpec;
  /** Fields of the old API version that were rewritten or that nothing takes over. */
  rewritten: string[];
  lost: { field: string; why: string; isHarmless: boolean }[];
}

/**
 * A FluxKustomization or source spec as the API version the operator writes knows it: fields of v1beta1 and v1beta2 that
 * v1 dropped are rewritten where v1 can say the same (flux-facts 4.4, 6.3).
 */
export function modernise(object: YamlData): Modernised {
  const spec = copyData(object?.spec ?? {});
  const result: Modernised = { spec, rewritten: [], lost: [] };
  const lose = (field: string, why: string, isHarmless: boolean) => {
    if (spec[field] === undefined) return;
    delete spec[field];
    result.lost.push({ field, why, isHarmless });
  };
  if (object.kind === "Kustomization") {
    const patches = [
      ...itemsOf(spec.patches),
      ...itemsOf(spec.patchesStrategicMerge).map((body) => ({ patch: printBody(body) })),
      ...itemsOf(spec.patchesJson6902).map(({ patch, target }) => ({ patch: printBody(patch), target })),
    ];
    for (const field of ["patchesStrategicMerge", "patchesJson6902"]) {
      if (spec[field] === undefined) continue;
      delete spec[field];
      result.rewritten.push(field);
    }
    if (patches.length > 0) spec.patches = patches;
    lose("validation", "Flux validates by server-side apply since 0.18", true);
  }
  if (object.kind === "GitRepository") lose("gitImplementation", "Flux 2 has one Git implementation", true);
  if (SYNC_SOURCE_KINDS.includes(object.kind))
    lose("accessFrom", "source-controller does not restrict access by it any more", false);
  return result;
}

const UNKNOWN =
  "no release of Flux has it either. The API server takes no object with it, and Flux nothing that it applies together with one";

/** Takes out fields that no Flux has: as a patch of the generated object one would stop the operator. */
export function loseUnknown(old: Modernised, { apiVersion, kind }: SyncObject, version: FluxVersion): void {
  const schema = fluxSchema(apiVersion, kind);
  const spec = typeof schema === "object" ? schema.p?.spec : undefined;
  const known = typeof spec === "object" ? spec.p : undefined;
  // A Flux that is not known yet may have others.
  if (!known || compareFluxVersions(version, parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!) > 0) return;
  const said: YamlData = old.spec;
  for (const field of Object.keys(said)) {
    if (Object.hasOwn(known, field)) continue;
    delete said[field];
    old.lost.push({ field, why: UNKNOWN, isHarmless: false });
  }
}
