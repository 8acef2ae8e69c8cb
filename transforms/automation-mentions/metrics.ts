import { isArchived, isDocs } from "../../src/cluster/automation-files.ts";
import { readableText } from "../../src/cluster/readable-text.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { TransformContext } from "../contract.ts";
import { findRival } from "../shared/automation/object-names.ts";
import { sourceNamesOf } from "../shared/references/renames.ts";

/** With what the metrics begin that tell how the objects of Flux fare; flux-operator goes on with them. */
const METRICS = "gotk_";
const OF_KIND = /\b(?:customresource_|exported_)?kind\s*=\s*\\?["'](\w+)/;

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
  const isOthers = (path: string) => !cluster.files.has(path) && model.clusters.some((other) => other.files.has(path));
  const paths = before.grep(METRICS).filter((path) => !isDocs(path) && !isArchived(path) && !isOthers(path));
  return paths.flatMap((path) =>
    (readableText(before, path) ?? "").split("\n").flatMap((line, index) =>
      renames.flatMap(({ what, from, to }): DraftFinding[] => {
        const kind = OF_KIND.exec(line)?.[1];
        if ((kind !== undefined && kind !== what) || !line.includes(from) || !labelOf(from).test(line)) return [];
        const rival = findRival(context, what, from);
        const facts = { what, from, to, rival: rival?.name, itsName: rival?.itsName };
        return [{ rule: "automation-names-renamed", level: "caution", at: lineOf(path, index + 1), facts }];
      }),
    ),
  );
}

/** `name="home"`, `exported_name=~"home|apps"`, in JSON with `\"`. */
function labelOf(name: string): RegExp {
  const before = String.raw`\b(?:exported_|customresource_|resource_)?name\s*(?:=~?|![=~])\s*\\?["'](?:[^"'\\\n]*[|(^])?`;
  return new RegExp(`${before}${escapeRegExp(name)}(?![\\w.-])`);
}
