import { splitKey } from "../admission/key.ts";
import { findOperatorImage } from "../cluster/applied-operators.ts";
import { type ChartUse, chartNameOf } from "../cluster/chart-release.ts";
import type { YamlData } from "../contract/objects.ts";
import { type AppliedRelease, readApplied, readValues, toKube } from "./applied-release.ts";
import type { ClusterChange, Side } from "./change.ts";
import type { Given } from "./given.ts";
import type { Held, World } from "./world.ts";

/** What runs Flux Operator, as it is applied. */
export interface RunningOperator {
  held: Held;
  /** The version of the operator, and what says it. */
  runs: ChartUse["version"];
}

/** A release of its chart. */
export interface OperatorRelease extends AppliedRelease, RunningOperator {
  values: YamlData;
}

const CHART = "flux-operator";
type Worlds = Pick<Given, "before" | "after">;

/**
 * Releases of Flux Operator in this cluster on both sides of a change, where it alters one or the source of its chart.
 * @param always also where it alters none
 */
export function listOperators(
  { before, after }: Worlds,
  change: Pick<ClusterChange, "before" | "after" | "objects">,
  always = false,
): Record<Side, OperatorRelease[]> {
  // What does not change is not built for this: an operator that does is read already.
  const isNear = (world: World) => world.all.some(({ object, by }) => !by?.fixed && isOperators(object.body?.spec));
  if (!always && !isNear(before) && !isNear(after)) return { before: [], after: [] };
  for (const world of [before, after]) world.search([CHART]);
  const read = (world: World, side: Side) => world.all.flatMap((held) => readOperator(held, world, side, change) ?? []);
  return { before: read(before, "before"), after: read(after, "after") };
}

/** Deployments of Flux Operator that Flux applies itself, without its chart; of those that were read. */
export function listPlainOperators({ before, after }: Worlds): Record<Side, RunningOperator[]> {
  const read = (world: World) => world.all.flatMap((held) => readPlain(held) ?? []);
  return { before: read(before), after: read(after) };
}

function readPlain(held: Held): RunningOperator | undefined {
  if (!/^apps\|Deployment\|[^@]*$/.test(held.object.key)) return undefined;
  const found = findOperatorImage(held.object.body ?? {});
  const object = found && toKube(held.object);
  if (!object) return undefined;
  const path = ["spec", "template", "spec", "containers", String(found.at), "image"];
  return { held, runs: found.tag ? { value: found.tag, object, path } : undefined };
}

/** Each with itself. */
export function pairOperators<T extends RunningOperator>({ before, after }: Record<Side, T[]>): { was: T; is: T }[] {
  return after.flatMap((is) => {
    const was = before.find(({ held }) => held.object.key === is.held.object.key);
    return was ? [{ was, is }] : [];
  });
}

/** Whether a release or a source may be the operator's own. */
function isOperators(spec: YamlData): boolean {
  const address: unknown = spec?.chart?.spec?.chart ?? spec?.chart ?? spec?.url;
  const isNamed = typeof address === "string" && chartNameOf(address) === CHART;
  return isNamed || typeof spec?.chartRef?.name === "string";
}

function readOperator(
  held: Held,
  world: World,
  side: Side,
  change: Pick<ClusterChange, "before" | "after" | "objects">,
): OperatorRelease | undefined {
  const { key, release: spec } = held.object;
  if (!spec || spec.cluster !== undefined || splitKey(key).remote !== "") return undefined;
  const applied = readApplied(held.object, world, change.objects[side]);
  if (applied?.use.chart !== CHART) return undefined;
  const { values } = readValues(applied, change[side], world);
  const { release, use } = applied;
  const tag: unknown = values?.image?.tag;
  const own = { value: String(tag), object: release, path: ["spec", "values", "image", "tag"] };
  // Without a version the newest one is taken.
  const newest = { value: "*", object: release, path: ["spec", "chart", "spec"] };
  const runs = tag ? own : (use.version ?? (release.data.spec?.chart ? newest : undefined));
  return { ...applied, held, values, runs };
}
