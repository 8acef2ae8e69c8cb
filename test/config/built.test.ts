import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/contract/plan.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";
import { commit, runBuilt, runHere, verifyHere } from "../verify/built.ts";
import { homeTree, kustomization, object } from "../verify/home-tree.ts";
import type { Edits } from "../verify/judge.ts";

/** Settings that only the file has, each without and with; on the built binary where it is a program. */
const CONFIG = "fluxlift.config.yaml";
const APPS = "kubernetes/apps/flux-system";

function example(config = "{}\n", more: Record<string, string> = {}): string {
  const root = makeRepo(join(PROJECT_ROOT, "examples/home-ops"));
  writeFiles(root, { [CONFIG]: config, ...more });
  commitAll(root, "Configure");
  return root;
}

async function planOf(root: string, ...flags: string[]): Promise<Plan> {
  const { out, err } = await runHere(root, ["plan", "--format", "json", ...flags]);
  expect(out, err).not.toBe("");
  return JSON.parse(out) as Plan;
}

/** What a plan creates. */
async function createdIn(root: string): Promise<Map<string, string>> {
  const edits = (await planOf(root)).phases[0]!.clusters[0]!.edits;
  return new Map(edits.flatMap((edit) => (edit.kind === "create" ? [[edit.path, edit.text] as const] : [])));
}

