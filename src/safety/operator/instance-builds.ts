import type { Harm } from "../../change/types.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { newestFitting, readExact, readRange } from "../../release/ranges.ts";
import {
  atLeast,
  EMBEDDED_FLUX,
  isLaterFlux,
  newestEmbedded,
  parseFluxVersion,
  releaseOf,
  SOURCE_WATCHER,
} from "../../release/releases.ts";
import { resolveDistribution } from "./operator-set.ts";

/** What the operator does not build of a FluxInstance; everything then stays as it made it last. */
export interface Unbuilt extends Pick<Harm, "what" | "why" | "next"> {
  /** It asks for a Flux above all that are known here, which an operator above all that are known may embed. */
  isLater?: true;
}

const NEWEST = parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!;

/** What a change makes the operator refuse to build (flux-facts 1.2 to 1.4, 5.2; its `internal/builder`); undefined where it did so before. */
export function findUnbuilt(old: InstanceDescription, now: InstanceDescription): Unbuilt | undefined {
  const before = new Set(listUnbuilt(old.spec).map(({ what }) => what));
  return listUnbuilt(now.spec).find(({ what }) => !before.has(what));
}

function listUnbuilt(spec: YamlData): Unbuilt[] {
  const text = String(spec?.distribution?.version ?? "");
  // A variable is not judged.
  const isOpen = text === "" || text.includes("${");
  const unfit = isOpen ? undefined : findUnfit(text);
  return [...(isOpen ? [] : unfit ? [unfit] : listYounger(spec, text)), ...listTwice(spec)];
}

/** The operator lists each as a resource of one kustomization, which takes no object twice (its `internal/builder/templates.go`). */
function listTwice({ components, sharding }: YamlData): Unbuilt[] {
  const lists = { components, "sharding.shards": sharding?.shards };
  return Object.entries(lists).flatMap(([field, list]) => {
    const seen = new Set<string>();
    const twice = itemsOf(list)
      .map(String)
      .find((one) => seen.size === seen.add(one).size);
    if (twice === undefined) return [];
    const why = "It builds each into the same kustomization, and one that holds an object twice does not build.";
    return [{ what: `spec.${field} names ${twice} twice`, why, next: "Take one of the two out." }];
  });
}

/** What is no range of versions, or one that no operator embeds a release for. */
function findUnfit(text: string): Unbuilt | undefined {
  const what = `No Flux fits distribution.version ${text}`;
  const next = "Name a minor that exists, such as 2.x.";
  const test = readRange(text);
  if (!test) return { what, why: "The operator takes it for no version and no range of versions.", next };
  if (newestFitting(test)) return undefined;
  const exact = readExact(text);
  const near = exact?.major === NEWEST.major ? newestEmbedded(exact) : undefined;
  const wish = parseFluxVersion(releaseOf(text) ?? "");
  return {
    ...(wish && isLaterFlux(wish) ? { isLater: true as const } : {}),
    what,
    why: `It embeds Flux 2, not each of its releases, and the newest that is known here is 2.${NEWEST.minor}.`,
    next: near ? `Name ${near} or a newer one.` : next,
  };
}

/** Fields that need a newer Flux than the one that is asked for. */
function listYounger({ components, cluster, sync }: YamlData, text: string): Unbuilt[] {
  const version = resolveDistribution({ version: text });
  if (!version) return [];
  const rows: [uses: boolean, field: string, says: string, since: string][] = [
    [itemsOf(components).includes(SOURCE_WATCHER), "components", SOURCE_WATCHER, "2.7"],
    [
      cluster?.objectLevelWorkloadIdentity === true,
      "cluster.objectLevelWorkloadIdentity",
      "object-level workload identity",
      "2.6",
    ],
    [
      cluster?.multitenantWorkloadIdentity === true,
      "cluster.multitenantWorkloadIdentity",
      "workload identity of tenants",
      "2.7",
    ],
    [sync?.kind === "GitRepository" && sync.provider === "aws", "sync.provider", "provider aws for Git", "2.9"],
  ];
  return rows.flatMap(([uses, field, says, since]) =>
    uses && !atLeast(version, since)
      ? {
          what: `Flux ${text} is too old for ${says}`,
          why: `It came with Flux ${since}.`,
          next: `Name ${since}.x or a newer one as distribution.version, or take spec.${field} back.`,
        }
      : [],
  );
}
