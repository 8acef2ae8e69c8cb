import { describe, expect, test } from "vitest";
import { gitSource, homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import { CHESS, CHESS_APP, inShort, PLAYER, PLAYER_APP, says } from "./tree.ts";

const h = homeTree();
const player = (...more: string[]) => ks("player", PLAYER_APP, ["targetNamespace: media", ...more]);
const chess = (...more: string[]) => ks("chess", CHESS_APP, ["targetNamespace: games", ...more]);
const ON_PLAYER = "dependsOn: [{name: player}]";
const GAMES_APP = "kubernetes/apps/games/chess/app/kustomization.yaml";
const SOURCE = "kubernetes/flux/second.yaml";
const second = object("GitRepository", "second", "source.toolkit.fluxcd.io/v1", [
  "  namespace: flux-system",
  "spec: {interval: 1h, url: 'https://git.example.invalid/me/home.git', ref: {branch: main}}",
]);

// checkDependencies of kustomize-controller: "dependency 'flux-system/player' revision is not up to date".
describe("what depends on a suspended Kustomization waits for ever", () => {
  test("once that is suspended", () => {
    const { verdict, findings } = says(h, { [PLAYER]: player("suspend: true") });
    expect(verdict).toBe("unsafe");
    expect(findings.find(({ rule }) => rule === "reconcile-stops")).toMatchObject({
      resource: "Kustomization flux-system/player",
      what: expect.stringContaining("Kustomization chess depends on it"),
      at: { file: PLAYER },
    });
  });

  test("once it comes to depend on it", () => {
    const tree = { ...h, [PLAYER]: player("suspend: true"), [CHESS]: chess() };
    const found = says(tree, { [CHESS]: chess(ON_PLAYER) }).findings.find(({ rule }) => rule === "reconcile-stops");
    expect(found).toMatchObject({ resource: "Kustomization flux-system/chess", at: { file: CHESS, line: 15 } });
    expect(inShort(tree, { [CHESS]: chess("timeout: 9m") })).toBe("safe");
  });

  test("not where it is suspended too, says itself what is ready, or did so before", () => {
    const paused = { [PLAYER]: player("suspend: true") };
    expect(inShort(h, { ...paused, [CHESS]: chess(ON_PLAYER, "suspend: true") })).toBe("safe");
    expect(inShort(h, { ...paused, [CHESS]: chess() })).toBe("safe");
    const own = { ...h, [CHESS]: chess("dependsOn: [{name: player, readyExpr: 'dep.spec.suspend'}]") };
    expect(inShort(own, paused)).not.toContain("reconcile-stops");
    expect(inShort({ ...h, ...paused }, { [CHESS]: chess(ON_PLAYER, "timeout: 9m") })).toBe("safe");
  });

  test("of another source only where it never was ready", () => {
    const other = (...more: string[]) => ks("chess", CHESS_APP, ["targetNamespace: games", ...more], "second");
    const tree = { ...h, [SOURCE]: second, [CHESS]: other(ON_PLAYER) };
    expect(inShort(tree, { [PLAYER]: player("suspend: true") })).toBe("safe");
    const board = { "kubernetes/flux/board.yaml": ks("board", "kubernetes/apps/games", ["suspend: true"]) };
    const waits = { [CHESS]: other("dependsOn: [{name: player}, {name: board}]") };
    expect(inShort(tree, { ...board, ...waits })).toContain("reconcile-stops Kustomization flux-system/board");
  });
});

describe("a suspended Kustomization", () => {
  test("that takes over what another one drops applies nothing of it", () => {
    const paused = { [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: media", "suspend: true"]) };
    const moved = {
      [`${PLAYER_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]),
      [GAMES_APP]: kustomization(["helmrelease.yaml", "../../../media/player/app/pvc.yaml"]),
    };
    const { findings } = says({ ...h, ...paused }, moved);
    expect(findings.find(({ rule }) => rule === "wanted-may-go")).toMatchObject({
      resource: "PersistentVolumeClaim media/player",
      why: expect.stringContaining("flux-system/chess is to deliver it, and is suspended."),
    });
  });

  test("that comes holds nothing that others could name", () => {
    const file = "kubernetes/apps/media/values/values.yaml";
    const held = { [file]: object("ConfigMap", "vals", "v1", ["  namespace: media", "data: {values.yaml: 'a: 1'}"]) };
    const board = (...more: string[]) => ({
      "kubernetes/flux/board.yaml": ks("board", "kubernetes/apps/media/values", more),
      [`${PLAYER_APP}/helmrelease.yaml`]: release("player", ["valuesFrom: [{kind: ConfigMap, name: vals}]"]),
    });
    expect(inShort({ ...h, ...held }, board())).toBe("safe");
    expect(inShort({ ...h, ...held }, board("suspend: true"))).toBe(
      "unproven | safety-unknown HelmRelease media/player",
    );
  });
});

describe("a root that applies itself", () => {
  const CLUSTER = "kubernetes/flux/config/cluster.yaml";
  const rootOn = (source: string) => ({
    [CLUSTER]: h[CLUSTER]!.replace("    name: home\n", `    name: ${source}\n`),
  });

  test("takes its new source at the last run, and never reads it", () => {
    const { verdict, findings } = says(h, rootOn("hme"));
    expect(verdict).toBe("unsafe");
    expect(findings.find(({ rule }) => rule === "reference-missing")).toMatchObject({
      resource: "Kustomization flux-system/cluster",
      at: { file: CLUSTER, line: 21 },
    });
  });
});

describe("what suspends releases of several Kustomizations at once", () => {
  const APPS_KS = "kubernetes/flux/apps.yaml";
  const PART = "kubernetes/parts/pause/kustomization.yaml";
  const suspend = (value: boolean) => `[{"op": "add", "path": "/spec/suspend", "value": ${value}}]`;
  const part = (value: boolean) =>
    `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{target: {kind: HelmRelease}, patch: '${suspend(value)}'}]\n`;

  test("a patch that a parent gives to all that it applies", () => {
    const inner = JSON.stringify([
      { op: "add", path: "/spec/patches", value: [{ target: { kind: "HelmRelease" }, patch: suspend(true) }] },
    ]);
    const patched = `${h[APPS_KS]}  patches: [{target: {kind: Kustomization}, patch: ${JSON.stringify(inner)}}]\n`;
    const { verdict, findings } = says(h, { [APPS_KS]: patched });
    expect(verdict).toBe("unsafe");
    expect(findings.find(({ rule }) => rule === "reconcile-stops")).toMatchObject({
      resource: "Kustomization flux-system/cluster-apps",
      what: expect.stringMatching(/suspends 2 HelmReleases from then on, \w+, \w+:/),
      at: { file: APPS_KS },
    });
  });

  test("a component that they share", () => {
    const tree = {
      ...h,
      [PART]: part(false),
      [PLAYER]: player("components: [../../../../parts/pause]"),
      [CHESS]: chess("components: [../../../../parts/pause]"),
    };
    const { verdict, findings } = says(tree, { [PART]: part(true) });
    expect(verdict).toBe("unsafe");
    expect(findings.map(({ what }) => what).join()).toMatch(/is suspended from then on, and so is HelmRelease \w+:/);
    const one = { ...tree, [CHESS]: chess() };
    expect(inShort(one, { [PART]: part(true) })).toBe("safe");
  });
});

describe("what a patch of a parent suspends", () => {
  const APPS = "kubernetes/flux/apps.yaml";
  const patched = (target: string, value = true) =>
    `${h[APPS]}  patches: [{target: {kind: Kustomization${target}}, patch: '[{"op": "add", "path": "/spec/suspend", "value": ${value}}]'}]\n`;

  test("is more than one: all stop where they are", () => {
    const { verdict, findings } = says(h, { [APPS]: patched("") });
    expect(verdict).toBe("unsafe");
    expect(findings.map(({ what }) => what).join()).toContain("suspends 2 Kustomizations from then on");
  });

  test("is one, is suspended already, or is said to go on", () => {
    expect(inShort(h, { [APPS]: patched(", name: chess") })).toBe("safe");
    expect(inShort({ ...h, [APPS]: patched("") }, { [APPS]: `${patched("")}# more\n` })).toBe("safe");
    expect(inShort(h, { [APPS]: patched("", false) })).toBe("safe");
  });

  test("says so in files of its own", () => {
    expect(inShort(h, { [PLAYER]: player("suspend: true"), [CHESS]: chess("suspend: true") })).toBe("safe");
  });
});

test("a root that holds no other Kustomization stops all the same, and an app that holds none does not", () => {
  const CLUSTER = "cluster/cluster.yaml";
  const root = (...more: string[]) => gitSource("home") + ks("cluster", "cluster", more);
  const tree = { [CLUSTER]: root(), "cluster/settings.yaml": object("ConfigMap", "settings") };
  const [found, ...more] = says(tree, { [CLUSTER]: root("suspend: true") }).findings;
  expect(more).toEqual([]);
  expect(found).toMatchObject({
    rule: "reconcile-stops",
    resource: "Kustomization flux-system/cluster",
    what: expect.stringContaining("no change of the 2 objects it applies arrives any more"),
    why: expect.stringContaining("taking the line out again in Git has no effect"),
  });
  const APP = "cluster/app.yaml";
  const app = (...spec: string[]) => ks("settings", "apps", spec);
  const beside = { ...tree, [APP]: app(), "apps/settings.yaml": object("ConfigMap", "more") };
  expect(inShort(beside, { [APP]: app("suspend: true") })).toBe("safe");
});

test("a release that depends on one that comes suspended waits for it", () => {
  const file = `${PLAYER_APP}/helmrelease.yaml`;
  const on = (more = "") => release("player", [`dependsOn: [{name: db${more}}]`]);
  const db = (...spec: string[]) => release("db", spec);
  const base = homeTree();
  const stuck = "unsafe | reconcile-stops HelmRelease media/player";
  expect(inShort(base, { [file]: on() + db("suspend: true") })).toBe(stuck);
  expect(inShort(base, { [file]: on() + db() })).toBe("safe");
  expect(inShort(base, { [file]: on(", readyExpr: 'true'") + db("suspend: true") })).not.toContain("waits");
  expect(
    inShort(base, { [file]: release("player", ["suspend: true", "dependsOn: [{name: db}]"]) + db("suspend: true") }),
  ).toBe("safe");
  // It was ready once.
  expect(inShort({ ...base, [file]: on() + db() }, { [file]: on() + db("suspend: true") })).toBe("safe");
  expect(inShort({ ...base, [file]: base[file]! + db("suspend: true") }, { [file]: on() + db("suspend: true") })).toBe(
    "safe",
  );
});
