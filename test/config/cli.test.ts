import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/contract/plan.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";
import { runBuilt } from "../verify/built.ts";
import { homeTree } from "../verify/home-tree.ts";

const run = (cwd: string, ...argv: string[]) => runCli(argv, { cwd, loader: realEngine });
const CONFIG = "fluxlift.config.yaml";
const PROGRAM = "fluxlift.config.mjs";

/** The example with a configuration, committed. */
function example(config: string, name = CONFIG): string {
  const root = makeRepo(join(PROJECT_ROOT, "examples/home-ops"));
  writeFiles(root, { [name]: config });
  commitAll(root, "Configure");
  return root;
}

async function planOf(cwd: string, ...flags: string[]): Promise<Plan> {
  const { out, err } = await run(cwd, "plan", "--format", "json", ...flags);
  expect(out, err).not.toBe("");
  return JSON.parse(out) as Plan;
}

describe("plan goes by the configuration", () => {
  test("where no flag says otherwise, from every folder below the top", async () => {
    const root = example("migrate:\n  sync: keep\n  operatorVersion: 0.58.0\n");
    const plan = await planOf(join(root, "kubernetes/apps"));
    expect(plan.options).toMatchObject({ sync: "keep", operatorVersion: "0.58.0" });
    expect((await planOf(root, "--sync", "rename")).options.sync).toBe("rename");
  });

  test("settings of a cluster win over those for all, and a flag over both", async () => {
    const root = example("migrate: {sync: rename}\nclusters: {default: {sync: keep, layout: manifests}}\n");
    const plan = await planOf(root);
    expect(plan.options.perCluster).toEqual({ default: { sync: "keep", layout: "manifests" } });
    expect(plan.phases[0]!.clusters[0]!.detected.layout).toBe("manifests");
    const flagged = await planOf(root, "--sync", "adopt");
    expect(flagged.options).toMatchObject({ sync: "adopt", perCluster: { default: { layout: "manifests" } } });
  });

  test("a cluster that is not there is an error, as is a version that is none", async () => {
    const stray = await run(example("clusters: {edge: {sync: keep}}\n"), "plan");
    expect([stray.code, stray.err]).toEqual([2, expect.stringContaining("has settings for edge")]);
    const odd = await run(example("clusters: {default: {fluxVersion: banana}}\n"), "plan");
    expect([odd.code, odd.err]).toEqual([2, expect.stringContaining("banana is no version of Flux")]);
  });

  test("what keeps the operator counts on the direct route only", async () => {
    const root = example("migrate: {operatorUpgrades: auto}\n");
    expect((await planOf(root)).options.operatorUpgrades).toBeUndefined();
    expect((await planOf(root, "--direct")).options.operatorUpgrades).toBe("auto");
  });

  test("an ignored finding is gone, and its entry is named", async () => {
    const all = await planOf(example("{}\n"));
    const open = all.phases[0]!.clusters[0]!.findings.find(({ level }) => level !== "blocker")!;
    const root = example(
      `ignore:\n  - rule: ${open.rule}\n    reason: "known\\u001b[31m"\n  - {rule: other-branch, reason: x}\n`,
    );
    const { out, err } = await run(root, "plan", "--format", "json");
    const plan = JSON.parse(out) as Plan;
    expect(plan.phases[0]!.clusters[0]!.findings.map(({ rule }) => rule)).not.toContain(open.rule);
    expect(plan.findings.map(({ rule, at }) => [rule, at?.line])).toContainEqual(["ignore-idle", 4]);
    expect(err).toContain(`left out by ${CONFIG}:2:3: known\\u001b[31m`);
  });
});

