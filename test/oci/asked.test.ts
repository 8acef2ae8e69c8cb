import { describe, expect, test } from "vitest";
import { checkFolders } from "../../src/cli/folders.ts";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import { readOciOptions } from "../../src/cli/oci-options.ts";
import type { OciOptions, Options } from "../../src/contract/options.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { writeChanges } from "../../src/files/write.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import { makeOciPlan } from "../../src/plan/oci-plan.ts";
import { parseMirrors } from "../../transforms/charts-to-oci/mirrors.ts";
import { readBase } from "../support/fixture-tree.ts";
import { commitAll, makeRepo, readTree, writeFiles } from "../support/repo.ts";
import type { Tree } from "../support/tree.ts";

const INSTANCE = "kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml";
const JOB = ".github/workflows/publish-artifact.yaml";
const REMOTE = "https://github.com/example-org/fleet";

async function plan(root: string, changes: Partial<Options> = {}, oci: Partial<OciOptions> = {}): Promise<Plan> {
  const options = {
    ...{ phase: "prepare", sync: "adopt", clusters: [], direct: true, only: [], skip: [] },
    ...{ serviceMonitor: false, layout: "auto", oci: { sign: false, ...oci } },
    ...changes,
  } as Options;
  return makeOciPlan(await openWorkspace(root), options);
}

const findingsOf = (made: Plan) => made.phases.flatMap(({ clusters }) => clusters.flatMap(({ findings }) => findings));
const blockersOf = (made: Plan) => findingsOf(made).filter(({ level }) => level === "blocker");
const textOf = (made: Plan, path: string) => composeChanges(made).find((change) => change.path === path)?.after ?? "";

async function write(root: string, made: Plan): Promise<void> {
  writeChanges(await openWorkspace(root), composeChanges(made), { label: "test", validate: () => undefined });
  commitAll(root, "x");
}

/** A base in which texts of files are others. */
function repo(base: string, edits: Record<string, (text: string) => string>, files: Record<string, string> = {}) {
  const root = makeRepo(readBase(base) as Tree, { remote: REMOTE });
  const now = readTree(root);
  writeFiles(root, {
    ...Object.fromEntries(Object.entries(edits).map(([path, edit]) => [path, edit(now[path]!)])),
    ...files,
  });
  commitAll(root, "the case");
  return root;
}

const reading = (branch: string) => (text: string) => text.replace("refs/heads/main", `refs/heads/${branch}`);

describe("what is typed", () => {
  test.each(["a b", "-x", "", ".x", "x$(id)", "latest:1", "v1@sha256:0", "日", "a".repeat(129), "x\ny"])(
    "%j is no tag",
    (tag) => {
      expect(() => readOciOptions({ tag }, [], "")).toThrow(/is no tag of an artifact/);
    },
  );

  test.each(["A B", "-x", "x$(id)", "X", "..", "a".repeat(254), "x\ny"])("%j is no name of a Secret", (pullSecret) => {
    expect(() => readOciOptions({ pullSecret }, [], "")).toThrow(/is no name that Kubernetes takes/);
  });

  test.each([
    ...["oci://ghcr.io/a/b:v1", "ghcr.io/a/b@sha256:0a", "localhost:5000/a:v1"],
    ...["ghcr.io/a//b", "ghcr.io/a/../b", "ghcr.io/a/-b", "ghcr.io:99999/a"],
  ])("%s is no address alone", (registry) => {
    expect(() => readOciOptions({ registry }, [], "")).toThrow(/is no address of a registry/);
  });

  test.each(["localhost:5000/a", "ghcr.io:443", "ghcr.io/a/b__c/d--e.f_g"])("%s is one", (registry) => {
    expect(readOciOptions({ registry, tag: "_v1.0-x", pullSecret: "" }, [], "").oci).toMatchObject({ registry });
  });

  test.each([
    { artifactPath: ".." },
    { artifactPath: "kubernetes/../.." },
    { artifactPath: "home=kubernetes,other=../x" },
    { root: ["kubernetes", "../x"] },
    { path: "../x" },
  ])("a folder outside of the repository: %j", (flags) => {
    expect(() => checkFolders(flags)).toThrow(/leads out of the repository/);
    expect(() => checkFolders({ artifactPath: "/kubernetes/../apps", root: ["."], path: "./x" })).not.toThrow();
  });
});

const MIRROR = "{repository: 'https://a.b/c', oci: 'oci://x.y/z";

