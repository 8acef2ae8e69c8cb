import { allInstalls, objectsOf } from "../../../src/cluster/all-installs.ts";
import { findSyncReleases, releaseNameOf, storageOf } from "../../../src/cluster/chart-release.ts";
import {
  buildsFrom,
  findLinks,
  findOtherUsers,
  hasOthers,
  type Link,
  overlayBreaks,
  reportShared,
} from "../../../src/cluster/gotk/shared.ts";
import { keyOf } from "../../../src/cluster/graph.ts";
import { stateOf } from "../../../src/cluster/instances.ts";
import { readLazily } from "../../../src/cluster/objects.ts";
import { readersOf } from "../../../src/cluster/territory.ts";
import type { Cluster, Install, LazyDocument, RepoModel } from "../../../src/cluster/types.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { KubeObject } from "../../../src/contract/objects.ts";
import type { ClusterState } from "../../../src/contract/plan.ts";
import { describe, isFluxKustomization } from "../../../src/delivery/kinds.ts";
import { pointAt } from "../../../src/delivery/locations.ts";
import type { TransformContext } from "../../contract.ts";
import { sourceNamesOf } from "../references/renames.ts";

/** What a phase takes away, judged by who still needs it. */
export interface Leaving {
  installs: Install[];
  /** The installs among them that others build from too: they stay, and only what leads this cluster to them goes. */
  kept: Install[];
  /** Those entries. */
  links: Link[];
  /** Kustomization files that nobody delivers and that go on building what is kept. */
  overlays: string[];
  /** Documents that are old install, superseded source or superseded root. */
  documents: KubeObject[];
  findings: DraftFinding[];
}

/**
 * What leaves in the context's phase, by document.
 * @param ofAll what several clusters of this run share counts for each, though only the last one's part takes it away
 */
export function findLeaving(context: TransformContext, ofAll = false): Leaving {
  const leaving: Leaving = {
    installs: installsOf(context),
    kept: [],
    links: [],
    overlays: [],
    documents: [],
    findings: [],
  };
  separateShared(context, leaving, ofAll);
  const found = leaving.installs.filter((install) => !leaving.kept.includes(install)).flatMap(objectsOf);
  if (context.phase === "cleanup") {
    const { objects, findings } = supersededObjects(context);
    found.push(...objects);
    leaving.findings.push(...findings);
    const releases = supersededReleases(context);
    found.push(...releases.objects);
    leaving.findings.push(...releases.findings);
  }
  const unique = new Map(found.map((object) => [keyOf(object), object]));
  leaving.documents = [...unique.values()].filter(isDocument).flatMap((object) => whereItIs(context, object) ?? []);
  return leaving;
}

/**
 * The document as the tree has it by now: a cluster before this one may have taken it, and others above it, out of a file
 * that several share, and every document below has another number since.
 */
function whereItIs({ tree, before }: TransformContext, object: KubeObject): KubeObject | undefined {
  const { file, apiVersion, kind, name, namespace } = object;
  if (!tree.has(file)) return undefined;
  if (tree.read(file) === before.read(file)) return object;
  const documents = readLazily(tree, file);
  const isSame = (one: LazyDocument) =>
    one.apiVersion === apiVersion && one.kind === kind && one.name === name && one.namespace === namespace;
  const found = documents.find(isSame);
  if (found) return found.doc === object.doc ? object : { ...object, doc: found.doc };
  // Edited in its place, or gone.
  return documents.length === readLazily(before, file).length ? object : undefined;
}

/** A kustomization is no document to delete by itself: it goes when nothing it lists is left. */
function isDocument(object: KubeObject): boolean {
  const { apiVersion, kind } = object;
  return isFluxKustomization(object) || (kind !== "Kustomization" && kind !== "Component" && apiVersion !== "");
}

/**
 * The installs that go, less those another cluster still needs: it has no instance of its own, or this run does not look at
 * that cluster. Where Flux applies it there, nobody knows whether the operator has adopted it; where it is applied by hand,
 * that cluster is started from it until its own cleanup (trap 47).
 */
