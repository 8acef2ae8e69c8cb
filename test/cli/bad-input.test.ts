import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readInput } from "../../src/cli/input.ts";
import * as realLoader from "../../src/cli/load-engine.ts";
import type { Finding } from "../../src/contract/finding.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { writeChanges } from "../../src/files/write.ts";
import { realDisk } from "../../src/files/write-disk.ts";
import { commitAll, git, makeRepo, makeTempDir, readTree } from "../support/repo.ts";
import { type CliRun, type CliSettings, realEngine, runCli } from "../support/run-cli.ts";
import {
  APPS,
  CLUSTER,
  change,
  type Files,
  FLUX,
  fluxKustomization,
  homeOps,
  INSTANCE,
  list,
  migrate,
  OPERATOR,
} from "../traps/support.ts";

const cli = (argv: string[], cwd: string, settings: Partial<CliSettings> = {}): Promise<CliRun> =>
  runCli(argv, { loader: realEngine, cwd, ...settings });

/** Finds a finding of the plan as JSON. */
async function findings(root: string, ...argv: string[]): Promise<Finding[]> {
  const { out } = await cli(["plan", "--format", "json", ...argv], root);
  const plan = JSON.parse(out) as Plan;
  return [...plan.findings, ...plan.phases.flatMap((phase) => phase.clusters.flatMap((cluster) => cluster.findings))];
}

/** `migrate --yes` must exit 1, leave every byte, and name rule, place and next step both as data and in its report. */
async function expectStop(files: Files, rule: string, place: string, argv: string[] = []): Promise<CliRun> {
  const root = makeRepo(files);
  const before = readTree(root);
  const run = await cli(["migrate", "--yes", ...argv], root);
  expect(run.code).toBe(1);
  expect(readTree(root)).toEqual(before);
  const found = (await findings(root, ...argv)).find((finding) => finding.rule === rule);
  expect([found?.level, `${found?.at?.file}:${found?.at?.line}`]).toEqual(["blocker", place]);
  expect(found?.next).toMatch(/\.$/);
  expect(run.err + run.out).toContain(rule);
  return run;
}

const installed = migrate(homeOps()).files;

describe("invalid YAML", () => {
  test("a file that mentions Flux and is not needed: said with its place, the rest goes on", async () => {
    const extra = {
      "kubernetes/old/extra.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: [oops\n",
    };
    const root = makeRepo({ ...homeOps(), ...extra });
    const found = (await findings(root)).find(({ rule }) => rule === "yaml-broken");
    expect(found).toMatchObject({ level: "caution", at: { file: "kubernetes/old/extra.yaml", line: 4 } });
    expect((await cli(["migrate", "--yes"], root)).code).toBe(0);
    expect(readTree(root)["kubernetes/old/extra.yaml"]).toBe(extra["kubernetes/old/extra.yaml"]);
  });

  test("a template of a chart: none before Helm fills it in, and no caution", async () => {
    const template =
      "{{- range .Values.apps }}\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {{ .name }}\n{{- end }}\n";
    const chart = { "charts/a/Chart.yaml": "name: a\nversion: 1.0.0\n", "charts/a/templates/ks.yaml": template };
    const ofChart = (files: Record<string, string>) =>
      findings(makeRepo({ ...homeOps(), ...files })).then((all) => all.filter(({ rule }) => rule === "yaml-broken"));
    expect(await ofChart(chart)).toMatchObject([
      { level: "info", what: expect.stringContaining("Helm fills in this template of the chart charts/a") },
    ]);
    expect(await ofChart({ "charts/a/templates/ks.yaml": template })).toMatchObject([{ level: "caution" }]);
  });

  test("the install itself: nothing is guessed", async () => {
    const files = { ...homeOps(), [FLUX]: `${homeOps()[FLUX]}  bad: [\n` };
    const run = await expectStop(files, "install-not-found", `${CLUSTER}:1`);
    expect(run.out + run.err).toMatch(/kubernetes\/flux\/config\/flux\.yaml:\d+:\d+ +yaml-broken/);
    expect(run.out + run.err).toMatch(
      /kubernetes\/flux\/config\/flux\.yaml:26:1 +kustomization-broken\s+next\s+Mend it/,
    );
    expect(run.out + run.err).toMatch(/because of that: install-not-found; settled with it/);
  });

  test("a merge that was not finished is called so, at its first mark", async () => {
    const both = "<<<<<<< HEAD\n    tag: v2.6.4\n=======\n    tag: v2.6.3\n>>>>>>> 1234567 (other)\n";
    const files = change(homeOps(), FLUX, "    tag: v2.6.4\n", both);
    const run = await expectStop(files, "install-not-found", `${CLUSTER}:1`);
    expect(run.out + run.err).toMatch(/marks\s+of\s+an\s+unfinished\s+merge[\s\S]{0,200}flux\.yaml:11:1 +yaml-broken/);
  });

  test("a kustomization of the cluster", async () => {
    const path = `${APPS}/kustomization.yaml`;
    await expectStop(
      { ...homeOps(), [path]: "resources:\n  - ./namespace.yaml\n  bad: [\n" },
      "kustomization-broken",
      `${path}:3`,
    );
  });
});

