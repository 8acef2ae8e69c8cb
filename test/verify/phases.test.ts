import { describe, expect, test } from "vitest";
import { defaultOptions } from "../../src/cli/options.ts";
import type { Options, Phase } from "../../src/contract/options.ts";
import type { ClusterPlan, Plan } from "../../src/contract/plan.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { renderSarif } from "../../src/report/sarif.ts";
import { renderText } from "../../src/report/text.ts";
import { renderVerify } from "../../src/report/verify.ts";
import { describeReversal } from "../../src/runbook/reversal.ts";
import { verifyChange } from "../../src/safety/verify.ts";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";
import { homeTree, ks } from "./home-tree.ts";

const REMOTE = "https://git.example.invalid/me/home.git";
const PHASES: readonly Phase[] = ["install", "cutover", "cleanup"];

const planOf = async (root: string, options: Partial<Options>): Promise<Plan> =>
  makePlan(await openWorkspace(root), { ...defaultOptions(), ...options });

/** Commits what a plan says. */
function merge(root: string, plan: Plan): void {
  for (const { path, after } of plan.phases.flatMap(({ files }) => files)) {
    if (after === undefined) git(root, "rm", "-qf", path);
    else writeFiles(root, { [path]: after });
  }
  commitAll(root, "Phase");
}

async function runPhases(options: Partial<Options> = {}): Promise<{ root: string; parts: ClusterPlan[] }> {
  const root = makeRepo(homeTree(), { remote: REMOTE });
  const parts: ClusterPlan[] = [];
  for (const phase of PHASES) {
    const plan = await planOf(root, { ...options, phase });
    merge(root, plan);
    parts.push(plan.phases[0]!.clusters[0]!);
  }
  return { root, parts };
}

const named = (part: ClusterPlan, fate: "deleted" | "adopted" | "recreated") =>
  part.safety?.outcomes[fate]?.names ?? [];

describe("the phases of a migration", () => {
  test("are safe one by one, and say what Flux deletes", async () => {
    const { root, parts } = await runPhases();
    const [install, cutover, cleanup] = parts as [ClusterPlan, ClusterPlan, ClusterPlan];
    for (const { findings } of parts) expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(install.safety?.dangers).toEqual([]);
    expect(named(install, "adopted")).toContain("Deployment flux-system/kustomize-controller");
    expect(named(cutover, "deleted").sort()).toEqual([
      "Kustomization flux-system/flux",
      "OCIRepository flux-system/flux-manifests",
    ]);
    expect(cutover.safety?.dangers.some(({ wanted }) => wanted)).toBe(false);
    expect(named(cutover, "adopted")).toContain("CustomResourceDefinition kustomizations.kustomize.toolkit.fluxcd.io");
    expect(named(cleanup, "deleted")).toEqual(["GitRepository flux-system/home"]);
    expect(named(cleanup, "recreated")).toEqual([]);

    // The same commits merged at once: nothing has adopted anything yet.
    const { report } = verifyChange({ dir: root, base: "HEAD~3", head: "HEAD", remotes: [REMOTE] });
    expect(report.safe).toBe(false);
    expect(report.clusters[0]!.safety.dangers[0]).toMatchObject({ rank: 9, wanted: true });
    expect(report.findings.map(({ rule }) => rule)).toContain("flux-may-go");
  });

  test("a renamed root keeps its children, thanks to the guard", async () => {
    const { root, parts } = await runPhases({ sync: "rename" });
    for (const { findings } of parts) expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(parts[0]!.findings.map(({ rule }) => rule)).toContain("guard-added");
    expect(named(parts[2]!, "deleted")).toContain("Kustomization flux-system/cluster");
    expect(parts[2]!.safety?.dangers.some(({ wanted }) => wanted)).toBe(false);
    expect((await openWorkspace(root)).tree.grep("fluxlift:guard")).toEqual([]);
  });

  test("without the guard the last phase is stopped", async () => {
    const root = makeRepo(homeTree(), { remote: REMOTE });
    for (const phase of ["install", "cutover"] as const) merge(root, await planOf(root, { phase, sync: "rename" }));
    const file = "kubernetes/flux/config/cluster.yaml";
    const text = (await openWorkspace(root)).tree.read(file)!;
    writeFiles(root, { [file]: text.replace("prune: false # fluxlift:guard", "prune: true") });
    commitAll(root, "Take the guard back");
    const last = (await planOf(root, { phase: "cleanup", sync: "rename" })).phases[0]!.clusters[0]!;
    expect(last.edits).toEqual([]);
    expect(last.findings.map(({ rule }) => rule)).toContain("wanted-may-go");
  });

  test("a root that does not prune needs no guard", async () => {
    const tree = homeTree();
    const file = "kubernetes/flux/config/cluster.yaml";
    tree[file] = tree[file]!.replace("prune: true", "prune: true\n  deletionPolicy: Orphan");
    const root = makeRepo(tree, { remote: REMOTE });
    const install = (await planOf(root, { sync: "rename" })).phases[0]!.clusters[0]!;
    expect(install.edits.length).toBeGreaterThan(0);
    expect(install.findings.map(({ rule }) => rule)).not.toContain("guard-added");
  });

  test("a root that deletes by policy, whatever prune says, cannot be guarded", async () => {
    const file = "kubernetes/flux/config/cluster.yaml";
    const tree = homeTree();
    tree[file] = tree[file]!.replace("prune: true", "prune: true\n  deletionPolicy: Delete");
    const root = makeRepo(tree, { remote: REMOTE });
    const blockersOf = async (options: Partial<Options>) =>
      (await planOf(root, options)).phases[0]!.clusters[0]!.findings.flatMap(({ level, rule }) =>
        level === "blocker" ? [rule] : [],
      );
    expect(await blockersOf({ sync: "rename" })).toEqual(["guard-overridden"]);
    expect(await blockersOf({})).toEqual([]);
  });

  test("all at once is safe only because the operator runs already", async () => {
    const root = makeRepo(homeTree(), { remote: REMOTE });
    const direct = await planOf(root, { phase: "all", direct: true });
    expect(
      direct.phases.flatMap(({ clusters }) => clusters[0]!.findings.filter(({ level }) => level === "blocker")),
    ).toEqual([]);
    expect(named(direct.phases[2]!.clusters[0]!, "deleted")).toContain("Kustomization flux-system/flux");
    merge(root, direct);
    const { findings } = verifyChange({ dir: root, base: "HEAD~1", head: "HEAD", remotes: [] }).report;
    expect(findings.find(({ rule }) => rule === "flux-may-go")?.next).toContain("`--phase all --direct`");
  });
});

