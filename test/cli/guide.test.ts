import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Cancelled, type Choice, type Prompts } from "../../src/cli/guide/prompts.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeRepo, makeTempDir, readTree, writeFiles } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";

vi.setConfig({ testTimeout: 240_000 });

interface Asked {
  question: string;
  /** Values that were offered. */
  offered: string[];
}

/** Answers in turn; the value `cancel` is Ctrl-C, and so is the end of the list. */
function answer(...answers: (string | string[])[]): Prompts & { asked: Asked[] } {
  const asked: Asked[] = [];
  const next = (question: string, choices: readonly Choice<string>[] = []) => {
    asked.push({ question, offered: choices.map(({ value }) => value) });
    const said = answers.shift() ?? "cancel";
    if (said === "cancel") throw new Cancelled();
    const unknown = [said]
      .flat()
      .find((value) => choices.length > 0 && !choices.some((choice) => choice.value === value));
    if (unknown !== undefined) throw new Error(`${question}: ${unknown} is not offered`);
    return said;
  };
  return {
    asked,
    choose: async <Value extends string>(question: string, choices: Choice<Value>[]) =>
      next(question, choices) as Value,
    chooseSome: async (question, choices) => next(question, choices) as string[],
    enter: async (question, _preset, check) => {
      const said = next(question) as string;
      expect(check(said)).toBeUndefined();
      return said;
    },
  };
}

function makeExample(name = "home-ops"): string {
  const root = makeRepo(`${PROJECT_ROOT}/examples/${name}`, {
    remote: `https://github.com/lighthouse-keeper/${name}.git`,
  });
  git(root, "config", "user.name", "Test");
  git(root, "config", "user.email", "test@example.invalid");
  git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
  return root;
}

const guide = (root: string, prompts: Prompts, settings = {}) =>
  runCli([], { loader: realEngine, cwd: root, terminal: true, prompts, ...settings });

