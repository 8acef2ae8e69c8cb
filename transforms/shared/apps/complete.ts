import { readChartUse } from "../../../src/cluster/chart-release.ts";
import { keyOf, readsFile, readsLikeRoot, repositoryPath } from "../../../src/cluster/graph.ts";
import { isPatchBody } from "../../../src/cluster/patch-bodies.ts";
import { resolveSource, sourceRefOf } from "../../../src/cluster/sources.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { DraftEdit } from "../../../src/contract/edit.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { itemsOf, type KubeObject, readableSpec, type YamlData } from "../../../src/contract/objects.ts";
import type { FluxObjectSpec } from "../../../src/contract/specs.ts";
import { describe, isFluxInstance, isFluxKustomization, isSyncSource } from "../../../src/delivery/kinds.ts";
import { findKustomization } from "../../../src/delivery/kustomize/index.ts";
import { pointAt } from "../../../src/delivery/locations.ts";
import { basename, dirname } from "../../../src/delivery/paths.ts";
import { atLeast, canRun, type FluxVersion, fluxEmbeddedBy, parseFluxVersion } from "../../../src/release/releases.ts";
import type { YamlOp } from "../../../src/yaml/types.ts";
import type { TransformContext, TransformResult } from "../../contract.ts";
import { editFile } from "../edit-file.ts";
import { findDeliverer } from "./deliverer.ts";
import { listResource } from "./listing.ts";
import type { AppContext, AppName } from "./types.ts";

/**
 * Completes an app that is already there, in place: its FluxKustomization reads the cluster's source, is delivered and
 * waited for, and its chart embeds the Flux version. Fields that are merely unsafe are the owner's: they are reported.
 */
export function completeApp(
  context: TransformContext,
  app: AppContext,
  release: KubeObject,
  name: AppName,
): TransformResult {
  const { tree } = context;
  const edits: DraftEdit[] = [];
  const findings: DraftFinding[] = [];
  const take = ({ edits: made = [], findings: refused = [] }: ReturnType<typeof editFile>) => {
    for (const edit of made) {
      const other = findOther(context, edit.path);
      const facts = { app: name, other: other?.name ?? "", change: edit.why };
      if (other) findings.push({ rule: "app-shared", level: "blocker", at: lineOf(edit.path), facts });
      else edits.push(edit);
    }
    findings.push(...refused);
  };
  const owner = findOwner(context, release);
  if (owner) {
    const { ops, whys } = completeFluxKustomization(context, owner, app, name);
    if (ops.length > 0) take(editFile(tree, owner.file, ops, [...whys].join(" ")));
    take(deliver(context, owner, app));
    findings.push(...findPrunable(context, release, name));
  } else if (isOfRoot(context, release)) {
    findings.push(...findPrunable(context, release, name));
  } else {
    const place = { resource: describe(release), at: lineOf(release.file) };
    findings.push({ rule: "app-without-owner", level: "blocker", ...place, facts: { app: name } });
  }
  take(alignChart(context, app, release, name));
  const how = describeUninstall(release.data.spec, app.wanted.version);
  if (how) {
    const level = name === "flux-instance" ? "blocker" : "caution";
    const place = pointAt(tree, release, ["spec", "install"]);
    findings.push({ rule: "release-may-uninstall", level, ...place, facts: { app: name, how } });
  }
  return { edits, findings };
}

/** What keeps Flux from pruning a release, or the manifest of an instance, once its file is gone: said where it is too little. */
export function findPrunable(context: TransformContext, object: KubeObject, app: AppName): DraftFinding[] {
  const { tree } = context;
  const isManifest = isFluxInstance(object);
  const owner = findOwner(context, object);
  if (!owner && !isOfRoot(context, object)) return [];
  const isGuarded = owner?.data.spec?.prune === false;
  const marks = pointAt(tree, object, ["metadata"]);
  const place = !owner || isGuarded || isManifest ? marks : pointAt(tree, owner, ["spec", "prune"]);
  // A FluxKustomization that prunes is named beside a marked release as well.
  if (isProtected(object) && (!owner || isGuarded || isManifest)) return [];
  const how = isGuarded ? { guardedBy: describe(owner) } : owner ? {} : { byRoot: true as const };
  const facts = { app, ...how, ...(isManifest ? { isManifest } : {}) };
  return [{ rule: "app-prunable", level: isGuarded ? "info" : "caution", ...place, facts }];
}

function isOfRoot({ before, cluster }: TransformContext, { file }: KubeObject): boolean {
  return findDeliverer(before, cluster, file) === cluster.kustomizations[0];
}

/** A cluster that reads the file too, but that this run does not look at. */
function findOther({ model, cluster, agreed }: TransformContext, path: string): Cluster | undefined {
  return model.clusters.find((other) => other !== cluster && !agreed.takesPart(other) && other.files.has(path));
}

/**
 * The FluxKustomization that builds the folder of a HelmRelease; the delivered one first. One that reads another
 * repository never counts: `flux` with `path: ./` on flux-manifests would match every folder, and pointing it at this
 * repository would prune Flux.
 */
function findOwner({ tree, model, cluster }: TransformContext, release: KubeObject): KubeObject | undefined {
  const isApp = (object: KubeObject, spec: FluxObjectSpec | undefined) =>
    spec !== undefined &&
    dirname(object.file) !== dirname(release.file) &&
    keyOf(object) !== keyOf(cluster.root) &&
    readsFile(tree, spec, cluster.artifactRoot, release.file);
  // Without a path Flux builds the whole repository: one whose path an overlay's patch sets is read with that patch.
  const delivered = cluster.local
    .slice(1)
    .find((item) => readsLikeRoot(item) && isApp(item.object, readableSpec(item)));
  if (delivered) return delivered.object;
  const sources = model.objects.filter(isSyncSource);
  const written = model.objects.filter((object) => isFluxKustomization(object) && !isPatchBody(object, tree));
  return written.find((object) => {
    const path = repositoryPath(object.data.spec, cluster.artifactRoot);
    const ref = sourceRefOf(object.data.spec, object.namespace);
    const source = ref && resolveSource(ref, object.file, sources);
    const isForeign = source !== undefined && cluster.source !== undefined && source.name !== cluster.source.name;
    return path !== undefined && path !== "" && !isForeign && isApp(object, object.data.spec);
  });
}

