import { readChartUse } from "../../../src/cluster/chart-release.ts";
import { filesOf, keyOf, repositoryPath } from "../../../src/cluster/graph.ts";
import { resolveSource, sourceRefOf } from "../../../src/cluster/sources.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { DraftEdit } from "../../../src/contract/edit.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { KubeObject, YamlData } from "../../../src/contract/objects.ts";
import { describe, isFluxKustomization, isSyncSource } from "../../../src/delivery/kinds.ts";
import { findKustomization } from "../../../src/delivery/kustomize/index.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import { basename, dirname } from "../../../src/delivery/paths.ts";
import {
  atLeast,
  compareFluxVersions,
  type FluxVersion,
  fluxEmbeddedBy,
  parseFluxVersion,
} from "../../../src/release/releases.ts";
import type { YamlOp } from "../../../src/yaml/types.ts";
import type { TransformContext, TransformResult } from "../../contract.ts";
import { editFile } from "../edit-file.ts";
import { listResource } from "./listing.ts";
import type { AppName } from "./placement.ts";
import type { AppContext } from "./types.ts";

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
  const edits: DraftEdit[] = [];
  const findings: DraftFinding[] = [];
  const take = (part: ReturnType<typeof editFile>) => {
    for (const edit of part.edits ?? []) {
      const other = findOther(context, edit.path);
      if (other) findings.push(shared(edit, other, name));
      else edits.push(edit);
    }
    findings.push(...(part.findings ?? []));
  };
  const owner = findOwner(context, release);
  if (owner) {
    const ops = completeFluxKustomization(context, owner, name);
    if (ops.length > 0)
      take(
        editFile(
          context.tree,
          owner.file,
          ops,
          `Let ${describe(owner)} deliver ${name} from the source of this cluster.`,
        ),
      );
    take(deliver(context, owner, app));
    if (owner.data?.spec?.prune !== false) findings.push(prunable(context, owner, name));
    else if (!isProtected(release)) findings.push(halfProtected(context, release, owner, name));
  } else findings.push(undelivered(release, name));
  take(alignChart(context, app, release, name));
  const unsafe = describeUninstall(release.data?.spec, app.wanted.version);
  if (unsafe) findings.push(mayUninstall(context, release, name, unsafe));
  return { edits, findings };
}

/** A cluster that reads the file too, but that this run does not look at. */
function findOther({ model, cluster, agreed }: TransformContext, path: string): Cluster | undefined {
  return model.clusters.find((other) => other !== cluster && !agreed.takesPart(other) && other.files.has(path));
}

function shared(edit: DraftEdit, other: Cluster, app: AppName): DraftFinding {
  const facts = { app, other: other.name, change: edit.why };
  return { rule: "app-shared", level: "blocker", at: lineOf(edit.path), facts };
}

/**
 * The FluxKustomization that builds the folder of a HelmRelease; the delivered one first. One that reads another
 * repository never counts: `flux` with `path: ./` on flux-manifests would match every folder, and pointing it at this
 * repository would prune Flux.
 */
function findOwner({ tree, model, cluster }: TransformContext, release: KubeObject): KubeObject | undefined {
  const builds = (object: KubeObject) => filesOf(tree, object.data?.spec, cluster.artifactRoot).includes(release.file);
  const isApp = (object: KubeObject) =>
    dirname(object.file) !== dirname(release.file) && keyOf(object) !== keyOf(cluster.root) && builds(object);
  const delivered = cluster.local.slice(1).find(({ object }) => isApp(object));
  if (delivered) return delivered.object;
  const sources = model.objects.filter(isSyncSource);
  return model.objects.filter(isFluxKustomization).find((object) => {
    const path = repositoryPath(object.data?.spec, cluster.artifactRoot);
    const ref = sourceRefOf(object.data?.spec, object.namespace);
    const source = ref && resolveSource(ref, object.file, sources);
    const isForeign = source !== undefined && cluster.source !== undefined && source.name !== cluster.source.name;
    return path !== undefined && path !== "" && !isForeign && isApp(object);
  });
}

function completeFluxKustomization({ cluster }: TransformContext, owner: KubeObject, name: AppName): YamlOp[] {
  const ops: YamlOp[] = [];
  const spec = owner.data?.spec ?? {};
  const wanted = cluster.root.data?.spec?.sourceRef ?? {};
  const delivered = cluster.kustomizations.find(({ object }) => keyOf(object) === keyOf(owner));
  // flux-instance waits for it by name in its own namespace; one that nothing gives a namespace would never be found.
  if (owner.namespace === "" && !delivered?.namespace) {
    ops.push({ op: "set", doc: owner.doc, path: ["metadata", "namespace"], value: cluster.namespace });
  }
  const syncName = cluster.instances[0]?.spec?.sync?.name || cluster.namespace;
  const isKnown =
    spec.sourceRef?.name === wanted.name || (cluster.instances.length > 0 && spec.sourceRef?.name === syncName);
  if (spec.sourceRef?.kind !== wanted.kind)
    ops.push({ op: "set", doc: owner.doc, path: ["spec", "sourceRef", "kind"], value: wanted.kind });
  if (!isKnown) ops.push({ op: "set", doc: owner.doc, path: ["spec", "sourceRef", "name"], value: wanted.name });
  const isWaited = spec.wait === true || (Array.isArray(spec.healthChecks) && spec.healthChecks.length > 0);
  if (name === "flux-operator" && !isWaited)
    ops.push({ op: "set", doc: owner.doc, path: ["spec", "wait"], value: true });
  if (name === "flux-instance" && !dependsOnOperator(spec)) {
    ops.push({
      op: "set",
      doc: owner.doc,
      path: ["spec", "dependsOn"],
      value: [...(spec.dependsOn ?? []), { name: "flux-operator" }],
    });
  }
  return ops;
}