// Whether this machine has a cluster is not what these tests ask.
beforeEach(() => {
  vi.stubEnv("KUBECONFIG", "/nonexistent/kubeconfig");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the guide", () => {
  test("writes the first phase on a branch of its own, and names push and pull request", async () => {
    const root = makeExample();
    const run = await guide(root, answer("install", "diff", "write", "branch"));
    expect(run.code).toBe(0);
    expect(run.out).toContain("+++ b/kubernetes/apps/flux-system/flux-operator/ks.yaml");
    expect(run.err).toContain("► The same without questions: fluxlift migrate\n");
    expect(git(root, "branch", "--show-current").trim()).toBe("flux-operator-install");
    expect(git(root, "rev-list", "--count", "main..HEAD").trim()).toBe("1");
    expect(git(root, "status", "--porcelain")).toBe("");
    // The way to the forge, and back to the branch that the next phase starts from, in the order of the steps.
    const steps = [...run.err.matchAll(/^ {4}((?:gh|git|fluxlift) .*)$/gm)].map(([, line]) => line);
    expect(steps).toEqual([
      "git push -u origin HEAD",
      "gh pr create --fill",
      "git switch main && git pull",
      "fluxlift migrate --phase cutover",
    ]);
    const other = makeExample();
    await runCli(["migrate", "--yes"], { loader: realEngine, cwd: other });
    expect(readTree(root)).toEqual(readTree(other));
  });

  test("shows every choice as its flag, and plans again with it", async () => {
    const root = makeExample();
    const prompts = answer("install", "settings", "rename", "manifests", "0.40.0", "write", "files");
    const run = await guide(root, prompts);
    const flags = "--sync rename --operator-version 0.40.0 --layout manifests";
    expect(run.err).toContain(`► The same without questions: fluxlift migrate ${flags}\n`);
    expect(Object.keys(readTree(root))).toContain("kubernetes/flux/flux-operator.yaml");
    expect(git(root, "rev-list", "--count", "HEAD").trim()).toBe("1");
    const other = makeExample();
    await runCli(["migrate", "--yes", ...flags.split(" ")], { loader: realEngine, cwd: other });
    expect(readTree(root)).toEqual(readTree(other));
  });

  const ANSWERS = ["install", "settings", "rename", "auto", "0.40.0", "write", "branch"];
  test.each(ANSWERS.map((_, index) => index))("left at question %d leaves nothing behind", async (index) => {
    const root = makeExample();
    const [before, refs] = [readTree(root), git(root, "for-each-ref")];
    const prompts = answer(...ANSWERS.slice(0, index));
    const run = await guide(root, prompts);
    expect(prompts.asked).toHaveLength(index + 1);
    expect([run.code, run.err.endsWith("✗ Nothing was written.\n")]).toEqual([1, true]);
    expect(readTree(root)).toEqual(before);
    expect(git(root, "for-each-ref")).toBe(refs);
    expect(git(root, "branch", "--show-current").trim()).toBe("main");
  });

  test("asks before cutover whether the cluster is ready, and takes the choices from the tree", async () => {
    const root = makeExample();
    await runCli(["migrate", "--yes", "--sync", "rename"], { loader: realEngine, cwd: root });
    commitAll(root, "Install");
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
    const before = readTree(root);
    const unsure = await guide(root, answer("cutover", "no"));
    expect([unsure.code, readTree(root)]).toEqual([1, before]);
    expect(unsure.err).toContain("fluxlift plan --phase cutover --sync rename --format preflight > preflight.sh");
    const run = await guide(root, answer("cutover", "yes", "write", "commit"));
    expect(run.err).toContain("fluxlift migrate --phase cutover --sync rename\n");
    expect(run.code).toBe(0);
    expect(git(root, "log", "-1", "--format=%s").trim()).toBe("Hand Flux over to Flux Operator");
  });

  describe.skipIf(process.platform === "win32")("with kubectl", () => {
    /** The example with the install phase merged, and a kubectl on the PATH that answers a `get namespace` with this code. */
    async function withKubectl(code: number): Promise<string> {
      const root = makeExample();
      await runCli(["migrate", "--yes"], { loader: realEngine, cwd: root });
      commitAll(root, "Install");
      git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
      const folder = makeTempDir();
      const script = `#!/bin/sh
case "$*" in
"config current-context") echo home ;;
*"get namespace"*) exit ${code} ;;
*fluxinstances.fluxcd*crd*|*crd*fluxinstances*) echo crd ;;
*"get fluxinstances"*) echo "flux False" ;;
*) exit 1 ;;
esac
`;
      writeFileSync(join(folder, "kubectl"), script, { mode: 0o755 });
      // One in the checkout is none, wherever PATH points.
      writeFileSync(join(root, ".git/kubectl"), "#!/bin/sh\ntouch owned\necho home\n", { mode: 0o755 });
      vi.stubEnv("PATH", [".git", folder, process.env.PATH].join(delimiter));
      return root;
    }

    test("measures the cluster where the owner agrees, and plans with what it says", async () => {
      const root = await withKubectl(0);
      const prompts = answer("cutover", "measure", "stop");
      const run = await guide(root, prompts);
      expect(prompts.asked[1]).toMatchObject({ offered: ["no", "measure", "yes"] });
      expect(run.err).toContain("► cluster default, namespace flux-system");
      expect(run.err).toContain("facts-instance-not-ready");
      const made = "fluxlift plan --phase cutover --format preflight > preflight.sh && sh preflight.sh > facts.json";
      expect(run.err).toContain(`✔ The same by hand: ${made}\n`);
      expect(run.err).toContain("fluxlift migrate --phase cutover --facts facts.json\n");
      expect(existsSync(join(root, "owned"))).toBe(false);
      expect(git(root, "status", "--porcelain")).toBe("");
    });

    test("asks again where it could not measure", async () => {
      const prompts = answer("cutover", "measure", "no");
      const run = await guide(await withKubectl(1), prompts);
      expect(run.err).toContain("⚠ preflight.sh could not measure the cluster.");
      expect([run.code, prompts.asked.length]).toEqual([1, 3]);
    });

    test("offers it before the first phase, and goes on without", async () => {
      const root = await withKubectl(0);
      git(root, "reset", "--quiet", "--hard", "HEAD~1");
      git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
      const prompts = answer("install", "yes", "write", "files");
      const run = await guide(root, prompts);
      expect(prompts.asked[1]).toMatchObject({ offered: ["measure", "yes"] });
      expect(run.code).toBe(0);
    });
  });

  test("of several clusters takes those that are chosen", async () => {
    const root = makeExample("fleet");
    const prompts = answer("install", ["home"], "write", "files");
    const run = await guide(root, prompts);
    expect(prompts.asked[1]!.offered).toEqual(["home", "lab"]);
    expect(run.err).toContain("fluxlift migrate --cluster home\n");
    expect(git(root, "status", "--porcelain", "-uall", "clusters/lab")).toBe("");
    expect(git(root, "status", "--porcelain", "clusters/home")).not.toBe("");
  });

  test("does not begin over uncommitted changes, nor where nothing is left", async () => {
    const root = makeExample();
    writeFiles(root, { "notes.txt": "mine\n" });
    const prompts = answer();
    expect((await guide(root, prompts)).code).toBe(0);
    const empty = makeRepo({ "README.md": "# Nothing\n" });
    await guide(empty, prompts);
    expect(prompts.asked).toEqual([]);
  });

  test.each([
    ["a pipe takes stdout", { terminal: false }],
    ["nobody is there", { prompts: undefined }],
  ])("asks nothing where %s", async (_what, settings) => {
    const prompts = answer();
    const run = await guide(makeExample(), prompts, settings);
    expect([run.code, prompts.asked]).toEqual([0, []]);
  });
});

test("its library takes a node from before util.styleText", () => {
  const code = `delete require("node:util").styleText;
const { select } = require(${JSON.stringify(join(PROJECT_ROOT, "dist/prompts.cjs"))});
const { PassThrough } = require("node:stream");
const [input, output] = [new PassThrough(), new PassThrough()];
let shown = "";
output.on("data", (data) => { shown += data; });
select({ message: "Which?", options: [{ value: "a", label: "A" }], input, output }).then((value) => console.log(value, shown));
setTimeout(() => input.write("\\r"), 50);`;
  const done = spawnSync(process.execPath, ["-e", code], { encoding: "utf8", timeout: 20_000 });
  expect(done.stderr).toBe("");
  expect(done.stdout).toMatch(/^a /);
  expect(done.stdout).toContain("\u001b[36m");
});

test("its library is read by the guide alone, from a file beside the bundle", () => {
  const dist = (name: string) => readFileSync(join(PROJECT_ROOT, "dist", name), "utf8");
  const mark = /to navigate/;
  expect([dist("prompts.cjs"), dist("core.cjs"), dist("fluxlift.js")].map((text) => mark.test(text))).toEqual([
    true,
    false,
    false,
  ]);
});
