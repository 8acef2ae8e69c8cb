import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { inShort, PLAYER_APP } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const THING = `${PLAYER_APP}/thing.yaml`;
const USER = `${PLAYER_APP}/user.yaml`;

const ENVOY = "gateway.envoyproxy.io/v1alpha1";
const ROUTED = "gateway.networking.k8s.io/v1";
const TRAEFIK = "traefik.io/v1alpha1";
const empty = ["spec: {}"];
const gateway = (name: string, more = "") =>
  object("Gateway", name, ROUTED, [
    `spec: {gatewayClassName: any, ${more}listeners: [{name: a, port: 80, protocol: HTTP}]}`,
  ]);
const route = (name: string, more = "") =>
  object("HTTPRoute", name, ROUTED, [`spec: {parentRefs: [{name: any}]${more}}`]);
const policy = (kind: string, target: string) =>
  object(kind, "user", ENVOY, [
    `spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: ${target}, name: wanted}]}`,
  ]);
const database = (spec: string) =>
  object("Cluster", "user", "postgresql.cnpg.io/v1", [`spec: {instances: 1, storage: {size: 1Gi}, ${spec}}`]);
const store = object("ObjectStore", "wanted", "barmancloud.cnpg.io/v1", ["spec: {configuration: {}}"]);
const plugin = "{name: barman-cloud.cloudnative-pg.io, parameters: {barmanObjectName: wanted}}";

/** What stays, and what it names; the name stands in both. */
const ROWS: [what: string, thing: string, user: string][] = [
  ["the store of the backups of a database", store, database(`plugins: [${plugin}]`)],
  ["the store that a database is restored from", store, database(`externalClusters: [{name: old, plugin: ${plugin}}]`)],
  [
    "the server of a database",
    object("MariaDB", "wanted", "k8s.mariadb.com/v1alpha1", empty),
    object("User", "user", "k8s.mariadb.com/v1alpha1", ["spec: {mariaDbRef: {name: wanted}}"]),
  ],
  [
    "a middleware of a chain",
    object("Middleware", "wanted", TRAEFIK, empty),
    object("Middleware", "user", TRAEFIK, ["spec: {chain: {middlewares: [{name: wanted}]}}"]),
  ],
  [
    "how Traefik talks to a Service",
    object("ServersTransport", "wanted", TRAEFIK, empty),
    object("IngressRoute", "user", TRAEFIK, [
      "spec: {routes: [{kind: Rule, match: Host(`a.example`), services: [{kind: Service, name: any, port: 80, serversTransport: wanted}]}]}",
    ]),
  ],
  [
    "options for TLS",
    object("TLSOption", "wanted", TRAEFIK, empty),
    object("IngressRoute", "user", TRAEFIK, ["spec: {routes: [], tls: {options: {name: wanted}}}"]),
  ],
  [
    "the proxies of a Gateway",
    object("EnvoyProxy", "wanted", ENVOY, empty),
    gateway(
      "user",
      "infrastructure: {parametersRef: {group: gateway.envoyproxy.io, kind: EnvoyProxy, name: wanted}}, ",
    ),
  ],
  [
    "the filter of a route",
    object("HTTPRouteFilter", "wanted", ENVOY, empty),
    route(
      "user",
      ", rules: [{filters: [{type: ExtensionRef, extensionRef: {group: gateway.envoyproxy.io, kind: HTTPRouteFilter, name: wanted}}]}]",
    ),
  ],
  ["a route that asks for a login", route("wanted"), policy("SecurityPolicy", "HTTPRoute")],
  ["a Gateway that a policy is for", gateway("wanted"), policy("ClientTrafficPolicy", "Gateway")],
  [
    "a tunnel",
    object("Tunnel", "wanted", "networking.cfargotunnel.com/v1alpha2", empty),
    object("TunnelBinding", "user", "networking.cfargotunnel.com/v1alpha1", [
      "subjects: []",
      "tunnelRef: {kind: Tunnel, name: wanted}",
    ]),
  ],
  [
    "how a scaler logs in",
    object("TriggerAuthentication", "wanted", "keda.sh/v1alpha1", empty),
    object("ScaledObject", "user", "keda.sh/v1alpha1", [
      "spec: {scaleTargetRef: {name: any}, triggers: [{type: x, metadata: {}, authenticationRef: {name: wanted}}]}",
    ]),
  ],
  [
    "the settings of a load balancer",
    object("FrontendConfig", "wanted", "networking.gke.io/v1beta1", empty),
    object("Ingress", "user", "networking.k8s.io/v1", [
      "  annotations: {networking.gke.io/v1beta1.FrontendConfig: wanted}",
      "spec: {rules: [{host: a.example}]}",
    ]),
  ],
];

const list = (...more: string[]) => kustomization(["helmrelease.yaml", "pvc.yaml", ...more]);
const treeOf = (thing: string, user: string): Files => ({
  ...homeTree(),
  [THING]: thing,
  [USER]: user,
  [LIST]: list("thing.yaml", "user.yaml"),
});

describe.each(ROWS)("%s", (_name, thing, user) => {
  const tree = treeOf(thing, user);

  test("that gets another name while something names it is lost", () => {
    expect(inShort(tree, { [THING]: thing.replace("name: wanted", "name: different") })).toMatch(
      /^unsafe \|.*reference-breaks/,
    );
  });

  test("that goes with what names it, or that nobody in Git makes, draws no word", () => {
    const both = { [THING]: undefined, [USER]: undefined, [LIST]: list() };
    expect(inShort(tree, both)).not.toContain("reference");
    expect(inShort(homeTree(), { [USER]: user, [LIST]: list("user.yaml") })).not.toContain("reference");
  });
});

test("what bears the name of a release is not made by its chart, where nothing of that changes", () => {
  const own = (name: string) => gateway(name);
  const policyOf = policy("ClientTrafficPolicy", "Gateway").replace("wanted", "player");
  const tree = treeOf(own("player"), policyOf);
  const renamed = { [THING]: own("different") };
  expect(inShort(tree, renamed)).toBe("unsafe | reference-breaks ClientTrafficPolicy media/user");
  const told = { ...renamed, [HELM]: release("player", ["values: {gateway: {enabled: true}}"]) };
  expect(inShort(tree, told)).toMatch(/^deletes/);
});
