/**
 * What owners stumbled over; what needs processes of its own (5.6, 5.9) is held on the built program. The numbers are those of the report they
 * gave (field report, section 5):
 *
 *  5.1  phases that are not pushed        5.7  no way in, no word on --sync
 *  5.2  versions that are none            5.8  findings without numbers, words that are not true
 *  5.3  preflight.sh prints \u2714        5.9  undo of what is committed, a detached HEAD, the loser of two runs
 *  5.4  advice that leads nowhere         5.10 endings, commands, folders, answers
 *  5.5  --check before all is done        5.11 a runbook without a first page
 *  5.6  the next step scrolls away
 *
 * What needs a terminal (the pager, questions asked again) has its tests in standing, migrate and guide.
 */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { BUNDLE } from "../hostile/support.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeRepo, makeTempDir, readTree } from "../support/repo.ts";
import { runHere } from "../verify/built.ts";

const EXAMPLE = join(PROJECT_ROOT, "examples/home-ops");

async function fluxlift(cwd: string, ...argv: string[]) {
  vi.stubEnv("CI", undefined);
  const { code, out, err } = await runHere(cwd, argv);
  return { code, out, err, last: err.trimEnd().split("\n").at(-1) };
}

/** The example as it was pushed. */
function makeExample(remote = "https://github.com/lighthouse-keeper/home-ops.git"): string {
  const root = makeRepo(EXAMPLE, { remote });
  setPushed(root);
  return root;
}

function setPushed(root: string): void {
  git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
}

/** The example with the first phase committed. */
async function makeInstalled(): Promise<string> {
  const root = makeExample();
  expect((await fluxlift(root, "migrate", "--yes")).code).toBe(0);
  commitAll(root, "Install");
  return root;
}

test("5.1 a phase is not written while the one before it is not pushed", async () => {
  const root = await makeInstalled();
  const before = readTree(root);
  const refused = await fluxlift(root, "migrate", "--phase", "cutover", "--yes", "--commit");
  expect([refused.code, refused.last]).toEqual([1, "    git push -u origin HEAD"]);
  expect(refused.err).toContain("what comes before is not pushed");
  expect(readTree(root)).toEqual(before);
  setPushed(root);
  expect((await fluxlift(root, "migrate", "--phase", "cutover", "--yes")).code).toBe(0);
});

test("5.2 a version that is none is refused, one that lowers Flux is a blocker", async () => {
  const root = makeExample();
  for (const flags of [
    ["--flux-version", "banana"],
    ["--operator-version", "foo"],
  ]) {
    const refused = await fluxlift(root, "plan", ...flags);
    expect([flags, refused.code, refused.out]).toEqual([flags, 2, ""]);
    expect(refused.err).toMatch(/is no version of/);
  }
  const lower = await fluxlift(root, "plan", "--flux-version", "2.5.1");
  expect(lower.code).toBe(1);
  expect(lower.err).toContain("version-lowered");
  expect(lower.err).not.toContain("the tree installs v2.5.1");
});

test("5.3 preflight.sh prints ticks", async () => {
  const script = (await fluxlift(makeExample(), "plan", "--format", "preflight")).out;
  expect(script).toContain('good() { say "✔ $*"; }');
  expect(script).not.toMatch(/\\u[0-9a-fA-F]{4}/);
});

describe("5.4 what is advised leads on", () => {
  test("once install is merged the next command is cutover, from everywhere", async () => {
    const root = await makeInstalled();
    setPushed(root);
    for (const argv of [[], ["scan"], ["plan"]]) {
      const { out, err } = await fluxlift(root, ...argv);
      const said = `${out}${err}`.trimEnd().split("\n");
      expect([argv, said.slice(-2)]).toEqual([
        argv,
        ["    fluxlift plan --phase cutover", "    fluxlift migrate --phase cutover"],
      ]);
    }
  });

  test("without a terminal migrate does not advise what was just typed", async () => {
    expect((await fluxlift(makeExample(), "migrate")).last).toBe("    fluxlift migrate --yes");
  });

  test("new files are shown by what is advised, and without git nothing of git is", async () => {
    expect((await fluxlift(makeExample(), "migrate", "--yes")).err).toContain("    git add -AN && git diff\n");
    process.env.XDG_STATE_HOME = makeTempDir();
    const bare = await fluxlift(makeRepo(EXAMPLE, { branch: false }), "migrate", "--yes");
    expect([bare.code, bare.err.includes("git diff")]).toEqual([0, false]);
  });
});