test("a kustomization of an app that does not parse is said; nothing waits for it", async () => {
  const path = "kubernetes/apps/default/echo/app/kustomization.yaml";
  const root = makeRepo({ ...homeOps(), [path]: "resources:\n  - ./configmap.yaml\n  bad: [\n" });
  const found = (await findings(root)).find(({ rule }) => rule === "kustomization-broken");
  expect(found).toMatchObject({ level: "caution", at: { file: path, line: 3 } });
});

test.each(["app/kustomization", "ks"])("%s.yaml that is a pointer of Git LFS is said to be one", async (name) => {
  const path = `kubernetes/apps/default/echo/${name}.yaml`;
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0a".repeat(32)}\nsize 52\n`;
  const found = (await findings(makeRepo({ ...homeOps(), [path]: pointer }))).find(({ at }) => at?.file === path);
  expect(found).toMatchObject({ rule: "kustomization-broken", what: expect.stringContaining("git lfs pull") });
});

describe("duplicate keys", () => {
  test("in a kustomization: Flux takes the last one, which is said; where it has to be edited the cluster stops", async () => {
    const other = "kubernetes/apps/default/kustomization.yaml";
    const repeated = { ...homeOps(), [other]: `${homeOps()[other]}resources:\n  - ./echo/ks.yaml\n` };
    const found = (await findings(makeRepo(repeated))).find(({ rule }) => rule === "kustomization-repeats");
    expect(found).toMatchObject({ level: "caution", at: { file: other, line: 5 } });
    const path = `${APPS}/kustomization.yaml`;
    const listing = { ...homeOps(), [path]: `${homeOps()[path]}resources:\n  - ./addons/ks.yaml\n` };
    await expectStop(listing, "edit-refused", `${path}:6`);
  });

  test("in the install", async () => {
    const files = change(homeOps(), FLUX, "    tag: v2.6.4\n", "    tag: v2.6.4\n    tag: v2.6.3\n");
    const run = await expectStop(files, "install-not-found", `${CLUSTER}:1`);
    expect(run.out + run.err).toMatch(/duplicated mapping key[\s\S]{0,200}flux\.yaml:12:5 +yaml-broken/);
  });

  test("in a file that would have to be edited", async () => {
    const path = "kubernetes/apps/default/echo/ks.yaml";
    const files = change(installed, path, "  interval: 30m\n", "  interval: 30m\n  interval: 1h\n");
    const root = makeRepo(files);
    expect((await cli(["migrate", "--yes", "--phase", "cutover"], root)).code).not.toBe(2);
    expect(readTree(root)[path]).toBe(files[path]);
    const found = (await findings(makeRepo(files), "--phase", "cutover")).find(({ at }) => at?.file === path);
    expect(found).toMatchObject({ rule: "yaml-broken", at: { line: 9 } });
  });
});

