import { isOpenText } from "../../admission/open-text.ts";
import type { ClusterChange, Side } from "../../change/change.ts";
import type { SourceSwitch, SourceTable } from "../../change/source-facts.ts";
import type { OpenPoint } from "../../change/types.ts";
import { findArtifactRoot, findFilling, findOpenPush, readUnpublished } from "../../cluster/artifact-root.ts";
import { isDocs, kindOf } from "../../cluster/automation-files.ts";
import { artifactRootOf } from "../../cluster/graph.ts";
import { listIngredients, readCheckout } from "../../cluster/ingredients.ts";
import { isYamlPath } from "../../cluster/objects.ts";
import { listMovedTags, type MovedTag, mayBeTag, mayBeVersion } from "../../cluster/published-tags.ts";
import type { Cluster, InstanceDescription } from "../../cluster/types.ts";
import { type Loc, lineOf } from "../../contract/errors.ts";
import type { Finding } from "../../contract/finding.ts";
import { notIn } from "../../contract/not-in.ts";
import type { Claim } from "../../contract/objects.ts";
import type { FluxObjectSpec } from "../../contract/specs.ts";
import { describe } from "../../delivery/kinds.ts";
import { isWithin, makeWithin, pathsWithin } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { changesOnlyVersions } from "../unknown/hide-version.ts";

/** What the job of each tree publishes for the source of the root. */
export interface Published {
  tables: Record<Side, SourceTable>;
  open: OpenPoint[];
}

/**
 * Takes into account what the job leaves out that publishes the artifact (`flux push artifact --ignore-paths`), and says
 * where the change makes it publish another folder, or fill the bucket from one. Only for a root that reads an
 * OCIRepository or a Bucket.
 * @param spec what the source of the root reads
 */
export function readPublished(
  { before, after, changed, cluster }: ClusterChange,
  tables: Record<Side, SourceTable>,
  spec: FluxObjectSpec | undefined,
): Published {
  const ref = cluster.root.data.spec?.sourceRef;
  const source = `${ref?.kind}/${ref?.name}`;
  const isBucket = ref?.kind === "Bucket";
  if (ref?.kind === "GitRepository" || typeof (isBucket ? spec?.bucketName : spec?.url) !== "string")
    return { tables, open: [] };
  const described = { kind: ref?.kind ?? "", file: cluster.root.file, data: { spec: spec! } };
  const [old, now] = [before, after].map((tree) => findFilling(tree, described));
  const fill = (table: SourceTable, unpublished = ""): SourceTable => {
    const facts = table.get(source);
    return facts && unpublished !== "" ? new Map([...table, [source, { ...facts, unpublished }]]) : table;
  };
  const filled = {
    before: fill(tables.before, old && readUnpublished(before, old.at)),
    after: fill(tables.after, now ? readUnpublished(after, now.at) : old && readUnpublished(before, old.at)),
  };
  const say = (what: string, look: string, at: Loc) => ({
    tables: filled,
    open: [{ resource: source.replace("/", " "), what, look, at, decides: true as const }],
  });
  const lost = isBucket ? undefined : findLostTag({ before, after, tables }, source, String(spec?.url));
  if (lost && (now || !old)) return say(lost.what, lost.look, lost.at);
  const made = old && findMadeOf({ before, after, changed }, old, now);
  if (made) return say(made.what, made.look, made.at);
  // Another folder than the job says was given by a person.
  if (!old || old.value !== cluster.artifactRoot || now?.value === old.value) return { tables: filled, open: [] };
  const look =
    "compare what both folders hold, and guard the root with prune: false until the new artifact is reconciled";
  return say(sayMovedPush(old, now), look, now?.at ?? old.at);
}

/**
 * What a source goes on reading, where something in the tree moves that before the change, and nothing does after it. Errs towards
 * none: what cannot be read may be what moves it.
 * @param source `Kind/name`
 */
