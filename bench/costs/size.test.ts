import { spawnSync } from "node:child_process";
import { existsSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BUNDLE, EXAMPLE, TO_SERVER } from "../../test/hostile/support.ts";
import { commitAll, git, makeRepo } from "../../test/support/repo.ts";

const TIME = "/usr/bin/time";
/** The file does not fit in beside what a run needs that does not hold it, some 120 MB. In KiB and bytes. */
const LIMIT = 190 * 1024;
const SIZE = 190 * 2 ** 20;

/** The most memory that one process of a command line held, git included, in KiB. */
function peakOf(root: string, argv: readonly string[]): { peak: number; code: number | null; text: string } {
  const done = spawnSync(TIME, ["-f", "%M", process.execPath, BUNDLE, ...argv], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    input: TO_SERVER,
  });
  const lines = done.stderr.trim().split("\n");
  return { peak: Number(lines.at(-1)), code: done.status, text: done.stdout + done.stderr };
}

describe.skipIf(!existsSync(TIME))("a tracked file that is larger than the memory", () => {
  test("is listed and never held in memory, by any command", { timeout: 240_000 }, () => {
    const root = makeRepo(EXAMPLE, { remote: "git@github.com:lighthouse-keeper/home-ops.git" });
    writeFileSync(join(root, ".gitattributes"), "* text=auto\n");
    writeFileSync(join(root, "disk.img"), "");
    truncateSync(join(root, "disk.img"), SIZE);
    git(root, "-c", "core.bigFileThreshold=1m", "-c", "core.compression=1", "add", "disk.img");
    commitAll(root, "Disk");
    const list = join(root, "..", "list");
    writeFileSync(list, `${root}\n`);
    const plan = join(root, "..", "plan.json");
    const commands = [
      ...[[], ["scan"], ["plan"], ["plan", "-o", plan], ["plan", "--phase", "cutover"], ["config"], ["mcp"]],
      ...[
        ["oci", "--dry-run"],
        ["fleet", list, "--action", "plan"],
        ["fleet", list, "--action", "verify"],
      ],
      ...[
        ["verify", "--base", "HEAD~1"],
        ["verify", "--base", "HEAD~1", "--head", "WORKTREE"],
      ],
      ...[
        ["apply", plan, "--yes"],
        ["undo", "--yes"],
        ["migrate", "--yes"],
        ["undo", "--yes"],
      ],
    ];
    const whole = spawnSync(process.execPath, [BUNDLE, "--help"], { encoding: "utf8" }).stdout.split(
      /^Examples:$/m,
    )[0]!;
    const known = [...whole.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!);
    const tried = new Set(commands.map(([name]) => name));
    // None of these looks at a repository.
    expect(known.filter((name) => !tried.has(name)).sort()).toEqual(
      ["completion", "explain", "help", "publish", "transforms"].sort(),
    );
    for (const argv of commands) {
      // The size is as it was, the time is not: git compares the content.
      if (argv[0] === "migrate" || argv[0] === "apply") utimesSync(join(root, "disk.img"), 1, 1);
      const { peak, text } = peakOf(root, argv);
      expect(text).not.toMatch(/ENOBUFS|cannot read/);
      expect([argv.join(" "), peak < LIMIT]).toEqual([argv.join(" "), true]);
    }
  });
});
