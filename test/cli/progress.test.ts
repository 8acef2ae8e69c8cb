import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/project.ts";
import { makeTempDir } from "../support/repo.ts";

const url = (path: string) => JSON.stringify(pathToFileURL(join(PROJECT_ROOT, path)).href);

/** What a process writes on stderr that keeps its thread busy for so long. */
function work(ms: number, liveStderr: boolean): string {
  const code = `
const { withProgress } = await import(${url("src/cli/progress.ts")});
const io = { liveStderr: ${liveStderr}, err: (text) => process.stderr.write(text) };
const busy = () => { for (const end = Date.now() + ${ms}; Date.now() < end;); return 42; };
if ((await withProgress(io, "counting", busy)) !== 42) process.exit(1);
process.stderr.write("done");`;
  const file = join(makeTempDir(), "work.mjs");
  writeFileSync(file, code);
  const done = spawnSync(process.execPath, ["--import", "tsx", file], { cwd: PROJECT_ROOT, encoding: "utf8" });
  expect([done.status, done.stdout]).toEqual([0, ""]);
  return done.stderr;
}

test("work of more than a second is shown on a terminal while it goes on, and leaves nothing behind", () => {
  const said = work(2500, true);
  expect(said.replace("\u001b[K", "<erase>")).toMatch(/^\r◎ counting \(1 s\)(\r◎ counting \(\d s\))*\r<erase>done$/);
});

test("what is quick, and what goes to a pipe, shows none", () => {
  expect(work(50, true)).toBe("done");
  expect(work(1500, false)).toBe("done");
});
