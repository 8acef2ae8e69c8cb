import type { InstanceDescription } from "../cluster/types.ts";
import type { Loc } from "../contract/errors.ts";
import { resolveDistribution } from "./operator-set.ts";

/** A change of the FluxInstance that has no effect, because it is refused. */
export interface Refusal {
  field: "sync.name" | "distribution.version";
  from: string;
  to: string;
  /** `manifest`: a FluxKustomization applies it and stops at it; `chart`: a release fails to upgrade. */
  form: InstanceDescription["form"];
  at: Loc;
}

/**
 * What the API server or the operator does not take of a live FluxInstance: another `sync.name` where one is set
 * (flux-facts 1.2, trap 6; seen live: docs/live-proof.md, `wrong-sync-name-changed`), and an older Flux minor than the
 * one it applied last (flux-facts 1.4).
 */
export function findRefusal(old: InstanceDescription, now: InstanceDescription): Refusal | undefined {
  const { form, at } = now;
  const [before, after] = [old.spec?.sync?.name, now.spec?.sync?.name];
  if (before && after && before !== after) return { field: "sync.name", from: before, to: after, form, at };
  const texts = [old, now].map(({ spec }) => String(spec?.distribution?.version ?? ""));
  const [from, to] = texts.map((text) => (text === "" ? undefined : resolveDistribution(text)));
  if (!from || !to) return undefined;
  const isOlder = to.major < from.major || (to.major === from.major && to.minor < from.minor);
  return isOlder ? { field: "distribution.version", from: texts[0]!, to: texts[1]!, form, at } : undefined;
}
