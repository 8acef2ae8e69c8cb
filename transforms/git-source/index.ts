import { readable } from "../../src/contract/answer.ts";
import type { FactFinding } from "../../src/contract/finding.ts";
import { given } from "../../src/contract/given.ts";
import type { Tree } from "../../src/files/tree.ts";
import { combine, defineTransform, type Outcome, withTarget } from "../contract.ts";
import { addCompanion } from "../shared/oci/companion.ts";
import { editUnshared, findOtherGit, findUses, moveOf, pointAtUse } from "../shared/oci/find-uses.ts";
import { branchOf, effectiveSource } from "../shared/oci/sync.ts";
import type { SourceMove } from "../shared/oci/template-text.ts";
import type { InstanceSync } from "../shared/oci/types.ts";
import { operationsOf, type SourceUse } from "../shared/oci/uses.ts";
import { docsIn } from "../shared/read.ts";

/**
 * Keeps a GitRepository, under a name of its own, for what cannot read an artifact: image automation, charts that lie in
 * this repository, and includes. The generated one disappears at the switch (flux-facts 1.5 and 6.2, traps 48 and 49).
 */
export default defineTransform({
  id: "git-source",
  title: "Keep a GitRepository for what must stay on Git",
  phases: ["prepare"],
  run: withTarget((context, target) => {
    const { sync } = target;
    const move = moveOf(context, sync);
    const found = findUses(context, move, ["stays", "unknown"]);
    const { tree, before, cluster } = context;
    // A file that another cluster shares has been edited for that one already; this one needs the source all the same.
    const were = findUses({ tree: before, cluster }, move, ["stays", "unknown"]);
    if (found.length === 0 && were.length === 0) return {};
    if (sync.kind !== "GitRepository") {
      return {
        findings: found.flatMap(({ file, uses }) => uses.map((use) => reportIdleReader(tree, file, use, move))),
      };
    }
    const parts: Outcome[] = [];
    if (!findOtherGit(cluster, sync)) {
      const added = addCompanion(context, sync, {
        file: "gitrepository",
        data: describeGit(sync, move.gitName),
        why: "Charts in this repository and image automation read Git; the generated GitRepository goes at the switch.",
        evidence: were.map(({ file, uses }) => pointAtUse(before, file, uses[0]!).at),
      });
      parts.push(added);
    }
    for (const { file, uses } of were)
      parts.push({ findings: uses.map((use) => reportStayer(before, file, use, move.gitName, sync.pullSecret)) });
    const why = `Read Git through ${move.gitName}, which stays.`;
    for (const { file, uses } of found)
      parts.push(editUnshared(context, target, file, operationsOf(uses), why, uses[0]));
    return combine(...parts);
  }),
});

/** The generated source with all its patches, by branch: image automation pushes to the branch its source names. */
function describeGit(sync: InstanceSync, name: string) {
  const source = readable(effectiveSource(sync));
  const branch = branchOf(sync);
  return {
    ...source,
    metadata: { ...source?.metadata, name },
    spec: { ...source?.spec, ...(branch && source?.spec?.ref?.name === sync.ref ? { ref: { branch } } : {}) },
  };
}

/** One referrer that goes on reading Git. */
function reportStayer(tree: Tree, file: string, use: SourceUse, source: string, secret?: string): FactFinding {
  const kind = use.kind || "object";
  const place = pointAtUse(tree, file, { ...use, kind });
  const facts = { resource: place.resource, kind, source, secret };
  if (use.verdict === "unknown") return { rule: "oci-reader-unknown", level: "caution", ...place, facts };
  const data =
    kind === "ImageUpdateAutomation" ? docsIn(tree.read(file)).find((one) => one.index === use.doc)?.data : {};
  const skips = SKIPS.exec(String(data?.spec?.git?.commit?.messageTemplate ?? ""))?.[0];
  return {
    rule: "stays-on-git",
    level: skips ? "caution" : "info",
    ...place,
    facts: { ...facts, ...given({ skips }) },
  };
}

/** What keeps GitHub, Forgejo, GitLab, Azure DevOps or Bitbucket from running jobs for a commit. */
const SKIPS = /\[(?:skip[ -](?:ci|actions)|(?:ci|actions)[ -]skip|no ci)\]|\*{3}NO_CI\*{3}/i;

/** A referrer that was left behind by a switch somebody made before. */
function reportIdleReader(tree: Tree, file: string, use: SourceUse, move: SourceMove): FactFinding {
  const place = pointAtUse(tree, file, { ...use, kind: use.kind || "object" });
  const facts = { resource: place.resource, source: move.name, instead: move.gitName };
  return { rule: "oci-reader-lost", level: "blocker", ...place, facts };
}