test("5.5 --check asks for all phases, with --phase for one", async () => {
  const root = await makeInstalled();
  setPushed(root);
  expect((await fluxlift(root, "plan", "--check")).code).toBe(1);
  expect((await fluxlift(root, "plan", "--check", "--phase", "install")).code).toBe(0);
  expect((await fluxlift(root, "plan", "--check", "--phase", "cutover")).code).toBe(1);
});

test("5.6 the report comes after the diff, on one screen, and ends with the next command", () => {
  const root = makeExample();
  const done = spawnSync("sh", ["-c", '"$0" "$1" plan 2>&1', process.execPath, BUNDLE], {
    cwd: root,
    // In a pipe nothing is paged.
    env: { ...process.env, PAGER: "echo PAGED" },
    encoding: "utf8",
  });
  expect(done.stdout).not.toContain("PAGED");
  const lines = done.stdout.trimEnd().split("\n");
  const report = lines.findIndex((line) => line.startsWith("fluxlift "));
  expect(lines[0]).toMatch(/^diff --git /);
  expect(lines.slice(report).some((line) => line.startsWith("diff --git "))).toBe(false);
  expect(lines.length - report).toBeLessThanOrEqual(40);
  expect(lines.at(-1)).toBe("    fluxlift migrate");
});

test("5.7 the README says how to run it, and --sync is explained to this repository", async () => {
  const readme = readFileSync(join(PROJECT_ROOT, "README.md"), "utf8");
  expect(readme.indexOf("## Run it in your repository")).toBeLessThan(readme.indexOf("\n## Work on it"));
  expect(readFileSync(join(PROJECT_ROOT, "docs/sync.md"), "utf8")).toMatch(/adopt[\s\S]*rename[\s\S]*keep/);
  const root = makeExample();
  const renamed = await fluxlift(root, "plan", "--sync", "rename");
  expect([renamed.code, renamed.last]).toEqual([0, "    fluxlift migrate --sync rename"]);
});

test("5.8 findings are numbered, one line each, and words are true", async () => {
  const root = makeExample();
  const { err } = await fluxlift(root, "plan");
  expect(err).toMatch(/\n {2}1 {2}\S.* bootstrap-differs\n {2}2 {2}\S.* sync-ref-by-name\n/);
  expect(err).toContain("36 objects owned by the operator, 7 objects created");
  expect(err).not.toMatch(/\(trap \d+\)/);
  const blocked = await fluxlift(root, "plan", "--phase", "cutover");
  expect([blocked.code, blocked.err.includes("✔")]).toEqual([1, false]);
});

describe("5.9 what cannot be taken back is said", () => {
  test("undo of files that are committed names git revert, and does nothing", async () => {
    const root = await makeInstalled();
    const before = readTree(root);
    const again = await fluxlift(root, "undo", "--yes");
    expect(again.err).toMatch(/git revert --no-edit [0-9a-f]{9}/);
    expect([again.code, readTree(root)]).toEqual([1, before]);
  });

  test("--commit on a detached HEAD is refused", async () => {
    const root = makeExample();
    git(root, "switch", "--quiet", "--detach");
    const refused = await fluxlift(root, "migrate", "--yes", "--commit");
    expect([refused.code, refused.err.includes("git switch -c NAME")]).toEqual([2, true]);
  });

  test("of two runs at once one writes, and the other is not told to undo it", async () => {
    const root = makeExample();
    const runs = await Promise.all(
      [0, 1].map(
        () =>
          new Promise<{ code: number | null; err: string }>((done) => {
            const child = spawn(process.execPath, [BUNDLE, "migrate", "--yes"], { cwd: root });
            let err = "";
            child.stderr.on("data", (text) => {
              err += text;
            });
            child.on("close", (code) => done({ code, err }));
          }),
      ),
    );
    expect(runs.filter(({ err }) => err.includes("✔ Wrote ")).length).toBeGreaterThan(0);
    for (const { code, err } of runs) if (code !== 0) expect(err).not.toContain("fluxlift undo");
    const once = makeExample();
    await fluxlift(once, "migrate", "--yes");
    expect(readTree(root)).toEqual(readTree(once));
  });
});

