import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/project.ts";
import { makeRepo, makeTempDir } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";

const makeExample = () =>
  makeRepo(join(PROJECT_ROOT, "examples/home-ops"), { remote: "git@github.com:lighthouse-keeper/home-ops.git" });

/** The commands that an output names, from its first to its last lines. */
const commands = (text: string) => [...text.matchAll(/^ {4}((?:cd|fluxlift|git) .*)$/gm)].map(([, line]) => line!);

test("for a folder elsewhere the next command begins by going there", async () => {
  const root = makeExample();
  const cwd = makeTempDir();
  const dir = relative(cwd, root);
  const run = (...argv: string[]) => runCli(argv, { loader: realEngine, cwd });
  expect(commands((await run("scan", dir)).out)).toEqual([`cd ${dir}`, "fluxlift plan", "fluxlift migrate"]);
  expect(commands((await run(dir)).out)[0]).toBe(`cd ${dir}`);
  expect(commands((await run("plan", dir)).err).slice(-3)).toEqual([
    `cd ${dir}`,
    "fluxlift plan --format markdown",
    "fluxlift migrate",
  ]);
  const refused = commands((await run("migrate", dir)).err);
  expect(refused).toEqual([`cd ${dir}`, "fluxlift migrate --yes"]);
  expect(commands((await run("migrate", "--yes", dir)).err)[0]).toBe(`cd ${dir}`);
  expect(commands((await runCli(["scan", "."], { loader: realEngine, cwd: root })).out).join()).not.toContain("cd ");
});

test("without a terminal migrate names the command that writes, and nothing else", async () => {
  const root = makeExample();
  const said = await runCli(["migrate", "--sync", "rename", "--commit"], { loader: realEngine, cwd: root });
  expect(said.code).toBe(1);
  expect(commands(said.err)).toEqual(["fluxlift migrate --sync rename --commit --yes"]);
});

test("files, acceptances and settings that were named are named again, for the same phase", async () => {
  const root = makeExample();
  const folder = makeTempDir();
  const [facts, config] = ["my facts.json", "c.yaml"];
  writeFileSync(join(folder, facts), '{ "cluster": "default" }\n');
  writeFileSync(join(folder, config), "migrate: {}\n");
  const flags = ["--accept", "ConfigMap a/b", "--facts", join(folder, facts), "--config", join(folder, config)];
  const { err } = await runCli(["plan", ...flags], { loader: realEngine, cwd: root });
  const next = commands(err).at(-1)!;
  expect(next).toBe(
    `fluxlift migrate --accept 'ConfigMap a/b' --facts '${join(folder, facts)}' --config ${join(folder, config)}`,
  );
  const written = await runCli(["migrate", "--yes", ...flags], { loader: realEngine, cwd: root });
  expect(commands(written.err).at(-1)).toBe(`fluxlift migrate --phase cutover --config ${join(folder, config)}`);
});