describe("a FluxInstance that the operator cannot apply", () => {
  /** That Flux may delete itself in the second merge, where the first one wrote a file otherwise. */
  async function cutoverAfter(file: string, edit: (text: string) => string) {
    const root = makeRepo(homeTree(), { remote: REMOTE });
    const install = await planOf(root, { phase: "install" });
    merge(root, install);
    const cutover = await planOf(root, { phase: "cutover" });
    const { path, after } = install.phases[0]!.files.find((one) => one.path.endsWith(`flux-${file}.yaml`))!;
    const text = edit(after!);
    expect(text).not.toBe(after);
    writeFiles(root, { [path]: text });
    commitAll(root, "Edit");
    merge(root, cutover);
    const { findings } = verifyChange({ dir: root, base: "HEAD~1", head: "HEAD", remotes: [REMOTE] }).report;
    return findings.find((one) => one.rule === "flux-may-go");
  }

  const patch = (text: string) => ["        patches:", `        patches:\n          - ${text}`] as const;
  const mount = {
    op: "add",
    path: "/spec/template/spec/containers/0/volumeMounts/-",
    value: { name: "a", mountPath: "/a" },
  };

  test.each<[string, readonly [from: string, to: string], string | undefined]>([
    [
      "is paused",
      ["commonAnnotations:", "commonAnnotations:\n      fluxcd.controlplane.io/reconcile: disabled"],
      undefined,
    ],
    ["is suspended", ["  interval: 1h\n", "  interval: 1h\n  suspend: true\n"], undefined],
    ["has another name", ["  values:\n", "  values:\n    fullnameOverride: other\n"], "instance-harms"],
    ["lies elsewhere", ["  interval: 1h\n", "  interval: 1h\n  targetNamespace: other\n"], undefined],
    [
      "syncs from no address of a source",
      [`url: ${REMOTE}`, "url: git@git.example.invalid:me/home.git"],
      "instance-harms",
    ],
    [
      "mounts no volume",
      patch(`{target: {kind: Deployment, name: helm-controller}, patch: '${JSON.stringify([mount])}'}`),
      "instance-harms",
    ],
    ["has a value that none takes", ["networkPolicy: true", "size: huge"], "instance-harms"],
    ["misspells a component", ["- helm-controller", "- helm-controler"], "instance-refused"],
    ["asks for no Flux", ["version: 2.6.x", "version: 1.2.x"], "instance-refused"],
    [
      "patches what is not there",
      patch("{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}'}"),
      "instance-refused",
    ],
  ])("is said where it comes, and nothing is handed over to it: one that %s", async (_, [from, to], rule) => {
    const root = makeRepo(homeTree(), { remote: REMOTE });
    const install = await planOf(root, { phase: "install" });
    merge(root, install);
    const cutover = await planOf(root, { phase: "cutover" });
    const { path, after } = install.phases[0]!.files.find((file) => file.after?.includes("instance:\n"))!;
    expect(after).toContain(from);
    writeFiles(root, { [path]: after!.replace(from, to) });
    commitAll(root, "Edit");
    const since = (base: string) => verifyChange({ dir: root, base, head: "HEAD", remotes: [REMOTE] }).report.findings;
    const first = since("HEAD~2").map((one) => one.rule);
    expect(first).toEqual(expect.arrayContaining(rule === undefined ? [] : [rule]));
    merge(root, cutover);
    const gone = since("HEAD~1").find((one) => one.rule === "flux-may-go");
    expect(gone?.why).toMatch(
      /, as (the FluxInstance (is paused|lies)|HelmRelease flux-instance is suspended|it cannot apply the FluxInstance)/,
    );
    expect(gone?.next).toMatch(/^The operator takes nothing over as long as .*: mend that first, wait/);
  });

  test.each<[string, string, readonly [from: string, to: string], RegExp]>([
    [
      "waits for nothing here",
      "instance/ks",
      ["- name: flux-operator", "- name: flux-opertor"],
      /-opertor, which nothing/,
    ],
    [
      "has a release that does",
      "instance/app/helmrelease",
      ["- name: flux-operator", "- name: flux-opertor"],
      /HelmRelease flux-system\/flux-opertor, which nothing here makes/,
    ],
    [
      "waits for an operator without a chart",
      "operator/app/helmrelease",
      ["    name: flux-operator", "    name: flux"],
      /takes its chart from OCIRepository flux-system\/flux, which/,
    ],
    [
      "waits for what does not build",
      "operator/ks",
      ["flux-operator/app", "flux-operator/ap"],
      /flux-operator, which nothing here makes/,
    ],
    [
      "has an operator without rights",
      "operator/app/helmrelease",
      ["spec:\n", "spec:\n  values: {rbac: {create: false}}\n"],
      /flux-operator keeps the operator from working \(rbac\.create\)/,
    ],
    ["waits for itself", "instance/ks", ["- name: flux-operator", "- name: flux-instance"], /waits for itself/],
    [
      "has an operator that waits for it",
      "operator/ks",
      ["  timeout:", "  dependsOn: [{name: flux-instance}]\n  timeout:"],
      /waits for itself/,
    ],
    [
      "has an operator that is suspended",
      "operator/ks",
      ["spec:\n", "spec:\n  suspend: true\n"],
      /flux-operator is suspended/,
    ],
  ])("takes nothing over where Flux never comes to apply it: one that %s", async (_, file, [from, to], why) => {
    expect((await cutoverAfter(file, (text) => text.replace(from, to)))?.why).toMatch(why);
  });

  test.each<[string, string, (text: string) => string]>([
    [
      "the root waits for what it applies and was applied with it",
      "kubernetes/flux/config/cluster.yaml",
      (text) => text.replace("  path:", "  dependsOn: [{name: cluster-apps}]\n  path:"),
    ],
    [
      "what applies the operator waits for an app that was there first",
      "kubernetes/flux/apps.yaml",
      (text) => `${text}  dependsOn: [{name: player}]\n`,
    ],
  ])("has taken over where %s", async (_, file, edit) => {
    const tree = homeTree();
    const text = edit(tree[file]!);
    expect(text).not.toBe(tree[file]);
    const root = makeRepo({ ...tree, [file]: text }, { remote: REMOTE });
    merge(root, await planOf(root, { phase: "install" }));
    const { edits, findings } = (await planOf(root, { phase: "cutover" })).phases[0]!.clusters[0]!;
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(edits).not.toEqual([]);
  });

  test("may have taken over all where the account of the operator may have been made by hand", async () => {
    const text = "spec:\n  values: {serviceAccount: {create: false, name: made}}\n";
    expect(await cutoverAfter("operator/app/helmrelease", (own) => own.replace("spec:\n", text))).toBeUndefined();
  });

  const foreign = `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: other, namespace: flux-system}
spec: {interval: 1h, url: https://git.example.invalid/other}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: other, namespace: flux-system}
spec: {interval: 1h, prune: true, path: ./, sourceRef: {kind: GitRepository, name: other}}
`;

  const wait = (more: string) => (text: string) =>
    `${text.replace("- name: flux-operator", "- name: flux-operator\n    - name: platform")}${more}`;

  test("may have taken over all where the path of what it waits for cannot be known", async () => {
    const platformAt = (path: string) => wait(ks("platform", path, ["targetNamespace: media"]));
    expect(await cutoverAfter("instance/ks", platformAt("kubernetes/${WHERE}"))).toBeUndefined();
    expect((await cutoverAfter("instance/ks", platformAt("kubernetes/gone")))?.why).toMatch(/, which does not build/);
  });

  test("may have taken over all where what it waits for may come from another repository", async () => {
    expect(await cutoverAfter("instance/ks", wait(""))).toBeDefined();
    expect(await cutoverAfter("instance/ks", wait(foreign))).toBeUndefined();
  });

  test("holds nothing up once somebody has seen in the cluster that the objects are its own", async () => {
    const root = makeRepo(homeTree(), { remote: REMOTE });
    const install = await planOf(root, { phase: "install" });
    merge(root, install);
    const { path, after } = install.phases[0]!.files.find((file) => file.after?.includes("instance:\n"))!;
    writeFiles(root, { [path]: after!.replace("  interval: 1h\n", "  interval: 1h\n  suspend: true\n") });
    commitAll(root, "Suspend");
    const dangersOf = async (options: Partial<Options>) => {
      const plan = await planOf(root, { phase: "cutover", ...options });
      return plan.phases[0]!.clusters[0]!.safety!.dangers.filter(({ wanted }) => wanted);
    };
    expect(await dangersOf({})).not.toEqual([]);
    expect(await dangersOf({ facts: { cluster: "default", adopted: true } })).toEqual([]);
  });
});

