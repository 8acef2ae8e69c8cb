import { type InstallStyle, itemsOf, type YamlData } from "../contract/objects.ts";
import { isClusterScoped } from "../delivery/kustomize/builtin-kinds.ts";
import { copyData } from "../yaml/copy.ts";
import { PRUNE } from "./compare.ts";
import type { BaseFacts } from "./facts.ts";
import { generateRoot, generateSource } from "./generated-sync.ts";
import { atLeast, type FluxVersion, IMAGE_COMPONENTS, SOURCE_WATCHER } from "./releases.ts";
import type { InstanceFields, SimObject } from "./types.ts";

const FLUX_BUILDERS = ["kustomize-controller", "helm-controller"];
export const CROSS_NAMESPACE = [...FLUX_BUILDERS, "notification-controller", ...IMAGE_COMPONENTS, SOURCE_WATCHER];

/**
 * Whether the pods of an install have the labels instance and version: `flux install` gives them since 2.7, and the files of
 * a release never do (flux-facts 4.2).
 */
export function labelsPods(style: InstallStyle, version: FluxVersion): boolean {
  return style !== "remote-install" && atLeast(version, "2.7");
}

/**
 * The objects an old install builds before its own patches run, without its sync (flux-facts 4.2, 4.6, 4.7): names,
 * namespaces and labels as the patches of that style see them. The community chart is taken for the operator's base: its
 * Deployments have the same names, its argument order differs.
 * @param suffix of its RBAC: `flux install` adds the namespace, the files of a release have none
 */
export function installedBase(
  facts: BaseFacts,
  style: InstallStyle,
  components: readonly string[],
  namespace: string,
  suffix = style === "remote-install" ? "" : `-${namespace}`,
): SimObject[] {
  const isRemote = style === "remote-install";
  const version = `v${facts.version.major}.${facts.version.minor}.${facts.version.patch}`;
  const labels: Record<string, string> = {
    "app.kubernetes.io/instance": namespace,
    "app.kubernetes.io/part-of": "flux",
    ...(isRemote ? {} : { "app.kubernetes.io/version": version }),
  };
  const objects = collect(facts, ["policies", "rbac", ...components], namespace, suffix);
  for (const object of objects) {
    object.names = [object.data.metadata.name];
    if (!isClusterScoped(object.data)) {
      object.data.metadata.namespace = namespace;
      if (isRemote) object.hadNoNamespace = true;
    }
    object.data.metadata.labels = { ...object.data.metadata.labels, ...labels };
    if (object.data.kind !== "Deployment" || isRemote) continue;
    const pod = object.data.spec.template;
    if (labelsPods(style, facts.version)) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
    setBootstrapArgs(object.data, components, namespace, "cluster.local");
    addExternalArtifactGate(object.data, components);
  }
  return objects;
}

interface OperatorOptions {
  components: readonly string[];
  namespace: string;
  fields: InstanceFields;
  syncName?: string;
  sourceKind?: string;
}

/** The objects flux-operator builds before the patches of the FluxInstance run (flux-facts 1.5, 1.6, 3). */
export function operatorBase(facts: BaseFacts, options: OperatorOptions): SimObject[] {
  const { components, namespace, fields, syncName = namespace, sourceKind = "GitRepository" } = options;
  const policies = fields.networkPolicy === false ? [] : ["policies"];
  const objects = collect(facts, [...policies, "rbac", ...components], namespace, `-${namespace}`);
  for (const object of objects) {
    if (object.data.kind === "ResourceQuota") object.data.metadata.namespace = namespace;
    if (object.data.kind === "Namespace") {
      object.data.metadata.annotations = { [PRUNE]: "disabled" };
    }
    if (object.id === "ClusterRole/crd-controller") {
      if (atLeast(facts.version, "2.6") && !fields.objectLevelWorkloadIdentity) {
        object.data.rules = object.data.rules.filter(
          (rule: YamlData) => !rule.resources?.includes("serviceaccounts/token"),
        );
      }
      object.data.rules.push({ apiGroups: ["fluxcd.controlplane.io"], resources: ["*"], verbs: ["*"] });
    }
    if (object.data.kind === "Deployment") setOperatorDeployment(facts, object.data, options);
  }
  objects.push(...syncObjects(syncName, namespace, sourceKind, facts.version, fields.multitenant !== undefined));
  return objects;
}

