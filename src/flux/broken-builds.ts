import type { DraftFinding } from "../engine/transform.ts";
import type { Level } from "../engine/types.ts";
import type { Loc } from "../errors.ts";
import { type Delivery, deliverFlux } from "../kustomize/index.ts";
import type { Tree } from "../workspace/tree.ts";
import { readYamlCached } from "../yaml/read.ts";
import { chainOf, findDeliverer } from "./apps/deliverer.ts";
import { parentOfApps } from "./apps/substitution.ts";
import { isKustomizationFile } from "./automation/removed.ts";
import { reachOf } from "./folder-patches.ts";
import { keyOf as keyOfObject, repositoryPath } from "./graph.ts";
import { describe } from "./kinds.ts";
import { locateField } from "./locations.ts";
import { readObjects } from "./objects.ts";
import { FLUX } from "./scan.ts";
import type { Cluster, DeliveredFluxObject, KubeObject } from "./types.ts";

/** What these name is often kept out of Git on purpose (`.env`), so that its absence here tells less. */
const GENERATED = /Generator|^helm|^generators$/;

/** Missing files are listed up to this many; archives of a tree often leave whole folders out. */
const LISTED = 5;

/**
 * Kustomizations of a cluster that Flux cannot build today. On the way from the root to the install or to where the new
 * apps go they stop the phase, since nothing that it adds would be applied, and so do those that hide other
 * FluxKustomizations; elsewhere they are only said.
 */
export function reportBrokenBuilds(tree: Tree, cluster: Cluster): DraftFinding[] {
  const findings = new Map<string, DraftFinding>();
  const way = new Set(onTheWay(tree, cluster).map(({ object }) => keyOfObject(object)));
  const isOnWay = ({ object }: DeliveredFluxObject) => way.has(keyOfObject(object));
  // What a parent hides may be the very place for the new apps, or references to the old source.
  const parents = new Set(cluster.kustomizations.map(({ parent }) => parent && keyOfObject(parent.object)));
  const isParent = ({ object }: DeliveredFluxObject) => parents.has(keyOfObject(object));
  const isWhole = holdsEverything(cluster);
  let missing = 0;
  // Those on the way first: a kustomization that two of them build is then judged by the one that matters.
  for (const item of [...cluster.local].sort((a, b) => Number(isOnWay(b)) - Number(isOnWay(a)))) {
    const path = repositoryPath(item.effective?.spec, cluster.artifactRoot);
    const found = path !== undefined && (path === "" || tree.isDir(path)) && reachOf(tree, item.effective.spec, path);
    if (!found) continue;
    for (const { at, reason } of found.broken)
      add(findings, at, () => broken(item, at, reason, isOnWay(item) || isParent(item) ? "blocker" : "caution"));
    const build = () => deliverFlux(tree, { ...item.effective.spec, path: `./${path}` });
    const twin = isOnWay(item) || isParent(item) ? findRepeat(tree, found.resources) : undefined;
    const delivery = twin && build();
    if (delivery && !delivery.ok) {
      const at = tree.has(delivery.at.file) ? delivery.at : locateField(tree, twin);
      add(findings, at, () => broken(item, at, delivery.reason, "blocker"));
    }
    for (const { object } of cluster.kustomizations.filter((child) => child.parent === item && !child.namespace)) {
      if (!isRefused(build(), object)) continue;
      const at = locateField(tree, object, ["metadata", "name"]);
      add(findings, at, () => refused(item, object, at, isOnWay(item) ? "blocker" : "caution"));
    }
    for (const { at, field, target } of found.missing) {
      // A path that is not there belongs to the FluxKustomization, and often is made by a generator.
      if (field === "path") continue;
      const stops = isOnWay(item) && isWhole && !GENERATED.test(field);
      if (!stops && !findings.has(keyOf(at))) missing++;
      if (stops || missing <= LISTED)
        add(findings, at, () => incomplete(item, at, field, target, stops ? "blocker" : "caution"));
    }
  }
  for (const path of cluster.files) {
    if (isKustomizationFile(path)) addRepeats(findings, tree, path);
  }
  return [...findings.values()];
}

