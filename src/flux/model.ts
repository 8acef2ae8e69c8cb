import type { Finding, Options } from "../engine/types.ts";
import type { Tree } from "../workspace/tree.ts";
import { findArtifactRoot } from "./artifact-root.ts";
import { assignBootstraps, nameClusters } from "./clusters.ts";
import { reportUndelivered } from "./gotk/detect.ts";
import {
  deliverObject,
  filesOf,
  followRoot,
  groupByFile,
  keyOf,
  type ObjectsByFile,
  readsFrom,
  repositoryPath,
} from "./graph.ts";
import { findBootstraps, findContinuousInstalls } from "./install.ts";
import { findInstances, findOperators } from "./instances.ts";
import { describe, isFluxKustomization } from "./kinds.ts";
import { detectLayout, sharesApps } from "./layout.ts";
import { type ObjectScan, readObjects } from "./objects.ts";
import { dirname, sharedSegments } from "./paths.ts";
import { findRoots, type Root } from "./roots.ts";
import { ANY_FLUX, scanFluxObjects } from "./scan.ts";
import { repositoryIdentity } from "./sources.ts";
import type { Cluster, DeliveredFluxObject, Install, InstanceDescription, KubeObject, RepoModel } from "./types.ts";

export interface ModelInput {
  tree: Tree;
  /** Clone URLs of the git remotes. */
  remotes: readonly string[];
  options: Pick<Options, "artifactPath" | "layout">;
}

/** Builds the meaning of a tree: clusters, how each is installed and synced, and what reaches it. */
export function buildModel(input: ModelInput): RepoModel {
  const { tree } = input;
  const scan = scanFluxObjects(tree);
  const instances = findInstances(tree, scan.objects);
  const model: RepoModel = { tree, objects: scan.objects, clusters: [], findings: reportBroken(scan) };
  const byFile = groupByFile(scan.objects);
  const artifactRoot = (source: KubeObject) => findArtifactRoot(tree, source, input.options.artifactPath)?.value ?? "";
  const roots = findRoots({
    tree,
    objects: scan.objects,
    artifactRoot,
    remotes: input.remotes,
    syncs: instances.map(({ spec }) => spec?.sync ?? {}),
  }).filter((found) => !instances.some((instance) => readsGeneratedSource(found, instance)));
  const add = (found: Root) => {
    const cluster = assemble(
      tree,
      scan.objects,
      byFile,
      instances,
      {
        source: found.source,
        root: found.root,
        rootFrom: "manifest",
        artifactRoot: artifactRoot(found.source),
      },
      input.options.layout,
    );
    for (const rival of found.rivals) cluster.findings.push(reportRival(found.root, rival));
    if (found.peers.length > 0) cluster.findings.push(reportPeers(found.root, found.peers));
    model.clusters.push(cluster);
  };
  const addUncovered = (found: Root) => {
    const files = filesOf(tree, found.root.data?.spec, artifactRoot(found.source));
    if (!model.clusters.some((cluster) => files.some((file) => cluster.files.has(file)))) add(found);
  };
  // A root that only bootstrap applies may just as well be an archived copy or a template: it counts when nobody else
  // builds its folder, and one that lies in another part of the tree than what it builds yields to a FluxInstance.
  const isNear = ({ root }: Root) =>
    sharedSegments(dirname(root.file), repositoryPath(root.data?.spec, "") ?? "") > 0 || dirname(root.file) === "";
  for (const found of roots.filter(({ deliversItself }) => deliversItself)) add(found);
  for (const found of roots.filter((root) => !root.deliversItself && isNear(root))) addUncovered(found);
  addInstanceClusters(model, byFile, instances, input.options.artifactPath);
  for (const found of roots.filter((root) => !root.deliversItself && !isNear(root))) addUncovered(found);
  model.clusters = dropNested(model.clusters);
  finishClusters(model);
  return model;
}

/**
 * A child that reads the source the operator generates is no root, even where the source is declared in Git as well, as it
 * is while a cluster moves to OCI; the root bears the name of the sync.
 */
function readsGeneratedSource({ source, root }: Root, { object, spec }: InstanceDescription): boolean {
  const name = spec?.sync?.name || object.namespace || "flux-system";
  return source.kind === spec?.sync?.kind && source.name === name && root.name !== name;
}

interface Start {
  source?: KubeObject;
  root: KubeObject;
  rootFrom: Cluster["rootFrom"];
  artifactRoot: string;
}

