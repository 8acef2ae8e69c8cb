import { describe, expect, test } from "vitest";
import { judge } from "../verify/judge.ts";
import { CONFIG, kustomization, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, type Migrated, runAll, runPhase } from "./run-phases.ts";

const GOTK = "clusters/base/flux-system/gotk-components.yaml";
const cluster = (name: string): Files => ({
  [`clusters/${name}/flux-system/gotk-sync.yaml`]: makeSync(`./clusters/${name}`),
  [`clusters/${name}/flux-system/kustomization.yaml`]: kustomization(
    "resources:\n  - ../../base/flux-system\n  - gotk-sync.yaml\n",
  ),
  [`clusters/${name}/settings.yaml`]: CONFIG,
  [`clusters/${name}/kustomization.yaml`]: kustomization("resources: [flux-system, settings.yaml]\n"),
});

test("what clusters that are cut over together share is gone, and what reads it is told", () => {
  const job = "jobs:\n  check:\n    steps:\n      - run: kubeconform clusters/base/flux-system/gotk-components.yaml\n";
  const start = {
    ...cluster("blue"),
    ...cluster("green"),
    [GOTK]: makeGotk(),
    "clusters/base/flux-system/kustomization.yaml": kustomization("resources: [gotk-components.yaml]\n"),
    ".github/workflows/check.yaml": job,
  };
  const installed = runPhase(start, "install").files;
  const both = runPhase(installed, "cutover");
  expect(both.changed).toContain(GOTK);
  expect(both.rules).toContain("automation-names-removed");
  expect(both.rules).not.toContain("gotk-base-shared");
  const one = runPhase(installed, "cutover", { clusters: ["blue"] });
  expect(one.changed).not.toContain(GOTK);
  expect(one.rules).toContain("gotk-base-shared");
  expect(one.rules).not.toContain("automation-names-removed");
});