describe("half-migrated trees", () => {
  test("an operator without an instance is completed", async () => {
    const files: Files = {};
    for (const [path, text] of Object.entries(installed)) if (!path.includes("/flux-instance/")) files[path] = text;
    const listing = change(files, `${APPS}/kustomization.yaml`, "  - ./flux-instance/ks.yaml\n", "");
    const root = makeRepo(listing);
    expect((await cli(["migrate", "--yes"], root)).code).toBe(0);
    expect(readTree(root)).toEqual(installed);
  });

  test("an instance that lacks fields is completed, and what it says stays", async () => {
    const files = change(installed, INSTANCE, "      cluster:\n        networkPolicy: true\n", "");
    const root = makeRepo(files);
    expect((await cli(["migrate", "--yes"], root)).code).toBe(0);
    expect(readTree(root)[INSTANCE]).toContain("networkPolicy: true");
    commitAll(root, "Install");
    expect((await cli(["migrate", "--check", "--phase", "install"], root)).code).toBe(0);
  });

  test("an instance that spells the address of the source otherwise says the same", async () => {
    const files = change(installed, INSTANCE, "github.com/example/home-ops\n", "github.com/example/home-ops.git\n");
    expect((await cli(["migrate", "--check", "--phase", "install"], makeRepo(files))).code).toBe(0);
  });

  test("a cutover that was half done by hand is finished", async () => {
    const files = change(installed, "kubernetes/flux/apps.yaml", "    name: home\n", "    name: cluster\n");
    const root = makeRepo(files);
    expect((await cli(["migrate", "--yes", "--phase", "cutover"], root)).code).toBe(0);
    expect(Object.entries(readTree(root)).filter(([, text]) => text.includes("flux-manifests"))).toEqual([]);
  });
});

describe("contradictory trees", () => {
  test("two installs", async () => {
    const second = homeOps({ version: "v2.5.1" })
      [FLUX]!.replaceAll("name: flux", "name: other")
      .replaceAll("name: other-manifests", "name: second-manifests");
    const files = {
      ...homeOps(),
      "kubernetes/flux/config/second.yaml": second,
      "kubernetes/flux/config/kustomization.yaml": list("./cluster.yaml", "./flux.yaml", "./second.yaml"),
    };
    const { out, err } = await expectStop(files, "install-contradiction", "kubernetes/flux/config/second.yaml:13");
    expect(out + err).toMatch(/next\s+Decide which one counts\.\s+Before the other is taken out, set prune:\s+false/);
  });

  test("an instance that says another version or source than what runs", async () => {
    const line = (text: string) =>
      `${INSTANCE}:${installed[INSTANCE]!.split("\n").findIndex((l) => l.includes(text)) + 1}`;
    const version = change(installed, INSTANCE, "version: 2.6.x", "version: 2.x");
    await expectStop(version, "instance-contradiction", line("version: 2.6.x"));
    const url = change(
      installed,
      INSTANCE,
      "url: https://github.com/example/home-ops",
      "url: https://example.com/other",
    );
    await expectStop(url, "instance-contradiction", line("url: https"));
  });

  test("a second FluxInstance", async () => {
    const path = `${APPS}/addons/app/instance.yaml`;
    const files = {
      ...installed,
      [path]: "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\nspec: {}\n",
      [`${APPS}/addons/app/kustomization.yaml`]: list("./configmap.yaml", "./instance.yaml"),
    };
    await expectStop(files, "instance-duplicate", `${path}:1`);
  });

  test("a release that would uninstall Flux", async () => {
    const files = change(installed, INSTANCE, "  install:\n", "  install:\n    remediation:\n      retries: 3\n");
    await expectStop(
      files,
      "release-may-uninstall",
      `${INSTANCE}:${installed[INSTANCE]!.split("\n").indexOf("  install:") + 1}`,
    );
  });

  test("a file in the way", async () => {
    await expectStop({ ...homeOps(), [OPERATOR]: "kind: List\nitems: []\n" }, "path-taken", `${OPERATOR}:1`);
  });

  test("a folder in the way", async () => {
    const file = `${OPERATOR}/a.txt`;
    const run = await expectStop({ ...homeOps(), [file]: "" }, "path-taken", `${file}:1`);
    expect(run.err).toContain("lies in a folder of that name");
  });
});