export function findLostTag(
  { before, after, tables }: Pick<ClusterChange, "before" | "after"> & { tables: Record<Side, SourceTable> },
  source: string,
  url: string,
): { what: string; look: string; at: Loc } | undefined {
  const [was, is] = [tables.before.get(source), tables.after.get(source)];
  const [, field, name] = /^(tag|semver) (.+)$/.exec(was?.ref === is?.ref ? (was?.ref ?? "") : "") ?? [];
  // A release or a commit is pushed once.
  const isFixed = field === "tag" && /^v?\d+\.\d+|^(?:sha-)?[0-9a-f]{7,}$/.test(name ?? "");
  if (field === undefined || name === undefined || isFixed || isOpenText(name)) return undefined;
  const [old, now] = [before, after].map((tree) => listMovedTags(tree, url));
  const isRead = (tree: Tree, isSure: boolean) => (one: MovedTag) =>
    field === "tag" ? mayBeTag(tree, one, name, isSure) : mayBeVersion(one, isSure);
  const makes = old!.filter(isRead(before, true));
  // A version is as well made of a tag of Git.
  const mover =
    makes.find(({ runs }) => runs.by === "merge") ?? makes.find(({ runs }) => field === "semver" && runs.by === "tag");
  const moves = now!.filter(isRead(after, false));
  // Where the branches are written out on both sides, one of them has to stay.
  const goesOn = ({ runs: { by, branches } }: MovedTag) =>
    by === "merge"
      ? !branches || !mover?.runs.branches || mover.runs.branches.some((one) => branches.includes(one))
      : by === "tag" && field === "semver";
  if (!mover || moves.some(goesOn)) return undefined;
  const { file, line } = moves[0] ?? now![0] ?? mover;
  const [what, does] = field === "tag" ? [`the tag ${name}`, "names"] : [`versions ${name}`, "makes"];
  const says =
    moves.length > 0
      ? `which no job here publishes by itself any more, but only when ${sayStart(moves)}`
      : `which no job here that publishes it ${does} any more`;
  return {
    what: `reads ${what}, ${says}: what is merged from then on may never reach Flux`,
    look: "see what moves that tag from then on, or let the source read the new one",
    at: { file, line, col: 1 },
  };
}

function sayStart(moves: readonly MovedTag[]): string {
  const byMerge = moves.find(({ runs }) => runs.by === "merge")?.runs.branches;
  if (byMerge) return `${byMerge.join(" or ")} changes`;
  return moves.some(({ runs }) => runs.by === "tag") ? "a tag of Git or a release is made" : "somebody starts it";
}

/**
 * A change of what a job puts into the folder that it publishes, or makes that of, or of which files those are: what comes of it is
 * not in the repository. Other versions take nothing away.
 */
export function findMadeOf(
  { before, after, changed }: Pick<ClusterChange, "before" | "after" | "changed">,
  { value, at }: Claim<string>,
  now: Claim<string> | undefined,
): { what: string; look: string; at: Loc } | undefined {
  const isElsewhere = now && readCheckout(before, at, value) !== readCheckout(after, now.at, now.value);
  if (isElsewhere) {
    return {
      what: `is filled by ${now.at.file}, which checks out something else than before: what Flux makes of this change cannot be told`,
      look: `compare what that job publishes of both sides, line ${now.at.line}`,
      at: now.at,
    };
  }
  const old = listIngredients(before, at, value);
  const next = now?.value === value ? listIngredients(after, now.at, value) : old;
  const isPart = makeWithin([...old, ...next]);
  // What takes jobs and other files out of the whole checkout takes nothing away that Flux applies.
  const isRead = (one: string) => (isWithin(one, value) ? isYamlPath(one) && kindOf(one) === "other" : !isDocs(one));
  const holds = (one: string) =>
    isRead(one) || [before, after].some((tree) => pathsWithin(tree.paths, one).some(isRead));
  const isOpen = (one: string) => isRead(one) && isPart(one) && !changesOnlyVersions(before, after, one);
  const other = [...notIn(old, next, String), ...notIn(next, old, String)];
  const file = (old.length + next.length > 0 ? [...changed].find(isOpen) : undefined) ?? other.find(holds);
  if (file === undefined) return undefined;
  return {
    what: `is filled with what ${at.file} makes of ${file}: what Flux makes of this change cannot be told`,
    look: `compare what that job publishes of both sides, line ${at.line}`,
    at,
  };
}

