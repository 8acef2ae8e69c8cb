import { listGenerated } from "../change/generated-values.ts";
import { readSettings, type SafetySettings } from "../change/settings.ts";
import type { TreeChange } from "../change/types.ts";
import { buildModel } from "../cluster/model.ts";
import { findOutsideClusters } from "../cluster/outside/roots.ts";
import type { RepoModel } from "../cluster/types.ts";
import { hideCredentialsIn } from "../contract/address.ts";
import type { FileChange } from "../contract/edit.ts";
import type { Finding } from "../contract/finding.ts";
import { once } from "../contract/once.ts";
import { pushAll } from "../contract/push-all.ts";
import type { MergeSafety, Verdict } from "../contract/safety.ts";
import { VERSION } from "../contract/version.ts";
import { describe } from "../delivery/kinds.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import type { RenderChart } from "../files/helm.ts";
import { type Merge, type MergeMethod, openMerge } from "../files/merge.ts";
import { readTrailers, type TrailerCommit } from "../files/trailers.ts";
import type { Tree } from "../files/tree.ts";
import type { Uncommitted } from "../files/uncommitted.ts";
import {
  type Acceptance,
  makeAcceptances,
  readAcceptFlags,
  readTrailerAcceptances,
  TRAILER,
} from "./fate/acceptance.ts";
import { reportIdle, reportMerge, reportSubmodules, reportUncounted } from "./merge-findings.ts";
import { checkMergeSafety, worstVerdict } from "./merge-safety.ts";
import { judgeOutside, reportMovedStarts } from "./outside.ts";
import { reportAssumed } from "./sources/published.ts";
import { findStarted } from "./started.ts";
import { withoutRewritten } from "./unknown/rewritten.ts";
import { keepsAllObjects } from "./unknown/same-objects.ts";

/** What merging a change would do, for every cluster of the repository. Documented in docs/commands/verify.md. */
export interface VerifyReport {
  tool: "fluxlift";
  version: string;
  schema: 1;
  /** The commit whose tree counts as before: what the change is merged into; for `unmerged` where the change left it. */
  base: { revision: string; commit: string };
  /** The change; what is not committed stands on `commit`. */
  head: { revision: string; commit: string; uncommitted?: Uncommitted };
  /** How the tree after the merge was found, and the files that git cannot merge. */
  merge: { method: MergeMethod; conflicts: readonly string[]; refusal?: string };
  /** Files that differ. */
  changed: number;
  verdict: Verdict;
  /** Whether the verdict is `safe`: nothing goes. */
  safe: boolean;
  clusters: { cluster: string; safety: MergeSafety }[];
  findings: Finding[];
}

export interface VerifyInput {
  /** Folder of the repository, or below it. */
  dir: string;
  base: string;
  /** A revision; not looked at for what is not committed yet. */
  head: string;
  uncommitted?: Uncommitted | undefined;
  remotes: readonly string[];
  artifactPath?: string;
  /** Folders of the repository that Flux starts from although no file of it says so. */
  roots?: readonly string[];
  /** Renders charts that lie in the repository; without it what they make is not known. */
  render?: RenderChart;
  /** Losses and unknowns that the caller takes, as `--accept` names them. */
  accept?: readonly string[];
  /** Whether the trailers of the commits of the change count as well. */
  acceptTrailers?: boolean;
  /** What stands in the tree that the change is merged into; a change never decides about its own verdict. */
  configure?: (base: { tree: Tree; commit: string }, changed: readonly string[]) => Configured;
}

/** What the owner has settled, and what is to be said about that. */
export interface Configured {
  settings?: SafetySettings;
  accept?: readonly Acceptance[];
  artifactPath?: string | undefined;
  roots?: readonly string[];
  findings?: readonly Finding[];
}

/** A report with what it was made from, for those who show the change itself. */
export interface VerifiedChange {
  report: VerifyReport;
  /** Every file that differs; what is no text is empty on both sides. */
  listChanges: () => FileChange[];
  /** Files that become Secrets, before or after: their content is not to be shown. */
  listSecretFiles: () => ReadonlySet<string>;
}

/**
 * Judges what merging `head` into `base` does, from git objects alone: nothing is checked out, nothing is written.
 * @throws RepoError where one of them names no commit, or their histories do not meet.
 */
export function verifyChange(input: VerifyInput): VerifiedChange {
  const merge = openMerge(input.dir, input);
  return judgeMerge(merge, input, () => readTrailers(input.dir, merge.base, merge.head, TRAILER));
}

