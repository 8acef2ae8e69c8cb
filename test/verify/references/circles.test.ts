import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { CHESS, CHESS_APP, chart, chartTree, GAMES, inShort, PLAYER, PLAYER_APP, says } from "./tree.ts";

const APPS = "kubernetes/flux/apps.yaml";
const chess = (...spec: string[]) => ks("chess", CHESS_APP, ["targetNamespace: games", ...spec]);
const player = (...spec: string[]) => ks("player", PLAYER_APP, ["targetNamespace: media", ...spec]);
const circleIn = (tree: Files, edits: Edits) => {
  const { verdict, findings } = says(tree, edits);
  return { verdict, circles: findings.filter(({ rule }) => rule === "waits-in-circle") };
};

describe("dependsOn in a circle", () => {
  test("two Kustomizations, with the line and every step", () => {
    const { verdict, circles } = circleIn(homeTree(), { [PLAYER]: player("dependsOn: [{name: chess}]") });
    expect(verdict).toBe("unsafe");
    expect(circles).toHaveLength(1);
    expect(circles[0]).toMatchObject({ resource: "Kustomization flux-system/player", at: { file: PLAYER, line: 15 } });
    expect(circles[0]!.what).toContain(
      "it depends on Kustomization flux-system/chess, which depends on Kustomization flux-system/player",
    );
  });

  test("one on itself", () => {
    const { circles } = circleIn(homeTree(), { [PLAYER]: player("dependsOn: [{name: player}]") });
    expect(circles[0]?.what).toBe("Kustomization flux-system/player depends on itself: Flux never applies it.");
  });

  test("through twenty others, none of which the change touches", () => {
    const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
    const chain = names.map((name, i) =>
      ks(name, CHESS_APP, ["targetNamespace: games", `dependsOn: [{name: ${names[i + 1] ?? "player"}}]`]),
    );
    const tree: Files = {
      ...homeTree(),
      "kubernetes/apps/games/chain.yaml": chain.join(""),
      [GAMES]: kustomization(["namespace.yaml", "chess/ks.yaml", "chain.yaml"]),
    };
    const { verdict, circles } = circleIn(tree, { [PLAYER]: player("dependsOn: [{name: c0}]") });
    expect([verdict, circles.length]).toEqual(["unsafe", 1]);
    expect(circles[0]!.what).toContain("15 more steps lead back");
  });

  test("releases", () => {
    const tree: Files = {
      ...chartTree(),
      [`${CHESS_APP}/helmrelease.yaml`]: chart("chess", "bjw-charts", [
        "dependsOn: [{name: player, namespace: media}]",
      ]),
    };
    const edits = {
      [`${PLAYER_APP}/helmrelease.yaml`]: chart("player", "bjw-charts", [
        "dependsOn: [{name: chess, namespace: games}]",
      ]),
    };
    expect(inShort(tree, edits)).toBe("unsafe | waits-in-circle HelmRelease media/player");
  });

  test("ResourceSets, as far as they wait until the other is Ready", () => {
    const set = (name: string, on: string, more: string) =>
      object("ResourceSet", name, "fluxcd.controlplane.io/v1", [
        "  namespace: flux-system",
        "spec:",
        `  dependsOn: [{apiVersion: fluxcd.controlplane.io/v1, kind: ResourceSet, name: ${on}, namespace: flux-system${more}}]`,
        "  resources: []",
      ]);
    const FILE = "kubernetes/flux/sets.yaml";
    const ready = ", ready: true";
    const plain = `${ready}, readyExpr: "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')"`;
    const of = (first: string, second: string) => {
      const alone = { ...homeTree(), [FILE]: set("one", "two", first) + object("ConfigMap", "x") };
      return inShort(alone, { [FILE]: set("one", "two", first) + set("two", "one", second) });
    };
    expect(of(ready, ready)).toContain("waits-in-circle ResourceSet flux-system/two");
    expect(of(plain, plain)).toContain("waits-in-circle ResourceSet flux-system/two");
    // It is there, Ready or not.
    expect(of(ready, "")).not.toContain("waits-in-circle");
    expect(of(ready, `${ready}, readyExpr: status.observedGeneration >= 0`)).not.toContain("waits-in-circle");
  });

  test("a ResourceSet on what it makes itself", () => {
    const FILE = "kubernetes/flux/sets.yaml";
    const set = (spec: string) =>
      object("ResourceSet", "one", "fluxcd.controlplane.io/v1", [
        "  namespace: flux-system",
        "spec:",
        `  ${spec}`,
        "  resources:",
        `    - ${ks("made", CHESS_APP, ["targetNamespace: games"])
          .replace("---\n", "")
          .replace(/^(?=.)/gm, "      ")
          .trim()}`,
      ]);
    const on =
      "dependsOn: [{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, name: made, namespace: flux-system, ready: true}]";
    const from = { ...homeTree(), [FILE]: set("wait: false") };
    expect(inShort(from, { [FILE]: set(on) })).toContain("waits-in-circle ResourceSet flux-system/one");
  });

  test("not when the other dependency goes with it, and not again where there was one", () => {
    const turned = { [PLAYER]: player("dependsOn: [{name: chess}]"), [CHESS]: chess() };
    expect(inShort(homeTree(), turned)).toBe("safe");
    const tree = { ...homeTree(), [PLAYER]: player("dependsOn: [{name: chess}]") };
    expect(inShort(tree, { [PLAYER]: player("dependsOn: [{name: chess}]", "timeout: 5m") })).toBe("safe");
  });

  test("an expression of its own may call it ready", () => {
    const { circles } = circleIn(homeTree(), { [PLAYER]: player("dependsOn: [{name: chess, readyExpr: 'true'}]") });
    expect(circles).toEqual([]);
  });
});

