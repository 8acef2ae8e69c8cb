import { type DataKind, type DataOf, makeDataOf } from "../admission/data-kinds.ts";
import { type ImmutableRows, makeImmutableRows } from "../admission/immutable.ts";
import type { ImmutableKind } from "../admission/immutable-kinds.ts";

/** What a user may decide about verdicts. */
export interface SafetySettings {
  /**
   * From so many objects on, and from more than this share of an inventory on (0 to 1), what goes is no decision any more
   * while its FluxKustomization stays, though each document was taken out.
   */
  massCount?: number;
  massShare?: number;
  /** Kinds that hold data, and fields that cannot be changed, beside those that are known. */
  dataKinds?: readonly DataKind[];
  immutableKinds?: readonly ImmutableKind[];
}

/** The same, ready to be asked. */
export interface Settings {
  massCount: number;
  massShare: number;
  dataOf: DataOf;
  immutable: ImmutableRows;
}

export function readSettings(said: SafetySettings = {}): Settings {
  return {
    massCount: said.massCount ?? 10,
    massShare: said.massShare ?? 0.5,
    dataOf: makeDataOf(said.dataKinds),
    immutable: makeImmutableRows(said.immutableKinds),
  };
}

/** Nothing set by anybody. */
export const DEFAULTS: Settings = readSettings();
