import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FileChange } from "../../src/contract/edit.ts";
import { FluxliftError, InternalError } from "../../src/contract/errors.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { hasHidden } from "../../src/contract/visible.ts";
import { isGitFolder, isInside } from "../../src/files/inside.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { writeChanges } from "../../src/files/write.ts";
import { deriveFiles } from "../../src/plan/saved/files.ts";
import { parsePlan } from "../../src/plan/saved/load.ts";
import { renderText } from "../../src/report/text.ts";
import { holdsSecret } from "../../src/yaml/secret.ts";
import { git, makeRepo, makeTempDir, readTree } from "../support/repo.ts";
import { EXAMPLE, fluxlift } from "./support.ts";

const VALUE = "hunter2-hunter2";
const SECRET = `apiVersion: v1
kind: Secret
metadata:
  name: webhook-token
  namespace: flux-system
stringData:
  token: ${VALUE}
`;

/** The example with a Secret beside source and root, in one file. */
function makeExample(): string {
  const root = makeRepo(EXAMPLE);
  const file = join(root, "kubernetes/flux/config/cluster.yaml");
  writeFileSync(file, `${readFileSync(file, "utf8").trimEnd()}\n---\n${SECRET}`);
  git(root, "commit", "-qam", "Add a token");
  return root;
}

async function save(root: string, ...flags: string[]): Promise<{ file: string; plan: Plan; text: string }> {
  const file = join(makeTempDir(), "plan.json");
  expect((await fluxlift(root, "plan", ...flags, "-o", file)).code).toBeLessThan(2);
  const text = readFileSync(file, "utf8");
  return { file, plan: JSON.parse(text), text };
}

const ALL = ["--phase", "all", "--direct"];

