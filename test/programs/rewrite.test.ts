import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildBundle } from "../../scripts/build.mjs";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import type { Options } from "../../src/contract/options.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import { makeOciPlan } from "../../src/plan/oci-plan.ts";
import { findSourceUses } from "../../transforms/shared/oci/uses.ts";
import { rewriteProgram } from "../../transforms/shared/programs/rewrite.ts";
import { stopAfter } from "../hostile/growth.ts";
import { inputOf } from "../support/fixtures.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { makeRepo, makeTempDir, writeFiles } from "../support/repo.ts";
import type { Tree } from "../support/tree.ts";

const MOVE = {
  name: "flux-system",
  namespace: "flux-system",
  apiVersion: "source.toolkit.fluxcd.io/v1",
  gitName: "git",
};

/** Rewrites references to GitRepository flux-system; the marker `REF` is one of them. */
function rewrite(source: string) {
  const text = source.replaceAll("REF", '{ kind: "GitRepository", name: "flux-system" }');
  const { ranges, remarks } = rewriteProgram(
    "index.ts",
    text,
    (data) => findSourceUses(data, 0, MOVE).flatMap(({ ops }) => ops),
    ({ kind, name }) => (kind ?? "GitRepository") === "GitRepository" && (name ?? "flux-system") === "flux-system",
  );
  let result = text;
  for (const range of [...ranges].reverse())
    result = result.slice(0, range.start) + range.text + result.slice(range.end);
  return {
    changed: result === text ? undefined : result.replaceAll('{ kind: "OCIRepository", name: "flux-system" }', "OCI"),
    remarks: remarks.map(({ line, col, reason }) => `${line}:${col} ${reason}`),
  };
}

const KS = 'apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization"';