describe("reports", () => {
  test("a plan says what Flux will do", async () => {
    const root = makeRepo(homeTree(), { remote: REMOTE });
    const install = await planOf(root, {});
    merge(root, install);
    const plan = await planOf(root, { phase: "cutover" });
    expect(renderText(plan, { colour: false, verbose: false })).toMatch(/when it is merged\s+2 objects deleted, /);
    const markdown = renderMarkdown(plan);
    expect(markdown).toContain("### What Flux will do when this is merged");
    expect(markdown).toMatch(/```mermaid\nflowchart LR\n/);
    expect(markdown).toMatch(/-->\|"2 deleted"\|/);
    const sarif = JSON.parse(renderSarif(install));
    expect(sarif.version).toBe("2.1.0");
    expect(sarif.runs[0].results.length).toBeGreaterThan(0);
  });

  test("verify says it in every format", () => {
    const root = makeRepo(homeTree());
    git(root, "rm", "-q", "kubernetes/apps/media/player/app/pvc.yaml");
    commitAll(root, "Break");
    const { report } = verifyChange({ dir: root, base: "HEAD~1", head: "HEAD", remotes: [] });
    const plain = { colour: false, verbose: false };
    expect(renderVerify(report, "text", plain)).toContain("✗ not safe to merge");
    expect(renderVerify(report, "markdown", plain)).toContain("# fluxlift: not safe to merge");
    const [result] = JSON.parse(renderVerify(report, "sarif", plain)).runs[0].results;
    expect(result).toMatchObject({ ruleId: "build-breaks", level: "error" });
    expect(result.locations[0].physicalLocation.artifactLocation.uri).toContain("kubernetes/apps/media/player/app");
  });
});

describe("going back", () => {
  const effectOf = (part: ClusterPlan) =>
    part.runbook.rollback.flatMap(({ body }) => body).find((text) => text.startsWith("Computed for this repository"));

  test("the runbook says what reverting each phase deletes", async () => {
    const { parts } = await runPhases();
    const [install, cutover, cleanup] = parts.map(effectOf);
    expect(install).toContain("Flux deletes Kustomization flux-system/flux-");
    expect(install).toMatch(/Left in the cluster without an owner in Git: .*HelmRelease flux-system\/flux-instance/);
    expect(cutover).toBe("Computed for this repository: reverting this deletes nothing.");
    expect(cleanup).toBe("Computed for this repository: reverting this deletes nothing.");
  });

  test("and names what is still wanted", () => {
    const unknown = [{ resources: ["Kustomization a/d"], what: "A base is remote.", look: "the base" }];
    const safety = { verdict: "unsafe" as const, adopted: true, transfers: [], unknown, outcomes: {} };
    const danger = (resource: string, wanted: boolean) => {
      return { resource, wanted, outcome: "deleted" as const, rank: 5, what: "It goes.", why: "", chain: [] };
    };
    const dangers = [danger("HelmRelease a/b", true), danger("ConfigMap a/c", false)];
    const [text] = describeReversal({ ...safety, dangers });
    expect(text).toMatch(/may delete what is still wanted: HelmRelease a\/b \(It goes\.\)/);
    expect(text).toContain("Besides, Flux deletes ConfigMap a/c");
    expect(text).toContain("Not known: A base is remote.");
    expect(describeReversal(undefined)).toEqual([]);
  });
});