test.each([
  [`[${MIRROR}:1'}]`, "row 1: oci is no address"],
  [`[${MIRROR}', carts: [a]}]`, "row 1: there is no field carts"],
  [`[${MIRROR}'}]\n---\n[]`, "it holds more than one document"],
])("chart repositories %s: %s", (text, says) => {
  expect(() => parseMirrors(text, "m.yaml")).toThrow(says);
  expect(parseMirrors(`[${MIRROR}/', charts: [a]}]`, "m.yaml")).toHaveLength(1);
});

describe("the folder of the artifact is looked at before anything is published from it", () => {
  test.each(["nowhere", "KUBERNETES", "kubernetes/apps", "home=kubernetes"])("%s", async (artifactPath) => {
    const made = await plan(repo("operated", {}), { artifactPath });
    expect(blockersOf(made).map(({ rule }) => rule)).toContain("oci-path-outside");
    expect(composeChanges(made)).toEqual([]);
  });

  test("kubernetes holds all of it", async () => {
    const made = await plan(repo("operated", {}), { artifactPath: "kubernetes" });
    expect(blockersOf(made)).toEqual([]);
    expect(textOf(made, JOB)).toContain('--path="./kubernetes"');
  });
});

describe("branches and tags", () => {
  test("a branch that no tag can hold", async () => {
    const root = repo("operated", { [INSTANCE]: reading("日本") });
    expect(blockersOf(await plan(root)).map(({ rule }) => rule)).toEqual(["oci-tag-unknown"]);
    expect(textOf(await plan(root, {}, { tag: "jp" }), JOB)).toContain("tag=jp ;;");
  });

  test("the branch that the trial needs", async () => {
    const made = await plan(repo("operated", { [INSTANCE]: reading("oci-artifacts") }));
    expect(blockersOf(made).map(({ rule }) => rule)).toEqual(["publish-name-refused"]);
    expect(blockersOf(made)[0]!.what).toContain("cleanup would take the branch out");
  });

  const two = (branch: string) => repo("two-clusters", { "clusters/edge/flux-instance.yaml": reading(branch) });

  test.each([
    ["staging", { tag: "v1" }],
    ["master", {}],
  ])("main and %s never move one tag", async (branch, oci) => {
    const made = await plan(two(branch), {}, oci);
    expect(blockersOf(made).map(({ rule, cluster }) => [rule, cluster])).toEqual([
      ["oci-tag-shared", "edge"],
      ["oci-tag-shared", "prod"],
    ]);
    expect(composeChanges(made)).toEqual([]);
  });

  test("a tag that is given for one cluster is that one's alone", async () => {
    const root = two("master");
    const made = await plan(root, { clusters: ["edge"] }, { tag: "edge" });
    expect(blockersOf(made)).toEqual([]);
    expect(textOf(made, JOB)).toMatch(
      /main\|oci-artifacts\) tag=latest ;;\n\s+master\|oci-artifacts-edge\) tag=edge ;;/,
    );
    await write(root, made);
    const next = await plan(root, { clusters: ["prod"] });
    expect(findingsOf(next).map(({ rule }) => rule)).not.toContain("publisher-kept");
    const other = await plan(root, { clusters: ["prod"] }, { tag: "other" });
    expect(findingsOf(other)).toContainEqual(expect.objectContaining({ rule: "publisher-kept", level: "caution" }));
  });

  test("one branch moves one tag", async () => {
    const made = await plan(two("main"), { clusters: ["edge"] }, { tag: "edge" });
    expect(blockersOf(made).map(({ what }) => what)).toEqual([
      expect.stringContaining("would have to move tag edge of oci://ghcr.io/example-org/fleet/manifests for edge"),
    ]);
  });
});

describe("jobs that push something already", () => {
  const push = (address: string, path: string) =>
    `on: push\njobs:\n  push:\n    runs-on: x\n    steps:\n      - run: |\n          flux push artifact ${address} \\\n            --path="${path}" \\\n            --source=x\n`;
  const planWith = (job: string) => plan(repo("operated", {}, { ".github/workflows/other.yaml": job }));

  test.each([
    [
      "a folder that only the run knows is not the top",
      "oci://ghcr.io/example-org/fleet/manifests:v1",
      "./${{ matrix.dir }}",
    ],
    [
      "an address that cannot be this one is another artifact",
      "oci://ghcr.io/example-org/tf-$(basename $X)-oci:v1",
      ".",
    ],
  ])("%s", async (_what, address, path) => {
    const made = await planWith(push(address, path));
    expect(findingsOf(made).map(({ rule }) => rule)).not.toContain("publisher-kept");
    expect(textOf(made, JOB)).toContain("flux push artifact");
  });

  test("an address that may be this one is taken for it, and that is said", async () => {
    const made = await planWith(push("oci://ghcr.io/${{ github.repository }}/$NAME:v1", "."));
    expect(findingsOf(made)).toContainEqual(
      expect.objectContaining({
        rule: "publisher-kept",
        level: "caution",
        what: expect.stringContaining("oci://ghcr.io/example-org/fleet/$NAME, which only its run knows"),
      }),
    );
    expect(textOf(made, JOB)).toBe("");
  });
});

