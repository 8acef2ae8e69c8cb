import { join } from "node:path";
import { findEmptyKustomizations } from "./idle/empty.ts";
import { findIdleEntries } from "./idle/entries.ts";
import { findIdleFiles } from "./idle/files.ts";
import { findIdleRepositories } from "./idle/helmfile.ts";
import { findIdleObjects } from "./idle/objects.ts";
import type { Builder } from "./kustomize.ts";
import { type Finding, findingText } from "./plan-json.ts";
import type { Data, Snapshot } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

/** Gate item 14 for one cluster, after cleanup: no source and no configuration is delivered that only the old install named. */
export function checkIdleObjects(
  objects: { before: Data[]; after: Data[] },
  trees: { before: Snapshot; after: Snapshot },
): GateResult {
  const verdict = new Verdict(14);
  for (const name of findIdleObjects({ ...objects, trees }))
    verdict.fail(`${name} is delivered, and what named it is gone`);
  return verdict.result();
}

export interface IdleInput {
  before: Snapshot;
  after: Snapshot;
  /** What the FluxKustomizations of all clusters build, before and after. */
  delivered: { before: Iterable<string>; after: Iterable<string> };
  /** Findings of all phases. */
  findings: Finding[];
  builder: Builder;
  scratch: string;
}

/** Gate item 14 over the whole tree, after cleanup of every cluster: nothing is left that serves only what is gone. */
export async function checkIdle(input: IdleInput): Promise<GateResult> {
  const verdict = new Verdict(14);
  const { before, after, findings, builder, scratch } = input;
  const isSaid = (file: string): boolean => findings.some((finding) => findingText(finding).includes(file));
  const shielded = new Set<string>();
  for (const { file, appliedBy, shields } of await findEmptyKustomizations(before, after, builder)) {
    const open = appliedBy.filter((by) => !isSaid(`${by.file}:${by.line}`));
    for (const by of open) verdict.fail(`${by.file}:${by.line} applies ${file}, which builds nothing`);
    if (shields.length === 0) verdict.fail(`${file} builds nothing and keeps nothing from being delivered`);
    else if (open.length === 0) verdict.note(`${file} is empty, so that ${shields.join(", ")} are not delivered`);
    for (const path of [file, ...shields]) shielded.add(path);
  }
  for (const file of findIdleFiles(input)) {
    if (shielded.has(file)) continue;
    if (isSaid(file)) verdict.note(`${file} is read by nothing any more, and a finding says so`);
    else verdict.fail(`${file} is read by nothing any more`);
  }
  for (const repository of findIdleRepositories(before, after)) verdict.fail(`${repository}, which no release uses`);
  const copy = join(scratch, "idle");
  for (const entry of await findIdleEntries({ before, after, builder, copy }))
    verdict.fail(`${entry}, which changes nothing any more`);
  return verdict.result();
}
