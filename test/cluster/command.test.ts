import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeRepo } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";
import { homeOps } from "../traps/support.ts";
import { flux, gitRepository } from "./fleet.ts";

const scan = (cwd: string, ...argv: string[]) => runCli(["scan", ...argv], { loader: realEngine, cwd });

describe("scan", () => {
  test("in a folder of a repository reads all of it, unless the folder is given or is one by itself", async () => {
    const root = makeRepo(homeOps());
    const inside = join(root, "kubernetes", "apps");
    const run = await scan(inside);
    expect(run.err).toContain(`Reading the whole repository, from ${root}`);
    expect(run.out).toContain("1 cluster recognised");
    expect((await scan(inside, ".")).out).toBe(run.out);
    const given = await scan(root, join("kubernetes", "apps"));
    expect(given.err).not.toContain("Reading the whole repository");
    expect(given.out).toContain("No Flux cluster was recognised");
    const nested = Object.entries(homeOps()).map(([path, text]) => [`fleet/${path}`, text]);
    const own = await scan(join(makeRepo(Object.fromEntries(nested)), "fleet"));
    expect(own.err).not.toContain("Reading the whole repository");
    expect(own.out).toContain("1 cluster recognised");
  });

  test("shows no green tick while something that looks like a cluster is left out", async () => {
    const other =
      gitRepository("home", "https://github.com/example/home-ops") + flux("other", "./other", "GitRepository home");
    const last = async (files: Record<string, string>) =>
      (await scan(makeRepo(files))).out.split("\n").find((line) => line.includes("1 cluster recognised"));
    expect(await last(homeOps())).toMatch(/^◎/);
    expect(await last({ ...homeOps(), "elsewhere/sync.yaml": other })).toMatch(/^⚠.* 1 left out/);
  });
});
