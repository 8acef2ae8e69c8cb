import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/project.ts";

const PAGE = readFileSync(join(PROJECT_ROOT, "docs/own-transforms.md"), "utf8");
/** Files of the page: a line with the name, then what is in it. */
const FILES = [...PAGE.matchAll(/^`([^`\n]+)`:\n\n```\w+\n([\s\S]*?)^```/gm)].map(([, name, text]) => [name!, text!]);
const OWN = "  install:\n    remediation:\n      retries: 1\n";

let dir = "";

/** What somebody has who does what the page says, with the packed tarball, in an empty folder. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "fluxlift-steps-"));
  const npm = (cwd: string, ...args: string[]) => execFileSync("npm", [...args, "--silent"], { cwd, stdio: "pipe" });
  npm(PROJECT_ROOT, "pack", "--ignore-scripts", "--pack-destination", dir);
  npm(dir, "init", "-y");
  const tarball = readdirSync(dir).find((name) => name.endsWith(".tgz"))!;
  npm(dir, "install", "--save-dev", "--offline", "--no-audit", "--no-fund", `./${tarball}`);
  for (const [name, text] of FILES) {
    mkdirSync(dirname(join(dir, name!)), { recursive: true });
    writeFileSync(join(dir, name!), text!);
  }
  const other = join(dir, "cases/must-not-touch-retries-of-the-owner");
  cpSync(join(dir, "cases/adds-retries"), other, { recursive: true });
  const release = join(other, "input/clusters/main/podinfo.yaml");
  writeFileSync(release, `${readFileSync(release, "utf8")}${OWN}`);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, args, {
    cwd: dir,
    encoding: "utf8",
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, VITEST: undefined, NO_COLOR: "1", ...env },
  });
}

test("the steps of the page, one after the other, end with cases that pass", () => {
  expect(FILES.map(([name]) => name)).toHaveLength(6);
  expect(PAGE).toContain(`\`\`\`yaml\n${OWN}\`\`\``);
  expect(run(["--test"]).status).toBe(1);
  expect(run(["--test"], { UPDATE_FIXTURES: "1" }).status).toBe(0);
  const { status, stdout } = run(["--test"]);
  expect([status, /^(?:#|ℹ) pass (\d+)$/m.exec(stdout)?.[1]], stdout).toEqual([0, "3"]);
  const patch = readFileSync(join(dir, "cases/adds-retries/expected.patch"), "utf8");
  expect(patch.split("\n").filter((line) => line.startsWith("+ "))).toEqual([
    "+  install:",
    "+    remediation:",
    "+      retries: 3",
  ]);
  const cases = ["adds-retries", "must-not-touch-retries-of-the-owner"].map((name) => {
    const { findings } = JSON.parse(readFileSync(join(dir, `cases/${name}/case.json`), "utf8")) as {
      findings: object[];
    };
    return findings;
  });
  const finding = { rule: "acme/no-version", level: "caution", file: "clusters/main/podinfo.yaml", line: 8 };
  expect(cases).toEqual([[finding], [finding]]);
  const flags = ["--config", "fluxlift.config.mjs"];
  const said = run(["node_modules/fluxlift/dist/fluxlift.js", "explain", "acme/no-version", ...flags]).stdout;
  expect(said).toContain("A HelmRelease has no chart version.");
}, 300_000);

test("the same cases pass with vitest", () => {
  writeFileSync(
    join(dir, "cases.test.mjs"),
    readFileSync(join(dir, "cases.test.mjs"), "utf8").replace('test from "node:test"', '{ test } from "vitest"'),
  );
  symlinkSync(join(PROJECT_ROOT, "node_modules/vitest"), join(dir, "node_modules/vitest"));
  const { status, stdout } = run([
    join(PROJECT_ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    "--root",
    dir,
    "--reporter=json",
    "--testTimeout=120000",
  ]);
  const { numPassedTests, numFailedTests } = JSON.parse(stdout) as Record<string, number>;
  expect([status, numPassedTests, numFailedTests]).toEqual([0, 3, 0]);
}, 300_000);
