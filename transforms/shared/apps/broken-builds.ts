import { findRefusals, isMissing } from "../../../src/admission/refused.ts";
import { lacksNamespace } from "../../../src/change/refused-builds.ts";
import { builtTree } from "../../../src/cluster/artifact-tree.ts";
import { builderOf, keyOf, repositoryPath } from "../../../src/cluster/graph.ts";
import { readObjects } from "../../../src/cluster/objects.ts";
import { FLUX } from "../../../src/cluster/scan.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { hiddenIn, type Unknown } from "../../../src/contract/answer.ts";
import { formatLoc, type Loc } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { getOrMake } from "../../../src/contract/group-by.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../../../src/contract/objects.ts";
import { once } from "../../../src/contract/once.ts";
import type { RuleFacts } from "../../../src/contract/rule-facts.ts";
import { failureOf, reachOf } from "../../../src/delivery/flux-build.ts";
import { describe, isFluxKustomization } from "../../../src/delivery/kinds.ts";
import {
  type Delivery,
  deliverFlux,
  isKustomizationFile,
  kustomizationOf,
  type Reach,
} from "../../../src/delivery/kustomize/index.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import { isWithin } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import { chainOf, findDeliverer, parentOfApps } from "./deliverer.ts";

/** What these name is often kept out of Git on purpose (`.env`), so that its absence here tells less. */
const GENERATED = /Generator|^helm|^generators$/;

/** A finding about an object that is not delivered as it is written, without its place. */
type Said = {
  [Rule in "kustomization-broken" | "kustomization-incomplete" | "delivery-unknown"]: {
    rule: Rule;
    facts: RuleFacts[Rule];
  };
}["kustomization-broken" | "kustomization-incomplete" | "delivery-unknown"];

/** Missing files are listed up to this many; archives of a tree often leave whole folders out. */
const LISTED = 5;

/** What is said of a place, and whether it stops the phase. */
interface Report {
  at: Loc;
  said: Said;
  stops: boolean;
}

/**
 * Kustomizations of a cluster that Flux cannot build today. On the way from the root to the install or to where the new
 * apps go they stop the phase, since nothing that it adds would be applied, and so do those that hide other
 * FluxKustomizations; elsewhere they are only said.
 */
export function reportBrokenBuilds(whole: Tree, cluster: Cluster): DraftFinding[] {
  const tree = builtTree(whole, cluster);
  const findings = new Map<string, DraftFinding>();
  const add = ({ stops, at, said }: Report) => {
    const level = stops ? "blocker" : "caution";
    if (!findings.has(formatLoc(at)))
      findings.set(formatLoc(at), { ...said, level, resource: said.facts.resource, at });
  };
  const way = new Set(onTheWay(tree, cluster).map(({ object }) => keyOf(object)));
  const isOnWay = ({ object }: DeliveredFluxObject) => way.has(keyOf(object));
  // What a parent hides may be the very place for the new apps, or references to the old source.
  const childrenOf = new Map<DeliveredFluxObject, DeliveredFluxObject[]>();
  for (const child of cluster.kustomizations)
    if (child.parent) getOrMake(childrenOf, child.parent, () => []).push(child);
  const parents = new Set([...childrenOf.keys()].map(({ object }) => keyOf(object)));
  const hides = makeHides(tree, cluster);
  const isWhole = holdsEverything(cluster);
  let missing = 0;
  // Those on the way first: a kustomization that two of them build is then judged by the one that matters.
  for (const item of [...cluster.local].sort((a, b) => Number(isOnWay(b)) - Number(isOnWay(a)))) {
    const path = repositoryPath(readableSpec(item), cluster.artifactRoot);
    const found = path !== undefined && (path === "" || tree.isDir(path)) && reachOf(tree, readableSpec(item), path);
    if (!found) continue;
    const resource = describe(item.object);
    const decides = isOnWay(item) || parents.has(keyOf(item.object)) || (found.broken.length > 0 && hides(path));
    for (const { at, reason } of found.broken)
      add({ stops: decides, at, said: { rule: "kustomization-broken", facts: { resource, reason } } });
    const children = childrenOf.get(item) ?? [];
    for (const report of reportRefused({ tree, item, path, children, isOnWay: isOnWay(item) })) add(report);
    for (const { at, field, target } of found.missing) {
      // A path that is not there belongs to the FluxKustomization, and often is made by a generator.
      if (field === "path") continue;
      const stops = isOnWay(item) && isWhole && !GENERATED.test(field);
      if (!stops && !findings.has(formatLoc(at))) missing++;
      if (stops || missing <= LISTED)
        add({ stops, at, said: { rule: "kustomization-incomplete", facts: { resource, field, target } } });
    }
    if (found.missing.length + found.broken.length > 0 || !decides) continue;
    for (const failure of listFailures(tree, item, cluster.artifactRoot, found)) {
      const at = placeOf(tree, item, failure, found.resources);
      add({ stops: true, at, said: { rule: "kustomization-broken", facts: { resource, reason: failure.what } } });
    }
  }
  for (const report of reportUnread(cluster, isOnWay)) add(report);
  const repeats = [...cluster.files].filter(isKustomizationFile).flatMap((path) => repeatedKey(tree, path) ?? []);
  return [...findings.values(), ...repeats.filter(({ at }) => !findings.has(formatLoc(at)))];
}

/**
 * Why Flux cannot build its folder, or cannot fill in what that yields: the build ends at the first reason, and each kustomization
 * in it may have one of its own.
 */
