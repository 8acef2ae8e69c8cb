import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { fillDefaults, isOpenText } from "../../admission/open-text.ts";
import { chartOf } from "../../change/read-object.ts";
import type { OpenPoint, OwnedObject } from "../../change/types.ts";
import { buildOf, buildsAt, type Course } from "../../change/variants.ts";
import { makeWords } from "../../change/words.ts";

/** Releases whose `chartRef` names a source that comes to hold a chart of another name, which uninstalls them first. */
export interface OtherCharts {
  releases: readonly ObjectKey[];
  /** Those where a variable that cannot be read decides it. */
  open: readonly OpenPoint[];
}

/** The sources are read as they are applied, by whichever FluxKustomization, with its patches and variables. */
export function findOtherCharts(course: Course): OtherCharts {
  const changes = listChanges(course);
  if (changes.size === 0) return { releases: [], open: [] };
  const words = makeWords([...changes.keys()].map((key) => splitKey(key).name));
  const releases: ObjectKey[] = [];
  const open: OpenPoint[] = [];
  for (const { fixed, configs } of course.histories.values()) {
    for (const config of configs.filter(({ stage, spec }) => stage === 2 && !spec.suspend)) {
      if (fixed && course.before.mentions?.(config.spec, words) === false) continue;
      const build = buildOf(course, config);
      for (const object of build.ok ? build.objects.values() : []) {
        const change = object.release?.suspend ? undefined : changes.get(object.release?.chartRef ?? "");
        if (change === "other") releases.push(object.key);
        else if (change === "open") open.push(sayOpen(object));
      }
    }
  }
  return { releases, open };
}

/** Sources whose chart is another one in the end, or may be. */
function listChanges(course: Course): ReadonlyMap<ObjectKey, "other" | "open"> {
  const moving = [...course.histories.values()].filter(({ fixed }) => !fixed);
  const listSources = (stage: 0 | 2) => {
    const builds = moving.flatMap((history) => buildsAt(course, history, stage));
    return new Map(builds.flatMap((build) => (build.ok ? [...build.objects].filter(([key]) => SOURCE.test(key)) : [])));
  };
  const before = listSources(0);
  const changes = new Map<ObjectKey, "other" | "open">();
  for (const [key, object] of listSources(2)) {
    const change = compareCharts(chartOf(before.get(key)?.body), chartOf(object.body));
    if (change) changes.set(key, change);
  }
  return changes;
}

const SOURCE = /^source\.toolkit\.fluxcd\.io\|(?:OCIRepository|HelmChart)\|/;

/** Whether two names of charts differ, as far as variables can be read; undefined where they do not, or one is not there. */
export function compareCharts(from: string | undefined, to: string | undefined): "other" | "open" | undefined {
  if (from === undefined || to === undefined) return undefined;
  const [was, is] = [fillDefaults(from), fillDefaults(to)];
  if (was === is) return undefined;
  return isOpenText(was) || isOpenText(is) ? "open" : "other";
}

function sayOpen({ key, at }: OwnedObject): OpenPoint {
  return {
    resource: printKey(key),
    what: "takes a chart from a source whose URL ends in a variable that cannot be read here: where that is another chart's name, Helm uninstalls the release first",
    look: "compare the value of the variable with the name of the chart today",
    ...(at ? { at } : {}),
  };
}
