import { generatedSource, stateOf } from "../cluster/instances.ts";
import { buildModel } from "../cluster/model.ts";
import { readGitRef } from "../cluster/running-source.ts";
import type { Cluster } from "../cluster/types.ts";
import { fillIn } from "../cluster/unfilled/fill.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding, SaidFinding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { getOrMake } from "../contract/group-by.ts";
import type { Options, Phase } from "../contract/options.ts";
import type { ClusterState, Standing } from "../contract/plan.ts";
import { operand, sh } from "../contract/shell.ts";
import type { GitFacts } from "../files/git.ts";
import { openRevision, resolveRevision } from "../files/revision.ts";
import type { Workspace } from "../files/snapshot.ts";
import { agreeOn } from "./agreed.ts";
import { remoteOf } from "./read-remote.ts";
import { isBlocker, NOT_PUSHED, type Route } from "./route.ts";
import type { PhaseContext } from "./run-transforms.ts";

export interface CommittedInput extends Pick<PhaseContext, "tree" | "model" | "phase" | "agreed"> {
  workspace: Workspace;
  remotes: readonly string[];
  route: Route;
}

interface Revision {
  /** Undefined for the checked-out tree, when that is what is committed. */
  id: string | undefined;
  label: string;
}

/**
 * Judges the phase order on the commit the cluster reads: the branch its source names where that is here, else HEAD,
 * never the working tree alone. Without git, or a commit, nothing is committed, and only `--direct` can say that the phase is there.
 */
export function checkCommitted(input: CommittedInput, cluster: Cluster, options: Options): DraftFinding[] {
  if (input.phase === "install") return [];
  const { git } = input.workspace;
  if (!git) return options.direct ? judge(input, cluster, options, undefined) : [unproven(input, cluster)];
  const { revision, findings } = judgeRead(input, cluster, options);
  const isNowhere = revision.id === undefined && git.head === undefined;
  if (isNowhere) return options.direct ? findings : [unproven(input, cluster)];
  if (options.unpushed) return findings;
  const reads = readsIn(input, cluster);
  const missing = findMissing(input, reads);
  if (missing !== undefined) return [...findings, notHere(input, cluster, { ...missing, remote: reads.remote })];
  const pushed = findings.some(isBlocker) ? undefined : findPushed(input, reads, revision);
  if (!pushed || !judge(input, cluster, options, pushed).some(isBlocker)) return findings;
  return [...findings, notPushed(input, cluster, { ...pushed, remote: reads.remote })];
}

/**
 * Where the newest phase in the tree has arrived: the tree itself, the commit, the branch that the cluster reads, the remote.
 * Undefined where there is none yet.
 */
export function findReached(
  input: CommittedInput,
  cluster: Cluster,
  options: Options,
): Omit<Standing, "choices"> | undefined {
  const found = WAY[stateOf(cluster)];
  if (!found) return undefined;
  const { phase, next } = found;
  const isIn = (revision: Revision | undefined) =>
    isReached({ ...input, phase: next ?? phase }, cluster, options, revision);
  const { git } = input.workspace;
  if (next && !isIn(undefined)) return { next: phase, reached: "begun" };
  const isWhole = (revision: Revision) => phase !== "install" && isBefore(input, cluster, options, revision);
  const at = (reached: Standing["reached"], behind: readonly Revision[] = [], into?: string) => {
    const isPushed = into !== undefined && isOnRemote(input.workspace) ? (true as const) : undefined;
    const whole = behind.some(isWhole) ? (true as const) : undefined;
    return { ...given({ next, into, isPushed, whole }), reached };
  };
  if (!git) return at("unproven");
  if (git.head === undefined) return at("tree");
  const head = headRevision(input);
  if (!isIn(head)) return at("tree", [{ ...head, id: git.head }]);
  const reads = { ...readsOf(cluster), remote: remoteOf(input.workspace, cluster) };
  const isHere = findMissing(input, reads) === undefined;
  // A cluster that is through says no more of its branch than the FluxInstance does; a clone need not have that.
  if (!isHere && !next) return at("read");
  const revisions = isHere ? listRevisions(input, reads) : [];
  const read = revisions.find(isIn);
  const other = reads.branch !== undefined && reads.branch !== git.branch ? reads.branch : undefined;
  const elsewhere = reads.tag && !reads.tag.isRange ? `tag ${reads.tag.name}` : other;
  if (!read) return at("branch", revisions, elsewhere);
  const pushed = findPushed(input, reads, read);
  if (pushed && !isIn(pushed)) return at(elsewhere === undefined ? "local" : "branch", [pushed], elsewhere);
  return at("read");
}

