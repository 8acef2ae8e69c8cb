import { buildModel } from "../cluster/model.ts";
import type { FileChange } from "../contract/edit.ts";
import { RepoError } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import type { MergeSafety, Verdict } from "../contract/safety.ts";
import { VERSION } from "../contract/version.ts";
import { overlayTree } from "../files/overlay.ts";
import { listChangedPaths, mergeBase, openRevision, resolveRevision } from "../files/revision.ts";
import { checkMergeSafety, worstVerdict } from "./merge-safety.ts";
import { keepsAllObjects } from "./same-objects.ts";
import { findStarted } from "./started.ts";

/** What merging a change would do, for every cluster of the repository. Documented in docs/commands/verify.md. */
export interface VerifyReport {
  tool: "fluxlift";
  version: string;
  schema: 1;
  /** The commit compared from: where head left base. */
  base: { revision: string; commit: string };
  head: { revision: string; commit: string };
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
  head: string;
  remotes: readonly string[];
  artifactPath?: string;
  /** `Kind namespace/name` of losses and unknowns that the owner takes. */
  accept?: readonly string[];
}

/**
 * Judges the change from where `head` left `base` up to `head`, from git objects alone: nothing is checked out.
 * @throws RepoError `no-such-revision` when one of them names no commit.
 */
export function verifyChange(input: VerifyInput): VerifyReport {
  const { dir, remotes, artifactPath } = input;
  const [tip, head] = [commitOf(dir, input.base), commitOf(dir, input.head)];
  const base = mergeBase(dir, tip, head) ?? tip;
  const paths = listChangedPaths(dir, base, head);
  const before = openRevision(dir, base, paths);
  const next = openRevision(dir, head, paths);
  const changes = paths.map((path): FileChange => {
    // What is no text only has to be there.
    const after = next.has(path) ? (next.read(path) ?? "") : undefined;
    const old = before.has(path) ? (before.read(path) ?? "") : undefined;
    return { path, ...(old === undefined ? {} : { before: old }), ...(after === undefined ? {} : { after }) };
  });
  const after = overlayTree(before, changes);
  const options = { layout: "auto" as const, ...(artifactPath === undefined ? {} : { artifactPath }) };
  const search = { remotes, options };
  const model = buildModel({ tree: before, ...search });
  const clusters: VerifyReport["clusters"] = [];
  const change = { before, after, changed: new Set(paths) };
  const harmless = model.clusters.length === 0 && keepsAllObjects(change);
  const findings: Finding[] = model.clusters.length === 0 ? [nothingRecognised(paths[0], harmless)] : [];
  for (const cluster of model.clusters) {
    const adopted = cluster.instances.some(({ delivered }) => delivered);
    const result = checkMergeSafety(change, model, cluster, { adopted, accept: input.accept });
    clusters.push({ cluster: cluster.name, safety: result.safety });
    findings.push(...result.findings.map((finding) => ({ ...finding, cluster: cluster.name })));
  }
  const verdict = worstVerdict(
    clusters.length === 0 ? [harmless ? "safe" : "unproven"] : clusters.map(({ safety }) => safety.verdict),
  );
  for (const { finding, ...one } of findStarted(change, model, search)) {
    clusters.push(one);
    findings.push(finding);
  }
  return {
    tool: "fluxlift",
    version: VERSION,
    schema: 1,
    base: { revision: input.base, commit: base },
    head: { revision: input.head, commit: head },
    changed: paths.length,
    verdict,
    safe: verdict === "safe",
    clusters,
    findings,
  };
}

function commitOf(dir: string, revision: string): string {
  const commit = resolveRevision(dir, revision);
  if (commit) return commit;
  throw new RepoError(
    "no-such-revision",
    `${revision} names no commit of the repository at ${dir}`,
    "Name a commit, branch or tag that `git rev-parse` knows; in a shallow clone, fetch it first.",
  );
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
    next: "Check the folder with fluxlift scan.",
  };
}
