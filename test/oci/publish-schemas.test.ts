import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FIXTURES_ROOT, inputOf } from "../support/fixtures.ts";
import { errorsOf, validator } from "../support/pipeline-schemas.ts";
import { git, makeRepo, readTree } from "../support/repo.ts";

const FOLDER = join(FIXTURES_ROOT, "publish-workflow");
const CASES = readdirSync(FOLDER).filter((name) => {
  const patch = join(FOLDER, name, "expected.patch");
  return existsSync(patch) && /workflows|pipelines|gitlab-ci/.test(readFileSync(patch, "utf8"));
});

/** Every CI file as a fixture leaves it, new or joined. */
function filesOf(name: string): [path: string, text: string][] {
  const root = makeRepo(inputOf(`publish-workflow/${name}`));
  git(root, "apply", "--whitespace=nowarn", join(FOLDER, name, "expected.patch"));
  return Object.entries(readTree(root))
    .filter(([path]) => validator(path))
    .map(([path, bytes]) => [path, Buffer.from(bytes, "latin1").toString("utf8")]);
}

describe("CI files are valid by the schema of their forge", () => {
  test.each(CASES.map((name) => [name]))("%s", (name) => {
    for (const [path, text] of filesOf(name)) expect(errorsOf(path, text), path).toEqual([]);
  });

  test.each([
    ["publishes-from-github-actions", "runs-on:", "run-on:"],
    ["publishes-from-gitlab", "  script:", "  scripts:"],
    ["publishes-from-bitbucket", "script:", "scripts:"],
    ["publishes-from-azure-devops", "  - checkout: self", "  - checkout: []"],
  ])("which do find a mistake in what %s", (name, good, bad) => {
    const [[path, text] = ["", ""]] = filesOf(name);
    expect(text).toContain(good);
    expect(errorsOf(path, text.replace(good, bad))).not.toEqual([]);
  });
});