/** What the cluster reads, and the remote of this clone that has it. */
type Reads = Pick<Cluster, "branch" | "tag"> & { remote: string };

function readsIn({ workspace }: CommittedInput, cluster: Cluster): Reads {
  const { branch, tag } = cluster;
  return { ...given({ branch, tag }), remote: remoteOf(workspace, cluster) };
}

/** What the cluster reads; of the FluxInstance, where that generates the source and no patch of it may say otherwise. */
function readsOf(cluster: Cluster): Omit<Reads, "remote"> {
  const [instance] = cluster.instances;
  if (cluster.source || cluster.branch !== undefined || cluster.tag || !instance) return cluster;
  const isPatched = /\bref\b/.test(JSON.stringify(instance.spec.kustomize?.patches ?? []));
  return isPatched ? {} : readGitRef(generatedSource(instance));
}

/** Whether a revision lacks the install phase of the cluster, or a part of it. */
function isBefore(input: CommittedInput, { name }: Cluster, options: Options, { id }: Revision): boolean {
  const clusters = id === undefined ? [] : readRevision(input, id, options).model.clusters;
  return clusters.some((there) => there.name === name && ["not-started", "partly-installed"].includes(stateOf(there)));
}

const commits = new WeakMap<GitFacts, Map<string, { id: string | undefined }>>();

/** The commit that a revision names. By the snapshot, too: every cluster asks, and each answer is a start of git. */
function resolve({ root, git }: Workspace, rev: string): string | undefined {
  const known = git ? getOrMake(commits, git, () => new Map()) : new Map();
  return getOrMake(known, rev, () => ({ id: resolveRevision(root, rev) })).id;
}

/** Branches by their whole names: a tag of the same name would come first. */
const local = (branch: string): string => `refs/heads/${branch}`;
const onRemote = (branch: string, remote = "origin"): string => `refs/remotes/${remote}/${branch}`;

/** Whether the remote has the branch that is checked out, as far as it has. */
function isOnRemote(workspace: Workspace): boolean {
  const { git } = workspace;
  return git?.branch !== undefined && git.head !== undefined && resolve(workspace, onRemote(git.branch)) === git.head;
}

/** By what the tree shows: the phase that it has last, and the one after it. */
const WAY: Partial<Record<ClusterState, { phase: Phase; next?: Phase }>> = {
  installed: { phase: "install", next: "cutover" },
  "cut-over": { phase: "cutover", next: "cleanup" },
  done: { phase: "cleanup" },
};

/** Whether a revision, or the tree itself, has all that comes before `input.phase`; of a finished cluster, all of it. */
function isReached(input: CommittedInput, cluster: Cluster, options: Options, revision: Revision | undefined): boolean {
  if (stateOf(cluster) !== "done") return !judge(input, cluster, options, revision).some(isBlocker);
  if (revision?.id === undefined) return true;
  const { model } = readRevision(input, revision.id, options);
  return model.clusters.some((there) => there.name === cluster.name && stateOf(there) === "done");
}

/** By the snapshot: every cluster asks, and git would look at all files for each. */
const heads = new WeakMap<GitFacts, Revision>();

