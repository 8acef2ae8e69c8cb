import { instanceOf } from "../cluster/instances.ts";
import type { Cluster } from "../cluster/types.ts";
import { publicAddress } from "../contract/address.ts";
import { given } from "../contract/given.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { DetectedInstall } from "../contract/plan.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { installedFlux } from "../instance/chart/versions.ts";

/** What `scan` says of a cluster, each value with the place it was read from. */
export function describeCluster(tree: Tree, cluster: Cluster): DetectedInstall {
  const { install, runningSource: source, root, layout, findings } = cluster;
  const isAmbiguous = findings.some(({ rule }) => rule === "root-ambiguous");
  const instance = instanceOf(cluster);
  const bootstrap = cluster.bootstraps.map(({ style, version, at }) => {
    return { style, ...(version ? { version: version.value } : {}), at };
  });
  return {
    style: install?.style ?? (instance || cluster.rootFrom === "instance" ? "operator" : "unknown"),
    namespace: cluster.namespace,
    ...given({ version: installedFlux(install) }),
    ...(install && install.components.length > 0 ? { components: install.components } : {}),
    ...(source ? { source: describeSource(tree, source) } : {}),
    ...(isAmbiguous ? {} : { root: describeRoot(tree, root) }),
    ...(install ? { continuous: { style: install.style, at: install.at } } : {}),
    ...(bootstrap.length > 0 ? { bootstrap } : {}),
    patches: install?.patches.length ?? 0,
    layout: layout.kind,
    ...(layout.appsDir === undefined ? {} : { appsDir: layout.appsDir }),
  };
}

function describeRoot(tree: Tree, root: KubeObject) {
  return { name: root.name, path: String(root.data.spec?.path ?? "./"), at: locateField(tree, root) };
}

function describeSource(tree: Tree, source: KubeObject) {
  const { spec } = source.data;
  const url = publicAddress(String(spec?.url ?? spec?.endpoint ?? ""));
  return { kind: source.kind, name: source.name, url, ref: describeRef(spec), at: locateField(tree, source) };
}

function describeRef(spec: { ref?: Record<string, unknown>; bucketName?: unknown } | undefined): string {
  const ref = spec?.ref ?? {};
  for (const key of ["name", "branch", "tag", "semver", "commit", "digest"]) {
    if (typeof ref[key] === "string") return `${key} ${ref[key]}`;
  }
  return typeof spec?.bucketName === "string" ? `bucket ${spec.bucketName}` : "default";
}