/** What `verifyChange` says of a merge, wherever its trees lie. */
export function judgeMerge(
  merge: Merge,
  input: VerifyInput,
  listTrailers: () => readonly TrailerCommit[],
): VerifiedChange {
  const { remotes, uncommitted } = input;
  const { before, after, changed } = merge;
  const configured = input.configure?.({ tree: before, commit: merge.base }, changed) ?? {};
  const artifactPath = input.artifactPath ?? configured.artifactPath;
  const settings = readSettings(configured.settings);
  const options = { layout: "auto" as const, ...(artifactPath === undefined ? {} : { artifactPath }) };
  const search = { remotes, options };
  const model = buildModel({ tree: before, ...search });
  const clusters: VerifyReport["clusters"] = [];
  const change = withoutRewritten({ before, after, changed: new Set(changed) });
  const trailers = once(() => readTrailerAcceptances(listTrailers()));
  const counted = input.acceptTrailers ? trailers() : { accepted: [], unread: [] };
  const flags = readAcceptFlags(input.accept ?? []);
  const accept = makeAcceptances([...counted.accepted, ...flags, ...(configured.accept ?? [])]);
  const given = [...(input.roots ?? []), ...(configured.roots ?? [])];
  const outside = findOutsideClusters(before, model, { given, artifactPath });
  const all = { ...model, clusters: [...model.clusters, ...outside.map(({ cluster }) => cluster)] };
  const started = findStarted(change, model, search);
  const keeps = all.clusters.length > 0 || keepsAllObjects(change);
  // A cluster that comes with the change says more than that there was none before.
  const begins = started.length > 0 && keeps;
  const whole = [
    ...(configured.findings ?? []),
    ...reportMerge(merge, input.base),
    ...reportSubmodules(merge.submodules, listSubmoduleReaders(model)),
    ...reportMovedStarts(change, model.clusters),
    ...(all.clusters.length === 0 && !begins ? [nothingRecognised(changed[0], keeps)] : []),
  ];
  const findings = [...whole];
  const said = { accept, settings, artifactPath, render: input.render };
  for (const cluster of model.clusters) {
    const adopted = cluster.instances.some(({ delivered }) => delivered);
    const result = checkMergeSafety(change, all, cluster, { adopted, ...said });
    clusters.push({ cluster: cluster.name, safety: result.safety });
    for (const finding of result.findings) findings.push({ ...finding, cluster: cluster.name });
    findings.push(...reportAssumed(before, cluster, artifactPath));
  }
  for (const { findings: found, ...one } of judgeOutside(change, all, outside, said)) {
    clusters.push(one);
    pushAll(findings, found);
  }
  const open = whole.some(({ level }) => level === "blocker");
  const verdict = worstVerdict([open ? "unproven" : "safe", ...clusters.map(({ safety }) => safety.verdict)]);
  for (const { finding, ...one } of started) {
    clusters.push(one);
    findings.push(finding);
  }
  findings.push(...reportIdle(accept.listIdle(), counted.unread));
  if (!input.acceptTrailers && !isPassed(verdict)) findings.push(...reportUncounted(trailers().accepted));
  const report: VerifyReport = {
    tool: "fluxlift",
    version: VERSION,
    schema: 1,
    base: { revision: input.base, commit: merge.base },
    head: { revision: input.head, commit: merge.head, ...(uncommitted ? { uncommitted } : {}) },
    merge: {
      method: merge.method,
      conflicts: merge.conflicts,
      ...(merge.refusal === undefined ? {} : { refusal: merge.refusal }),
    },
    changed: changed.length,
    verdict,
    safe: verdict === "safe",
    clusters,
    findings: hideCredentialsIn(findings),
  };
  return {
    report,
    listChanges: () => changed.map((path) => changeOf(merge, path)),
    listSecretFiles: () => new Set([before, after].flatMap(secretFilesOf)),
  };
}

function changeOf({ before, after }: Pick<TreeChange, "before" | "after">, path: string): FileChange {
  const [old, now] = [before, after].map((tree) => (tree.has(path) ? (tree.read(path) ?? "") : undefined));
  // A submodule is no file of either tree.
  if (old === undefined && now === undefined) return { path, before: "", after: "" };
  return { path, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) };
}

/** What secretGenerators of a tree read. */
function secretFilesOf(tree: Tree): string[] {
  const files = tree.grep("secretGenerator").filter(isKustomizationFile);
  const made = files.flatMap((file) => listGenerated(tree, file)).filter(({ kind }) => kind === "Secret");
  return made.flatMap(({ reads }) => reads);
}

/** Whether nothing stops the merge. */
export function isPassed(verdict: Verdict): boolean {
  return verdict === "safe" || verdict === "deletes";
}

function listSubmoduleReaders({ objects }: RepoModel): string[] {
  const readers = objects.filter(({ kind, data }) => kind === "GitRepository" && data.spec?.recurseSubmodules === true);
  return [...new Set(readers.map(describe))];
}

function nothingRecognised(file: string | undefined, harmless: boolean): Finding {
  return {
    rule: "safety-unknown",
    level: harmless ? "info" : "blocker",
    ...(file === undefined ? {} : { at: { file, line: 1, col: 1 } }),
    what: harmless
      ? "No cluster was recognised at the base, but whatever reads these files loses no object by this change."
      : "No cluster was recognised at the base, so nothing can be said about what Flux will do.",
    why: "A cluster is told by a source and a root Kustomization, or by a FluxInstance, in the repository.",
    next: "If Flux starts from a folder of this repository, name it with --root FOLDER; fluxlift scan shows what was looked for.",
  };
}
