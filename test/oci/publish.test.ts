import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { describe, expect, test } from "vitest";
import { readYaml } from "../../src/yaml/read.ts";
import { findPublishers } from "../../transforms/shared/oci/publishers.ts";
import { FIXTURES_ROOT, inputOf } from "../support/fixtures.ts";
import { memoryTree } from "../support/memory.ts";
import { git, makeRepo, makeTempDir, readTree } from "../support/repo.ts";

const FOLDER = join(FIXTURES_ROOT, "publish-workflow");

/** Workflows that the fixtures create, taken out of their patches. */
const WORKFLOWS = readdirSync(FOLDER).flatMap((name) => {
  const patch = join(FOLDER, name, "expected.patch");
  const text = existsSync(patch) ? readFileSync(patch, "utf8") : "";
  const added = /^\+\+\+ b\/(\.\w+\/workflows\/publish-artifact\.ya?ml)\n@@[^\n]*\n([\s\S]*)/m.exec(text);
  if (!added || !text.includes("new file mode")) return [];
  const lines = added[2]!.split("\n").filter((line) => line.startsWith("+"));
  return [{ name, path: added[1]!, text: `${lines.map((line) => line.slice(1)).join("\n")}\n` }];
});

function errorsOf(name: string, content: string): string[] {
  const { context } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  return context.errors.getErrors().map(({ message }) => message);
}

describe("workflows are valid by GitHub's own parser", () => {
  test.each(WORKFLOWS.map(({ name, path, text }) => [name, path, text]))("%s", (_name, path, text) => {
    expect(errorsOf(path!, text!)).toEqual([]);
  });

  test("which does find mistakes", () => {
    const broken = WORKFLOWS[0]!.text.replace("runs-on:", "run-on:");
    expect(errorsOf("broken.yaml", broken)).not.toEqual([]);
  });

  test("and there are some of each kind", () => {
    const folders = new Set(WORKFLOWS.map(({ path }) => path.split("/")[0]));
    expect([...folders].sort()).toEqual([".forgejo", ".gitea", ".github"]);
  });
});

test("GitLab, whose trailing ** is a *, is told to look at every depth", () => {
  const jobs = readdirSync(FOLDER).flatMap((name) => {
    const patch = join(FOLDER, name, "expected.patch");
    const text = existsSync(patch) ? readFileSync(patch, "utf8") : "";
    return text.includes("+      changes:") ? [...text.matchAll(/^\+ {8}- (\S+)$/gm)].map(([, glob]) => glob!) : [];
  });
  expect(jobs.length).toBeGreaterThan(2);
  for (const glob of jobs) expect(glob).toMatch(/\/\*\*\/\*$/);
});

test("a pipeline beside another one is found again", () => {
  const name = "publishes-beside-an-azure-pipeline";
  const root = makeRepo(inputOf(`publish-workflow/${name}`));
  git(root, "apply", join(FOLDER, name, "expected.patch"));
  expect(findPublishers(memoryTree(readTree(root)), undefined)).toMatchObject([
    { file: "azure-pipelines/publish-artifact.yml", url: "oci://fleet.azurecr.io/manifests", path: "" },
  ]);
});

/** The scripts of a job in their order, whatever the forge calls them. */
// biome-ignore lint/suspicious/noExplicitAny: parsed YAML
function scriptsOf(data: any): string[] {
  const branches = Object.values<typeof data>(data.pipelines?.branches ?? {});
  const steps = data.jobs?.publish.steps ?? data.steps ?? [];
  return (
    data["publish-artifact"]?.script ??
    branches[0]?.[0].step.script ??
    steps.flatMap(({ run, bash }: { run?: string; bash?: string }) => run ?? bash ?? [])
  ).filter((script: string) => !script.startsWith("curl "));
}

describe.each([
  ["publishes-from-github-actions", ".github/workflows/publish-artifact.yaml"],
  ["publishes-from-forgejo", ".forgejo/workflows/publish-artifact.yaml"],
  ["publishes-from-gitlab", ".gitlab-ci.yml"],
  ["publishes-from-azure-devops", "azure-pipelines.yml"],
  ["publishes-from-bitbucket", "bitbucket-pipelines.yml"],
])("the tag that Flux follows moves last (trap 52): %s", (name, path) => {
  function scripts(): string[] {
    const repo = makeRepo(inputOf(`publish-workflow/${name}`));
    git(repo, "apply", join(FOLDER, name, "expected.patch"));
    const parsed = readYaml(readTree(repo)[path]!);
    if (!parsed.ok) throw new Error(parsed.reason);
    return scriptsOf(parsed.docs[0]!.data);
  }

  /** Runs every step with a `flux` that fails on one of its commands. */
  function publish(failing: string, branch = "main", folders: string[] = ["kubernetes/flux/cluster"]) {
    const root = makeTempDir();
    for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
    const bin = join(root, "bin");
    mkdirSync(bin);
    const fails = failing === "" ? "" : `case "$*" in "${failing}"*) exit 1 ;; esac\n`;
    writeFileSync(join(bin, "flux"), `#!/bin/sh\necho "$*" >> "${root}/calls"\n${fails}`);
    chmodSync(join(bin, "flux"), 0o755);
    const sha = "0123456789012345678901234567890123456789";
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      ...{
        GITHUB_SHA: sha,
        GITHUB_REF_NAME: branch,
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_REPOSITORY: "a/b",
      },
      ...{ CI_COMMIT_SHA: sha, CI_COMMIT_BRANCH: branch, CI_PROJECT_URL: "https://gitlab.com/a/b" },
      ...{ CI_REGISTRY_USER: "flux", CI_REGISTRY_PASSWORD: "token" },
      ...{ BUILD_SOURCEVERSION: sha, BUILD_SOURCEBRANCH: `refs/heads/${branch}`, BUILD_REPOSITORY_URI: "https://x/b" },
      ...{ BITBUCKET_COMMIT: sha, BITBUCKET_BRANCH: branch, BITBUCKET_GIT_HTTP_ORIGIN: "https://x/b" },
      ...{ REGISTRY_USER: "flux", REGISTRY_TOKEN: "token" },
    };
    for (const script of scripts()) {
      if (spawnSync("bash", ["-e", "-u", "-c", script], { cwd: root, env }).status !== 0) break;
    }
    const calls = existsSync(join(root, "calls")) ? readFileSync(join(root, "calls"), "utf8").trim().split("\n") : [];
    for (const call of calls) expect(call).toContain(`:${sha} `);
    return calls.map((call) => call.split(" ").slice(0, 2).join(" "));
  }

  test("after push and comparison", () => {
    expect(publish("")).toEqual(["push artifact", "diff artifact", "tag artifact"]);
    expect(publish("", "oci-artifacts").at(-1)).toBe("tag artifact");
  });

  test.each([["push artifact"], ["diff artifact"]])("never after a failed %s", (failing) => {
    expect(publish(failing).at(-1)).toBe(failing);
  });

  test("never from a checkout without what the root builds", () => {
    expect(publish("", "main", [])).toEqual([]);
  });

  test("never from another branch", () => {
    expect(publish("", "feature")).not.toContain("tag artifact");
  });
});
