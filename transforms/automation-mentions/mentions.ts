import { repositoryPath } from "../../src/cluster/graph.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { given } from "../../src/contract/given.ts";
import type { Phase } from "../../src/contract/options.ts";
import type { TransformContext } from "../contract.ts";
import type { Mention } from "../shared/automation/applies.ts";
import { stateOwnerOf } from "./state-owners.ts";

/** The lines of a file that name what goes, as one finding. @param isGone whether the migration is through */
export function reportMentions(
  context: TransformContext,
  mentions: readonly Mention[],
  phase: Phase | "migration",
  isGone?: true,
): DraftFinding {
  const { file, told } = mentions[0]!.line;
  const isRule = file.kind === "lint" || file.kind === "renovate";
  const list = mentions.map(({ line, word, match }) => {
    // What a run fills in may be another cluster's as well: the same line is then said once for all of them.
    const isOpen = /[${*?]/.test(word.text) || match.bySearch || isRule;
    const named = match.certain ? match.target.path : isOpen ? word.text : `perhaps ${match.target.path}`;
    return `${line.file.path}:${line.told} (${named})`;
  });
  const owner = mentions.map(({ line }) => stateOwnerOf(context.tree, line)).find((one) => one !== undefined);
  const more = given({ owner, begins: beginsAt(context, mentions), isGone });
  const facts = { phase: phase, mentions: list, isRule, ...more };
  return { rule: "automation-names-removed", level: isRule ? "info" : "caution", at: lineOf(file.path, told), facts };
}

/** Programs that look for FluxKustomizations below a folder, and render what they build. */
const RENDERER = /\bflux-local\b|\bflate\b/;

/** Where such a program finds all that it found beside source and root, when their folder goes: what the root builds. */
function beginsAt({ cluster }: TransformContext, mentions: readonly Mention[]): string | undefined {
  const isStart = mentions.some(({ match: { target } }) => !target.isFile && target.roles.includes("instance"));
  if (!isStart || !RENDERER.test(mentions[0]!.line.file.text)) return undefined;
  return repositoryPath(cluster.root.data.spec, cluster.artifactRoot) || undefined;
}