function assemble(
  tree: Tree,
  objects: readonly KubeObject[],
  byFile: ObjectsByFile,
  instances: readonly InstanceDescription[],
  start: Start,
  layout: Options["layout"] = "auto",
): Cluster {
  const { root, source, artifactRoot } = start;
  const namespace = root.namespace || source?.namespace || "flux-system";
  const own = ownSources(start, objects, instances);
  const top = rootObject(tree, root, namespace, artifactRoot);
  const isLocal = (child: DeliveredFluxObject) => readsFrom(child, own);
  const { kustomizations, local, files, parentOf } = followRoot(tree, top, byFile, artifactRoot, isLocal);
  const search = { tree, objects, kustomizations, local, files, root, artifactRoot };
  const branch = source?.data?.spec?.ref?.branch;
  let delivered: DeliveredFluxObject[] | undefined;
  const cluster: Cluster = {
    name: "",
    namespace,
    ...start,
    kustomizations,
    local,
    get objects() {
      delivered ??= deliveredObjects(tree, tree.grep(ANY_FLUX), parentOf, artifactRoot);
      return delivered;
    },
    findObjects(mayMatter) {
      const isMeant = (file: string) => mayMatter(tree.read(file) ?? "");
      if (delivered) return delivered.filter(({ object }) => isMeant(object.file));
      return deliveredObjects(tree, tree.grep(ANY_FLUX).filter(isMeant), parentOf, artifactRoot);
    },
    files,
    bootstraps: [],
    instances: instances
      .filter(({ object }) => files.has(object.file))
      .map((item) => ({ ...item, delivered: true, ...parentEntry(parentOf.get(item.object.file)) })),
    operators: findOperators(objects.filter((object) => files.has(object.file))),
    ...(typeof branch === "string" ? { branch } : {}),
    layout: detectLayout(tree, kustomizations, artifactRoot, namespace, layout),
    findings: [],
  };
  const installs = findContinuousInstalls(search);
  chooseInstall(cluster, installs);
  return cluster;
}

function parentEntry(parent: DeliveredFluxObject | undefined): { parent?: DeliveredFluxObject } {
  return parent ? { parent } : {};
}

/** The root as it is in the cluster: it usually delivers itself, so its own patches and folder apply to it. */
function rootObject(tree: Tree, root: KubeObject, namespace: string, artifactRoot: string): DeliveredFluxObject {
  const plain: DeliveredFluxObject = { object: root, namespace, effective: root.data };
  const self = deliverObject(tree, root, plain, artifactRoot);
  return { ...plain, effective: self?.effective ?? root.data };
}

/**
 * `Kind/name` of every source that holds this repository: S itself, any other source with its URL, and the one that a
 * FluxInstance for the same path generates, which children read after the cutover.
 */
function ownSources(
  { root, source, artifactRoot }: Start,
  objects: readonly KubeObject[],
  instances: readonly InstanceDescription[],
): Set<string> {
  const ref = root.data?.spec?.sourceRef;
  const own = new Set<string>([`${ref?.kind}/${ref?.name}`]);
  const path = repositoryPath(root.data?.spec, artifactRoot);
  for (const { object, spec } of instances) {
    if (typeof spec?.sync?.path !== "string" || repositoryPath(spec.sync, artifactRoot) !== path) continue;
    own.add(`${spec.sync.kind}/${spec.sync.name || object.namespace || "flux-system"}`);
  }
  if (!source) return own;
  const identity = repositoryIdentity(String(source.data?.spec?.url ?? ""));
  for (const object of objects) {
    const url = object.data?.spec?.url;
    if (object.kind === source.kind && typeof url === "string" && repositoryIdentity(url) === identity) {
      own.add(`${object.kind}/${object.name}`);
    }
  }
  return own;
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
function chooseInstall(cluster: Cluster, installs: readonly Install[]): void {
  if (installs[0]) cluster.install = installs[0];
  for (const other of installs.slice(1)) {
    cluster.findings.push({
      rule: "install-contradiction",
      level: "blocker",
      at: other.at,
      what: `Flux keeps applying two installs of itself: ${installs[0]!.style} at ${installs[0]!.at.file}:${installs[0]!.at.line} and ${other.style} here.`,
      why: "Which of them decides version, components and patches depends on the order of reconciliation.",
      next: "Remove the one that should not count, merge that, and run fluxlift again.",
    });
  }
}

/** Clusters that only a FluxInstance describes: already migrated, with no root manifest in Git. */
function addInstanceClusters(
  model: RepoModel,
  byFile: ObjectsByFile,
  instances: readonly InstanceDescription[],
  artifactPath: string | undefined,
): void {
  for (const instance of instances) {
    const sync = instance.spec?.sync;
    if (typeof sync?.path !== "string" || model.clusters.some((cluster) => cluster.files.has(instance.object.file)))
      continue;
    const cluster = assemble(model.tree, model.objects, byFile, instances, {
      root: rootFromInstance(instance),
      rootFrom: "instance",
      artifactRoot: findArtifactRoot(model.tree, asSource(instance), artifactPath)?.value ?? "",
    });
    if (cluster.files.has(instance.object.file)) model.clusters.push(cluster);
  }
}

/** The source the operator generates, as far as the artifact's root depends on it. */
function asSource({ object, spec }: InstanceDescription): KubeObject {
  return { ...object, kind: String(spec.sync.kind), data: { spec: { url: spec.sync.url } } };
}

/** The FluxKustomization the operator generates (flux-semantics 1.5), before instance patches. */
function rootFromInstance({ object, spec }: InstanceDescription): KubeObject {
  const namespace = object.namespace || "flux-system";
  const name = spec.sync.name || namespace;
  return {
    file: object.file,
    doc: object.doc,
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    name,
    namespace,
    data: {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name, namespace },
      spec: { interval: "10m0s", path: spec.sync.path, prune: true, sourceRef: { kind: spec.sync.kind, name } },
    },
  };
}

