import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineLoader } from "../../src/cli/load-engine.ts";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { makeTempDir } from "../support/repo.ts";
import { planningOnce, realEngine, runCli } from "../support/run-cli.ts";

export const BUNDLE = process.env.FLUXLIFT_BIN ?? join(PROJECT_ROOT, "dist/fluxlift.js");
export const EXAMPLE = join(PROJECT_ROOT, "examples/home-ops");

/** What a command line ended with, both streams together. */
export interface Run {
  code: number;
  text: string;
}

/**
 * Runs a command line in a folder. `FLUXLIFT_BIN` names another build, to see whether a test finds what it is there for:
 * `FLUXLIFT_BIN=../other/dist/fluxlift.js npx vitest run test/hostile`.
 */
export function fluxlift(cwd: string, ...argv: string[]): Promise<Run> {
  return runWith(realEngine, cwd, argv);
}

/** The same, for looks at a tree that nothing changes in between (`planningOnce`). */
export function lookingOnce(): typeof fluxlift {
  const loader = planningOnce();
  return (cwd, ...argv) => runWith(loader, cwd, argv);
}

async function runWith(loader: EngineLoader, cwd: string, argv: string[]): Promise<Run> {
  // These two start fluxlift itself, or read stdin.
  if (process.env.FLUXLIFT_BIN === undefined && argv[0] !== "fleet" && argv[0] !== "mcp") {
    const run = await runCli(argv, { loader, cwd });
    return { code: run.code, text: run.out + run.err };
  }
  const done = spawnSync(process.execPath, [BUNDLE, ...argv], {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: 20_000,
    input: TO_SERVER,
  });
  return { code: done.status ?? -1, text: done.stdout + done.stderr };
}

/** What an agent says to `fluxlift mcp`: every tool, and nothing after it. No other command reads it. */
export const TO_SERVER = [
  {
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "a", version: "1" } },
  },
  { method: "notifications/initialized" },
  ...Object.entries({ scan: {}, plan: {}, explain: {}, verify: { base: "HEAD~1" } }).map(([name, args], index) => ({
    id: index + 2,
    method: "tools/call",
    params: { name, arguments: args },
  })),
]
  .map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)
  .join("");

/** Programs that leave a mark when somebody starts them. */
export interface Trap {
  /** A new program of this name; it goes on like `cat`, so that a filter keeps what it filters. */
  program(name: string): string;
  /** Names of the programs that ran since the last call. */
  sprung(): string[];
}

export function makeTrap(): Trap {
  const dir = makeTempDir();
  const log = join(dir, "marks");
  return {
    program(name) {
      const path = join(dir, name.replace(/[^\w.-]/g, "_"));
      writeFileSync(path, `#!/bin/sh\necho '${name}' >>'${log}'\ncat 2>/dev/null\n`);
      chmodSync(path, 0o755);
      return path;
    },
    sprung() {
      if (!existsSync(log)) return [];
      const names = readFileSync(log, "utf8").trim().split("\n");
      writeFileSync(log, "");
      return [...new Set(names)].filter((name) => name !== "");
    },
  };
}

