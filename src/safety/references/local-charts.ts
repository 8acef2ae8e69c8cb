import { join } from "../../delivery/paths.ts";
import type { Given } from "../given.ts";
import { splitKey } from "../key.ts";
import type { TreeChange } from "../types.ts";
import type { Held } from "./world.ts";

/** A release whose chart should lie in this repository, and does not. */
export interface LostChart {
  held: Held;
  /** The folder, from the root of the repository. */
  folder: string;
  /** The change takes it away; otherwise the release is new, or names another folder than before. */
  isGone: boolean;
}

export interface LocalChartInput {
  change: TreeChange;
  /** `Kind/name` of the sources that hold this repository. */
  sources: ReadonlySet<string>;
  artifactRoot: string;
}

/** Releases of charts in this repository whose folder has no Chart.yaml after the change. */
export function findLostCharts({ before, after }: Given, input: LocalChartInput): LostChart[] {
  const { change } = input;
  const folders = [...change.changed].flatMap((file) =>
    file.endsWith("/Chart.yaml") && !change.after.has(file) ? [file.split("/").at(-2)!] : [],
  );
  if (folders.length > 0) after.search(folders);
  return [...after.objects.values()].flatMap((held) => {
    const folder = folderOf(held, input);
    if (folder === undefined || change.after.has(join(folder, "Chart.yaml"))) return [];
    const isGone = change.before.has(join(folder, "Chart.yaml"));
    // Its document is gone as well: it is there only as what applies it does not build, which is said.
    if (held.object.at && !change.after.has(held.object.at.file)) return [];
    const was = before.objects.get(held.object.key);
    // One that has no chart today either loses nothing.
    if (!isGone && was && folderOf(was, input) === folder) return [];
    return [{ held, folder, isGone }];
  });
}

/** Folder of the chart of a release, or of a HelmChart, that is read from a source of this repository. */
function folderOf({ object }: Held, { sources, artifactRoot }: LocalChartInput): string | undefined {
  const { group, kind, remote } = splitKey(object.key);
  const spec = object.body?.spec;
  if (remote !== "" || spec?.suspend === true) return undefined;
  const isChart = kind === "HelmChart" && group === "source.toolkit.fluxcd.io";
  const said = isChart ? spec : object.release ? spec?.chart?.spec : undefined;
  const ref = said?.sourceRef;
  if (typeof said?.chart !== "string" || said.chart.includes("${") || !sources.has(`${ref?.kind}/${ref?.name}`))
    return undefined;
  return join(artifactRoot, said.chart.replace(/^(?:\.?\/)+/, ""));
}
