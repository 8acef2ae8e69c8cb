import { type ReferenceField, soft } from "./reference-field.ts";

/** Groups of the kinds that `OPERATOR_FIELDS` name. */
export const OPERATOR_GROUPS: Readonly<Record<string, string>> = {
  BackupStorageLocation: "velero.io",
  CiliumBGPPeerConfig: "cilium.io",
  ClusterTriggerAuthentication: "keda.sh",
  ClusterTunnel: "networking.cfargotunnel.com",
  EnvoyProxy: "gateway.envoyproxy.io",
  FrontendConfig: "networking.gke.io",
  GRPCRoute: "gateway.networking.k8s.io",
  HTTPRoute: "gateway.networking.k8s.io",
  HTTPRouteFilter: "gateway.envoyproxy.io",
  MariaDB: "k8s.mariadb.com",
  ObjectStore: "barmancloud.cnpg.io",
  ServersTransport: "traefik.io",
  TLSOption: "traefik.io",
  TriggerAuthentication: "keda.sh",
  Tunnel: "networking.cfargotunnel.com",
};

const ROUTED = ["Gateway", "HTTPRoute", "GRPCRoute"];
const FILTERS = ["HTTPRouteFilter", "Middleware"];

/** What objects of everyday operators name of other objects of theirs (the API references of each). */
export const OPERATOR_FIELDS: readonly ReferenceField[] = [
  // Without its store a database archives nothing more, and its disk fills up.
  ...["spec.plugins[].parameters", "spec.externalClusters[].plugin.parameters"].map((field) =>
    soft("postgresql.cnpg.io|Cluster", field, { kind: "ObjectStore", name: "barmanObjectName" }),
  ),
  ...["Connection", "Database", "Grant", "MaxScale", "SqlJob", "User"].map((kind) =>
    soft(`k8s.mariadb.com|${kind}`, "spec.mariaDbRef", { kind: "MariaDB", far: true, only: ["MariaDB"] }),
  ),
  soft("traefik.io|Middleware", "spec.chain.middlewares[]", { kind: "Middleware", far: true }),
  soft("traefik.io|IngressRoute", "spec.routes[].services[].serversTransport", {
    kind: "ServersTransport",
    name: "itself",
  }),
  ...["IngressRoute", "IngressRouteTCP"].map((kind) =>
    soft(`traefik.io|${kind}`, "spec.tls.options", { kind: "TLSOption", far: true }),
  ),
  soft("gateway.networking.k8s.io|Gateway", "spec.infrastructure.parametersRef", { only: ["EnvoyProxy"] }),
  soft("gateway.networking.k8s.io|GatewayClass", "spec.parametersRef", { far: true, only: ["EnvoyProxy"] }),
  ...["HTTPRoute", "GRPCRoute"].flatMap((kind) =>
    ["spec.rules[].filters[].extensionRef", "spec.rules[].backendRefs[].filters[].extensionRef"].map((field) =>
      soft(`gateway.networking.k8s.io|${kind}`, field, { only: FILTERS }),
    ),
  ),
  ...["BackendTrafficPolicy", "ClientTrafficPolicy", "EnvoyExtensionPolicy", "SecurityPolicy"].flatMap((kind) =>
    ["spec.targetRefs[]", "spec.targetRef"].map((field) =>
      soft(`gateway.envoyproxy.io|${kind}`, field, { only: ROUTED }),
    ),
  ),
  soft("cilium.io|CiliumBGPClusterConfig", "spec.bgpInstances[].peers[].peerConfigRef", {
    kind: "CiliumBGPPeerConfig",
  }),
  soft("networking.cfargotunnel.com|TunnelBinding", "tunnelRef", { only: ["ClusterTunnel", "Tunnel"] }),
  ...["ScaledJob", "ScaledObject"].map((kind) =>
    soft(`keda.sh|${kind}`, "spec.triggers[].authenticationRef", { kind: "TriggerAuthentication" }),
  ),
  soft("networking.k8s.io|Ingress", "metadata.annotations", {
    kind: "FrontendConfig",
    name: "networking.gke.io/v1beta1.FrontendConfig",
  }),
  soft("velero.io|Schedule", "spec.template.storageLocation", { kind: "BackupStorageLocation", name: "itself" }),
];
