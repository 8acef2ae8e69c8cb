import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FleetResult } from "../../src/contract/fleet.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeRepo, makeTempDir, writeFiles } from "../support/repo.ts";
import { runBuilt } from "../verify/built.ts";
import { homeTree } from "../verify/home-tree.ts";

/** Three repositories and a folder that is none, with a list of them. */
function makeFleet(): { root: string; list: string; paths: string[] } {
  const root = makeTempDir();
  const safe = makeRepo(homeTree());
  git(safe, "commit", "-q", "--allow-empty", "-m", "Nothing");
  const harmful = makeRepo(homeTree());
  writeFiles(harmful, { "kubernetes/apps/media/kustomization.yaml": "resources: []\n" });
  commitAll(harmful, "Empty");
  const none = makeRepo({ "a.txt": "hello\n" });
  const paths = [safe, harmful, join(root, "nowhere"), none];
  const list = join(root, "list.txt");
  writeFileSync(list, `# mine\n${paths.join("\n")}\n\n`);
  return { root, list, paths };
}

const read = (file: string): FleetResult[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as FleetResult);
/** Times and commits differ from run to run. */
const still = (file: string) => readFileSync(file, "utf8").replace(/"ms":\d+/g, '"ms":0');

describe("one command in many repositories", () => {
  test("each has its line, in the order of the list; one that fails stops no other", () => {
    const { root, list, paths } = makeFleet();
    const { code, err } = runBuilt(root, [
      "fleet",
      list,
      "--action",
      "verify",
      "-o",
      "out.jsonl",
      "--html",
      "out.html",
    ]);
    const results = read(join(root, "out.jsonl"));
    expect(results.map(({ repo }) => repo)).toEqual(paths);
    expect(results.map(({ end, verdict }) => [end, verdict])).toEqual([
      ["done", "safe"],
      ["act", "unsafe"],
      ["failed", undefined],
      ["failed", undefined],
    ]);
    expect(results[1]).toMatchObject({ clusters: [{ name: "default", verdict: "unsafe" }], flags: ["--base=HEAD~1"] });
    expect((results[1]!.result as { verdict: string }).verdict).toBe("unsafe");
    expect([code, err]).toEqual([
      2,
      expect.stringContaining("4 repositories: 1 with nothing to act on, 1 to act on, 2 failed"),
    ]);
    const page = readFileSync(join(root, "out.html"), "utf8");
    expect(page).toContain("4 repositories");
    expect(page).toContain('data-fate="unsafe"');
    expect(existsSync(join(root, "out.jsonl.part"))).toBe(false);
  });

  test("scan says where each cluster stands, on stdout without a file, from stdin", () => {
    const { root, list } = makeFleet();
    const run = runBuilt(root, ["fleet", "-"], {}, readFileSync(list, "utf8").replace(/.*nowhere\n/, ""));
    const [first, , last] = run.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as FleetResult);
    expect(first).toMatchObject({ action: "scan", end: "done", clusters: [{ state: "not-started", next: "install" }] });
    expect(last).toMatchObject({ end: "act", blockers: ["nothing-recognised"] });
    expect(run.code).toBe(1);
  });

  test("clones what is an address, and leaves nothing behind", () => {
    const { root, paths } = makeFleet();
    const temp = makeTempDir();
    writeFileSync(join(root, "list"), `file://${paths[1]}\nfile://user:secret@localhost${paths[0]}/no\n`);
    const env = { TMPDIR: temp };
    const { err } = runBuilt(root, ["fleet", "list", "--action", "verify", "-o", "out.jsonl"], env);
    const [cloned, failed] = read(join(root, "out.jsonl"));
    expect(cloned).toMatchObject({ end: "act", verdict: "unsafe", commit: git(paths[1]!, "rev-parse", "HEAD").trim() });
    expect(failed).toMatchObject({ end: "failed", error: expect.stringContaining("git clone: ") });
    expect(readFileSync(join(root, "out.jsonl"), "utf8") + err).not.toContain("secret");
    expect(readdirSync(temp)).toEqual([]);
  });

  test("an address that is listed twice is cloned once, and each line has its result", () => {
    const { root, paths } = makeFleet();
    writeFileSync(join(root, "list"), `file://${paths[1]}\n`.repeat(3));
    runBuilt(root, ["fleet", "list", "--jobs", "3", "--clones", "clones", "-o", "out.jsonl"]);
    expect(read(join(root, "out.jsonl")).map(({ end, error }) => [end, error])).toEqual(
      Array(3).fill(["done", undefined]),
    );
    expect(readdirSync(join(root, "clones"))).toHaveLength(1);
    writeFileSync(join(root, "none"), `file://${paths[2]}\n`.repeat(2));
    expect(runBuilt(root, ["fleet", "none", "--jobs", "2", "--clones", "clones", "-o", "none.jsonl"]).code).toBe(2);
    expect(read(join(root, "none.jsonl")).map(({ end }) => end)).toEqual(["failed", "failed"]);
  });

  test("a clone of the longest name that a folder has finds its place", () => {
    const root = makeTempDir();
    const source = join(root, "n".repeat(250));
    cpSync(makeRepo({ "a.yaml": "a: 1\n" }), source, { recursive: true });
    writeFileSync(join(root, "list"), `file://${source}\n`);
    expect(runBuilt(root, ["fleet", "list", "--clones", "clones", "-o", "out.jsonl"]).code).toBeLessThan(2);
    expect(readdirSync(join(root, "clones"))).toEqual([expect.stringMatching(/^n{100}-[0-9a-f]{8}$/)]);
  });

  test("parts that are merged equal one run", () => {
    const { root, list } = makeFleet();
    runBuilt(root, ["fleet", list, "-o", "all.jsonl"]);
    for (const part of [3, 1, 2]) runBuilt(root, ["fleet", list, "--shard", `${part}/3`, "-o", `${part}.jsonl`]);
    expect(read(join(root, "1.jsonl")).map(({ index }) => index)).toEqual([0, 3]);
    const merged = runBuilt(root, ["fleet", "merge", "3.jsonl", "1.jsonl", "2.jsonl", "-o", "merged.jsonl"]);
    expect(merged).toMatchObject({ code: 0, err: expect.stringContaining("4 results") });
    expect(still(join(root, "merged.jsonl"))).toBe(still(join(root, "all.jsonl")));
  });

  test("a run that was killed goes on where it was; what failed is tried again", async () => {
    const { root, list, paths } = makeFleet();
    runBuilt(root, ["fleet", list, "-o", "out.jsonl"]);
    const whole = still(join(root, "out.jsonl"));
    const lines = readFileSync(join(root, "out.jsonl"), "utf8").split("\n");
    // As a run leaves it that ended in the middle of its second line.
    writeFileSync(join(root, "new.jsonl.part"), `${lines[1]}\n${lines[0]!.slice(0, 40)}`);
    const again = runBuilt(root, ["fleet", list, "-o", "new.jsonl"]);
    expect(again.err).toContain("1 are done already");
    expect(still(join(root, "new.jsonl"))).toBe(whole);
    writeFiles(paths[2]!, { "a.txt": "now it is here" });
    expect(runBuilt(root, ["fleet", list, "-o", "new.jsonl"]).err).toContain("3 are done already");
    expect(read(join(root, "new.jsonl"))[2]!.end).toBe("act");
  });

  test("really killed, nothing that was finished is lost", async () => {
    const { root, list } = makeFleet();
    const bin = join(PROJECT_ROOT, "dist/fluxlift.js");
    const child = spawn(process.execPath, [bin, "fleet", list, "--jobs", "1", "-o", "out.jsonl"], {
      cwd: root,
      stdio: "ignore",
    });
    const part = join(root, "out.jsonl.part");
    while (!existsSync(part) || !readFileSync(part, "utf8").includes("\n"))
      await new Promise((go) => setTimeout(go, 20));
    child.kill("SIGKILL");
    await new Promise((go) => child.once("close", go));
    expect(runBuilt(root, ["fleet", list, "-o", "out.jsonl"]).err).toMatch(/[1-4] are done already/);
    expect(read(join(root, "out.jsonl"))).toHaveLength(4);
  });
});

