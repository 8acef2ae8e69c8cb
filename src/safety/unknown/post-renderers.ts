import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYaml } from "../../yaml/read.ts";

/** What tells an object from another: a patch of it makes Helm delete the one of before. */
const IDENTITY = /^\/(kind|metadata\/(name|namespace))$/;

/**
 * Whether the patches over what a chart renders take whole objects out from now on, or name them otherwise: Helm deletes what
 * an upgrade renders no more, and what that is cannot be seen without the chart.
 */
export function dropsRendered(old: YamlData, now: YamlData): boolean {
  const [was, is] = [old, now].map((spec) => listPatches(spec?.postRenderers));
  const has = (all: readonly string[], one: string) => all.includes(one);
  const came = is!.filter((one) => !has(was!, one)).map(readPatch);
  const went = was!.filter((one) => !has(is!, one)).map(readPatch);
  return came.some(({ deletes, renames }) => deletes || renames) || went.some(({ renames }) => renames);
}

/** Each with its target, as text. */
function listPatches(renderers: unknown): string[] {
  return itemsOf(renderers).flatMap(({ kustomize }) => itemsOf(kustomize?.patches).map((one) => JSON.stringify(one)));
}

function readPatch(text: string): { deletes: boolean; renames: boolean } {
  const { patch } = JSON.parse(text);
  const parsed = readYaml(typeof patch === "string" ? patch : "");
  const bodies: YamlData[] = parsed.ok ? parsed.docs.map(({ data }) => data) : [];
  const operations = bodies.flatMap((body) => (Array.isArray(body) ? itemsOf(body) : []));
  return {
    deletes: bodies.some((body) => isMap(body) && body.$patch === "delete"),
    renames: operations.some(({ path, op }) => op !== "test" && IDENTITY.test(String(path))),
  };
}
