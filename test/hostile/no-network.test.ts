import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { commitAll, git, makeRepo, makeTempDir, writeFiles } from "../support/repo.ts";
import { BUNDLE, EXAMPLE, TO_SERVER } from "./support.ts";

/** A network namespace of its own, with nothing in it; root makes one at once, others where the kernel lets them. */
const UNSHARE = [
  ["unshare", "-n"],
  ["unshare", "-rn"],
].find(([program, ...flags]) => spawnSync(program!, [...flags, "true"]).status === 0);
const HOW = UNSHARE ? "in a network namespace with nothing in it" : "with the sockets of node refused";

interface Machine {
  /** Runs fluxlift; its exit code and stdout. */
  run(cwd: string, ...argv: string[]): { code: number | null; out: string; err: string };
  /** What node tried to reach. */
  tried(): string;
}

/** A machine where no process can reach another one, and node's own attempts are noted. */
function offline(): Machine {
  const log = join(makeTempDir(), "sockets");
  // What fluxlift starts itself, as fleet does, is on the same machine.
  const NODE_OPTIONS = `--require ${join(PROJECT_ROOT, "test/hostile/no-sockets.cjs")}`;
  const [program = "", ...flags] = [...(UNSHARE ?? []), process.execPath, BUNDLE];
  return {
    run(cwd, ...argv) {
      const env = { ...process.env, SOCKET_LOG: log, NODE_OPTIONS };
      const settings = { cwd, env, encoding: "utf8", maxBuffer: 1 << 28, input: TO_SERVER } as const;
      const done = spawnSync(program, [...flags, ...argv], settings);
      return { code: done.status, out: done.stdout, err: done.stderr };
    },
    tried: () => (existsSync(log) ? readFileSync(log, "utf8") : ""),
  };
}

const REMOTE = "https://github.com/lighthouse-keeper/home-ops.git";

/** A repository after the first phase, with a tag `start` before it. */
function makeCheckout(): string {
  const root = makeRepo(EXAMPLE, { remote: REMOTE });
  git(root, "tag", "start");
  writeFiles(root, { "notes.md": "More.\n" });
  commitAll(root, "Notes");
  return root;
}

