import { homeTree, kustomization, object, operatorTree } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { type Cases, type Row, rows } from "./said.ts";

const both = (name: string, kind: string, lines: string[]): Row => [name, kind, lines, lines];
const service = (ports: string, more = "") => [`spec: {${more}ports: [${ports}]}`];
const edited = (id: string, was: string, is: string): Row => [id, "Service", service(was), service(is)];
const WEB = "{name: web, port: 80}";
const TLS = "{name: tls, port: 443}";

const backend = (name: string, port: string) => `{service: {name: ${name}, port: {${port}}}}`;
const ingress = (...all: string[]) => [
  `spec: {defaultBackend: ${all[0]}, rules: [{http: {paths: [${all
    .slice(1)
    .map((one) => `{path: /, pathType: Prefix, backend: ${one}}`)
    .join(", ")}]}}]}`,
];
const route = (...refs: string[]) => [
  `spec: {rules: [{backendRefs: [{name: web, port: 80}]}, {backendRefs: [${refs.join(", ")}]}]}`,
];
const traefik = (...refs: string[]) => [`spec: {routes: [{match: a, kind: Rule, services: [${refs.join(", ")}]}]}`];

const pods = (...ports: string[]) => [
  `spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: a, ports: [${ports.map((name, index) => `{${name}containerPort: ${80 + index}}`).join(", ")}]}]}}}`,
];
const selects = (...targets: string[]) => [
  `spec: {selector: {app: a}, ports: [${targets.map((one, index) => `{name: p${index}, port: ${80 + index}${one && `, targetPort: ${one}`}}`).join(", ")}]}`,
];

const BY_NAME = traefik("{name: web, namespace: media, port: tls}");
/** A Service in one Kustomization, and what leads to it in another one. */
const apart = (was: string, is: string, reader = route("{name: web, namespace: media, port: 443}")): [Files, Edits] => {
  const games = "kubernetes/apps/games/chess/app";
  const media = "kubernetes/apps/media/player/app";
  const web = (ports: string) => object("Service", "web", "v1", service(ports));
  return [
    {
      ...homeTree(),
      [`${media}/kustomization.yaml`]: kustomization(["web.yaml"]),
      [`${media}/web.yaml`]: web(was),
      [`${games}/kustomization.yaml`]: kustomization(["route.yaml"]),
      [`${games}/route.yaml`]: object(
        reader === BY_NAME ? "IngressRoute" : "HTTPRoute",
        "far",
        reader === BY_NAME ? "traefik.io/v1alpha1" : "gateway.networking.k8s.io/v1",
        reader,
      ),
    },
    { [`${media}/web.yaml`]: web(is) },
  ];
};

