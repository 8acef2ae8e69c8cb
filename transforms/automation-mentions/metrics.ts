import { isArchived, isDocs } from "../../src/cluster/automation-files.ts";
import { isCommentLine, readableText } from "../../src/cluster/readable-text.ts";
import { readersOf } from "../../src/cluster/territory.ts";
import { compareText } from "../../src/contract/compare-text.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { TransformContext } from "../contract.ts";
import { findRival } from "../shared/automation/object-names.ts";
import { sourceNamesOf } from "../shared/references/renames.ts";

/** With what the metrics begin that tell how the objects of Flux fare; flux-operator goes on with the first, and adds the others. */
const METRICS = ["gotk_", "flux_resource_"];
/** A metric with its labels, over several lines as well: `gotk_resource_info{kind="Kustomization", name="home"}`. */
const SELECTOR = /\b(?:gotk|flux_resource)_\w{1,60}\s{0,20}\{([^{}]{0,2000})\}/g;
const OF_KIND = /\b(?:customresource_|exported_)?kind\s*=\s*\\?["'](\w+)/;
const OF_NAMESPACE = /\bexported_namespace\s*=\s*\\?["']([\w-]+)/;

/**
 * Alerts and dashboards whose queries name the source or the root by the old name, `gotk_resource_info{name="home"}`: they
 * find nothing more, and an alert that finds nothing never fires.
 */
export function findMetrics(context: TransformContext): DraftFinding[] {
  const { before, cluster, model } = context;
  const names = sourceNamesOf(cluster);
  if (!names) return [];
  const { source, root, sourceKind } = names;
  const renames = [
    { what: sourceKind, ...source },
    { what: "Kustomization", ...root },
  ].filter(({ from, to }) => from !== to);
  if (renames.length === 0) return [];
  const isOthers = (path: string) => !cluster.files.has(path) && readersOf(path, model.clusters).length > 0;
  const paths = new Set(METRICS.flatMap((needle) => before.grep(needle)));
  const read = [...paths].filter((path) => !isDocs(path) && !isArchived(path) && !isOthers(path));
  return read.sort(compareText).flatMap((path) =>
    listSelectors(readableText(before, path) ?? "").flatMap(({ labels, line }) =>
      renames.flatMap(({ what, from, to }): DraftFinding[] => {
        const [kind = what, namespace = cluster.namespace] = [OF_KIND, OF_NAMESPACE].map(
          (one) => one.exec(labels)?.[1],
        );
        if (kind !== what || namespace !== cluster.namespace) return [];
        const found = labelOf(from).exec(labels);
        if (!found) return [];
        const rival = findRival(context, what, from);
        const facts = { what, from, to, rival: rival?.name, itsName: rival?.itsName };
        const number = line + labels.slice(0, found.index).split("\n").length - 1;
        return [{ rule: "automation-names-renamed", level: "caution", at: lineOf(path, number), facts }];
      }),
    ),
  );
}

/** So far before a query its line is looked at. */
const FAR = 300;

/** The labels of each query, and the line on which they begin; what is commented out asks nothing. */
function listSelectors(text: string): { labels: string; line: number }[] {
  let line = 1;
  let from = 0;
  return [...text.matchAll(SELECTOR)].flatMap(({ index, 0: whole, 1: labels = "" }) => {
    const start = index + whole.indexOf("{");
    line += text.slice(from, start).split("\n").length - 1;
    from = start;
    const lead = text.slice(Math.max(0, index - FAR), index);
    const isOut = isCommentLine(lead.slice(lead.lastIndexOf("\n") + 1));
    return isOut ? [] : [{ labels, line }];
  });
}

/** `name="home"`, `exported_name=~"home|apps"`, in JSON with `\"`. */
function labelOf(name: string): RegExp {
  const before = String.raw`\b(?:exported_|customresource_|resource_)?name\s*(?:=~?|![=~])\s*\\?["'](?:[^"'\\\n]*[|(^])?`;
  return new RegExp(`${before}${escapeRegExp(name)}(?![\\w.-])`);
}
