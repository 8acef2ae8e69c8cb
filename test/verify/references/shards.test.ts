import { describe, expect, test } from "vitest";
import { homeTree, ks, object, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { inShort, PLAYER_APP, says } from "./tree.ts";

const KEY = "sharding.fluxcd.io/key";
const MAIN = "kubernetes/flux/config/flux.yaml";
const SHARDS = "kubernetes/flux/shards.yaml";
const STOPS = "reconcile-stops HelmRelease media/player";

const controller = (name: string, args: string[], more = "") =>
  object("Deployment", name, "apps/v1", [
    "  namespace: flux-system",
    `spec: {${more}template: {spec: {containers: [{name: manager, image: "ghcr.io/fluxcd/helm-controller:v1.3.0", args: ${JSON.stringify(args)}}]}}}`,
  ]);
const shard = (selector: string, name = "helm-controller-one", more = "") =>
  controller(name, [`--watch-label-selector=${selector}`], more);
const main = (selector: string) => ({ [MAIN]: shard(selector, "helm-controller") });
const shards = (text: string) => ({ [SHARDS]: object("ConfigMap", "kept", "v1", ["  namespace: flux-system"]) + text });
const labels = (...all: string[]) => ({
  [`${PLAYER_APP}/helmrelease.yaml`]: release("player").replace("spec:", `  labels: {${all.join(", ")}}\nspec:`),
});
const tree = (selector: string, text: string, label = `${KEY}: one`): Files => ({
  ...homeTree(),
  ...main(selector),
  ...shards(text),
  ...labels(label),
});

describe("the controller of a shard that goes", () => {
  const drop: Edits = shards("");
  const of = (selector: string, label?: string) => tree(selector, shard(`${KEY} in (one)`), label);

  test("leaves alone what no other one takes", () => {
    const { findings } = says(of(`!${KEY}`), drop);
    const found = findings.find(({ rule }) => rule === "reconcile-stops")!;
    expect(found.level).toBe("blocker");
    expect(found.what).toContain("HelmRelease media/player is looked after by helm-controller-one alone, which goes");
  });

  test("takes nothing along that another one takes, or that had no such label", () => {
    expect(inShort(of(`!${KEY}`, `${KEY}: two`), drop)).not.toContain("reconcile-stops");
    expect(inShort(of(`${KEY}!=two`), drop)).not.toContain("reconcile-stops");
    expect(inShort(of(`!${KEY}`, "a: b"), drop)).not.toContain("reconcile-stops");
    const unlabelled = { [`${PLAYER_APP}/helmrelease.yaml`]: release("player") };
    expect(inShort(of(`!${KEY}`), { ...drop, ...unlabelled })).not.toContain("reconcile-stops");
  });

  test("leaves that alone as well where another Deployment only looks like a controller that takes it", () => {
    const other = (name: string, args: string[], over: (text: string) => string = (text) => text) =>
      over(controller(name, args));
    const exporter = other("helm-controller-exporter", [], (text) => text.replace(/image: "[^"]*"/, "image: exporter"));
    const near = other("helm-controller", ["--watch-all-namespaces=false"], (text) =>
      text.replace("  namespace: flux-system", "  namespace: tenant"),
    );
    for (const text of [exporter, near])
      expect(inShort(tree(`!${KEY}`, shard(`${KEY}=one`) + text), shards(text))).toBe(`unsafe | ${STOPS}`);
    const SPOKE = "kubernetes/flux/spoke.yaml";
    const spoke = {
      [SPOKE]: ks("spoke", "kubernetes/spoke", ["kubeConfig: {secretRef: {name: spoke}}"]),
      "kubernetes/spoke/flux.yaml": controller("helm-controller", []),
    };
    expect(inShort({ ...of(`!${KEY}`), ...spoke }, drop)).toBe(`unsafe | ${STOPS}`);
  });

  test.each([
    ["whatever its name is", shard(`${KEY}=one`, "shard-one")],
    [
      "whose selector stands behind its flag",
      controller("helm-controller-one", ["--watch-label-selector", `${KEY}=one`]),
    ],
    [
      "whose selector stands in its command",
      controller("helm-controller-one", []).replace(
        "args: []",
        `command: [helm-controller, "--watch-label-selector=${KEY}=one"]`,
      ),
    ],
    [
      "that a shell starts",
      controller("helm-controller-one", []).replace(
        "args: []",
        `command: [/bin/sh, -ec], args: ["exec helm-controller --watch-label-selector='${KEY}=one' --log-level=info"]`,
      ),
    ],
  ])("leaves that alone as well: one %s", (_, text) => {
    expect(inShort(tree(`!${KEY}`, text), drop)).toContain(`unsafe | ${STOPS}`);
  });
});

test("what is suspended misses no controller before it resumes", () => {
  const suspended = (state: boolean) => ({
    [`${PLAYER_APP}/helmrelease.yaml`]: release("player", [`suspend: ${state}`]).replace(
      "spec:",
      `  labels: {team: red}\nspec:`,
    ),
  });
  const files = { ...tree("team=blue", shard("team=red")), ...suspended(true) };
  expect(inShort(files, shards(""))).not.toContain("reconcile-stops");
  const left = { ...files, ...shards("") };
  expect(inShort(left, suspended(false))).toContain(`| ${STOPS}`);
});

describe("the controller of a shard that stays", () => {
  const edited = (text: string) => inShort(tree(`!${KEY}`, shard(`${KEY}=one`)), shards(text));

  test("leaves alone what it does not look for any more, and all where it has no pods", () => {
    expect(edited(shard(`${KEY}=two`))).toBe(`unsafe | ${STOPS}`);
    expect(edited(shard(`${KEY}=one`, "helm-controller-one", "replicas: 0, "))).toBe(`unsafe | ${STOPS}`);
    expect(edited(shard("=one"))).toBe(`unsafe | ${STOPS}`);
  });

  test("leaves nothing alone where it looks for more, or gets another name", () => {
    expect(edited(shard(`${KEY} in (one, two)`))).toBe("safe");
    expect(edited(shard(`${KEY}=one`, "helm-one"))).toBe("deletes");
  });

  test("does not take what the main one comes to leave out", () => {
    const files = { ...tree("", shard(`${KEY}=one`)) };
    expect(inShort(files, main("team=a"))).toBe("unsafe | reconcile-stops HelmRelease games/chess");
    expect(inShort(files, main(`!${KEY}`))).toBe("safe");
    // It does not start with that at all.
    expect(inShort(files, main("=one"))).toBe("unsafe | reconcile-stops Deployment flux-system/helm-controller");
  });
});

test("labels that no controller looks for", () => {
  const files = tree("team!=a", shard("team=a,env=prod"), "a: b");
  expect(inShort(files, labels("team: a"))).toBe(`unsafe | ${STOPS}`);
  expect(inShort(files, labels("team: a", "env: prod"))).toBe("safe");
  // It is left out today.
  expect(inShort({ ...files, ...labels("team: a") }, labels("team: a", "more: b"))).toBe("safe");
  // Another change of the same kind says so itself.
  expect(inShort(files, { ...labels("team: b"), ...main("team!=b") })).toBe(`unsafe | ${STOPS}`);
});
