import type { Unknown } from "../contract/answer.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { type DeliveredObject, isKustomizationFile } from "../delivery/kustomize/index.ts";
import { readShape, type UnknownsInput } from "./shape.ts";
import type { BuildUnknown } from "./types.ts";

/**
 * What of a build cannot be read, each with everything it could read (docs/commands/verify.md): the URL with its pinned
 * ref, and all that shapes what comes from there. A variable in an id and the content of a generated object are told with
 * the object, see `nameOpen`.
 */
export function readBuildUnknowns(unknowns: readonly Unknown[], input: UnknownsInput): BuildUnknown[] {
  const { changed, side } = input;
  const whole = unknowns.filter(({ variables, content }) => variables === undefined && !content);
  return whole.map(({ at, what, file, adds }) => ({
    what,
    at,
    reads: JSON.stringify([what, file !== undefined && changed.has(file) ? side : "", readShape(at, input)]),
    ...(adds ? { adds } : {}),
  }));
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
  return failures.map(({ at, what, adds }) => ({
    what,
    at,
    reads: JSON.stringify([what, at.file, isEdited(at.file) ? side : "", readShape(at, input)]),
    ...(adds ? { adds } : {}),
  }));
}

/** `Kind/name` of what a FluxKustomization substitutes from. */
export function listValueSources(spec: YamlData): string[] {
  const from = itemsOf(spec?.postBuild?.substituteFrom);
  return from.map((ref) => `${ref?.kind}/${ref?.name}`);
}

const VARIABLE = /\$\{#?([A-Za-z_]\w*)/g;

/** Tells what the unknown part of an id hangs on; undefined where all of it is known. */
export function readOpen(object: DeliveredObject, { spec, side, values }: UnknownsInput): string | undefined {
  if (!object.uncertain) return undefined;
  const names = [...`${object.name} ${object.namespace}`.matchAll(VARIABLE)].map(([, name]) => name!);
  const from = listValueSources(spec);
  const isAltered = from.some((id) => {
    if (!values.has(id)) return false;
    const keys = values.get(id);
    return keys === undefined || names.some((one) => keys.has(one));
  });
  return isAltered ? side : JSON.stringify(from);
}

/** `${NAME:-text}` with all of the text known. */
const DEFAULT = /\$\{\w+:?[-=]([^${}]*)\}/g;

/**
 * The object under the name to compare it by. A variable that cannot be read leaves its default. A generated object whose
 * content cannot be read has a hash that is not known: another one in each tree where the change alters the content.
 */
export function nameOpen(object: DeliveredObject, unknowns: readonly Unknown[], input: UnknownsInput): DeliveredObject {
  if (object.name.includes("${") || object.namespace.includes("${")) {
    const fill = (text: string) => text.replace(DEFAULT, "$1");
    return { ...object, name: fill(object.name), namespace: fill(object.namespace) };
  }
  return { ...object, name: nameHidden(object, unknowns, input) };
}

function nameHidden(object: DeliveredObject, unknowns: readonly Unknown[], input: UnknownsInput): string {
  const isAltered = unknowns.some(({ at, file }) => at.file === object.file && file && input.changed.has(file));
  if (!isAltered) return `${object.name}-(hash)`;
  return `${object.name}-(${input.side === "before" ? "old" : "new"} hash)`;
}
