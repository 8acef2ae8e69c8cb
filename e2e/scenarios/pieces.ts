import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../world/kube.ts";
import type { Files } from "../world/repo.ts";

/** Small texts that the authored repositories are put together from. `__GIT__` becomes the URL of the repository. */

export const objectsOf = (text: string): KubeObject[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object): object is KubeObject => object !== null);

export interface SourceOptions {
  name: string;
  branch?: string;
  ignore?: string;
}

export const gitRepository = ({
  name,
  branch = "main",
  ignore,
}: SourceOptions): string => `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 1h
  url: __GIT__
  ref:
    branch: ${branch}
${ignore ? `  ignore: |\n${ignore.replace(/^/gm, "    ")}\n` : ""}`;

export interface FluxKustomizationOptions {
  name: string;
  path: string;
  source?: string;
  sourceKind?: string;
  prune?: boolean;
  dependsOn?: string[];
  /** Lines of the spec, indented by two. */
  more?: string;
}

export function fluxKustomization(options: FluxKustomizationOptions): string {
  const {
    name,
    path,
    source = "flux-system",
    sourceKind = "GitRepository",
    prune = true,
    dependsOn = [],
    more = "",
  } = options;
  const depends =
    dependsOn.length > 0 ? `  dependsOn:\n${dependsOn.map((one) => `    - name: ${one}\n`).join("")}` : "";
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 1h
  retryInterval: 1m
  timeout: 2m
  path: ${path}
  prune: ${prune}
  sourceRef:
    kind: ${sourceKind}
    name: ${source}
${depends}${more}`;
}

export const kustomization = (resources: string[], more = ""): string => `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
${resources.map((one) => `  - ${one}\n`).join("")}${more}`;

export const namespace = (name: string): string => `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
`;

export const configMap = (
  name: string,
  data: Record<string, string> = { key: "value" },
  inNamespace?: string,
): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
${inNamespace ? `  namespace: ${inNamespace}\n` : ""}data:
${Object.entries(data)
  .map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`)
  .join("")}`;

export const claim = (name: string): string => `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: ${name}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: none
  resources:
    requests:
      storage: 1Gi
`;

export const chartSource = (name: string): string => `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: ${name}
spec:
  interval: 1h
  url: oci://registry.example.org/charts/app
  ref:
    tag: 1.0.0
  layerSelector:
    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip
    operation: copy
`;

export const helmRelease = (name: string): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: ${name}
  values:
    greeting: hello from ${name}
`;

/** The install that home-ops repositories let Flux reconcile: the published manifests, with patches. */
export const fluxManifests = (version: string, more = ""): string => `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: flux-manifests
  namespace: flux-system
spec:
  interval: 1h
  url: oci://ghcr.io/fluxcd/flux-manifests
  ref:
    tag: v${version}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux
  namespace: flux-system
spec:
  interval: 1h
  path: ./
  prune: true
  wait: true
  timeout: 2m
  sourceRef:
    kind: OCIRepository
    name: flux-manifests
${more}`;

/** A folder with one app: a plain ConfigMap, a claim and a Helm release. */
export const appFolder = (dir: string, name: string): Files => ({
  [`${dir}/configmap.yaml`]: configMap(name, { app: name }),
  [`${dir}/claim.yaml`]: claim(`${name}-data`),
  [`${dir}/chart.yaml`]: chartSource(`${name}-chart`),
  [`${dir}/helmrelease.yaml`]: helmRelease(`${name}-chart`),
  [`${dir}/kustomization.yaml`]: kustomization([
    "./configmap.yaml",
    "./claim.yaml",
    "./chart.yaml",
    "./helmrelease.yaml",
  ]),
});
