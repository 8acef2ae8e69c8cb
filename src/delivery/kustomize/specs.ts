import type { Loc } from "../../contract/errors.ts";
import { type Data, mapList, scalarText } from "./data.ts";
import type { NameReferences, Specs } from "./default-specs.ts";
import { BuildError } from "./failures.ts";
import { type FieldSpec, readSpecs } from "./field-spec.ts";

/** Where an entry of `labels` puts its pairs. Throws `BuildError` like all of these. */
export function labelSpecs(label: Data, specs: Specs, at: Loc): readonly FieldSpec[] {
  const own = mergeSpecs(readSpecs(label.fields), specs.labels, at);
  if (label.includeSelectors === true) return mergeSpecs(own, specs.commonLabels, at);
  const more = label.includeTemplates === true ? specs.templateLabels : [];
  return mergeSpecs(mergeSpecs(own, more, at), [{ path: "metadata/labels", create: true }], at);
}

/** Adds the specs of a file of `configurations`. */
export function addConfiguration(specs: Specs, config: Data, at: Loc): Specs {
  const added = Object.fromEntries(Object.keys(specs).map((key) => [key, readSpecs(config[key])]));
  const nameReference = mapList(config.nameReference).map((one) => ({
    kind: scalarText(one.kind),
    group: scalarText(one.group),
    version: scalarText(one.version),
    fields: readSpecs(one.fieldSpecs),
  }));
  return joinSpecs(specs, { ...(added as unknown as Specs), nameReference }, at);
}

/** What two kustomizations know together. */
export function joinSpecs(specs: Specs, others: Specs, at: Loc): Specs {
  const { nameReference, ...rest } = specs;
  const keys = Object.keys(rest) as (keyof typeof rest)[];
  const merged = Object.fromEntries(keys.map((key) => [key, mergeSpecs(specs[key], others[key], at)]));
  const add = (done: readonly NameReferences[], one: NameReferences) => addReferences(done, one, at);
  return { ...(merged as unknown as Specs), nameReference: others.nameReference.reduce(add, nameReference) };
}

/** One that is there already must create where the other does. */
function mergeSpecs(specs: readonly FieldSpec[], added: readonly FieldSpec[], at: Loc): readonly FieldSpec[] {
  const merged = [...specs];
  for (const spec of added) {
    const known = merged.find((one) => one.path === spec.path && covers(spec, one));
    if (known === undefined) merged.push(spec);
    else if ((known.create ?? false) !== (spec.create ?? false))
      throw new BuildError(at, `conflicting fieldspecs for ${spec.path}`);
  }
  return merged;
}

function covers(spec: FieldSpec, known: FieldSpec): boolean {
  return (["group", "version", "kind"] as const).every((key) => !spec[key] || spec[key] === known[key]);
}

function addReferences(done: readonly NameReferences[], added: NameReferences, at: Loc): readonly NameReferences[] {
  const key = (one: NameReferences) => `${one.group ?? ""}|${one.version ?? ""}|${one.kind}`;
  if (!done.some((one) => key(one) === key(added))) return [...done, added];
  return done.map((one) =>
    key(one) === key(added) ? { ...one, fields: mergeSpecs(one.fields, added.fields, at) } : one,
  );
}
