import { appendArgs } from "./operator-patches.ts";
import type { Data } from "./snapshot.ts";

/** What values of the community `flux2` chart mean for the controllers. Values the chart does not know do nothing. */
export interface ChartMeaning {
  components: string[];
  networkPolicy: boolean;
  domain: string;
  imagePullSecret: string;
  patches: Data[];
  /** Values that have a meaning this table does not model. */
  unknown: string[];
}

const CONTROLLERS: Record<string, string> = {
  sourceController: "source-controller",
  kustomizeController: "kustomize-controller",
  helmController: "helm-controller",
  notificationController: "notification-controller",
  imageReflectionController: "image-reflector-controller",
  imageAutomationController: "image-automation-controller",
};

/** Chart value of a controller -> where it lands in the Deployment. */
const POD_FIELDS: Record<string, string> = {
  nodeSelector: "/spec/template/spec/nodeSelector",
  tolerations: "/spec/template/spec/tolerations",
  affinity: "/spec/template/spec/affinity",
  priorityClassName: "/spec/template/spec/priorityClassName",
};
const IGNORED = new Set([
  "create",
  "container",
  "image",
  "tag",
  "imagePullPolicy",
  "extraEnv",
  "volumes",
  "volumeMounts",
]);
const isSet = (value: Data): boolean =>
  value !== undefined &&
  value !== null &&
  value !== "" &&
  !(typeof value === "object" && Object.keys(value).length === 0);

function patchesFor(deployment: string, values: Data, unknown: string[]): Data[] {
  const out: Data[] = [];
  const args: string[] = values.container?.additionalArgs ?? [];
  if (args.length > 0) out.push(appendArgs(deployment, args));
  const target = { kind: "Deployment", name: deployment };
  const merge = (spec: Data): void => {
    const body = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: deployment },
      spec: { template: spec },
    };
    out.push({ target, patch: JSON.stringify(body) });
  };
  const container = (fields: Data): void => merge({ spec: { containers: [{ name: "manager", ...fields }] } });
  if (isSet(values.resources)) {
    const resources = { ...values.resources, requests: { cpu: "100m", memory: "64Mi", ...values.resources.requests } };
    const path = "/spec/template/spec/containers/0/resources";
    out.push({ target, patch: JSON.stringify([{ op: "add", path, value: resources }]) });
  }
  if (isSet(values.extraEnv)) container({ env: values.extraEnv });
  if (isSet(values.volumeMounts)) container({ volumeMounts: values.volumeMounts });
  if (isSet(values.volumes)) merge({ spec: { volumes: values.volumes } });
  if (isSet(values.annotations)) merge({ metadata: { annotations: values.annotations } });
  if (isSet(values.labels)) {
    merge({ metadata: { labels: values.labels } });
    const metadata = { name: deployment, labels: values.labels };
    out.push({ target, patch: JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata }) });
  }
  for (const [field, path] of Object.entries(POD_FIELDS)) {
    if (isSet(values[field])) out.push({ target, patch: JSON.stringify([{ op: "add", path, value: values[field] }]) });
  }
  if (isSet(values.serviceAccount?.annotations)) {
    const metadata = { name: deployment, annotations: values.serviceAccount.annotations };
    const body = { apiVersion: "v1", kind: "ServiceAccount", metadata };
    out.push({ target: { kind: "ServiceAccount", name: deployment }, patch: JSON.stringify(body) });
  }
  const known = new Set([
    ...IGNORED,
    ...Object.keys(POD_FIELDS),
    "resources",
    "annotations",
    "labels",
    "serviceAccount",
  ]);
  for (const key of Object.keys(values)) if (!known.has(key)) unknown.push(`${deployment}: ${key}`);
  return out;
}

function globalPatches(values: Data): Data[] {
  const args: string[] = [];
  if (values.watchAllNamespaces === false) args.push("--watch-all-namespaces=false");
  if (values.logLevel && values.logLevel !== "info") args.push(`--log-level=${values.logLevel}`);
  const out = args.length > 0 ? [appendArgs(".*", args)] : [];
  const { multitenancy } = values;
  if (multitenancy?.enabled) {
    const strict = "(kustomize-controller|helm-controller|notification-controller|image-.*)";
    const account = `--default-service-account=${multitenancy.defaultServiceAccount ?? "default"}`;
    out.push(
      appendArgs(strict, ["--no-cross-namespace-refs=true"]),
      appendArgs("kustomize-controller", ["--no-remote-bases=true"]),
    );
    out.push(appendArgs("(kustomize-controller|helm-controller)", [account]));
  }
  return out;
}

/** Reads values of the community chart. */
export function readChartValues(values: Data): ChartMeaning {
  const unknown: string[] = [];
  const entries = Object.entries(CONTROLLERS).filter(([key]) => values[key]?.create !== false);
  const secrets = values.imagePullSecrets ?? [];
  return {
    components: entries.map(([, name]) => name),
    networkPolicy: values.policies?.create !== false,
    domain: values.clusterDomain ?? "cluster.local",
    imagePullSecret: secrets[0]?.name ?? secrets[0] ?? "",
    patches: [
      ...globalPatches(values),
      ...entries.flatMap(([key, name]) => (values[key] ? patchesFor(name, values[key], unknown) : [])),
    ],
    unknown,
  };
}