test("flags that come after prepare and say something else are named", async () => {
  const root = repo("operated", {});
  await write(root, await plan(root, {}, { tag: "v1" }));
  const heard = (oci: Partial<OciOptions>) => plan(root, { phase: "switch" }, oci).then(findingsOf);
  expect(
    (await heard({ tag: "v1", registry: "ghcr.io", pullSecret: "ghcr-auth" })).map(({ rule }) => rule),
  ).not.toContain("oci-flags-unheard");
  const made = await heard({ tag: "v2", registry: "ghcr.io/x/y", pullSecret: "", sign: true });
  expect(made.find(({ rule }) => rule === "oci-flags-unheard")?.what).toBe(
    "--registry ghcr.io/x/y and --tag v2 and --pull-secret '' and --sign do not count: prepare has declared oci://ghcr.io/example-org/fleet/manifests with tag v1.",
  );
});

test("a JSON patch loses every field that an artifact does not have", async () => {
  const patches = `  kustomize:
    patches:
      - target: {kind: GitRepository}
        patch: |
          - op: add
            path: /spec/timeout
            value: 3m
          - op: add
            path: /spec/recurseSubmodules
            value: true
          - op: add
            path: /spec/ignore
            value: "*.md"
          - op: add
            path: /spec/verify
            value: {mode: HEAD, secretRef: {name: pgp}}
`;
  const root = repo("two-clusters", { "clusters/edge/flux-instance.yaml": (text) => `${text.trimEnd()}\n${patches}` });
  const first = await plan(root);
  const artifact = textOf(first, "clusters/edge/artifact.yaml");
  expect(artifact).toMatch(/ignore: [^\n]*\n {2}timeout: 3m|timeout: 3m\n {2}ignore/);
  expect(artifact).not.toMatch(/recurseSubmodules|verify/);
  await write(root, first);
  const made = await plan(root, { phase: "switch" });
  expect(blockersOf(made)).toEqual([]);
  expect(textOf(made, "clusters/edge/flux-instance.yaml")).not.toMatch(/recurseSubmodules|verify/);
});