/** What becomes of an artifact beside that of the root where nothing is left of its folder. */
export function sayUnpublished(tree: Tree, spec: FluxObjectSpec | undefined, artifactRoot: string): string | undefined {
  const folder = artifactRootOf(spec, artifactRoot);
  if (folder === artifactRoot || tree.isDir(folder)) return undefined;
  return `there is no folder ${folder} any more, so what publishes it fails, and Flux stays at the artifact that it has`;
}

/** What a job that comes to fill an artifact from another folder, or none at all, means for what reads it. */
export function sayMovedPush(old: Claim<string>, now: Claim<string> | undefined): string {
  return now
    ? `is published from ${now.value || "the whole repository"} instead of ${old.value || "the whole repository"} after this change: what Flux reads then lies elsewhere, and what is not in there is pruned`
    : `was published by ${old.at.file}, and no job or task says any more from which folder: what is merged from then on may never reach Flux`;
}

/**
 * An artifact or a bucket that the FluxInstance comes to sync instead of the source of the root: where no job or task here
 * says what is published there, nobody can tell whether it holds this repository, nor from which folder.
 */
export function findNewSync(
  { after, cluster }: Pick<ClusterChange, "after" | "cluster">,
  tables: Record<Side, SourceTable>,
  instance: InstanceDescription | undefined,
): SourceSwitch[] {
  const { kind, url, ref, name = cluster.namespace } = instance?.spec.sync ?? {};
  const isBucket = kind === "Bucket";
  if (!instance || (!isBucket && kind !== "OCIRepository") || typeof url !== "string") return [];
  const { kind: oldKind, name: oldName } = cluster.root.data.spec?.sourceRef ?? {};
  const source = `${kind}/${name}`;
  const now = tables.after.get(source);
  // One that was there before is compared by what it reads, and a folder that somebody has named is known.
  if (!now || tables.before.has(source) || source === `${oldKind}/${oldName}` || cluster.artifactRoot !== "") return [];
  const described = { kind, file: instance.object.file, data: { spec: isBucket ? { bucketName: ref } : { url } } };
  if (findFilling(after, described)) return [];
  const says = `is what Flux reads from then on instead of ${oldKind} ${oldName}, and no job or task here says what is published there: what is in it cannot be seen here, and what it lacks is pruned`;
  return [{ source, name: `${kind} ${name}`, says, at: now.at, own: true }];
}

/** Says so where nothing here tells which folder of the repository a cluster reads as an artifact: all answers rest on that. */
export function reportAssumed(tree: Tree, { name, source }: Cluster, artifactPath: string | undefined): Finding[] {
  if (!source || findArtifactRoot(tree, source, artifactPath)) return [];
  const open = findOpenPush(tree, source);
  return [
    {
      rule: "artifact-assumed",
      level: "caution",
      cluster: name,
      resource: describe(source),
      at: open ?? lineOf(source.file),
      what: open
        ? `This publishes an artifact, perhaps the one that ${describe(source)} reads, from a folder that cannot be read here; it is taken for the whole repository.`
        : `No job, task or script here says which folder is published to ${describe(source)}; it is taken for the whole repository.`,
      why: "Paths of FluxKustomizations count from the folder that is published: with another one, Flux applies other files than those that were looked at.",
      next: "Give the folder with --artifact-path, or as artifactPath in the settings; `.` is the whole repository, and settles it.",
    },
  ];
}