/** Ports that something leads to and nothing has any more. */
export const PORTS: Cases = {
  "of Services": rows([
    edited("web", `${WEB}, ${TLS}`, WEB),
    edited("renamed", `${WEB}, ${TLS}`, `${WEB}, {name: https, port: 443}`),
    edited("nameless", TLS, "{port: 80}"),
    edited("opens", TLS, "{name: tls, port: '${DOMAIN}'}"),
    ["external", "Service", service(TLS), service(WEB, "type: ExternalName, externalName: a.example, ")],
    both(
      "by-number",
      "Ingress",
      ingress(backend("web", "number: 80"), backend("web", "number: 443"), backend("web", "number: 443")),
    ),
    both("by-name", "Ingress", ingress(backend("web", "name: tls"), backend("renamed", "name: tls"))),
    both("by-number-of-the-renamed", "Ingress", ingress(backend("renamed", "number: 443"))),
    both("of-nameless", "Ingress", ingress(backend("nameless", "number: 443"))),
    both("of-open", "Ingress", ingress(backend("opens", "number: 443"), backend("external", "number: 443"))),
    both("wrong-before", "Ingress", ingress(backend("web", "number: 8080"))),
    ["comes-wrong", "Ingress", undefined, ingress(backend("web", "number: 8080"))],
    ["comes-to-be-wrong", "Ingress", ingress(backend("web", "number: 80")), ingress(backend("web", "name: http"))],
    ["by-a-variable", "Ingress", undefined, ingress(backend("web", "name: '${DOMAIN}'"), backend("web", "name: ''"))],
    ...["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"].map((kind) =>
      both(kind.toLowerCase(), kind, route("{name: web, port: 443}")),
    ),
    both(
      "others",
      "HTTPRoute",
      route("{kind: Other, name: web, port: 443}", "{group: a.example, name: web, port: 443}", "{name: web}"),
    ),
    ...["IngressRoute", "IngressRouteTCP", "IngressRouteUDP"].map((kind) =>
      both(kind.toLowerCase(), kind, traefik("{name: web, port: 443}", "{name: renamed, port: tls}")),
    ),
    both("of-a-middleware", "TraefikService", traefik("{name: web, port: 443}")),
    both("config", "ConfigMap", route("{name: web, port: 443}")),
  ]),
  "of a Service in another Kustomization, by a route": apart(`${WEB}, ${TLS}`, WEB),
  "of a Service in another Kustomization, by a name": apart(
    `${WEB}, ${TLS}`,
    `${WEB}, {name: https, port: 443}`,
    BY_NAME,
  ),
  "of a Service in another Kustomization that keeps it": apart(`${WEB}, ${TLS}`, `${TLS}, {name: web, port: 81}`),
  "of pods": rows([
    ["one/pods", "Deployment", pods("name: web, ", "name: tls, "), pods("name: web, ", "")],
    both("one/serves", "Service", selects("web", "tls", "tls")),
    both("one/by-number", "Service", selects("80", "'81'", "")),
    ["one/by-number-comes", "Service", undefined, selects("'81'")],
    ["one/by-a-name-like-a-number", "Service", undefined, selects("81-tcp", "tcp-81")],
    ["two/pods", "Deployment", pods("name: web, "), pods("")],
    both("two/serves", "Service", selects("web")),
    both("three/pods", "Deployment", pods("name: web, ", "name: tls, ")),
    ["three/comes", "Service", undefined, selects("wbe")],
    ["three/changes", "Service", selects("web"), selects("web", "tsl")],
    ["three/wrong-before", "Service", selects("none"), ["  labels: {a: b}", ...selects("none")]],
    ["three/open", "Service", selects("web"), selects("'${DOMAIN}'")],
    ["three/right", "Service", selects("web"), selects("tls")],
    both("three/other", "ConfigMap", selects("none")),
    ["four/pods", "Deployment", pods("name: web, "), pods("name: http, ")],
    both("four/serves", "Service", selects("web")),
    both("four/chart", "HelmRelease", ["spec: {interval: 1h, chartRef: {kind: OCIRepository, name: charts}}"]),
    ["five/pods", "Deployment", pods("name: web, "), pods("name: '${DOMAIN}', ", "name: tls, ")],
    both("five/serves", "Service", selects("web")),
    ["six/pods", "Deployment", pods("name: web, "), undefined],
    both("six/serves", "Service", selects("web")),
  ]),
  "of what a FluxInstance makes": rows(
    [
      [
        "wrong",
        "Ingress",
        undefined,
        ingress(backend("webhook-receiver", "number: 80"), backend("webhook-receiver", "number: 8080")),
      ],
      [
        "right",
        "Ingress",
        undefined,
        ingress(backend("webhook-receiver", "name: http"), backend("source-controller", "number: 80")),
      ],
      [
        "edited",
        "HTTPRoute",
        route("{name: webhook-receiver, port: 80}"),
        route("{name: webhook-receiver, port: 9292}"),
      ],
    ],
    operatorTree(),
  ),
  "of Gateways that are there by Git, or not": rows([
    both("net/front", "Gateway", ["spec: {gatewayClassName: a, listeners: [{name: a, port: 80, protocol: HTTP}]}"]),
    both("net/old", "HTTPRoute", ["spec: {parentRefs: [{name: relied}]}"]),
    ["net/comes", "HTTPRoute", undefined, ["spec: {parentRefs: [{name: front}, {name: relied}]}"]],
    ["net/strays", "HTTPRoute", undefined, ["spec: {parentRefs: [{name: frnt}]}"]],
    // Charts may make those, wherever they go.
    both("charts/envoy", "HelmRelease", ["spec: {values: {gateway: {enabled: true, name: outside}}}"]),
    both("charts/values", "ConfigMap", ["data: {values.yaml: 'gateways: [{name: inside}]'}"]),
    ["net/charted", "HTTPRoute", undefined, ["spec: {parentRefs: [{name: outside}, {name: inside}]}"]],
  ]),
};