describe("what is no list and no result is refused", () => {
  test.each([
    ["-x\n", [], "names -x, which is no repository"],
    ["\n# nothing\n", [], "names no repository"],
    ["a\n", ["--shard", "3/2"], "--shard 3/2 is no part"],
    ["a\n", ["--jobs", "0"], "--jobs 0 is no number"],
    ["a\n", ["--timeout", "soon"], "--timeout soon is no time"],
    ["a\n", ["--timeout", "1e9"], "--timeout 1e9 is no time"],
    ["a\n", ["--phase", "install"], "--phase says nothing without --action plan"],
    ["a\n", ["--action", "plan", "--base", "x"], "--base says nothing without --action verify"],
    ["a\n", ["--head", "x"], "--head says nothing without --action verify"],
    ["a\n", ["--branch", "x"], "--branch says nothing without --branch-and-commit"],
    ["a\n", ["--html", "x.html"], "--html makes its page from the file of -o"],
    ["a\n", ["-o", "r.jsonl", "--html", "./r.jsonl"], "--html ./r.jsonl is no file for a page"],
  ])("%j %j", (list, flags, says) => {
    const root = makeTempDir();
    writeFileSync(join(root, "list"), list);
    expect(runBuilt(root, ["fleet", "list", ...flags])).toMatchObject({ code: 2, err: expect.stringContaining(says) });
  });

  test("a file that holds something else keeps every byte", () => {
    const { root, list } = makeFleet();
    for (const text of ["# My notes", "# My notes\nand more\n", '{"a":1}\n']) {
      writeFileSync(join(root, "notes.md"), text);
      const run = runBuilt(root, ["fleet", list, "-o", "notes.md"]);
      expect([run.code, run.err]).toEqual([2, expect.stringContaining("notes.md:1 is no result of fluxlift fleet")]);
      expect(readFileSync(join(root, "notes.md"), "utf8")).toBe(text);
    }
  });

  test("a result that somebody else made is checked before it is shown", () => {
    const { root, list } = makeFleet();
    runBuilt(root, ["fleet", list, "-o", "out.jsonl"]);
    const good = read(join(root, "out.jsonl"))[0]!;
    for (const odd of [{ clusters: null }, { counts: 1 }, { blockers: "a" }, { repo: 5 }, { index: -1 }]) {
      writeFileSync(join(root, "odd.jsonl"), `${JSON.stringify({ ...good, ...odd })}\n`);
      const run = runBuilt(root, ["fleet", "merge", "odd.jsonl", "-o", "all.jsonl", "--html", "all.html"]);
      expect([run.code, run.err]).toEqual([2, expect.stringContaining("odd.jsonl:1 is no result of fluxlift fleet")]);
    }
    const odd = { ...good, action: "plan", result: { phases: [null, { files: [{ path: 5 }] }] } };
    writeFileSync(join(root, "odd.jsonl"), `${JSON.stringify(odd)}\n`);
    const run = runBuilt(root, ["fleet", "merge", "odd.jsonl", "-o", "all.jsonl", "--html", "all.html"]);
    expect(run).toMatchObject({ code: 0 });
  });

  test("a clone that ssh refuses says what ssh said", () => {
    const root = makeTempDir();
    writeFileSync(join(root, "list"), "git@example.invalid:a/b\n");
    const env = { GIT_SSH_COMMAND: "sh -c 'echo Permission denied >&2; exit 255'" };
    runBuilt(root, ["fleet", "list", "-o", "out.jsonl"], env);
    expect(read(join(root, "out.jsonl"))[0]!.error).toContain("git clone: Permission denied; fatal: Could not read");
  });

  test("a repository that takes too long has failed", () => {
    const { root, list } = makeFleet();
    runBuilt(root, ["fleet", list, "--timeout", "0.01", "-o", "out.jsonl"]);
    expect(read(join(root, "out.jsonl")).every(({ end }) => end === "failed")).toBe(true);
    expect(read(join(root, "out.jsonl"))[0]!.error).toContain("stopped after 0.01 s");
  });
});