describe("a saved plan", () => {
  test("is for its owner alone, also where the file was there before", async () => {
    const root = makeRepo(EXAMPLE);
    const { file } = await save(root);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    await fluxlift(root, "plan", "-o", file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("holds no value of a Secret whose file it changes, and writes the same", async () => {
    const [root, other] = [makeExample(), makeExample()];
    const { file, plan, text } = await save(root, ...ALL);
    expect(plan.phases.flatMap(({ files }) => files).some(({ withheld }) => withheld?.includes("before"))).toBe(true);
    expect(text).not.toContain(VALUE);
    expect((await fluxlift(root, "plan", ...ALL, "--format", "json")).text).toBe(text);
    const reports = makeTempDir();
    await fluxlift(root, "plan", ...ALL, "--reports", reports);
    expect(readFileSync(join(reports, "report.json"), "utf8")).toContain('"withheld"');
    for (const [name, report] of Object.entries(readTree(reports)))
      expect([name, report.includes(VALUE)]).toEqual([name, false]);
    expect((await fluxlift(root, "apply", "--yes", file)).code).toBe(0);
    expect((await fluxlift(other, "migrate", "--yes", ...ALL)).code).toBe(0);
    expect(readTree(root)).toEqual(readTree(other));
    expect(JSON.stringify(readTree(root))).toContain(VALUE);
  });

  test("takes a file of SOPS for one that may hold an open value", () => {
    const partly = `${SECRET}  other: ENC[AES256_GCM,data:x,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:y]\n`;
    expect([SECRET, partly].map(holdsSecret)).toEqual([true, true]);
  });

  test.each([
    ["of JSON", "- op: add\n          path: /data/token\n          value: VALUE"],
    [
      "as a part of it",
      "apiVersion: v1\n        kind: &kind Secret\n        metadata: {name: a}\n        data: {token: VALUE}",
    ],
  ])("holds no value that a patch %s puts into a Secret", async (_, patch) => {
    const root = makeRepo(EXAMPLE);
    const file = join(root, "kubernetes/flux/config/cluster.yaml");
    const target = "\n  patches:\n    - target: {kind: Secret, name: a}\n      patch: |\n        ";
    writeFileSync(file, `${readFileSync(file, "utf8").trimEnd()}${target}${patch.replace("VALUE", VALUE)}\n`);
    git(root, "commit", "-qam", "Add a patch");
    const { plan } = await save(root, ...ALL);
    const files = plan.phases.flatMap((phase) => phase.files);
    expect(files.some(({ path }) => file.endsWith(path))).toBe(true);
    // The edit that carries the patch over has it.
    expect(JSON.stringify(files)).not.toContain(VALUE);
  });

  test("names every file before it writes it", async () => {
    const root = makeRepo(EXAMPLE);
    const { file, plan } = await save(root, ...ALL);
    const { code, text } = await fluxlift(root, "apply", file);
    expect(code).toBe(1);
    const words = new Set(text.split(/\s+/));
    // New files of an app are listed below its folder.
    const isNamed = (path: string) =>
      words.has(path) ||
      [...path.matchAll(/\//g)].some(
        ({ index }) => words.has(path.slice(0, index + 1)) && words.has(path.slice(index + 1)),
      );
    expect(plan.phases.flatMap(({ files }) => files).filter(({ path }) => !isNamed(path))).toEqual([]);
  });
});

/** Changes of a good plan that make another file than it shows, or one that git does not know. */
const FORGERIES: Record<string, (plan: Plan) => void> = {
  "a new file without an edit": ({ phases }) =>
    phases[0]!.files.push({ path: "zz.sh", after: "touch MARK\n", mode: 0o755 }),
  "another text than the edits make": ({ phases }) => {
    phases[0]!.files.find(({ after }) => after !== undefined)!.after += "# more\n";
  },
  "a file that is gone without an edit": ({ phases }) => phases[0]!.files.push({ path: "README.md", before: "x" }),
  "an edit that no file shows": (plan) =>
    editsOf(plan).push({ ...edit("create", "zz.sh"), text: "touch MARK\n" } as never),
  "an edit of a file without its hash": (plan) => {
    const path = plan.phases[0]!.files.find(({ before }) => before !== undefined)!.path;
    delete plan.base[path];
  },
  "a setuid file": (plan) => addFile(plan, "zz.sh", 0o6777),
  "a file everybody may write": (plan) => addFile(plan, "zz.sh", 0o777),
  "a mode that is none": (plan) => addFile(plan, "zz.sh", -1),
  "YAML that is none": (plan) => addFile(plan, "zz.yaml", 0o644, "a: [\n"),
  "half a character in a name": (plan) => addFile(plan, "docs/\ud800.md"),
  "a name that is too long": (plan) => addFile(plan, `${"ä".repeat(128)}.md`),
  "a name that is too long, in a new folder": (plan) => addFile(plan, `new/${"x".repeat(253)}.md`),
  "a folder whose name is too long": (plan) => addFile(plan, `${"x".repeat(256)}/a.md`),
  "half a character": (plan) => addFile(plan, "zz.txt", 0o644, "\ud800"),
};

const edit = (kind: string, path: string) => ({
  ...{ kind, path, why: "w", transform: "t", phase: "install", cluster: "default", evidence: [] },
});
const editsOf = (plan: Plan) => plan.phases[0]!.clusters[0]!.edits;

/** An edit and its file, as a plan has them. */
function addFile(plan: Plan, path: string, mode = 0o644, text = "touch MARK\n"): void {
  editsOf(plan).push({ ...edit("create", path), text, mode } as never);
  plan.phases[0]!.files.push({ path, after: text, mode });
}

/** What some file system takes for `.git`. */
const ALIASES = [
  ...[".git", ".GIT", ".Git", ".git.", ".git ", ".git. .", ".git...", "git~1", "GIT~1", "git~2", "GI7EB8~1", "git~1."],
  ...[".git::$INDEX_ALLOCATION", ".git:x", ".GIT::$index_allocation", "git~1:x", ".git .:x"],
  ...[
    ".g\u200cit",
    ".gi\u200dt\u200e",
    "\u200f.git",
    ".git\u202a",
    ".\u206agit",
    ".g\ufeffit",
    ".git\ufeff",
    ".g\u202ei\u202ct",
  ],
  ...[".g\u00adit", ".gıt", ".ｇｉｔ", ".gi\u0307t", ".g\u2060it"],
];
const OTHERS = [
  ".github",
  ".gitignore",
  ".gitlab-ci.yml",
  "git",
  "a.git",
  ".git-crypt",
  "git~",
  "digit~1",
  "gitops",
  "..git",
  "日本",
  ".gi",
];

describe("what is written lies outside git's own folder on every file system", () => {
  test.each(ALIASES)("%j", (name) => {
    expect(isGitFolder(name)).toBe(true);
    for (const path of [name, `${name}/hooks/pre-commit`, `a/${name}/config`, `a/b/${name}`])
      expect(isInside(path)).toBe(false);
  });

  test.each(OTHERS)("%j is another name", (name) => {
    expect(isInside(`a/${name}/b`)).toBe(true);
  });

  test.each(ALIASES.slice(0, 24))("a plan with %j in a path is refused", async (name) => {
    const { text } = await exampleplan;
    for (const path of [`${name}/hooks/pre-commit`, `kubernetes/${name}/config`]) {
      for (const kind of ["create", "move", "base"]) {
        const plan: Plan = JSON.parse(text);
        if (kind === "create") addFile(plan, path);
        else if (kind === "move") editsOf(plan).push({ ...edit("move", "README.md"), to: path } as never);
        else plan.base[path] = "0".repeat(64);
        await expect(parsePlan(JSON.stringify(plan), "p")).rejects.toThrow("outside the repository");
      }
    }
  });

  test("a name that is longer than any takes no time", () => {
    expect(isInside(`a/${". ".repeat(500_000)}x`)).toBe(false);
  });
});

const exampleplan = (async () => {
  const { loadEngine } = await import("../../src/cli/load-engine.ts");
  const workspace = await openWorkspace(EXAMPLE);
  const { makePlan, render } = await loadEngine();
  const options = {
    ...{ phase: "install" as const, sync: "adopt" as const, layout: "auto" as const },
    ...{ clusters: [], only: [], skip: [], direct: false, serviceMonitor: false },
  };
  return { workspace, text: render.json(makePlan(workspace, options)) };
})();

describe("apply writes nothing of a plan that was changed", () => {
  test.each(Object.entries(FORGERIES))("%s", async (_what, forge) => {
    const root = makeRepo(EXAMPLE);
    const before = readTree(root);
    const { file, plan } = await save(root);
    forge(plan);
    writeFileSync(file, JSON.stringify(plan));
    const { code, text } = await fluxlift(root, "apply", "--yes", file);
    expect({
      code,
      says: /is no plan|than its edits|no hash|does not fit|that is none|cannot be written/.test(text),
      defect: text.includes("defect"),
    }).toEqual({
      ...{ code: 2, says: true, defect: false },
    });
    expect(readTree(root)).toEqual(before);
    expect(existsSync(join(root, "MARK"))).toBe(false);
  });

  test("whatever is changed in it, it is told in a sentence, and what is written is what the edits say", async () => {
    const { workspace, text } = await exampleplan;
    const places: (string | number)[][] = [];
    const collect = (value: unknown, path: (string | number)[]): void => {
      places.push(path);
      if (typeof value !== "object" || value === null) return;
      for (const [key, item] of Object.entries(value))
        collect(item, [...path, Array.isArray(value) ? Number(key) : key]);
    };
    collect(JSON.parse(text), []);
    const values: unknown[] = [
      null,
      0,
      -1,
      1e300,
      "",
      "x",
      "../x",
      "\u001b[2K",
      true,
      [],
      {},
      [null],
      [[]],
      { "": 1 },
      { __proto__: 1 },
    ];
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(places.length - 1), fc.nat(values.length)), { minLength: 1, maxLength: 2 }),
        async (changes) => {
          const plan = JSON.parse(text);
          for (const [at, value] of changes) change(plan, places[at]!, values[value]);
          try {
            const loaded = await parsePlan(JSON.stringify(plan), "plan.json");
            const derived = deriveFiles(workspace.tree, loaded, "plan.json");
            renderText(derived, { colour: false, verbose: true });
            const edited = new Set(
              derived.phases.flatMap(({ clusters }) => clusters.flatMap(({ edits }) => edits.map(({ path }) => path))),
            );
            for (const { path } of derived.phases.flatMap(({ files }) => files)) expect(edited.has(path)).toBe(true);
          } catch (error) {
            refused++;
            expect(error).toBeInstanceOf(FluxliftError);
            expect(error).not.toBeInstanceOf(InternalError);
            expect(hasHidden((error as Error).message)).toBe(false);
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

test("no name in a plan turns the message of the commit around, or tells a forge what to do", async () => {
  const root = makeRepo(EXAMPLE);
  const { file, text } = await save(root);
  const name = "a\u202eb\u2028c [skip ci] fixes #1, gh-2 @team é\ufe0f";
  writeFileSync(file, text.replaceAll('"cluster": "default"', `"cluster": "${name}"`));
  expect((await fluxlift(root, "apply", "--yes", "--commit", file)).code).toBe(0);
  const message = git(root, "log", "-1", "--format=%B");
  expect(message).toContain(
    "clusters: a\\u202eb\\u2028c \\u005bskip ci\\u005d fixes \\u00231\\u002c gh\\u002d2 \\u0040team é\\ufe0f.\n",
  );
  expect(hasHidden(message.replaceAll("\n", ""))).toBe(false);
});

/** Sets a place of a JSON value, or takes it out. */
// biome-ignore lint/suspicious/noExplicitAny: any JSON
function change(root: any, path: readonly (string | number)[], value: unknown): void {
  const parent = path.slice(0, -1).reduce((at, key) => at?.[key], root);
  const key = path.at(-1);
  if (key === undefined || typeof parent !== "object" || parent === null) return;
  if (value === undefined) delete parent[key];
  else parent[key] = value;
}

test.each([0o6777, 0o777, 0o666, 0o600, 0o1755, -1])("the writer itself takes no mode %o", async (mode) => {
  const root = makeRepo({ "a.yaml": "a: 1\n" });
  const changes: FileChange[] = [{ path: "b.sh", after: "x\n", mode }];
  const workspace = await openWorkspace(root);
  expect(() => writeChanges(workspace, changes, { label: "test" })).toThrow("no such mode");
  expect(existsSync(join(root, "b.sh"))).toBe(false);
});
