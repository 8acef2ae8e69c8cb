import type { YamlData } from "../types.ts";

/** What the values of one controller ask of its Deployment, ServiceAccount and Services beyond the operator's base. */
export interface ControllerWishes {
  /** Arguments to append. */
  args: string[];
  /** Replaces the resources of the container. */
  resources?: YamlData;
  /** Replaces the security context of the container or pod. */
  securityContext?: YamlData;
  podSecurityContext?: YamlData;
  /** Strategic-merge body below `spec` and `metadata` of the Deployment. */
  merge: { metadata?: YamlData; spec?: YamlData };
  serviceAccountAnnotations?: YamlData;
  /** Metadata of the controller's Services, by Service name. */
  services: Record<string, YamlData>;
}

/** Pod annotations the chart sets by default, and the base manifests too. */
const STANDARD_ANNOTATIONS: Readonly<Record<string, string>> = {
  "prometheus.io/port": "8080",
  "prometheus.io/scrape": "true",
};

/** Whether a value says nothing: unset, or the chart's empty default. */
export function isEmpty(value: YamlData): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Reads the values of one controller as the chart's templates do (templates of chart 2.12 to 2.19). */
export function readController(component: string, values: YamlData): ControllerWishes {
  const wishes: ControllerWishes = { args: [], merge: {}, services: {} };
  const pod: YamlData = {};
  const container: YamlData = {};
  const template: YamlData = {};
  wishes.args = (values.container?.additionalArgs ?? []).map(String);
  wishes.resources = chartResources(component, values.resources);
  if (!isEmpty(values.securityContext)) wishes.securityContext = values.securityContext;
  if (!isEmpty(values.podSecurityContext)) wishes.podSecurityContext = values.podSecurityContext;
  for (const field of ["priorityClassName", "nodeSelector", "affinity", "tolerations", "initContainers"]) {
    if (!isEmpty(values[field])) pod[field] = values[field];
  }
  if (values.serviceAccount?.automount === false) pod.automountServiceAccountToken = false;
  const mounts: YamlData[] = Array.isArray(values.extraSecretMounts) ? values.extraSecretMounts : [];
  const volumes = [
    ...(values.volumes ?? []),
    ...mounts.map(({ name, secretName }) => ({ name, secret: { secretName } })),
  ];
  const volumeMounts = [...(values.volumeMounts ?? []), ...mounts.map(({ secretName: _, ...mount }) => mount)];
  if (volumes.length > 0) pod.volumes = volumes;
  if (volumeMounts.length > 0) container.volumeMounts = volumeMounts;
  if (!isEmpty(values.extraEnv)) container.env = values.extraEnv;
  const envFrom = [
    ...(isEmpty(values.envFrom?.map?.name) ? [] : [{ configMapRef: { name: values.envFrom.map.name } }]),
    ...(isEmpty(values.envFrom?.secret?.name) ? [] : [{ secretRef: { name: values.envFrom.secret.name } }]),
  ];
  if (envFrom.length > 0) container.envFrom = envFrom;
  if (!isEmpty(values.imagePullPolicy)) container.imagePullPolicy = values.imagePullPolicy;
  if (Object.keys(container).length > 0) pod.containers = [{ name: "manager", ...container }];

  const annotations = Object.entries<YamlData>(values.annotations ?? {}).filter(
    ([key, value]) => STANDARD_ANNOTATIONS[key] !== value,
  );
  const metadata: YamlData = {};
  if (annotations.length > 0) metadata.annotations = Object.fromEntries(annotations);
  if (!isEmpty(values.labels)) metadata.labels = values.labels;
  if (Object.keys(metadata).length > 0) template.metadata = metadata;
  if (Object.keys(pod).length > 0) template.spec = pod;
  const spec: YamlData = {};
  if (values.replicas !== undefined && values.replicas !== null && values.replicas !== 1)
    spec.replicas = values.replicas;
  if (Object.keys(template).length > 0) spec.template = template;
  if (Object.keys(spec).length > 0) wishes.merge.spec = spec;
  if (!isEmpty(values.labels)) wishes.merge.metadata = { labels: values.labels };

  if (!isEmpty(values.serviceAccount?.annotations))
    wishes.serviceAccountAnnotations = values.serviceAccount.annotations;
  addService(wishes, component, values.service);
  addService(wishes, "webhook-receiver", values.webhookReceiver?.service);
  return wishes;
}

/** Helm merges maps of resources over the chart's defaults: requests only, no limits. */
function chartResources(component: string, values: YamlData): YamlData {
  const requests = { cpu: component === "source-watcher" ? "50m" : "100m", memory: "64Mi", ...values?.requests };
  const merged: YamlData = { ...values, requests: dropNulls(requests), limits: dropNulls(values?.limits ?? {}) };
  for (const field of ["requests", "limits"]) if (isEmpty(merged[field])) delete merged[field];
  return merged;
}

function dropNulls(map: YamlData): YamlData {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null));
}

function addService(wishes: ControllerWishes, name: string, values: YamlData): void {
  const metadata: YamlData = {};
  if (!isEmpty(values?.annotations)) metadata.annotations = values.annotations;
  if (!isEmpty(values?.labels)) metadata.labels = values.labels;
  if (Object.keys(metadata).length > 0) wishes.services[name] = metadata;
}
