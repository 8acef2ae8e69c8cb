import { toKube } from "../../change/applied-release.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import type { Harm } from "../../change/types.ts";
import { isArchived } from "../../cluster/automation-files.ts";
import { objectsIn } from "../../cluster/objects.ts";
import { ANY_FLUX } from "../../cluster/scan.ts";
import { readReleaseSource, sourceRefOf } from "../../cluster/sources.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import type { Loc } from "../../contract/errors.ts";
import { andMore, likeMore, withOthers } from "../../contract/list-some.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../../contract/objects.ts";
import { describe } from "../../delivery/kinds.ts";
import { pointAt } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import { UPDATED_WENT, usesUpdated } from "../../references/flux/update-message.ts";
import { isAccepted } from "../../release/flux-apis.ts";
import { newestFitting, readRange } from "../../release/ranges.ts";
import {
  atLeast,
  compareFluxVersions,
  type FluxVersion,
  formatFluxVersion,
  parseFluxVersion,
} from "../../release/releases.ts";
import { versionOf as installedVersion, readHeld, resolveDistribution } from "./operator-set.ts";

export interface NeedsInput extends ClusterChange {
  given: Pick<Given, "before" | "after">;
  old: InstanceDescription | undefined;
  now: InstanceDescription | undefined;
}

/**
 * Objects of the tree that another Flux serves no more: API versions that a newer release has dropped (flux-facts 6.3), and
 * labels of a shard that the FluxInstance gives up.
 */
export function findNeeds(input: NeedsInput, versions: Upgrade | undefined): Harm[] {
  const shards = findShards(input);
  if (!versions && shards.length === 0) return [];
  const objects = listFluxObjects(input);
  return [
    ...(versions ? [reportApis(input, versions, objects), reportMessages(input, versions, objects)] : []),
    ...shards.map((one) => reportShard(input, one, objects)),
  ].flat();
}

export interface Upgrade {
  from: FluxVersion;
  to: FluxVersion;
  /** What says so. */
  resource: string;
  at: Loc;
}

/** A newer minor of Flux that the change brings. */
export function findUpgrade(input: NeedsInput): Upgrade | undefined {
  const found = findOther(input);
  return found && found.from.minor < found.to.minor ? found : undefined;
}

/** An older minor that it brings in a way that no operator keeps it from: one that did so before does not go below it. */
export function findDowngrade(input: NeedsInput): Upgrade | undefined {
  const found = input.old && input.now ? undefined : findOther(input);
  return found && found.from.minor > found.to.minor ? found : undefined;
}

/**
 * Another Flux that the change brings: by the FluxInstance, which a first one takes over from the install, by the
 * release artifact that Flux is installed from, or by the line of another install that says its version.
 */
function findOther(input: NeedsInput): Upgrade | undefined {
  const { old, now, cluster, before, after } = input;
  const own = [old, now].map((one) => {
    const said = one?.spec.distribution;
    return said && (said.version !== undefined || readHeld(said)) ? resolveDistribution(said) : undefined;
  });
  if (!old) own[0] = installedVersion(cluster, undefined);
  if (now && own[0] && own[1]) return ofOneMajor(own[0], own[1], { resource: describe(now.object), at: now.at });
  for (const [source, next] of pairSources(input)) {
    const [version, later] = [versionOfRelease(source), versionOfRelease(next)];
    // Others of the same file are not changed.
    if (version && later && compareFluxVersions(version, later) !== 0)
      return ofOneMajor(version, later, pointAt(after, next, ["spec", "ref"]));
  }
  const { value = "", at } = cluster.install?.version ?? {};
  const [from, to] = [parseFluxVersion(value), at && readSameLine(value, at, before, after)];
  return from && to && at && ofOneMajor(from, to, { resource: "Flux", at });
}

/** Whether every line that begins as that of the version does says what it did, whatever else of the file is edited. */
export function keepsVersion({ cluster, before, after }: Pick<NeedsInput, "cluster" | "before" | "after">): boolean {
  const { value = "", at } = cluster.install?.version ?? {};
  const lead = at && leadOf(value, at, before);
  if (!at || lead === undefined) return false;
  const [old, now] = [before, after].map((tree) => linesOf(tree, at.file).filter((one) => one.startsWith(lead)));
  return JSON.stringify(old) === JSON.stringify(now);
}

const linesOf = (tree: Tree, file: string): string[] => (tree.read(file) ?? "").split("\n").map((one) => one.trim());

/** What stands before the version in its line. */
function leadOf(value: string, { file, line }: Loc, before: Tree): string | undefined {
  const digits = value.replace(/^v/, "");
  const [lead = "", rest] = digits === "" ? [] : (linesOf(before, file)[line - 1] ?? "").split(digits);
  return lead === "" || rest === undefined ? undefined : lead;
}

/** The version in the line that begins as that of the tree before does: `# Flux Version: v2.8.3`. */
function readSameLine(value: string, at: Loc, before: Tree, after: Tree): FluxVersion | undefined {
  const lead = leadOf(value, at, before);
  if (lead === undefined) return undefined;
  const found = linesOf(after, at.file).find((one) => one.startsWith(lead));
  return parseFluxVersion(/^\d+\.\d+\.\d+/.exec(found?.slice(lead.length) ?? "")?.[0] ?? "");
}

