import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import type { Options } from "../../src/contract/options.ts";
import type { RunbookStep } from "../../src/contract/runbook.ts";
import { writeChanges } from "../../src/files/write.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import { makeOciPlan } from "../../src/plan/oci-plan.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { git, readTree, writeFiles } from "../support/repo.ts";

// What the operator's own guide ends with ("Migration from Git to OCI artifacts" in its documentation), point by point, for
// the repository that the guide assumes: bootstrapped, one cluster below clusters/my-cluster.
const BOOTSTRAPPED = {
  "clusters/my-cluster/flux-system/gotk-components.yaml": "# filled in by flux bootstrap\n",
  "clusters/my-cluster/flux-system/gotk-sync.yaml": "# filled in by flux bootstrap\n",
  "clusters/my-cluster/flux-system/kustomization.yaml": [
    "apiVersion: kustomize.config.k8s.io/v1beta1",
    "kind: Kustomization",
    "resources:",
    "  - gotk-components.yaml",
    "  - gotk-sync.yaml",
    "",
  ].join("\n"),
  "clusters/my-cluster/apps.yaml": [
    "apiVersion: kustomize.toolkit.fluxcd.io/v1",
    "kind: Kustomization",
    "metadata:",
    "  name: apps",
    "  namespace: flux-system",
    "spec:",
    "  interval: 1h",
    "  path: ./apps",
    "  prune: true",
    "  sourceRef:",
    "    kind: GitRepository",
    "    name: flux-system",
    "",
  ].join("\n"),
  "apps/configmap.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n  namespace: default\n",
};

const OPTIONS = {
  ...{ phase: "all", sync: "adopt", clusters: [], direct: true, only: [], skip: [] },
  ...{ serviceMonitor: false, layout: "auto", fluxVersion: "v2.9.4" },
} as unknown as Options;

// biome-ignore lint/suspicious/noExplicitAny: parsed YAML
type Data = any;
let root = "";
let before: Record<string, string>;
let between: Record<string, string>;
let tree: Record<string, string>;
let steps: RunbookStep[];

const parse = (text: string): Data => {
  const parsed = readYaml(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.docs[0]!.data;
};
const objects = (files: Record<string, string>): Data[] =>
  Object.entries(files)
    .filter(([path]) => /^[^.].*\.ya?ml$/.test(path))
    .flatMap(([, text]) => {
      const parsed = readYaml(text);
      return parsed.ok ? parsed.docs.map(({ data }) => data as Data).filter(Boolean) : [];
    });
const find = (files: Record<string, string>, kind: string, name: string): Data =>
  objects(files).find((data) => data.kind === kind && data.metadata?.name === name);

describe("the end state of the official guide", () => {
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "fluxlift-guide-"));
    writeFiles(root, BOOTSTRAPPED);
    git(root, "init", "-q", "-b", "main");
    git(root, "remote", "add", "origin", "https://github.com/my-org/my-fleet");
    git(root, "add", "-A");
    git(root, "commit", "-q", "-m", "bootstrapped");
    before = readTree(root);
    const migrated = makePlan(await openWorkspace(root), OPTIONS);
    writeChanges(await openWorkspace(root), composeChanges(migrated), { label: "test", validate: () => undefined });
    between = readTree(root);
    const plan = makeOciPlan(await openWorkspace(root), OPTIONS);
    const findings = plan.phases.flatMap(({ clusters }) => clusters.flatMap((cluster) => cluster.findings));
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    writeChanges(await openWorkspace(root), composeChanges(plan), { label: "test", validate: () => undefined });
    tree = readTree(root);
    steps = plan.phases.flatMap(({ clusters }) => clusters.flatMap(({ runbook }) => runbook.steps));
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test("the operator has taken over: the flux-system folder is gone, the instance stands in the folder of the cluster", () => {
    expect(Object.keys(before).filter((path) => path.includes("/gotk-"))).toHaveLength(2);
    expect(Object.keys(between).filter((path) => path.includes("/gotk-"))).toEqual([]);
    expect(Object.keys(between)).toContain("clusters/my-cluster/flux-instance.yaml");
    expect(find(between, "FluxInstance", "flux").spec.sync).toMatchObject({
      kind: "GitRepository",
      ref: "refs/heads/main",
      path: "./clusters/my-cluster",
      pullSecret: "flux-system",
    });
  });

  test("every Flux Kustomization reads OCIRepository flux-system", () => {
    const refs = objects(tree)
      .filter(({ apiVersion, kind }) => kind === "Kustomization" && apiVersion.includes("toolkit"))
      .map(({ spec }) => `${spec.sourceRef.kind}/${spec.sourceRef.name}`);
    expect(refs.length).toBeGreaterThan(0);
    expect(new Set(refs)).toEqual(new Set(["OCIRepository/flux-system"]));
  });

  test("the FluxInstance syncs the artifact with the pull secret", () => {
    expect(find(tree, "FluxInstance", "flux").spec.sync).toMatchObject({
      kind: "OCIRepository",
      url: "oci://ghcr.io/my-org/my-fleet/manifests",
      ref: "latest",
      path: "./clusters/my-cluster",
      pullSecret: "ghcr-auth",
    });
  });

  test("the workflow publishes main by commit, with source and revision, and moves latest last", () => {
    const workflow = parse(tree[".github/workflows/publish-artifact.yaml"]!);
    expect(workflow.name).toBe("publish-artifact");
    expect(workflow.on).toMatchObject({ push: { branches: ["main"] } });
    expect(workflow.on).toHaveProperty("workflow_dispatch");
    expect(workflow.permissions).toEqual({ contents: "read", packages: "write" });
    const runs: string[] = Object.values<Data>(workflow.jobs)[0]
      .steps.map(({ run }: Data) => run)
      .filter(Boolean);
    const push = runs.find((run) => run.includes("flux push artifact"))!;
    expect(push).toContain("oci://ghcr.io/my-org/my-fleet/manifests:${GITHUB_SHA}");
    expect(push).toContain("--source=");
    expect(push).toMatch(/--revision="\$\{GITHUB_REF_NAME\}@sha1:\$\{GITHUB_SHA\}"/);
    expect(push).toContain('--path="./"');
    expect(runs.at(-1)).toMatch(/main\) tag=latest[\s\S]*flux tag artifact/);
  });

  test("the runbook has the steps of the guide, in its order", () => {
    const commands = steps.flatMap((step) => step.commands).join("\n");
    const places = [
      "flux create secret oci ghcr-auth",
      ":oci-artifacts",
      "clusters/my-cluster/flux-instance.yaml",
      "wait fluxinstance/flux --for=condition=Ready",
      "flux -n flux-system get source oci flux-system",
      "flux -n flux-system get kustomization flux-system",
      "git push origin --delete oci-artifacts",
    ].map((part) => [part, commands.indexOf(part)] as const);
    for (const [part, place] of places) expect(place, part).toBeGreaterThanOrEqual(0);
    expect(commands.lastIndexOf("--delete oci-artifacts")).toBeGreaterThan(commands.indexOf("get kustomization"));
  });
});
