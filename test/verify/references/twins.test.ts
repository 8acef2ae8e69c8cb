import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { CHESS_APP, inShort, PLAYER_APP } from "./tree.ts";

const [ONE, TWO] = [`${PLAYER_APP}/one.yaml`, `${CHESS_APP}/two.yaml`];
const BESIDE = `${PLAYER_APP}/beside.yaml`;
const none = object("ConfigMap", "none");
const tree = (one: string, two = none, beside = none.replace("none", "beside")): Files => ({
  ...homeTree(),
  [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "one.yaml", "beside.yaml"]),
  [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "two.yaml"]),
  ...{ [ONE]: one, [TWO]: two, [BESIDE]: beside },
});
/** What is said where an object comes to the same app, or to another one. */
const beside = (one: string, add: string) => inShort(tree(one, none, ""), { [BESIDE]: add });
const apart = (one: string, add: string) => inShort(tree(one, ""), { [TWO]: add });

const ingress = (name: string, host: string, more: string[] = [], path = "/") =>
  object("Ingress", name, "networking.k8s.io/v1", [
    ...more,
    `spec: {ingressClassName: web, rules: [{host: ${host}, http: {paths: [{path: ${path}, pathType: Prefix, backend: {service: {name: ${name}, port: {number: 80}}}}]}}]}`,
  ]);
const route = (name: string, host: string, match = "", parent = "name: front, namespace: network", to = name) =>
  object("HTTPRoute", name, "gateway.networking.k8s.io/v1", [
    `spec: {parentRefs: [{${parent}}], hostnames: [${host}], rules: [{${match}backendRefs: [{name: ${to}, port: 80}]}]}`,
  ]);

describe("a host and a path", () => {
  const said = (text: string) => text.split(" | ").filter((one) => /Ingress|Route/.test(one));

  test("that a second Ingress answers", () => {
    const doubt = ["safety-unknown Ingress games/two"];
    expect(said(apart(ingress("one", "a.example"), ingress("two", "a.example")))).toEqual(doubt);
    expect(said(apart(ingress("one", "a.example"), ingress("two", "b.example")))).toEqual([]);
    expect(said(apart(ingress("one", "a.example"), ingress("two", "a.example", [], "/api")))).toEqual([]);
    const other = ingress("two", "a.example").replace("ingressClassName: web", "ingressClassName: inner");
    expect(said(apart(ingress("one", "a.example"), other))).toEqual([]);
    const canary = ["  annotations: {nginx.ingress.kubernetes.io/canary: 'true'}"];
    expect(said(apart(ingress("one", "a.example"), ingress("two", "a.example", canary)))).toEqual([]);
    expect(said(apart(ingress("one", "'${HOST}'"), ingress("two", "'${HOST}'")))).not.toContain(doubt[0]);
  });

  test("by an edit, and not where it was so before, or is moved", () => {
    const edit = (was: string, is: string) => said(inShort(tree(ingress("one", "a.example"), was), { [TWO]: is }));
    const two = ingress("two", "a.example");
    expect(edit(ingress("two", "b.example"), two)).toEqual(["safety-unknown Ingress games/two"]);
    expect(edit(two, ingress("two", "a.example", ["  labels: {a: b}"]))).toEqual([]);
    const moved = { [ONE]: none.replace("none", "gone"), [TWO]: two };
    expect(said(inShort(tree(ingress("one", "a.example"), ""), moved))).toEqual([]);
  });

  test("that a second route answers", () => {
    const one = route("one", "a.example");
    const doubt = ["safety-unknown HTTPRoute games/two"];
    expect(said(apart(one, route("two", "a.example")))).toEqual(doubt);
    expect(said(apart(one, route("two", "a.example", "matches: [{path: {value: /}}], ")))).toEqual(doubt);
    expect(said(apart(one, route("two", "a.example", "matches: [{path: {value: /b}}], ")))).toEqual([]);
    expect(said(apart(one, route("two", "a.example", "matches: [{headers: [{name: a, value: b}]}], ")))).toEqual([]);
    expect(said(apart(one, route("two", "a.example", "", "name: inner, namespace: network")))).toEqual([]);
    expect(said(apart(one, route("two", "b.example")))).toEqual([]);
    expect(said(beside(one, route("two", "a.example", "", undefined, "one")))).toEqual([]);
  });
});

test("pods that a second workload selects", () => {
  const web = (name: string, labels: string, kind = "Deployment") =>
    object(kind, name, "apps/v1", [
      `spec: {selector: {matchLabels: {${labels}}}, template: {metadata: {labels: {${labels}}}, spec: {containers: [{name: a, image: a}]}}}`,
    ]);
  const doubt = "unproven | safety-unknown Deployment media/two";
  expect(beside(web("one", "app: one"), web("two", "app: one"))).toContain(doubt);
  expect(beside(web("one", "app: one", "DaemonSet"), web("two", "app: one"))).toContain(doubt);
  expect(beside(web("one", "app: one"), web("two", "app: one, track: canary"))).not.toContain("Deployment");
  expect(beside(web("one", "app: one"), web("two", "app: two"))).not.toContain("Deployment");
  expect(apart(web("one", "app: one"), web("two", "app: one"))).not.toContain("Deployment");
});

test("what a second one scales", () => {
  const hpa = (name: string, target: string) =>
    object("HorizontalPodAutoscaler", name, "autoscaling/v2", [
      `spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${target}}}`,
    ]);
  const keda = (name: string, target: string) =>
    object("ScaledObject", name, "keda.sh/v1alpha1", [`spec: {scaleTargetRef: {name: ${target}}, triggers: []}`]);
  expect(beside(hpa("one", "web"), hpa("two", "web"))).toContain("reconcile-stops HorizontalPodAutoscaler media/two");
  expect(beside(hpa("one", "web"), keda("two", "web"))).toContain("reconcile-stops ScaledObject media/two");
  expect(beside(hpa("one", "web"), hpa("two", "api"))).not.toContain("reconcile-stops");
});

test("a second PodDisruptionBudget of the same pods keeps them from being evicted", () => {
  const budget = (name: string, app = "web") =>
    object("PodDisruptionBudget", name, "policy/v1", [
      `spec: {maxUnavailable: 1, selector: {matchLabels: {app: ${app}}}}`,
    ]);
  expect(beside(budget("one"), budget("two"))).toBe("unsafe | reconcile-stops PodDisruptionBudget media/two");
  expect(beside(budget("one"), budget("two", "db"))).toBe("safe");
  // Of another namespace, or in the place of the first one.
  expect(apart(budget("one"), budget("two"))).toBe("safe");
  expect(inShort(tree(budget("one")), { [ONE]: budget("two") })).not.toContain("reconcile-stops");
});