/** Sources on both sides as they are applied; what nothing applies, as its file writes it. */
function pairSources({ given, removed, added, model, cluster, isDelivered }: NeedsInput): [KubeObject, KubeObject][] {
  const applied = [...given.before.objects].flatMap(([key, { object }]): [KubeObject, KubeObject][] => {
    if (!RELEASES.includes(object.kind)) return [];
    const now = given.after.objects.get(key)?.object;
    const [source, next] = [toKube(object), now && toKube(now)];
    return source && next ? [[source, next]] : [];
  });
  const names = new Set(applied.map(([{ kind, name }]) => `${kind}/${name}`));
  // Another cluster has its own. What this one reads, and no root delivers, somebody has applied beside the root.
  const refs = cluster.kustomizations.map(({ object }) => sourceRefOf(object.data.spec, object.namespace));
  const read = new Set(refs.map((ref) => `${ref?.kind}/${ref?.name}`));
  const isBeside = ({ file, kind, name }: KubeObject) =>
    read.has(`${kind}/${name}`) && !isArchived(file) && !model.clusters.some(({ files }) => files.has(file));
  const written = removed.filter(
    (one) => (isDelivered(one.file) || isBeside(one)) && !names.has(`${one.kind}/${one.name}`),
  );
  const pairs = written.flatMap((source): [KubeObject, KubeObject][] => {
    const next = added.find(({ kind, name }) => kind === source.kind && name === source.name);
    return next ? [[source, next]] : [];
  });
  return [...applied, ...pairs];
}

const RELEASES = ["OCIRepository", "GitRepository"];

/** The release that a source holds; of a range the newest that fits it. */
export function versionOfRelease(source: KubeObject): FluxVersion | undefined {
  const release = readReleaseSource(source, "manifests/install");
  const range: unknown = source.data.spec?.ref?.semver;
  const test = release && typeof range === "string" ? readRange(range) : undefined;
  if (test) return newestFitting(test);
  return release?.version && parseFluxVersion(release.version.text);
}

function ofOneMajor(from: FluxVersion, to: FluxVersion, where: Pick<Upgrade, "resource" | "at">): Upgrade | undefined {
  return from.major === to.major ? { from, to, ...where } : undefined;
}

/** Flux objects of the files that the cluster reads after the change. */
function listFluxObjects({ after, isDelivered }: NeedsInput): KubeObject[] {
  return objectsIn(after, after.grep(ANY_FLUX).filter(isDelivered));
}

function reportApis({ after }: NeedsInput, { from, to }: Upgrade, objects: readonly KubeObject[]): Harm | [] {
  const dropped = objects.filter(
    ({ apiVersion, kind }) => isAccepted(apiVersion, kind, from) && !isAccepted(apiVersion, kind, to),
  );
  const [first, ...rest] = dropped;
  if (!first) return [];
  return {
    ...pointAt(after, first, ["apiVersion"]),
    ...withOthers(rest.map(describe)),
    what: `Flux ${formatFluxVersion(to)} serves ${first.apiVersion} no more, and ${describe(first)}${andMore(rest.length)} still ${rest.length > 0 ? "use" : "uses"} what it drops: Flux applies nothing more of what holds ${rest.length > 0 ? "them" : "it"}.`,
    why: `Flux ${formatFluxVersion(from)} serves it. An object of a version that the API server does not know fails its whole Kustomization.`,
    next: "Bring the objects to the newer versions first: fluxlift migrate --upgrade-apis, or flux migrate.",
  };
}

/** Messages of image automation that a newer Flux refuses. */
function reportMessages({ after }: NeedsInput, { from, to }: Upgrade, objects: readonly KubeObject[]): Harm | [] {
  if (atLeast(from, UPDATED_WENT) || !atLeast(to, UPDATED_WENT)) return [];
  const all = objects.filter((one) => one.kind === "ImageUpdateAutomation");
  const [first, ...rest] = all.filter((one) => usesUpdated(bodyOf(one).spec?.git?.commit?.messageTemplate));
  if (!first) return [];
  return {
    ...pointAt(after, first, ["spec", "git", "commit", "messageTemplate"]),
    ...withOthers(rest.map(describe)),
    what: `Flux ${formatFluxVersion(to)} fills in .Updated no more, which the message of ${describe(first)} uses${likeMore(rest.length)}: it commits nothing any more.`,
    why: `image-automation-controller stalls at it since Flux ${UPDATED_WENT}.`,
    next: "Write the message with .Changed first.",
  };
}

const SHARD_KEY = "sharding.fluxcd.io/key";

interface Shard {
  key: string;
  name: string;
}

/** Shards that the FluxInstance gives up. */
function findShards({ old, now }: NeedsInput): Shard[] {
  const read = (sharding: YamlData): string[] => itemsOf(sharding?.shards).map(String);
  const [was, is] = [old?.spec.sharding, now?.spec.sharding];
  if (!old || !now) return [];
  const key = typeof was?.key === "string" ? was.key : SHARD_KEY;
  const kept = new Set(!is || (is.key ?? SHARD_KEY) !== key ? [] : read(is));
  return read(was).flatMap((name) => (kept.has(name) ? [] : [{ key, name }]));
}

function reportShard({ after, now }: NeedsInput, { key, name }: Shard, objects: readonly KubeObject[]): Harm | [] {
  const labelled = objects.filter((one) => bodyOf(one).metadata?.labels?.[key] === name);
  const [first, ...rest] = labelled;
  if (!first || !now) return [];
  return {
    ...pointAt(after, first, ["metadata", "labels", key]),
    ...withOthers(rest.map(describe)),
    what: `The FluxInstance gives up shard ${name}, and ${describe(first)}${andMore(rest.length)} still belong to it: no controller looks after them any more.`,
    why: "The other controllers leave out what has such a label, and report no error.",
    next: `Take the label ${key} out first, or name another shard.`,
  };
}
