import { repositoryIdentity } from "../contract/address.ts";
import { readable } from "../contract/answer.ts";
import { formatLoc } from "../contract/errors.ts";
import { groupBy } from "../contract/group-by.ts";
import { sayStyle } from "../contract/install-style.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../contract/objects.ts";
import type { Options } from "../contract/options.ts";
import { pushAll } from "../contract/push-all.ts";
import { FILLED_FROM } from "../contract/specs.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { patched } from "../delivery/patched.ts";
import type { Tree } from "../files/tree.ts";
import { type AppliedRoot, findAppliedRoot } from "./applied-root.ts";
import { findCopied } from "./artifact-copies.ts";
import { artifactTree } from "./artifact-tree.ts";
import { type CompanionSearch, findCompanion } from "./companions.ts";
import { renamesRelease } from "./gotk/copies.ts";
import { reportTerraform } from "./gotk/terraform.ts";
import {
  builtBy,
  type Delivered,
  deliverObject,
  followRoot,
  keyOf,
  type ObjectsByFile,
  readsFrom,
  readsLikeRoot,
  repositoryPath,
  withSpec,
} from "./graph.ts";
import { findContinuousInstalls } from "./install.ts";
import { syncsOf } from "./instance-syncs.ts";
import { findInstances, findOperators, isFilledFor } from "./instances.ts";
import { detectLayout } from "./layout.ts";
import { fluxNamespaceOf, syncNamespaceOf } from "./namespaces.ts";
import { type ObjectScan, readObjects } from "./objects.ts";
import { followedFolder, makeFilling } from "./other-artifacts.ts";
import { tellApart } from "./other-installs.ts";
import { readRunningRef, runningSource } from "./running-source.ts";
import { ANY_FLUX } from "./scan.ts";
import { makeResolve, printRef, resolveSource, sourceRefOf } from "./sources.ts";
import type { Cluster, Install, InstanceDescription, Start } from "./types.ts";

/** What a tree holds of Flux, read once for all its clusters. */
export interface Surroundings {
  tree: Tree;
  objects: readonly KubeObject[];
  byFile: ObjectsByFile;
  instances: readonly InstanceDescription[];
  layout: Options["layout"];
  artifactPath: string | undefined;
}

/** Reads what clusters are assembled from. */
export function survey(
  tree: Tree,
  { objects }: ObjectScan,
  { layout, artifactPath }: Pick<Options, "layout"> & { artifactPath?: string | undefined },
): Surroundings {
  return {
    tree,
    objects,
    byFile: groupBy(objects, ({ file }) => file),
    instances: findInstances(tree, objects),
    layout,
    artifactPath,
  };
}

/** Artifacts that lie in each other, each with the source of the next. */
const MOST_ROUNDS = 8;