describe("references in programs", () => {
  test.each([
    ["a literal", `make({ ${KS}, spec: { sourceRef: REF } });`],
    ["a class named after the kind", "new flux.Kustomization('a', { spec: { sourceRef: REF } });"],
    ["a class of an older version", "new KustomizationV1Beta2(this, 'a', { spec: { sourceRef: REF } });"],
    [
      "quoted keys",
      `make({ "apiVersion": "kustomize.toolkit.fluxcd.io/v1", 'kind': "Kustomization", spec: { "sourceRef": REF } });`,
    ],
    ["assertions", `make({ ${KS}, spec: { sourceRef: (REF as const) satisfies Ref } } as Flux);`],
    ["a constant", `const source = REF;\nmake({ ${KS}, spec: { sourceRef: source } });`],
    ["a constant for the whole spec", `const spec = { sourceRef: REF };\nmake({ ${KS}, spec });`],
    ["a spread constant", `const base = { sourceRef: REF };\nmake({ ${KS}, spec: { ...base, path: "./a" } });`],
    ["an exported object of Flux", `export const a = make({ ${KS}, spec: { sourceRef: REF } });`],
    ["angle brackets", `make({ ${KS}, spec: <Spec>{ sourceRef: <Ref>REF } });`],
    ["a key in brackets", `make({ ${KS}, spec: { ["sourceRef"]: REF } });`],
    ["CommonJS", `module.exports = new k8s.CustomResource("a", { ${KS}, spec: { sourceRef: REF } });`],
    ["Windows line endings", `make({\r\n  ${KS},\r\n\tspec: { sourceRef: REF },\r\n});\r\n`],
    ["a function's body", `function app(name: string) {\n  return make({ ${KS}, spec: { sourceRef: REF } });\n}`],
  ])("%s", (_name, source) => {
    expect(rewrite(source)).toEqual({ changed: source.replaceAll("REF", "OCI"), remarks: [] });
  });

  test.each([
    ["a parameter", `function app(ref: Ref) {\n  make({ ${KS}, spec: { sourceRef: ref } });\n}`, ["2:118 computed"]],
    [
      "a name in two scopes",
      `const ref = REF;\nfunction f(ref: Ref) { make({ ${KS}, spec: { sourceRef: ref } }); }`,
      ["computed", "owner"],
    ],
    ["let", `let ref = REF;\nmake({ ${KS}, spec: { sourceRef: ref } });`, ["computed", "owner"]],
    [
      "the default of a parameter",
      `const app = (sourceRef = REF) => make({ ${KS}, spec: { sourceRef } });`,
      ["computed", "owner"],
    ],
    [
      "a field of a class",
      `class App { ref = REF; constructor() { make({ ${KS}, spec: { sourceRef: this.ref } }); } }`,
      ["computed", "owner"],
    ],
    ["an assignment", `const app: any = make({ ${KS}, spec: {} });\napp.spec.sourceRef = REF;`, ["owner"]],
    ["a patch", 'app.addJsonPatch(JsonPatch.add("/spec/sourceRef", REF));', ["owner"]],
    ["an item of a list", `[REF].map((ref) => make({ ${KS}, spec: { sourceRef: ref } }));`, ["computed", "owner"]],
    ["a choice", `make({ ${KS}, spec: { sourceRef: isProd ? REF : undefined } });`, ["computed"]],
    [
      "members of an enum",
      `make({ ${KS}, spec: { sourceRef: { kind: Sources.Git, name: Names.Own } } });`,
      ["computed"],
    ],
    [
      "a template",
      `make({ ${KS}, spec: { sourceRef: { kind: "GitRepository", name: \`${"${own}"}\` } } });`,
      ["computed"],
    ],
    ["an exported constant", `export const ref = REF;\nmake({ ${KS}, spec: { sourceRef: ref } });`, ["shared"]],
    [
      "a constant that somebody else reads",
      `const ref = REF;\nlog(ref);\nmake({ ${KS}, spec: { sourceRef: ref } });`,
      ["shared"],
    ],
    ["a helper's argument", "app({ sourceRef: REF });", ["owner"]],
    ["a manifest in a string", "apply(`sourceRef:\n  kind: GitRepository\n  name: flux-system`);", ["text"]],
    ["what does not parse", `make({ ${KS}, spec: { sourceRef: REF }`, ["broken"]],
  ])("%s is left with a remark", (_name, source, reasons) => {
    const { changed, remarks } = rewrite(source);
    expect(changed).toBeUndefined();
    expect(remarks.map((remark) => remark.split(" ")[1])).toEqual(reasons.map((reason) => reason.split(" ").at(-1)));
    for (const remark of remarks) expect(remark).toMatch(/^\d+:\d+ /);
  });

  test("a constant that two kinds read in two ways is left for both", () => {
    const release = 'apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease"';
    const source = `const ref = REF;\nmake({ ${KS}, spec: { sourceRef: ref } });\nmake({ ${release}, spec: { chart: { spec: { sourceRef: ref } } } });`;
    expect(rewrite(source)).toEqual({ changed: undefined, remarks: ["1:21 shared", "1:44 shared"] });
  });

  test("a remark says line and column", () => {
    expect(rewrite(`make({\n  ${KS},\n  spec: { sourceRef: pick() },\n});`).remarks).toEqual(["3:22 computed"]);
  });

  test("hundreds of objects are read in one go", () => {
    const one = `make({ ${KS}, metadata: { namespace: NS }, spec: { sourceRef: ref } });\n`;
    const source = `const NS = "flux-system";\nconst ref = REF;\n${one.repeat(300)}`;
    // Looking for each name in the whole file took minutes.
    expect(stopAfter(() => rewrite(source), 50_000).changed).toContain("const ref = OCI;");
  });

  test("other sources are no business of it", () => {
    const source = `make({ ${KS}, spec: { sourceRef: { kind: "GitRepository", name: "tenant" } } });`;
    expect(rewrite(source)).toEqual({ changed: undefined, remarks: [] });
  });
});

async function switchTo(root: string, changes: Partial<Options>) {
  const options = {
    ...{ phase: "switch", sync: "adopt", clusters: [], direct: true, only: ["typescript-to-oci"], skip: [] },
    ...{ serviceMonitor: false, layout: "auto" },
    ...changes,
  } as Options;
  const plan = makeOciPlan(await openWorkspace(root), options);
  const findings = plan.phases.flatMap(({ clusters }) => clusters.flatMap((cluster) => cluster.findings));
  return { after: composeChanges(plan)[0]?.after, rules: findings.map(({ rule }) => rule) };
}

