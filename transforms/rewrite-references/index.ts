import { instanceOf, stateOf } from "../../src/cluster/instances.ts";
import { isYamlPath } from "../../src/cluster/objects.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { sayFinding } from "../../src/findings/say.ts";
import { defineTransform, type TransformContext } from "../contract.ts";
import { findRemaining, keysOfOld, reportRemaining } from "../shared/references/remains.ts";
import { listRenames, type Rename } from "../shared/references/renames.ts";
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
    const { edits, findings, tree, assumed } = rewriteReferences(context, renames, { lookAhead });
    const remaining = findRemaining(context, tree, renames, keysOfOld(context), assumed);
    const refused = new Set(findings.map(({ at }) => at?.file));
    findings.push(
      ...remaining.filter(({ at }) => !refused.has(at.file)).map((item) => reportRemaining(item, context.phase)),
    );
    if (lookAhead) return { findings: findings.map(announce) };
    return { edits, findings: [...findings, ...reportUndelivered(context, renames)] };
  },
});

/** What will stop the cutover is better known before the install phase is merged. */
function announce(draft: DraftFinding): DraftFinding {
  const finding = sayFinding(draft);
  return {
    ...finding,
    rule: "cutover-will-stop",
    level: "caution",
    what: `The cutover will stop here. ${finding.what}`,
    next: `Nothing has to change before install is merged. Between install and cutover: ${finding.next.charAt(0).toLowerCase()}${finding.next.slice(1)}`,
  };
}

function reportUndelivered({ tree, cluster, model }: TransformContext, renames: readonly Rename[]): DraftFinding[] {
  const findings: DraftFinding[] = [];
  for (const rename of renames) {
    if (!rename.to || rename.group !== "source.toolkit.fluxcd.io") continue;
    const idle = tree
      .grep(rename.name)
      .filter(
        (file) =>
          isYamlPath(file) &&
          !model.clusters.some((other) => other.files.has(file)) &&
          /sourceRef/.test(tree.read(file) ?? ""),
      )
      .filter((file) => file !== cluster.root.file && file !== cluster.source?.file);
    const first = idle[0];
    if (first === undefined) continue;
    findings.push({
      rule: "undelivered-reference",
      level: "info",
      at: { file: first, line: 1, col: 1 },
      what: `${idle.length} file${idle.length === 1 ? "" : "s"} that nothing delivers still name${idle.length === 1 ? "s" : ""} ${rename.kind} ${rename.name}${idle.length > 1 ? ` (${idle.slice(0, 3).join(", ")}${idle.length > 3 ? ", …" : ""})` : ""}.`,
      why: "fluxlift leaves files alone that Flux does not read.",
      next: `Use ${rename.to.name} when you bring one of them back.`,
    });
  }
  return findings;
}
