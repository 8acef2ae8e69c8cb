import { join } from "node:path";
import { besideOf } from "./gate/beside.ts";
import { makeBuildable, unreadable } from "./gate/buildable.ts";
import { type ClusterDelivery, deliver, ownSources, readsOwn, sourceKey } from "./gate/deliver.ts";
import { checkDeployments, operatorSet } from "./gate/deployments.ts";
import { buildFluxSet } from "./gate/flux-base.ts";
import { identityOf, isFluxKustomization, isSource, keyOf, normaliseUrl } from "./gate/flux-objects.ts";
import { checkIdentities } from "./gate/identities.ts";
import { checkIdleObjects } from "./gate/idle.ts";
import { type EffectiveInstance, findInstances, findOperators, type OperatorRelease } from "./gate/instance.ts";
import type { Builder } from "./gate/kustomize.ts";
import { checkLeftovers } from "./gate/leftovers.ts";
import { type OldInstall, oldInstallsOf } from "./gate/old-install.ts";
import { checkProtections } from "./gate/protections.ts";
import { manifestsFor, type Reference, resolveVersion } from "./gate/reference.ts";
import { checkReferences, type ObjectScope, objectReferences } from "./gate/references.ts";
import { checkSchemas } from "./gate/schemas.ts";
import type { RootSight } from "./gate/sights.ts";
import type { Data, Snapshot } from "./gate/snapshot.ts";
import { buildSync, checkSync, generatedSync } from "./gate/sync.ts";
import { type GateResult, notApplicable, Verdict } from "./gate/types.ts";

/** Tools and data that every check of a state shares. */
export interface Bench {
  builder: Builder;
  reference: Reference;
  scratch: string;
}

/** What a cluster was before anything ran. */
export interface ClusterBefore {
  root: RootSight;
  tree: Snapshot;
  /** What kustomizations named and nobody could read from the start. */
  unreadable: Set<string>;
  delivery: ClusterDelivery;
  /** Source and root as they reached the cluster, after patches of their parents. */
  source: Data;
  rootObject: Data;
  install?: OldInstall;
}

/** What a cluster is after a phase. */
export interface ClusterAfter {
  delivery: ClusterDelivery;
  instances: EffectiveInstance[];
  /** The instance whose sync is `generated`, also when that sync would no longer deliver it. */
  instance?: EffectiveInstance;
  operators: OperatorRelease[];
  /** Generated source and root, effective where they could be built. */
  generated: Data[];
  /** Everything else the operator makes from the instance: namespace, CRDs, RBAC and controllers. */
  controllers: Data[];
  scope: ObjectScope;
}

const urlsOf = (root: RootSight): Set<string> => new Set([normaliseUrl(root.source.spec?.url)]);
const simpleKey = (data: Data): string => `${data.kind} ${data.metadata?.namespace ?? ""}/${data.metadata?.name}`;

let copies = 0;

async function deliverFrom(
  bench: Bench,
  tree: Snapshot,
  root: RootSight,
  roots: Data[],
  generated: Set<string>,
  urls: Set<string> = urlsOf(root),
): Promise<ClusterDelivery> {
  const { builder, scratch } = bench;
  return deliver({
    tree,
    builder,
    roots,
    urls,
    generatedSources: generated,
    scratch,
    prefix: root.prefix,
  });
}

/** Builds everything a cluster delivers in the tree as it was. */
export async function readBefore(bench: Bench, tree: Snapshot, root: RootSight): Promise<ClusterBefore> {
  const known = unreadable(tree);
  const buildable = makeBuildable(tree, known, join(bench.scratch, `tree-${++copies}`));
  const delivery = await deliverFrom(
    bench,
    buildable,
    root,
    [root.data, ...besideOf(tree, root)],
    new Set([simpleKey(root.source)]),
  );
  const delivered = (data: Data): Data => delivery.objects.get(keyOf(identityOf(data)))?.data ?? data;
  const [install] = oldInstallsOf(delivery);
  return {
    root,
    tree,
    unreadable: known,
    delivery,
    source: delivered(root.source),
    rootObject: delivered(root.data),
    ...(install ? { install } : {}),
  };
}

/**
 * Builds what the cluster delivers now. A first walk looks for the instance and takes every source that no document
 * describes for the one it may generate; the second starts at the root that it does generate.
 * @param artifacts URLs of artifacts that hold this repository, besides what the old source names
 */
