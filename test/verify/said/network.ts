import { homeTree, kustomization, object } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { type Cases, type Row, rows } from "./said.ts";

const both = (name: string, kind: string, lines: string[]): Row => [name, kind, lines, lines];
const gateway = (id: string, was: string[] | undefined, is: string[] | undefined): Row => {
  const lines = (names: string[]) => [
    "spec:",
    "  gatewayClassName: a",
    `  listeners: [${names.map((name, index) => `{name: ${name}, port: ${80 + index}, protocol: HTTP}`).join(", ")}]`,
  ];
  return [id, "Gateway", was && lines(was), is && lines(is)];
};
const parent = (text: string) => [`spec: {parentRefs: [${text}]}`];
const route = (id: string, was: string | undefined, is: string): Row => [
  id,
  "HTTPRoute",
  was === undefined ? undefined : parent(was),
  parent(is),
];
const to = (name: string, section?: string, more = "") =>
  `{name: ${name}${section === undefined ? "" : `, sectionName: ${section}`}${more}}`;
const values = (text: string) => [
  `spec: {interval: 1h, chartRef: {kind: OCIRepository, name: charts}, values: {route: {parentRefs: [${text}]}}}`,
];
const chart = (id: string, was: string | undefined, is: string): Row => [
  id,
  "HelmRelease",
  was === undefined ? undefined : values(was),
  values(is),
];

const backend = (name: string, namespace?: string) => [
  `spec: {rules: [{backendRefs: [{name: ${name}, port: 80${namespace === undefined ? "" : `, namespace: ${namespace}`}}]}]}`,
];
const grant = (from: string, to_: string) => [`spec: {from: [{${from}}], to: [{${to_}}]}`];
const ROUTES = "group: gateway.networking.k8s.io, kind: HTTPRoute";
const SERVICES = "group: '', kind: Service";

const pods = (label: string) => [
  `spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {${label}}}, spec: {containers: [{name: a, image: a}]}}}`,
];
const selecting = (selector: string) => [`spec: {selector: {${selector}}, ports: [{port: 80}]}`];
const names = (text: string) => [`data: {url: '${text}'}`];
const serves = selecting("app: gone");

const service = (text: string) => [`spec: {${text.includes("ports:") ? "" : "ports: [{port: 80}], "}${text}}`];
const asking = (name: string, was: string | undefined, is: string): Row => [
  name,
  "Service",
  was === undefined ? undefined : service(was),
  service(is),
];
const port = (number: number) => `type: NodePort, ports: [{port: 80, nodePort: ${number}}]`;

/** A Gateway in one Kustomization, and what names it in another one. */
const apart = (was: string[], is: string[]): [Files, Edits] => {
  const games = "kubernetes/apps/games/chess/app";
  const media = "kubernetes/apps/media/player/app";
  const door = (names: string[]) =>
    object("Gateway", "door", "gateway.networking.k8s.io/v1", [
      `spec: {gatewayClassName: a, listeners: [${names.map((name, index) => `{name: ${name}, port: ${80 + index}, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}`).join(", ")}]}`,
    ]);
  return [
    {
      ...homeTree(),
      [`${media}/kustomization.yaml`]: kustomization(["door.yaml"]),
      [`${media}/door.yaml`]: door(was),
      [`${games}/kustomization.yaml`]: kustomization(["route.yaml"]),
      [`${games}/route.yaml`]: object(
        "HTTPRoute",
        "far",
        "gateway.networking.k8s.io/v1",
        parent(to("door", "web", ", namespace: media")),
      ),
    },
    { [`${media}/door.yaml`]: door(is) },
  ];
};