describe("a file that a kustomization names and nobody has", () => {
  test("on the way to the new apps: they would never be applied", async () => {
    const path = `${APPS}/kustomization.yaml`;
    const files = { ...homeOps(), [path]: `${homeOps()[path]}  - ./gone.yaml\n` };
    const run = await expectStop(files, "kustomization-incomplete", `${path}:6`);
    expect(run.out + run.err).toContain("./gone.yaml");
  });

  test("elsewhere, or where Flux sees more than this repository: said with its place, the rest goes on", async () => {
    const other = "kubernetes/apps/default/echo/app/kustomization.yaml";
    const app = { ...homeOps(), [other]: `${homeOps()[other]}  - ./gone.yaml\n` };
    const path = `${APPS}/kustomization.yaml`;
    const listing = { ...homeOps(), [path]: `${homeOps()[path]}  - ./gone.yaml\n` };
    const submodules = change(listing, CLUSTER, "    branch: main\n", "    branch: main\n  recurseSubmodules: true\n");
    for (const [files, file] of [[app, other] as const, [submodules, path] as const]) {
      const root = makeRepo(files);
      const found = (await findings(root)).find(({ rule }) => rule === "kustomization-incomplete");
      expect(found).toMatchObject({ level: "caution", at: { file } });
      expect((await cli(["migrate", "--yes"], root)).code).toBe(0);
    }
  });
});

test("a Flux object that nothing gives a namespace: the API server refuses it, and Flux applies nothing beside it", async () => {
  const ks = "kubernetes/apps/default/echo/ks.yaml";
  const bare = change(homeOps(), ks, "  namespace: flux-system\n", "");
  await expectStop(bare, "kustomization-broken", `${ks}:5`);
  const list = "kubernetes/apps/default/kustomization.yaml";
  const given = { ...bare, [list]: `${bare[list]}namespace: flux-system\n` };
  expect((await findings(makeRepo(given))).map(({ rule }) => rule)).not.toContain("kustomization-broken");
});

