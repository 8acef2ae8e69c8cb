import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { describe, expect, test } from "vitest";
import { findPublishers } from "../../src/flux/oci/publishers.ts";
import { memoryTree } from "../../src/workspace/memory.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { FIXTURES_ROOT } from "../support/fixtures.ts";
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

interface Step {
  name: string;
  run?: string;
}

function stepsOf(text: string): Step[] {
  const parsed = readYaml(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return (parsed.docs[0]!.data as { jobs: { publish: { steps: Step[] } } }).jobs.publish.steps;
}

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
  const root = makeRepo(join(FOLDER, name, "input"));
  git(root, "apply", join(FOLDER, name, "expected.patch"));
  expect(findPublishers(memoryTree(readTree(root)), undefined)).toMatchObject([
    { file: "azure-pipelines/publish-artifact.yml", url: "oci://fleet.azurecr.io/manifests", path: "" },
  ]);
});

describe("the tag that Flux follows moves last (trap 52)", () => {
  /** Runs the shell of every step with a `flux` that fails on one of its commands. */
  function publish(failing: string, branch = "main", folders: string[] = ["kubernetes/flux/cluster"]) {
    const root = makeTempDir();
    for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
    const bin = join(root, "bin");
    mkdirSync(bin);
    const fails = failing === "" ? "" : `case "$*" in "${failing}"*) exit 1 ;; esac\n`;
    writeFileSync(join(bin, "flux"), `#!/bin/sh\necho "$*" >> "${root}/calls"\n${fails}`);
    chmodSync(join(bin, "flux"), 0o755);
    const { text } = WORKFLOWS.find(({ name }) => name === "publishes-from-github-actions")!;
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      GITHUB_SHA: "0123456789012345678901234567890123456789",
      GITHUB_REF_NAME: branch,
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "Example-Org/fleet",
      REGISTRY_USER: "flux",
      REGISTRY_TOKEN: "token",
    };
    for (const { run } of stepsOf(text)) {
      if (run === undefined) continue;
      if (spawnSync("bash", ["-e", "-c", run], { cwd: root, env }).status !== 0) break;
    }
    const calls = existsSync(join(root, "calls")) ? readFileSync(join(root, "calls"), "utf8").trim().split("\n") : [];
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