function headRevision({ workspace }: CommittedInput): Revision {
  const git = workspace.git!;
  // Of files that git was told to overlook it says no change, and no commit has any.
  const isCommitted = () => (workspace.overlooked ?? []).length === 0 && git.dirty().length === 0;
  return getOrMake(heads, git, () => ({
    id: isCommitted() ? undefined : git.head,
    label: git.branch ?? "HEAD",
  }));
}

/**
 * What is known here of the branch that the cluster reads: the local one and that of the remote, either of which may be
 * behind, or of the tag, else HEAD.
 */
function listRevisions(input: CommittedInput, { branch, tag, remote }: Reads): Revision[] {
  const { workspace } = input;
  const known = new Map<string, Revision>();
  const tagged = tag && resolve(workspace, `refs/tags/${tag.name}`);
  if (tagged !== undefined) return [{ id: tagged, label: `tag ${tag!.name}` }];
  if (branch !== undefined && branch !== workspace.git!.branch) {
    for (const [name, ref] of [
      [branch, local(branch)],
      [`${remote}/${branch}`, onRemote(branch, remote)],
    ] as const) {
      const id = resolve(workspace, ref);
      if (id !== undefined && !known.has(id)) known.set(id, { id, label: `branch ${name}` });
    }
  }
  return known.size > 0 ? [...known.values()] : [headRevision(input)];
}

/** What a cluster reads and a clone does not have. */
type Missing = { branch: string } | { tag: NonNullable<Cluster["tag"]> };

/**
 * The branch or tag that the cluster reads, where this is a clone that does not have it. Without a remote branch of its
 * own the checkout is none that was cloned, such as an unpacked archive, whose branch has any name.
 */
function findMissing({ workspace }: CommittedInput, reads: Reads): Missing | undefined {
  const { git } = workspace;
  const { branch, tag, remote } = reads;
  if (git?.branch === undefined) return undefined;
  const isKnown = (name: string) => resolve(workspace, name) !== undefined;
  // In a fork the branch of that name is not the one that the cluster reads.
  const own = branch ?? git.branch;
  if (!tag && remote !== "origin" && !isKnown(onRemote(own, remote))) return { branch: own };
  if (!tag && (branch === undefined || branch === git.branch)) return undefined;
  if (![onRemote(git.branch), onRemote(git.branch, remote)].some(isKnown)) return undefined;
  if (tag) return tag.isRange || !isKnown(`refs/tags/${tag.name}`) ? { tag } : undefined;
  return branch === undefined || isKnown(local(branch)) || isKnown(onRemote(branch, remote)) ? undefined : { branch };
}

/** What the phase before lacks where the cluster reads it, on the revision that has most of it. */
function judgeRead(input: CommittedInput, cluster: Cluster, options: Options) {
  const judged = listRevisions(input, readsIn(input, cluster)).map((revision) => ({
    revision,
    findings: judge(input, cluster, options, revision),
  }));
  return judged.find(({ findings }) => !findings.some(isBlocker)) ?? judged[0]!;
}

/** What the cluster can have read already, where it differs from the local branch. */
function findPushed({ workspace }: CommittedInput, reads: Reads, read: Revision): Revision | undefined {
  const branch = reads.branch ?? workspace.git?.branch;
  if (branch === undefined || reads.tag) return undefined;
  const id = resolve(workspace, onRemote(branch, reads.remote));
  const own = read.id ?? workspace.git?.head;
  return id === undefined || id === own ? undefined : { id, label: `${reads.remote}/${branch}` };
}

function judge(
  input: CommittedInput,
  cluster: Cluster,
  options: Options,
  revision: Revision | undefined,
): DraftFinding[] {
  const { tree, model, phase, route, agreed } = input;
  // The phase before counts whole: what this run leaves out must be there all the same.
  const whole = { ...options, only: [], skip: [] };
  const committed = { tree, model, agreed, label: revision?.label ?? "this tree" };
  if (revision?.id !== undefined) Object.assign(committed, readRevision(input, revision.id, whole));
  return route.checkCommitted({ transforms: route.transforms, cluster, phase, options: whole, committed });
}