test("an object beside the new apps that nothing gives a namespace: they would not be applied either", async () => {
  const path = `${APPS}/automation.yaml`;
  const files = {
    ...homeOps(),
    [`${APPS}/kustomization.yaml`]: `${homeOps()[`${APPS}/kustomization.yaml`]}  - ./automation.yaml\n`,
  };
  const head = "apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: ImageRepository\n";
  const policy = (metadata: string) =>
    `${head}metadata:\n  name: web\n${metadata}spec:\n  interval: 1h\n  image: ghcr.io/one/web\n`;
  const settings = (metadata: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n${metadata}`;
  for (const object of [policy, settings]) {
    await expectStop({ ...files, [path]: object("") }, "kustomization-broken", `${path}:4`);
    const left = "  annotations:\n    kustomize.toolkit.fluxcd.io/reconcile: disabled\n";
    for (const metadata of ["  namespace: flux-system\n", left]) {
      const found = await findings(makeRepo({ ...files, [path]: object(metadata) }));
      expect(found.map(({ rule }) => rule)).not.toContain("kustomization-broken");
    }
  }
});

describe("a root that cannot be told", () => {
  test("no source of this repository", async () => {
    const files = homeOps();
    delete files[CLUSTER];
    await expectStop(files, "root-not-found", "kubernetes/flux/apps.yaml:1");
  });

  test("a root whose folder has moved away", async () => {
    const moved = Object.entries(homeOps()).map(([path, text]) => [
      path,
      text.replaceAll("path: ./kubernetes", "path: ./cluster"),
    ]);
    const files: Record<string, string> = Object.fromEntries(moved);
    await expectStop(files, "root-not-found", `${CLUSTER}:1`);
    const found = (await findings(makeRepo(files))).find(({ rule }) => rule === "root-not-found");
    expect(found?.why).toContain("builds ./cluster/flux");
    expect(found?.why).toContain("there is no such folder");
  });

  test("two roots for one folder", async () => {
    const files = homeOps();
    const rival = fluxKustomization("rival", "kubernetes/flux");
    await expectStop({ ...files, [CLUSTER]: files[CLUSTER] + rival }, "root-ambiguous", `${CLUSTER}:1`);
  });
});

describe("git", () => {
  test("a detached HEAD is said, and worked on", async () => {
    const root = makeRepo(homeOps());
    git(root, "checkout", "--quiet", "--detach");
    expect((await findings(root)).find(({ rule }) => rule === "detached-head")).toMatchObject({ level: "caution" });
    expect((await cli(["migrate", "--yes"], root)).code).toBe(0);
  });

  test.each(["skip-worktree", "assume-unchanged"])(
    "a file that a phase changes and git overlooks (%s)",
    async (flag) => {
      const root = makeRepo(homeOps());
      const listed = "kubernetes/apps/flux-system/kustomization.yaml";
      git(root, "update-index", `--${flag}`, listed, "kubernetes/flux/apps.yaml");
      const before = readTree(root);
      const said = (await findings(root)).filter(({ rule }) => rule === "changes-overlooked");
      expect(said).toMatchObject([{ level: "blocker", at: { file: listed } }]);
      const [, command] = /^Run (.+?), commit/.exec(said[0]!.next!) ?? [];
      expect((await cli(["migrate", "--yes"], root)).code).toBe(1);
      expect(readTree(root)).toEqual(before);
      execFileSync("sh", ["-c", command!], { cwd: root });
      expect((await cli(["migrate", "--yes"], root)).code).toBe(0);
    },
  );

  test.each(["skip-worktree", "assume-unchanged"])(
    "a file that git overlooks and that is not as in the commit (%s)",
    async (flag) => {
      const root = makeRepo(homeOps());
      git(root, "update-index", `--${flag}`, FLUX, "kubernetes/flux/apps.yaml");
      const overlooked = async () => (await findings(root)).filter(({ rule }) => rule === "changes-overlooked");
      expect((await overlooked()).filter(({ at }) => at?.file === FLUX)).toEqual([]);
      writeFileSync(join(root, FLUX), homeOps()[FLUX]!.replaceAll("\n", "\r\n"));
      expect((await overlooked()).filter(({ at }) => at?.file === FLUX)).toEqual([]);
      writeFileSync(join(root, FLUX), `${homeOps()[FLUX]}# Tried out here\n`);
      const [said, ...more] = await overlooked();
      expect([said, more]).toMatchObject([{ level: "blocker", at: { file: FLUX } }, []]);
      expect(said!.what).toBe(
        `Git was told to overlook that ${FLUX} is not here as in the commit, which is what Flux reads.`,
      );
      const before = readTree(root);
      expect((await cli(["migrate", "--yes"], root)).code).toBe(1);
      expect(readTree(root)).toEqual(before);
      const [, command] = /^Run (.+?), commit/.exec(said!.next!) ?? [];
      execFileSync("sh", ["-c", command!], { cwd: root });
      expect(git(root, "status", "--porcelain")).toBe(` M ${FLUX}\n`);
    },
  );

  test("a clone in which nothing is checked out says so, and how to go on", async () => {
    const root = makeTempDir();
    execFileSync("git", ["clone", "--quiet", "--no-checkout", makeRepo(homeOps()), "."], { cwd: root });
    const [said, ...more] = await findings(root);
    expect([said, more]).toMatchObject([{ rule: "nothing-recognised", level: "blocker" }, []]);
    expect(said!.what).toMatch(/^No file of commit [0-9a-f]{9} is here, such as .+: nothing is checked out\.$/);
    const [, command] = /^Run (.+), and run fluxlift/.exec(said!.next!) ?? [];
    execFileSync("sh", ["-c", command!], { cwd: root });
    expect(git(root, "status", "--porcelain")).toBe("");
    expect((await cli(["scan"], root)).code).toBe(0);
  });

  test("a sparse checkout says what it leaves out", async () => {
    const root = makeRepo({ ...homeOps(), "charts/own/values.yaml": "replicas: 1\n" });
    expect((await findings(root)).map(({ rule }) => rule)).not.toContain("files-not-here");
    git(root, "sparse-checkout", "set", "kubernetes/flux", "kubernetes/apps");
    const said = (await findings(root)).find(({ rule }) => rule === "files-not-here");
    expect(said).toMatchObject({ level: "caution", what: expect.stringContaining("charts/own/") });
    expect((await cli(["migrate", "--yes"], root)).code).toBe(0);
  });

  test("a sparse checkout that leaves out what the cluster builds is refused", async () => {
    const root = makeRepo(homeOps());
    git(root, "sparse-checkout", "set", "kubernetes/flux");
    const before = readTree(root);
    const run = await cli(["migrate", "--yes"], root);
    expect([run.code, readTree(root)]).toEqual([1, before]);
    expect(run.out + run.err).toContain("kubernetes/apps/");
    expect(run.out + run.err).toContain("git sparse-checkout disable");
    // Where it leaves out the root itself.
    git(root, "sparse-checkout", "set", "kubernetes/apps");
    const [blocker] = (await findings(root)).filter(({ level }) => level === "blocker");
    expect(blocker).toMatchObject({ next: expect.stringMatching(/^Run git sparse-checkout disable first/) });
  });

  test.each(["skip-worktree", "assume-unchanged"])(
    "a file that is not here and that git overlooks (%s) is no sparse checkout",
    async (flag) => {
      const root = makeRepo(homeOps());
      const before = readTree(root);
      git(root, "update-index", `--${flag}`, FLUX);
      rmSync(join(root, FLUX));
      const said = (await findings(root)).find(({ rule }) => rule === "files-not-here")!;
      expect(said.what).toBe(`Git was told to overlook that ${FLUX} is not here, and Flux reads the commit.`);
      const [, command] = /^Run (.+?), or do this/.exec(said.next!) ?? [];
      execFileSync("sh", ["-c", command!], { cwd: root });
      expect(readTree(root)).toEqual(before);
      expect((await cli(["migrate", "--yes"], root)).code).toBe(0);
    },
  );

  test("no git at all: install and undo work, a later phase needs proof", async () => {
    process.env.XDG_STATE_HOME = makeTempDir();
    const root = makeRepo(homeOps(), { branch: false });
    expect((await cli(["migrate", "--yes"], root)).code).toBe(0);
    const before = readTree(root);
    const run = await cli(["migrate", "--yes", "--phase", "cutover"], root);
    expect([run.code, readTree(root)]).toEqual([1, before]);
    expect(run.out + run.err).toContain("This folder is no git repository");
    expect((await cli(["undo", "--yes"], root)).code).toBe(0);
    expect(readTree(root)).toEqual(homeOps());
  });

  test("a dirty tree is refused and says how to go on", async () => {
    const root = makeRepo(homeOps());
    chmodSync(join(root, FLUX), 0o755);
    const run = await cli(["migrate", "--yes"], root);
    expect(run.code).toBe(2);
    expect(run.err).toContain("--allow-dirty");
  });
});

