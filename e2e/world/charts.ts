import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments, stringify } from "yaml";
import { OPERATOR } from "../install/components.ts";
import type { Pki } from "../install/pki.ts";
import { archive, archiveFolder, chartArtifact, fluxArtifact } from "./archive.ts";
import { gotkComponents, hasRelease, manifestComponents } from "./gotk.ts";
import type { KubeObject } from "./kube.ts";
import { Registry, type Repository } from "./registry.ts";

/** No empty list: the API server keeps none, so that server-side apply would see a change by whoever applies it next. */
const OPERATOR_TEMPLATE = `{{ .Files.Get "crds.yaml" }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: flux-operator
  namespace: {{ .Release.Namespace }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: flux-operator
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin
subjects:
  - kind: ServiceAccount
    name: flux-operator
    namespace: {{ .Release.Namespace }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: flux-operator
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/name: flux-operator
spec:
  replicas: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: flux-operator
  template:
    metadata:
      labels:
        app.kubernetes.io/name: flux-operator
    spec:
      serviceAccountName: flux-operator
      containers:
        - name: manager
          image: ghcr.io/controlplaneio-fluxcd/flux-operator:v{{ .Chart.AppVersion }}
          {{- with .Values.extraArgs }}
          args: {{ toJson . }}
          {{- end }}
`;

/** Renders what the real chart renders for the values that fluxlift writes (flux-facts 5.4). */
const INSTANCE_TEMPLATE = `{{- $i := .Values.instance }}
apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: {{ .Values.fullnameOverride }}
  namespace: {{ .Release.Namespace }}
  {{- with .Values.commonAnnotations }}
  annotations: {{ toJson . }}
  {{- end }}
  {{- with .Values.commonLabels }}
  labels: {{ toJson . }}
  {{- end }}
spec:
  distribution:
    {{- range $key, $value := $i.distribution }}
    {{- if $value }}
    {{ $key }}: {{ toJson $value }}
    {{- end }}
    {{- end }}
  components: {{ toJson $i.components }}
  cluster:
    {{- range $key, $value := $i.cluster }}
    {{- if not (and (kindIs "string" $value) (eq $value "")) }}
    {{ $key }}: {{ toJson $value }}
    {{- end }}
    {{- end }}
  {{- if or $i.commonMetadata.labels $i.commonMetadata.annotations }}
  commonMetadata: {{ toJson $i.commonMetadata }}
  {{- end }}
  {{- if $i.storage.size }}
  storage: {{ toJson $i.storage }}
  {{- end }}
  {{- if $i.sharding.shards }}
  sharding:
    key: {{ $i.sharding.key }}
    shards: {{ toJson $i.sharding.shards }}
  {{- end }}
  {{- if $i.sync.url }}
  sync:
    {{- range $key, $value := $i.sync }}
    {{- if $value }}
    {{ $key }}: {{ toJson $value }}
    {{- end }}
    {{- end }}
  {{- end }}
  kustomize: {{ toJson $i.kustomize }}
`;

const INSTANCE_VALUES = {
  fullnameOverride: "flux",
  commonAnnotations: {},
  commonLabels: {},
  instance: {
    distribution: {
      version: "2.x",
      registry: "ghcr.io/fluxcd",
      artifact: "oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:latest",
      artifactPullSecret: "",
      imagePullSecret: "",
      variant: "",
    },
    components: ["source-controller", "kustomize-controller", "helm-controller", "notification-controller"],
    cluster: { type: "kubernetes", size: "", domain: "cluster.local", networkPolicy: true, multitenant: false },
    commonMetadata: { labels: {}, annotations: {} },
    storage: { class: "", size: "" },
    sharding: { key: "sharding.fluxcd.io/key", shards: [] },
    sync: { interval: "1m", kind: "GitRepository", url: "", ref: "", path: "", pullSecret: "", name: "", provider: "" },
    kustomize: { patches: [] },
  },
};

