import { readChartUse } from "../../src/cluster/chart-release.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { readableSpec } from "../../src/contract/objects.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { basename, dirname, isWithin, join, normalizePath } from "../../src/delivery/paths.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import { foldersOf } from "../../src/files/disk-tree.ts";
import type { TransformContext } from "../contract.ts";
import type { Rename } from "../shared/references/renames.ts";

/** A chart of this repository that a release of the cluster renders. */
interface RenderedChart {
  folder: string;
  release: string;
}

/** The charts of this repository that the cluster's releases render from its source. */
function listRendered({ tree, model, cluster }: TransformContext): RenderedChart[] {
  const charts = tree.paths.filter((path) => path.endsWith("/Chart.yaml")).map((path) => basename(dirname(path)));
  if (charts.length === 0) return [];
  const mayRender = (text: string) => /HelmRelease|HelmChart/.test(text) && charts.some((name) => text.includes(name));
  const items = cluster.findObjects(mayRender);
  return items.flatMap((item): RenderedChart[] => {
    const { object } = item;
    if (object.kind !== "HelmRelease" && object.kind !== "HelmChart") return [];
    const spec = readableSpec(item);
    if (!spec || spec.kubeConfig) return [];
    const { path, name } = readChartUse({ ...object, data: { ...object.data, spec } }, model.objects)?.folder ?? {};
    const own = path === undefined || name !== cluster.source?.name ? undefined : normalizePath(path);
    const folder = own === undefined ? undefined : join(cluster.artifactRoot, own);
    return folder !== undefined && tree.has(join(folder, "Chart.yaml")) ? [{ folder, release: describe(object) }] : [];
  });
}

/** Templates and values of those charts that name a source that goes: Helm makes of them what no file here says. */
export function findRenderedNames(context: TransformContext, renames: readonly Rename[]) {
  const charts = new Map((renames.length === 0 ? [] : listRendered(context)).map((one) => [one.folder, one]));
  const files = new Set<string>();
  if (charts.size === 0) return { files, findings: [] };
  const findings = renames.flatMap(({ kind, name, to }) => {
    // The value of a line is the name, and nothing else.
    const valued = new RegExp(`^[^#]*[:\\s{]["']?${escapeRegExp(name)}["']?\\s*(?:[,}#]|$)`);
    return context.tree.grep(name).flatMap((file): DraftFinding[] => {
      const folder = [...foldersOf(file), ""].find((one) => charts.has(one));
      const chart = charts.get(folder ?? "");
      if (!chart || to === undefined) return [];
      const lines = (context.tree.read(file) ?? "").split("\n");
      const isTemplate = isWithin(file, join(chart.folder, "templates"));
      const isOfSource = (index: number) => (isTemplate ? isBelowRef(lines, index) : isOfSourceKey(lines[index]!));
      const at = lines.findIndex((each, index) => valued.test(each) && isOfSource(index));
      if (at < 0) return [];
      files.add(file);
      const level = isTemplate ? "blocker" : "caution";
      const facts = { name: `${kind} ${name}`, to, release: chart.release };
      return [{ rule: "rendered-reference", level, at: lineOf(file, at + 1), facts }];
    });
  });
  return { files, findings };
}

/** Whether a line of a template says which source something reads, and no repository of charts. */
function isBelowRef(lines: readonly string[], index: number): boolean {
  const near = lines.slice(Math.max(0, index - NEAR), index + NEAR + 1);
  return near.some(isSourceRef) && !near.some(isChartSource);
}

/** Whether a key of values says it: `source`, `sourceName`, `gitSource`. */
export function isOfSourceKey(line: string): boolean {
  return /source/i.test(line.slice(0, Math.max(0, line.indexOf(":"))));
}

/** `kind`, `name` and `namespace` stand so close to each other. */
const NEAR = 3;
const isSourceRef = (line: string) => /\bsourceRef:/.test(line);
const isChartSource = (line: string) => /\bkind:\s*["']?HelmRepository\b/.test(line);
