import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { describe, expect, onTestFinished, test } from "vitest";
import { TOOLS } from "../../src/cli/mcp/tools.ts";
import { hasHidden } from "../../src/contract/visible.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeRepo, makeTempDir, readTree, writeFiles } from "../support/repo.ts";
import { runBuilt } from "../verify/built.ts";
import { homeTree } from "../verify/home-tree.ts";

const BUNDLE = join(PROJECT_ROOT, "dist/fluxlift.js");

/** A server of the built binary, asked by the client of the kit it is made with. */
async function connect(root: string): Promise<Client> {
  const client = new Client({ name: "test", version: "0" });
  const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" };
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [BUNDLE, "mcp"], cwd: root, env }));
  return client;
}

interface Called {
  text: string;
  isError: boolean;
}

/** A server in a repository of its own, for one test. */
async function open(): Promise<{ root: string; client: Client; call(name: string, args: object): Promise<Called> }> {
  const root = makeRepo(homeTree());
  git(root, "commit", "-q", "--allow-empty", "-m", "Nothing");
  const client = await connect(root);
  onTestFinished(() => client.close());
  const call = async (name: string, args: object): Promise<Called> => {
    const answer = (await client.callTool({ name, arguments: { ...args } })) as {
      content: { text: string }[];
      isError?: boolean;
    };
    return { text: answer.content[0]!.text, isError: answer.isError ?? false };
  };
  return { root, client, call };
}

describe("a server in a repository", () => {
  test("offers tools that only look", async () => {
    const { tools } = await (await open()).client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["scan", "plan", "verify", "explain"]);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
    for (const { name, description, _meta } of tools) {
      expect([_meta, description]).toEqual([
        { "fluxlift/schema": `schemas/${name}.json` },
        expect.stringContaining(`schemas/${name}.json`),
      ]);
      expect(existsSync(join(PROJECT_ROOT, `schemas/${name}.json`))).toBe(true);
    }
  });

  test("says that the files may be half-written", async () => {
    const { root, call } = await open();
    const record = { version: 1, id: "000001-0a", label: "phase install", at: "", files: [], make: [], drop: [] };
    mkdirSync(join(root, ".git/fluxlift"));
    writeFileSync(join(root, ".git/fluxlift/journal.json"), JSON.stringify(record));
    for (const [name, args] of Object.entries({ scan: {}, plan: {}, verify: { base: "HEAD", head: "WORKTREE" } })) {
      expect((await call(name, args)).text, name).toContain('"rule": "tree-half-written"');
    }
  });

  test("a plan leaves out the texts of files that hold a Secret", async () => {
    const { root, call } = await open();
    const source = Object.entries(readTree(root)).find(([, text]) => text.includes("kind: GitRepository"))!;
    const secret =
      "apiVersion: v1\nkind: Secret\nmetadata: { name: a, namespace: default }\nstringData: { key: hidden-value }\n";
    writeFiles(root, { [source[0]]: `${source[1]}---\n${secret}` });
    commitAll(root, "Keep a secret beside the source");
    const { text, isError } = await call("plan", { phase: "all", direct: true });
    expect(isError).toBe(false);
    expect(text).toContain('"withheld"');
    expect(text).not.toContain("hidden-value");
  });

  test.each([
    ["scan", {}, ["scan"]],
    [
      "plan",
      { phase: "install", cluster: ["default"], sync: "keep" },
      ["plan", "--cluster", "default", "--sync", "keep"],
    ],
    ["verify", { base: "HEAD~1" }, ["verify", "--base", "HEAD~1"]],
    ["explain", { rule: "merge-conflict" }, ["explain", "merge-conflict"]],
    ["explain", {}, ["explain"]],
  ])("%s answers what the command prints as JSON", async (name, args, line) => {
    const { root, call } = await open();
    const before = readTree(root);
    const { text, isError } = await call(name, args);
    expect(isError).toBe(false);
    const clock = (json: string) => json.replace(/"generated": .*/g, "");
    expect(clock(text)).toBe(clock(runBuilt(root, [...line, "--format", "json"]).out));
    expect(readTree(root)).toEqual(before);
  });

  test("takes folders below its own, and no others", async () => {
    const { root, call } = await open();
    mkdirSync(join(root, "-odd"));
    symlinkSync(makeRepo(homeTree()), join(root, "away"));
    symlinkSync("kubernetes", join(root, "inside"));
    expect((await call("scan", { dir: "inside" })).isError).toBe(false);
    expect((await call("scan", { dir: "kubernetes" })).isError).toBe(false);
    expect((await call("scan", { dir: "-odd" })).isError).toBe(false);
    for (const dir of ["..", "/", "../x", "kubernetes/../..", "/etc", "away", "away/kubernetes"]) {
      expect(await call("scan", { dir })).toEqual({ isError: true, text: expect.stringContaining("lies outside") });
    }
  });

  test.each([
    ["plan", { output: "x.json" }],
    ["plan", { phase: "nothing" }],
    ["plan", { cluster: ["nobody"] }],
    ["verify", {}],
    ["verify", { base: "--output=x" }],
    ["verify", { base: "HEAD~1", accept: "--staged" }],
    ["explain", { rule: "nothing-of-that-name" }],
    ["migrate", {}],
    ["\u001b[2Jplan\u202e", {}],
    ["verify", { base: "HEAD~1", accept: Array.from({ length: 50_000 }, () => 1) }],
    ["verify", { base: "HEAD~1", accept: Array.from({ length: 50_000 }, (_, index) => `Namespace n${index}`) }],
  ])("%j of case %# is an error of the tool, and the server goes on", async (name, args) => {
    const { root, call } = await open();
    const before = readTree(root);
    const { text, isError } = await call(name, args);
    expect(text.length).toBeLessThan(1000);
    expect([isError, text.length > 10, hasHidden(text.replaceAll("\n", ""))]).toEqual([true, true, false]);
    expect(readTree(root)).toEqual(before);
    expect((await call("explain", { rule: "merge-conflict" })).isError).toBe(false);
  });

  test("a change that is not safe is an answer, not an error", async () => {
    const other = makeRepo(homeTree());
    writeFiles(other, { "kubernetes/apps/media/kustomization.yaml": "resources: []\n" });
    commitAll(other, "Empty");
    const own = await connect(other);
    const { content, isError } = (await own.callTool({ name: "verify", arguments: { base: "HEAD~1" } })) as {
      content: { text: string }[];
      isError?: boolean;
    };
    expect([isError, (JSON.parse(content[0]!.text) as { verdict: string }).verdict]).toEqual([undefined, "unsafe"]);
    await own.close();
  });
});