describe("a parent that waits", () => {
  const apps = (...spec: string[]) => ks("cluster-apps", "kubernetes/apps", spec);

  test("and a child that depends on it", () => {
    const tree = { ...homeTree(), [APPS]: apps("wait: true") };
    expect(inShort(tree, { [CHESS]: chess("dependsOn: [{name: cluster-apps}]") })).toBe(
      "unsafe | waits-in-circle Kustomization flux-system/chess",
    );
    expect(inShort(homeTree(), { [CHESS]: chess("dependsOn: [{name: cluster-apps}]") })).toBe("safe");
  });

  test("begins to wait while a child depends on it", () => {
    const tree = { ...homeTree(), [CHESS]: chess("dependsOn: [{name: cluster-apps}]") };
    expect(inShort(tree, { [APPS]: apps("wait: true") })).toBe(
      "unsafe | waits-in-circle Kustomization flux-system/cluster-apps",
    );
    expect(inShort(tree, { [APPS]: apps("timeout: 9m") })).toBe("safe");
    expect(inShort(homeTree(), { [APPS]: apps("wait: true") })).toBe("safe");
  });

  test("by a health check", () => {
    const tree = { ...homeTree(), [CHESS]: chess("dependsOn: [{name: cluster-apps}]") };
    const check =
      "healthChecks: [{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, name: chess, namespace: flux-system}]";
    expect(inShort(tree, { [APPS]: apps(check) })).toBe(
      "unsafe | waits-in-circle Kustomization flux-system/cluster-apps",
    );
  });

  test("for a release that depends on one in a Kustomization that depends on it", () => {
    const tree: Files = {
      ...chartTree(),
      [PLAYER]: player("wait: true"),
      [CHESS]: chess("dependsOn: [{name: player}]"),
    };
    const edits = {
      [`${PLAYER_APP}/helmrelease.yaml`]: chart("player", "bjw-charts", [
        "dependsOn: [{name: chess, namespace: games}]",
      ]),
    };
    expect(inShort(tree, edits)).toBe("unsafe | waits-in-circle HelmRelease media/player");
    expect(inShort({ ...tree, [PLAYER]: player() }, edits)).toBe("safe");
  });

  test("for siblings in a row is an everyday thing", () => {
    const tree = { ...homeTree(), [APPS]: apps("wait: true"), [PLAYER]: player("wait: true") };
    expect(inShort(tree, { [CHESS]: chess("dependsOn: [{name: player}]", "wait: true") })).toBe("safe");
    const claim = object("PersistentVolumeClaim", "player", "v1", ["spec: {}"]);
    expect(inShort(tree, { [`${PLAYER_APP}/pvc.yaml`]: claim })).not.toContain("circle");
  });
});
