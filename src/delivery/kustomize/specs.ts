import type { Loc } from "../../contract/errors.ts";
import { BuildError } from "./build-error.ts";
import { type Data, mapList, scalarText } from "./data.ts";
import type { NameReferences, Specs } from "./default-specs.ts";
import { type FieldSpec, readSpecs } from "./field-spec.ts";

/** Field specs of which one is there already but creates where the other does not, or the other way round. */
class SpecConflict extends Error {}

/** Runs a merge of specs; a conflict refuses the build. */
export function guardSpecs<T>(at: Loc, merge: () => T): T {
  try {
    return merge();
  } catch (error) {
    if (!(error instanceof SpecConflict)) throw error;
    throw new BuildError(at, error.message);
  }
}

/** Where an entry of `labels` puts its pairs. Throws `SpecConflict`. */
export function labelSpecs(label: Data, specs: Specs): readonly FieldSpec[] {
  const own = mergeSpecs(readSpecs(label.fields), specs.labels);
  if (label.includeSelectors === true) return mergeSpecs(own, specs.commonLabels);
  const more = label.includeTemplates === true ? specs.templateLabels : [];
  return mergeSpecs(mergeSpecs(own, more), [{ path: "metadata/labels", create: true }]);
}

/** Adds the specs of a file of `configurations`. Throws `SpecConflict`. */
export function addConfiguration(specs: Specs, config: Data): Specs {
  const merged: Record<string, unknown> = {};
  for (const key of Object.keys(specs) as (keyof Specs)[]) {
    if (key !== "nameReference") merged[key] = mergeSpecs(specs[key], readSpecs(config[key]));
  }
  const references = mapList(config.nameReference).map(
    (one): NameReferences => ({
      kind: scalarText(one.kind),
      group: scalarText(one.group),
      version: scalarText(one.version),
      fields: readSpecs(one.fieldSpecs),
    }),
  );
  return { ...(merged as unknown as Specs), nameReference: references.reduce(addReferences, specs.nameReference) };
}

/** What two kustomizations know together. Throws `SpecConflict`. */
export function joinSpecs(specs: Specs, others: Specs): Specs {
  if (specs === others) return specs;
  const merged: Record<string, unknown> = {};
  for (const key of Object.keys(specs) as (keyof Specs)[]) {
    if (key !== "nameReference") merged[key] = mergeSpecs(specs[key], others[key]);
  }
  return {
    ...(merged as unknown as Specs),
    nameReference: others.nameReference.reduce(addReferences, specs.nameReference),
  };
}

function mergeSpecs(specs: readonly FieldSpec[], added: readonly FieldSpec[]): readonly FieldSpec[] {
  const merged = [...specs];
  for (const spec of added) {
    const known = merged.find((one) => one.path === spec.path && covers(spec, one));
    if (known === undefined) merged.push(spec);
    else if ((known.create ?? false) !== (spec.create ?? false))
      throw new SpecConflict(`conflicting fieldspecs for ${spec.path}`);
  }
  return merged;
}

function covers(spec: FieldSpec, known: FieldSpec): boolean {
  return (["group", "version", "kind"] as const).every((key) => !spec[key] || spec[key] === known[key]);
}

function addReferences(done: readonly NameReferences[], added: NameReferences): readonly NameReferences[] {
  const key = (one: NameReferences) => `${one.group ?? ""}|${one.version ?? ""}|${one.kind}`;
  if (!done.some((one) => key(one) === key(added))) return [...done, added];
  return done.map((one) => (key(one) === key(added) ? { ...one, fields: mergeSpecs(one.fields, added.fields) } : one));
}