function completeFluxKustomization(
  { cluster }: TransformContext,
  owner: KubeObject,
  app: AppContext,
  name: AppName,
): { ops: YamlOp[]; whys: Set<string> } {
  const ops: YamlOp[] = [];
  const whys = new Set<string>();
  const set = (path: string[], value: YamlData, why: string) => {
    ops.push({ op: "set", doc: owner.doc, path, value });
    whys.add(why);
  };
  const title = describe(owner);
  const spec = owner.data.spec ?? {};
  const wanted = cluster.root.data.spec?.sourceRef ?? {};
  const delivered = cluster.kustomizations.find(({ object }) => keyOf(object) === keyOf(owner));
  // flux-instance waits for it by name in its own namespace; one that nothing gives a namespace would never be found.
  if (owner.namespace === "" && !delivered?.namespace)
    set(
      ["metadata", "namespace"],
      cluster.namespace,
      `Give ${title} the namespace in which flux-instance waits for it.`,
    );
  const [instance] = cluster.instances;
  const isKnown =
    spec.sourceRef?.name === wanted.name ||
    (instance && spec.sourceRef?.name === (instance.spec.sync?.name || cluster.namespace));
  const fromHere = `Let ${title} deliver ${name} from the source of this cluster.`;
  if (spec.sourceRef?.kind !== wanted.kind) set(["spec", "sourceRef", "kind"], wanted.kind, fromHere);
  if (!isKnown) set(["spec", "sourceRef", "name"], wanted.name, fromHere);
  const isWaited = spec.wait === true || (Array.isArray(spec.healthChecks) && spec.healthChecks.length > 0);
  // On the direct route the operator is there before the merge, and the instance waits for nothing.
  if (name === "flux-operator" && !isWaited && !app.placement.direct)
    set(["spec", "wait"], true, `Let ${title} be Ready only once ${name} is, for flux-instance to wait for.`);
  const isOrdered = waitsForOperator(spec, app);
  if (name === "flux-instance" && !isOrdered) {
    const { name: first } = app.placement.apps["flux-operator"];
    set(["spec", "dependsOn"], [...itemsOf(spec.dependsOn), { name: first }], `Let ${title} wait for flux-operator.`);
  }
  return { ops, whys };
}

/** Whether a FluxKustomization waits for the one of the operator; there is none to wait for where the root applies it. */
export function waitsForOperator({ dependsOn }: FluxObjectSpec, { placement }: AppContext): boolean {
  const { name, byRoot } = placement.apps["flux-operator"];
  if (byRoot) return true;
  return Array.isArray(dependsOn) && dependsOn.some((entry) => entry?.name === name);
}

/** Lists the FluxKustomization's file in the kustomization above it, when nothing delivers it yet. */
function deliver({ tree, cluster }: TransformContext, owner: KubeObject, { conventions }: AppContext) {
  if (cluster.files.has(owner.file)) return {};
  const own = dirname(owner.file);
  const parent = findKustomization(tree, own) ? own : dirname(own);
  const entry = parent === own ? basename(owner.file) : `${basename(own)}/${basename(owner.file)}`;
  const why = `Deliver ${describe(owner)}, which lies here undelivered.`;
  return listResource(tree, parent, `${conventions.listPrefix}${entry}`, why);
}

function alignChart({ tree, model }: TransformContext, { wanted }: AppContext, release: KubeObject, name: AppName) {
  const version = readChartUse(release, model.objects)?.version;
  if (!version || version.value === wanted.operatorVersion) return {};
  if (!parseFluxVersion(version.value)) return {};
  if (canRun(version.value, wanted.version)) return {};
  const embedded = fluxEmbeddedBy(version.value);
  const lacks = embedded === undefined ? "is not known to embed" : "does not embed";
  const { object, path } = version;
  const op = { op: "set", doc: object.doc, path, value: wanted.operatorVersion } as const;
  return editFile(tree, object.file, [op], `${name} ${version.value} ${lacks} the installed Flux.`);
}

/** How Helm remediation of this release could uninstall it; undefined when it cannot (trap 55). */
export function describeUninstall(spec: FluxObjectSpec | undefined, version: FluxVersion): string | undefined {
  const uninstalls = (action: FluxObjectSpec["upgrade"]) => {
    const { retries, remediateLastFailure } = action?.remediation ?? {};
    const isRetried = action?.strategy?.name === "RetryOnFailure" && atLeast(version, "2.7");
    return !isRetried && ((retries ?? 0) !== 0 || remediateLastFailure === true);
  };
  if (uninstalls(spec?.install)) return "install.remediation uninstalls a release whose install failed";
  const isUninstall = spec?.upgrade?.remediation?.strategy === "uninstall";
  return isUninstall && uninstalls(spec.upgrade) ? "upgrade.remediation.strategy is uninstall" : undefined;
}

function isProtected({ data }: KubeObject): boolean {
  const key = "kustomize.toolkit.fluxcd.io/prune";
  const marks = [data.metadata?.annotations?.[key], data.metadata?.labels?.[key]];
  return marks.some((value) => String(value).toLowerCase() === "disabled");
}