function setOperatorDeployment(
  { version }: BaseFacts,
  deployment: YamlData,
  { components, namespace, fields }: OperatorOptions,
): void {
  const name: string = deployment.metadata.name;
  const pod = deployment.spec.template;
  const { args } = pod.spec.containers[0];
  pod.metadata.labels["app.kubernetes.io/part-of"] = "flux";
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
  };
  if (fields.imagePullSecret) pod.spec.imagePullSecrets = [{ name: fields.imagePullSecret }];
  setBootstrapArgs(deployment, components, namespace, fields.domain ?? "cluster.local");
  if (fields.multitenant) {
    if (CROSS_NAMESPACE.includes(name)) args.push("--no-cross-namespace-refs=true");
    if (name === "kustomize-controller") args.push("--no-remote-bases=true");
    if (FLUX_BUILDERS.includes(name)) {
      args.push(`--default-service-account=${fields.multitenant.tenantDefaultServiceAccount ?? "default"}`);
    }
  }
  addExternalArtifactGate(deployment, components);
  // Only these controllers take the gate, and helm-controller since 2.7 (flux-facts 1.6).
  const isGated = name === "helm-controller" ? atLeast(version, "2.7") : name !== SOURCE_WATCHER;
  const enabled = fields.objectLevelWorkloadIdentity === true;
  if (isGated && atLeast(version, enabled ? "2.6" : "2.7")) {
    args.push(`--feature-gates=ObjectLevelWorkloadIdentity=${enabled}`);
  }
}

/** Arguments flux bootstrap and flux-operator both write over those of the release manifests. */
function setBootstrapArgs(
  deployment: YamlData,
  components: readonly string[],
  namespace: string,
  domain: string,
): void {
  const pod = deployment.spec.template;
  const { args } = pod.spec.containers[0];
  pod.spec.nodeSelector = { "kubernetes.io/os": "linux" };
  const events = components.includes("notification-controller")
    ? `http://notification-controller.${namespace}.svc.${domain}./`
    : "";
  const first = ["--watch-all-namespaces=true", "--log-level=info"];
  if (deployment.metadata.name !== "notification-controller") first.unshift(`--events-addr=${events}`);
  args.splice(0, first.length, ...first);
  const storage = args.findIndex((arg: string) => arg.startsWith("--storage-adv-addr="));
  if (storage >= 0) {
    args[storage] = `--storage-adv-addr=${deployment.metadata.name}.$(RUNTIME_NAMESPACE).svc.${domain}.`;
  }
}

function addExternalArtifactGate(deployment: YamlData, components: readonly string[]): void {
  if (!components.includes(SOURCE_WATCHER)) return;
  if (!FLUX_BUILDERS.includes(deployment.metadata.name)) return;
  deployment.spec.template.spec.containers[0].args.push("--feature-gates=ExternalArtifact=true");
}

function collect(facts: BaseFacts, files: readonly string[], namespace: string, suffix: string): SimObject[] {
  const isSuffixed = suffix !== "";
  const labels = {
    "pod-security.kubernetes.io/warn": "restricted",
    "pod-security.kubernetes.io/warn-version": "latest",
  };
  const metadata = { name: namespace, ...(isSuffixed ? { labels } : {}) };
  const data = { apiVersion: "v1", kind: "Namespace", metadata };
  const objects: SimObject[] = [{ id: `Namespace/${namespace}`, names: [namespace], data }];
  for (const file of files) {
    for (const data of copyData(facts.files[file] ?? [])) {
      const name: string = data.metadata.name;
      if (file === "rbac" && isSuffixed) {
        data.metadata.name = `${name}${suffix}`;
        // Both write the namespace over that of the release, since kustomize leaves the subjects of bindings alone.
        for (const subject of itemsOf(data.subjects)) subject.namespace = namespace;
      }
      objects.push({ id: `${data.kind}/${name}`, names: [...new Set([name, data.metadata.name])], data });
    }
  }
  return objects;
}

/** Of the sync only the names matter here: what they say is another question. */
export function syncObjects(
  name: string,
  namespace: string,
  kind: string,
  version: FluxVersion,
  isMultitenant = false,
): SimObject[] {
  const sync = { name, kind, url: "generated", ref: "generated", path: "generated", interval: "1m" };
  return [
    { id: "sync/source", names: [name], data: generateSource(sync, namespace, version) },
    { id: "sync/root", names: [name], data: generateRoot(sync, namespace, isMultitenant) },
  ];
}
