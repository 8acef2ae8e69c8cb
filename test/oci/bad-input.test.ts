import { describe, expect, test } from "vitest";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import { readOciOptions } from "../../src/cli/oci-options.ts";
import type { OciOptions, Options } from "../../src/contract/options.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import { makeOciPlan } from "../../src/plan/oci-plan.ts";
import { inputOf } from "../support/fixtures.ts";
import { makeRepo, readTree, writeFiles } from "../support/repo.ts";

const ONE = inputOf("artifact-source/declares-the-artifact");
const TWO = inputOf("sources-to-oci/moves-two-clusters-that-share-files");

async function plan(root: string, changes: Partial<Options> = {}, oci: Partial<OciOptions> = {}) {
  const options = {
    ...{ phase: "prepare", sync: "adopt", clusters: [], direct: true, only: [], skip: [] },
    ...{ serviceMonitor: false, layout: "auto", oci: { sign: false, ...oci } },
    ...changes,
  } as Options;
  const made = makeOciPlan(await openWorkspace(root), options);
  const clusters = made.phases.flatMap((phase) => phase.clusters);
  return {
    clusters,
    blockers: clusters.flatMap(({ findings }) => findings.filter(({ level }) => level === "blocker")),
    rules: clusters.flatMap(({ findings }) => findings.map(({ rule }) => rule)),
    changes: composeChanges(made),
  };
}

/** The tree with another clone URL in its instance and its remote. */
function cloned(url: string, input = ONE) {
  const root = makeRepo(input, { remote: url });
  const path = "kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml";
  const text = readTree(root)[path]!;
  writeFiles(root, { [path]: text.replace("https://github.com/Example-Org/fleet.git", url) });
  return root;
}

describe("registries", () => {
  test("a host nobody knows is taken as it is; the job and Flux need a login", async () => {
    const root = makeRepo(ONE, { remote: "https://github.com/example-org/fleet" });
    const { blockers, rules, changes } = await plan(root, {}, { registry: "registry.example.internal:5000" });
    expect(blockers).toEqual([]);
    expect(rules).toEqual(expect.arrayContaining(["publish-login", "pull-secret-missing"]));
    const artifact = changes.find(({ path }) => path.endsWith("/artifact.yaml"))?.after;
    expect(artifact).toContain("url: oci://registry.example.internal:5000/example-org/fleet/manifests");
    expect(artifact).toMatch(/secretRef:\n\s+name: registry-auth/);
  });

  test.each(["http://", "no host", "registry.example.com/UPPER CASE", "oci://"])("%j is no address", (registry) => {
    expect(() => readOciOptions({ registry }, [], "")).toThrow(/is no address of a registry/);
  });
});

describe("forges", () => {
  const url = "ssh://git@git.corp.internal:2222/platform/fleet.git";

  test("a private forge says nowhere which CI it runs, nor where its registry is", async () => {
    const { blockers, changes } = await plan(cloned(url));
    expect(blockers.map(({ rule }) => rule)).toEqual(["oci-registry-unknown"]);
    expect(blockers[0]!.next).toContain("--registry");
    expect(changes).toEqual([]);
    const named = await plan(cloned(url), {}, { registry: "registry.corp.internal/platform/fleet" });
    expect(named.blockers.map(({ rule }) => rule)).toEqual(["oci-forge-unknown"]);
    expect(named.blockers[0]!.next).toContain("--forge");
  });

  test("named, it works", async () => {
    const { blockers, changes } = await plan(cloned(url), {}, { registry: "registry.corp.internal", forge: "gitlab" });
    expect(blockers).toEqual([]);
    const job = changes.find(({ path }) => path === ".gitlab-ci.yml")?.after;
    expect(job).toContain("oci://registry.corp.internal/platform/fleet/manifests:${CI_COMMIT_SHA}");
  });

  test("somebody else may publish", async () => {
    const { blockers, changes } = await plan(cloned(url), {}, { registry: "registry.corp.internal", forge: "none" });
    expect(blockers).toEqual([]);
    expect(changes.map(({ path }) => path).filter((path) => !path.startsWith("kubernetes/"))).toEqual([]);
  });
});

describe("several Flux roots in one repository", () => {
  const remote = "https://github.com/example-org/fleet";

  test("one job publishes for all of them and looks for what each root builds", async () => {
    const { clusters, blockers, changes } = await plan(makeRepo(TWO, { remote }));
    expect(clusters).toHaveLength(2);
    expect(blockers).toEqual([]);
    const jobs = changes.filter(({ path }) => path.startsWith(".github/workflows/"));
    expect(jobs).toHaveLength(1);
    expect(jobs[0]!.after!.match(/test -d /g)).toHaveLength(2);
  });

  test("one of two that share a source and files cannot switch alone", async () => {
    const root = makeRepo(TWO, { remote });
    const [first, second] = (await plan(root)).clusters.map(({ cluster }) => cluster);
    const { blockers, changes } = await plan(root, { phase: "switch", clusters: [first!] });
    expect(blockers.map(({ rule }) => rule)).toContain("oci-shared-file");
    expect(blockers.find(({ rule }) => rule === "oci-shared-file")!.what).toContain(second!);
    expect(changes).toEqual([]);
  });

  test("one of two that share files waits where the other is stopped", async () => {
    const files = new Map(inputOf("git-source/keeps-git-in-each-of-two-clusters"));
    const instance = files.get("clusters/edge/flux-instance.yaml")!;
    const text = instance.bytes.toString().replace("name: flux\n", "name: Flux!\n");
    files.set("clusters/edge/flux-instance.yaml", { ...instance, bytes: Buffer.from(text) });
    const { blockers, changes } = await plan(makeRepo(files, { remote }));
    expect(blockers.map(({ rule }) => rule)).toEqual(["name-refused", "oci-shared-blocked"]);
    expect(changes).toEqual([]);
  });

  test("a name that is none is said to be none", async () => {
    await expect(plan(makeRepo(TWO, { remote }), { clusters: ["nowhere"] })).rejects.toThrow(/No cluster is called/);
  });
});

describe("what is no repository to publish", () => {
  test("a tree without Flux has nothing to move", async () => {
    const { clusters, changes } = await plan(makeRepo({ "README.md": "# nothing\n" }));
    expect(clusters).toEqual([]);
    expect(changes).toEqual([]);
  });

  test("an artifact folder that is not there stops the cluster", async () => {
    const root = makeRepo(ONE, { remote: "https://github.com/example-org/fleet" });
    const { blockers } = await plan(root, { phase: "switch", artifactPath: "nowhere" });
    expect(blockers.map(({ rule }) => rule)).toContain("oci-path-outside");
  });
});