test("sees what git has learnt since it was asked last", async () => {
  const source = makeRepo(homeTree());
  git(source, "branch", "old");
  for (const name of ["One", "Two"]) git(source, "commit", "-q", "--allow-empty", "-m", name);
  const root = join(makeTempDir(), "clone");
  git(source, "clone", "-q", "--depth=1", "--no-single-branch", `file://${source}`, root);
  const client = await connect(root);
  onTestFinished(() => client.close());
  const verify = async (args: object): Promise<Called> => {
    const answer = await client.callTool({ name: "verify", arguments: { ...args } });
    const { content, isError = false } = answer as { content: { text: string }[]; isError?: boolean };
    return { text: content[0]!.text, isError };
  };
  expect(await verify({ base: "origin/old" })).toEqual({ isError: true, text: expect.stringContaining("--unshallow") });
  git(root, "fetch", "-q", "--unshallow");
  expect((await verify({ base: "origin/old" })).text).toContain('"verdict": "safe"');
  writeFiles(root, { "scratch.yaml": "a: 1\n" });
  const worktree = { base: "HEAD", head: "WORKTREE" };
  expect((await verify(worktree)).text).toContain('"changed": 1');
  writeFiles(root, { ".git/info/exclude": "scratch.yaml\n" });
  expect((await verify(worktree)).text).toContain('"changed": 0');
});

test("keeps no more temporary folders the longer it answers", async () => {
  const root = makeRepo(homeTree());
  const temp = makeTempDir();
  const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", TMPDIR: temp };
  const client = new Client({ name: "test", version: "0" });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [BUNDLE, "mcp"], cwd: root, env }));
  onTestFinished(() => client.close());
  const scan = () => client.callTool({ name: "scan", arguments: {} });
  await scan();
  const first = readdirSync(temp);
  for (let round = 0; round < 3; round++) await scan();
  expect(readdirSync(temp)).toEqual(first);
  // As what clears out temporary files does.
  for (const name of first) rmSync(join(temp, name), { recursive: true });
  expect(await scan()).not.toHaveProperty("isError");
});

