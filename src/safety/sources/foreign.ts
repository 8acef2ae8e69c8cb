import type { Side } from "../../change/change.ts";
import { readFluxSpec } from "../../change/read-object.ts";
import { factsOf } from "../../change/source-facts.ts";
import { isTouched } from "../../change/touched.ts";
import type { Build, BuildUnknown } from "../../change/types.ts";
import { listAlterations } from "../../cluster/alterations.ts";
import { filesOfKind, objectsIn } from "../../cluster/objects.ts";
import { indexSources, namedIn, type ReleaseSource, readReleaseSource } from "../../cluster/sources.ts";
import type { Cluster } from "../../cluster/types.ts";
import { lineOf } from "../../contract/errors.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { itemsOf, type KubeObject, readableSpec, sortKeys, type YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import type { FluxObjectSpec } from "../../contract/specs.ts";
import { isFluxKustomization, SYNC_SOURCE_KINDS } from "../../delivery/kinds.ts";
import { basename, dirname, isWithin, normalizePath } from "../../delivery/paths.ts";
import { sha256 } from "../../files/hash.ts";
import type { Tree } from "../../files/tree.ts";
import {
  componentsOf,
  EMBEDDED_FLUX,
  type FluxVersion,
  nearestFlux,
  parseFluxVersion,
} from "../../release/releases.ts";
import { versionOfRelease } from "../operator/instance-needs.ts";
import { type Identity, readInstallSet } from "../operator/operator-set.ts";
import type { SnapshotContext } from "../snapshot-context.ts";
import { readMarks } from "../unknown/common-marks.ts";
import { listPatches } from "../unknown/content-patches.ts";
import { hideVersion } from "../unknown/hide-version.ts";
import { printForeignValues } from "../values/foreign-values.ts";
import { findRenamedValues, nameAsBefore } from "../values/renamed-values.ts";

/** What stands in for a release of which nobody knows which it is. */
const NEWEST = parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!;

/** The declared source that a reference means, the nearest to the root. */
function resolveNear(
  kind: string | undefined,
  name: string | undefined,
  { cluster }: Pick<SnapshotContext, "cluster">,
  objects: readonly KubeObject[],
): KubeObject | undefined {
  return indexSources(objects)({ kind: String(kind), name: String(name), namespace: "" }, cluster.root.file);
}

/**
 * Another repository or cluster: only the Flux release artifact is known (flux-facts 4.7).
 * @param buildHere what a FluxKustomization makes of a spec
 */
export function buildForeign(
  spec: FluxObjectSpec | undefined,
  side: Side,
  context: SnapshotContext,
  buildHere: (spec: YamlData) => Build,
): Build {
  const { cluster, objects } = context;
  const read = context.reads[side];
  const { kind, name } = spec?.sourceRef ?? {};
  const near = resolveNear(kind, name, context, objects[side]);
  // A ResourceSet makes what has no document.
  const isMade = (one: Side) => context.tables[one].has(`${kind}/${name}`);
  const isThere = near !== undefined || isMade(side);
  const other = side === "before" ? "after" : "before";
  if (!isThere && (isMade(other) || resolveNear(kind, name, context, objects[other]))) {
    return { ok: false, reason: `its source ${kind} ${name} is not there`, sourceless: true };
  }
  const missing = isThere ? undefined : findMissing(spec?.sourceRef, context);
  if (missing === "nowhere") return { ok: false, reason: `nothing makes its source ${kind} ${name}`, sourceless: true };
  if (missing) return { ok: false, reason: `no file here makes its source ${kind} ${name}`, unread: true };
  const release = near && readReleaseSource(near, spec?.path);
  if (!release) {
    const patches = listPatches(spec ?? {}, () => undefined);
    // Whether it prunes decides nothing about what it holds: a change of that alone takes nothing away (flux-facts 2.4 item 6).
    const {
      prune: _,
      force: __,
      deletionPolicy: ___,
      ...built
    } = nameAsBefore(spec ?? {}, findRenamedValues(context)[side]);
    const content = printContent(String(kind), String(name), side, context);
    const from = content === undefined ? spec?.sourceRef : undefined;
    const id = readFluxSpec(
      {
        ...built,
        // However it is written: ./deploy, /deploy/.
        path: normalizePath(String(built.path ?? "")) ?? built.path,
        commonMetadata: readMarks(spec?.commonMetadata),
        sourceRef: from,
        patches: patches.length > 0 ? patches : undefined,
      },
      "",
      read,
    ).id;
    const isLikely = near === undefined && touchesLikely(spec, context);
    const sourceRef = cluster.root.data.spec?.sourceRef;
    const mark = isLikely ? (printBuild(buildHere({ ...spec, sourceRef })) ?? side) : "";
    const reads = [id, content, mark, printForeignValues(spec, side, context)].filter(Boolean).join(" ");
    const maybe =
      mark &&
      `, which no file here declares under this name; it may be this repository, of which ${spec?.path} changes`;
    const holder = typeof name === "string" ? `${kind} ${name}` : "a source without a name";
    return { ok: true, objects: new Map(), unknown: [{ what: `what ${holder} holds${maybe}`, reads }] };
  }
  return buildRelease(spec, release.style, versionOfRelease(near) ?? read.version, cluster);
}

