import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { FleetResult } from "../../src/contract/fleet.ts";
import { makeRepo, makeTempDir } from "../support/repo.ts";
import { EXAMPLE, fluxlift } from "./support.ts";

/** The address of a server that takes every connection and never says a word. */
async function startSilent(): Promise<string> {
  const server = createServer(() => {});
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

/** What became of each line of a list, one after the other, with two seconds for each. */
async function runList(lines: readonly string[]): Promise<FleetResult[]> {
  const cwd = makeTempDir();
  writeFileSync(join(cwd, "list"), lines.join("\n"));
  const { code, text } = await fluxlift(cwd, "fleet", "list", "--timeout", "2", "--jobs", "1");
  expect([code, text]).toEqual([2, expect.stringContaining(`${lines.length} repositories`)]);
  const results = text.split("\n").filter((line) => line.startsWith("{"));
  return results.map((line) => JSON.parse(line) as FleetResult);
}

test("a server that never answers is a repository that has failed", { timeout: 60_000 }, async () => {
  const server = await startSilent();
  const [http, daemon, last] = await runList([`http://a:b@${server}/a.git`, `git://${server}/b.git`, "no/such/folder"]);
  for (const result of [http, daemon]) {
    expect(result).toMatchObject({ end: "failed", error: expect.stringContaining("it was stopped after 2 s") });
  }
  expect(last).toMatchObject({ end: "failed", error: expect.stringContaining("no/such/folder") });
});

test.skipIf(process.platform === "win32").each([".git/HEAD", ".git/config", ".git/refs/heads/main"])(
  "a named pipe in place of %s stops that repository alone",
  { timeout: 60_000 },
  async (name) => {
    const [broken, whole] = [makeRepo(EXAMPLE), makeRepo(EXAMPLE)];
    rmSync(join(broken, name));
    execFileSync("mkfifo", [join(broken, name)]);
    const [first, second] = await runList([broken, whole]);
    expect(first).toMatchObject({ end: "failed", error: expect.stringContaining("named pipe") });
    expect(second).toMatchObject({ repo: whole, commit: expect.any(String) });
  },
);