describe("a base that is applied to another cluster through a kubeconfig", () => {
  const remote = (path: string) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-of-spoke
  namespace: flux-system
spec:
  interval: 10m
  path: ${path}
  prune: true
  kubeConfig:
    secretRef:
      name: spoke
  sourceRef:
    kind: GitRepository
    name: flux-system
`;
  const base = {
    [GOTK]: makeGotk(),
    "clusters/base/flux-system/kustomization.yaml": kustomization("resources: [gotk-components.yaml]\n"),
  };
  const hub = (path: string): Files => ({
    ...cluster("hub"),
    ...base,
    "clusters/hub/kustomization.yaml": kustomization("resources: [spoke.yaml, flux-system, settings.yaml]\n"),
    "clusters/hub/spoke.yaml": remote(path),
  });
  const blockers = ({ findings }: Migrated) => findings.filter(({ level }) => level === "blocker");

  test("stays for that cluster, and the one with a root here stops listing it", () => {
    const installed = runPhase(hub("./clusters/base/flux-system"), "install").files;
    const cutover = runPhase(installed, "cutover");
    expect(blockers(cutover)).toEqual([]);
    expect(cutover.files[GOTK]).toBeDefined();
    expect(cutover.files["clusters/hub/flux-system/kustomization.yaml"]).not.toContain("base");
    const said = cutover.findings.find(({ rule }) => rule === "gotk-base-shared");
    expect(said?.what).toContain("Kustomization flux-system/flux-of-spoke, for another cluster, still builds from it");
    expect(said?.next).toContain(
      "flux-of-spoke goes on applying it to another cluster: before that is taken out, or this",
    );
    const cleanup = runPhase(cutover.files, "cleanup");
    expect(blockers(cleanup)).toEqual([]);
    expect(cleanup.files[GOTK]).toBeDefined();
  });

  test("keeps its patches, which are those of the other cluster as well", () => {
    const patches = `patches:
  - target: {kind: Deployment, name: helm-controller}
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --concurrent=9
`;
    const path = "clusters/base/flux-system/kustomization.yaml";
    const patched = kustomization(`resources: [gotk-components.yaml]\n${patches}`);
    const cutOver = (start: Files, clusters?: string[]) => {
      const installed = runPhase(start, "install").files;
      const cutover = runPhase(installed, "cutover", clusters ? { clusters } : {});
      expect(blockers(cutover)).toEqual([]);
      expect(cutover.files["clusters/hub/flux-system/kustomization.yaml"]).not.toContain("base");
      return cutover.files[path];
    };
    expect(cutOver({ ...hub("./clusters/base/flux-system"), [path]: patched })).toBe(patched);
    // The same for a test of the repository, and for a cluster whose folder is applied by hand.
    const { "clusters/hub/spoke.yaml": _, ...alone } = hub("");
    alone["clusters/hub/kustomization.yaml"] = kustomization("resources: [flux-system, settings.yaml]\n");
    const kind = { "test/kind/kustomization.yaml": kustomization("resources: [../../clusters/base/flux-system]\n") };
    expect(cutOver({ ...alone, ...kind, [path]: patched })).toBe(patched);
    const byHand = {
      ...cluster("edge"),
      "clusters/edge/kustomization.yaml": kustomization("resources: [settings.yaml]\n"),
    };
    expect(cutOver({ ...alone, ...byHand, [path]: patched }, ["hub"])).toBe(patched);
  });

  test("is said not to start a cluster any more that stops listing it, though it stays for others", () => {
    const start = { ...hub("./clusters/edge/flux-system"), ...cluster("edge") };
    start["clusters/edge/kustomization.yaml"] = kustomization("resources: [settings.yaml]\n");
    start["clusters/hub/spoke.yaml"] += `---\n${remote("./clusters/base/flux-system").replaceAll("spoke", "third")}`;
    const cutover = runPhase(runPhase(start, "install").files, "cutover");
    expect(cutover.files[GOTK]).toBeDefined();
    const said = cutover.findings.filter(({ rule }) => rule === "remote-start-lost");
    expect(said).toMatchObject([{ cluster: "edge", at: { file: "clusters/hub/spoke.yaml", line: 8 } }]);
    expect(said[0]!.what).toContain("applies clusters/base/flux-system to edge through a kubeconfig");
  });

  test("is the install of a recognised cluster where its root comes the same way, and goes with that", () => {
    const start = { ...hub("./clusters/edge/flux-system"), ...cluster("edge") };
    start["clusters/edge/kustomization.yaml"] = kustomization("resources: [settings.yaml]\n");
    const { files: installed, rules } = runPhase(start, "install");
    expect(rules).not.toContain("cluster-left-out");
    const cutover = runPhase(installed, "cutover");
    expect(blockers(cutover)).toEqual([]);
    expect(cutover.files[GOTK]).toBeUndefined();
    expect(cutover.findings.filter(({ rule }) => rule === "remote-start-lost")).toMatchObject([
      { cluster: "edge", at: { file: "clusters/hub/spoke.yaml", line: 8 }, level: "caution" },
    ]);
    const edits = Object.fromEntries(cutover.changed.map((path) => [path, cutover.files[path]]));
    const all = [0, 1].map((index) => judge(installed, edits, index).safety);
    expect(all.map(({ verdict, outcomes }) => [verdict, outcomes.orphaned])).toEqual([
      ["safe", undefined],
      ["safe", undefined],
    ]);
    const cleanup = runPhase(cutover.files, "cleanup");
    expect(blockers(cleanup)).toEqual([]);
    // Without a kustomization the hub would walk the folder, and apply the operator and the instance of edge below it.
    expect(cleanup.files["clusters/edge/flux-system/flux-instance/helmrelease.yaml"]).toBeDefined();
    expect(cleanup.files["clusters/edge/flux-system/kustomization.yaml"]).toContain("resources: []\n");
  });

  test("takes the old source along where it prunes, and is named where it does not", () => {
    const start = { ...hub("./clusters/edge/flux-system"), ...cluster("edge") };
    start["clusters/edge/kustomization.yaml"] = kustomization("resources: [settings.yaml]\n");
    const sync = "clusters/edge/flux-system/gotk-sync.yaml";
    const [, source, root] = start[sync]!.split("---\n");
    const named = root!.replace(/(sourceRef:\n.*\n\s+name: )flux-system/, "$1fleet");
    start[sync] = `---\n${source!.replace("name: flux-system", "name: fleet")}---\n${named}`;
    const orphans = (files: Files) => runAll(files).cleanup.findings.filter(({ rule }) => rule === "orphan-left");
    expect(orphans(start)).toEqual([]);
    const kept = start["clusters/hub/spoke.yaml"]!.replace("prune: true", "prune: false");
    expect(orphans({ ...start, "clusters/hub/spoke.yaml": kept })).toMatchObject([
      { resource: "GitRepository flux-system/fleet", why: expect.stringMatching(/flux-of-spoke has prune: false/) },
    ]);
  });

  test("is not taken from under the hub, which would delete there what no operator has adopted", () => {
    const start = { ...hub("./clusters/edge/flux-system"), ...cluster("edge") };
    start["clusters/edge/kustomization.yaml"] = kustomization("resources: [settings.yaml]\n");
    const direct = () => runPhase(start, "install", { phase: "all", direct: true, clusters: ["edge"] });
    expect(blockers(direct()).map(({ rule }) => rule)).toEqual(["wanted-may-go"]);
    expect(direct().changed).toEqual([]);
    start["clusters/hub/spoke.yaml"] = start["clusters/hub/spoke.yaml"]!.replace("prune: true", "prune: false");
    // Nothing is deleted then, and the folder that the hub builds stays, with nothing in it.
    expect(blockers(direct())).toEqual([]);
    expect(direct().files["clusters/edge/flux-system/kustomization.yaml"]).toContain("resources: []\n");
    expect(direct().rules).toContain("remote-start-lost");
  });
});

describe("a base that is applied by hand with the root of each cluster", () => {
  const byHand = (name: string): Files => ({
    ...cluster(name),
    [`clusters/${name}/kustomization.yaml`]: kustomization("resources: [settings.yaml]\n"),
  });
  const start = {
    ...byHand("blue"),
    ...byHand("green"),
    [GOTK]: makeGotk(),
    "clusters/base/flux-system/kustomization.yaml": kustomization("resources: [gotk-components.yaml]\n"),
  };
  const installed = runPhase(start, "install").files;
  const entry = "../../base/flux-system";

  test("goes when all of them are cut over together, and breaks nothing", () => {
    const cutover = runPhase(installed, "cutover");
    expect(cutover.changed).toContain(GOTK);
    expect(cutover.rules).not.toContain("gotk-overlay-breaks");
    expect(cutover.files["clusters/blue/flux-system/kustomization.yaml"]).not.toContain(entry);
  });

  test("stays while another one is started from it", () => {
    const cutover = runPhase(installed, "cutover", { clusters: ["blue"] });
    expect(cutover.changed).toEqual(["clusters/blue/flux-system/kustomization.yaml"]);
    expect(cutover.files["clusters/blue/flux-system/kustomization.yaml"]).not.toContain(entry);
    expect(cutover.rules).toContain("gotk-base-shared");
  });
});

describe("a release that the clusters of a fleet build from one folder", () => {
  const RELEASE = "infra/flux/kustomization.yaml";
  const listing = (name: string) => `clusters/${name}/flux-system/kustomization.yaml`;
  const fleet = (more: string): Files => ({
    ...Object.fromEntries(
      ["blue", "green"].flatMap((name) => [
        ...Object.entries(cluster(name)).filter(([path]) => !path.endsWith("/kustomization.yaml")),
        [`clusters/${name}/kustomization.yaml`, kustomization("resources: [flux-system, settings.yaml]\n")],
        [listing(name), kustomization("resources:\n  - ../../../infra/flux\n  - gotk-sync.yaml\n")],
      ]),
    ),
    [RELEASE]: kustomization(`resources:\n  - https://github.com/fluxcd/flux2/manifests/install?ref=v2.7.5\n${more}`),
    "infra/flux/alerts.yaml": CONFIG.replace("name:", "name: alerts #"),
  });
  const alone = { clusters: ["blue"] };

  test("leaves the first of them by the entry in its own kustomization, and goes with the last", () => {
    const cutover = runPhase(runPhase(fleet(""), "install", alone).files, "cutover", alone);
    expect(cutover.changed).toEqual([listing("blue")]);
    expect(cutover.files[listing("blue")]).toBe(kustomization("resources:\n  - gotk-sync.yaml\n"));
    expect(cutover.rules).toContain("gotk-base-shared");
    const done = runPhase(cutover.files, "cleanup", alone).files;
    const last = { clusters: ["green"] };
    const both = runPhase(runPhase(done, "install", last).files, "cutover", last);
    expect(both.files[RELEASE]).toBeUndefined();
    expect(both.rules).not.toContain("gotk-base-shared");
  });

  test("stops the first where the folder brings more than the release, and says so", () => {
    for (const more of ["  - alerts.yaml\n", "  - https://example.org/podmonitor.yaml\n"]) {
      const cutover = runPhase(runPhase(fleet(more), "install", alone).files, "cutover", alone);
      expect(cutover.changed).toEqual([]);
      expect(cutover.rules).toContain("gotk-base-inseparable");
    }
    const both = runPhase(runPhase(fleet("  - alerts.yaml\n"), "install").files, "cutover");
    expect(both.changed).toEqual([RELEASE]);
    expect(both.files[RELEASE]).toBe(kustomization("resources:\n  - alerts.yaml\n"));
  });

  test("stops the first where an object brings it, which has to leave with its file", () => {
    const artifact = `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: manifests, namespace: flux-system}
spec: {interval: 1h, url: oci://ghcr.io/fluxcd/flux-manifests, ref: {tag: v2.7.5}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux, namespace: flux-system}
spec: {interval: 1h, path: ./, prune: true, sourceRef: {kind: OCIRepository, name: manifests}}
`;
    const release = { [RELEASE]: kustomization("resources: [flux.yaml]\n"), "infra/flux/flux.yaml": artifact };
    const installed = runPhase({ ...fleet(""), ...release }, "install", alone).files;
    const cutover = runPhase(installed, "cutover", alone);
    expect(cutover.changed).toEqual([]);
    const stop = cutover.findings.find(({ rule }) => rule === "gotk-base-inseparable");
    expect(stop?.next).toContain("or give this cluster a copy of that file");
    const copied = {
      ...installed,
      "clusters/blue/flux-system/flux.yaml": artifact,
      [listing("blue")]: kustomization("resources:\n  - flux.yaml\n  - gotk-sync.yaml\n"),
    };
    const own = runPhase(copied, "cutover", alone);
    expect(own.files["clusters/blue/flux-system/flux.yaml"]).toBeUndefined();
    expect(own.files["infra/flux/flux.yaml"]).toBe(artifact);
  });
});
