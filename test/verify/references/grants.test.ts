import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { CHESS_APP, inShort, PLAYER_APP, says } from "./tree.ts";

const GATEWAY = "gateway.networking.k8s.io";
const [LIST, WEB] = ["kustomization", "web"].map((name) => `${PLAYER_APP}/${name}.yaml`) as [string, string];
const FAR = `${CHESS_APP}/far.yaml`;
const route = (name: string, to: string, namespace = ", namespace: games") =>
  object("HTTPRoute", name, `${GATEWAY}/v1`, [`spec: {rules: [{backendRefs: [{name: ${to}${namespace}, port: 80}]}]}`]);
const service = (name: string) => object("Service", name, "v1", ["spec: {ports: [{port: 80}]}"]);
const grant = (namespace = "media", kind = "HTTPRoute", to = "{group: '', kind: Service}") =>
  object("ReferenceGrant", "routes", `${GATEWAY}/v1beta1`, [
    `spec: {from: [{group: ${GATEWAY}, kind: ${kind}, namespace: ${namespace}}], to: [${to}]}`,
  ]);

/** A route of media, and what lies in games. */
const tree = (own: string, far: string): Files => ({
  ...homeTree(),
  [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "web.yaml"]),
  [WEB]: own,
  [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "far.yaml"]),
  [FAR]: service("chess") + service("draughts") + far,
});
const LOST = "reference-breaks HTTPRoute media/chess";
const base = tree(route("chess", "chess"), grant());
const far = (text: string) => ({ [FAR]: service("chess") + service("draughts") + text });

describe("a route to a Service of another namespace", () => {
  test("loses its grant", () => {
    expect(inShort(base, far(""))).toBe(`unsafe | ${LOST}`);
    expect(inShort(base, far(grant("meida")))).toBe(`unsafe | ${LOST}`);
    expect(inShort(base, far(grant("media", "GRPCRoute")))).toBe(`unsafe | ${LOST}`);
    expect(inShort(base, far(grant("media", "HTTPRoute", "{group: '', kind: Secret}")))).toBe(`unsafe | ${LOST}`);
    expect(inShort(base, far(grant("media", "HTTPRoute", "{group: '', kind: Service, name: draughts}")))).toBe(
      `unsafe | ${LOST}`,
    );
  });

  test("keeps one that is written otherwise, or goes with it", () => {
    expect(inShort(base, far(grant("media", "HTTPRoute", "{group: '', kind: Service, name: chess}")))).toBe("safe");
    expect(inShort(base, { ...far(""), [WEB]: route("chess", "player", "") })).not.toContain("ReferenceGrant");
  });

  test("keeps one that stays in the cluster without Git", () => {
    const kept = "  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}\nspec:";
    expect(inShort(tree(route("chess", "chess"), grant().replace("spec:", kept)), far(""))).toBe("safe");
  });

  test("comes without one, which may have been made by hand", () => {
    const { verdict, findings } = says(tree("", ""), { [WEB]: route("chess", "chess") });
    expect(verdict).toBe("unproven");
    expect(findings.map(({ what }) => what).join("\n")).toContain(
      "HTTPRoute media/chess names Service games/chess, and no ReferenceGrant of namespace games in Git lets it",
    );
    expect(inShort(tree("", grant()), { [WEB]: route("chess", "chess") })).toBe("safe");
    // Another one gets there already.
    const both = { [WEB]: route("chess", "chess") + route("draughts", "draughts") };
    expect(inShort(tree(route("chess", "chess"), ""), both)).toBe("safe");
  });
});

test("a Gateway that takes a certificate from another namespace loses its grant", () => {
  const gateway = object("Gateway", "web", `${GATEWAY}/v1`, [
    "spec: {gatewayClassName: any, listeners: [{name: a, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: tls, namespace: games}]}}]}",
  ]);
  const secret = grant("media", "Gateway", "{group: '', kind: Secret}");
  const own = tree(gateway, secret);
  expect(inShort(own, far(""))).toBe("unsafe | reference-breaks Gateway media/web");
});