describe("which file counts", () => {
  test("JSON too, and none above the repository", async () => {
    const root = example('{"migrate": {"sync": "keep"}}', "fluxlift.config.json");
    expect((await planOf(root)).options.sync).toBe("keep");
    writeFiles(join(root, ".."), { [CONFIG]: "migrat: 1\n" });
    expect((await planOf(root)).options.sync).toBe("keep");
  });

  test("two side by side are an error, as are a link and a folder", async () => {
    const two = example("{}\n");
    writeFiles(two, { "fluxlift.config.json": "{}" });
    expect((await run(two, "plan")).err).toContain("lie side by side");
    const link = makeRepo(join(PROJECT_ROOT, "examples/home-ops"));
    symlinkSync("/etc/passwd", join(link, CONFIG));
    expect(await run(link, "plan")).toMatchObject({ code: 2, err: expect.stringContaining("is a link") });
    const folder = makeRepo(join(PROJECT_ROOT, "examples/home-ops"));
    writeFiles(folder, { [`${CONFIG}/x`]: "" });
    expect(await run(folder, "plan")).toMatchObject({ code: 2, err: expect.stringContaining("cannot be read") });
  });

  test("--config names another one", async () => {
    const root = example("migrate: {sync: keep}\n");
    writeFiles(root, { "other.yaml": "migrate: {sync: rename}\n" });
    expect((await planOf(root, "--config", "other.yaml")).options.sync).toBe("rename");
    expect(await run(root, "plan", "--config", "nowhere.yaml")).toMatchObject({ code: 2 });
  });

  test("a program runs with leave only", () => {
    const root = example("console.error('it ran'); export default { migrate: { sync: 'keep' } };\n", PROGRAM);
    const plan = (...flags: string[]) => runBuilt(root, ["plan", "--format", "json", ...flags]);
    const syncOf = ({ out }: { out: string }) => (JSON.parse(out) as Plan).options.sync;
    const plain = plan();
    expect([plain.err, syncOf(plain)]).toEqual([
      expect.stringContaining(`${PROGRAM} is a program and was not run`),
      "adopt",
    ]);
    expect(plain.err).not.toContain("it ran");
    for (const flags of [["--trust-config"], ["--config", PROGRAM]]) {
      const trusted = plan(...flags);
      expect([trusted.err, syncOf(trusted)]).toEqual([expect.stringContaining("it ran"), "keep"]);
    }
  });

  test.each([
    ["export default { migrate: { sync: 'adapt' } };\n", "migrate.sync is one of adopt"],
    ["throw new Error('no such luck');\n", "could not be run: no such luck"],
    ["export const x = 1 +;\n", "could not be run"],
  ])("a program that is no configuration: %j", (text, says) => {
    const { code, err } = runBuilt(example(text, PROGRAM), ["plan", "--trust-config"]);
    expect([code, err]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe("verify goes by the configuration of its base", () => {
  const list = "kubernetes/apps/media/kustomization.yaml";
  const remove = "kubernetes/apps/media/namespace.yaml";
  /** A listing without the namespace. */
  const shorter = (homeTree()[list] as string).replace(/^.*namespace\.yaml\n/m, "");

  function change(config: { base?: string; head?: string }): string {
    const root = makeRepo({ ...homeTree(), ...(config.base === undefined ? {} : { [CONFIG]: config.base }) });
    git(root, "rm", "-q", remove);
    writeFiles(root, { [list]: shorter });
    if (config.head !== undefined) writeFiles(root, { [CONFIG]: config.head });
    commitAll(root, "Harm");
    return root;
  }

  async function verify(root: string, ...flags: string[]) {
    const { code, out, err } = await run(root, "verify", "--base", "HEAD~1", "--format", "json", ...flags);
    const report = (out === "" ? {} : JSON.parse(out)) as {
      verdict: string;
      findings: { rule: string; what: string }[];
      clusters: { safety: { dangers: { resource: string; acceptedBy?: object }[] } }[];
    };
    return { code, err, ...report };
  }

  async function losses(): Promise<string[]> {
    const { clusters } = await verify(change({}));
    return clusters.flatMap(({ safety }) => safety.dangers.map(({ resource }) => resource));
  }

  test("an acceptance in the base settles a loss, and is named", async () => {
    const names = await losses();
    expect(names).toContain("Namespace media");
    const config = `verify:\n  accept: ${JSON.stringify(names)}\n`;
    const { code, verdict, clusters } = await verify(change({ base: config }));
    expect([code, verdict]).toEqual([0, "deletes"]);
    expect(clusters[0]!.safety.dangers[0]!.acceptedBy).toMatchObject({ how: "config", at: { file: CONFIG, line: 2 } });
  });

  test("one in the change does not, and the change is said", async () => {
    const config = `verify:\n  accept: ${JSON.stringify(await losses())}\n  unproven: pass\n`;
    const { code, verdict, findings } = await verify(change({ head: config }));
    expect([code, verdict]).toEqual([1, "unsafe"]);
    expect(findings.map(({ rule }) => rule)).toContain("config-changed");
    const ignoring = await verify(change({ head: "ignore: [{rule: config-changed, reason: x}]\n" }));
    expect(ignoring.findings.map(({ rule }) => rule)).toContain("config-changed");
  });

  test("what is ignored keeps its verdict", async () => {
    const { code, verdict, findings } = await verify(change({ base: "ignore: [{rule: wanted-may-go, reason: x}]\n" }));
    expect([code, verdict]).toEqual([1, "unsafe"]);
    expect(findings.map(({ rule }) => rule)).toContain("wanted-may-go");
  });

  test("a broken one in the base stops, one in the change does not", async () => {
    expect(await verify(change({ base: "verify: 1\n" }))).toMatchObject({ code: 2 });
    expect(await verify(change({ head: "verify: 1\n" }))).toMatchObject({ code: 1, verdict: "unsafe" });
  });

  test("unproven passes where the base says so, and is still called that", async () => {
    const root = makeRepo({
      "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n",
      [CONFIG]: "verify: {unproven: pass}\n",
    });
    git(root, "rm", "-q", "a.yaml");
    commitAll(root, "Change");
    const { code, verdict } = await verify(root);
    expect([code, verdict]).toEqual([0, "unproven"]);
  });

  test("from a folder below the top the one at the top counts", async () => {
    const config = `verify:\n  accept: ${JSON.stringify(await losses())}\n`;
    const root = makeRepo({
      ...Object.fromEntries(Object.entries(homeTree()).map(([path, text]) => [`fleet/${path}`, text])),
      [CONFIG]: config,
    });
    git(root, "rm", "-q", `fleet/${remove}`);
    writeFiles(root, { [`fleet/${list}`]: shorter });
    commitAll(root, "Harm");
    expect(await verify(join(root, "fleet"))).toMatchObject({ code: 0, verdict: "deletes" });
  });

  test("numbers and kinds that hold data", async () => {
    const root = makeRepo({
      ...homeTree(),
      [CONFIG]: "verify:\n  dataKinds: [{kind: '|ConfigMap', takes: the notes in it}]\n",
    });
    expect((await run(root, "verify", "--base", "HEAD")).code).toBe(0);
  });
});

describe("fluxlift config", () => {
  test("names each setting, its value and its place", async () => {
    const root = example("migrate:\n  sync: keep\nclusters: {default: {layout: apps}}\n");
    const { out, code } = await run(root, "config");
    expect(code).toBe(0);
    expect(out).toMatch(/^migrate\.sync +keep +fluxlift\.config\.yaml:2:3$/m);
    expect(out).toMatch(/^migrate\.layout +auto +default$/m);
    expect(out).toMatch(/^clusters\.default\.layout +apps +fluxlift\.config\.yaml:3:22$/m);
    const json = JSON.parse((await run(root, "config", "--format", "json")).out) as { settings: object[] };
    expect(json.settings).toContainEqual({ setting: "migrate.sync", value: "keep", from: `${CONFIG}:2:3` });
  });

  test("without the password of an address", async () => {
    const root = example("oci: {registry: 'oci://me:hunter2@ghcr.io/o/r'}\n");
    for (const format of ["text", "json"]) {
      const { out, err } = await run(root, "config", "--format", format);
      expect(out).toContain("oci://ghcr.io/o/r");
      expect(out + err).not.toContain("hunter2");
    }
  });

  test("without a file all is the default; --schema prints the schema", async () => {
    const root = makeRepo({ "a.yaml": "a: 1\n" });
    expect((await run(root, "config")).out).toContain("everything is the default");
    expect(JSON.parse((await run(root, "config", "--schema")).out)).toHaveProperty("properties.migrate");
  });
});

test.each([
  ['{ kind: "create", path: "../x", text: "", why: "" }', "acme/x: ../x: the path leaves the repository"],
  ['{ kind: "delete", path: "nowhere", why: "" }', "acme/x: nowhere: there is no such file"],
  ['{ kind: "replace", path: "README.md", ranges: [{ start: 9, end: 1, text: "" }], why: "" }', "the range 9-1 lies"],
])("an edit of a transform of the owner that does not fit is no defect of fluxlift: %s", (edit, says) => {
  const own = `{ id: "acme/x", title: "X", phases: ["install"], run: () => ({ edits: [${edit}] }) }`;
  const root = example(`export default { transforms: [${own}] };`, PROGRAM);
  const { code, err } = runBuilt(root, ["plan", "--trust-config"]);
  expect([code, err.includes(says), err.includes("Please report")]).toEqual([2, true, false]);
});

test("a program of settings that ends the process, or waits for ever, does not end it well", () => {
  const root = makeRepo(join(PROJECT_ROOT, "examples/home-ops"));
  for (const text of ["process.exit(0)", "await new Promise(() => {})"]) {
    writeFiles(root, { [PROGRAM]: `${text}\nexport default {}\n` });
    const { code, err } = runBuilt(root, ["migrate", "--yes", "--config", PROGRAM]);
    expect([text, code, err]).toEqual([text, 2, expect.stringContaining("This ended before it was done")]);
  }
});