describe("every commit is published where a folder that Flux reads is not known", () => {
  const flux = (path: string) =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: more, namespace: flux-system}\nspec:\n  interval: 10m\n  prune: true\n  path: ${path}\n  sourceRef: {kind: GitRepository, name: flux-system}\n`;
  const set = `apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: more, namespace: flux-system}\nspec:\n  inputs: [{tenant: a}]\n  resources:\n    - ${flux("./tenants/<< inputs.tenant >>").trimEnd().replaceAll("\n", "\n      ")}\n`;

  test.each([
    ["none", flux("./tenants/a"), true],
    ["a variable", flux("./tenants/${TENANT}"), false],
    ["a ResourceSet", set, false],
  ])("%s", async (_name, text, hasPaths) => {
    const job = textOf(
      await plan(repo("two-clusters", {}, { "clusters/edge/more.yaml": text, "tenants/a/x.yaml": "" })),
      JOB,
    );
    expect(job).toContain("flux push artifact");
    expect(job.includes("    paths:")).toBe(hasPaths);
  });
});

test.each([
  ["https://gitea.lan:3000/me/fleet.git", "oci://gitea.lan:3000/me/fleet/manifests:"],
  ["ssh://git@gitea.lan:2222/me/fleet.git", "oci://gitea.lan/me/fleet/manifests:"],
  ["http://gitea.lan:3000/me/fleet.git", undefined],
])("the registry of %s", async (url, address) => {
  const elsewhere = (text: string) => text.replace("ssh://git@github.com/example-org/fleet.git", url);
  const paths = ["edge", "prod"].map((name) => `clusters/${name}/flux-instance.yaml`);
  const root = repo("two-clusters", Object.fromEntries(paths.map((path) => [path, elsewhere])));
  const made = await plan(root, {}, { forge: "forgejo" });
  if (address)
    expect(
      textOf(made, ".forgejo/workflows/publish-artifact.yaml") ||
        textOf(made, ".gitea/workflows/publish-artifact.yaml"),
    ).toContain(address);
  else expect(blockersOf(made).map(({ rule }) => rule)).toContain("oci-registry-unknown");
});

test.each([
  ["bump", "info"],
  ["bump [skip ci]", "caution"],
])("image automation that commits %j", async (message, level) => {
  const text = `apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageUpdateAutomation\nmetadata: {name: auto, namespace: flux-system}\nspec:\n  sourceRef: {kind: GitRepository, name: flux-system}\n  git:\n    commit: {messageTemplate: "${message}"}\n`;
  const made = await plan(repo("two-clusters", {}, { "clusters/edge/auto.yaml": text }));
  expect(findingsOf(made)).toContainEqual(expect.objectContaining({ rule: "stays-on-git", level }));
});

describe("the branch that publishes a switch before the merge", () => {
  const EDGE = "clusters/edge/flux-instance.yaml";
  const switchSteps = (made: Plan, name: string) => {
    const of = made.phases.flatMap(({ clusters }) => clusters).find(({ cluster }) => cluster === name);
    return of!.runbook.steps.flatMap(({ commands }) => commands).join("\n");
  };

  test("is one for each tag, and each cluster takes its own away", async () => {
    const root = repo("two-clusters", { [EDGE]: reading("edge") });
    await write(root, await plan(root));
    const made = await plan(root, { phase: "switch" });
    expect(switchSteps(made, "edge")).toContain("git push origin HEAD:oci-artifacts-edge\n");
    expect(switchSteps(made, "prod")).toContain("git push origin HEAD:oci-artifacts\n");
    await write(root, made);
    const ended = await plan(root, { phase: "cleanup", clusters: ["prod"] });
    expect(textOf(ended, JOB)).toMatch(/ main\) tag=latest ;;\n +edge\|oci-artifacts-edge\) tag=edge ;;/);
    expect(findingsOf(ended).map(({ rule }) => rule)).not.toContain("publish-trial-left");
    expect(textOf(await plan(root, { phase: "cleanup" }), JOB)).not.toContain("oci-artifacts");
  });

  test("stays while another cluster of the tag is still to switch", async () => {
    const root = repo("two-clusters", {});
    await write(root, await plan(root));
    await write(root, await plan(root, { phase: "switch", clusters: ["prod"] }));
    const ended = await plan(root, { phase: "cleanup", clusters: ["prod"] });
    expect(textOf(ended, JOB)).toBe("");
    expect(switchSteps(ended, "prod")).not.toContain("--delete");
    expect(switchSteps(await plan(root, { phase: "switch" }), "edge")).toContain("HEAD:oci-artifacts\n");
  });

  test("is compared with what the job leaves out, and no more", async () => {
    const keep = (text: string) =>
      `${text.trimEnd()}\n  kustomize:\n    patches:\n      - target: {kind: GitRepository}\n        patch: |\n          - {op: add, path: /spec/ignore, value: "!*.png"}\n`;
    const root = repo("two-clusters", { [EDGE]: keep }, { "apps/logo.png": "x" });
    await write(root, await plan(root));
    const diffs = switchSteps(await plan(root, { phase: "switch" }), "edge").match(/flux diff artifact.*/g);
    expect(diffs).toEqual([expect.stringContaining("--ignore-paths=.git/,.gitignore,.gitmodules,.gitattributes")]);
  });

  test("is none where a job of somebody else publishes", async () => {
    const job = `on: {push: {branches: [main]}}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          flux push artifact oci://ghcr.io/example-org/fleet/manifests:latest --path=. --source=x --revision=y\n`;
    const root = repo("operated", {}, { ".github/workflows/mine.yaml": job });
    await write(root, await plan(root));
    const made = await plan(root, { phase: "switch" });
    expect(switchSteps(made, "default")).not.toContain("oci-artifacts");
    expect(switchSteps(made, "default")).toContain(
      "flux push artifact oci://ghcr.io/example-org/fleet/manifests:latest",
    );
  });
});