/** @param version undefined where nobody knows it, as for a digest or no tag */
function buildRelease(
  spec: FluxObjectSpec | undefined,
  style: ReleaseSource["style"],
  version: FluxVersion | undefined,
  { install, namespace }: Cluster,
): Build {
  if (style === "oci-manifests" && normalizePath(String(spec?.path ?? "")) !== "")
    return { ok: false, reason: `${spec?.path} is no folder of the flux-manifests artifact, which has none` };
  const own = version === undefined ? (install?.components ?? []) : [];
  const components = own.length > 0 ? own : componentsOf(style, version ?? NEWEST);
  const nearest = nearestFlux(version ?? NEWEST);
  const set = readInstallSet(style, nearest, components, namespace, spec?.patches, renameBy(spec));
  const isKnown = version !== undefined && nearest?.minor === version.minor;
  if (!set.ok) return isKnown ? set : { ...set, unread: true };
  const guessed = [...set.objects].map(([key, one]) => [key, { ...one, guessed: true as const }] as const);
  return { ok: true, objects: isKnown ? set.objects : new Map(guessed), unknown: unknownOf(spec) };
}

/** What a build makes, but for versions: other ones take nothing away, whatever applies it. Undefined where it makes nothing. */
function printBuild(build: Build): string | undefined {
  if (!build.ok) return undefined;
  const made = [...build.objects.values()].map(({ key, open, body }) => [key, open, body]);
  const parts = [...made, ...build.unknown.map(({ reads }) => reads)].map((one) => JSON.stringify(one, hideVersion));
  return sha256(parts.sort().join());
}

/**
 * What a source holds, in whichever namespace it lies: what decides about it, where only one document has its name, and is
 * applied as it is written. Where the other tree has one of that name that is not, the name tells more.
 */
function printContent(
  kind: string,
  name: string,
  side: Side,
  { objects, before, after }: SnapshotContext,
): string | undefined {
  const content = printWritten(kind, name, objects[side]);
  const others = objects[side === "before" ? "after" : "before"];
  const [own, other] = [objects[side], others].map((all) => namedIn(all, kind, name));
  // One that keeps name and namespace is told by them, and that alterations are looked for costs a walk of the tree.
  if (own?.[0] && own[0].namespace === other?.[0]?.namespace) return undefined;
  if (other?.length && printWritten(kind, name, others) === undefined) return undefined;
  const isAltered = (tree: Tree) => listAlterations(tree, kind).length > 0;
  return content === undefined || isAltered(before) || isAltered(after) ? undefined : content;
}

function printWritten(kind: string, name: string, objects: readonly KubeObject[]): string | undefined {
  const [source, ...more] = namedIn(objects, kind, name);
  if (!source || more.length > 0 || JSON.stringify(source.data.spec ?? "").includes("${")) return undefined;
  const { at: _, delivered: __, ...facts } = factsOf(kind, source.data.spec, lineOf(source.file), true);
  // What it includes are other sources, which may change.
  const isKnown = facts.repository !== undefined && facts.includes.length === 0;
  return isKnown ? JSON.stringify(sortKeys(facts)) : undefined;
}

/**
 * A source that no tree declares and nothing names today: what reads it waits, and prunes nothing (flux-facts 6.2). Another
 * repository or a template may make it, and what it holds cannot be told then.
 */
function findMissing(ref: YamlData, context: SnapshotContext): "nowhere" | "unseen" | undefined {
  const { kind, name } = ref ?? {};
  const isPlain = SYNC_SOURCE_KINDS.includes(kind) && typeof name === "string" && !name.includes("${");
  if (!isPlain) return undefined;
  const { named, declared, written, isForeign } = getOrMake(surveys, context, () => survey(context));
  const id = `${kind}/${name}`;
  // Where variables give the name, no file says that something reads it.
  if (named.has(id) || declared.has(id) || written().has(id)) return undefined;
  const mayBe = context.applying.sets.size > 0 || isForeign(id) || declared.has(`${kind}/${OPEN}`);
  return mayBe ? "unseen" : "nowhere";
}

