import { stringify } from "yaml";
import { api, BRANCH, type Cluster } from "./cluster.ts";
import type { FluxPatch } from "./patches.ts";
import type { Data, Tree } from "./tree.ts";

export function sourceOf(tree: Tree, cluster: Cluster): Data {
  const { pick } = tree;
  const metadata = { name: cluster.sourceName, namespace: "flux-system" };
  const ssh = pick.chance(0.5);
  const spec: Data = {
    interval: pick.one(["1m0s", "10m", "1h"]),
    url: ssh ? "ssh://git@github.com/acme/fleet" : "https://github.com/acme/fleet",
    ref: { branch: BRANCH },
  };
  if (cluster.style === "gotk" ? ssh || pick.chance(0.5) : ssh)
    spec.secretRef = { name: pick.one(["flux-system", "github-deploy-key"]) };
  if (tree.has("ignore", 0.25)) {
    const own = cluster.root.split("/")[0] as string;
    const read = cluster.layout === "fleet" ? [own, "apps", "infrastructure", "tenants"] : [own, "charts", "remote"];
    const lines = ["# exclude all", "/*", "# but what clusters read", ...[...read, "waiting"].map((one) => `!/${one}`)];
    spec.ignore = `${lines.join("\n")}\n`;
  }
  if (tree.has("submodules", 0.1)) spec.recurseSubmodules = true;
  if (tree.has("source-timeout", 0.15)) spec.timeout = "90s";
  return { apiVersion: api(cluster.version, "source"), kind: "GitRepository", metadata, spec };
}

export function rootOf(tree: Tree, cluster: Cluster): Data {
  const { pick } = tree;
  const spec: Data = {
    interval: pick.one(["10m0s", "30m", "1h"]),
    path: `./${cluster.root}`,
    prune: !tree.has("prune-false", 0.1),
  };
  spec.sourceRef = { kind: "GitRepository", name: cluster.sourceName };
  if (tree.has("wait", 0.15)) spec.wait = true;
  if (tree.has("timeout", 0.2)) spec.timeout = "5m";
  if (tree.has("retry", 0.15)) spec.retryInterval = "1m";
  if (tree.has("force", 0.05)) spec.force = true;
  if (tree.has("decryption", 0.5)) spec.decryption = { provider: "sops", secretRef: { name: "sops-age" } };
  if (tree.has("root-substitute", 0.4)) {
    spec.postBuild = { substitute: { CLUSTER_NAME: cluster.name } };
    if (tree.has("root-substitute-from", 0.5))
      spec.postBuild.substituteFrom = [
        { kind: "ConfigMap", name: "cluster-settings" },
        { kind: "Secret", name: "cluster-secrets", optional: true },
      ];
  }
  if (tree.has("common-metadata", 0.1)) spec.commonMetadata = { labels: { "example.com/cluster": cluster.name } };
  const patches: FluxPatch[] = [];
  if (tree.has("patches-into-children", 0.35)) {
    patches.push({
      target: {
        group: "kustomize.toolkit.fluxcd.io",
        kind: "Kustomization",
        ...(pick.chance(0.5) ? { labelSelector: "substitution.flux.home.arpa/disabled notin (true)" } : {}),
      },
      patch: stringify({
        apiVersion: "kustomize.toolkit.fluxcd.io/v1",
        kind: "Kustomization",
        metadata: { name: "not-used" },
        spec: {
          decryption: { provider: "sops", secretRef: { name: "sops-age" } },
          ...(pick.chance(0.5)
            ? { postBuild: { substituteFrom: [{ kind: "ConfigMap", name: "cluster-settings" }] } }
            : {}),
        },
      }),
    });
  }
  if (tree.has("patches-into-releases", 0.2)) {
    const helm = {
      install: { crds: "CreateReplace", remediation: { retries: 3 } },
      upgrade: { crds: "CreateReplace", cleanupOnFail: true },
    };
    patches.push({
      // Without this the root would patch its own patches away.
      target: {
        group: "kustomize.toolkit.fluxcd.io",
        kind: "Kustomization",
        labelSelector: "example.com/root notin (true)",
      },
      patch: stringify({
        apiVersion: "kustomize.toolkit.fluxcd.io/v1",
        kind: "Kustomization",
        metadata: { name: "not-used" },
        spec: {
          patches: [
            {
              target: { group: "helm.toolkit.fluxcd.io", kind: "HelmRelease" },
              patch: stringify({
                apiVersion: api(cluster.version, "helm"),
                kind: "HelmRelease",
                metadata: { name: "not-used" },
                spec: helm,
              }),
            },
          ],
        },
      }),
    });
  }
  if (patches.length > 0) spec.patches = patches;
  return {
    apiVersion: api(cluster.version, "kustomize"),
    kind: "Kustomization",
    metadata: { name: cluster.rootName, namespace: "flux-system", labels: { "example.com/root": "true" } },
    spec,
  };
}
