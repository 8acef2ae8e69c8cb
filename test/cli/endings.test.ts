import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/project.ts";
import { makeTempDir } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";

const EXAMPLE = `${PROJECT_ROOT}/examples/home-ops`;

test.each([
  ["plan", "x.foo"],
  ["scan", "x.foo"],
  ["scan", "x.html"],
  ["verify --base HEAD", "x.foo"],
  ["verify --base HEAD", "x.patch"],
  ["verify --base HEAD", "x.sh"],
])("%s -o %s is refused, and nothing is written", async (command, name) => {
  const file = join(makeTempDir(), name);
  const run = await runCli([...command.split(" "), EXAMPLE, "-o", file], { loader: realEngine });
  expect([run.code, existsSync(file)]).toEqual([2, false]);
  expect(run.err).toContain("Use one of");
});

test("a name without an ending holds what apply reads", async () => {
  const file = join(makeTempDir(), "saved");
  expect((await runCli(["plan", EXAMPLE, "-o", file], { loader: realEngine })).code).toBe(0);
  expect(existsSync(file)).toBe(true);
});

test("a folder alone is looked at, a mistyped command draws a suggestion", async () => {
  const folder = await runCli([EXAMPLE], { loader: realEngine });
  expect([folder.code, folder.out.includes("Next is the install phase")]).toEqual([0, true]);
  const wrong = await runCli(["plann"], { loader: realEngine });
  expect([wrong.code, wrong.err.includes("Did you mean 'plan'?")]).toEqual([2, true]);
});

test("scan writes Markdown, and of one cluster where one is named", async () => {
  const file = join(makeTempDir(), "x.md");
  const run = await runCli(["scan", `${PROJECT_ROOT}/examples/fleet`, "--cluster", "home", "-o", file], {
    loader: realEngine,
  });
  const text = readFileSync(file, "utf8");
  expect([run.code, run.out]).toEqual([0, ""]);
  expect(text).toMatch(/^# fluxlift: 1 cluster, 0 migrated\n/);
  expect(text).toContain("| `home` | not started |");
  expect(text).toContain("```sh\nfluxlift plan --cluster home\nfluxlift migrate --cluster home\n```\n");
  expect(text).not.toContain("`lab`");
});

test.each([
  ["plan", "--reports", "", "--reports <folder> is empty"],
  ["plan", "--output", "", "-o, --output <file> is empty"],
  ["plan", "--path", "", "--path <folder> is empty"],
  ["migrate", "--artifact-path", "", "--artifact-path <folder> is empty"],
  ["fleet", "-o", "", "-o, --output <file> is empty"],
  ["plan", "-o", "-", "Leave it out: the output goes to stdout then."],
  ["plan", "--url", "nowhere", "--url nowhere is none that Flux takes"],
  ["plan", "--branch", "a b", "--branch a b is none"],
  ["plan", "--secret-name", "A", "--secret-name A is none"],
  ["plan", "--path", "../x", "leads out of the repository"],
  ["plan", "--artifact-path", "home=../x", "leads out of the repository"],
  ["verify --base HEAD", "--root", "../x", "leads out of the repository"],
])("%s %s %j is a mistake in the line that was typed", async (command, flag, value, says) => {
  const run = await runCli([...command.split(" "), EXAMPLE, flag, value], { loader: realEngine });
  expect([run.code, run.out]).toEqual([2, ""]);
  expect(run.err).toContain(says);
});

test.each([
  ["migrate --yes", "", "dir is empty"],
  ["undo --yes", "", "dir is empty"],
  ["apply", "", "plan is empty"],
  ["explain", "", "rule is empty"],
  ["config", "nowhere", "nowhere does not exist"],
])("%s %j is not the folder that one stands in", async (command, argument, says) => {
  const root = makeTempDir();
  const run = await runCli([...command.split(" "), argument], { loader: realEngine, cwd: root });
  expect([run.code, run.out]).toEqual([2, ""]);
  expect(run.err).toContain(says);
});

test.runIf(process.platform === "linux")("a folder for reports that cannot be made is said, and the run ends", () => {
  const bundle = `${PROJECT_ROOT}/dist/fluxlift.js`;
  const done = spawnSync(process.execPath, [bundle, "plan", EXAMPLE, "--reports", "/proc/x"], { timeout: 30_000 });
  expect([done.status, done.signal]).toEqual([2, null]);
  expect(String(done.stderr)).toContain("/proc/x cannot be written (ENOENT).");
});
