import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { made } from "../../src/contract/media.ts";
import { writeReport } from "../../src/files/report-file.ts";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { commitAll, makeRepo, makeTempDir } from "../support/repo.ts";
import { BUNDLE, EXAMPLE, fluxlift } from "./support.ts";

const KEPT = "What the owner of the machine wrote.\n";

/** Every flag that names a file or a folder to write, and what it writes first or last; all of them are links. */
const WRITING: readonly (readonly [link: string, ...argv: string[]])[] = [
  ["plan.json", "plan", "-o", "plan.json"],
  ["plan.patch", "plan", "-o", "plan.patch"],
  ["oci.html", "oci", "--dry-run", "--forge", "github", "-o", "oci.html"],
  ["scan.md", "scan", "-o", "scan.md"],
  ["verify.sarif", "verify", "--base", "HEAD~1", "-o", "verify.sarif"],
  ["reports", "plan", "--reports", "reports/of/plan"],
  ["some/report.html", "verify", "--base", "HEAD~1", "--reports", "some"],
  ["all.jsonl.part", "fleet", "LIST", "-o", "all.jsonl"],
  ["more.jsonl.new", "fleet", "LIST", "-o", "more.jsonl"],
  ["fleet.html", "fleet", "LIST", "-o", "free.jsonl", "--html", "fleet.html"],
];

test("no report is written through a link that the repository brings along", async () => {
  const root = makeRepo(EXAMPLE);
  const [outside, list] = [makeTempDir(), join(makeTempDir(), "list")];
  writeFileSync(list, `${root}\n`);
  for (const [link] of WRITING) {
    const target = join(outside, link.replace("/", "-"));
    if (link === "reports") mkdirSync(target);
    else writeFileSync(target, KEPT);
    mkdirSync(join(root, link, ".."), { recursive: true });
    symlinkSync(target, join(root, link));
  }
  commitAll(root, "Links");
  for (const [link, ...argv] of WRITING) {
    const { code, text } = await fluxlift(root, ...argv.map((word) => (word === "LIST" ? list : word)));
    expect([link, code, text]).toEqual([
      link,
      2,
      expect.stringContaining("is a link that the repository brings along"),
    ]);
    const target = join(outside, link.replace("/", "-"));
    expect([link, link === "reports" ? readdirSync(target).join() : readFileSync(target, "utf8")]).toEqual([
      link,
      link === "reports" ? "" : KEPT,
    ]);
  }
});

test("no report is written into git's own folder", async () => {
  const root = makeRepo(EXAMPLE);
  const list = join(makeTempDir(), "list");
  writeFileSync(list, `${root}\n`);
  const config = readFileSync(join(root, ".git/config"), "utf8");
  for (const argv of [
    ["plan", "-o", ".git/config"],
    ["plan", "-o", ".GIT/plan.html"],
    ["scan", "-o", ".git/scan.json"],
    ["plan", "--reports", ".git/hooks"],
    ["fleet", list, "-o", ".git/HEAD"],
    ["fleet", list, "-o", join(makeTempDir(), "all.jsonl"), "--html", ".git/index"],
  ]) {
    const { code, text } = await fluxlift(root, ...argv);
    expect([argv, code, text]).toEqual([argv, 2, expect.stringContaining("lies in git's own folder")]);
  }
  expect(readFileSync(join(root, ".git/config"), "utf8")).toBe(config);
});

test.skipIf(process.platform === "win32")("what a person names to be read may have no end", async () => {
  const root = makeRepo(EXAMPLE);
  for (const argv of [
    ["plan", "--facts", "/dev/zero"],
    ["apply", "/dev/zero"],
    ["fleet", "/dev/zero"],
    ["fleet", "merge", "/dev/zero", "-o", join(makeTempDir(), "all.jsonl")],
  ]) {
    const { code, text } = await fluxlift(root, ...argv);
    expect([argv, code, text]).toEqual([
      argv,
      2,
      expect.stringMatching(/is larger than it can be|is no result of fluxlift fleet/),
    ]);
  }
});