describe("the trial branch in a job that somebody has formatted", () => {
  const ended = async (format: (text: string) => string) => {
    const root = repo("operated", {});
    await write(root, await plan(root));
    writeFiles(root, { [JOB]: format(readTree(root)[JOB]!) });
    commitAll(root, "format");
    await write(root, await plan(root, { phase: "switch" }));
    const made = await plan(root, { phase: "cleanup" });
    return { job: textOf(made, JOB), rules: findingsOf(made).map(({ rule }) => rule) };
  };

  test.each([
    ["quotes", (text: string) => text.replace("- oci-artifacts", '- "oci-artifacts"')],
    ["a comment", (text: string) => text.replace("- oci-artifacts", "- oci-artifacts # trial")],
    [
      "a flow list",
      (text: string) => text.replace(/branches:\n[\s\S]*?oci-artifacts\n/, "branches: [main, 'oci-artifacts']\n"),
    ],
    ["CRLF", (text: string) => text.replaceAll("\n", "\r\n")],
  ])("%s", async (_name, format) => {
    const { job, rules } = await ended(format);
    expect(job).not.toContain("oci-artifacts");
    expect(rules).not.toContain("publish-trial-left");
  });

  test("what is left is said, and stays explained", async () => {
    const { job, rules } = await ended((text) => text.replace("- oci-artifacts", "- 'oci-artifacts*'"));
    expect(job).toContain("# oci-artifacts publishes the switch");
    expect(job).toContain("main) tag=latest ;;");
    expect(rules).toContain("publish-trial-left");
  });
});

test("a schema line of a file with CRLF is taken without its line end", async () => {
  const line = "# yaml-language-server: $schema=https://json.schemastore.org/github-workflow.json";
  const made = await plan(repo("operated", {}, { ".github/workflows/a.yaml": `${line}\r\nname: a\r\non: push\r\n` }));
  expect(textOf(made, JOB)).toContain(`${line}\nname: publish-artifact\n`);
});

describe("pipelines that are there", () => {
  const planned = (base: string, path: string, text: string) =>
    plan(repo(base, {}, { [path]: text }), {}, { registry: "registry.example.com/fleet" });
  const gitlab = (text: string) => planned("operated-gitlab", ".gitlab-ci.yml", text);
  const bitbucket = (text: string) => planned("operated-bitbucket", "bitbucket-pipelines.yml", text);
  const GITLAB_JOB = "lint:\n  script: [a]\n";

  test("a job of the same name is no file to write over", async () => {
    const made = await gitlab(`${GITLAB_JOB}publish-artifact:\n  script: [make publish]\n`);
    expect(blockersOf(made).map(({ rule }) => rule)).toEqual(["path-taken"]);
    expect(composeChanges(made)).toEqual([]);
  });

  test("the header with inputs is not the pipeline", async () => {
    const made = await gitlab(`spec:\n  inputs:\n    a:\n      default: x\n---\nstages: [test, ship]\n${GITLAB_JOB}`);
    expect(textOf(made, ".gitlab-ci.yml")).toMatch(/---\nstages:[\s\S]*\npublish-artifact:\n {2}stage: ship\n/);
  });

  test.each([
    ["stages: [build, .post]\n", "build", false],
    ["include:\n  - local: x.yml\n", "deploy", true],
    ["stages: !reference [.x, stages]\n", "deploy", true],
    ["", "deploy", false],
  ])("%j: stage %s", async (head, stage, isOpen) => {
    const made = await gitlab(head + GITLAB_JOB);
    expect(textOf(made, ".gitlab-ci.yml")).toContain(`publish-artifact:\n  stage: ${stage}\n`);
    expect(findingsOf(made).some(({ rule }) => rule === "publish-stage")).toBe(isOpen);
  });

  const STEPS = "      - step:\n          script: [a]\n";

  test.each([
    [`pipelines:\n  default:\n    - step:\n        script: [a]\n`, ["default"]],
    [`pipelines:\n  branches:\n    "{main,dev}":\n${STEPS}`, ["{main,dev}"]],
    [`pipelines:\n  branches:\n    "**":\n${STEPS}    feature/*:\n${STEPS}`, ["**"]],
    [`pipelines:\n  branches:\n    main:\n${STEPS}`, []],
    [`pipelines:\n  default:\n    - step:\n        script: [a]\n  branches:\n    main:\n${STEPS}`, []],
  ])("what runs for the branch today and would not: %j", async (text, others) => {
    const made = await bitbucket(text);
    const said = findingsOf(made).filter(({ rule }) => rule === "publish-replaces");
    expect(said.map(({ what }) => what)).toEqual(
      others.length === 0 ? [] : [expect.stringContaining(`${others.join(", ")} would not run for it`)],
    );
    // A name by itself goes before patterns.
    if (text.includes("branches:")) expect(textOf(made, "bitbucket-pipelines.yml")).toMatch(/\n {4}main:\n/);
  });

  test("a pipeline of a branch called as the trial is keeps its steps", async () => {
    const made = await bitbucket(`pipelines:\n  branches:\n    oci-artifacts:\n${STEPS}`);
    expect(textOf(made, "bitbucket-pipelines.yml")).toMatch(
      /oci-artifacts:\n {6}- step:\n {10}script: \[a\]\n {6}- step:/,
    );
  });
});