/** Every setting of git that names a program, or leads to one; `%` stands for the program. */
const PROGRAM_SETTINGS: readonly (readonly [section: string, key: string, value: string])[] = [
  ["core", "fsmonitor", "%"],
  ["core", "pager", "%"],
  ["core", "editor", "%"],
  ["core", "sshCommand", "%"],
  ["core", "askPass", "%"],
  ["core", "gitProxy", "%"],
  ["core", "alternateRefsCommand", "%"],
  ["sequence", "editor", "%"],
  ["pager", "status", "%"],
  ["pager", "diff", "%"],
  ["pager", "grep", "%"],
  ["pager", "config", "%"],
  ["pager", "remote", "%"],
  ["credential", "helper", "!%"],
  ['credential "https://example.org"', "helper", "!%"],
  ['filter "evil"', "clean", "%"],
  ['filter "evil"', "smudge", "%"],
  ['filter "evil"', "process", "%"],
  ['filter "evil"', "required", "true"],
  ['filter "plain"', "clean", "%"],
  ["diff", "external", "%"],
  ['diff "evil"', "command", "%"],
  ['diff "evil"', "textconv", "%"],
  ['merge "evil"', "driver", "%"],
  ["merge", "tool", "evil"],
  ['mergetool "evil"', "cmd", "%"],
  ['difftool "evil"', "cmd", "%"],
  ["interactive", "diffFilter", "%"],
  ["gpg", "program", "%"],
  ['gpg "ssh"', "program", "%"],
  ['gpg "ssh"', "defaultKeyCommand", "%"],
  ['gpg "x509"', "program", "%"],
  ["log", "showSignature", "true"],
  ["alias", "ls-files", "!%"],
  ["alias", "rev-parse", "!%"],
  ["alias", "verify", "!%"],
  ['trailer "sign"', "command", "%"],
  ['trailer "sign"', "cmd", "%"],
  ['tar "tar"', "command", "%"],
  ['browser "evil"', "cmd", "%"],
  ["uploadpack", "packObjectsHook", "%"],
  ['submodule "lib"', "update", "!%"],
  ["submodule", "recurse", "true"],
  ["fetch", "recurseSubmodules", "true"],
  ["status", "submoduleSummary", "true"],
  ["diff", "submodule", "log"],
  ["diff", "ignoreSubmodules", "none"],
  ["gc", "auto", "1"],
  ["maintenance", "auto", "true"],
  ["protocol", "allow", "always"],
  ['protocol "ext"', "allow", "always"],
];

/** The text of a config file in which every such setting names a program of its own. */
export function poisonedConfig(trap: Trap): string {
  return PROGRAM_SETTINGS.map(([section, key, value]) => {
    const program = trap.program(`${section}.${key}`.replace(/[" ]+/g, ".").replace("..", "."));
    return `[${section}]\n\t${key} = "${value.replace("%", program)}"\n`;
  }).join("");
}

/** What gives files over to the drivers above. */
export const ATTRIBUTES = "*.yaml filter=evil diff=evil merge=evil\n*.md filter=plain diff=evil\n";

const HOOKS = [
  ...["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-index-change", "reference-transaction"],
  ...["fsmonitor-watchman", "pre-auto-gc", "post-checkout", "post-rewrite", "pre-push", "post-merge"],
];

/** Fills a folder of hooks. */
export function plantHooks(dir: string, trap: Trap): void {
  mkdirSync(dir, { recursive: true });
  for (const name of HOOKS) {
    const program = trap.program(`hook.${name}`);
    writeFileSync(join(dir, name), readFileSync(program));
    chmodSync(join(dir, name), 0o755);
  }
}

/** Every variable of git's that names a program or another repository. */
export function poisonedEnvironment(trap: Trap, elsewhere: string): Record<string, string> {
  const names = [
    ...["GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "GIT_SSH_COMMAND", "GIT_SSH"],
    ...["GIT_ASKPASS", "SSH_ASKPASS", "GIT_PROXY_COMMAND", "GIT_TEMPLATE_DIR", "GIT_ALTERNATE_OBJECT_DIRECTORIES"],
  ];
  const settings = ["core.fsmonitor", "core.hooksPath", "filter.evil.clean", "filter.evil.process", "diff.external"];
  return {
    ...Object.fromEntries(names.map((name) => [name, trap.program(name)])),
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap((key, i) => [
        [`GIT_CONFIG_KEY_${i}`, key],
        [`GIT_CONFIG_VALUE_${i}`, trap.program(`environment.${key}`)],
      ]),
    ),
    GIT_DIR: join(elsewhere, ".git"),
    GIT_WORK_TREE: elsewhere,
    GIT_INDEX_FILE: join(elsewhere, "index"),
    GIT_OBJECT_DIRECTORY: join(elsewhere, "objects"),
    GIT_COMMON_DIR: elsewhere,
    GIT_NAMESPACE: "evil",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_ATTR_SOURCE: "HEAD",
    GIT_ALLOW_PROTOCOL: "ext:file:ssh:https",
  };
}
