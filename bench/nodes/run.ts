// Runs the built command on other versions of node and compares what it says with what it says on this one: npm run nodes.
// `-- --tests` runs all tests on each of them as well, `-- --only 24` one version. npm fetches them into .cache/nodes.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

const PROJECT = resolve(import.meta.dirname, "../..");
const BIN = join(PROJECT, "dist/fluxlift.js");
/** The oldest that package.json allows, and the newest of each line that has long support. */
const VERSIONS = ["20.0.0", "20", "22", "24", "26"];
const COMMANDS = [
  ["scan"],
  ["plan"],
  ["plan", "--phase", "all", "--direct", "--format", "json"],
  ["verify", "--base", "HEAD~1"],
  ["verify", "--base", "HEAD~1", "--format", "html"],
  ["transforms"],
  ["explain"],
  ["migrate", "--yes"],
  ["undo", "--yes"],
];
/** Node 20.0 cannot be taught to read it, and says so. */
const CONFIG = ["config", "--trust-config", "--config", "settings.ts"];

const { only, tests } = parseArgs({ options: { only: { type: "string" }, tests: { type: "boolean" } } }).values;

/** @returns absolute path of the program; installed by npm where it is not there yet */
function install(version: string): string {
  const folder = join(PROJECT, ".cache/nodes", version);
  const program = join(folder, "node_modules/node/bin/node");
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), "{}\n");
    execFileSync("npm", ["install", "--no-audit", "--no-fund", `node@${version}`], { cwd: folder, stdio: "pipe" });
    if (!existsSync(program)) throw new Error(`npm brought no node ${version}`);
  }
  return program;
}

function makeExample(root: string): void {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=nodes", "-c", "user.email=nodes@example.invalid", ...args], { cwd: root });
  cpSync(join(PROJECT, "examples/home-ops"), root, { recursive: true });
  writeFileSync(
    join(root, "settings.ts"),
    'enum Layout { Apps = "apps" }\nexport default { migrate: { layout: Layout.Apps } };\n',
  );
  git("init", "--quiet", "--initial-branch", "main");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Start");
  rmSync(join(root, "kubernetes/apps/default/echo"), { recursive: true });
  git("commit", "--quiet", "--all", "--message", "Without an app that others list");
}

const folder = mkdtempSync(join(tmpdir(), "fluxlift-nodes-"));
let failed = 0;
try {
  const root = join(folder, "home-ops");
  makeExample(root);
  const env = { ...process.env, XDG_CACHE_HOME: join(folder, "cache"), FORCE_COLOR: undefined };
  const ask = (program: string, args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(program, [BIN, ...args], { cwd: root, env, encoding: "utf8" });
    return JSON.stringify([status, stdout, stderr.replace(/^◎ \d+ ms.*$/m, "")]);
  };
  const here = new Map([...COMMANDS, CONFIG].map((args) => [args, ask(process.execPath, args)]));
  for (const version of only === undefined ? VERSIONS : [only]) {
    const program = install(version);
    const isOld = version === "20.0.0";
    // Twice: the second run starts with what the first one compiled.
    const asked = [...COMMANDS, ...COMMANDS, ...(isOld ? [] : [CONFIG])];
    const other = [
      ...new Set(asked.filter((args) => ask(program, args) !== here.get(args)).map((args) => args.join(" "))),
    ];
    console.log(
      `${other.length === 0 ? "ok" : "✗ "}  node ${version}: ${asked.length} runs${other.length > 0 ? `, another answer: ${other.join("; ")}` : ""}`,
    );
    failed += other.length;
    // The runner of tests itself needs a later one.
    if (!tests || isOld) continue;
    const path = `${dirname(program)}:${process.env.PATH}`;
    const run = spawnSync("npx", ["vitest", "run"], {
      cwd: PROJECT,
      env: { ...process.env, PATH: path },
      stdio: "inherit",
    });
    if (run.status !== 0) failed += 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
