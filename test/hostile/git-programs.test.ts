import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { commitAll, git, makeRepo, makeTempDir, readTree } from "../support/repo.ts";
import {
  ATTRIBUTES,
  EXAMPLE,
  fluxlift,
  makeTrap,
  plantHooks,
  poisonedConfig,
  poisonedEnvironment,
  type Trap,
} from "./support.ts";

/** Command lines in an order that makes each of them do something; the plan and the write come before what needs them. */
const COMMANDS: readonly (readonly string[])[] = [
  [],
  ["scan"],
  ["plan", "-o", "PLAN"],
  ["plan", "--phase", "cutover"],
  ["verify", "--base", "HEAD~1"],
  ["oci", "--dry-run"],
  ["config"],
  ["migrate", "--yes", "--allow-dirty"],
  ["undo", "--yes"],
  ["apply", "PLAN", "--yes", "--allow-dirty"],
  ["undo", "--yes"],
  ["migrate", "--yes"],
];

/** Those that start fluxlift once more, or answer an agent: what runs in there is the same. */
const OTHERS: readonly (readonly string[])[] = [
  ["mcp"],
  ["fleet", "LIST"],
  ["fleet", "LIST", "--action", "verify", "--base", "HEAD~1"],
];

interface Place {
  /** Top folder of the repository whose files are made to look changed. */
  top: string;
  /** Where the user stands. */
  cwd: string;
  /** Config files to poison. */
  configs: string[];
  /** Folders of hooks. */
  hooks: string[];
}

const ORIGIN = { remote: "https://example.org/home-ops.git" };

/** The example with two commits and files that belong to drivers. */
function makeCheckout(): string {
  const root = makeRepo(EXAMPLE, ORIGIN);
  git(root, "tag", "start");
  writeFileSync(join(root, ".gitattributes"), ATTRIBUTES);
  appendFileSync(join(root, "README.md"), "More.\n");
  commitAll(root, "Attributes");
  return root;
}

const PLACES: Record<string, () => Place> = {
  "a checkout": () => {
    const top = makeCheckout();
    return { top, cwd: top, configs: [join(top, ".git/config")], hooks: [join(top, ".git/hooks")] };
  },
  "a folder below": () => {
    const top = makeCheckout();
    return { top, cwd: join(top, "kubernetes"), configs: [join(top, ".git/config")], hooks: [join(top, ".git/hooks")] };
  },
  "a linked worktree": () => {
    const main = makeCheckout();
    const top = join(makeTempDir(), "tree");
    git(main, "worktree", "add", "-q", "-b", "side", top);
    git(main, "config", "extensions.worktreeConfig", "true");
    const configs = [join(main, ".git/config"), join(main, ".git/worktrees/tree/config.worktree")];
    return { top, cwd: top, configs, hooks: [join(main, ".git/hooks")] };
  },
  "a repository with a submodule": () => {
    const top = withSubmodule();
    return {
      top,
      cwd: top,
      configs: [join(top, ".git/modules/lib/config")],
      hooks: [join(top, ".git/modules/lib/hooks")],
    };
  },
  "a submodule": () => {
    const top = withSubmodule();
    const lib = join(top, "lib");
    return { top: lib, cwd: lib, configs: [join(top, ".git/modules/lib/config")], hooks: [] };
  },
  "a bare repository in the tree": () => {
    const top = makeCheckout();
    const bare = join(top, "kubernetes");
    for (const dir of ["objects/x", "refs/heads"]) {
      mkdirSync(join(bare, dir), { recursive: true });
      writeFileSync(join(bare, dir, "y.txt"), "");
    }
    writeFileSync(join(bare, "HEAD"), "ref: refs/heads/main\n");
    const head = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n";
    writeFileSync(join(bare, "config"), head);
    cpSync(join(top, ".git/index"), join(bare, "index"));
    commitAll(top, "Bare");
    return { top, cwd: bare, configs: [join(bare, "config")], hooks: [join(bare, "hooks")] };
  },
};

