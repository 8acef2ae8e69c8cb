import { describe, expect, test } from "vitest";
import { factsFor, parseFacts } from "../../src/cluster/facts.ts";
import { listGuards } from "../../src/cluster/guards.ts";
import { UsageError } from "../../src/contract/errors.ts";
import type { Facts, Options, Phase } from "../../src/contract/options.ts";
import { checkFacts } from "../../src/plan/facts-check.ts";
import { sampleCluster, sampleOptions, sampleTree } from "../report/sample-cluster.ts";

function check(facts: Facts, phase: Phase = "install", options: Partial<Options> = {}) {
  const tree = sampleTree("main");
  const input = { cluster: sampleCluster("main", tree), phase, options: sampleOptions(options), tree };
  return checkFacts(facts, input).map(({ rule, level }) => `${level} ${rule}`);
}

describe("parseFacts", () => {
  test("reads one cluster, or several by name", () => {
    expect(parseFacts('{"cluster": "main", "adopted": true, "later": 1}')).toEqual({ cluster: "main", adopted: true });
    const several = parseFacts('[{"cluster": "main", "fluxVersion": "v2.6.4"}, {"cluster": "edge"}]');
    const odd = ["constructor", "__proto__"];
    const named = parseFacts(JSON.stringify(odd.map((cluster) => ({ cluster, adopted: true }))));
    expect(odd.map((cluster) => factsFor(named, cluster)?.adopted)).toEqual([true, true]);
    expect(factsFor(several, "main")).toEqual({ cluster: "main", fluxVersion: "v2.6.4" });
    expect(factsFor(several, "toString")).toBeUndefined();
  });

  test("a password in the address of the source is read by nothing, and the address is the same", () => {
    const measured = parseFacts('{"sourceUrl": "https://mira:hunter2@github.com/mira/hearth"}');
    expect(JSON.stringify(measured)).not.toContain("hunter2");
    expect(check(measured)).toEqual(check({ sourceUrl: "https://github.com/mira/hearth" }));
    expect(check({ sourceUrl: "https://github.com/mira/hearth" })).toEqual([]);
    const several = parseFacts('[{"cluster": "main", "sourceUrl": "https://mira:hunter2@github.com/mira/hearth"}]');
    expect(JSON.stringify(several)).not.toContain("hunter2");
  });

  test("facts without a cluster hold for every cluster, others for theirs", () => {
    expect(factsFor({ adopted: true }, "edge")).toEqual({ adopted: true });
    expect(factsFor({ cluster: "main" }, "edge")).toBeUndefined();
    expect(factsFor(undefined, "edge")).toBeUndefined();
  });

  test.each([
    ["", /facts\.json is empty/],
    ["{", /is not JSON/],
    ["3", /holds no JSON object/],
    ['{"adopted": "yes"}', /"adopted" is neither true nor false/],
    ['{"fluxVersion": 2}', /"fluxVersion" is not a text/],
    ['{"suspended": "a"}', /"suspended" is not a list of texts/],
    ['{"storedVersions": []}', /"storedVersions" is not an object/],
    ['{"storedVersions": {"a": "v1"}}', /"storedVersions" of a is not a list/],
    ['[{"adopted": true}]', /item 1 does not say which cluster/],
    ['[{"cluster": "a"}, {"cluster": "a"}]', /"a" occurs twice/],
    ['[{"cluster": "a", "adopted": 1}]', /item 1: "adopted"/],
  ])("refuses %s", (text, message) => {
    const read = () => parseFacts(text, "facts.json");
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });
});

