import { expect, test } from "vitest";
import { APPS, homeOps, migrate } from "../../traps/support.ts";
import { homeTree, ks, kustomization, object } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { inShort, PLAYER, PLAYER_APP } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const [WEB, SERVICE] = [`${PLAYER_APP}/web.yaml`, `${PLAYER_APP}/service.yaml`];
const web = (labels: string) =>
  object("Deployment", "web", "apps/v1", [
    `spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: ${labels}}, spec: {containers: [{name: web, image: web}]}}}`,
  ]);
const service = (selector: string) =>
  object("Service", "web", "v1", [`spec: {selector: ${selector}, ports: [{port: 80}]}`]);
const tree: Files = {
  ...homeTree(),
  [LIST]: kustomization(["web.yaml", "service.yaml"]),
  [WEB]: web("{app: web, tier: front}"),
  [SERVICE]: service("{app: web, tier: front}"),
};
const IDLE = "unsafe | reference-breaks Service media/web";

test("a Service that loses its pods is named, whichever label is edited", () => {
  expect(inShort(tree, { [SERVICE]: service("{app: wbe, tier: front}") })).toBe(IDLE);
  expect(inShort(tree, { [WEB]: web("{app: web, tier: back}") })).toBe(IDLE);
});

test("so is one that another Kustomization applies than its pods", () => {
  const GAMES = "kubernetes/apps/games/kustomization.yaml";
  const apart: Files = {
    ...tree,
    [LIST]: kustomization(["web.yaml"]),
    [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "doors.yaml"]),
    "kubernetes/apps/games/doors.yaml": ks("doors", "doors", ["targetNamespace: media"]),
    "doors/service.yaml": service("{tier: front}"),
  };
  expect(inShort(apart, { "doors/service.yaml": service("{tier: frnt}") })).toBe(IDLE);
  expect(inShort(apart, { "doors/service.yaml": service("{app: web}") })).toBe("safe");
  expect(inShort(apart, { [WEB]: web("{app: web}") })).toBe(IDLE);
  expect(inShort(apart, { [WEB]: web("{app: web, tier: front, more: labels}") })).toBe("safe");
  const both = { [WEB]: web("{app: web}"), "doors/service.yaml": service("{app: web}") };
  expect(inShort(apart, both)).toBe("safe");
});

test("one that goes on finding some is not, nor one that found none or names none", () => {
  expect(inShort(tree, { [SERVICE]: service("{app: web}") })).toBe("safe");
  expect(inShort(tree, { [SERVICE]: service("{}") })).toBe("safe");
  expect(
    inShort(tree, { [SERVICE]: service("{app: web, tier: front}"), [WEB]: web("{app: web, tier: front, x: y}") }),
  ).toBe("safe");
  const idle = { ...tree, [SERVICE]: service("{app: other}") };
  expect(inShort(idle, { [SERVICE]: service("{app: another}") })).toBe("safe");
});

test("nor one whose workload goes with it", () => {
  const edits = { [LIST]: kustomization(["service.yaml"]), [WEB]: undefined, [SERVICE]: service("{app: chart}") };
  expect(inShort(tree, edits)).toBe("deletes");
});

test("where charts make pods, too, somebody has to look", () => {
  const beside = { ...tree, [LIST]: kustomization(["web.yaml", "service.yaml", "helmrelease.yaml"]) };
  expect(inShort(beside, { [SERVICE]: service("{app: wbe}") })).toBe("unproven | safety-unknown Service media/web");
});

test("a Service of another cluster selects no pods of this one", () => {
  const FAR = "kubernetes/far/service.yaml";
  const far = ks("far", "kubernetes/far", ["targetNamespace: media", "kubeConfig: {secretRef: {name: far}}"]);
  const both: Files = {
    ...tree,
    [LIST]: kustomization(["web.yaml"]),
    [PLAYER]: `${tree[PLAYER]}${far}`,
    [FAR]: service("{app: web, tier: front}"),
  };
  const edits = { [WEB]: web("{app: web, tier: back}"), [FAR]: service("{tier: front, app: web}") };
  expect(inShort(both, edits)).toBe("safe");
  expect(inShort({ ...both, [LIST]: tree[LIST]! }, edits)).toBe(IDLE);
});

test("a Service of the controllers selects those of the operator, and leads to their ports, as it did the old ones", () => {
  const selects = (labels: string, port: string) =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: hook, namespace: flux-system}\nspec: {selector: ${labels}, ports: [{${port}}]}\n`;
  const merged = (labels: string, port = "port: 80") => {
    const before = homeOps({ listing: "  - ./hook.yaml\n" });
    before[`${APPS}/hook.yaml`] = selects(labels, port);
    return inShort(before, { ...before, ...migrate(before).files });
  };
  expect(merged("{app: notification-controller}")).toBe("safe");
  expect(merged("{app: source-controller}", "port: 8080, targetPort: http-prom")).toBe("safe");
  expect(merged("{app: notification-controller, app.kubernetes.io/component: notification-controller}")).toBe("safe");
});