describe("5.10 what is typed is taken as it is meant, or refused", () => {
  test("an ending that means nothing, and scan as Markdown", async () => {
    const root = makeExample();
    const refused = await fluxlift(root, "plan", "-o", "x.foo");
    expect([refused.code, refused.err.includes(".json, .md")]).toEqual([2, true]);
    const page = join(makeTempDir(), "x.md");
    expect((await fluxlift(root, "scan", "-o", page)).code).toBe(0);
    expect(readFileSync(page, "utf8")).toMatch(/^#/m);
  });

  test("a mistyped command draws the right one, a folder is a folder", async () => {
    const root = makeExample();
    expect((await fluxlift(root, "migrat")).err).toContain("Did you mean 'migrate'?");
    const [here, bare] = [await fluxlift(root, "."), await fluxlift(root)];
    expect([here.code, here.out]).toEqual([0, bare.out]);
    const below = await fluxlift(join(root, "kubernetes/apps/default"), ".");
    expect([below.code, below.out]).toEqual([0, bare.out]);
  });
});

test("5.11 a runbook begins with what it needs, and says each thing once", async () => {
  const root = await makeInstalled();
  setPushed(root);
  const book = (await fluxlift(root, "plan", "--phase", "cutover", "--format", "markdown")).out;
  const first = book.slice(book.indexOf("### Runbook"), book.indexOf("#### Steps"));
  expect(first).toMatch(/Tools: `fluxlift`, .*`kubectl`/);
  expect(first).toMatch(/Time: about \d+ minutes/);
  expect(first).toContain("What cannot be undone:");
  const part = book.slice(book.indexOf("#### Steps"), book.indexOf("#### Rollback"));
  const steps = [...part.matchAll(/^\d+\. \[ \] \*\*(.+)\*\*$/gm)].map((match) => match[1]);
  expect(steps.length).toBeGreaterThan(2);
  expect(new Set(steps).size).toBe(steps.length);
});

describe("every screen leads on", () => {
  test("what is written names the runbook, which has the checks to wait for", async () => {
    const root = makeExample();
    const { err } = await fluxlift(root, "migrate", "--yes");
    expect(err).toContain("► The runbook, with every check and the way back: fluxlift plan --format markdown\n");
    const book = (await fluxlift(root, "plan", "--format", "markdown")).out;
    expect(book).toContain("### Runbook: install");
    expect(book).toContain("fluxlift plan --phase install --cluster default --format preflight > preflight.sh\n");
    expect(book).toMatch(/kubectl .*wait .*fluxinstance/);
  });

  test("undo and apply name the command that does without a terminal", async () => {
    const root = makeExample();
    const plan = join(makeTempDir(), "a plan.json");
    expect((await fluxlift(root, "plan", "-o", plan)).code).toBe(0);
    expect((await fluxlift(root, "apply", plan)).last).toBe(`    fluxlift apply '${plan}' --yes`);
    expect((await fluxlift(root, "apply", plan, "--yes")).code).toBe(0);
    expect((await fluxlift(root, "undo")).last).toBe("    fluxlift undo --yes");
    expect((await fluxlift(root, "undo", "--yes")).code).toBe(0);
  });

  test("a phase that is stopped says nothing of what is merged", async () => {
    const { err } = await fluxlift(makeExample(), "plan", "--flux-version", "2.5.1");
    expect(err).toContain("✗ install  stopped by 1 blocker, no file is touched");
    expect(err).not.toContain("when it is merged");
  });

  test("where nothing is recognised, that is said once, with the reason", async () => {
    const { code, out } = await fluxlift(makeRepo({ "README.md": "# Nothing\n", "a.yaml": "a: 1\n" }));
    expect([code, out.match(/recognised\./g)]).toEqual([1, ["recognised."]]);
    expect(out).toContain("None of the 2 files here mentions a Flux API group");
    expect(out).not.toContain("stops the phase for its cluster");
  });

  test("a folder in place of a command, and letters that changed places", async () => {
    const root = makeExample();
    expect((await fluxlift(root, "kubernetes")).err).toContain("A folder of that name is ./kubernetes.");
    expect((await fluxlift(root, "vreify")).err).toContain("Did you mean 'verify'?");
  });

  test("a sentence that is true of two clusters names both", async () => {
    const root = makeRepo(join(PROJECT_ROOT, "examples/fleet"), {
      remote: "https://github.com/lighthouse-keeper/fleet.git",
    });
    expect((await fluxlift(root)).out).toMatch(/ \(\+1\) {2}home, lab {2}sync-ref-by-name\n/);
  });
});
