import { fillDefaults } from "../../admission/open-text.ts";
import type { BuildUnknown } from "../../change/types.ts";
import { listPlacedSources, listValueSources, openWhenEmpty, readKeys } from "../../change/value-keys.ts";
import type { Unknown } from "../../contract/answer.ts";
import type { Loc } from "../../contract/errors.ts";
import { getOrMake } from "../../contract/group-by.ts";
import type { YamlData } from "../../contract/objects.ts";
import { type DeliveredObject, isKustomizationFile } from "../../delivery/kustomize/index.ts";
import { sha256 } from "../../files/hash.ts";
import { nameAsBefore } from "../values/renamed-values.ts";
import { makeShapes, type UnknownsInput } from "./shape.ts";

/**
 * What of a build cannot be read, each with everything it could read (docs/commands/verify.md): the URL with its pinned
 * ref, and all that shapes what comes from there. A variable in an id and the content of a generated object are told with
 * the object, see `nameOpen`.
 */
export function readBuildUnknowns(unknowns: readonly Unknown[], input: UnknownsInput): BuildUnknown[] {
  const { changed, side } = input;
  const whole = unknowns.filter(({ variables, content }) => variables === undefined && !content);
  const nameShape = nameShapes(input);
  return whole.map(({ at, what, file, adds }) => ({
    what,
    at,
    reads: JSON.stringify([what, file !== undefined && changed.has(file) ? side : "", nameShape(at)]),
    ...(adds ? { adds } : {}),
    ...(file === undefined ? {} : { own: true as const }),
  }));
}

/** Many parts of one file are of one shape, which may be long: a hash stands for it. */
function nameShapes(input: UnknownsInput): (at: Loc) => string {
  const names = new Map<string, string>();
  const readShape = makeShapes(input);
  return (at) => getOrMake(names, at.file, () => sha256(JSON.stringify(readShape(at.file))));
}

/**
 * The parts at which a build fails, each with what decides what it is: its file, and all that shapes it.
 * @param shown files whose objects can be read all the same
 */
export function readFailures(
  failures: readonly Unknown[],
  shown: ReadonlySet<string>,
  input: UnknownsInput,
): BuildUnknown[] {
  const { changed, side } = input;
  const isEdited = (file: string) => changed.has(file) && !shown.has(file) && !isKustomizationFile(file);
  const nameShape = nameShapes(input);
  return failures.map(({ at, what, adds }) => ({
    what,
    at,
    reads: JSON.stringify([what, at.file, isEdited(at.file) ? side : "", nameShape(at)]),
    ...(adds ? { adds } : {}),
  }));
}

const VARIABLE = /\$\{#?([A-Za-z_]\w*)/g;

/**
 * Tells what the unknown part of an id hangs on; undefined where all of it is known, also because no ConfigMap or Secret
 * that is read has a key of that name: keys of encrypted ones can be read.
 */
export function readOpen(object: DeliveredObject, input: UnknownsInput): string | undefined {
  const { spec, side, values, renamed } = input;
  if (!object.uncertain) return undefined;
  const names = listVariables(`${object.name} ${object.namespace}`);
  const from = listValueSources(spec);
  if (names.length > 0 && isUnset(names, input)) return undefined;
  const others = from.filter((id) => !renamed?.has(id));
  if (isAltered(names, others, values)) return side;
  return JSON.stringify(listValueSources(nameAsBefore(spec, renamed)));
}

/**
 * Fills in the default of each variable that nothing which a FluxKustomization with `postBuild` substitutes from has a key
 * for. A text with another one stays as it is.
 */
export function settleText(text: string, input: KeysInput): string {
  const names = listVariables(text);
  return names.length > 0 && isUnset(names, input) ? fillDefaults(text) : text;
}

/** Names of the variables that a text holds, with a default or without. */
export function listVariables(text: string): string[] {
  return [...text.matchAll(VARIABLE)].map(([, name]) => name!);
}

/** Whether the change may alter the value of one of some variables, given what they come from. */
export function isAltered(
  names: readonly string[],
  from: readonly string[],
  values: ReadonlyMap<string, ReadonlySet<string> | undefined>,
): boolean {
  return from.some((id) => {
    const keys = values.get(id);
    return values.has(id) && (keys === undefined || names.some((one) => keys.has(one)));
  });
}

type KeysInput = Pick<UnknownsInput, "tree" | "isOwn" | "told" | "spec">;

/** Whether the keys of all ConfigMaps and Secrets are known and none of them is a variable. */
function isUnset(names: readonly string[], { tree, isOwn, told, spec }: KeysInput): boolean {
  const lacksAll = (keys: ReadonlySet<string> | undefined) => keys !== undefined && !names.some((one) => keys.has(one));
  return listPlacedSources(spec).every(({ id, place }) => {
    const values: YamlData = told?.get(place);
    return lacksAll(values === undefined ? readKeys(tree, id, isOwn) : openWhenEmpty(new Set(Object.keys(values))));
  });
}

/**
 * The object under the name to compare it by. A variable that cannot be read leaves its default. A generated object whose
 * content cannot be read has a hash that is not known: another one in each tree where the change alters the content.
 */
export function nameOpen(object: DeliveredObject, unknowns: readonly Unknown[], input: UnknownsInput): DeliveredObject {
  if (object.name.includes("${") || object.namespace.includes("${")) {
    return { ...object, name: fillDefaults(object.name), namespace: fillDefaults(object.namespace) };
  }
  return { ...object, name: nameHidden(object, unknowns, input) };
}

function nameHidden(object: DeliveredObject, unknowns: readonly Unknown[], input: UnknownsInput): string {
  const isAltered = unknowns.some(({ at, file }) => at.file === object.file && file && input.changed.has(file));
  if (!isAltered) return `${object.name}-(hash)`;
  return `${object.name}-(${input.side === "before" ? "old" : "new"} hash)`;
}
