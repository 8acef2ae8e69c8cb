import type { Cluster } from "../../src/cluster/types.ts";
import type { Edit } from "../../src/contract/edit.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import type { Options } from "../../src/contract/options.ts";
import type { Tree } from "../../src/files/tree.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { memoryTree } from "../support/memory.ts";

export function sampleOptions(changes: Partial<Options> = {}): Options {
  return {
    phase: "install",
    sync: "adopt",
    clusters: [],
    direct: false,
    only: [],
    skip: [],
    serviceMonitor: false,
    layout: "auto",
    ...changes,
  };
}

/** The files of a made-up home-ops cluster, as far as runbooks and reports look at them. */
export function sampleFiles(name: string): Record<string, string> {
  const dir = `kubernetes/${name}`;
  return {
    [`${dir}/flux/config/cluster.yaml`]: `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: hearth
  namespace: flux-system
spec:
  interval: 30m
  url: https://github.com/mira/hearth.git
  secretRef:
    name: hearth-deploy-key
  ref:
    branch: ${name}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: cluster
  namespace: flux-system
spec:
  interval: 30m
  path: ./${dir}/flux
  prune: true
  sourceRef:
    kind: GitRepository
    name: hearth
  decryption:
    provider: sops
    secretRef:
      name: sops-age
  postBuild:
    substituteFrom:
      - kind: ConfigMap
        name: cluster-settings
      - kind: Secret
        name: cluster-secrets
`,
    [`${dir}/flux/config/flux.yaml`]: `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: flux-manifests
  namespace: flux-system
spec:
  url: oci://ghcr.io/fluxcd/flux-manifests
  ref:
    tag: v2.6.4
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux
  namespace: flux-system
spec:
  path: ./
  prune: true
  sourceRef:
    kind: OCIRepository
    name: flux-manifests
`,
    [`${dir}/flux/vars/cluster-settings.yaml`]: `---
apiVersion: v1
kind: ConfigMap
metadata:
  name: cluster-settings
  namespace: flux-system
data:
  TIMEZONE: Europe/Berlin
`,
    [`${dir}/flux/vars/cluster-secrets.sops.yaml`]: `apiVersion: v1
kind: Secret
metadata:
  name: cluster-secrets
  namespace: flux-system
stringData:
  DOMAIN: ENC[AES256_GCM,data:abc=]
sops:
  version: 3.9.0
`,
    [`${dir}/apps/flux-system/kustomization.yaml`]:
      "---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ./webhook/ks.yaml\n",
    "README.md": "# hearth\n\nFlux is installed by kubernetes/main/flux/config/flux.yaml.\n",
  };
}

export function sampleTree(...names: string[]): Tree {
  return memoryTree(Object.assign({}, ...(names.length ? names : ["main"]).map(sampleFiles)));
}

/** The tree with what the edits create. */
export function withEdits(tree: Tree, edits: readonly Edit[]): Tree {
  const files = [
    ...tree.paths.map((path) => [path, tree.read(path)!]),
    ...edits.flatMap((edit) => (edit.kind === "create" ? [[edit.path, edit.text]] : [])),
  ];
  return memoryTree(Object.fromEntries(files));
}

function readObject(tree: Tree, file: string, doc: number): KubeObject {
  const parsed = readYaml(tree.read(file)!);
  if (!parsed.ok) throw new Error(parsed.reason);
  // biome-ignore lint/suspicious/noExplicitAny: test data
  const data = parsed.docs[doc]!.data as any;
  const { apiVersion, kind, metadata } = data;
  return { file, doc, apiVersion, kind, name: metadata.name, namespace: metadata.namespace ?? "", data };
}

export function sampleCluster(name = "main", tree: Tree = sampleTree(name), changes: Partial<Cluster> = {}): Cluster {
  const dir = `kubernetes/${name}`;
  const sync = `${dir}/flux/config/cluster.yaml`;
  const install = `${dir}/flux/config/flux.yaml`;
  const version = { value: "v2.6.4", at: { file: install, line: 10, col: 10 } };
  return {
    name,
    namespace: "flux-system",
    source: readObject(tree, sync, 0),
    runningSource: readObject(tree, sync, 0),
    root: readObject(tree, sync, 1),
    rootFrom: "manifest",
    rivals: [],
    peers: [],
    artifactRoot: "",
    kustomizations: [],
    companions: [],
    local: [],
    objects: [],
    remotes: [],
    elsewhere: new Set(),
    files: new Set(tree.paths.filter((path) => path.startsWith(`${dir}/`))),
    manifests: new Set(tree.paths.filter((path) => path.startsWith(`${dir}/`))),
    install: {
      style: "oci-manifests",
      role: "continuous",
      at: { file: install, line: 13, col: 1 },
      objects: [readObject(tree, install, 0), readObject(tree, install, 1)],
      version,
      components: ["source-controller", "kustomize-controller", "helm-controller", "notification-controller"],
      patches: [],
    },
    bootstraps: [],
    instances: [],
    operators: [],
    findObjects: () => [],
    branch: name,
    layout: { kind: "apps", appsDir: `${dir}/apps` },
    findings: [],
    ...changes,
  };
}

const OPERATOR = "oci://ghcr.io/controlplaneio-fluxcd/charts";

/** The files the install phase would create for a cluster, shortened. */
export function sampleInstallEdits(name = "main"): Edit[] {
  const dir = `kubernetes/${name}/apps/flux-system`;
  const common = { phase: "install" as const, cluster: name };
  const version = { file: `kubernetes/${name}/flux/config/flux.yaml`, line: 10, col: 10 };
  const apps = ["flux-operator", "flux-instance"].flatMap((app): Edit[] => {
    const transform = app === "flux-operator" ? "operator-app" : "instance-app";
    const create = (path: string, text: string, why: string): Edit => ({
      ...{ kind: "create", path: `${dir}/${app}/${path}`, text, why, transform, evidence: [version] },
      ...common,
    });
    return [
      create(
        "app/helmrelease.yaml",
        `---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: ${app}\nspec:\n  chartRef:\n    kind: OCIRepository\n    name: ${app}\n  values: {}\n`,
        app === "flux-operator"
          ? "The operator, never uninstalled by a failed release"
          : "The FluxInstance with the version, components and patches of the old install",
      ),
      create(
        "app/kustomization.yaml",
        "---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ./helmrelease.yaml\n  - ./ocirepository.yaml\n",
        `Lists the files of ${app}`,
      ),
      create(
        "app/ocirepository.yaml",
        `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: ${app}\nspec:\n  ref:\n    tag: 0.58.0\n  url: ${OPERATOR}/${app}\n`,
        "Pins the chart to 0.58.0, which embeds Flux 2.6.4",
      ),
      create(
        "ks.yaml",
        `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${app}\nspec:\n  prune: false\n`,
        app === "flux-operator"
          ? "Delivers the operator; protected from pruning for good"
          : "Delivers the instance after the operator; protected from pruning for good",
      ),
    ];
  });
  const list: Edit = {
    kind: "replace",
    path: `${dir}/kustomization.yaml`,
    ranges: [],
    why: "Lists the two new apps",
    transform: "operator-app",
    evidence: [],
    ...common,
  };
  return [...apps, list];
}