/** Everything that reaches a cluster from its start, and how it is installed. */
export function assemble(around: Surroundings, from: Start): Cluster {
  const { tree, objects, byFile, instances } = around;
  const { root, artifactRoot } = from;
  const applied = appliedRoot(tree, from);
  const start = applied.dir === undefined ? from : { ...from, appliedIn: applied.dir };
  const { own, generated } = ownSources(start, objects, instances);
  const top = rootObject(tree, start, instances);
  const isOwn = (child: DeliveredFluxObject) => readsFrom(child, own) || isFilledHere(child);
  // What goes through a kubeconfig is another cluster's.
  const isRemote = (child: DeliveredFluxObject) => Boolean(readableSpec(child)?.kubeConfig);
  const isLocal = (child: DeliveredFluxObject) => isOwn(child) && !isRemote(child);
  let place = makePlace(around, start, own);
  const walk = (from: Tree) => {
    const following = { isLocal, place };
    const starts = [top];
    for (;;) {
      const found = followRoot(from, starts, byFile, artifactRoot, following);
      const begin = (object: KubeObject) => selfDelivered(from, object, syncNamespaceOf(start), artifactRoot);
      const reach = (object: KubeObject) => followRoot(from, [begin(object)], byFile, artifactRoot, following).files;
      const search = { tree: from, objects, artifactRoot, source: start.source, own, generated, reach };
      const companion = findCompanion(search, found);
      if (!companion) return { ...found, companions: starts.slice(1) };
      starts.push(begin(companion));
    }
  };
  const follow = (from: Tree) => {
    let found = walk(from);
    // Of several sources of one name the one that reaches this cluster counts, wherever the others lie.
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const again = makePlace(around, start, own, found.files);
      if (found.kustomizations.every((child) => filledFrom(again(child)) === filledFrom(child))) break;
      place = again;
      found = walk(from);
    }
    return found;
  };
  const { artifact, reached, running } = followArtifact(tree, start, follow);
  const { kustomizations, local, files, manifests, parentOf } = reached;
  const remotes = kustomizations
    .filter((child) => isOwn(child) && isRemote(child))
    .map((child) => ({
      by: child,
      files: followRoot(artifact, [child], byFile, artifactRoot, { isLocal: isOwn, place }).files,
    }));
  const search = { tree: artifact, objects, kustomizations, local, files: manifests, root, artifactRoot };
  const ownInstances = instances
    .filter((instance) => manifests.has(instance.object.file) && isFilledFor(instance, start))
    .map((item) => {
      const parent = parentOf.get(item.object.file);
      return { ...item, delivered: true, ...(parent ? { parent } : {}) };
    });
  const { installs, others } = tellApart(findContinuousInstalls(search), {
    tree: artifact,
    start,
    reached,
    instances: ownInstances,
  });
  // Terraform may lie in what the source leaves out.
  const rootPath = repositoryPath(readableSpec(local[0]), artifactRoot) ?? "";
  for (const { gotk, version } of installs)
    if (gotk) pushAll(gotk.findings, reportTerraform(tree, rootPath, version?.value));
  const namespace = fluxNamespaceOf(start, installs[0], ownInstances[0]);
  let delivered: DeliveredFluxObject[] | undefined;
  const cluster: Cluster = {
    name: "",
    namespace,
    ...start,
    ...(running ? { runningSource: running } : {}),
    kustomizations,
    companions: reached.companions,
    local,
    get objects() {
      delivered ??= deliveredObjects(artifact, artifact.grep(ANY_FLUX), parentOf, artifactRoot);
      return delivered;
    },
    findObjects(mayMatter) {
      const isMeant = (file: string) => parentOf.has(file) && mayMatter(tree.read(file) ?? "");
      if (delivered) return delivered.filter(({ object }) => isMeant(object.file));
      return deliveredObjects(artifact, artifact.grep(ANY_FLUX).filter(isMeant), parentOf, artifactRoot);
    },
    files,
    manifests,
    remotes,
    elsewhere: new Set(remotes.flatMap((remote) => [...remote.files])),
    bootstraps: [],
    ...(others.length > 0 ? { otherInstalls: others } : {}),
    instances: ownInstances,
    operators: findOperators(objects.filter((object) => manifests.has(object.file))),
    ...readRunningRef(tree, { ...start, ...reached }, start.source),
    layout: detectLayout(tree, kustomizations.filter(readsLikeRoot), artifactRoot, namespace, around.layout),
    findings: applied.finding ? [applied.finding] : [],
  };
  chooseInstall(tree, cluster, installs);
  return cluster;
}

/** Whether it reads an artifact that comes from here, but for that of the root. */
const isFilledHere = (child: DeliveredFluxObject) => filledFrom(child) !== undefined;

const filledFrom = (child: DeliveredFluxObject) => readableSpec(child)?.[FILLED_FROM];

