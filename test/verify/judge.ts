import { DEFAULTS } from "../../src/change/settings.ts";
import { buildModel } from "../../src/cluster/model.ts";
import type { SaidFinding } from "../../src/contract/finding.ts";
import type { Facts } from "../../src/contract/options.ts";
import type { MergeSafety } from "../../src/contract/safety.ts";
import { makeAcceptances, readAcceptFlags } from "../../src/safety/fate/acceptance.ts";
import { checkMergeSafety } from "../../src/safety/merge-safety.ts";
import { memoryTree } from "../support/memory.ts";

export type Files = Record<string, string>;
/** `undefined` removes a file. */
export type Edits = Record<string, string | undefined>;

export interface Verdict {
  safety: MergeSafety;
  findings: SaidFinding[];
  /** Rules of the blockers. */
  blockers: string[];
  /** `outcome Kind namespace/name` of what may go although it is wanted. */
  wanted: string[];
  /** The same of what is meant to go. */
  meant: string[];
}

/** What `verify` says of a change, without git: the first cluster, its operator taken to have reconciled its instance. */
export function judge(
  tree: Files,
  edits: Edits,
  index = 0,
  facts?: Facts,
  accept: string[] = [],
  settings = DEFAULTS,
): Verdict {
  const later: Files = { ...tree };
  for (const [path, text] of Object.entries(edits)) {
    if (text === undefined) delete later[path];
    else later[path] = text;
  }
  const changed = new Set(Object.keys(edits).filter((path) => tree[path] !== later[path]));
  const before = memoryTree(tree);
  const model = buildModel({ tree: before, remotes: [], options: { layout: "auto" } });
  const cluster = model.clusters[index];
  if (!cluster) throw new Error("no cluster");
  const adopted = cluster.instances.some(({ delivered }) => delivered);
  const { safety, findings } = checkMergeSafety({ before, after: memoryTree(later), changed }, model, cluster, {
    adopted,
    facts,
    settings,
    accept: makeAcceptances(readAcceptFlags(accept)),
  });
  const list = (wanted: boolean) =>
    safety.dangers
      .filter((one) => one.wanted === wanted)
      .map(({ outcome, resource }) => `${outcome} ${resource}`)
      .sort();
  return {
    safety,
    findings,
    blockers: [...new Set(findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule))].sort(),
    wanted: list(true),
    meant: list(false),
  };
}