test("a read-only file: exit 2 with its name, and every other file as it was", async () => {
  const root = makeRepo(homeOps());
  const path = `${APPS}/kustomization.yaml`;
  // A test may run as root, to whom nothing is read-only.
  const disk = { ...realDisk, canWrite: (file: string) => !existsSync(file) || !realpathSync(file).endsWith(path) };
  const guarded = {
    ...realEngine,
    load: async () => ({
      ...(await realLoader.loadEngine()),
      writeChanges: (
        ...[workspace, changes, label]: Parameters<Awaited<ReturnType<typeof realLoader.loadEngine>>["writeChanges"]>
      ) => void writeChanges(workspace, changes, { label, disk }),
    }),
  };
  const run = await cli(["migrate", "--yes"], root, { loader: guarded });
  expect(run.code).toBe(2);
  expect(run.err).toContain(`${path}: the file is read-only`);
  expect(run.err).toContain("Make it writable");
  expect(readTree(root)).toEqual(homeOps());
});

test("a folder that is no GitOps repository: exit 1, what was looked for, nothing written", async () => {
  const root = makeRepo({ "README.md": "# Hello\n", "values.yaml": "a: 1\n" });
  const run = await cli(["migrate", "--yes"], root);
  expect(run.code).toBe(1);
  expect(run.out + run.err).toContain("No Flux cluster was recognised");
  expect((await findings(root)).map(({ rule, next }) => [rule, next.length > 0])).toEqual([
    ["nothing-recognised", true],
  ]);
  expect(git(root, "status", "--porcelain")).toBe("");
});

test.each([
  ["utf8", [0xef, 0xbb, 0xbf]],
  ["utf16le", [0xff, 0xfe]],
] as const)("a file that Windows wrote in %s, with its mark, is read", (encoding, mark) => {
  const folder = makeTempDir();
  const text = '{"name": "zürich 🏠"}';
  writeFileSync(join(folder, "plan.json"), Buffer.concat([Buffer.from(mark), Buffer.from(text, encoding)]));
  writeFileSync(
    join(folder, "big.json"),
    Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, "utf16le").swap16()]),
  );
  const error = { code: "no-plan", what: "The plan", hint: "" };
  expect(readInput(folder, "plan.json", error)).toBe(text);
  expect(readInput(folder, "big.json", error)).toBe(text);
});