function installsOf(context: TransformContext): Install[] {
  const { cluster, phase } = context;
  if (phase === "install") return [];
  // Of what Flux applies here, who else builds from it decides what goes; what is done by hand stays as it is.
  const isOwn = (install: Install) => install === cluster.install || install.style === "gotk";
  return allInstalls(cluster)
    .filter((install) => phase === "cleanup" || install === cluster.install)
    .filter((install) => install.style !== "operator" && (isOwn(install) || !isNeeded(context, install)));
}

/** Whether another cluster still needs an install. */
const isNeeded = (context: TransformContext, install: Install) => needing(context, install).length > 0;

/** The names of those clusters, whether Flux applies it there or somebody did. */
function needing({ cluster, model, agreed }: TransformContext, { at, role }: Install): string[] {
  const others = model.clusters.filter((other) => other.name !== cluster.name);
  const isLeft = (other: Cluster) => role === "continuous" || stateOf(other) !== "done";
  return others
    .filter((other) => other.instances.length === 0 || (!agreed.takesPart(other) && isLeft(other)))
    .filter((other) => allInstalls(other).some((used) => used.at.file === at.file && used.at.line === at.line))
    .map(({ name }) => name);
}

function separateShared(context: TransformContext, leaving: Leaving, ofAll: boolean): void {
  const { installs, kept } = leaving;
  for (const install of installs) {
    // A shared gotk file is told apart by who builds from it, not by whether the other cluster has an instance.
    if (install.style !== "gotk" && !isNeeded(context, install)) continue;
    const objects = install.style === "remote-install" ? [install.at] : install.objects;
    const files = [...new Set(objects.map(({ file }) => file))].filter((file) => context.tree.has(file));
    const found = findOtherUsers(context, files);
    const others = { ...found, clusters: [...new Set([...found.clusters, ...needing(context, install)])] };
    if (files.length > 0 && hasOthers(others)) separateInstall(context, leaving, { install, files, others, ofAll });
    else if (install.style !== "gotk") kept.push(install);
  }
}

/** An install that others use as well. */
interface SharedInstall {
  install: Install;
  files: readonly string[];
  others: ReturnType<typeof findOtherUsers>;
  ofAll: boolean;
}

function separateInstall(context: TransformContext, leaving: Leaving, shared: SharedInstall): void {
  const { kept, overlays, findings } = leaving;
  const { install, files, others, ofAll } = shared;
  // Objects of an old way that stay in Git and leave a list look like an accident, to whoever judges that merge.
  const isApplied = install.style === "gotk" || install.style === "remote-install";
  const isGoing = others.overlays.length + others.remotes.length === 0 && leaveTogether(context, others.clusters);
  // Those that leave with this one may reach the install through the same kustomization: it serves nobody who stays.
  const staying = isGoing ? others.clusters : others.clusters.filter((name) => !leaveTogether(context, [name]));
  const hasLeft = isApplied && !isGoing && isLeftBefore(context, files, staying);
  const links = isApplied && !hasLeft ? findLinks(context, files, { ...others, clusters: staying }) : undefined;
  const own = hasLeft ? [] : links;
  if (isGoing && (ofAll || !own)) return;
  // What only an undelivered overlay shares cannot stay where the folder is walked: it would go on being applied.
  if (!own && others.clusters.length + others.remotes.length === 0) {
    findings.push(overlayBreaks(context, install, others.overlays, files));
    return;
  }
  kept.push(install);
  overlays.push(...others.overlays);
  const isDelivered = files.some((file) => context.cluster.files.has(file));
  if (!own && !isDelivered && install !== context.cluster.install) return;
  if (!isGoing) findings.push(reportShared(install, { ...others, clusters: staying }, own));
  leaving.links.push(...(own ?? []));
}

