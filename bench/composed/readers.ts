import { BRANCH, type Cluster, minorOf } from "./cluster.ts";
import type { Data, Tree } from "./tree.ts";

/** What notifies, watches images or is called from outside on the source of a cluster. */
export function readersOf(tree: Tree, cluster: Cluster): Data[] {
  const source = { kind: "GitRepository", name: cluster.sourceName };
  const docs: Data[] = [];
  if (tree.has("receiver", 0.25))
    docs.push({
      apiVersion: "notification.toolkit.fluxcd.io/v1",
      kind: "Receiver",
      metadata: { name: "github", namespace: "flux-system" },
      spec: {
        type: "github",
        events: ["ping", "push"],
        secretRef: { name: "webhook-token" },
        resources: [{ apiVersion: "source.toolkit.fluxcd.io/v1", ...source, namespace: "flux-system" }],
      },
    });
  if (tree.has("alert", 0.25))
    docs.push(
      {
        apiVersion: "notification.toolkit.fluxcd.io/v1beta3",
        kind: "Provider",
        metadata: { name: "slack", namespace: "flux-system" },
        spec: { type: "slack", channel: "flux", address: "https://hooks.example.com/flux" },
      },
      {
        apiVersion: "notification.toolkit.fluxcd.io/v1beta3",
        kind: "Alert",
        metadata: { name: "flux", namespace: "flux-system" },
        spec: {
          providerRef: { name: "slack" },
          eventSeverity: "error",
          eventSources: [
            { kind: "GitRepository", name: tree.pick.one(["*", cluster.sourceName]) },
            { kind: "Kustomization", name: "*" },
          ],
        },
      },
    );
  if (tree.has("image-automation", 0.2))
    docs.push(
      {
        apiVersion: "image.toolkit.fluxcd.io/v1beta2",
        kind: "ImageRepository",
        metadata: { name: "echo", namespace: "flux-system" },
        spec: { image: "ghcr.io/acme/echo", interval: "10m" },
      },
      {
        apiVersion: "image.toolkit.fluxcd.io/v1beta2",
        kind: "ImagePolicy",
        metadata: { name: "echo", namespace: "flux-system" },
        spec: { imageRepositoryRef: { name: "echo" }, policy: { semver: { range: "1.x" } } },
      },
      {
        apiVersion:
          minorOf(cluster.version) >= 3 ? "image.toolkit.fluxcd.io/v1beta2" : "image.toolkit.fluxcd.io/v1beta1",
        kind: "ImageUpdateAutomation",
        metadata: { name: "images", namespace: "flux-system" },
        spec: {
          interval: "30m",
          sourceRef: source,
          git: {
            ...(tree.pick.chance(0.5) ? { checkout: { ref: { branch: BRANCH } } } : {}),
            commit: { author: { email: "flux@example.com", name: "flux" } },
            ...(tree.pick.chance(0.5) ? { push: { branch: "updates" } } : {}),
          },
          update: { path: `./${cluster.root}`, strategy: "Setters" },
        },
      },
    );
  if (tree.has("pod-monitor", 0.2))
    docs.push({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PodMonitor",
      metadata: { name: "flux", namespace: "flux-system" },
      spec: {
        selector: {
          matchExpressions: [
            { key: "app", operator: "In", values: ["helm-controller", "source-controller", "kustomize-controller"] },
          ],
        },
        podMetricsEndpoints: [{ port: "http-prom" }],
      },
    });
  if (tree.has("budget", 0.1))
    docs.push({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "source-controller", namespace: "flux-system" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "source-controller" } } },
    });
  return docs;
}
