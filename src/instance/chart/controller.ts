import { isFilled, itemsOf, type YamlData } from "../../contract/objects.ts";

export type Fields = Record<string, YamlData>;

/** The fields that say something: not unset, and not the chart's empty default. */
export function filled(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isFilled(value)));
}

/** A flag that a template prints as it stands: `"false"` is one, too. */
export function flagOf(value: YamlData): boolean | undefined {
  const text = String(value);
  return text === "true" || text === "false" ? text === "true" : undefined;
}

/** What the values of one controller ask of its Deployment, ServiceAccount and Services beyond the operator's base. */
export interface ControllerWishes {
  /** Arguments to append. */
  args: string[];
  /** Fields of the container that are replaced as a whole: resources and security context. */
  container: Fields;
  podSecurityContext?: YamlData;
  /** What is merged into the Deployment, into its pods' metadata and into their `spec`. */
  metadata: Fields;
  replicas?: YamlData;
  podMetadata: Fields;
  pod: Fields;
  /** Metadata of the ServiceAccount, and metadata and `spec` of the Services by name; empty where nothing is asked. */
  account: Fields;
  services: Record<string, Fields>;
}

/** Pod annotations the chart sets by default, and the base manifests too. */
const STANDARD_ANNOTATIONS: Readonly<Record<string, string>> = {
  "prometheus.io/port": "8080",
  "prometheus.io/scrape": "true",
};

/** Those of the chart taken away, as `null` does. */
const NONE = Object.fromEntries(Object.keys(STANDARD_ANNOTATIONS).map((name) => [name, null]));

/**
 * Reads the values of one controller as the chart's templates do (templates of chart 2.12 to 2.19).
 * @param baseEnv the environment that the operator's base gives it
 */
export function readController(component: string, values: YamlData, baseEnv: readonly YamlData[]): ControllerWishes {
  const { serviceAccount, securityContext, podSecurityContext } = values;
  const replicas = /^\d+$/.test(String(values.replicas)) ? Number(values.replicas) : values.replicas;
  const labels = withoutReleaseLabels(values.labels);
  const annotations = Object.entries<YamlData>(values.annotations === null ? NONE : (values.annotations ?? {})).filter(
    ([key, value]) => STANDARD_ANNOTATIONS[key] !== value,
  );
  return {
    args: itemsOf(values.container?.additionalArgs).map(String),
    container: { resources: chartResources(component, values.resources), ...filled({ securityContext }) },
    ...filled({ podSecurityContext, replicas: replicas === 1 ? undefined : replicas }),
    metadata: filled({ labels }),
    podMetadata: filled({ annotations: Object.fromEntries(annotations), labels }),
    pod: readPod(values, baseEnv),
    account: filled({ annotations: serviceAccount?.annotations }),
    services: {
      [component]: { ...metadataOf(values.service), ...portsOf(values.service) },
      "webhook-receiver": metadataOf(values.webhookReceiver?.service),
    },
  };
}

/**
 * Labels by which a pod says what release it is of: with the release gone they name nothing, and helm-controller's own
 * `helm.toolkit.fluxcd.io` ones were written so that a release of helmfile could be taken over.
 */
export function isReleaseLabel(name: string): boolean {
  return /^(helm\.toolkit\.fluxcd\.io\/(name|namespace)|helm\.sh\/chart)$/.test(name);
}

function withoutReleaseLabels(labels: YamlData): Fields {
  return Object.fromEntries(Object.entries<YamlData>(labels ?? {}).filter(([name]) => !isReleaseLabel(name)));
}

function readPod(values: YamlData, baseEnv: readonly YamlData[]): Fields {
  const { priorityClassName, nodeSelector, affinity, tolerations, initContainers, envFrom } = values;
  const mounts = itemsOf(values.extraSecretMounts);
  const container = filled({
    volumeMounts: [...itemsOf(values.volumeMounts), ...mounts.map(({ secretName: _, ...mount }) => mount)],
    env: mergedEnv(itemsOf(values.extraEnv), baseEnv),
    envFrom: [
      filled({ configMapRef: filled({ name: envFrom?.map?.name }) }),
      filled({ secretRef: filled({ name: envFrom?.secret?.name }) }),
    ].filter(({ configMapRef, secretRef }) => configMapRef ?? secretRef),
    imagePullPolicy: values.imagePullPolicy,
  });
  return filled({
    ...{ priorityClassName, nodeSelector, affinity, tolerations, initContainers },
    automountServiceAccountToken: flagOf(values.serviceAccount?.automount) === false ? false : undefined,
    volumes: [...itemsOf(values.volumes), ...mounts.map(({ name, secretName }) => ({ name, secret: { secretName } }))],
    containers: isFilled(container) ? [{ name: "manager", ...container }] : [],
  });
}

/**
 * The chart adds its variables to a list with `RUNTIME_NAMESPACE` alone; a patch merges them by name into what the base has. So a
 * value must not meet the `valueFrom` of the same name there, which no API server takes, and what a value refers to comes first,
 * as a container only knows the variables above.
 */
function mergedEnv(own: readonly YamlData[], base: readonly YamlData[]): YamlData[] {
  const names = new Set(own.map(({ name }) => name));
  const refers = (name: string) => own.some(({ value }) => String(value).includes(`$(${name})`));
  const first = base.filter(({ name }) => !names.has(name) && refers(name)).map(({ name }) => ({ name }));
  const known = new Map(base.map((variable) => [variable.name, variable]));
  // Of a variable that is listed twice the last one holds, and a patch would keep the first.
  const merged = [...new Map(own.map((variable) => [variable.name, variable])).values()].map((variable) => {
    const others = ["value", "valueFrom"].filter(
      (field) => !(field in variable) && field in (known.get(variable.name) ?? {}),
    );
    return { ...variable, ...Object.fromEntries(others.map((field) => [field, null])) };
  });
  return [...first, ...merged];
}

/** Helm merges maps of resources over the chart's defaults: requests only, no limits. A `null` takes them away. */
function chartResources(component: string, values: YamlData): YamlData {
  const standard = { cpu: component === "source-watcher" ? "50m" : "100m", memory: "64Mi" };
  const requests = values === null || values?.requests === null ? {} : { ...standard, ...values?.requests };
  return filled({ ...values, requests: dropNulls(requests), limits: dropNulls(values?.limits ?? {}) });
}

function dropNulls(map: Fields): Fields {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null));
}

function metadataOf(service: YamlData): Fields {
  return filled({ annotations: service?.annotations, labels: service?.labels });
}

/** Ports beside the one that the base has. */
function portsOf(service: YamlData): Fields {
  const spec = filled({ ports: service?.ports });
  return filled({ spec });
}
