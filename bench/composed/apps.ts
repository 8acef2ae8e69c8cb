import { api, type Cluster, configMap, helmRepository, minorOf, release } from "./cluster.ts";
import { oddApps } from "./odd.ts";
import type { Data, Tree } from "./tree.ts";

const SUBSTITUTED = "x-${CLUSTER_NAME}";

interface ChildOptions {
  name: string;
  path: string;
  namespace?: string;
  dependsOn?: string[];
}

function childOf(
  tree: Tree,
  cluster: Cluster,
  { name, path, namespace = "flux-system", dependsOn }: ChildOptions,
): Data {
  const { pick } = tree;
  const abroad = namespace !== "flux-system";
  return {
    apiVersion: api(cluster.version, "kustomize"),
    kind: "Kustomization",
    metadata: { name, namespace },
    spec: {
      ...(dependsOn
        ? { dependsOn: dependsOn.map((one) => ({ name: one, ...(abroad ? { namespace: "flux-system" } : {}) })) }
        : {}),
      interval: pick.one(["10m", "30m", "1h"]),
      path: `./${path}`,
      prune: pick.chance(0.9),
      sourceRef: {
        kind: "GitRepository",
        name: cluster.sourceName,
        ...(abroad || pick.chance(0.3) ? { namespace: "flux-system" } : {}),
      },
      ...(!name.endsWith("apps") && pick.chance(0.3)
        ? { targetNamespace: namespace === "flux-system" ? "default" : namespace }
        : {}),
      ...(pick.chance(0.3) ? { wait: pick.chance(0.5) } : {}),
      ...(pick.chance(0.2) ? { postBuild: { substitute: { APP: name } } } : {}),
    },
  };
}

/** Folders of apps, shared or of one cluster; the FluxKustomizations that apply them lie below the root. */
export function appsOf(tree: Tree, cluster: Cluster): string[] {
  const { pick } = tree;
  const substitute = tree.features.includes("root-substitute");
  if (cluster.layout === "fleet") {
    const dir = cluster.root;
    const files: string[] = [];
    tree.list("infrastructure/controllers", ["repository.yaml", "release.yaml"], { namespace: "cert-manager" });
    tree.add(
      "infrastructure/controllers/repository.yaml",
      helmRepository(cluster, "jetstack", "https://charts.jetstack.io"),
    );
    tree.add(
      "infrastructure/controllers/release.yaml",
      release(cluster, "cert-manager", "jetstack", "1.15.3", { crds: { enabled: true } }),
    );
    tree.list("apps/base/podinfo", ["config.yaml"], { namespace: "podinfo" });
    tree.add("apps/base/podinfo/config.yaml", configMap("podinfo", { level: "info" }));
    tree.list(`apps/${cluster.name}`, ["../base/podinfo"], {
      patches: [
        {
          target: { kind: "ConfigMap", name: "podinfo" },
          patch: `- op: replace\n  path: /data/level\n  value: ${cluster.name}\n`,
        },
      ],
    });
    files.push(
      tree.add(
        `${dir}/infrastructure`,
        childOf(tree, cluster, { name: "infrastructure", path: "infrastructure/controllers" }),
      ),
    );
    files.push(
      tree.add(
        `${dir}/apps`,
        childOf(tree, cluster, { name: "apps", path: `apps/${cluster.name}`, dependsOn: ["infrastructure"] }),
      ),
    );
    if (tree.has("tenant", 0.2)) {
      tree.list(`tenants/${cluster.name}`, ["config.yaml"], { namespace: "team" });
      tree.add(`tenants/${cluster.name}/config.yaml`, configMap("team", { quota: "small" }));
      files.push(
        tree.add(`${dir}/tenants`, childOf(tree, cluster, { name: "tenants", path: `tenants/${cluster.name}` })),
      );
    }
    return [...files, ...othersOf(tree, cluster)];
  }
  const apps = `${cluster.root.replace(/\/flux$/, "")}/apps`;
  const names = ["default/echo", "media/player", "database/store", "network/ingress"].filter(
    (_, at) => at < 2 || pick.chance(0.5),
  );
  const common = tree.has("namespace-component", 0.3) ? namespaceComponent(tree, apps) : undefined;
  for (const one of names) {
    const [namespace = "", app = ""] = one.split("/");
    const own = common || pick.chance(0.3) ? namespace : undefined;
    tree.add(
      `${apps}/${one}/ks.yaml`,
      childOf(tree, cluster, { name: app, path: `${apps}/${one}/app`, ...(own ? { namespace: own } : {}) }),
    );
    tree.add(`${apps}/${one}/app/config.yaml`, configMap(app, { value: substitute ? SUBSTITUTED : "x" }, namespace));
    tree.list(`${apps}/${one}/app`, ["config.yaml"]);
    if (pick.chance(0.2)) chartOf(tree, cluster, `${apps}/${one}/app`, app);
    if (common) {
      tree.list(`${apps}/${namespace}`, [`${app}/ks.yaml`], { namespace, components: [common] });
      continue;
    }
    tree.add(`${apps}/${namespace}/namespace.yaml`, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "kustomize.toolkit.fluxcd.io/prune": "disabled" } },
    });
    tree.list(`${apps}/${namespace}`, ["namespace.yaml", `${app}/ks.yaml`]);
  }
  if (["manifests", "chart"].includes(cluster.style) && tree.has("own-namespace", 0.3)) {
    names.push("flux-system/extras");
    tree.add(`${apps}/flux-system/namespace.yaml`, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "flux-system",
        labels: { "kustomize.toolkit.fluxcd.io/prune": "disabled", "pod-security.kubernetes.io/enforce": "privileged" },
      },
    });
    tree.add(`${apps}/flux-system/extras/ks.yaml`, {
      ...childOf(tree, cluster, {
        name: "flux-extras",
        path: `${apps}/flux-system/extras/app`,
        ...(cluster.style === "manifests" && pick.chance(0.5) ? { dependsOn: ["flux"] } : {}),
      }),
    });
    tree.list(`${apps}/flux-system/extras/app`, ["config.yaml"]);
    tree.add(`${apps}/flux-system/extras/app/config.yaml`, configMap("flux-extras", { value: "x" }, "flux-system"));
    tree.list(`${apps}/flux-system`, ["namespace.yaml", "extras/ks.yaml"]);
  }
  if (tree.has("chart-from-git", 0.15)) {
    names.push("tools/own-chart");
    tree.add(
      `${apps}/tools/own-chart/ks.yaml`,
      childOf(tree, cluster, { name: "own-chart", path: `${apps}/tools/own-chart/app` }),
    );
    tree.list(`${apps}/tools/own-chart/app`, ["release.yaml"], { namespace: "tools" });
    tree.add(`${apps}/tools/own-chart/app/release.yaml`, {
      apiVersion: api(cluster.version, "helm"),
      kind: "HelmRelease",
      metadata: { name: "own-chart" },
      spec: {
        interval: "1h",
        chart: {
          spec: {
            chart: "./charts/own",
            sourceRef: { kind: "GitRepository", name: cluster.sourceName, namespace: "flux-system" },
          },
        },
      },
    });
    tree.add(`${apps}/tools/namespace.yaml`, { apiVersion: "v1", kind: "Namespace", metadata: { name: "tools" } });
    tree.list(`${apps}/tools`, ["namespace.yaml", "own-chart/ks.yaml"]);
    tree.files.set("charts/own/Chart.yaml", "apiVersion: v2\nname: own\nversion: 0.1.0\n");
    tree.files.set("charts/own/templates/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n");
  }
  if (tree.has("other-cluster", 0.1)) {
    const child = childOf(tree, cluster, { name: "remote", path: "remote/app" });
    child.spec.kubeConfig = { secretRef: { name: "other-kubeconfig" } };
    tree.list("remote/app", ["config.yaml"]);
    tree.add("remote/app/config.yaml", configMap("remote", { value: "x" }, "default"));
    tree.add(`${apps}/default/remote`, child);
    tree.list(`${apps}/default`, ["namespace.yaml", "echo/ks.yaml", `remote.${tree.ext}`]);
  }
  if (pick.chance(0.5))
    tree.list(
      apps,
      names.map((one) => one.split("/")[0] as string),
    );
  tree.add(
    `${cluster.root}/apps.yaml`,
    childOf(tree, cluster, { name: `${pick.one(["cluster-", ""])}apps`, path: apps }),
  );
  return ["apps.yaml", ...othersOf(tree, cluster)];
}

