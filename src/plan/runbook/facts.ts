import { releaseNameOf } from "../../cluster/chart-release.ts";
import { factsFor } from "../../cluster/facts.ts";
import { terraformOf } from "../../cluster/gotk/terraform.ts";
import { listGuards, rootIsRenamed, supersededSource, syncName } from "../../cluster/guards.ts";
import { listSyncNeeds } from "../../cluster/sync-needs.ts";
import type { Cluster } from "../../cluster/types.ts";
import { type KubeObject, readableSpec } from "../../contract/objects.ts";
import { isFluxKustomization, isHelmRelease } from "../../delivery/kinds.ts";
import { normalizePath } from "../../delivery/paths.ts";
import { hideCredentials } from "../../files/git.ts";
import type { Ref, RunbookFacts } from "../../runbook/facts.ts";
import { describeReversal } from "../../runbook/reversal.ts";
import { findApps } from "./apps.ts";
import { countBlockers, type RunbookInput } from "./input.ts";
import { findProvider, findRebuild } from "./rebuild.ts";

/** What the runbook of a phase speaks of, from the model, the edits and the tree. */
export function collectFacts(input: RunbookInput): RunbookFacts {
  const { cluster, phase, options, tree, edits } = input;
  const objects = cluster.install?.objects ?? [];
  const release = objects.find(isHelmRelease);
  const old = supersededSource(cluster, options);
  const isRenamed = rootIsRenamed(cluster, options);
  const path = String(cluster.root.data?.spec?.path ?? "./");
  const refOf = (object: KubeObject): Ref => ({
    kind: object.kind,
    name: object.name,
    namespace: object.namespace || cluster.namespace,
  });
  return {
    cluster: cluster.name,
    phase: phase === "prepare" || phase === "switch" ? "cleanup" : phase,
    direct: options.direct,
    strategy: options.sync,
    order: options.clusters,
    blockers: countBlockers(input),
    files: new Set(edits.map((edit) => edit.path)).size,
    namespace: cluster.namespace,
    root: { ...refOf(cluster.root), path },
    isRenamed,
    replaced: [...(old ? [refOf(old)] : []), ...(isRenamed ? [refOf(cluster.root)] : [])],
    keepsOrphans: (readableSpec(cluster.kustomizations[0]) ?? cluster.root.data?.spec)?.prune === false,
    installers: objects.filter((object) => isFluxKustomization(object) || object.kind === "OCIRepository").map(refOf),
    guards: listGuards(cluster, options),
    needs: listSyncNeeds(cluster).map((need) => ({ ...need, ...findProvider(input, need) })),
    syncFiles: [...new Set([cluster.source?.file, cluster.root.file].filter((file) => file !== undefined))],
    syncSecret: String(cluster.source?.data?.spec?.secretRef?.name ?? "flux-system"),
    terraform: terraformOf(tree, normalizePath(path)),
    get reversal() {
      return describeReversal(input.reverse?.());
    },
    ...findApps(input),
    ...branchesOf(input),
    ...versionOf(input),
    ...given("source", cluster.source && { ...refOf(cluster.source), ...describeSource(cluster.source) }),
    ...given("sync", syncName(cluster, options)),
    ...given("oldSource", old && refOf(old)),
    ...given("chartRelease", release && { name: releaseNameOf(release), namespace: storageOf(release, cluster) }),
    ...given("helmfile", findRebuild(input)),
    ...given("measured", factsFor(options.facts, cluster.name)),
  };
}

function given<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: V });
}

function branchesOf({ cluster, branch }: RunbookInput): Pick<RunbookFacts, "branch" | "target" | "checkedOut"> {
  const reads = cluster.branch ?? branch;
  if (!reads) return { target: "the branch this cluster reads" };
  return { branch: reads, target: `\`${reads}\``, ...given("checkedOut", branch === reads ? undefined : branch) };
}

function versionOf({ cluster, options }: RunbookInput): Pick<RunbookFacts, "version" | "minor"> {
  const version = options.fluxVersion ?? cluster.install?.version?.value;
  return { ...given("version", version), ...given("minor", /^v?(\d+\.\d+)/.exec(version ?? "")?.[1]) };
}

/** What a source reads, in the words of its `ref`: `branch main`, `tag latest`; never the user and password of a URL. */
function describeSource({ data }: KubeObject): { url: string; ref: string } {
  const spec = data?.spec ?? {};
  const ref = Object.entries(spec.ref ?? {}).map(([key, value]) => `${key} ${value}`);
  return {
    url: hideCredentials(String(spec.url ?? spec.endpoint ?? "")),
    ref: ref.join(", ") || (spec.bucketName ? `bucket ${spec.bucketName}` : "its default branch"),
  };
}

/** Where Helm keeps the records of a release. */
function storageOf({ namespace, data }: KubeObject, cluster: Cluster): string {
  return data?.spec?.storageNamespace ?? (namespace || cluster.namespace);
}