function dependsOnOperator(spec: YamlData): boolean {
  return Array.isArray(spec.dependsOn) && spec.dependsOn.some((item: YamlData) => item?.name === "flux-operator");
}

/** Lists the FluxKustomization's file in the kustomization above it, when nothing delivers it yet. */
function deliver({ tree, cluster }: TransformContext, owner: KubeObject, { conventions }: AppContext) {
  if (cluster.files.has(owner.file)) return {};
  const own = dirname(owner.file);
  const parent = findKustomization(tree, own) ? own : dirname(own);
  const entry = parent === own ? basename(owner.file) : `${basename(own)}/${basename(owner.file)}`;
  return listResource(
    tree,
    parent,
    `${conventions.listPrefix}${entry}`,
    `Deliver ${describe(owner)}, which lies here undelivered.`,
  );
}

function alignChart({ tree, model }: TransformContext, { wanted }: AppContext, release: KubeObject, name: AppName) {
  const version = readChartUse(release, model.objects)?.version;
  if (!version || version.value === wanted.operatorVersion) return {};
  const pinned = parseFluxVersion(version.value);
  const embedded = pinned ? fluxEmbeddedBy(version.value) : undefined;
  const enough = embedded !== undefined && compareFluxVersions(parseFluxVersion(embedded)!, wanted.version) >= 0;
  if (enough || !pinned) return {};
  return editFile(
    tree,
    version.object.file,
    [{ op: "set", doc: version.object.doc, path: version.path, value: wanted.operatorVersion }],
    embedded === undefined
      ? `${name} ${version.value} is not known to embed the installed Flux.`
      : `${name} ${version.value} does not embed the installed Flux.`,
  );
}

/** How Helm remediation of this release could uninstall it; undefined when it cannot (trap 55). */
export function describeUninstall(spec: YamlData, version: FluxVersion): string | undefined {
  const retries = (action: YamlData) => action?.strategy?.name === "RetryOnFailure" && atLeast(version, "2.7");
  const install = spec?.install;
  const remediation = install?.remediation ?? {};
  if (!retries(install) && ((remediation.retries ?? 0) !== 0 || remediation.remediateLastFailure === true)) {
    return "install.remediation uninstalls a release whose install failed";
  }
  const upgrade = spec?.upgrade;
  const active = (upgrade?.remediation?.retries ?? 0) !== 0 || upgrade?.remediation?.remediateLastFailure === true;
  if (!retries(upgrade) && active && upgrade?.remediation?.strategy === "uninstall") {
    return "upgrade.remediation.strategy is uninstall";
  }
  return undefined;
}

function isProtected({ data }: KubeObject): boolean {
  const key = "kustomize.toolkit.fluxcd.io/prune";
  const marks = [data?.metadata?.annotations?.[key], data?.metadata?.labels?.[key]];
  return marks.some((value) => String(value).toLowerCase() === "disabled");
}

function halfProtected({ tree }: TransformContext, release: KubeObject, owner: KubeObject, app: AppName): DraftFinding {
  const [resource, at] = [describe(release), locateField(tree, release, ["metadata"])];
  return { rule: "app-prunable", level: "info", resource, at, facts: { app, guardedBy: describe(owner) } };
}

function prunable({ tree }: TransformContext, owner: KubeObject, app: AppName): DraftFinding {
  const [resource, at] = [describe(owner), locateField(tree, owner, ["spec", "prune"])];
  return { rule: "app-prunable", level: "caution", resource, at, facts: { app } };
}

function undelivered(release: KubeObject, app: AppName): DraftFinding {
  const [resource, at] = [describe(release), lineOf(release.file)];
  return { rule: "app-without-owner", level: "blocker", resource, at, facts: { app } };
}

function mayUninstall({ tree }: TransformContext, release: KubeObject, app: AppName, how: string): DraftFinding {
  const [resource, at] = [describe(release), locateField(tree, release, ["spec", "install"])];
  const level = app === "flux-instance" ? "blocker" : "caution";
  return { rule: "release-may-uninstall", level, resource, at, facts: { app, how } };
}
