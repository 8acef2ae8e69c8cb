import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { inShort, PLAYER_APP } from "./tree.ts";

const [WEB, SERVICE, INGRESS, GATEWAY, ROUTE] = ["web", "service", "ingress", "gateway", "route"].map(
  (name) => `${PLAYER_APP}/${name}.yaml`,
) as [string, string, string, string, string];
const web = (port: string, probe = "{httpGet: {port: http, path: /}}") =>
  object("Deployment", "web", "apps/v1", [
    `spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web, ports: [{name: ${port}, containerPort: 80}], readinessProbe: ${probe}}]}}}`,
  ]);
const service = (ports: string) => object("Service", "web", "v1", [`spec: {selector: {app: web}, ports: ${ports}}`]);
const ingress = (port: string) =>
  object("Ingress", "web", "networking.k8s.io/v1", [
    `spec: {rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: ${port}}}}]}}]}`,
  ]);
const gateway = (name: string) =>
  object("Gateway", "front", "gateway.networking.k8s.io/v1", [
    `spec: {gatewayClassName: any, listeners: [{name: ${name}, port: 443, protocol: HTTPS}]}`,
  ]);
const route = (section: string, port = 80) =>
  object("HTTPRoute", "web", "gateway.networking.k8s.io/v1", [
    `spec: {parentRefs: [{name: front, sectionName: ${section}}], rules: [{backendRefs: [{name: web, port: ${port}}]}]}`,
  ]);
const PORTS = "[{name: http, port: 80, targetPort: http}]";
const tree: Files = {
  ...homeTree(),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(
    ["web", "service", "ingress", "gateway", "route"].map((one) => `${one}.yaml`),
  ),
  [WEB]: web("http"),
  [SERVICE]: service(PORTS),
  [INGRESS]: ingress("{number: 80}"),
  [GATEWAY]: gateway("https"),
  [ROUTE]: route("https"),
};
const BREAKS = "unsafe | reference-breaks";

describe("a port that is named and not there", () => {
  test.each([
    [
      "of a Service that gets another one",
      { [SERVICE]: service("[{name: http, port: 8080, targetPort: http}]") },
      `${BREAKS} HTTPRoute media/web | reference-breaks Ingress media/web`,
    ],
    ["in an Ingress, by number", { [INGRESS]: ingress("{number: 8080}") }, `${BREAKS} Ingress media/web`],
    ["in an Ingress, by name", { [INGRESS]: ingress("{name: htp}") }, `${BREAKS} Ingress media/web`],
    ["in a route", { [ROUTE]: route("https", 81) }, `${BREAKS} HTTPRoute media/web`],
    [
      "of the pods, in a Service",
      { [SERVICE]: service("[{name: http, port: 80, targetPort: www}]") },
      `${BREAKS} Service media/web`,
    ],
    ["of the pods, in their container", { [WEB]: web("www", "{httpGet: {port: 80}}") }, `${BREAKS} Service media/web`],
    ["of a probe", { [WEB]: web("http", "{httpGet: {port: htp}}") }, `${BREAKS} Deployment media/web`],
    ["of a listener that gets another name", { [GATEWAY]: gateway("tls") }, `${BREAKS} HTTPRoute media/web`],
    ["of a listener, in a route", { [ROUTE]: route("htps") }, `${BREAKS} HTTPRoute media/web`],
  ])("%s", (_, edits, said) => {
    expect(inShort(tree, edits)).toBe(said);
    // What led nowhere before leads nowhere still.
    expect(inShort({ ...tree, ...edits }, { [`${PLAYER_APP}/helmrelease.yaml`]: "# none\n" })).toBe("safe");
  });
});

test("no word is said where all of it moves, or is named in another way", () => {
  const all = {
    [SERVICE]: service("[{name: www, port: 81, targetPort: www}]"),
    [WEB]: web("www", "{tcpSocket: {port: www}}"),
    [INGRESS]: ingress("{name: www}"),
    [GATEWAY]: gateway("tls"),
    [ROUTE]: route("tls", 81),
  };
  expect(inShort(tree, all)).toBe("safe");
  expect(
    inShort(tree, {
      [INGRESS]: ingress("{name: http}"),
      [SERVICE]: service("[{name: http, port: 80, targetPort: 80}]"),
    }),
  ).toBe("safe");
  expect(inShort(tree, { [WEB]: web("http", "{tcpSocket: {port: 8081}}") })).toBe("safe");
  // Of its ports nothing is known, nor whether that Gateway is there.
  expect(inShort(tree, { [ROUTE]: route("https").replace("name: front", "name: elsewhere") })).toBe(
    "unproven | safety-unknown HTTPRoute media/web",
  );
  const external = object("Service", "web", "v1", [
    "spec: {type: ExternalName, externalName: a.example, ports: [{port: 81}]}",
  ]);
  expect(inShort({ ...tree, [SERVICE]: external }, { [INGRESS]: ingress("{number: 82}") })).toBe("safe");
});

describe("a route of Traefik", () => {
  const MIDDLEWARE = `${PLAYER_APP}/middleware.yaml`;
  const traefik = (port: string, login = "login") =>
    object("IngressRoute", "web", "traefik.io/v1alpha1", [
      `spec: {routes: [{match: Host(\`a.example\`), kind: Rule, middlewares: [{name: ${login}}], services: [{name: web, port: ${port}}]}]}`,
    ]);
  const middleware = (name: string) => object("Middleware", name, "traefik.io/v1alpha1", ["spec: {compress: {}}"]);
  const routed: Files = {
    ...tree,
    [`${PLAYER_APP}/kustomization.yaml`]: kustomization(
      ["web", "service", "ingress", "middleware"].map((one) => `${one}.yaml`),
    ),
    [INGRESS]: traefik("http"),
    [MIDDLEWARE]: middleware("login"),
  };
  const SAID = `${BREAKS} IngressRoute media/web`;

  test("is led to a port that goes, or that is not there", () => {
    expect(inShort(routed, { [SERVICE]: service("[{name: web, port: 80, targetPort: http}]") })).toBe(SAID);
    expect(inShort(routed, { [INGRESS]: traefik("81") })).toBe(SAID);
    expect(inShort(routed, { [INGRESS]: traefik("80") })).toBe("safe");
  });

  test("names a middleware that goes, or is misspelt", () => {
    expect(inShort(routed, { [MIDDLEWARE]: middleware("other") })).toBe(SAID);
    expect(inShort(routed, { [INGRESS]: traefik("http", "logn") })).toContain(
      "reference-missing IngressRoute media/web",
    );
    expect(inShort(routed, { [INGRESS]: traefik("http", "of-a-chart") })).toBe("safe");
    expect(inShort(routed, { [INGRESS]: traefik("http", "auth@file") })).toBe("safe");
  });
});
