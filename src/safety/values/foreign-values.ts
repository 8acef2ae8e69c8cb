import type { Side } from "../../change/change.ts";
import { listValueSources, readKeys } from "../../change/value-keys.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import type { KubeObject } from "../../contract/objects.ts";
import type { FluxObjectSpec } from "../../contract/specs.ts";
import { isFluxKustomization } from "../../delivery/kinds.ts";
import type { SnapshotContext } from "../snapshot-context.ts";
import { hideVersion } from "../unknown/hide-version.ts";
import { findRenamedValues, nameAsBefore } from "./renamed-values.ts";
import { makeValues } from "./substitutions.ts";

/**
 * What a FluxKustomization on another repository substitutes from, as far as the change alters it: names, paths and switches
 * there may hold it. Another version takes nothing away, and on a key that comes nothing there relies yet. Errs towards nothing
 * where its own document names no such ConfigMap: a patch for all of them gives it to those, too, whose files have no variables.
 */
export function printForeignValues(now: FluxObjectSpec | undefined, side: Side, context: SnapshotContext): string {
  if (context.values.size === 0) return "";
  const spec: FluxObjectSpec = nameAsBefore(now ?? {}, findRenamedValues(context)[side]);
  const written = listWritten(spec, context);
  const from = (spec.postBuild?.substituteFrom ?? []).flatMap((one) => {
    const id = `${one?.kind}/${one?.name}`;
    if (!context.values.has(id) || written?.every(({ data }) => !listValueSources(data.spec).includes(id))) return [];
    // What a ResourceSet makes reads a copy of it, as a rule by the same name.
    return [{ ...one, namespace: (written && one.namespace) ?? "" }];
  });
  if (from.length === 0) return "";
  const fill = getOrMake(fillers, context, () => ({
    before: makeValues("before", context),
    after: makeValues("after", context),
  }));
  const own = { ...spec, postBuild: { ...spec.postBuild, substituteFrom: from } };
  const [held, values] = [fill.before(own), fill[side](own)];
  const said = Object.fromEntries(Object.keys(held).map((key) => [key, values[key]]));
  const hidden = from.some(({ kind, name }) => kind === "Secret" && losesKnown(`${kind}/${name}`, context));
  return JSON.stringify([said, hidden ? side : ""], hideVersion);
}

/** Whether the two trees give it other values. */
export function altersForeignValues(spec: FluxObjectSpec | undefined, context: SnapshotContext): boolean {
  return printForeignValues(spec, "before", context) !== printForeignValues(spec, "after", context);
}

const fillers = new WeakMap<SnapshotContext, Record<Side, ReturnType<typeof makeValues>>>();

/** Whether a key that a Secret has today gets another value, or goes; encrypted ones are told by their text. */
function losesKnown(id: string, { before, isDelivered, values }: SnapshotContext): boolean {
  const [keys, known] = [values.get(id), readKeys(before, id, isDelivered)];
  return keys === undefined || known === undefined || [...keys].some((key) => known.has(key));
}

const places = new WeakMap<readonly KubeObject[], ReadonlyMap<string, KubeObject[]>>();
const placeOf = (spec: FluxObjectSpec) => JSON.stringify([spec.sourceRef?.name, spec.path]);

/** The documents of today with that source and path; undefined where none has, and something makes the object. */
function listWritten(spec: FluxObjectSpec, { objects: { before } }: Pick<SnapshotContext, "objects">) {
  const index = getOrMake(places, before, () =>
    groupBy(before.filter(isFluxKustomization), ({ data }) => placeOf(data.spec ?? {})),
  );
  return index.get(placeOf(spec));
}
