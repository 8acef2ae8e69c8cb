import { isYamlPath, readObjects } from "../cluster/objects.ts";
import { ANY_FLUX } from "../cluster/scan.ts";
import { readReleaseSource } from "../cluster/sources.ts";
import type { InstanceDescription } from "../cluster/types.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { describe } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import { isAccepted } from "../release/flux-apis.ts";
import { type FluxVersion, formatFluxVersion, parseFluxVersion } from "../release/releases.ts";
import type { ClusterChange } from "./change.ts";
import { versionOf as installedVersion, resolveDistribution } from "./operator-set.ts";
import type { Harm } from "./types.ts";

interface NeedsInput extends ClusterChange {
  old: InstanceDescription | undefined;
  now: InstanceDescription | undefined;
}

/**
 * Objects of the tree that another Flux serves no more: API versions that a newer release has dropped (flux-facts 6.3), and
 * labels of a shard that the FluxInstance gives up.
 */
export function findNeeds(input: NeedsInput): Harm[] {
  const versions = findVersions(input);
  const shards = findShards(input);
  if (!versions && shards.length === 0) return [];
  const objects = listFluxObjects(input);
  return [
    ...(versions ? reportApis(input, versions, objects) : []),
    ...shards.flatMap((one) => reportShard(input, one, objects)),
  ];
}

interface Upgrade {
  from: FluxVersion;
  to: FluxVersion;
}

/** By the FluxInstance, which a first one takes over from the install, or by the release artifact that Flux is installed from. */
function findVersions({ old, now, removed, added, cluster }: NeedsInput): Upgrade | undefined {
  const said = [old, now].map((one) => one?.spec?.distribution?.version);
  const own = said.map((text) => (text === undefined ? undefined : resolveDistribution(text)));
  if (!old) own[0] = installedVersion(cluster, undefined);
  if (own[0] && own[1]) return isNewer(own[0], own[1]);
  for (const source of removed) {
    const version = versionOf(source);
    const next = version && added.find(({ kind, name }) => kind === source.kind && name === source.name);
    const later = next && versionOf(next);
    if (version && later) return isNewer(version, later);
  }
  return undefined;
}

function versionOf(source: KubeObject): FluxVersion | undefined {
  const release = readReleaseSource(source, "manifests/install");
  return release?.version && parseFluxVersion(release.version.text);
}

function isNewer(from: FluxVersion, to: FluxVersion): Upgrade | undefined {
  return from.major === to.major && from.minor < to.minor ? { from, to } : undefined;
}

/** Flux objects of the files that the cluster reads after the change. */
function listFluxObjects({ after, isDelivered }: NeedsInput): KubeObject[] {
  const files = after.grep(ANY_FLUX).filter((file) => isYamlPath(file) && isDelivered(file));
  return files.flatMap((file) => readObjects(after, file).objects);
}

function reportApis({ after }: NeedsInput, { from, to }: Upgrade, objects: readonly KubeObject[]): Harm[] {
  const dropped = objects.filter(
    ({ apiVersion, kind }) => isAccepted(apiVersion, kind, from) && !isAccepted(apiVersion, kind, to),
  );
  const [first, ...rest] = dropped;
  if (!first) return [];
  const more = rest.length > 0 ? ` and ${rest.length} more` : "";
  return [
    {
      resource: describe(first),
      at: locateField(after, first, ["apiVersion"]),
      what: `Flux ${formatFluxVersion(to)} serves ${first.apiVersion} no more, and ${describe(first)}${more} still use what it drops: Flux applies nothing more of what holds them.`,
      why: `Flux ${formatFluxVersion(from)} serves it. An object of a version that the API server does not know fails its whole Kustomization.`,
      next: "Bring the objects to the newer versions first: fluxlift migrate --upgrade-apis, or flux migrate.",
    },
  ];
}

const SHARD_KEY = "sharding.fluxcd.io/key";

interface Shard {
  key: string;
  name: string;
}

/** Shards that the FluxInstance gives up. */
function findShards({ old, now }: NeedsInput): Shard[] {
  const read = (sharding: YamlData): string[] => itemsOf(sharding?.shards).map(String);
  const [was, is] = [old?.spec?.sharding, now?.spec?.sharding];
  if (!old || !now) return [];
  const key = typeof was?.key === "string" ? was.key : SHARD_KEY;
  const kept = new Set(!is || (is.key ?? SHARD_KEY) !== key ? [] : read(is));
  return read(was).flatMap((name) => (kept.has(name) ? [] : [{ key, name }]));
}

function reportShard({ after, now }: NeedsInput, { key, name }: Shard, objects: readonly KubeObject[]): Harm[] {
  const labelled = objects.filter((one) => bodyOf(one)?.metadata?.labels?.[key] === name);
  const [first, ...rest] = labelled;
  if (!first || !now) return [];
  const more = rest.length > 0 ? ` and ${rest.length} more` : "";
  return [
    {
      resource: describe(first),
      at: locateField(after, first, ["metadata", "labels", key]),
      what: `The FluxInstance gives up shard ${name}, and ${describe(first)}${more} still belong to it: no controller looks after them any more.`,
      why: "The other controllers leave out what has such a label, and report no error.",
      next: `Take the label ${key} out first, or name another shard.`,
    },
  ];
}
