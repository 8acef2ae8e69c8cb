import { instanceOf, stateOf } from "../../src/cluster/instances.ts";
import { isYamlPath } from "../../src/cluster/objects.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { sayFinding } from "../../src/findings/say.ts";
import { defineTransform, type TransformContext } from "../contract.ts";
import { findRemaining, reportRemaining } from "../shared/references/remains.ts";
import { listRenames, type Rename, SOURCE } from "../shared/references/renames.ts";
import { rewriteReferences } from "./rewrite.ts";

/**
 * Points everything the cluster delivers at the generated source and root and away from the old install. Files that
 * nothing delivers stay as they are; the old source, root and install themselves go in their own transform.
 */
export default defineTransform({
  id: "rewrite-references",
  title: "Rewrite references to source, root and old install",
  phases: ["cutover", "install"],
  applies: ({ cluster, phase }) =>
    phase === "install" ? !["cut-over", "done"].includes(stateOf(cluster)) : instanceOf(cluster) !== undefined,
  run(context) {
    const renames = listRenames(context.cluster, context.options);
    const lookAhead = context.phase === "install";
    const { edits, findings, tree, assumed } = rewriteReferences(context, renames, lookAhead);
    const remaining = findRemaining(context, tree, renames, assumed);
    const refused = new Set(findings.map(({ at }) => at?.file));
    const left = remaining.filter(({ at }) => !refused.has(at.file));
    findings.push(...left.map((item) => reportRemaining(item, context.phase)));
    if (lookAhead) return { findings: findings.map(announce) };
    return { edits, findings: [...findings, ...reportUndelivered(context, renames)] };
  },
});

/** What will stop the cutover is better known before the install phase is merged. */
function announce(draft: DraftFinding): DraftFinding {
  const finding = sayFinding(draft);
  const what = `The cutover will stop here. ${finding.what}`;
  const then = finding.next.charAt(0).toLowerCase() + finding.next.slice(1);
  const next = `Nothing has to change before install is merged. Between install and cutover: ${then}`;
  return { ...finding, rule: "cutover-will-stop", level: "caution", what, next };
}

function reportUndelivered({ tree, cluster, model }: TransformContext, renames: readonly Rename[]): DraftFinding[] {
  const isIdle = (file: string) =>
    isYamlPath(file) &&
    !model.clusters.some((other) => other.files.has(file)) &&
    file !== cluster.root.file &&
    file !== cluster.source?.file &&
    /sourceRef/.test(tree.read(file) ?? "");
  return renames.flatMap(({ kind, group, name, to }): DraftFinding[] => {
    const idle = to && group === SOURCE ? tree.grep(name).filter(isIdle) : [];
    const [first] = idle;
    if (first === undefined) return [];
    const names =
      idle.length === 1
        ? "1 file that nothing delivers still names"
        : `${idle.length} files that nothing delivers still name`;
    const list = idle.length > 1 ? ` (${idle.slice(0, 3).join(", ")}${idle.length > 3 ? ", …" : ""})` : "";
    return [
      {
        rule: "undelivered-reference",
        level: "info",
        at: lineOf(first),
        what: `${names} ${kind} ${name}${list}.`,
        why: "fluxlift leaves files alone that Flux does not read.",
        next: `Use ${to} when you bring one of them back.`,
      },
    ];
  });
}