/** The root, what delivers the install today, and what will deliver the new apps, each with those above it. */
function onTheWay(tree: Tree, cluster: Cluster): DeliveredFluxObject[] {
  const installer = cluster.install && findDeliverer(tree, cluster, cluster.install.at.file);
  return [parentOfApps(cluster), ...(installer ? [installer] : [])].flatMap(chainOf);
}

/** Whether everything Flux sees lies in this repository; submodules, includes and CI add files of their own. */
function holdsEverything({ source }: Cluster): boolean {
  const spec = source?.data?.spec;
  return source?.kind === "GitRepository" && !spec?.include?.length && spec?.recurseSubmodules !== true;
}

/**
 * The second of two Flux objects with one identity in the files of a build, which kustomize refuses unless a kustomization
 * on the way tells them apart: cheap, so that only suspects are built. Files of CRDs are left out, they are large and
 * generated.
 */
function findRepeat(tree: Tree, resources: readonly string[]): KubeObject | undefined {
  const flux = new Set(tree.grep(FLUX));
  const seen = new Set<string>();
  return resources
    .filter((file) => flux.has(file) && !tree.read(file)?.includes("kind: CustomResourceDefinition"))
    .flatMap((file) => readObjects(tree, file).objects)
    .find(({ apiVersion, kind, namespace, name }) => {
      const id = `${apiVersion}/${kind}/${namespace}/${name}`;
      return seen.size === seen.add(id).size;
    });
}

/** Whether a build yields an object of Flux without the namespace that all of its kinds need. */
function isRefused(delivery: Delivery, { kind, name }: KubeObject): boolean {
  const found = delivery.ok && delivery.objects.find((object) => object.kind === kind && object.name === name);
  return found !== false && found?.namespace === "";
}

/** kustomize takes the last of two equal keys without a word, so what the first one lists is not delivered. */
function addRepeats(findings: Map<string, DraftFinding>, tree: Tree, path: string): void {
  const read = readYamlCached(tree.read(path) ?? "");
  if (read.ok || !read.reason.includes("duplicated mapping key")) return;
  const at = { file: path, line: read.line, col: read.col };
  add(findings, at, () => ({
    rule: "kustomization-repeats",
    level: "caution",
    at,
    what: "This kustomization says one key twice: Flux takes the last one and leaves out what the first one lists.",
    why: "fluxlift reads it as Flux does, and cannot edit a file with duplicate keys.",
    next: "Join the two, and look at what that newly delivers before it is merged.",
  }));
}

function add(findings: Map<string, DraftFinding>, at: Loc, make: () => DraftFinding): void {
  const key = keyOf(at);
  if (!findings.has(key)) findings.set(key, make());
}

function keyOf({ file, line, col }: Loc): string {
  return `${file}:${line}:${col}`;
}

function broken({ object }: DeliveredFluxObject, at: Loc, reason: string, level: Level): DraftFinding {
  return {
    rule: "kustomization-broken",
    level,
    resource: describe(object),
    at,
    what: `Flux cannot build ${describe(object)}: ${reason}.`,
    why: "What this kustomization lists is unknown, so references in it would be missed, and nothing new below it would reach the cluster.",
    next: "Mend it, let Flux reconcile it, and run fluxlift again.",
  };
}

function refused({ object }: DeliveredFluxObject, child: KubeObject, at: Loc, level: Level): DraftFinding {
  return {
    rule: "kustomization-broken",
    level,
    resource: describe(object),
    at,
    what: `Flux applies nothing of ${describe(object)}: ${describe(child)} has no namespace, and the API server refuses it.`,
    why: "kustomize-controller tries every object before it applies the first, so nothing that this phase adds would reach the cluster either.",
    next: "Give it a namespace, let Flux reconcile that and what has piled up meanwhile, and run fluxlift again.",
  };
}

function incomplete(
  { object }: DeliveredFluxObject,
  at: Loc,
  field: string,
  target: string,
  level: Level,
): DraftFinding {
  return {
    rule: "kustomization-incomplete",
    level,
    resource: describe(object),
    at,
    what: `Flux cannot build ${describe(object)}: ${target}, named in ${field}, is not in this repository.`,
    why: "As long as it does not build, nothing of it is applied, and nothing that this phase adds to it either.",
    next: "Add the file or take the entry out, and wait until Flux has reconciled it, before this phase is merged.",
  };
}