/** Whether a cluster before this one has taken out what led both of them to the files. */
function isLeftBefore(context: TransformContext, files: readonly string[], staying: readonly string[]): boolean {
  const { tree, cluster, model } = context;
  const hasFiles = (one: Cluster) => files.some((file) => one.files.has(file));
  const isLed = (one: Cluster) => one.name !== cluster.name && !staying.includes(one.name) && leavesToo(context, one);
  return (
    hasFiles(cluster) && model.clusters.some((one) => isLed(one) && hasFiles(one)) && !buildsFrom(tree, cluster, files)
  );
}

const HAS_INSTALL: readonly ClusterState[] = ["installed", "cut-over", "done"];

/** Whether everybody who builds from a shared install takes this very phase in this very commit, so that it may go for all. */
function leaveTogether(context: TransformContext, names: readonly string[]): boolean {
  return context.model.clusters.filter(({ name }) => names.includes(name)).every((other) => leavesToo(context, other));
}

/** Whether another cluster takes this very phase in this very commit. */
export function leavesToo({ agreed }: TransformContext, other: Cluster): boolean {
  return HAS_INSTALL.includes(stateOf(other)) && agreed.takesPart(other);
}

/** Source and root that the FluxInstance generates; a manifest for several clusters goes with the last of them (trap 47). */
function supersededObjects({ cluster, model, agreed, tree }: TransformContext) {
  const { source, root, rootFrom } = cluster;
  if (rootFrom !== "manifest" || !sourceNamesOf(cluster)) return { objects: [], findings: [] };
  const waiting = model.clusters.filter(
    (other) =>
      other.name !== cluster.name &&
      stateOf(other) !== "done" &&
      (other.instances.length === 0 || !agreed.takesPart(other)),
  );
  const sharesSource = (other: Cluster) =>
    source !== undefined && (other.files.has(source.file) || (other.source && keyOf(other.source) === keyOf(source)));
  // The overlay of each cluster may patch one root.
  const sharesRoot = (other: Cluster) => other.rootFrom === "manifest" && keyOf(other.root) === keyOf(root);
  const isKept = (object: KubeObject) => waiting.some(object === root ? sharesRoot : sharesSource);
  const both = source ? [source, root] : [root];
  const kept = both.filter(isKept);
  const copies = kept.length === 0 ? listCopies(cluster, model) : [];
  const objects = [...both.filter((object) => !kept.includes(object)), ...copies];
  const clusters = waiting.filter((other) => sharesSource(other) || sharesRoot(other)).map(({ name }) => name);
  const [first] = kept;
  const findings = first
    ? [
        {
          rule: "sync-base-shared",
          level: "caution",
          ...pointAt(tree, first),
          facts: { resources: kept.map(describe), clusters },
        } as const,
      ]
    : [];
  return { objects, findings };
}

/** Source and root once more, in a file to start the cluster from by hand: applied again, it would undo what the operator generates. */
function listCopies({ name }: Cluster, { clusters, leftOut }: Pick<RepoModel, "clusters" | "leftOut">): KubeObject[] {
  const isDelivered = ({ file }: KubeObject) => readersOf(file, clusters).length > 0;
  return leftOut
    .filter(({ copyOf }) => copyOf === name)
    .flatMap(({ object, source }) => (source && !isDelivered(source) ? [source, object] : [object]));
}

/** What Helm made source and root by; where nothing has suspended it, deleting it would uninstall the root. */
function supersededReleases({ cluster, tree }: TransformContext) {
  const objects: KubeObject[] = [];
  const findings: DraftFinding[] = [];
  for (const release of sourceNamesOf(cluster) ? findSyncReleases(cluster) : []) {
    const place = pointAt(tree, release);
    const facts = { resource: place.resource, release: releaseNameOf(release), namespace: storageOf(release, cluster) };
    const isGoing = release.data.spec?.suspend === true;
    if (isGoing) objects.push(release);
    findings.push(
      isGoing
        ? { rule: "sync-release-goes", level: "info", ...place, facts }
        : { rule: "sync-release-left", level: "caution", ...place, facts },
    );
  }
  return { objects, findings };
}