test("nothing that a person names is read through such a link either", async () => {
  const root = makeRepo(EXAMPLE);
  const secret = join(makeTempDir(), "secret");
  writeFileSync(secret, "s3cr3t: value\n");
  for (const name of ["named", "named.yaml", "named.mjs"]) symlinkSync(secret, join(root, name));
  commitAll(root, "Link");
  for (const argv of [
    ["fleet", "named"],
    ["apply", "named", "--yes"],
    ["plan", "--facts", "named"],
    ["plan", "--config", "named"],
    ["plan", "--config", "named.yaml"],
    ["plan", "--config", "named.mjs"],
    ["oci", "--dry-run", "--charts", "--chart-mirrors", "named"],
  ]) {
    const { code, text } = await fluxlift(root, ...argv);
    expect([argv.join(" "), code, text]).toEqual([argv.join(" "), 2, expect.stringMatching(/is a link|not a file/)]);
    expect(text).not.toContain("s3cr3t");
  }
});

test("a link of the owner's is the owner's affair", async () => {
  const root = makeRepo(EXAMPLE);
  const outside = makeTempDir();
  symlinkSync(outside, join(root, "reports"));
  expect((await fluxlift(root, "plan", "--reports", "reports")).code).toBe(0);
  expect(readdirSync(outside).length).toBeGreaterThan(1);
  const shell = `"$1" "$2" scan --format json -o /dev/stdout | cat`;
  const words = ["-c", shell, "bash", process.execPath, BUNDLE];
  expect(spawnSync("bash", words, { cwd: root, encoding: "utf8" }).stdout).toContain('"clusters"');
});

/** Who writes a file that a person or a program has named, or of its own. Whoever adds one asks `refusePlace` first. */
const WRITERS = [
  "src/cli/bin.ts",
  "src/cli/code-cache.ts",
  "src/cli/commands/publish.ts",
  "src/cli/fleet/branch.ts",
  "src/cli/fleet/results.ts",
  "src/cli/guide/measure.ts",
  "src/cli/progress.ts",
  "src/files/git-stand-in.ts",
  "src/files/helm.ts",
  "src/files/report-file.ts",
  "src/files/write-disk.ts",
  "src/public/testing.ts",
];

test("few files write", () => {
  const writes = /\b(?:writeFile|appendFile|createWriteStream|writeSync|copyFile)(?:Sync)?\(|openSync\([^)]*"w/;
  const isWriter = (text: string) => text.includes('"node:fs') && writes.test(text);
  const found = ["src", "transforms"].flatMap((folder) =>
    readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" })
      .map((path) => `${folder}/${path.split("\\").join("/")}`)
      .filter((path) => path.endsWith(".ts") && isWriter(readFileSync(join(PROJECT_ROOT, path), "utf8"))),
  );
  expect(found.sort()).toEqual(WRITERS);
});

test.skipIf(process.platform === "win32")(
  "a report that has no room leaves what was there, and nothing beside it",
  () => {
    const root = makeRepo(EXAMPLE);
    const folder = makeTempDir();
    const file = join(folder, "plan.json");
    writeFileSync(file, KEPT);
    const line = 'ulimit -f 4 && exec "$0" "$@"';
    const argv = [process.execPath, BUNDLE, "plan", "-o", file];
    const { status, stderr } = spawnSync("sh", ["-c", line, ...argv], { cwd: root, encoding: "utf8" });
    expect([status, stderr]).toEqual([2, expect.stringContaining("cannot be written (EFBIG)")]);
    expect([readdirSync(folder), readFileSync(file, "utf8")]).toEqual([["plan.json"], KEPT]);
  },
);

test.skipIf(process.platform === "win32" || process.geteuid?.() === 0)(
  "a report that must not be changed stays",
  () => {
    const file = join(makeTempDir(), "plan.json");
    writeFileSync(file, KEPT, { mode: 0o444 });
    expect(() => writeReport(file, made("new"))).toThrow("EACCES");
    expect(readFileSync(file, "utf8")).toBe(KEPT);
  },
);

test.skipIf(process.geteuid?.() !== 0)("a report of another owner stays that owner's", () => {
  const file = join(makeTempDir(), "plan.json");
  writeFileSync(file, KEPT);
  chownSync(file, 65534, 65534);
  writeReport(file, made("new"));
  expect([statSync(file).uid, readFileSync(file, "utf8")]).toEqual([65534, "new"]);
});
