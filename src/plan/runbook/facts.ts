import type { TransformContext } from "../../../transforms/contract.ts";
import { findHelmfile } from "../../../transforms/shared/automation/helmfile-find.ts";
import { lacksServiceMonitor } from "../../../transforms/shared/automation/service-monitor.ts";
import { objectsNaming } from "../../../transforms/shared/read.ts";
import { allInstalls, objectsOf } from "../../cluster/all-installs.ts";
import { chartAddressOf, readChartUse, releaseNameOf, storageOf } from "../../cluster/chart-release.ts";
import { factsFor } from "../../cluster/facts.ts";
import { terraformOf } from "../../cluster/gotk/terraform.ts";
import { keyOf } from "../../cluster/graph.ts";
import { listGuards, rootIsRenamed, supersededSource, syncName } from "../../cluster/guards.ts";
import { findHandPublisher } from "../../cluster/hand-publishers.ts";
import { readHelmValues } from "../../cluster/helm-values.ts";
import { instanceOf } from "../../cluster/instances.ts";
import { isYamlPath, objectNamed, objectsIn } from "../../cluster/objects.ts";
import { listKeyNeeds, listSyncNeeds, type SyncNeed } from "../../cluster/sync-needs.ts";
import type { Cluster, RepoModel } from "../../cluster/types.ts";
import { publicAddress } from "../../contract/address.ts";
import { readable } from "../../contract/answer.ts";
import type { Edit } from "../../contract/edit.ts";
import type { Finding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import {
  bodyOf,
  type DeliveredFluxObject,
  isFilled,
  itemsOf,
  type KubeObject,
  readableSpec,
  type YamlData,
} from "../../contract/objects.ts";
import type { Ref } from "../../contract/runbook.ts";
import type { MergeSafety } from "../../contract/safety.ts";
import { describe, isFluxInstance, isFluxKustomization, isHelmRelease } from "../../delivery/kinds.ts";
import { findKustomization, isSubstitutionDisabled } from "../../delivery/kustomize/index.ts";
import { dirname, normalizePath, sharedSegments } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { installedFlux } from "../../instance/chart/versions.ts";
import { losesPodLabels } from "../../instance/lost-selectors.ts";
import { mentionsVariables } from "../../instance/patches/escape.ts";
import { parseFluxVersion } from "../../release/releases.ts";
import type { ChartApp, ProvidedNeed, RunbookFacts } from "../../runbook/facts.ts";
import { describeReversal } from "../../runbook/reversal.ts";
import { keysOf } from "./secret-keys.ts";
import { listStartNeeds } from "./start-needs.ts";

const CHARTS = "oci://ghcr.io/controlplaneio-fluxcd/charts";

/** What the runbook of a phase speaks of, from the model, the edits and the tree. */
export function collectFacts(input: RunbookInput): RunbookFacts {
  const { cluster, phase, options, tree, edits } = input;
  const objects = cluster.install?.objects ?? [];
  const release = objects.find(isHelmRelease);
  const old = supersededSource(cluster, options);
  const isRenamed = rootIsRenamed(cluster, options);
  const path = String(cluster.root.data.spec?.path ?? "./");
  const refOf = (object: KubeObject): Ref => ({
    kind: object.kind,
    name: object.name,
    namespace: object.namespace || cluster.namespace,
  });
  return {
    cluster: cluster.name,
    phase: phase === "prepare" || phase === "switch" ? "cleanup" : phase,
    direct: options.direct && options.phase === "all",
    operatorRuns: options.direct && options.phase !== "all",
    strategy: options.sync,
    order: options.clusters,
    blockers: countBlockers(input),
    files: new Set(edits.map((edit) => edit.path)).size,
    isOneOfSeveral: input.model.clusters.length > 1 && options.clusters.length !== 1,
    namespace: cluster.namespace,
    root: { ...refOf(cluster.root), path },
    isRenamed,
    replaced: [...(old ? [refOf(old)] : []), ...(isRenamed ? [refOf(cluster.root)] : [])],
    orphans: listOrphans(input).map(refOf),
    installers: objects
      .filter((object) => isFluxKustomization(object) || isHelmRelease(object) || object.kind === "OCIRepository")
      .map(refOf),
    losesPodLabels: willLosePodLabels(input),
    guards: listGuards(cluster, options),
    suspended: listSuspended(cluster),
    needs: [...listStartNeeds(input), ...listSyncNeeds(cluster)].map((need) => provided(input, need)),
    keys: listKeys(input),
    companions: cluster.companions.map(({ object: { name, file } }) => ({ name, file })),
    rootWaits: listRootWaits(cluster),
    syncFiles: [...new Set([cluster.source?.file, cluster.root.file].filter((file) => file !== undefined))],
    syncSecret: String(cluster.runningSource?.data.spec?.secretRef?.name ?? "flux-system"),
    terraform: terraformOf(tree, normalizePath(path)),
    get reversal() {
      return describeReversal(input.reverse?.());
    },
    ...findApps(input),
    ...branchesOf(input),
    ...versionOf(input),
    ...given({
      source: cluster.runningSource && { ...refOf(cluster.runningSource), ...describeSource(cluster.runningSource) },
      sync: syncName(cluster, options),
      oldSource: old && refOf(old),
      chartRelease: release && { name: releaseNameOf(release), namespace: storageOf(release, cluster) },
      helmfile: findRebuild(input),
      appliedOnce: findAppliedOnce(tree, cluster),
      measured: factsFor(options.facts, cluster.name),
      tag: cluster.tag,
      publisher: publisherOf(input),
    }),
  };
}

function publisherOf({ tree, cluster }: RunbookInput): string | undefined {
  const at = findHandPublisher(tree, cluster.source);
  return at && `${at.file}:${at.line}`;
}

/** Errs towards none: only of an install that a kustomization of its own builds. */
function findAppliedOnce(tree: Tree, { install, files }: Cluster): string | undefined {
  if (!install || files.has(install.at.file)) return undefined;
  const dir = install.dir ?? dirname(install.at.file);
  const isApplied = install.objects.some((object) => isFluxKustomization(object) || isHelmRelease(object));
  return !isApplied && findKustomization(tree, dir) ? dir : undefined;
}

const SUSPENDABLE = ["Kustomization", "HelmRelease", "GitRepository", "OCIRepository"];

/** Objects of Flux that Git suspends. Errs towards fewer: one that only a patch suspends is not looked for. */
function listSuspended(cluster: Cluster): Ref[] {
  const others = cluster.findObjects((text) => /\bsuspend["']?:\s*["']?true\b/.test(text));
  const delivered = [...cluster.kustomizations, ...others];
  const isSuspended = (item: DeliveredFluxObject) => readableSpec(item)?.suspend === true;
  const isFlux = ({ apiVersion, kind }: KubeObject) =>
    /\.toolkit\.fluxcd\.io\//.test(apiVersion) && SUSPENDABLE.includes(kind);
  return delivered
    .filter((item) => isFlux(item.object) && isSuspended(item))
    .map(({ object: { kind, name }, namespace }) => ({ kind, name, namespace: namespace || cluster.namespace }));
}

/** On an empty cluster nothing applies what the root both delivers and waits for. */
function listRootWaits({ root, kustomizations, install }: Cluster): { name: string; file: string }[] {
  const installers = new Set(install?.objects.map(({ name }) => name));
  return itemsOf(root.data.spec?.dependsOn).flatMap(({ name, namespace = root.namespace }) => {
    if (installers.has(name)) return [];
    const found = kustomizations.find((one) => one.object.name === name && one.namespace === namespace);
    return found && found.object !== root ? [{ name, file: found.object.file }] : [];
  });
}

/** The objects that an `orphan-left` speaks of; an old root has a step of its own. */
function listOrphans({ cluster, findings }: RunbookInput): KubeObject[] {
  const said = findings.filter(({ rule }) => rule === "orphan-left");
  // To list the objects of a cluster everything that is delivered has to be built.
  if (said.length === 0) return [];
  const { source, objects } = cluster;
  const own = allInstalls(cluster).flatMap(objectsOf);
  const isSaid = (object: KubeObject) =>
    said.some(({ resource, at }) => resource === describe(object) && at?.file === object.file);
  const delivered = objects.map(({ object }) => object);
  const found = [...own, ...(source ? [source] : []), ...delivered].filter(isSaid);
  return [...new Map(found.map((object) => [keyOf(object), object])).values()];
}

function branchesOf({ cluster, branch }: RunbookInput): Pick<RunbookFacts, "branch" | "target" | "checkedOut"> {
  const reads = cluster.branch ?? branch;
  if (!reads) return { target: "the branch this cluster reads" };
  return { branch: reads, target: `\`${reads}\``, ...given({ checkedOut: branch === reads ? undefined : branch }) };
}

function versionOf({ cluster, options }: RunbookInput): Pick<RunbookFacts, "version" | "minor" | "isAsked"> {
  const version = options.fluxVersion ?? installedFlux(cluster.install)?.value;
  const written: unknown = instanceOf(cluster)?.spec.distribution?.version;
  return given({
    version,
    isAsked: options.fluxVersion !== undefined || undefined,
    minor: parseFluxVersion(String(written)) ? undefined : /^v?(\d+\.\d+)/.exec(version ?? "")?.[1],
  });
}

function willLosePodLabels(input: RunbookInput): boolean {
  const version = parseFluxVersion(versionOf(input).version ?? "");
  const { install } = input.cluster;
  return !install || !version || losesPodLabels(install.style, version) !== false;
}

/** What a source reads, in the words of its `ref`: `branch main`, `tag latest`; never the user and password of a URL. */
function describeSource({ data }: KubeObject): { url: string; ref: string } {
  const spec = data.spec ?? {};
  const ref = Object.entries(spec.ref ?? {}).map(([key, value]) => `${key} ${value}`);
  return {
    url: publicAddress(String(spec.url ?? spec.endpoint ?? "")),
    ref: ref.join(", ") || (spec.bucketName ? `bucket ${spec.bucketName}` : "its default branch"),
  };
}

/** Operator and instance as the files say that this cluster reads or that the phase creates. */
function findApps(
  input: RunbookInput,
): Pick<RunbookFacts, "operator" | "instance" | "instanceFile" | "isInstanceFilled"> {
  const { cluster, tree, edits } = input;
  const named = ["flux-operator", "flux-instance", "FluxInstance"].flatMap((text) => tree.grep(text));
  const created = edits.flatMap((edit) => (edit.kind === "create" ? [edit.path] : []));
  const files = new Set([...named.filter((path) => cluster.files.has(path)), ...created]);
  const objects = objectsIn(tree, [...files].sort());
  const operator = findChart(input, objects, "flux-operator") ?? findOperatorSet(input, objects);
  const instance = findChart(input, objects, "flux-instance");
  const manifest = objects.find(isFluxInstance);
  const { substitute, substituteFrom } = readableSpec(cluster.kustomizations[0])?.postBuild ?? {};
  const fills = Object.keys(substitute ?? {}).length + (substituteFrom?.length ?? 0) > 0;
  const isFilled = fills && manifest && !isSubstitutionDisabled(manifest.data) && mentionsVariables(manifest.data);
  return given({ operator, instance, instanceFile: manifest?.file, isInstanceFilled: isFilled || undefined });
}

function findChart(
  { cluster, tree }: RunbookInput,
  objects: readonly KubeObject[],
  chart: string,
): ChartApp | undefined {
  for (const object of objects.filter(isHelmRelease)) {
    const use = readChartUse(object, objects);
    if (use?.chart !== chart) continue;
    const { file, name, namespace, data } = object;
    const url = chartAddressOf(use);
    const { values, files } = readHelmValues(tree, object, data.spec);
    return {
      file,
      ...(objects.filter((other) => other.file === file).length > 1 ? { among: name } : {}),
      release: releaseNameOf(object),
      namespace: data.spec?.targetNamespace ?? (namespace || cluster.namespace),
      chart: url !== undefined ? publicAddress(url) : `${CHARTS}/${chart}`,
      escaped: [file, ...files].some((path) => tree.read(path)?.includes("$$")),
      inline: isFilled(data.spec?.values),
      ...(files.length > 0 ? { valuesFiles: files } : {}),
      ...(lacksServiceMonitor(tree, { merged: readable(values) }, []) ? { monitored: true } : {}),
      ...given({ version: use.version?.value }),
    };
  }
  return undefined;
}

/** The operator that a ResourceSet keeps: its own name and namespace are those of the release. */
function findOperatorSet({ cluster }: RunbookInput, objects: readonly KubeObject[]): ChartApp | undefined {
  const chart = `${CHARTS}/flux-operator`;
  const found = objects.find(
    (object) =>
      object.kind === "ResourceSet" &&
      bodyOf(object).spec?.resources?.some?.((item: YamlData) => item?.spec?.url === chart),
  );
  return (
    found && {
      release: found.name,
      namespace: found.namespace || cluster.namespace,
      chart,
      escaped: false,
      inline: false,
    }
  );
}

function provided(input: RunbookInput, need: SyncNeed): ProvidedNeed {
  return { ...need, ...findProvider(input, need), keys: keysOf(need, input.cluster, input.tree) };
}

/** The file that declares what the sync needs, closest to the root's own file. */
function findProvider({ cluster, tree }: RunbookInput, { kind, name }: SyncNeed) {
  const [file] = tree
    .grep(name)
    .filter(isYamlPath)
    .filter((path) => objectNamed(tree, path, { kind, name }))
    .sort((a, b) => sharedSegments(b, cluster.root.file) - sharedSegments(a, cluster.root.file));
  if (file === undefined) return { encrypted: false };
  return { file, encrypted: /^sops:/m.test(tree.read(file) ?? "") };
}

/** Keys that nothing which Flux applies brings along, so that somebody has to. */
function listKeys(input: RunbookInput): ProvidedNeed[] {
  const { cluster, tree } = input;
  const isMade = ({ name }: SyncNeed) =>
    objectsNaming(tree, cluster, name).some(
      (one) => /Secret$/.test(one.kind) && [one.name, bodyOf(one).spec?.target?.name].includes(name),
    );
  return listKeyNeeds(cluster)
    .filter((need) => !isMade(need))
    .map((need) => provided(input, need));
}

/** The helmfile of this cluster, once it lists the instance. */
function findRebuild(input: RunbookInput): RunbookFacts["helmfile"] {
  const { helmfile } = findHelmfile(input);
  if (!helmfile?.text.includes("flux-instance")) return undefined;
  return { file: helmfile.path, ...given({ crds: helmfile.crds }) };
}

/** What a phase of one cluster came to. */
export interface RunbookInput extends Pick<TransformContext, "cluster" | "phase" | "options" | "tree"> {
  /** All clusters, to tell whose a file is. */
  model: Pick<RepoModel, "clusters" | "leftOut">;
  edits: Edit[];
  findings: Finding[];
  /** The branch that is checked out. */
  branch?: string;
  /** What Flux does when the phase is merged and then reverted; undefined when it changes nothing. */
  reverse?: () => MergeSafety | undefined;
}

/** What keeps the phase from being merged; also that the one before it is stopped. */
export function countBlockers({ findings }: RunbookInput): number {
  return findings.filter(({ level, rule }) => level === "blocker" || rule === "phase-waits").length;
}
