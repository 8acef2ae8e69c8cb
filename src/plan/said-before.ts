import { instanceOf } from "../cluster/instances.ts";
import type { LeftOut, RepoModel } from "../cluster/types.ts";
import type { Finding } from "../contract/finding.ts";
import type { PhasePlan } from "../contract/plan.ts";

/** Findings on the repository less those on a copy of a root which a caution of its cluster speaks of, with what to do. */
export function withoutCopies(around: readonly Finding[], plans: readonly PhasePlan[]): Finding[] {
  const placeOf = ({ at, resource }: Finding) => `${at?.file} ${resource}`;
  const own = plans.flatMap(({ clusters }) => clusters.flatMap(({ findings }) => findings));
  const said = new Set(own.filter(({ rule }) => rule === "root-path-shared").map(placeOf));
  return around.filter((one) => one.rule !== "cluster-left-out" || one.level !== "info" || !said.has(placeOf(one)));
}

/** Whether it goes with the root that it repeats, as the plan of that cluster says. */
export function goesAtCleanup({ clusters }: RepoModel, { copyOf }: LeftOut): boolean {
  return clusters.some((cluster) => cluster.name === copyOf && instanceOf(cluster) !== undefined);
}

/** What an instance that says something else than the install makes Flux delete, object by object. */
const FOLLOWS = new Set<string>(["flux-may-go", "wanted-may-go"]);

/** What Flux would do with a phase, less what only follows from a FluxInstance that contradicts the install: that is said, and stops it. */
export function withoutConsequences<T extends { rule: string }>(findings: readonly T[], said: readonly Finding[]): T[] {
  const contradicts = said.some(({ rule }) => rule === "instance-contradiction");
  return findings.filter(({ rule }) => !contradicts || !FOLLOWS.has(rule));
}

/** Findings on lines of scripts, workflows and pages that a phase takes the ground from. */
const ON_LINES = new Set([
  "automation-applies-removed",
  "automation-installs-flux",
  "automation-names-removed",
  "docs-name-removed",
]);

/** Every `file:line` that a finding speaks of. */
function linesOf({ at, what }: Finding): string[] {
  const named = [...what.matchAll(/(?<![^\s,()])([^\s,()]+):(\d+)(?![\w.])/g)].map(
    ([, file, line]) => `${file}:${line}`,
  );
  return [...new Set([...(at ? [`${at.file}:${at.line}`] : []), ...named])];
}

/**
 * A phase without findings on lines that a phase before it in the same merge has spoken of: one line is replaced once, and the
 * earlier phase still sees what it did. A file that was edited in between has other line numbers, so all is said of it.
 */
export function withoutSaid(plan: PhasePlan, before: readonly PhasePlan[]): PhasePlan {
  const edited = new Set(before.flatMap(({ files }) => files.map(({ path }) => path)));
  const earlier = before.flatMap(({ clusters }) => clusters.flatMap(({ findings }) => findings));
  const said = new Set(earlier.filter(({ rule }) => ON_LINES.has(rule)).flatMap(linesOf));
  const isSaid = (finding: Finding): boolean =>
    ON_LINES.has(finding.rule) &&
    linesOf(finding).every((line) => said.has(line) && !edited.has(line.slice(0, line.lastIndexOf(":"))));
  if (said.size === 0) return plan;
  const clusters = plan.clusters.map((one) => ({ ...one, findings: one.findings.filter((item) => !isSaid(item)) }));
  return { ...plan, clusters };
}