test("no tool has a flag that writes, runs or names a file to read", () => {
  const given = TOOLS.flatMap(({ properties }) => Object.keys(properties));
  expect(given.filter((name) => /output|yes|commit|config|facts|trust|dirty|helm|publish/i.test(name))).toEqual([]);
});

const clientInfo = { name: "test", version: "0" };
const BEGIN = [
  { id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo } },
  { method: "notifications/initialized" },
];
const call = (id: number, name: string) => ({ id, method: "tools/call", params: { name, arguments: {} } });
const linesOf = (messages: readonly object[]) =>
  messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join("");

test("what is asked before the input ends is answered", () => {
  const root = makeRepo(homeTree());
  const input = linesOf([...BEGIN, call(2, "plan"), call(3, "scan"), call(4, "explain")]);
  const { status, stdout } = spawnSync(process.execPath, [BUNDLE, "mcp"], { cwd: root, input, encoding: "utf8" });
  const answers = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: number; result?: { content?: { text: string }[] } });
  expect([status, answers.map(({ id }) => id).sort()]).toEqual([0, [1, 2, 3, 4]]);
  for (const { id, result } of answers.filter(({ id }) => id > 1)) {
    expect([id, JSON.parse(result!.content![0]!.text)]).toEqual([id, expect.anything()]);
  }
});

test("takes no more calls at once than it can hold", () => {
  // In one piece, so that none is answered before the last one is read.
  const calls = Array.from({ length: 150 }, (_, index) => call(index + 2, "explain"));
  const input = linesOf([...BEGIN, ...calls]);
  const { stdout } = spawnSync(process.execPath, [BUNDLE, "mcp"], { input, encoding: "utf8" });
  expect(stdout.match(/"id":\d+\}/g)).toHaveLength(151);
  expect(stdout.match(/100 calls wait already\. Ask again when one is answered\./g)).toHaveLength(50);
});

test("what is no message is said to its owner, and what follows is answered", () => {
  const odd = ["{", "null", "[]", '{"jsonrpc":"1.0"}', '"\\u001b[2J"', `{"params":${"[".repeat(100_000)}`, "\ufffd"];
  const input = `${linesOf(BEGIN)}${odd.join("\n")}\n${linesOf([call(2, "explain")])}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, "mcp"], { input, encoding: "utf8" });
  expect(status).toBe(0);
  expect(stdout.match(/"id":2\}/g)).toHaveLength(1);
  expect(stderr.match(/^⚠ What came in was not read: .+$/gm)).toHaveLength(odd.length);
  expect(stderr.split("\n").filter((line) => hasHidden(line) || /^ +at /.test(line))).toEqual([]);
});

test("a message that never ends is said, and is a failure", () => {
  const input = `${linesOf(BEGIN)}{"id":"${"x".repeat(11 << 20)}`;
  const { status, stderr } = spawnSync(process.execPath, [BUNDLE, "mcp"], { input, encoding: "utf8" });
  expect([status, stderr]).toEqual([2, expect.stringContaining("exceeded maximum size")]);
});

test("an agent that goes away in the middle of an answer is no defect", async () => {
  const server = spawn(process.execPath, [BUNDLE, "mcp"]);
  onTestFinished(() => void server.kill("SIGKILL"));
  let said = "";
  server.stderr.on("data", (chunk) => {
    said += chunk;
  });
  server.stdin.on("error", () => {});
  server.stdout.once("data", () => {
    server.stdout.destroy();
    server.stdin.write(linesOf([call(2, "explain"), call(3, "explain")]));
  });
  server.stdin.write(linesOf(BEGIN));
  const code = await new Promise((done) => server.once("close", done));
  expect([code, said]).toEqual([0, ""]);
});

test("a folder that is not there is said at once", () => {
  const run = runBuilt(PROJECT_ROOT, ["mcp", "no/such/folder"]);
  expect(run).toMatchObject({ code: 2, out: "" });
  expect(run.err).toContain("no/such/folder does not exist or cannot be read");
});

test("ends with its input", () => {
  expect(runBuilt(PROJECT_ROOT, ["mcp"])).toMatchObject({ code: 0, out: "" });
});