interface Survey {
  /** `Kind/name` of what is named as a source today. */
  named: ReadonlySet<string>;
  /** Of the sources that either tree declares. */
  declared: ReadonlySet<string>;
  /** Of those that any file holds, read as a source or not. */
  written: () => ReadonlySet<string>;
  /** Whether something reads what cannot be seen here, but for one source. */
  isForeign: (but: string) => boolean;
}

const OPEN = "${}";
const surveys = new WeakMap<SnapshotContext, Survey>();

function survey({ cluster, objects, reads, before, after }: SnapshotContext): Survey {
  const idOf = (one: YamlData) => `${one?.kind}/${String(one?.name).includes("${") ? OPEN : one?.name}`;
  const refOf = ({ data }: KubeObject) => idOf(data.spec?.sourceRef ?? data.spec?.chart?.spec?.sourceRef);
  const effective = cluster.kustomizations.map((one) => idOf(readableSpec(one)?.sourceRef));
  const all = [...objects.before, ...objects.after];
  const sources = new Map(all.filter(({ kind }) => SYNC_SOURCE_KINDS.includes(kind)).map((one) => [idOf(one), one]));
  const isRelease = (one: KubeObject) => {
    const source = sources.get(refOf(one));
    return source !== undefined && readReleaseSource(source, one.data.spec?.path) !== undefined;
  };
  const isOwn = (one: KubeObject) =>
    reads.before.sources.has(refOf(one)) || reads.before.filledFrom?.(one.data.spec, one.namespace) !== undefined;
  const unread = all.filter((one) => isFluxKustomization(one) && !isOwn(one) && !isRelease(one));
  const foreign = new Set(unread.map(refOf));
  return {
    named: new Set([...objects.before.map(refOf), ...effective]),
    declared: new Set(sources.keys()),
    written: once(() => {
      const inTree = (tree: Tree) => SYNC_SOURCE_KINDS.flatMap((kind) => objectsIn(tree, filesOfKind(tree, kind)));
      return new Set([before, after].flatMap(inTree).map(idOf));
    }),
    isForeign: (but) => foreign.size > (foreign.has(but) ? 1 : 0),
  };
}

/** What a FluxKustomization adds from elsewhere. */
function unknownOf(spec: FluxObjectSpec | undefined): BuildUnknown[] {
  const components = itemsOf(spec?.components);
  return components.length > 0 ? [{ what: "what its components make of it", reads: JSON.stringify(components) }] : [];
}

/** Kinds whose name kustomize leaves alone, whatever `namePrefix` says. */
const UNNAMED = ["CustomResourceDefinition", "Namespace", "APIService"];

/** The names and the namespace that the spec gives objects. */
function renameBy(spec: FluxObjectSpec | undefined): (identity: Identity) => Identity {
  const { namePrefix = "", nameSuffix = "", targetNamespace = "" } = spec ?? {};
  return ({ kind, name, namespace }) => {
    const named = UNNAMED.includes(kind) ? name : `${namePrefix}${name}${nameSuffix}`;
    return {
      kind,
      name: kind === "Namespace" && targetNamespace !== "" ? targetNamespace : named,
      namespace: namespace === "" ? "" : targetNamespace || namespace,
    };
  };
}

/**
 * Whether the change touches a folder of this repository that a FluxKustomization names, where no file says what its source
 * reads: it may be this repository, under a name that only the cluster knows. Every repository has a top folder.
 */
export function touchesLikely(
  spec: FluxObjectSpec | undefined,
  { cluster, objects, before, after, changed }: SnapshotContext,
): boolean {
  const { kind, name } = spec?.sourceRef ?? {};
  if (!SYNC_SOURCE_KINDS.includes(String(kind)) || String(name).includes("${")) return false;
  const path = normalizePath(String(spec?.path ?? ""));
  if (!path || path.includes("${") || namedIn(objects.before, String(kind), String(name))?.length) return false;
  const isIgnored = [...changed].some((file) => {
    const dir = dirname(file);
    return basename(file) === ".sourceignore" && (isWithin(path, dir) || isWithin(dir, path));
  });
  return [before, after].some(
    (tree) => tree.isDir(path) && (isIgnored || isTouched(tree, spec, cluster.artifactRoot, changed)),
  );
}

/** Whether the change brings the source of another repository, without which nothing could be built before. */
export function bringsSource(spec: FluxObjectSpec | undefined, context: SnapshotContext): boolean {
  const { kind, name } = spec?.sourceRef ?? {};
  const isThere = (side: Side) => resolveNear(kind, name, context, context.objects[side]) !== undefined;
  return !isThere("before") && isThere("after");
}