describe("conventions", () => {
  test("are learnt where nothing is said, and written as they are said", async () => {
    const learned = await createdIn(example());
    expect(learned.get(`${APPS}/flux-operator/ks.yaml`)).toContain("interval: 30m");
    const own = example(
      "conventions:\n  kustomizationFile: flux.yaml\n  appFolder: release\n  releaseFile: hr\n  sourceFile: oci\n" +
        "  namePrefix: cluster-\n  interval: 23m\n  timeout: 3m\n  retryInterval: 41s\n  releaseInterval: 13h\n",
    );
    const files = await createdIn(own);
    const ks = files.get(`${APPS}/flux-operator/flux.yaml`);
    expect(ks).toMatch(/name: &app cluster-flux-operator\n/);
    for (const line of ["interval: 23m", "timeout: 3m", "retryInterval: 41s"]) expect(ks).toContain(`  ${line}\n`);
    expect(files.get(`${APPS}/flux-operator/release/hr.yaml`)).toContain("  interval: 13h\n");
    expect([...files.keys()].filter((path) => path.includes("flux-instance/")).sort()).toEqual([
      `${APPS}/flux-instance/flux.yaml`,
      ...["hr", "kustomization", "oci"].map((name) => `${APPS}/flux-instance/release/${name}.yaml`),
    ]);
    expect(files.get(`${APPS}/flux-instance/release/kustomization.yaml`)).toContain("./hr.yaml");
    const { conventions = [] } = (await planOf(own)).phases[0]!.clusters[0]!;
    expect(conventions).toContainEqual({
      about: "file of a Kustomization",
      says: "flux.yaml, by the configuration",
    });
  });

  test("of a cluster win over those of all, and the extension is that of every file", async () => {
    const files = await createdIn(
      example(
        "conventions: {interval: 23m, timeout: 7m}\nclusters: {default: {conventions: {interval: 11m, extension: .yml}}}\n",
      ),
    );
    const ks = files.get(`${APPS}/flux-operator/ks.yaml`);
    expect([ks?.includes("interval: 11m"), ks?.includes("timeout: 7m")]).toEqual([true, true]);
    expect([...files.keys()]).toContain(`${APPS}/flux-operator/app/helmrelease.yml`);
  });

  test("that give both files one name give one file, and none is lost", async () => {
    const files = await createdIn(example("conventions: {releaseFile: app, sourceFile: app}\n"));
    const text = files.get(`${APPS}/flux-operator/app/app.yaml`);
    expect(text).toMatch(/kind: OCIRepository[\s\S]*^---\n[\s\S]*kind: HelmRelease/m);
  });

  test.each([
    ["kustomizationFile: ../../x.yaml", "conventions.kustomizationFile must match"],
    ["kustomizationFile: kustomization.yaml", "conventions.kustomizationFile must NOT be valid"],
    ["releaseFile: kustomization", "conventions.releaseFile must NOT be valid"],
    ["appFolder: a/b", "conventions.appFolder must match"],
    ["interval: often", "conventions.interval must match"],
  ])("%s is refused", async (line, says) => {
    const { code, err } = await runHere(example(`conventions: {${line}}\n`), ["plan"]);
    expect([code, err]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe("names of a cluster", () => {
  const names = "clusters: {default: {names: {operator: acme-operator, instance: acme-flux}}}\n";

  test("hold through all phases, and the way ends at done", async () => {
    const root = example(names);
    for (const phase of ["install", "cutover", "cleanup"]) {
      const { code, err } = await runHere(root, ["migrate", "--phase", phase, "--yes", "--unpushed"]);
      expect([phase, code], err).toEqual([phase, 0]);
      commitAll(root, phase);
    }
    const there = git(root, "grep", "-ho", "-E", "(&app|name:) acme-(operator|flux)", "--", "kubernetes");
    expect(there.trim().split("\n")).toEqual(["&app acme-flux", "name: acme-operator", "&app acme-operator"]);
    expect((await runHere(root, ["plan", "--check"])).code).toBe(0);
  });

  test.each([
    ["operator: cluster-apps", "kubernetes/flux/apps.yaml has that name"],
    ["{operator: x, instance: x}".slice(1, -1), "the other app has that name"],
  ])("%s is taken", async (line, says) => {
    const { code, err } = await runHere(example(`clusters: {default: {names: {${line}}}}\n`), ["plan"]);
    expect([code, err]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe("the branch of a cluster", () => {
  const source = "kubernetes/flux/config/cluster.yaml";
  const config = "clusters: {default: {branch: edge}}\n";

  test.each(["${BRANCH}", "REPLACE_ME_BRANCH"])("counts where its source says none but %s", async (left) => {
    const text = git(example(), "show", `HEAD:${source}`);
    expect(text).toContain("branch: main");
    const open = { [source]: text.replace("branch: main", () => `branch: ${left}`) };
    const saidOf = async (root: string) =>
      (await planOf(root)).findings.find(({ rule }) => rule === "other-branch")?.what;
    const said = (await planOf(example("{}\n", open))).findings.find(({ rule }) => rule === "other-branch");
    expect(said?.what).toContain(`reads branch ${left}, which fluxlift cannot fill in`);
    expect(said?.next).toContain("clusters.default.branch");
    expect(said?.next).not.toContain(left);
    expect(await saidOf(example(config, open))).toContain("reads branch edge, but branch main is checked out");
  });

  test("is an error where its source says another one, or where it is none", async () => {
    const { code, err } = await runHere(example(config), ["plan"]);
    expect([code, err]).toEqual([2, expect.stringContaining("reads branch edge, and its source reads main")]);
    expect((await runHere(example("clusters: {default: {branch: '-x'}}\n"), ["plan"])).err).toContain(
      "no name of a branch",
    );
    expect((await runHere(example("clusters: {default: {branch: main}}\n"), ["plan"])).code).toBe(0);
  });
});

test("commands that rebuild a cluster are found in automation, and nowhere else", async () => {
  const files = {
    "hack/all.sh": "#!/bin/sh\n# acme up is old\nacme  up --now\nacme upgrade\necho acme up\n",
    "fluxlift.config.json": 'rebuild:\n  commands: ["acme up"]\n',
    "ansible/play.yml": "- shell: acme up\n",
    "docs/page.md": "Run acme up.\n",
  };
  const root = example("{}\n", files);
  for (const phase of ["install", "cutover"]) {
    expect((await runHere(root, ["migrate", "--config", CONFIG, "--phase", phase, "--yes", "--unpushed"])).code).toBe(
      0,
    );
    commitAll(root, phase);
  }
  const linesOf = async (...flags: string[]) => {
    const { findings } = (await planOf(root, "--phase", "cleanup", "--unpushed", ...flags)).phases[0]!.clusters[0]!;
    return findings
      .filter(({ rule }) => rule === "automation-installs-flux")
      .map(({ at, level, what }) => `${at?.file}:${at?.line} ${level} ${what.includes("the configuration names")}`);
  };
  expect(await linesOf("--config", CONFIG)).toEqual([]);
  expect((await linesOf("--config", "fluxlift.config.json")).sort()).toEqual([
    "ansible/play.yml:1 caution true",
    "hack/all.sh:3 caution true",
  ]);
});

describe("what verify goes by", () => {
  const folder = "kubernetes/apps/games/chess/app";
  const maps = Array.from({ length: 4 }, (_, index) => `map-${index}`);
  const tree = {
    ...homeTree(),
    ...Object.fromEntries(maps.map((name) => [`${folder}/${name}.yaml`, object("ConfigMap", name)])),
    [`${folder}/widget.yaml`]: object("Widget", "wheel", "acme.example/v1", ["spec: {size: 1}"]),
    [`${folder}/kustomization.yaml`]: kustomization([...maps, "widget"].map((name) => `${name}.yaml`)),
  };

  async function verdictOf(config: string, edits: Edits) {
    const root = makeRepo({ ...tree, [CONFIG]: config });
    commit(root, edits);
    const { code, report } = await verifyHere(root, ["--base", "HEAD~1"]);
    return { code, verdict: report.verdict, told: JSON.stringify(report) };
  }

  const dropThree = {
    ...Object.fromEntries(maps.slice(1).map((name) => [`${folder}/${name}.yaml`, undefined])),
    [`${folder}/kustomization.yaml`]: kustomization(["map-0.yaml", "widget.yaml"]),
  };

  test("from how many objects on, and from what share, what goes is no decision", async () => {
    expect(await verdictOf("{}\n", dropThree)).toMatchObject({ code: 0, verdict: "deletes" });
    expect(await verdictOf("verify: {massCount: 3}\n", dropThree)).toMatchObject({ code: 1, verdict: "unsafe" });
    expect(await verdictOf("verify: {massCount: 3, massShare: 0.9}\n", dropThree)).toMatchObject({
      verdict: "deletes",
    });
  });

  test("kinds that hold data: what goes with one is said", async () => {
    const drop = {
      [`${folder}/widget.yaml`]: undefined,
      [`${folder}/kustomization.yaml`]: kustomization(maps.map((name) => `${name}.yaml`)),
    };
    const own = "verify:\n  dataKinds: [{kind: acme.example|Widget, takes: the wheels on it}]\n";
    const says = async (config: string) => (await verdictOf(config, drop)).told.includes("the wheels on it");
    expect([await says("{}\n"), await says(own)]).toEqual([false, true]);
  });

  test("fields that cannot be changed", async () => {
    const grow = { [`${folder}/widget.yaml`]: object("Widget", "wheel", "acme.example/v1", ["spec: {size: 2}"]) };
    const own = "verify:\n  immutableKinds: [{kind: acme.example|Widget, fields: [spec.size]}]\n";
    expect(await verdictOf("{}\n", grow)).toMatchObject({ code: 0, verdict: "safe" });
    expect(await verdictOf(own, grow)).toMatchObject({ code: 1, verdict: "unsafe" });
  });
});

describe("a configuration in TypeScript", () => {
  const files = {
    "fluxlift.config.ts":
      'import { type Settings, sync } from "./settings.ts";\nenum Layout { Apps = "apps" }\n' +
      "const config: Settings = { migrate: { sync, layout: Layout.Apps } };\nexport default config;\n",
    "settings.ts":
      'export interface Settings { migrate: { sync: string; layout: string } }\nexport const sync = "keep" as const;\n',
  };
  const start = (more: Record<string, string>) => makeRepo({ "a.yaml": "a: 1\n", ...files, ...more });

  test("is read on every Node that fluxlift runs on, with what it imports; types are not run", () => {
    const { code, out, err } = runBuilt(start({}), ["config", "--trust-config"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^migrate\.sync +keep +fluxlift\.config\.ts:1:1$/m);
  });

  test("is not read without leave, and one that is broken says where", () => {
    const { out, err } = runBuilt(start({}), ["config"]);
    expect([out.includes("keep"), err]).toEqual([false, expect.stringContaining("is a program and was not run")]);
    const broken = runBuilt(start({ "fluxlift.config.ts": "export const a = 1;\nexport default { x: 1 + };\n" }), [
      ...["config", "--config", "fluxlift.config.ts"],
    ]);
    expect([broken.code, broken.err]).toEqual([2, expect.stringContaining("could not be run")]);
  });
});
