import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { git } from "../../test/support/git.ts";
import { homeTree, ks, kustomization, object } from "../../test/verify/home-tree.ts";
import { hostileChange, hostileTree } from "../../test/verify/hostile-tree.ts";

const ROOT = join(import.meta.dirname, "../..");

/** A page to look at, and whether its tree means harm. */
export interface Report {
  name: string;
  file: string;
  hostile: boolean;
}

type Files = Readonly<Record<string, string | undefined>>;

/** Makes every page with the built fluxlift, in repositories below `dir`. */
export function makeReports(dir: string): Report[] {
  const reports: Report[] = [];
  const add = (name: string, repo: string, args: readonly string[]) => {
    const file = join(dir, `${name}.html`);
    const run = spawnSync(process.execPath, [join(ROOT, "dist/fluxlift.js"), ...args, "-o", file, repo], {
      encoding: "utf8",
    });
    // 1: a person has to act, which is what some of the trees are for.
    if (run.status === null || run.status > 1) throw new Error(`${name}: ${run.stderr}`);
    reports.push({ name, file, hostile: name.startsWith("hostile") });
  };
  for (const example of ["home-ops", "fleet"]) {
    const repo = join(dir, example);
    cpSync(join(ROOT, "examples", example), repo, { recursive: true });
    start(repo);
    add(`plan-${example}`, repo, ["plan"]);
    add(`direct-${example}`, repo, ["plan", "--phase", "all", "--direct"]);
  }
  const hostile = makeRepo(join(dir, "hostile"), hostileTree());
  add("hostile-plan", hostile, ["plan"]);
  change(hostile, hostileChange());
  add("hostile-verify", hostile, ["verify", "--base", "HEAD~1"]);
  const many = makeRepo(
    join(dir, "many"),
    manyApps(() => "media"),
  );
  change(
    many,
    manyApps((index) => (index % 3 === 0 ? "games" : "media")),
  );
  add("verify-many", many, ["verify", "--base", "HEAD~1"]);
  const safe = makeRepo(join(dir, "safe"), homeTree());
  change(safe, { "README.md": "Hello\n" });
  add("verify-safe", safe, ["verify", "--base", "HEAD~1"]);
  return reports;
}

/** 120 Kustomizations, each with two objects in a namespace of its choice. */
function manyApps(namespaceOf: (index: number) => string): Files {
  const tree: Record<string, string> = homeTree();
  const names = Array.from({ length: 120 }, (_, index) => `app-${index}`);
  for (const [index, name] of names.entries()) {
    tree[`kubernetes/apps/media/${name}/ks.yaml`] = ks(name, `kubernetes/apps/media/${name}/app`, [
      `targetNamespace: ${namespaceOf(index)}`,
    ]);
    tree[`kubernetes/apps/media/${name}/app/kustomization.yaml`] = kustomization(["objects.yaml"]);
    tree[`kubernetes/apps/media/${name}/app/objects.yaml`] = object("ConfigMap", name) + object("Service", name);
  }
  tree["kubernetes/apps/media/kustomization.yaml"] = kustomization([
    "namespace.yaml",
    "player/ks.yaml",
    ...names.map((name) => `${name}/ks.yaml`),
  ]);
  return tree;
}

function makeRepo(root: string, files: Files): string {
  write(root, files);
  start(root);
  return root;
}

function start(root: string): void {
  git(root, "init", "--quiet", "--initial-branch", "main");
  commit(root);
}

function change(root: string, files: Files): void {
  write(root, files);
  commit(root);
}

function commit(root: string): void {
  git(root, "add", "--all");
  git(root, "commit", "--quiet", "--message", "Change");
}

function write(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    const full = join(root, path);
    if (text === undefined) rmSync(full, { force: true });
    else {
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, text);
    }
  }
}