describe("checkFacts", () => {
  test("finds nothing where the facts agree, are absent, or belong to another cluster", () => {
    const good: Facts = {
      cluster: "main",
      sourceUrl: "https://github.com/mira/hearth",
      fluxVersion: "v2.6.3",
      fluxInstanceReady: true,
      adopted: true,
      guardsReconciled: true,
      suspended: [],
      notReady: [],
      missing: [],
      storedVersions: { "a.toolkit.fluxcd.io": ["v1"] },
    };
    for (const phase of ["install", "cutover", "cleanup"] as const) expect(check(good, phase)).toEqual([]);
    expect(check({}, "cutover")).toEqual([]);
    expect(check({ cluster: "edge", adopted: false }, "cutover")).toEqual([]);
  });

  test("stops on facts of another cluster, and trusts none of them", () => {
    const facts = { sourceUrl: "https://github.com/mira/other", adopted: false };
    expect(check(facts, "cutover")).toEqual(["blocker facts-wrong-cluster"]);
  });

  test.each([
    ["v2.6.1", undefined, []],
    ["v2.7.5", undefined, ["blocker facts-version-mismatch"]],
    ["v2.5.1", undefined, ["blocker facts-version-mismatch"]],
    ["v2.7.5", "2.7.x", []],
    ["v2.6.4", "2.7.x", ["blocker facts-version-mismatch"]],
  ])("compares the running Flux %s with the plan (--flux-version %s)", (fluxVersion, wanted, expected) => {
    expect(check({ fluxVersion }, "install", wanted ? { fluxVersion: wanted } : {})).toEqual(expected);
    expect(check({ fluxVersion }, "cutover")).toEqual([]);
  });

  test("blocks on stored versions only when the minor is raised", () => {
    const storedVersions = { "alerts.notification.toolkit.fluxcd.io": ["v1beta2", "v1beta3"] };
    expect(check({ storedVersions })).toEqual(["caution facts-stored-versions"]);
    const raised = check({ storedVersions, fluxVersion: "v2.6.4" }, "install", { fluxVersion: "2.7.x" });
    expect(raised).toContain("blocker facts-stored-versions");
  });

  test("needs a Ready instance and adopted objects for cutover, not for install", () => {
    const facts = { fluxInstanceReady: false, adopted: false, notAdopted: ["Deployment/helm-controller"] };
    expect(check(facts, "install")).toEqual([]);
    expect(check(facts, "cutover")).toEqual(["blocker facts-instance-not-ready", "blocker facts-not-adopted"]);
    expect(check(facts, "cleanup")).toContain("blocker facts-not-adopted");
  });

  test("blocks on a suspended or failing source or root, warns of others", () => {
    const root = "Kustomization flux-system/cluster";
    expect(check({ suspended: [root, "HelmRelease media/plex"] })).toEqual([
      "blocker facts-suspended",
      "caution facts-suspended",
    ]);
    expect(check({ notReady: ["GitRepository flux-system/hearth"] })).toEqual(["blocker facts-not-ready"]);
    expect(check({ notReady: ["HelmRepository flux-system/x"] })).toEqual(["caution facts-not-ready"]);
    expect(check({ suspended: [root], notReady: [root] })).toEqual(["blocker facts-suspended"]);
  });

  test("asks for guards only where there are some", () => {
    expect(check({ guardsReconciled: false }, "cutover")).toEqual([]);
    expect(check({ guardsReconciled: false }, "cutover", { sync: "rename" })).toEqual(["blocker facts-guards-missing"]);
  });

  test("warns of a missing Secret with the place that names it", () => {
    const tree = sampleTree("main");
    const input = { cluster: sampleCluster("main", tree), phase: "install" as const, options: sampleOptions(), tree };
    const [finding] = checkFacts({ missing: ["Secret flux-system/sops-age"] }, input);
    expect(finding).toMatchObject({ rule: "facts-missing-secret", level: "caution" });
    expect(finding!.at).toMatchObject({ file: "kubernetes/main/flux/config/cluster.yaml" });
    expect(finding!.at!.line).toBeGreaterThan(13);
  });
});

describe("listGuards", () => {
  test("names the live fields that later phases rest on", () => {
    expect(listGuards(sampleCluster(), { sync: "adopt" })).toEqual([]);
    expect(listGuards(sampleCluster(), { sync: "rename" })).toEqual([
      { kind: "Kustomization", namespace: "flux-system", name: "cluster", field: "prune", value: "false" },
    ]);
    const cluster = sampleCluster();
    const [, installer] = cluster.install!.objects;
    cluster.install!.objects = [{ ...installer!, data: { spec: { deletionPolicy: "Orphan", prune: true } } }];
    expect(listGuards(cluster, { sync: "adopt" })).toEqual([
      { kind: "Kustomization", namespace: "flux-system", name: "flux", field: "deletionPolicy", value: "Orphan" },
    ]);
  });
});