function listFailures(
  tree: Tree,
  item: DeliveredFluxObject,
  artifactRoot: string,
  { kustomizations }: Pick<Reach, "kustomizations">,
): Unknown[] {
  const { by, dir } = builderOf(item, artifactRoot);
  const first = failureOf(tree, { ...by, substitutes: true }, dir);
  if (!first) return [];
  const plain = { object: item.object, spec: undefined };
  const others = kustomizations.flatMap((one) => {
    if (one === dir || kustomizationOf(tree, one)?.kind !== "Kustomization") return [];
    const failure = failureOf(tree, plain, one);
    // What fails for want of a place of its own was said, or is that of what builds it.
    return failure && failure.at.file !== item.object.file ? [failure] : [];
  });
  return [first, ...others.slice(0, LISTED)];
}

/** Tells of a folder whether it holds FluxKustomizations that nothing delivers, as far as can be read. */
function makeHides(tree: Tree, { kustomizations }: Cluster): (path: string) => boolean {
  const delivered = new Set(kustomizations.map(({ object }) => object.file));
  const left = once(() => tree.grep(FLUX).filter((file) => !delivered.has(file)));
  return (path) =>
    left().some((file) => isWithin(file, path) && readObjects(tree, file).objects.some(isFluxKustomization));
}

/** Objects of a build that the API server refuses: Kustomizations without a field that all need, and on the way what lacks its namespace. */
function reportRefused(one: {
  tree: Tree;
  item: DeliveredFluxObject;
  path: string;
  children: readonly DeliveredFluxObject[];
  isOnWay: boolean;
}): Report[] {
  const { tree, item, path, children, isOnWay } = one;
  const build = once(() => deliverFlux(tree, { ...readableSpec(item), path: `./${path}` }));
  const say = (object: Omit<KubeObject, "data">, lacks: string, stops: boolean): Report => {
    const at = locateField(tree, object, ["metadata", "name"]);
    const facts = { resource: describe(item.object), child: describe(object), lacks };
    return { at, stops, said: { rule: "kustomization-broken", facts } };
  };
  const lacking = children.flatMap((child) => {
    const lacks = !child.namespace && reachesBare(build(), child.object) ? "namespace" : missingField(child);
    return lacks === undefined ? [] : [say(child.object, lacks, isOnWay)];
  });
  return [...lacking, ...(isOnWay ? listBare(build()).map((object) => say(object, "namespace", true)) : [])];
}

/** What of a cluster's Kustomizations and instances cannot be read. */
function reportUnread(cluster: Cluster, isOnWay: (item: DeliveredFluxObject) => boolean): Report[] {
  const say = (stops: boolean, object: KubeObject, { at, what }: Unknown): Report => {
    return { at, stops, said: { rule: "delivery-unknown", facts: { resource: describe(object), unread: what } } };
  };
  return [
    ...cluster.kustomizations.flatMap((item) =>
      hiddenIn(item.effective).map((unknown) => say(isOnWay(item), item.object, unknown)),
    ),
    ...cluster.instances.flatMap(({ object, unread = [] }) => unread.map((unknown) => say(false, object, unknown))),
  ];
}

/** The root, what delivers the install today, and what will deliver the new apps, each with those above it. */
function onTheWay(tree: Tree, cluster: Cluster): DeliveredFluxObject[] {
  const installer = cluster.install && findDeliverer(tree, cluster, cluster.install.at.file);
  return [parentOfApps(cluster), ...(installer ? [installer] : [])].flatMap(chainOf);
}

/** Whether everything Flux sees lies in this repository; submodules, includes and CI add files of their own. */
function holdsEverything({ runningSource: source }: Cluster): boolean {
  const spec = source?.data.spec;
  return source?.kind === "GitRepository" && !spec?.include?.length && spec?.recurseSubmodules !== true;
}

/** Where to mend a build: of two objects with one identity the second, which kustomize does not name. */
function placeOf(tree: Tree, item: DeliveredFluxObject, { at }: Unknown, resources: readonly string[]): Loc {
  if (at.file !== item.object.file && tree.has(at.file)) return at;
  const twin = findRepeat(tree, resources);
  return twin ? locateField(tree, twin) : at;
}

/** The second of two Flux objects with one identity. Files of CRDs are left out, they are large and generated. */
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
function reachesBare(delivery: Delivery, { kind, name }: KubeObject): boolean {
  const found = delivery.ok && delivery.objects.find((object) => object.kind === kind && object.name === name);
  return found !== false && found?.namespace === "";
}

const listBare = (delivery: Delivery) => (delivery.ok ? delivery.objects.filter(lacksNamespace) : []);

/** A field that every FluxKustomization needs and this one does not have, also after the patches of what delivers it. */
function missingField({ effective }: DeliveredFluxObject): string | undefined {
  const refusals = effective.known ? findRefusals(effective.value) : [];
  return refusals.find(isMissing)?.path.join(".");
}

/** kustomize takes the last of two equal keys without a word, so what the first one lists is not delivered. */
function repeatedKey(tree: Tree, path: string) {
  const read = readYamlCached(tree.read(path) ?? "");
  if (read.ok || !read.reason.includes("duplicated mapping key")) return undefined;
  const at = { file: path, line: read.line, col: read.col };
  return { rule: "kustomization-repeats", level: "caution", at, facts: {} } as const;
}
