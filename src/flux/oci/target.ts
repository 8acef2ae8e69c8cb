import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import type { Forge } from "../../engine/types.ts";
import type { Loc } from "../../errors.ts";
import { repositoryPath } from "../graph.ts";
import { locateField } from "../locations.ts";
import { isWithin, normalizePath } from "../paths.ts";
import { repositoryIdentity } from "../sources.ts";
import type { Cluster, YamlData } from "../types.ts";
import { detectForge } from "./forge.ts";
import { findPublishers, type Publisher } from "./publishers.ts";
import { defaultArtifact, formatArtifactUrl, parseArtifactUrl, providerOf, secretNameFor } from "./registry.ts";
import { branchOf, effectiveSource, findBridge, type InstanceSync, readInstanceSync } from "./sync.ts";
import { gitSecretReused, syncIsNoBranch, syncIsNoGit, unknownRegistry, withoutSync } from "./target-findings.ts";
import { verification } from "./verification.ts";

/** Everything the transforms of `fluxlift oci` agree on for one cluster. */
export interface OciTarget {
  sync: InstanceSync;
  at: Loc;
  /** Without a tag. */
  url: string;
  host: string;
  tag: string;
  provider?: string;
  /** Secret to pull with; none for a provider's workload identity or a public artifact. */
  pullSecret?: string;
  /** Folder of the repository that becomes the root of the artifact; `''` for all of it. */
  artifactPath: string;
  forge?: Forge;
  /** Branch that Flux reads today; absent once it reads the artifact. */
  branch?: string;
  /** `host/owner/name` of what Flux clones today, else of the remote. */
  identity?: string;
  /** CI signs the artifact and Flux verifies it. */
  sign: boolean;
  /** `spec.verify` of the source; absent when nothing is signed. */
  verify?: YamlData;
  /** False when somebody else publishes the artifact. */
  publishes: boolean;
  /** CI that publishes this very artifact already. */
  publisher?: Publisher;
}

export type Settled = { target: OciTarget } | { target?: undefined; finding: DraftFinding };

const known = new WeakMap<Cluster, Settled>();

/** Decides once per cluster and phase, so that all transforms agree; without `target` there is a blocker. */
export function settleTarget(context: TransformContext): Settled {
  let settled = known.get(context.cluster);
  if (!settled) {
    settled = settle({ ...context, tree: context.model.tree });
    known.set(context.cluster, settled);
  }
  return settled;
}

/** What was decided for a cluster of a model before; undefined when a blocker stood in the way. */
export function settledTarget(cluster: Cluster): OciTarget | undefined {
  return known.get(cluster)?.target;
}

function settle(context: TransformContext): Settled {
  const { tree, cluster, options } = context;
  const sync = readInstanceSync(context);
  if (!sync) return { finding: withoutSync(tree, cluster) };
  const at = locateField(tree, { file: sync.target.file, doc: sync.target.doc }, [...sync.target.base, "sync"]);
  if (sync.kind === "Bucket") return { finding: syncIsNoGit(at) };
  const oci = options.oci ?? { sign: false };
  const isGit = sync.kind === "GitRepository";
  const identity = isGit ? repositoryIdentity(sync.url) : oci.remote;
  const asked = oci.forge === "none" ? undefined : oci.forge;
  const forge = asked ?? detectForge(tree, [identity, oci.remote])?.forge;
  const branch = branchOf(sync);
  if (isGit && branch === undefined) return { finding: syncIsNoBranch(at, sync.ref) };
  // What the tree says already wins over flags: two phases must never name two artifacts.
  const bridge = findBridge(context, sync)?.object.data?.spec;
  const said = isGit
    ? bridge && readBridge(bridge)
    : { url: sync.url, tag: sync.ref, secret: sync.pullSecret, verify: effectiveSource(sync).spec.verify };
  const publisher = findPublisher(context, identity);
  const address = said ? parseArtifactUrl(said.url) : chooseAddress(oci.registry, publisher, forge, identity);
  if (!address?.path) return { finding: unknownRegistry(at, forge, oci.registry, identity) };
  const provider = providerOf(address.host);
  const secret = said ? said.secret : (oci.pullSecret ?? (provider ? undefined : secretNameFor(address.host)));
  if (isGit && secret && secret === sync.pullSecret) return { finding: gitSecretReused(at, secret) };
  const url = formatArtifactUrl(address);
  const isSame = publisher && (publisher.url === undefined || publisher.url === url);
  const publishes = oci.forge !== "none";
  const signer = { ...(identity ? { identity } : {}), ...(forge ? { forge } : {}), publishes };
  const signed = said ? said.verify : oci.sign ? verification(signer) : undefined;
  return {
    target: {
      sync,
      at,
      url,
      host: address.host,
      tag: said?.tag ?? oci.tag ?? tagOf(branch),
      ...(provider ? { provider } : {}),
      ...(secret ? { pullSecret: secret } : {}),
      artifactPath: normalizePath(options.artifactPath ?? (isSame ? publisher.path : "")) ?? "",
      ...(forge ? { forge } : {}),
      ...(branch ? { branch } : {}),
      ...(identity ? { identity } : {}),
      publishes,
      sign: signed !== undefined,
      ...(signed === undefined ? {} : { verify: signed }),
      ...(isSame ? { publisher } : {}),
    },
  };
}

function readBridge(spec: YamlData): { url: string; tag: string; secret?: string; verify?: YamlData } {
  const secret = spec.secretRef?.name;
  return {
    url: String(spec.url ?? ""),
    tag: String(spec.ref?.tag ?? "latest"),
    verify: spec.verify,
    ...(typeof secret === "string" ? { secret } : {}),
  };
}

/** CI that already pushes a folder which holds everything the root builds. */
function findPublisher({ tree, cluster, options }: TransformContext, identity: string | undefined) {
  const root = repositoryPath(cluster.root.data?.spec, cluster.artifactRoot) ?? "";
  const wanted = options.artifactPath === undefined ? undefined : normalizePath(options.artifactPath);
  return findPublishers(tree, identity).find(
    ({ path }) => isWithin(root, path) && (wanted === undefined || wanted === path),
  );
}

/** `--registry` may be a whole address or only a host; without it CI or the forge decides. */
function chooseAddress(
  given: string | undefined,
  publisher: Publisher | undefined,
  forge: Forge | undefined,
  identity: string | undefined,
) {
  const own = forge && defaultArtifact(forge, identity);
  if (given === undefined) return publisher?.url ? parseArtifactUrl(publisher.url) : own;
  const parsed = parseArtifactUrl(given);
  if (parsed?.path !== "") return parsed;
  const path = identity?.split("/").slice(1).join("/").toLowerCase();
  return path ? { host: parsed.host, path: `${path}/manifests` } : undefined;
}

/** The usual branches become `latest`; every other branch keeps its name, so that two of them never share a tag. */
export function tagOf(branch: string | undefined): string {
  if (branch === undefined || /^(?:main|master|trunk)$/.test(branch)) return "latest";
  return branch.replace(/[^\w.-]+/g, "-").slice(0, 128);
}