/** A chart with something to lose: a release that is uninstalled takes these along. */
const APP_TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-settings
data:
  greeting: {{ .Values.greeting | quote }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector:
    app.kubernetes.io/instance: {{ .Release.Name }}
  ports:
    - port: 8080
`;

/** A definition that is a template of its chart, as in many charts of operators: it goes with the release. */
const DATABASE_CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: clusters.postgresql.cnpg.io
spec:
  group: postgresql.cnpg.io
  scope: Namespaced
  names: {kind: Cluster, listKind: ClusterList, plural: clusters, singular: cluster}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
`;

/** CRDs of the operator, which `helm uninstall` keeps. */
export function operatorCrds(operatorDir: string): string {
  const dir = join(operatorDir, "config/crd/bases");
  const documents = readdirSync(dir).map((name) => {
    const crd = parse(readFileSync(join(dir, name), "utf8"));
    crd.metadata.annotations = { ...crd.metadata.annotations, "helm.sh/resource-policy": "keep" };
    return stringify(crd, { lineWidth: 0 });
  });
  return documents.join("---\n");
}

/** The operator as its chart installs it, for a cluster that has no HelmRelease of it. */
export function operatorObjects(operatorDir: string, version: string): KubeObject[] {
  const text = OPERATOR_TEMPLATE.replace(/^.*crds\.yaml.*\n/, "")
    .replaceAll("{{ .Release.Namespace }}", "flux-system")
    .replace("{{ .Chart.AppVersion }}", version.replace(/^v/, ""))
    .replace(/ *\{\{- with .*\n.*\n.*\{\{- end \}\}\n/, "");
  return [operatorCrds(operatorDir), text]
    .flatMap((documents) => parseAllDocuments(documents))
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object): object is KubeObject => object !== null);
}

/** Fills the registry with what the generated files pull. `manifests` yields gotk-components.yaml of a tag. */
function fillRegistry(registry: Registry, operatorDir: string, manifests: Repository): void {
  const crds = operatorCrds(operatorDir);
  const charts = "ghcr.io/controlplaneio-fluxcd/charts";
  const plain = (tag: string) => (/^\d+\.\d+\.\d+/.test(tag) ? tag : undefined);
  const operator: Repository = (tag) => {
    const version = plain(tag);
    const files = { "values.yaml": "extraArgs: []\n", "crds.yaml": crds, "templates/operator.yaml": OPERATOR_TEMPLATE };
    return version ? chartArtifact("flux-operator", version, files) : undefined;
  };
  registry.add(`${charts}/flux-operator`, operator, [OPERATOR.version.replace(/^v/, "")]);
  registry.add(`${charts}/flux-instance`, (tag) => {
    const version = plain(tag);
    const files = { "values.yaml": stringify(INSTANCE_VALUES), "templates/instance.yaml": INSTANCE_TEMPLATE };
    return version ? chartArtifact("flux-instance", version, files) : undefined;
  });
  registry.add("ghcr.io/controlplaneio-fluxcd/flux-operator-manifests", () =>
    fluxArtifact(archiveFolder(join(operatorDir, "config/data")), "latest"),
  );
  registry.add("ghcr.io/fluxcd/flux-manifests", manifests);
  registry.add("registry.example.org/charts/app", (tag) => {
    const version = plain(tag);
    const files = { "values.yaml": "greeting: hello\n", "templates/app.yaml": APP_TEMPLATE };
    return version ? chartArtifact("app", version, files) : undefined;
  });
  registry.add("registry.example.org/charts/cloudnative-pg", (tag) => {
    const version = plain(tag);
    return version ? chartArtifact("cloudnative-pg", version, { "templates/crds.yaml": DATABASE_CRD }) : undefined;
  });
}

/** A running registry with everything that fluxlift's own files and the published install pull. */
export async function startRegistry(pki: Pki, operatorDir: string): Promise<Registry> {
  const registry = new Registry(pki.registry);
  fillRegistry(registry, operatorDir, (tag) => {
    const version = tag.replace(/^v/, "");
    if (!hasRelease(operatorDir, version)) return undefined;
    const components = manifestComponents(version);
    return fluxArtifact(archive({ "gotk-components.yaml": gotkComponents({ operatorDir, version, components }) }), tag);
  });
  await registry.start();
  return registry;
}
