import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/project.ts";

let dir = "";

/** The example as somebody has it who knows the package alone. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "fluxlift-own-"));
  cpSync(join(PROJECT_ROOT, "examples/own-transform"), dir, { recursive: true });
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", dir], {
    cwd: PROJECT_ROOT,
    stdio: "pipe",
  });
  const tarball = readdirSync(dir).find((name) => name.endsWith(".tgz"))!;
  const install = ["install", "--silent", "--offline", "--no-audit", "--no-fund", `./${tarball}`];
  execFileSync("npm", install, { cwd: dir, stdio: "pipe" });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const run = (...args: string[]) =>
  spawnSync(process.execPath, args, {
    cwd: dir,
    encoding: "utf8",
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
const fluxlift = (...args: string[]) => run("node_modules/fluxlift/dist/fluxlift.js", ...args);

test("its cases pass with node:test", () => {
  const { status, stdout } = run("--test");
  expect([status, /^(?:#|ℹ) pass (\d+)$/m.exec(stdout)?.[1]], stdout).toEqual([0, "3"]);
});

test("a case that is not what the transform does fails, and says what differs", () => {
  const patch = join(dir, "cases/adds-a-timeout/expected.patch");
  const good = readFileSync(patch, "utf8");
  writeFileSync(patch, good.replace("timeout: 5m", "timeout: 6m"));
  const { status, stdout } = run("--test");
  writeFileSync(patch, good);
  expect([status, stdout.includes("the diff is not expected.patch")]).toEqual([1, true]);
});

test("it is listed, and its rule explained, where the configuration is named", () => {
  const flags = ["--config", "fluxlift.config.mjs"];
  expect(fluxlift("transforms", ...flags).stdout).toMatch(/^own-transform\/timeouts +install +Give every/m);
  expect(fluxlift("explain", "own-transform/short-interval", ...flags).stdout).toContain("more often than it may take");
  expect(fluxlift("transforms").stdout).not.toContain("own-transform");
  expect(fluxlift("explain", "own-transform/short-interval")).toMatchObject({ status: 2 });
});

test("its types are those of the package", () => {
  const file = join(dir, "check.mts");
  writeFileSync(
    file,
    [
      'import { defineTransform, editFile, type OwnContext } from "fluxlift/transform";',
      'import { testCases } from "fluxlift/testing";',
      'export default defineTransform({ id: "a/b", title: "t", phases: ["install"], run: ({ tree }: OwnContext) => editFile(tree, "x", [], "w") });',
      "// @ts-expect-error: no such phase",
      'defineTransform({ id: "a/b", title: "t", phases: ["instal"], run: () => ({}) });',
      'testCases({ config: "c", transform: "a/b", cases: "cases", test: (name: string, run: () => void) => [name, run] });',
    ].join("\n"),
  );
  const tsc = join(PROJECT_ROOT, "node_modules/typescript/bin/tsc");
  const types = join(PROJECT_ROOT, "node_modules/@types");
  const flags = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--typeRoots",
    types,
    "--types",
    "node",
  ];
  expect(run(tsc, ...flags, "check.mts")).toMatchObject({ status: 0, stdout: "" });
});