/** What no cluster has of its own, and may be large. */
const OF_ALL = { facts: undefined, perCluster: undefined, clusters: undefined, accept: undefined, oci: undefined };
const models = new WeakMap<CommittedInput["agreed"], Map<string, ReturnType<typeof openAndRead>>>();

/** A revision is read once for all clusters of a phase that have the same settings. */
function readRevision(input: CommittedInput, id: string, options: Options): ReturnType<typeof openAndRead> {
  const known = getOrMake(models, input.agreed, () => new Map());
  return getOrMake(known, JSON.stringify([id, { ...options, ...OF_ALL }]), () => openAndRead(input, id, options));
}

function openAndRead({ workspace, remotes }: CommittedInput, id: string, options: Options) {
  const there = openRevision(workspace.root, id);
  const branch = workspace.git?.branch;
  const { tree } = fillIn({ tree: there, remotes, branch, options });
  const model = buildModel({ tree, remotes, branch, options });
  return { tree, model, agreed: agreeOn(model, () => options) };
}

function unproven({ phase, workspace: { git } }: CommittedInput, cluster: Cluster): SaidFinding {
  const lack = git ? "This repository has no commit" : "This folder is no git repository";
  return notProven(
    cluster,
    `${lack}, so nothing shows that the cluster has reconciled what comes before ${phase}.`,
    "Run this in a clone of the repository; or, when operator and instance are installed and Ready, say so with --direct.",
  );
}

function notHere({ phase }: CommittedInput, cluster: Cluster, missing: Missing & { remote: string }): SaidFinding {
  return notProven(
    cluster,
    `${sayMissing(missing)}, so nothing shows that it has what comes before ${phase}.`,
    `${adviseMissing(missing)} Where it has the phase before all the same, say so with --unpushed where the plan is made.`,
  );
}

function notProven({ root }: Cluster, what: string, next: string): SaidFinding {
  const why = "Phases merged together let kustomize-controller delete Flux before the operator has adopted it.";
  return { rule: "phase-not-proven", level: "blocker", at: lineOf(root.file), what, why, next };
}

function sayMissing(missing: Missing): string {
  if ("branch" in missing) return `This clone does not have ${missing.branch}, the branch that the cluster reads`;
  const { name, isRange } = missing.tag;
  if (!isRange) return `This clone does not have ${name}, the tag that the cluster reads`;
  return `The cluster reads the newest tag within ${name}, and which one that is is not looked up`;
}

function adviseMissing(missing: Missing & { remote: string }): string {
  const { remote } = missing;
  if ("branch" in missing) {
    const fetch = sh`git fetch ${operand(remote)} ${`${missing.branch}:refs/remotes/${remote}/${missing.branch}`}`.line;
    return `Fetch it (${fetch}), and merge every phase into it by itself.`;
  }
  const { name, isRange } = missing.tag;
  if (isRange) return "Tag every phase by itself, and wait until it is reconciled.";
  const fetch = sh`git fetch --force ${operand(remote)} ${`refs/tags/${name}:refs/tags/${name}`}`.line;
  return `Fetch it (${fetch}), and move it to every phase by itself.`;
}

function notPushed({ phase }: CommittedInput, cluster: Cluster, pushed: Revision & { remote: string }): SaidFinding {
  return {
    rule: NOT_PUSHED,
    level: "blocker",
    at: lineOf(cluster.root.file),
    what: `What comes before ${phase} is committed here but not in ${pushed.label}: one push of both lets Flux delete itself.`,
    why: "Flux applies the newest commit only; it never sees the phase in between.",
    next: `${pushed.remote === "origin" ? "Push the phase before" : `Have the phase before merged into ${pushed.label}, which the cluster reads`}, wait until it is reconciled, and write this one after that. If it is ${pushed.remote === "origin" ? "pushed" : "merged"}, \`${sh`git fetch ${operand(pushed.remote)}`.line}\` shows it here, or say so with --unpushed where the plan is made.`,
  };
}
