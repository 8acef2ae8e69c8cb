import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { isLeftOver, makeTempFolder } from "../../src/files/temp-folder.ts";

/** No process has such a number. */
const ended = 2 ** 22 + 1;
const mine = makeTempFolder("git");
const nameOf = (pid: number, place?: string) =>
  basename(mine)
    .replace(`-${process.pid}-`, `-${pid}-`)
    .replace(/-[0-9a-f]{8}-/, (now) => (place ? `-${place}-` : now));

test("takes away what processes that ended have left, and nothing else", () => {
  const parent = mkdtempSync(join(tmpdir(), "fluxlift-test-"));
  const outside = mkdtempSync(join(tmpdir(), "fluxlift-test-"));
  writeFileSync(join(outside, "kept"), "");
  const make = (name: string) => {
    mkdirSync(join(parent, name, "objects"), { recursive: true });
    symlinkSync(outside, join(parent, name, "objects", "link"));
    return name;
  };
  make(nameOf(ended));
  const kept = [make(nameOf(process.ppid)), make(nameOf(ended, "00000000")), make("fluxlift-git-abcdef")];
  symlinkSync(outside, join(parent, nameOf(ended).replace("-git-", "-helm-")));
  writeFileSync(join(parent, nameOf(ended).replace("-git-", "-fleet-")), "");
  const links = [nameOf(ended).replace("-git-", "-helm-"), nameOf(ended).replace("-git-", "-fleet-")];
  const made = makeTempFolder("git", parent);
  expect(readdirSync(parent).sort()).toEqual([...kept, ...links, basename(made)].sort());
  expect(readdirSync(outside)).toEqual(["kept"]);
});

test("knows whose a folder is by its name", () => {
  expect(isLeftOver(`/tmp/${nameOf(ended)}`)).toBe(true);
  expect(isLeftOver(mine)).toBe(false);
  expect(isLeftOver(`/tmp/${nameOf(process.ppid)}`)).toBe(false);
  expect(isLeftOver(`/tmp/${nameOf(ended)}/tree`)).toBe(false);
});

test.skipIf(process.getuid?.() !== 0)("leaves what another user has made", () => {
  const parent = mkdtempSync(join(tmpdir(), "fluxlift-test-"));
  const folder = join(parent, nameOf(ended));
  mkdirSync(folder);
  chownSync(folder, 12345, 12345);
  makeTempFolder("git", parent);
  expect(existsSync(folder)).toBe(true);
});