test("a hostile name puts nothing alive into the page", () => {
  const root = makeTempDir();
  const evil = `${root}/<img src=x onerror=alert(1)>\u202e`;
  writeFileSync(join(root, "list"), `${evil}\n`);
  runBuilt(root, ["fleet", "list", "-o", "out.jsonl", "--html", "out.html"]);
  const page = readFileSync(join(root, "out.html"), "utf8");
  expect(page).toContain("&lt;img src=x");
  expect(page).not.toMatch(/<img|\u202e/);
});

describe("diffs in the page", () => {
  const SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {token: very-secret-value}\n";

  test("each is there, closed, and reached from its row", () => {
    const root = makeTempDir();
    const repo = makeRepo(join(PROJECT_ROOT, "examples/home-ops"));
    writeFileSync(join(root, "list"), `${repo}\n`);
    runBuilt(root, ["fleet", "list", "--action", "plan", "-o", "out.jsonl", "--html", "out.html"]);
    const page = readFileSync(join(root, "out.html"), "utf8");
    expect(page).toContain('<a href="#diff-0">diff of 9 files</a>');
    expect(page).toMatch(/<details class="group gone" id="diff-0">(?:.|\n)*\+kind: HelmRelease\n/);
  });

  test("no value of a Secret is in results or page", () => {
    const root = makeTempDir();
    const repo = makeRepo(join(PROJECT_ROOT, "examples/home-ops"));
    const path = join(repo, "kubernetes/apps/flux-system/kustomization.yaml");
    writeFileSync(path, `${readFileSync(path, "utf8")}---\n${SECRET}`);
    commitAll(repo, "Secret beside");
    writeFileSync(join(root, "list"), `${repo}\n`);
    runBuilt(root, ["fleet", "list", "--action", "plan", "-o", "out.jsonl", "--html", "out.html"]);
    const [result] = read(join(root, "out.jsonl"));
    expect(JSON.stringify(result)).toContain("withheld");
    expect(readFileSync(join(root, "out.jsonl"), "utf8")).not.toContain("very-secret-value");
    const page = readFileSync(join(root, "out.html"), "utf8");
    expect(page).toContain("kubernetes/apps/flux-system/kustomization.yaml holds a Secret, and is not shown");
    expect(page).not.toContain("very-secret-value");
  });
});
