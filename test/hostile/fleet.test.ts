import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { readEntries } from "../../src/cli/fleet/entries.ts";
import { UsageError } from "../../src/contract/errors.ts";
import type { FleetResult } from "../../src/contract/fleet.ts";
import { hasHidden } from "../../src/contract/visible.ts";
import { commitAll, git, makeRepo, makeTempDir, writeFiles } from "../support/repo.ts";
import { ATTRIBUTES, BUNDLE, EXAMPLE, makeTrap, plantHooks, poisonedConfig } from "./support.ts";

test.each(["--upload-pack=touch MARK", "-oProxyCommand=touch MARK", "-u touch", " --config=core.fsmonitor=x"])(
  "a list with the line %j is refused",
  (line) => {
    expect(() => readEntries(`https://example.org/a.git\n${line}\n`)).toThrow(UsageError);
  },
);

/** A repository of somebody else: whatever names a program, in its settings, files and submodules. */
function makeSource(trap: ReturnType<typeof makeTrap>): string {
  const source = makeRepo(EXAMPLE);
  const program = trap.program("submodule");
  writeFiles(source, {
    ".gitattributes": ATTRIBUTES,
    ".gitmodules": `[submodule "lib"]\n\tpath = lib\n\turl = ext::${program} %s\n\tupdate = !${program}\n`,
  });
  commitAll(source, "Attributes");
  const head = git(source, "rev-parse", "HEAD").trim();
  git(source, "update-index", "--add", "--cacheinfo", `160000,${head},lib`);
  git(source, "commit", "-q", "-m", "Submodule");
  appendFileSync(join(source, ".git/config"), poisonedConfig(trap));
  plantHooks(join(source, ".git/hooks"), trap);
  return source;
}

test("no line of a list, and no repository that it names, starts a program, writes elsewhere or speaks for fluxlift", () => {
  const trap = makeTrap();
  const cwd = makeTempDir();
  const mark = join(cwd, "MARK");
  const source = makeSource(trap);
  const lines = [
    `ext::${trap.program("ext")} %S`,
    `ext::sh -c touch% ${mark}://x`,
    "fd::17",
    `ssh://-oProxyCommand=touch\${IFS}${mark}/x`,
    `git@-oProxyCommand=touch\${IFS}${mark}:x`,
    "ssh://example.invalid:22/$(touch MARK)",
    "https://me:s3cr3t@127.0.0.1:9/../../..",
    "me:s3cr3t@git.example.invalid:a/b",
    "me:s3cr3t@git.example.invalid/a/b",
    "https:/me:s3cr3t@git.example.invalid/a/b",
    "//me:s3cr3t@git.example.invalid/a/b",
    "me:p@ss:s3cr3t@git.example.invalid/a/b",
    "me:a/s3cr3t@git.example.invalid/a/b",
    "glpat-s3cr3t-s3cr3t-s3cr3t@git.example.invalid/a/b",
    "https://me:s3cr3t of@127.0.0.1:9/a",
    "https://127.0.0.1:9/a/..%2f..%2fescape.git",
    "https://127.0.0.1:9/\u001b[2J\u202e::set-output name=a::b",
    "::stop-commands::x",
    "\u2028✔ 1 repositories",
    "</script><img src=x onerror=alert(1)>",
    `file://${source}`,
    source,
  ];
  writeFileSync(join(cwd, "list"), lines.join("\n"));
  const words = ["fleet", "list", "--clones", "clones", "-o", "all.jsonl", "--html", "all.html"];
  const done = spawnSync(process.execPath, [BUNDLE, ...words], { cwd, encoding: "utf8" });
  expect(done.status).toBe(2);
  expect([existsSync(mark), trap.sprung()]).toEqual([false, []]);
  expect(readdirSync(cwd).sort()).toEqual(["all.html", "all.jsonl", "clones", "list"]);
  expect(readdirSync(join(cwd, "clones")).map((name) => name.replace(/-[0-9a-f]{8}$/, ""))).toEqual([basename(source)]);

  const written = readFileSync(join(cwd, "all.jsonl"), "utf8");
  const results = written
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as FleetResult);
  expect(results.map(({ index, end }) => [index, end])).toEqual(
    lines.map((_, index) => [index, index < lines.length - 2 ? "failed" : "done"]),
  );
  const page = readFileSync(join(cwd, "all.html"), "utf8");
  expect(done.stderr + written + page).not.toContain("s3cr3t");
  const live = `${done.stderr}${written}`.split("\n").filter((line) => hasHidden(line) || /^\s*::|^✔/.test(line));
  expect(live).toEqual([]);
  expect(page).not.toMatch(/<img|onerror=alert\(1\)>/);
});

test("what is no folder is said of a line that names a file, or something below one", () => {
  const cwd = makeTempDir();
  writeFileSync(join(cwd, "file"), "");
  writeFileSync(join(cwd, "list"), "file\nfile/below\nnowhere\n");
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, "fleet", "list"], { cwd, encoding: "utf8" });
  expect([status, stderr]).toEqual([2, expect.not.stringContaining("spawn")]);
  // One line for each, in which no end of a line is spelt out.
  expect(stderr).toContain("✗ nowhere: nowhere does not exist. Name a folder, ");
  expect(stderr).not.toContain("\\n");
  const said = stdout.trimEnd().split("\n");
  expect(said.map((line) => (JSON.parse(line) as FleetResult).error)).toEqual([
    expect.stringContaining("file is a file, not a folder"),
    expect.stringContaining("file/below does not exist"),
    expect.stringContaining("nowhere does not exist"),
  ]);
});