describe(`no command needs a network (${HOW})`, () => {
  test("the machine of this test has none", () => {
    const log = join(makeTempDir(), "sockets");
    const program = "await fetch('https://example.org').catch(() => {})";
    const argv = ["--require", join(PROJECT_ROOT, "test/hostile/no-sockets.cjs"), "--input-type=module", "-e", program];
    spawnSync(process.execPath, argv, { env: { ...process.env, SOCKET_LOG: log } });
    expect(readFileSync(log, "utf8")).toMatch(/lookup|connect/);
    if (!UNSHARE) return;
    const [unshare, ...flags] = UNSHARE;
    const reached = spawnSync(unshare!, [...flags, "git", "ls-remote", "http://127.0.0.1:9/x"], { encoding: "utf8" });
    expect(reached.status).not.toBe(0);
  });

  test("in a checkout", () => {
    const root = makeCheckout();
    const { run, tried } = offline();
    const folder = makeTempDir();
    const plan = join(folder, "plan.json");
    writeFileSync(join(folder, "list"), `${root}\n`);
    const reports = join(folder, "reports");
    const commands: [code: number, ...argv: string[]][] = [
      [0],
      [0, "--help"],
      [0, "--version"],
      [0, "transforms"],
      [0, "scan"],
      [0, "plan", "-o", plan],
      // All formats but these two go into the reports.
      [0, "plan", "--reports", reports],
      [0, "plan", "--format", "preflight"],
      [0, "plan", "--format", "diff"],
      [0, "config"],
      [0, "config", "--schema"],
      [0, "completion", "bash"],
      [0, "explain"],
      [0, "explain", "path-taken"],
      [0, "mcp"],
      ...["scan", "plan"].map((action): [number, ...string[]] => [
        0,
        "fleet",
        join(folder, "list"),
        "--action",
        action,
      ]),
      [0, "fleet", join(folder, "list"), "--action", "verify", "--base", "start", "-o", join(folder, "all.jsonl")],
      [
        0,
        "fleet",
        "merge",
        join(folder, "all.jsonl"),
        "-o",
        join(folder, "both.jsonl"),
        "--html",
        join(folder, "x.html"),
      ],
      [1, "plan", "--phase", "cutover"],
      [0, "plan", "--phase", "all", "--direct"],
      [1, "oci", "--dry-run"],
      [0, "verify", "--base", "start"],
      [0, "verify", "--base", "start", "--format", "html", "-o", join(folder, "verify.html")],
      [0, "verify", "--base", "start", "--reports", reports],
      [0, "migrate", "--yes"],
      [0, "undo", "--yes"],
      [0, "apply", plan, "--yes", "--commit"],
      [0, "migrate", "--phase", "cutover", "--dry-run"],
      [1, "oci", "--phase", "prepare", "--dry-run", "--forge", "github"],
    ];
    for (const [code, ...argv] of commands) {
      const done = run(root, ...argv);
      expect([argv.join(" "), done.code, done.code === code ? "" : done.err]).toEqual([argv.join(" "), code, ""]);
      if (argv[0] === "mcp") expect(done.out).toContain('"serverInfo"');
    }
    expect(tried()).toBe("");
    // A new command is tried here, or says in the documentation that it needs a network.
    const help = run(root, "--help").out.split(/^Examples:$/m)[0]!;
    const known = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!);
    expect(known).toContain("scan");
    const tested = new Set(commands.map(([, name]) => name));
    expect(known.filter((name) => !tested.has(name))).toEqual(["publish", "help"]);
  }, 240_000);

  test("in a clone that lacks files, where what is missing is said", () => {
    const source = makeCheckout();
    git(source, "config", "uploadpack.allowFilter", "true");
    const root = join(makeTempDir(), "clone");
    git(source, "clone", "-q", "--no-local", "--filter=blob:none", `file://${source}`, root);
    git(root, "config", "remote.origin.url", REMOTE);
    git(source, "checkout", "-q", "-b", "other", "start");
    const { run, tried } = offline();
    const folder = makeTempDir();
    writeFileSync(join(folder, "list"), `${root}\n`);
    const commands: [code: number, ...argv: string[]][] = [
      ...([
        [0, "scan"],
        [0, "plan", "-o", join(folder, "plan.json")],
        [1, "oci", "--dry-run"],
        [0, "config"],
      ] as const),
      ...([[0, "mcp"], [0, "fleet", join(folder, "list")], [0]] as const),
      ...([
        [0, "migrate", "--yes"],
        [0, "undo", "--yes"],
        [0, "apply", join(folder, "plan.json"), "--yes"],
      ] as const),
      [0, "undo", "--yes"],
    ] as [number, ...string[]][];
    for (const [code, ...argv] of commands) {
      const done = run(root, ...argv);
      expect([argv, done.code, done.code === code ? "" : done.err]).toEqual([argv, code, ""]);
    }
    appendFileSync(join(source, "kubernetes/flux/apps.yaml"), "# Other.\n");
    commitAll(source, "Other");
    git(root, "fetch", "-q", "--filter=blob:none", `file://${source}`, "other:other");
    const done = run(root, "verify", "--base", "HEAD", "--head", "other");
    expect(done.code).toBe(2);
    expect(done.err).toContain("is not in this clone, and fluxlift fetches nothing");
    expect(done.err).toContain("git fetch --refetch --no-filter");
    const bare = join(makeTempDir(), "treeless");
    git(source, "clone", "-q", "--no-local", "--filter=tree:0", `file://${source}`, bare);
    git(bare, "config", "remote.origin.url", REMOTE);
    expect(run(bare, "verify", "--base", "HEAD~1").err).toContain("git fetch --refetch --no-filter");
    expect(tried()).toBe("");
  }, 240_000);
});

test("few files start a process, each its own, and one opens a connection, for --publish", () => {
  const found = ["src", "transforms"].flatMap((folder) =>
    readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => `${folder}/${path.split("\\").join("/")}`),
  );
  const using = (what: RegExp) =>
    found.filter((path) => what.test(readFileSync(join(PROJECT_ROOT, path), "utf8"))).sort();
  // core.ts only asks node for the module early, so that it comes compiled. fleet starts fluxlift itself; testing.ts is for
  // the tests of others, and no command loads it. measure.ts is the guide's, for an owner who has said yes.
  expect(using(/["'](node:)?child_process["']|["']node:cluster["']/)).toEqual([
    "src/cli/core.ts",
    "src/cli/fleet/run-command.ts",
    "src/cli/guide/measure.ts",
    "src/cli/pager.ts",
    "src/files/git-run.ts",
    "src/files/helm.ts",
    "src/public/testing.ts",
  ]);
  expect(
    using(
      /["']node:(net|tls|dgram|dns|https?|http2|inspector)(\/promises)?["']|require\(["'](net|tls|dgram|dns|https?|http2)["']/,
    ),
  ).toEqual([]);
  expect(using(/\b(fetch|WebSocket|EventSource|XMLHttpRequest)\(/)).toEqual(["src/publish/forges/patient-fetch.ts"]);
  // The clients of the forges do so as well. Nothing but the command that publishes may reach them.
  expect(
    using(/["'](@octokit|@gitbeaker|gitea-js|azure-devops)/).filter((path) => !path.startsWith("src/publish/")),
  ).toEqual([]);
  expect(using(/["'][./]+\/publish\/(open-forge|libraries|forges\/)/)).toEqual(["src/cli/commands/publish.ts"]);
});
