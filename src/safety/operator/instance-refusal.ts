import type { OperatorSet } from "../../change/types.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import type { Loc } from "../../contract/errors.ts";
import { suggestNames } from "../../contract/near.ts";
import { itemsOf } from "../../contract/objects.ts";
import { CORE_COMPONENTS, IMAGE_COMPONENTS, SOURCE_WATCHER } from "../../release/releases.ts";
import { findUnbuilt, type Unbuilt } from "./instance-builds.ts";
import { resolveDistribution } from "./operator-set.ts";

/** A change of the FluxInstance that has no effect, because it is refused. */
export type InstanceRefusal = {
  /** `manifest`: a FluxKustomization applies it and stops at it; `chart`: a release fails to upgrade. */
  form: InstanceDescription["form"];
  at: Loc;
} & (
  | {
      field: "sync.name" | "distribution.version" | "components";
      /** Of `components`, what is meant by the name that it holds. */
      from: string;
      to: string;
    }
  | { field: "build"; unbuilt: Unbuilt }
);

/**
 * What the API server or the operator does not take of a live FluxInstance: another `sync.name` where one is set
 * (flux-facts 1.2, trap 6; seen live: docs/live-proof.md, `wrong-sync-name-changed`), a misspelt component, an older Flux
 * minor than the one it applied last (flux-facts 1.4), and what it does not build.
 */
export function findRefusal(old: InstanceDescription, now: InstanceDescription): InstanceRefusal | undefined {
  const { form, at } = now;
  const [before, after] = [old.spec.sync?.name, now.spec.sync?.name];
  if (before && after && before !== after) return { field: "sync.name", from: before, to: after, form, at };
  const slip = findSlip(itemsOf(old.spec.components), itemsOf(now.spec.components));
  if (slip) return { field: "components", ...slip, form, at };
  const unbuilt = findUnbuilt(old, now);
  if (unbuilt) return { field: "build", unbuilt, form, at };
  const texts = [old, now].map(({ spec }) => String(spec.distribution?.version ?? ""));
  const isOpen = (text: string) => text === "" || text.includes("${");
  const [from, to] = texts.map((text) => (isOpen(text) ? undefined : resolveDistribution({ version: text })));
  if (!from || !to) return undefined;
  const isOlder = to.major < from.major || (to.major === from.major && to.minor < from.minor);
  return isOlder ? { field: "distribution.version", from: texts[0]!, to: texts[1]!, form, at } : undefined;
}

/** Whether patches of a FluxInstance come to fail, for certain: then the operator changes nothing more (flux-facts 3). */
export function failsSurely(was: OperatorSet | undefined, now: OperatorSet | undefined): boolean {
  return now?.failure?.isSure === true && was?.failure === undefined;
}

/** The same as a refusal. */
export function findFailedPatch(
  was: OperatorSet | undefined,
  now: OperatorSet | undefined,
  { form, at }: InstanceDescription,
): InstanceRefusal | undefined {
  if (!failsSurely(was, now)) return undefined;
  const what = `A patch of the FluxInstance does not build (${now?.failure?.says})`;
  const why = "It runs all patches over what it generates, and one that fails ends that (BuildFailed).";
  return { field: "build", unbuilt: { what, why, next: "Correct that patch." }, form, at };
}

/** A new component that a slip makes of a known one; a name unlike all of them may come with a newer operator. */
function findSlip(old: readonly unknown[], now: readonly unknown[]): Record<"from" | "to", string> | undefined {
  const added = now.filter((name): name is string => typeof name === "string" && !old.includes(name));
  return added
    .filter((name) => !COMPONENTS.includes(name))
    .flatMap((to) => suggestNames(to, COMPONENTS, 1).map((from) => ({ from, to })))[0];
}

const COMPONENTS = [...CORE_COMPONENTS, ...IMAGE_COMPONENTS, SOURCE_WATCHER];