describe("programs of a repository", () => {
  const input = inputOf("typescript-to-oci/follows-pulumi-and-cdk8s");
  const program = (path: string) =>
    `new flux.Kustomization("a", { spec: { path: ${path}, sourceRef: { kind: "GitRepository", name: "cluster" } } });\n`;
  const only = (text: string) => {
    const root = makeRepo(input, { remote: "https://github.com/example-org/fleet" });
    writeFiles(root, { "cdk8s/main.ts": "", "infra/index.ts": text });
    return root;
  };

  test("paths count from the root of the artifact", async () => {
    const { after } = await switchTo(only(program('"./kubernetes/apps"')), { artifactPath: "kubernetes" });
    expect(after).toContain('path: "./apps", sourceRef: { kind: "OCIRepository"');
  });

  test.each([["somewhere()"], ['"./elsewhere"']])("an object whose path is %s stays as it is", async (path) => {
    const { after, rules } = await switchTo(only(program(path)), { artifactPath: "kubernetes" });
    expect(after).toBeUndefined();
    expect(rules).toEqual(["program-left"]);
  });

  test("a program that may belong to a cluster on Git is not edited", async () => {
    const shared = inputOf("sources-to-oci/moves-two-clusters-that-share-files");
    const root = makeRepo(shared, { remote: "https://github.com/example-org/fleet" });
    writeFiles(root, { "infra/index.ts": program('"./a"').replace('"cluster"', '"flux-system"') });
    const clusters = makeOciPlan(await openWorkspace(root), { ...(await baseOptions()) }).phases[0]!.clusters;
    expect(clusters.length).toBeGreaterThan(1);
    const { after, rules } = await switchTo(root, { clusters: [clusters[0]!.cluster] });
    expect(after).toBeUndefined();
    expect(rules).toContain("program-cluster-unknown");
  });
});

async function baseOptions(): Promise<Options> {
  return {
    ...{ phase: "prepare", sync: "adopt", clusters: [], direct: true, only: [], skip: [] },
    ...{ serviceMonitor: false, layout: "auto" },
  } as Options;
}

describe("the bundle", () => {
  test("reads the parser only for a repository with programs", async () => {
    const dir = makeTempDir();
    await buildBundle(join(dir, "fluxlift.js"));
    expect(existsSync(join(dir, "typescript.cjs"))).toBe(true);
    const [own, other] = [dir, join(PROJECT_ROOT, "dist")].map((at) => readFileSync(join(at, "core.cjs"), "utf8"));
    expect(own === other, "the same sources make the same program, however often they are built").toBe(true);
    const input = inputOf("typescript-to-oci/follows-pulumi-and-cdk8s");
    const plain = inputOf("artifact-source/declares-the-artifact");
    const run = (from: Tree) => {
      const root = makeRepo(from, { remote: "https://github.com/example-org/fleet" });
      const hook = join(dir, "hook.cjs");
      writeFiles(dir, {
        "hook.cjs": `process.on("exit", () => console.error("PARSER " + Object.keys(require.cache).some((id) => id.endsWith("typescript.cjs"))));`,
      });
      const args = ["-r", hook, join(dir, "fluxlift.js"), "oci", root, "--phase", "switch", "--direct", "--dry-run"];
      return spawnSync(process.execPath, [...args, "--only", "typescript-to-oci", "--format", "diff"], {
        encoding: "utf8",
      });
    };
    const without = run(plain);
    expect(without.stderr).toContain("PARSER false");
    const done = run(input);
    expect(done.stderr).toContain("PARSER true");
    expect(done.stdout).toContain("+const sourceRef = { kind: 'OCIRepository'");
    rmSync(join(dir, "typescript.cjs"));
    expect(run(plain).status).toBe(0);
    const alone = run(input);
    expect(alone.status).toBe(2);
    expect(alone.stderr).toContain("--skip typescript-to-oci");
    expect(alone.stderr).not.toContain("defect of fluxlift");
  }, 60_000);
});