/** Services, routes and Gateways that are reached by nothing, or by others, from then on. */
export const NETWORK: Cases = {
  "listeners that go": rows([
    gateway("doors/front", ["http", "https"], ["http", "web"]),
    gateway("doors/same", ["http"], ["http"]),
    gateway("doors/open", ["http", "https"], ["http", "'${DOMAIN}'"]),
    both("doors/on-https", "HTTPRoute", parent(to("front", "https"))),
    both("doors/on-http", "HTTPRoute", parent(to("front", "http"))),
    both("doors/on-any", "HTTPRoute", parent(to("front"))),
    both("apps/on-https", "HTTPRoute", parent(to("front", "https", ", namespace: doors"))),
    both("apps/on-https-of-a-service", "HTTPRoute", parent(to("front", "https", ", namespace: doors, kind: Service"))),
    both("doors/on-open", "HTTPRoute", parent(to("open", "https"))),
    both("doors/missing-before", "HTTPRoute", parent(to("same", "none"))),
    route("doors/comes", undefined, to("same", "none")),
    route("doors/two", `${to("same", "http")}`, `${to("same", "http")}, ${to("same", "htpp")}`),
    route("doors/by-a-variable", undefined, to("same", "'${DOMAIN}'")),
    chart("doors/chart", undefined, to("same", "none")),
    chart("doors/chart-on-https", to("front", "https"), to("front", "https")),
  ]),
  "listeners of a Gateway in another Kustomization": apart(["web", "tls"], ["tls"]),
  "Gateways that the values of charts name": rows([
    gateway("doors/external", ["http"], ["http"]),
    gateway("doors/internal", ["http"], ["http"]),
    gateway("other/public", ["http"], ["http"]),
    chart("doors/slip", undefined, to("extrenal")),
    chart("doors/slip-that-was", to("extrenal"), to("extrenal", undefined, ", port: 80")),
    chart("doors/slip-of-another", to("external"), to("externl")),
    chart("doors/elsewhere", undefined, to("public")),
    chart("apps/no-namespace", undefined, to("external")),
    chart("apps/there", undefined, to("external", undefined, ", namespace: doors")),
    chart(
      "apps/namespace-becomes-wrong",
      to("external", undefined, ", namespace: doors"),
      to("external", undefined, ", namespace: door"),
    ),
    chart("doors/another", to("internal"), to("intern")),
    chart("doors/another-place", to("internal"), to("internal", undefined, ", namespace: dors")),
    chart("doors/unlike", undefined, to("something")),
  ]),
  "what may be named in another namespace": rows([
    ["kept/far", "Service", serves, serves],
    both("kept/let", "ReferenceGrant", grant(`${ROUTES}, namespace: one`, SERVICES)),
    [
      "loses/let",
      "ReferenceGrant",
      grant(`${ROUTES}, namespace: one`, SERVICES),
      grant(`${ROUTES}, namespace: two`, SERVICES),
    ],
    ["goes/let", "ReferenceGrant", grant(`${ROUTES}, namespace: one`, SERVICES), undefined],
    [
      "narrows/let",
      "ReferenceGrant",
      grant(`${ROUTES}, namespace: one`, SERVICES),
      grant(`${ROUTES}, namespace: one`, `${SERVICES}, name: far`),
    ],
    [
      "kind/let",
      "ReferenceGrant",
      grant(`${ROUTES}, namespace: one`, SERVICES),
      grant(`${ROUTES}, namespace: one`, "group: '', kind: Secret"),
    ],
    [
      "opens/let",
      "ReferenceGrant",
      grant(`${ROUTES}, namespace: one`, SERVICES),
      grant(`${ROUTES}, namespace: '\${DOMAIN}'`, SERVICES),
    ],
    ["kept/tls", "Secret", names("a"), names("a")],
    both("one/with-tls", "Gateway", [
      "spec: {gatewayClassName: a, listeners: [{name: a, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: tls, namespace: sealed}]}}]}",
    ]),
    [
      "sealed/let",
      "ReferenceGrant",
      grant("group: gateway.networking.k8s.io, kind: Gateway, namespace: one", "group: '', kind: Secret"),
      undefined,
    ],
    [
      "kinds/let",
      "ReferenceGrant",
      grant(`${ROUTES}, namespace: one`, SERVICES),
      grant("group: gateway.networking.k8s.io, kind: GRPCRoute, namespace: one", SERVICES),
    ],
    both("one/to-kinds", "HTTPRoute", backend("far", "kinds")),
    [
      "groups/let",
      "ReferenceGrant",
      grant(`${ROUTES}, namespace: one`, SERVICES),
      grant("group: a.example, kind: HTTPRoute, namespace: one", SERVICES),
    ],
    both("one/to-groups", "HTTPRoute", backend("far", "groups")),
    [
      "more/let",
      "ReferenceGrant",
      grant(`${ROUTES}, namespace: one`, SERVICES),
      grant(`${ROUTES}, namespace: two}, {${ROUTES}, namespace: one`, `group: '', kind: Secret}, {kind: Service`),
    ],
    both("one/to-more", "HTTPRoute", backend("far", "more")),
    both("one/to-kept", "HTTPRoute", backend("far", "kept")),
    both("one/to-loses", "HTTPRoute", backend("far", "loses")),
    both("one/to-goes", "HTTPRoute", backend("far", "goes")),
    both("one/to-narrows", "HTTPRoute", backend("far", "narrows")),
    both("one/to-narrows-other", "HTTPRoute", backend("other", "narrows")),
    both("one/to-kind", "HTTPRoute", backend("far", "kind")),
    both("one/to-opens", "HTTPRoute", backend("far", "opens")),
    both("one/near", "HTTPRoute", backend("near")),
    ["three/comes", "HTTPRoute", undefined, backend("far", "kept")],
    ["one/comes-let", "HTTPRoute", undefined, backend("far", "kept")],
    ["one/comes-as-others", "HTTPRoute", undefined, backend("new", "loses")],
  ]),
  "addresses of what goes": rows([
    ["data/gone", "Service", serves, undefined],
    ["data/stays", "Service", serves, serves],
    ["data/shop", "HelmRelease", values(""), undefined],
    both("apps/one", "ConfigMap", names("http://gone.data.svc:80")),
    both("apps/two", "ConfigMap", names("gone.data.svc.cluster.local")),
    both("apps/of-stays", "ConfigMap", names("http://stays.data.svc")),
    both("apps/of-shop", "ConfigMap", names("shop-db.data.svc")),
    both("apps/other-namespace", "ConfigMap", names("gone.apps.svc")),
    both("apps/longer", "ConfigMap", names("gone-db.data.svc")),
    both("apps/part-of-a-name", "ConfigMap", names("my.gone.data.svc, x-gone.data.svc")),
    ["apps/edited-away", "ConfigMap", names("gone.data.svc"), names("stays.data.svc")],
    both("apps/three", "ConfigMap", names("gone.data.svc")),
    ["data/pg", "Cluster", ["spec: {instances: 1}"], undefined],
    both("apps/of-pg", "ConfigMap", names("pg-rw.data.svc")),
    ["data/owned", "Service", serves, undefined],
    both("data/owned", "Broker", ["spec: {}"]),
    both("apps/of-owned", "ConfigMap", names("owned.data.svc")),
    ["data/silent", "Service", serves, undefined],
    both("data/silent", "ServiceMonitor", ["spec: {}"]),
    both("apps/of-silent", "ConfigMap", names("silent.data.svc")),
    ["data/of-flux", "Service", ["  labels: {app.kubernetes.io/part-of: flux}", ...serves], undefined],
    both("apps/of-flux", "ConfigMap", names("of-flux.data.svc")),
    both("apps/suspended", "HelmRelease", [
      "spec: {interval: 1h, suspend: true, chartRef: {kind: OCIRepository, name: charts}, values: {a: gone.data.svc}}",
    ]),
    both("apps/no-address", "ConfigMap", names("gone.data.svcs")),
  ]),
  "Services that select no pods any more": rows([
    ["one/web", "Deployment", pods("app: a"), pods("app: b")],
    both("one/serves", "Service", selecting("app: a")),
    both("one/serves-both", "Service", selecting("app: a, tier: b")),
    both("two/web", "Deployment", pods("app: a")),
    ["two/serves", "Service", selecting("app: a"), selecting("app: aa")],
    ["two/serves-otherwise", "Service", selecting("app: a"), selecting("tier: '${DOMAIN}'")],
    both("three/web", "Deployment", pods("app: a")),
    ["three/serves", "Service", selecting("app: a"), selecting("app: aa")],
    both("three/chart", "HelmRelease", values("")),
    ["four/web", "Deployment", pods("app: a"), undefined],
    both("four/serves", "Service", selecting("app: a")),
    ["five/web", "Deployment", pods("app: a"), pods("app: a, tier: b")],
    ["five/serves", "Service", selecting("app: a"), selecting("app: a, tier: b")],
    ["five/without-selector", "Service", selecting("app: a"), ["spec: {ports: [{port: 80}]}"]],
  ]),
  "addresses and ports that others have": rows([
    asking("has", port(30001), port(30001)),
    asking("wants", "type: NodePort", port(30001)),
    asking("gives-up", port(30002), port(30003)),
    asking("wants-given-up", "type: NodePort", port(30002)),
    ["goes", "Service", service(port(30004)), undefined],
    asking("wants-gone", undefined, port(30004)),
    asking("new-a", undefined, port(30005)),
    asking("new-b", undefined, port(30005)),
    asking("a-new-one", undefined, port(30001)),
    asking("of-the-cluster", undefined, "ports: [{port: 80, nodePort: 30001}]"),
    asking("address", "clusterIP: 10.0.0.1", "clusterIP: 10.0.0.1"),
    asking("wants-address", undefined, "clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1]"),
    asking("wants-second-address", undefined, "clusterIPs: [10.0.0.2, 10.0.0.1]"),
    asking("empty", undefined, "clusterIP: ''"),
    asking("no-port", undefined, "type: NodePort, ports: [{port: 80, nodePort: 0}]"),
    asking("no-port-too", undefined, "type: NodePort, ports: [{port: 80, nodePort: 0}]"),
    asking("address-alone", undefined, "clusterIP: 10.0.0.1"),
    asking("none", undefined, "clusterIP: None"),
    asking("none-too", undefined, "clusterIP: None"),
    asking("external", undefined, "type: ExternalName, externalName: a.example, clusterIP: 10.0.0.1"),
    ["usual", "PriorityClass", ["value: 1", "globalDefault: true"], ["value: 1", "globalDefault: true"]],
    ["usual-too", "PriorityClass", undefined, ["value: 2", "globalDefault: true"]],
    ["unusual", "PriorityClass", undefined, ["value: 3", "globalDefault: false"]],
  ]),
};