function withSubmodule(): string {
  const library = makeCheckout();
  const top = makeCheckout();
  git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "lib");
  commitAll(top, "Submodule");
  writeFileSync(join(top, "lib/README.md"), "Changed in the submodule.\n");
  return top;
}

/** Makes every file look changed since git last saw it, so that git would look into it, through its filter. */
function age(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !/[\\/]\.git([\\/]|$)/.test(path)) utimesSync(path, 1, 1);
  }
}

/** Runs every command; which programs ran in each. */
async function springs({ cwd, top }: Pick<Place, "cwd" | "top">, trap: Trap, commands = COMMANDS): Promise<string[]> {
  const [plan, list] = [join(makeTempDir(), "plan.json"), join(makeTempDir(), "list")];
  writeFileSync(list, `${cwd}\n`);
  const found: string[] = [];
  for (const command of commands) {
    age(top);
    const words: Record<string, string> = { PLAN: plan, LIST: list };
    await fluxlift(cwd, ...command.map((word) => words[word] ?? word));
    const sprung = trap.sprung();
    if (sprung.length > 0) found.push(`${command.join(" ") || "(bare)"}: ${sprung.sort().join(", ")}`);
  }
  return found;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

test("the traps work: git itself, asked without care, springs them", () => {
  const top = makeCheckout();
  const trap = makeTrap();
  appendFileSync(join(top, ".git/config"), poisonedConfig(trap));
  age(top);
  expect(() => git(top, "status")).toThrow();
  expect(trap.sprung()).toEqual(["core.fsmonitor", "filter.evil.process"]);
});

test.each(Object.keys(PLACES))("no setting of %s starts a program", { timeout: 240_000 }, async (name) => {
  const place = PLACES[name]!();
  const trap = makeTrap();
  for (const config of place.configs) appendFileSync(config, poisonedConfig(trap));
  for (const hooks of place.hooks) plantHooks(hooks, trap);
  expect(await springs(place, trap, [...COMMANDS, ...OTHERS])).toEqual([]);
});

describe("no detour to a setting starts a program", () => {
  test("includes, a folder of hooks and a file of attributes elsewhere, an index that asks for a monitor", async () => {
    const top = makeCheckout();
    const trap = makeTrap();
    const elsewhere = makeTempDir();
    plantHooks(join(elsewhere, "hooks"), trap);
    writeFileSync(join(elsewhere, "included"), poisonedConfig(trap));
    writeFileSync(join(elsewhere, "attributes"), "* filter=evil diff=evil merge=evil\n");
    const lines = [
      `[include]\n\tpath = ${join(elsewhere, "included")}\n`,
      `[includeIf "gitdir:**"]\n\tpath = ${join(elsewhere, "included")}\n`,
      `[core]\n\thooksPath = ${join(elsewhere, "hooks")}\n\tattributesFile = ${join(elsewhere, "attributes")}\n`,
      "[core]\n\tsplitIndex = true\n\tuntrackedCache = true\n[index]\n\tsparse = true\n\tversion = 4\n",
    ];
    rmSync(join(top, ".gitattributes"));
    mkdirSync(join(top, ".git/info"));
    writeFileSync(join(top, ".git/info/attributes"), "* filter=plain\n");
    commitAll(top, "No attributes");
    appendFileSync(join(top, ".git/config"), lines.join(""));
    expect(await springs({ top, cwd: top }, trap)).toEqual([]);
  });

  test("variables of the environment, which cannot lead elsewhere either", async () => {
    const top = makeCheckout();
    const trap = makeTrap();
    const stubs = poisonedEnvironment(trap, makeCheckout());
    for (const [name, value] of Object.entries(stubs)) vi.stubEnv(name, value);
    const run = await fluxlift(top, "scan");
    expect(run.text).toContain("44 files scanned");
    expect(await springs({ top, cwd: top }, trap)).toEqual([]);
  });

  test("a program called git in the checkout, where PATH says so", async () => {
    const top = makeCheckout();
    const trap = makeTrap();
    writeFileSync(join(top, "git"), readFileSync(trap.program("git")), { mode: 0o755 });
    const cwd = process.cwd();
    process.chdir(top);
    try {
      vi.stubEnv("PATH", `.:${delimiter}${process.env.PATH}`);
      expect((await fluxlift(top, "scan")).code).toBe(0);
    } finally {
      process.chdir(cwd);
    }
    expect(trap.sprung()).toEqual([]);
  });
});

describe("no clone that lacks objects fetches them", () => {
  const REMOTES: Record<string, (trap: Trap, source: string) => Record<string, string>> = {
    "from a folder": (trap, source) => ({ url: `file://${source}`, uploadpack: trap.program("uploadpack") }),
    "by ssh": () => ({ url: "ssh://git@example.invalid/home-ops.git" }),
    "by a helper": (trap) => ({ url: `ext::${trap.program("ext")} %s` }),
    "by a named helper": (trap, source) => ({ url: source, vcs: trap.program("vcs") }),
    "by http with credentials": () => ({ url: "http://user:secret@127.0.0.1:9/home-ops.git" }),
  };

  test.each(Object.keys(REMOTES))("%s", async (name) => {
    const source = makeCheckout();
    git(source, "config", "uploadpack.allowFilter", "true");
    const top = join(makeTempDir(), "clone");
    git(source, "clone", "-q", "--no-local", "--filter=blob:none", `file://${source}`, top);
    const trap = makeTrap();
    const packs = readdirSync(join(top, ".git/objects/pack"));
    for (const [key, value] of Object.entries(REMOTES[name]!(trap, source)))
      git(top, "config", `remote.origin.${key}`, value);
    appendFileSync(join(top, ".git/config"), poisonedConfig(trap));
    expect(await springs({ top, cwd: top }, trap)).toEqual([]);
    const verified = await fluxlift(top, "verify", "--base", "HEAD~1");
    expect(verified.code).toBe(2);
    expect(verified.text).toContain("is not in this clone");
    expect(verified.text).not.toContain("secret");
    expect(readdirSync(join(top, ".git/objects/pack"))).toEqual(packs);
  });
});

describe("what --commit starts is the owner's", () => {
  test("hooks and filters run for the commit, and for nothing before it", async () => {
    const top = makeCheckout();
    const trap = makeTrap();
    plantHooks(join(top, ".git/hooks"), trap);
    git(top, "config", "filter.evil.clean", trap.program("clean"));
    expect(await springs({ top, cwd: top }, trap, [["migrate", "--yes"]])).toEqual([]);
    await fluxlift(top, "undo", "--yes");
    expect((await fluxlift(top, "migrate", "--yes", "--commit")).code).toBe(0);
    expect(trap.sprung()).toEqual(expect.arrayContaining(["clean", "hook.pre-commit", "hook.post-commit"]));
    expect(git(top, "status", "--porcelain")).toBe("");
  });

  test("a folder that looks like a bare repository is not the one that is committed to", async () => {
    const place = PLACES["a bare repository in the tree"]!();
    const trap = makeTrap();
    appendFileSync(place.configs[0]!, poisonedConfig(trap));
    plantHooks(join(place.cwd, "hooks"), trap);
    commitAll(place.top, "Poison");
    expect((await fluxlift(place.cwd, "migrate", "--yes", "--commit")).code).toBe(0);
    expect(trap.sprung()).toEqual([]);
    expect(git(place.top, "log", "--format=%s", "-1")).toBe("Add Flux Operator beside the old Flux install\n");
  });
});

test("settings that say the files lie elsewhere are refused, and nothing is written there", async () => {
  const top = makeCheckout();
  const elsewhere = makeTempDir();
  cpSync(top, elsewhere, { recursive: true, filter: (path) => !path.includes(".git/") });
  git(top, "config", "core.worktree", elsewhere);
  const before = readTree(elsewhere);
  for (const command of [["scan"], ["migrate", "--yes"], ["verify", "--base", "HEAD~1"], ["undo", "--yes"]]) {
    const run = await fluxlift(top, ...command);
    expect([command[0], run.code]).toEqual([command[0], 2]);
    expect(run.text).toContain("core.worktree");
  }
  expect(readTree(elsewhere)).toEqual(before);
});
