import { lineOf } from "../../contract/errors.ts";
import type { PatchTarget } from "../../contract/objects.ts";
import { type Data, isMap, scalarText } from "./data.ts";
import { BuildError } from "./failures.ts";
import { asPlaced, type Item, makeItem, storePrevious, withName, withNamespace } from "./item.ts";
import { withoutNotes } from "./notes.ts";
import { applyPatch, type Patched } from "./patch.ts";
import { compileTarget } from "./select.ts";

const nowhere = lineOf("");

/**
 * The one patch engine, for those who hold parsed objects and no kustomization. `patchObject` answers for one object and
 * a whole list of patches; `patchStep` runs one patch over several objects and keeps what a later patch needs to know of
 * them (earlier names and kinds). Nothing is changed in place.
 */

/** What a list of patches makes of an object, or why that cannot be known: kustomize would fail, or the text is hidden. */
export type PatchedObject =
  | {
      ok: true;
      /** Undefined when a patch deletes it. */
      object: Data | undefined;
      /** Index of every patch that selected the object. */
      applied: number[];
    }
  | (StepFailure & { patch: number });

interface StepFailure {
  ok: false;
  reason: string;
  /** Index of the JSON6902 operation that does not apply, where that is the reason. */
  operation?: number;
}

export type PatchStep = { ok: true; items: Patched; applied: number[] } | StepFailure;

interface Former {
  /** A kustomization gave it the namespace that it has. */
  hadNoNamespace?: boolean | undefined;
  isStub?: boolean;
  /** The namespace that it had under its earlier names, where that was another one. */
  formerNamespace?: string;
}

/**
 * An object on its way through several patches, which select it by the names it had before, too. kustomize notes those with commas
 * between them, so one that holds a comma is none: no build would have gone on from it.
 */
export function startPatching(
  object: Data,
  formerNames: readonly string[] = [],
  { hadNoNamespace = false, isStub = false, formerNamespace = "" }: Former = {},
): Item {
  const item = { ...makeItem(object, "", 0), ...(isStub ? { isStub } : {}) };
  const noted = formerNames.filter((name) => !name.includes(","));
  const placed = hadNoNamespace ? asPlaced(item) : item;
  const moved = (one: Item, namespace: string) => (formerNamespace === "" ? one : withNamespace(one, namespace));
  return noted.reduce((done, name) => {
    const former = storePrevious(moved(withName(done, name), formerNamespace));
    return moved(withName(former, item.name), item.namespace);
  }, placed);
}

/** Indexes of the objects a patch target selects; undefined when it cannot be read. */
export function selectedBy(items: readonly Item[], target: PatchTarget): number[] | undefined {
  try {
    const selected = compileTarget({ ...target }, nowhere);
    return items.flatMap((item, index) => (selected(item) ? [index] : []));
  } catch (error) {
    if (error instanceof BuildError) return undefined;
    throw error;
  }
}

/** The object again, as kustomize would print it. */
export function finishPatching(item: Item): Data {
  return withoutNotes(item.body);
}

/**
 * Runs one entry of `patches` (of a kustomization or of a FluxKustomization's spec) over objects; undefined stands for a
 * deleted one. An entry without target that names none of them is an error for kustomize, unless `othersMayExist`.
 */
export function patchStep(items: Readonly<Patched>, entry: unknown, othersMayExist = false): PatchStep {
  const text = isMap(entry) ? scalarText(entry.patch).trim() : "";
  if (!isMap(entry) || text === "") return { ok: false, reason: "the patch holds no text" };
  const undecided: string[] = [];
  const context = {
    at: nowhere,
    incomplete: othersMayExist,
    unmatched: () => {},
    undecided: (what: string) => undecided.push(what),
  };
  try {
    const patched = applyPatch(items, text, entry, context);
    const [reason] = undecided;
    if (reason !== undefined) return { ok: false, reason };
    const applied = [...patched.keys()].filter((index) => patched[index] !== items[index]);
    return { ok: true, items: patched, applied };
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const { operation } = error.detail;
    return { ok: false, reason: error.message, ...(operation === undefined ? {} : { operation }) };
  }
}

/** Runs a list of patches over one object of a build; patches for other objects leave it as it is. */
export function patchObject(object: Data, patches: readonly unknown[]): PatchedObject {
  let item: Item | undefined = startPatching(object);
  const applied: number[] = [];
  for (const [patch, entry] of patches.entries()) {
    const step: PatchStep = patchStep([item], entry, true);
    if (!step.ok) return { ...step, patch };
    if (step.applied.length > 0) applied.push(patch);
    item = step.items[0];
    if (item === undefined) break;
  }
  return { ok: true, object: item && finishPatching(item), applied };
}