/** Says of a FluxKustomization from which folder the artifact that it reads comes, where that is another than that of the root. */
function makePlace(
  { tree, objects, byFile, instances, artifactPath }: Surroundings,
  { source, root, artifactRoot }: Start,
  own: ReadonlySet<string>,
  files: ReadonlySet<string> = new Set(),
) {
  const resolve = makeResolve(() => [...files].flatMap((file) => byFile.get(file) ?? []), objects);
  const fillingOf = makeFilling(tree, { sources: [source], instances, artifactPath });
  const copiedFrom = findCopied(tree, { root, artifactRoot, own, files });
  return (child: DeliveredFluxObject): DeliveredFluxObject => {
    const { object, namespace } = child;
    const spec = readableSpec(child);
    const ref = sourceRefOf(spec, namespace);
    if (!ref || ref.kind === "GitRepository" || own.has(`${ref.kind}/${ref.name}`)) return child;
    const read = resolve(ref, object.file);
    const folder =
      ref.kind === "ExternalArtifact"
        ? copiedFrom(ref.name, spec)
        : read && followedFolder(fillingOf(read), spec, tree.isDir);
    return folder === undefined ? child : withSpec(child, { [FILLED_FROM]: folder });
  };
}

/**
 * What a root reaches of the files that its source passes on, and the tree of those files. That is the tree itself where
 * nothing that is read is left out, so that everything known of it stays of use, and where nothing at all would be left.
 */
function followArtifact(tree: Tree, start: Start, follow: (tree: Tree) => Delivered & Pick<Cluster, "companions">) {
  const reached = follow(tree);
  const { artifactRoot } = start;
  const running = runningSource(tree, { ...start, ...reached }, start.source);
  const whole = { artifact: tree, reached, running };
  const artifact = artifactTree(tree, { artifactRoot, ...(running ? { runningSource: running } : {}) });
  if ([...reached.files].every((path) => artifact.has(path))) return whole;
  const kept = follow(artifact);
  return kept.files.size === 0 ? whole : { artifact, reached: kept, running };
}

/** How a root came into the cluster that no build of its own folder brings. */
function appliedRoot(tree: Tree, start: Start): AppliedRoot {
  const { root, rootFrom, artifactRoot } = start;
  const namespace = syncNamespaceOf(start);
  const isDelivered = selfDelivered(tree, root, namespace, artifactRoot).parent !== undefined;
  return rootFrom === "instance" || isDelivered ? {} : findAppliedRoot(tree, start);
}

/**
 * The root as it is in the cluster: it usually delivers itself, so its own patches and folder apply to it. One that the
 * operator generates is what the patches of its instance make of it: they often hold the patches of the old root.
 */
function rootObject(tree: Tree, start: Start, instances: readonly InstanceDescription[]): DeliveredFluxObject {
  const { root, artifactRoot, appliedIn } = start;
  const namespace = syncNamespaceOf(start);
  const isMaker = (one: InstanceDescription) => keyOf(one.object) === keyOf(root) && isFilledFor(one, start);
  const maker = start.rootFrom === "instance" ? instances.find(isMaker) : undefined;
  const made = maker && patched(root.data, maker.spec.kustomize?.patches, maker.at);
  if (!maker) {
    const built = appliedIn === undefined ? undefined : builtBy(tree, root, appliedIn);
    return built
      ? { object: root, namespace: built.namespace || namespace, effective: built.effective }
      : selfDelivered(tree, root, namespace, artifactRoot);
  }
  const effective = made && readable(made) ? made : { known: true as const, value: root.data };
  return { object: root, namespace, effective };
}

/** What nothing else delivers, as its own folder and patches make it; without them where it does not lie in that folder. */
function selfDelivered(tree: Tree, object: KubeObject, namespace: string, artifactRoot: string): DeliveredFluxObject {
  const written: DeliveredFluxObject = { object, namespace, effective: { known: true, value: object.data } };
  return deliverObject(tree, object, written, artifactRoot) ?? written;
}

/**
 * `Kind/name` of every source that holds this repository as S reads it: S itself, any other source with its URL and its ref,
 * and the one that a FluxInstance for the same path generates, which children read after the cutover. Another branch holds
 * other files, and what is merged here never reaches it.
 */
