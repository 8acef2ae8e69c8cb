import { fitOf } from "../../../src/cluster/artifact-root.ts";
import { isChosen } from "../../../src/cluster/clusters.ts";
import { repositoryPath } from "../../../src/cluster/graph.ts";
import { instanceOf } from "../../../src/cluster/instances.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { repositoryIdentity } from "../../../src/contract/address.ts";
import type { Loc } from "../../../src/contract/errors.ts";
import type { FactFinding } from "../../../src/contract/finding.ts";
import { given } from "../../../src/contract/given.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { Forge, OciOptions, Options } from "../../../src/contract/options.ts";
import type { RuleFacts } from "../../../src/contract/rule-facts.ts";
import type { FluxObjectSpec } from "../../../src/contract/specs.ts";
import { locateField } from "../../../src/delivery/locations.ts";
import { isWithin, normalizePath } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { findPublishers } from "./publishers.ts";
import {
  defaultArtifact,
  detectForge,
  formatArtifactUrl,
  parseArtifactUrl,
  providerOf,
  secretNameFor,
} from "./registry.ts";
import { branchOf, effectiveSource, findBridge, readInstanceSync } from "./sync.ts";
import type { InstanceSync, Publisher, SettledTarget } from "./types.ts";
import { verification } from "./verification.ts";

/** Decides what is published where, and what is read from it; without `target` there is a blocker. */
export function settleTarget(tree: Tree, cluster: Cluster, options: Options): SettledTarget {
  const sync = readInstanceSync(tree, cluster);
  if (!sync) return stop("oci-without-sync", instanceOf(cluster)?.at ?? locateField(tree, cluster.root), {});
  const source = effectiveSource(sync);
  if (!source.known) {
    const resource = `${sync.kind} ${sync.namespace}/${sync.name}`;
    return stop("delivery-unknown", source.unknowns[0].at, { resource, unread: source.unknowns[0].what });
  }
  const at = locateField(tree, { file: sync.target.file, doc: sync.target.doc }, [...sync.target.base, "sync"]);
  if (sync.kind === "Bucket") return stop("oci-not-from-git", at, {});
  const oci = options.oci ?? { sign: false };
  const isGit = sync.kind === "GitRepository";
  const identity = (isGit ? repositoryIdentity(sync.url) : oci.remote) || undefined;
  const asked = oci.forge === "none" ? undefined : oci.forge;
  const forge = asked ?? detectForge(tree, [identity, oci.remote]);
  const branch = branchOf(sync);
  if (isGit && branch === undefined) return stop("oci-ref-no-branch", at, { ref: sync.ref });
  // What the tree says already wins over flags: two phases must never name two artifacts.
  const bridge = isGit ? findBridge(tree, cluster, sync)?.object.data.spec : undefined;
  const said = isGit ? bridge && readBridge(bridge) : readSync(sync, source.value?.spec?.verify);
  const publishers = findRootPublishers(tree, cluster, options, identity);
  const address = said
    ? parseArtifactUrl(said.url)
    : chooseAddress(oci.registry, publishers, forge, identity, isGit ? sync.url : undefined);
  if (!address?.path) return stop("oci-registry-unknown", at, { given: oci.registry, forge, identity });
  // `--pull-secret ''` says that there is none.
  const secret = (said ? said.secret : (oci.pullSecret ?? defaultSecret(address.host))) || undefined;
  if (isGit && secret && secret === sync.pullSecret) {
    const resource = `Secret ${secret}`;
    return { finding: { rule: "oci-git-secret", level: "blocker", resource, at, facts: { secret } } };
  }
  // A flag is about the clusters that it is given for: two branches that move one tag would take turns in both clusters.
  const tag = said?.tag ?? (isChosen(cluster, options) ? oci.tag : undefined) ?? tagOf(branch);
  if (tag === "") return stop("oci-tag-unknown", at, { branch: branch ?? "" });
  const url = formatArtifactUrl(address);
  const publisher = publishers.find((one) => fitOf(one.address, url) >= 0);
  const publishes = oci.forge !== "none";
  const known = given({ forge, identity });
  const wanted = oci.sign ? verification({ ...known, publishes }) : undefined;
  const signed = said ? said.verify : wanted;
  const provider = providerOf(address.host);
  return {
    target: {
      ...{ sync, at, url, host: address.host, tag, ...known, publishes, sign: signed !== undefined },
      artifactPath: normalizePath(options.artifactPath ?? publisher?.path ?? "") ?? "",
      ...given({ provider, pullSecret: secret, branch, verify: signed, publisher }),
      ...(said ? { unheard: unheardFlags(oci, { ...said, ...address, tag }) } : {}),
    },
  };
}

