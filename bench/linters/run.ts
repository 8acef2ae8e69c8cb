import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compareVersions, openReference } from "../corpus/gate/reference.ts";
import { closed } from "../corpus/gate/schemas.ts";
import { findRoots } from "../corpus/gate/sights.ts";
import { type Data, openSnapshot, parseYaml } from "../corpus/gate/snapshot.ts";
import { commitAll, git, makeRepo, repoFacts, unpackState } from "../corpus/repo.ts";
import { runTool } from "../corpus/tool.ts";
import { type Complaints, findNew, type Linter, lintersOf, SKIPPED } from "./linters.ts";

const HELP = `usage: npx tsx bench/linters/run.ts [options] [state…]
  state            a state of the corpus; without one, each that has a configuration of a linter
  --direct         one phase, --phase all --direct
  --cli FILE       the built tool (default dist/fluxlift.js)
Run bench/linters/install.sh first.`;

const root = fileURLToPath(new URL("../..", import.meta.url));
const corpus = join(process.env.FLUXLIFT_SHARED ?? resolve(root, "../shared"), "corpus");
const cache = join(root, ".cache/linters");
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    direct: { type: "boolean" },
    cli: { type: "string", default: join(root, "dist/fluxlift.js") },
    help: { type: "boolean" },
  },
});

/** Schemas of Flux and of the operator as kubeconform looks for them; unknown fields are errors. */
function writeSchemas(): string {
  const dir = join(cache, "schemas");
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const reference = openReference(join(root, ".cache"));
  // Every version that was ever served is looked at as the last release that served it had it.
  const releases = [...reference.versions]
    .sort(compareVersions)
    .map((version) => join(reference.manifests, `v${version}`));
  for (const folder of [...releases, reference.schemas]) {
    for (const name of readdirSync(folder).filter((file) => file.endsWith(".yaml"))) {
      for (const { data } of parseYaml(name, readFileSync(join(folder, name), "utf8")).docs) writeCrd(dir, data);
    }
  }
  return dir;
}

function writeCrd(dir: string, crd: Data): void {
  if (crd?.kind !== "CustomResourceDefinition") return;
  for (const { name, schema } of crd.spec.versions as Data[]) {
    const own = closed(schema.openAPIV3Schema);
    own.properties.metadata = { type: "object" };
    writeFileSync(join(dir, `${String(crd.spec.names.kind).toLowerCase()}_${name}.json`), JSON.stringify(own));
  }
}

/** One line for each complaint that a phase brings. */
function lintState(state: string, schemas: string): { found: string[]; linters: string[]; skipped: number } {
  const work = join(cache, "work");
  const origin = unpackState(join(corpus, "states", `${state}.tar.gz`), work);
  const facts = repoFacts(findRoots(openSnapshot(origin)));
  const repo = join(work, state, "repo");
  rmSync(repo, { recursive: true, force: true });
  makeRepo(origin, repo, facts);
  const linters = lintersOf(repo, { dir: cache, schemas });
  const found: string[] = [];
  let skipped = 0;
  for (const phase of options.direct ? ["all"] : ["install", "cutover", "cleanup"]) {
    const flags = ["--phase", phase, ...(options.direct ? ["--direct"] : [])];
    runTool(options.cli, ["migrate", repo, "--yes", ...flags]);
    git(repo, "add", "-A");
    const list = (...args: string[]) =>
      git(repo, "diff", "--cached", "--name-only", "-z", ...args)
        .split("\0")
        .filter(Boolean);
    const files = list("--diff-filter=d");
    if (files.length === 0) continue;
    const after = lintAll(linters, repo, files);
    git(repo, "stash", "-q");
    const before = lintAll(
      linters,
      repo,
      files.filter((file) => existsSync(join(repo, file))),
    );
    git(repo, "stash", "pop", "-q", "--index");
    for (const { name } of linters) {
      const news = findNew(before.get(name)!, after.get(name)!);
      found.push(...news.map(([file, says]) => `${state} ${phase} ${name} ${file}: ${says}`));
      skipped += [...after.get(name)!.values()].flat().filter((says) => says.startsWith(SKIPPED)).length;
    }
    commitAll(repo, facts, `Migrate: ${phase}`);
  }
  return { found, linters: linters.map(({ name }) => name), skipped };
}

function lintAll(linters: readonly Linter[], repo: string, files: readonly string[]): Map<string, Complaints> {
  return new Map(linters.map((linter) => [linter.name, linter.lint(repo, files)]));
}

function main(): number {
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  if (!existsSync(corpus) || !existsSync(join(cache, "bin/kubeconform"))) {
    process.stdout.write(
      `linters: skipped, ${existsSync(corpus) ? "run bench/linters/install.sh" : `${corpus} is not there`}\n`,
    );
    return 0;
  }
  const schemas = writeSchemas();
  const all = readdirSync(join(corpus, "states")).map((name) => basename(name, ".tar.gz"));
  let bad = 0;
  for (const state of positionals.length > 0 ? positionals : all) {
    const { found, linters, skipped } = lintState(state, schemas);
    if (positionals.length === 0 && linters.length === 1) continue;
    bad += found.length;
    process.stdout.write(`${state}: ${linters.join(", ")}; ${found.length} new, ${skipped} objects of other kinds\n`);
    for (const line of found) process.stdout.write(`  ${line}\n`);
  }
  return bad > 0 ? 1 : 0;
}

process.exitCode = main();