export async function readAfter(
  bench: Bench,
  tree: Snapshot,
  before: ClusterBefore,
  artifacts: Iterable<string> = [],
): Promise<ClusterAfter> {
  const { root } = before;
  const urls = new Set([...urlsOf(root), ...artifacts]);
  const docs = tree.objects("toolkit.fluxcd.io");
  const written = docs.map((doc) => doc.data);
  const oldKeys = new Set([simpleKey(root.source)]);
  const rootKey = keyOf(identityOf(root.data));
  const oldRoot = docs.find((doc) => doc.file === root.file && keyOf(identityOf(doc.data)) === rootKey)?.data;
  const beside = besideOf(tree, root);
  const described = ownSources(
    written.filter(isSource),
    new Set(written.filter(isSource).map((data) => normaliseUrl(data.spec?.url))),
  );
  const undescribed = written.filter((data) => isFluxKustomization(data) && !readsOwn(data, described)).map(sourceKey);
  const buildable = makeBuildable(tree, before.unreadable, join(bench.scratch, `tree-${++copies}`));
  const first = await deliverFrom(
    bench,
    buildable,
    root,
    [oldRoot ?? root.data, ...beside],
    new Set([...oldKeys, ...undescribed]),
    urls,
  );
  const [instance] = findInstances(first, bench.reference.instanceDefaults);
  const generated = instance ? await generatedOf(bench, instance) : [];
  const generatedKeys = new Set([...generated.filter(isSource).map(simpleKey), ...oldKeys]);
  const newRoots = generated.filter(isFluxKustomization);
  const starts = newRoots.length > 0 ? [...newRoots, ...(oldRoot ? [oldRoot] : [])] : [oldRoot ?? root.data];
  const roots = [...starts, ...beside];
  const delivery = await deliverFrom(bench, buildable, root, roots, generatedKeys, urls);
  const own = ownSources([...written, ...generated], urls);
  const ignore = (generated.find(isSource) ?? before.source)?.spec?.ignore;
  const instances = findInstances(delivery, bench.reference.instanceDefaults);
  const steady = instances[0] ?? instance;
  return {
    delivery,
    instances,
    ...(steady ? { instance: steady } : {}),
    operators: findOperators(delivery),
    generated,
    controllers: steady ? await controllersOf(bench, steady) : [],
    scope: { delivery, generated, tree, prefix: root.prefix, own, ...(ignore ? { ignore } : {}) },
  };
}

/** By identity only, so without the patches of the instance. */
async function controllersOf({ builder, reference, scratch }: Bench, instance: EffectiveInstance): Promise<Data[]> {
  const resolved = resolveVersion(String(instance.spec.distribution?.version ?? ""), reference.versions);
  const version = resolved ? manifestsFor(resolved, reference.versions) : undefined;
  if (!version) return [];
  const set = { ...operatorSet(instance, version, []), patches: [], ownPatches: [] };
  const built = await buildFluxSet(builder, reference, scratch, set);
  return built.ok ? built.objects : [];
}

async function generatedOf(bench: Bench, instance: EffectiveInstance): Promise<Data[]> {
  const built = await buildSync(instance, bench.builder, bench.reference, bench.scratch);
  if (!built) return [];
  if (!("error" in built)) return [built.source, built.root];
  const version =
    resolveVersion(String(instance.spec.distribution?.version ?? ""), bench.reference.versions) ?? "2.6.0";
  return generatedSync(instance, version);
}

/** Scope of the tree as it was, for item 2. */
export function scopeBefore(before: ClusterBefore): ObjectScope {
  const { delivery, tree, root } = before;
  const own = ownSources([...tree.objects("source.toolkit.fluxcd.io").map((doc) => doc.data)], urlsOf(root));
  const ignore = before.source?.spec?.ignore;
  return { delivery, tree, generated: [], prefix: root.prefix, own, ...(ignore ? { ignore } : {}) };
}

export interface JudgeInput {
  before: ClusterBefore;
  after: ClusterAfter;
  /** Whether cleanup of this cluster has run. */
  cleaned: boolean;
  findings: string[];
}

function installedVersion(
  bench: Bench,
  before: ClusterBefore,
  instance: EffectiveInstance | undefined,
): string | undefined {
  const { versions } = bench.reference;
  const wanted =
    before.install?.version ?? resolveVersion(String(instance?.spec.distribution?.version ?? ""), versions);
  return wanted ? manifestsFor(wanted, versions) : undefined;
}

async function judgeItem4(
  bench: Bench,
  { before, findings }: JudgeInput,
  instance: EffectiveInstance,
): Promise<GateResult> {
  if (!before.install) {
    const verdict = new Verdict(4);
    verdict.skip("no install that Flux itself reconciles was found to compare with");
    return verdict.result();
  }
  const version = resolveVersion(String(instance.spec.distribution?.version ?? ""), bench.reference.versions);
  const sync = version ? generatedSync(instance, version) : [];
  const delivered = [...before.delivery.objects.values()].map(({ data }) => data);
  const result = await checkDeployments({ old: before.install, instance, sync, delivered, findings, ...bench });
  const known = new Set(before.delivery.nodes.flatMap((node) => [...node.unknown.values()].flat()));
  const eaten = instance.unknown.filter((name) => /^\w+$/.test(name) && !known.has(name));
  if (eaten.length === 0) return result;
  const reasons = eaten.map((name) => `post-build substitution would replace \${${name}} in the FluxInstance`);
  return { ...result, status: "FAIL", reasons: [...reasons, ...result.reasons] };
}

