import type { KubeObject } from "../world/kube.ts";
import type { TreeObject } from "./documents.ts";

/** Groups that the API server itself, Flux or flux-operator serve, and those of files that never reach a cluster. */
const SERVED =
  /^$|^(apps|batch|autoscaling|policy|rbac\.authorization\.k8s\.io|networking\.k8s\.io|storage\.k8s\.io|scheduling\.k8s\.io|node\.k8s\.io|coordination\.k8s\.io|discovery\.k8s\.io|events\.k8s\.io|admissionregistration\.k8s\.io|apiextensions\.k8s\.io|apiregistration\.k8s\.io|certificates\.k8s\.io|flowcontrol\.apiserver\.k8s\.io|resource\.k8s\.io|authentication\.k8s\.io|authorization\.k8s\.io)$|^kustomize\.config\.k8s\.io$|\.toolkit\.fluxcd\.io$|^source\.extensions\.fluxcd\.io$|^fluxcd\.controlplane\.io$/;

/**
 * Kinds of other projects that have no namespace. Kinds whose name begins with `Cluster` have none either, but for
 * CloudNativePG's `Cluster`. A kind that is missing here is taken as namespaced, and its objects then land in a
 * namespace that the real cluster would ignore.
 */
const CLUSTER_SCOPED =
  /^(Cluster[A-Z]\w*|GatewayClass|\w*LoadBalancerIPPool|Cilium(L2AnnouncementPolicy|BGP\w*|EgressGatewayPolicy)|VolumeSnapshotClass|NodeFeatureRule|NodeFeatureGroup|ProxyClass|ProxyGroup|Connector|Recorder|DNSConfig|UserVolumeConfig|NodePool|EC2NodeClass|AKSNodeClass|Tenant|KubeletConfig|GlobalNetworkPolicy|FelixConfiguration|RuntimeClassProfile|NicClusterPolicy|NvidiaDriver|IntelGpuDevicePlugin|GpuDevicePlugin|AccessControlPolicy|ReferencePolicy|Provider|ProviderConfig|Function|Composition|CompositeResourceDefinition|Bundle|MiroirNodeGroup|TalosVersion|KubernetesUpgrade|TalosUpgrade|ServerClass)$/;

/** Kinds of `CLUSTER_SCOPED` that are namespaced in these groups. */
const NAMESPACED_IN = /^(postgresql\.cnpg\.io|upgrade\.cattle\.io|k8s\.mariadb\.com|minio\.min\.io)$/;

/** CustomResourceDefinitions that take anything, for the kinds a tree uses and nobody on the bench serves. */
export function stubCrds(objects: TreeObject[]): KubeObject[] {
  const kinds = new Map<string, { group: string; kind: string; versions: Set<string> }>();
  const delivered = new Set<string>();
  for (const { object } of objects) {
    if (object.kind === "CustomResourceDefinition") delivered.add(`${object.spec?.group} ${object.spec?.names?.kind}`);
    const [group = "", version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : [""];
    if (SERVED.test(group) || !version || !/^v\d/.test(version) || !/^[a-z0-9.-]+\.[a-z0-9.-]+$/.test(group)) continue;
    const key = `${group} ${object.kind}`;
    const known = kinds.get(key) ?? { group, kind: object.kind, versions: new Set<string>() };
    known.versions.add(version);
    kinds.set(key, known);
  }
  return [...kinds.entries()].filter(([key]) => !delivered.has(key)).map(([, one]) => stub(one));
}

function stub({ group, kind, versions }: { group: string; kind: string; versions: Set<string> }): KubeObject {
  const plural = pluralOf(kind.toLowerCase());
  const whole = !NAMESPACED_IN.test(group) && CLUSTER_SCOPED.test(kind);
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      // Groups below k8s.io are refused without an approval.
      annotations: { "api-approved.kubernetes.io": "unapproved, stand-in of a test bench" },
    },
    spec: {
      group,
      scope: whole ? "Cluster" : "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [...versions].sort().map((name, at) => ({
        name,
        served: true,
        storage: at === 0,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      })),
    },
  };
}

const pluralOf = (name: string): string =>
  /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : /(s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
