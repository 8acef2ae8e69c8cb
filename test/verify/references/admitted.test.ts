import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { GAMES, inShort, PLAYER_APP, says } from "./tree.ts";

const GATEWAY = "kubernetes/apps/games/gateway.yaml";
const ROUTE = `${PLAYER_APP}/route.yaml`;
const LIST = `${PLAYER_APP}/kustomization.yaml`;
const listener = (name: string, ...more: string[]) =>
  `{${[`name: ${name}`, "port: 443", "protocol: HTTPS", ...more].join(", ")}}`;
const of = (protocol: string, ...more: string[]) =>
  `{${["name: web", "port: 443", `protocol: ${protocol}`, ...more].join(", ")}}`;
const from = (which: string) => `allowedRoutes: {namespaces: {from: ${which}}}`;
const HOSTS = "hostname: '*.example.com'";
const gateway = (...listeners: string[]) =>
  object("Gateway", "front", "gateway.networking.k8s.io/v1", [
    "  namespace: games",
    `spec: {gatewayClassName: any, listeners: [${listeners.join(", ")}]}`,
  ]);
const route = (name = "web", more = "", host = "web.example.com") =>
  object("HTTPRoute", name, "gateway.networking.k8s.io/v1", [
    `spec: {parentRefs: [{name: front, namespace: games${more}}], hostnames: [${host}]}`,
  ]);
const ALL = gateway(listener("web", from("All"), HOSTS));
const tree: Files = {
  ...homeTree(),
  [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "gateway.yaml"]),
  [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "route.yaml"]),
  [GATEWAY]: ALL,
  [ROUTE]: route(),
};
const BREAKS = "unsafe | reference-breaks HTTPRoute media/web";

describe("a listener of a Gateway", () => {
  test.each([
    ["that takes its own namespace alone, by default", gateway(listener("web", HOSTS))],
    ["that says so", gateway(listener("web", from("Same"), HOSTS))],
    ["that takes none", gateway(listener("web", from("None"), HOSTS))],
    ["for another hostname", gateway(listener("web", from("All"), "hostname: '*.example.org'"))],
    ["of a protocol that no HTTPRoute has", gateway(of("TCP", from("All")))],
    ["for TLS, of which HTTPS is none", gateway(of("TLS", from("All")), of("UDP", from("All")))],
    ["for another kind", gateway(of("HTTPS", "allowedRoutes: {kinds: [{kind: GRPCRoute}], namespaces: {from: All}}"))],
    ["of two of which neither takes all", gateway(listener("a", HOSTS), listener("b", from("All"), "hostname: b.org"))],
  ])("%s lets the route in no more", (_, text) => {
    expect(inShort(tree, { [GATEWAY]: text })).toBe(BREAKS);
  });

  test.each([
    ["that lets namespaces in by their labels", gateway(listener("web", from("Selector"), HOSTS))],
    ["of a protocol of an implementation", gateway(of("example.com/own", from("All")))],
    ["of plain HTTP", gateway(of("HTTP", from("All")))],
    [
      "for that very kind",
      gateway(of("HTTPS", "allowedRoutes: {kinds: [{kind: HTTPRoute}], namespaces: {from: All}}")),
    ],
    ["without a hostname", gateway(listener("web", from("All")))],
    ["for that very host", gateway(listener("web", from("All"), "hostname: web.example.com"))],
    ["beside one that takes all", gateway(listener("a", HOSTS), listener("b", from("All")))],
    ["whose hostname has a variable", gateway(listener("web", from("All"), "hostname: '*.${ZONE}'"))],
  ])("%s is nothing to tell", (_, text) => {
    expect(inShort(tree, { [GATEWAY]: text })).toBe("safe");
  });

  test("that a new route names, and that never took it", () => {
    const none: Files = { ...tree, [GATEWAY]: gateway(listener("web", HOSTS)) };
    expect(inShort({ ...none, [ROUTE]: route("web", "", "a.example.com") }, { [ROUTE]: route() })).toBe("safe");
    const { [ROUTE]: _, ...before } = none;
    expect(inShort({ ...before, [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]) }, none)).toBe(BREAKS);
  });
});