/** A root whose manifest another cluster delivers as one of its children is part of that cluster. */
function dropNested(clusters: readonly Cluster[]): Cluster[] {
  return clusters.filter(
    (cluster) =>
      !clusters.some(
        (other) =>
          other !== cluster &&
          other.kustomizations.slice(1).some(({ object }) => keyOf(object) === keyOf(cluster.root)) &&
          !cluster.files.has(other.root.file),
      ),
  );
}

function finishClusters(model: RepoModel): void {
  const names = nameClusters(
    model.clusters.map(({ root, artifactRoot }) => repositoryPath(root.data?.spec, artifactRoot) ?? ""),
  );
  for (const cluster of model.clusters) {
    const others = model.clusters.filter((other) => other !== cluster);
    if (sharesApps(cluster.layout, others)) cluster.layout = { kind: "manifests" };
  }
  const delivered = new Set(model.clusters.flatMap(({ files }) => [...files]));
  model.clusters.forEach((cluster, index) => {
    cluster.name = names[index]!;
    for (const finding of cluster.findings) finding.cluster = cluster.name;
  });
  assignBootstraps(model.clusters, findBootstraps(model.tree, delivered));
  model.findings.push(...reportUndelivered(model.tree, delivered));
}

function reportRival(root: KubeObject, rival: KubeObject): Finding {
  return {
    rule: "root-ambiguous",
    level: "blocker",
    resource: describe(rival),
    at: { file: rival.file, line: 1, col: 1 },
    what: `${describe(root)} (${root.file}) and ${describe(rival)} both start from this repository and build the same part of it.`,
    why: "Objects that two FluxKustomizations deliver have no sure owner, so moving either side may delete them.",
    next: "Decide which one is the root, remove the other with prune: false reconciled first, then run fluxlift again.",
  };
}

function reportPeers(root: KubeObject, peers: readonly KubeObject[]): Finding {
  const names = [root, ...peers].map((object) => `${object.name} (${object.file})`).join(", ");
  return {
    rule: "root-ambiguous",
    level: "blocker",
    resource: describe(root),
    at: { file: peers[0]!.file, line: 1, col: 1 },
    what: `These FluxKustomizations read the same source, and nothing that can be read here delivers them, so which one is the root is unknown: ${names}.`,
    why: "A FluxInstance syncs one path. It would take over one of them, and the others would lose the source they read.",
    next: "If a template fills in a path, run fluxlift on the tree as it is rendered. Else deliver them all from one FluxKustomization first, with prune: false until that is reconciled.",
  };
}

function reportBroken(scan: ObjectScan): Finding[] {
  return scan.broken.map(({ file, line, col, reason }) => ({
    rule: "yaml-broken",
    level: "caution",
    at: { file, line, col },
    what: `This file mentions Flux but is not valid YAML (${reason}), so nothing in it was read or will be edited.`,
    why: "Flux cannot apply it either; what it was meant to declare is unknown.",
    next: "Correct the file, or leave it if it is a template, and check by hand that it names nothing that moves.",
  }));
}