/** What each namespace gets alike: itself, and what its apps are filled with. */
function namespaceComponent(tree: Tree, apps: string): string {
  const dir = `${apps.replace(/\/apps$/, "")}/components/common`;
  const metadata = { name: "not-used", annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" } };
  tree.add(`${dir}/namespace.yaml`, { apiVersion: "v1", kind: "Namespace", metadata });
  tree.add(`${dir}/settings.yaml`, configMap("common-settings", { DOMAIN: "example.com" }));
  tree.add(`${dir}/kustomization.yaml`, {
    apiVersion: "kustomize.config.k8s.io/v1alpha1",
    kind: "Component",
    resources: ["namespace.yaml", "settings.yaml"],
  });
  return "../../components/common";
}

/** A release whose chart comes by an OCIRepository beside it. */
function chartOf(tree: Tree, cluster: Cluster, dir: string, name: string): void {
  if (minorOf(cluster.version) < 3) return;
  tree.features.push("chart-ref");
  tree.add(
    `${dir}/chart.yaml`,
    {
      apiVersion: minorOf(cluster.version) >= 6 ? "source.toolkit.fluxcd.io/v1" : "source.toolkit.fluxcd.io/v1beta2",
      kind: "OCIRepository",
      metadata: { name },
      spec: { interval: "1h", url: `oci://ghcr.io/acme/charts/${name}`, ref: { tag: "1.0.0" } },
    },
    {
      apiVersion: "helm.toolkit.fluxcd.io/v2",
      kind: "HelmRelease",
      metadata: { name },
      spec: { interval: "1h", chartRef: { kind: "OCIRepository", name }, values: { replicas: 1 } },
    },
  );
  tree.list(dir, ["config.yaml", "chart.yaml"]);
}

function othersOf(tree: Tree, cluster: Cluster): string[] {
  const others = oddApps(tree, cluster, (name, path) => childOf(tree, cluster, { name, path }));
  return others.length > 0 ? [tree.add(`${cluster.root}/others`, ...others)] : [];
}