test("a listener that takes namespaces by labels, where Git holds the Namespace", () => {
  const by = (selector: string) =>
    gateway(listener("web", `allowedRoutes: {namespaces: {from: Selector, selector: {${selector}}}}`));
  const judge = (selector: string, before: Files = tree) => inShort(before, { [GATEWAY]: by(selector) });
  const labelled = {
    ...tree,
    "kubernetes/apps/media/namespace.yaml": object("Namespace", "media", "v1", ["  labels: {gate: front}"]),
  };
  expect(judge("matchLabels: {gate: front}")).toBe(BREAKS);
  expect(judge("matchLabels: {gate: front}", labelled)).toBe("safe");
  expect(judge("matchExpressions: [{key: gate, operator: NotIn, values: [front]}]", labelled)).toBe(BREAKS);
  expect(judge("matchLabels: {kubernetes.io/metadata.name: media}")).toBe("safe");
  expect(judge('matchLabels: {gate: "${GATE}"}')).toBe("safe");
  const { "kubernetes/apps/media/namespace.yaml": _, ...elsewhere } = tree;
  const list = { "kubernetes/apps/media/kustomization.yaml": kustomization(["player/ks.yaml"]) };
  expect(judge("matchLabels: {gate: front}", { ...elsewhere, ...list })).toBe("safe");
});

test("a hostname that no listener takes, and a listener that is named", () => {
  expect(inShort(tree, { [ROUTE]: route("web", "", "web.example.org") })).toBe(BREAKS);
  expect(inShort(tree, { [ROUTE]: route("web", "", "'*.a.example.com'") })).toBe("safe");
  const two = { ...tree, [GATEWAY]: gateway(listener("web", from("All")), listener("own")) };
  expect(inShort(two, { [ROUTE]: route("web", ", sectionName: own") })).toBe(BREAKS);
  expect(inShort(two, { [ROUTE]: route("web", ", sectionName: web") })).toBe("safe");
});

test("the values of a chart name one as well, and many routes are one finding", () => {
  const values = release("player", ["values: {route: {app: {parentRefs: [{name: front, namespace: games}]}}}"]);
  const same = { [GATEWAY]: gateway(listener("web")) };
  expect(inShort({ ...tree, [`${PLAYER_APP}/helmrelease.yaml`]: values }, same)).toContain(
    "reference-breaks HelmRelease media/player",
  );
  const HELM = `${PLAYER_APP}/helmrelease.yaml`;
  const from2 = (inside: string) => ({ ...tree, [HELM]: release("player", [`values: {${inside}}`]) });
  const parents = "parentRefs: [{name: front, namespace: games}]";
  const tcp = {
    [GATEWAY]: gateway(of("TCP", from("All"))),
    [ROUTE]: undefined,
    [LIST]: kustomization(["helmrelease.yaml"]),
  };
  const said = (inside: string) => inShort(from2(inside), tcp).includes("HelmRelease media/player");
  expect(said(`httpRoute: {enabled: true, ${parents}}`)).toBe(true);
  expect(said(`route: {app: {kind: GRPCRoute, ${parents}}}`)).toBe(true);
  expect(said(`route: {app: {kind: TCPRoute, ${parents}}}`)).toBe(false);
  expect(said(`route: {app: {${parents}}}`)).toBe(false);
  const many = { ...tree, [ROUTE]: [1, 2, 3, 4, 5, 6].map((one) => route(`web${one}`)).join("") };
  expect(inShort(many, same)).toBe("unsafe | reference-breaks Gateway games/front");
  const [found] = says(many, same).findings.filter(({ level }) => level === "blocker");
  expect(found).toMatchObject({ at: { file: GATEWAY }, what: expect.stringContaining("HTTPRoute media/web6") });
  expect(found?.others).toHaveLength(6);
});
