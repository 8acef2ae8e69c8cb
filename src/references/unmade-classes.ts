import { keyOfObject, type ObjectKey, printKey, splitKey } from "../admission/key.ts";
import { readApplied, readValues } from "../change/applied-release.ts";
import type { ClusterChange } from "../change/change.ts";
import { type Given, goes } from "../change/given.ts";
import { listReferencesAndOptional } from "../change/read.ts";
import type { Held, World } from "../change/world.ts";
import { groupBy } from "../contract/group-by.ts";
import { andSoMore } from "../contract/list-some.ts";
import type { YamlData } from "../contract/objects.ts";
import { isAtWork, type Stopped } from "./stopped.ts";
import { isHere, listMadeClasses, readClassNames } from "./value-names.ts";

/**
 * Classes that values have a chart make today and none make afterwards, or that a chart which goes has its name for, while
 * something goes on naming them: an Ingress of a class that is not there is served by nobody. What the chart renders is not
 * looked at.
 */
export function findUnmadeClasses(given: Given, change: ClusterChange): Stopped[] {
  const { before, after } = given;
  const makers = new Map<ObjectKey, string>();
  const replaced = new Map<Held, Held>();
  const gone: Held[] = [];
  for (const held of before.all.filter(isHere)) {
    const { key, body } = held.object;
    const now = after.objects.get(key);
    if (now?.by?.fixed) continue;
    if (now ? JSON.stringify(now.object.body) === JSON.stringify(body) : !goes(given, key)) continue;
    const values = now && valuesOf(now, "after", given, change);
    if (now && values === undefined) continue;
    if (now) replaced.set(now, withValues(now, values));
    const name = printKey(key);
    if (!now) gone.push(held);
    const told = `which values of ${name} have a chart make today${now ? " and no longer do" : ", and that goes"}`;
    for (const one of listMadeClasses(valuesOf(held, "before", given, change) ?? body.spec?.values))
      makers.set(one, told);
  }
  for (const [one, held] of listNamesakes(gone, after)) {
    if (!makers.has(one)) makers.set(one, `which ${printKey(held.object.key)} may make, and that goes`);
  }
  if (makers.size === 0) return [];
  after.search([...makers.keys()].map((key) => splitKey(key).name));
  const releases = after.all.filter(isHere).map((one) => replaced.get(one) ?? one);
  const { uses, told } = readClassNames(releases, new Set(makers.keys()));
  const lost = new Set([...makers.keys()].filter((key) => !told.has(key) && !after.has(key)));
  if (lost.size === 0) return [];
  const listed = after.all.filter(isAtWork).flatMap((from) => {
    const own = listReferencesAndOptional(from.object).find(({ target }) => lost.has(target));
    return own ? [{ ...own, from }] : [];
  });
  const named = uses.filter(({ from, target }) => lost.has(target) && isAtWork(from));
  return [...groupBy([...listed, ...named], ({ target }) => target)].map(([target, [first, ...others]]): Stopped => {
    const more = andSoMore(others.length);
    return {
      ...{ held: first!.from, path: first!.path, others: others.map(({ from }) => from) },
      rule: "reference-breaks",
      what: `names ${printKey(target)}${more}, ${makers.get(target)}`,
      why: "Nothing is refused, and nobody serves what asks for a class that is not there.",
      next: "Name the class as it is called from now on, or leave it its name.",
      look: `look whether anything else makes ${printKey(target)}`,
    };
  });
}

/** Classes that charts which go make under their own name by default, such as `longhorn` and, of `ingress-nginx`, `nginx`. */
function listNamesakes(gone: readonly Held[], after: World): (readonly [ObjectKey, Held])[] {
  const charts = new Map(gone.map((held) => [chartOf(held) ?? "", held]));
  charts.delete("");
  if (charts.size === 0) return [];
  after.search([...charts.keys()]);
  for (const held of after.all) if (isHere(held)) charts.delete(chartOf(held) ?? "");
  return [...charts].flatMap(([chart, held]) => {
    const short = chart.replace(/^ingress-|-ingress$|-provisioner$/g, "");
    return [...new Set([chart, short])].flatMap((name) => [
      [keyOfObject({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", namespace: "", name }), held] as const,
      [keyOfObject({ apiVersion: "networking.k8s.io/v1", kind: "IngressClass", namespace: "", name }), held] as const,
    ]);
  });
}

function chartOf({ object: { body } }: Held): string | undefined {
  const { chart, chartRef }: YamlData = body?.spec ?? {};
  const name: unknown = chart?.spec?.chart ?? chartRef?.name;
  return typeof name === "string" ? name : undefined;
}

/** All values of a release; undefined where some are out of sight, and may say anything. */
function valuesOf(
  { object }: Held,
  side: "before" | "after",
  given: Given,
  change: ClusterChange,
): YamlData | undefined {
  const spec: YamlData = object.body?.spec;
  if (spec?.valuesFrom === undefined) return spec?.values ?? {};
  const applied = readApplied(object, given[side], change.objects[side]);
  const read = applied && readValues(applied, change[side], given[side]);
  return read?.isKnown ? read.values : undefined;
}

const withValues = (held: Held, values: YamlData): Held => {
  const { body } = held.object;
  return { ...held, object: { ...held.object, body: { ...body, spec: { ...body.spec, values } } } };
};