async function judgeItem5(bench: Bench, input: JudgeInput, instance: EffectiveInstance): Promise<GateResult> {
  const { before, after } = input;
  const built = await buildSync(instance, bench.builder, bench.reference, bench.scratch);
  const verdict = new Verdict(5);
  if (!built) {
    for (const data of [before.source, before.rootObject]) {
      const key = keyOf(identityOf(data));
      if (!after.delivery.objects.has(key)) verdict.fail(`no sync is generated and ${key} is no longer delivered`);
    }
    return verdict.result();
  }
  if ("error" in built) {
    verdict.fail(`source and root cannot be built: ${built.error}`);
    return verdict.result();
  }
  const oldInstall = new Set(
    (before.install?.keys ?? [])
      .filter((key) => /\/(Kustomization|HelmRelease) /.test(key))
      .map((key) => key.slice(key.lastIndexOf("/") + 1)),
  );
  return checkSync({
    oldInstall,
    oldSource: before.source,
    oldRoot: before.rootObject,
    now: built,
    findings: input.findings,
  });
}

/** Gate item 14 for one cluster, over everything it gets, whoever makes it. */
export function judgeIdleObjects(before: ClusterBefore, after: ClusterAfter): GateResult {
  const delivered = ({ delivery }: ClusterBefore | ClusterAfter): Data[] =>
    [...delivery.objects.values()].map(({ data }) => data);
  const objects = {
    before: [...delivered(before), before.source, before.rootObject].filter(Boolean),
    after: [...delivered(after), ...after.generated, ...after.controllers],
  };
  return checkIdleObjects(objects, { before: before.tree, after: after.scope.tree });
}

/** Every item that concerns one cluster after one phase. */
export async function judgeCluster(bench: Bench, input: JudgeInput): Promise<GateResult[]> {
  const { before, after, cleaned } = input;
  const { instance } = after;
  const fluxNamespace = String(before.rootObject?.metadata?.namespace ?? "flux-system");
  const added = [...after.delivery.objects]
    .filter(([key]) => !before.delivery.objects.has(key))
    .map(([, object]) => object.data);
  const version = installedVersion(bench, before, instance);
  const common = { oldSource: before.source, oldRoot: before.rootObject, generated: after.generated };
  const results = [
    checkReferences(objectReferences(scopeBefore(before)), objectReferences(after.scope)),
    checkIdentities({ before: before.delivery, after: after.delivery, fluxNamespace, ...common }),
    checkSchemas({
      instances: after.instances,
      operators: after.operators,
      added,
      reference: bench.reference,
      ...(version ? { version } : {}),
    }),
    checkLeftovers({
      delivery: after.delivery,
      instances: after.instances,
      operators: after.operators,
      cleaned,
      keepsSync: instance !== undefined && instance.spec.sync === undefined,
      ...common,
    }),
  ];
  if (cleaned) results.push(judgeIdleObjects(before, after));
  const owned = new Set(before.tree.objects("helm.toolkit.fluxcd.io").map((doc) => keyOf(identityOf(doc.data))));
  const plain = new Set([...owned].map((key) => key.replace(/ .*\//, " /")));
  for (const key of after.delivery.objects.keys()) if (plain.has(key.replace(/ .*\//, " /"))) owned.add(key);
  results.push(checkProtections({ ...after, owned, findings: input.findings }));
  if (!instance) return [...results, notApplicable(4, "no FluxInstance"), notApplicable(5, "no FluxInstance")];
  return [...results, await judgeItem4(bench, input, instance), await judgeItem5(bench, input, instance)];
}

/** Names of the sources and FluxKustomizations that a cluster had and that nothing delivers or generates any more. */
export function goneNames(before: ClusterBefore, after: ClusterAfter): { kind: string; name: string }[] {
  const now = new Set([...after.delivery.objects.values()].map(({ data }) => simpleKey(data)));
  for (const data of after.generated) now.add(simpleKey(data));
  return [...before.delivery.objects.values(), { data: before.source }, { data: before.rootObject }]
    .map(({ data }) => data)
    .filter((data) => (isSource(data) || isFluxKustomization(data)) && !now.has(simpleKey(data)))
    .map((data) => ({ kind: String(data.kind), name: String(data.metadata?.name) }));
}