const defaultSecret = (host: string) => (providerOf(host) ? undefined : secretNameFor(host));

function stop<Rule extends keyof RuleFacts>(rule: Rule, at: Loc, facts: RuleFacts[Rule]): SettledTarget {
  return { finding: { rule, level: "blocker", resource: "FluxInstance flux", at, facts } as FactFinding };
}

function readSync(sync: InstanceSync, verify: YamlData | undefined) {
  return { url: sync.url, tag: sync.ref, secret: sync.pullSecret, verify };
}

function readBridge(spec: FluxObjectSpec | undefined): {
  url: string;
  tag: string;
  secret?: string;
  verify?: YamlData;
} {
  const secret = spec?.secretRef?.name;
  return {
    url: String(spec?.url ?? ""),
    tag: String(spec?.ref?.tag ?? "latest"),
    verify: spec?.verify,
    ...(typeof secret === "string" ? { secret } : {}),
  };
}

/** CI that already pushes a folder which holds everything the root builds. */
function findRootPublishers(tree: Tree, cluster: Cluster, options: Options, identity: string | undefined) {
  const root = repositoryPath(cluster.root.data.spec, cluster.artifactRoot) ?? "";
  const wanted = options.artifactPath === undefined ? undefined : normalizePath(options.artifactPath);
  return findPublishers(tree, identity).filter(
    ({ path }) => isWithin(root, path) && (wanted === undefined || wanted === path),
  );
}

/** `--registry` may be a whole address or only a host; without it CI or the forge decides. */
function chooseAddress(
  given: string | undefined,
  publishers: readonly Publisher[],
  forge: Forge | undefined,
  identity: string | undefined,
  cloned: string | undefined,
) {
  const own = forge && defaultArtifact(forge, identity, cloned);
  const known = publishers.find(({ url }) => url !== undefined)?.url;
  if (given === undefined) return known === undefined ? own : parseArtifactUrl(known);
  const parsed = parseArtifactUrl(given);
  if (parsed?.path !== "") return parsed;
  const path = identity?.split("/").slice(1).join("/").toLowerCase();
  return path ? { host: parsed.host, path: `${path}/manifests` } : undefined;
}

/** The usual branches become `latest`; every other branch keeps its name as far as a tag can hold it, which may be `''`. */
function tagOf(branch: string | undefined): string {
  if (branch === undefined || /^(?:main|master|trunk)$/.test(branch)) return "latest";
  return branch
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 128);
}

/** Flags that say something else than the tree, which decides from prepare on. */
function unheardFlags(
  { registry, tag, pullSecret, sign }: OciOptions,
  said: { host: string; path: string; tag: string; secret?: string | undefined; verify?: unknown },
): string[] {
  const asked = registry === undefined ? undefined : parseArtifactUrl(registry);
  const isElsewhere = asked && (asked.host !== said.host || (asked.path !== "" && asked.path !== said.path));
  return [
    ...(isElsewhere ? [`--registry ${registry}`] : []),
    ...(tag !== undefined && tag !== said.tag ? [`--tag ${tag}`] : []),
    ...(pullSecret !== undefined && pullSecret !== (said.secret ?? "") ? [`--pull-secret '${pullSecret}'`] : []),
    ...(sign && said.verify === undefined ? ["--sign"] : []),
  ];
}