function ownSources(
  { root, source, artifactRoot }: Start,
  objects: readonly KubeObject[],
  instances: readonly InstanceDescription[],
): Pick<CompanionSearch, "own" | "generated"> {
  const ref = root.data.spec?.sourceRef;
  const own = new Set<string>([`${ref?.kind}/${ref?.name}`]);
  const path = repositoryPath(root.data.spec, artifactRoot);
  const { synced, names, generated } = syncsOf(instances, path, artifactRoot);
  for (const name of names) own.add(name);
  const read = source ?? synced[0];
  if (!read) return { own, generated };
  const { kind } = read;
  for (const name of new Set(objects.filter((object) => object.kind === kind).map((one) => one.name))) {
    const near = resolveSource({ kind, name, namespace: "" }, root.file, objects);
    if (near && readsTheSame(near, read)) own.add(`${kind}/${name}`);
  }
  return { own, generated };
}

/** Whether two sources of one kind read the same files. What a variable says is only known in the cluster, and counts as the same. */
function readsTheSame({ kind, data }: KubeObject, source: KubeObject): boolean {
  const [mine, theirs] = [data.spec, source.data.spec];
  if (typeof mine?.url !== "string" || repositoryIdentity(mine.url) !== repositoryIdentity(String(theirs?.url ?? "")))
    return false;
  const refs = [mine, theirs].map((spec) => printRef(kind, spec?.ref));
  return refs[0] === refs[1] || refs.some((text) => text.includes("${"));
}

function deliveredObjects(
  tree: Tree,
  files: readonly string[],
  parentOf: ReadonlyMap<string, DeliveredFluxObject>,
  artifactRoot: string,
): DeliveredFluxObject[] {
  const out: DeliveredFluxObject[] = [];
  for (const file of files) {
    const parent = parentOf.get(file);
    if (!parent) continue;
    for (const object of readObjects(tree, file).objects) {
      if (isFluxKustomization(object) || !object.apiVersion.includes(".fluxcd.")) continue;
      const delivered = deliverObject(tree, object, parent, artifactRoot);
      if (delivered) out.push(delivered);
    }
  }
  return out;
}

/** Two continuous installs contradict each other; the same style twice (an overlay and its base) does too. */
function chooseInstall(tree: Tree, cluster: Cluster, installs: readonly Install[]): void {
  // What a shard runs is decided by the set that it stands beside.
  const [first, ...others] = installs.toSorted((a, b) => Number(isShard(tree, a)) - Number(isShard(tree, b)));
  if (first) cluster.install = first;
  for (const other of others) {
    const renaming = first && isShard(tree, first) ? undefined : renamesRelease(tree, other);
    cluster.findings.push({
      rule: "install-contradiction",
      level: "blocker",
      at: other.at,
      what: `Flux keeps applying two installs of itself: ${sayStyle(first!.style, first!.at)} (${formatLoc(first!.at)}) and ${sayStyle(other.style, other.at)} here${renaming === undefined ? "" : `, under other names (${renaming})`}.`,
      why:
        renaming === undefined
          ? "Which of them decides version, components and patches depends on the order of reconciliation."
          : "Shards of Flux are made this way. A FluxInstance makes them by itself, from its field sharding, and would not take these over.",
      next:
        renaming === undefined
          ? "Decide which one counts. Before the other is taken out, set prune: false on every FluxKustomization that applies it (suspend: true on a HelmRelease) and let that reconcile: else Flux may delete the controllers and CRDs that both have, and every Flux object with them. Take it out, let that reconcile, set prune back, and run fluxlift again."
          : "Take the label of the shard off your objects, and what tells the other controllers to leave work to it, and let that reconcile. Then take the folder out of its list. When Flux has deleted the shard, run fluxlift again. After the migration give the FluxInstance the shard (sharding.shards), and your objects their label again.",
    });
  }
}

function isShard(tree: Tree, install: Install): boolean {
  return renamesRelease(tree, install) !== undefined;
}
