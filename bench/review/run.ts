import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findingsOf } from "../corpus/gate/plan-json.ts";
import { findRoots } from "../corpus/gate/sights.ts";
import { openSnapshot } from "../corpus/gate/snapshot.ts";
import { CORPUS, NO_CORPUS } from "../corpus/places.ts";
import { commitAll, makeRepo, repoFacts, unpackState } from "../corpus/repo.ts";
import { planArgs, planJson, runTool } from "../corpus/tool.ts";
import { type Answer, compareLooks, QUESTIONS } from "./compare.ts";
import type { Files } from "./look.ts";
import { type PhaseView, type Review, renderReview } from "./page.ts";

const HELP = `usage: npm run review -- [options] [state…]
  state            a state of the corpus; without one, each that has an owner's tree beside it
  --direct         one phase, --phase all --direct
  --settle         take out entries of files that the corpus lacks, and take the newer of two versions
  --out DIR        where the pages go (default .cache/review)
  --cli FILE       the built tool (default dist/fluxlift.js)`;

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    direct: { type: "boolean" },
    settle: { type: "boolean" },
    out: { type: "string", default: join(root, ".cache/review") },
    cli: { type: "string", default: join(root, "dist/fluxlift.js") },
    help: { type: "boolean" },
  },
});

/** Runs each phase on a fresh repository and reads what the owner made of the same tree. */
function reviewState(state: string): Review {
  const work = join(options.out, "work");
  const origin = unpackState(join(CORPUS, "states", `${state}.tar.gz`), work);
  const before = openSnapshot(origin);
  const facts = repoFacts(findRoots(before));
  const repo = join(work, state, "repo");
  rmSync(repo, { recursive: true, force: true });
  makeRepo(origin, repo, facts);
  const settled = options.settle ? settle(state, repo, facts) : [];
  const phases: PhaseView[] = [];
  for (const phase of options.direct ? ["all"] : ["install", "cutover", "cleanup"]) {
    const flags = ["--phase", phase, ...(options.direct ? ["--direct"] : []), ...settled];
    const planned = planJson(options.cli, repo, flags);
    if ("error" in planned) {
      phases.push({ phase, diff: "", findings: [], conventions: [], error: planned.error });
      break;
    }
    const clusters = planned.plan.phases.flatMap((each) => each.clusters);
    phases.push({
      phase,
      diff: runTool(options.cli, planArgs("migrate", repo, "diff", flags)).stdout,
      findings: findingsOf(planned.plan),
      conventions: clusters.flatMap(({ cluster, conventions: learned }) => (learned ? [{ cluster, learned }] : [])),
    });
    runTool(options.cli, ["migrate", repo, "--yes", ...flags]);
    commitAll(repo, facts, `Migrate: ${phase}`);
  }
  const after = join(CORPUS, "after", `${state.replace(/__[a-z0-9]+$/, "")}__after.tar.gz`);
  if (!existsSync(after)) return { state, phases, owner: [] };
  const owner = filesOf(unpackState(after, work));
  const answers = compareLooks(filesOf(origin), filesOf(repo), owner);
  const named = [...owner].filter(
    ([path, text]) => isAbout(path) && /flux-operator|flux-instance|FluxInstance/.test(text),
  );
  return { state, phases, answers, owner: named };
}

/** The Flux that an official example is bootstrapped with. */
const FILLED_IN_WITH = "2.7.5";

/**
 * Settles what a tree of the corpus stops at and its owner would not: entries of files that the corpus has no copy of go,
 * of two versions the newer one runs, and what flux bootstrap has not filled in is filled in. Gives the flags that say so.
 */
function settle(state: string, repo: string, facts: ReturnType<typeof repoFacts>): string[] {
  const planned = planJson(options.cli, repo, ["--phase", "install"]);
  if ("error" in planned) return [];
  const blockers = findingsOf(planned.plan).filter(({ level }) => level === "blocker");
  const missing = blockers.filter(({ rule, at }) => rule === "kustomization-incomplete" && at);
  for (const { at } of missing.sort((a, b) => b.at!.line - a.at!.line)) {
    const path = join(repo, at!.file);
    const lines = readFileSync(path, "utf8").split("\n");
    process.stdout.write(`${state} read without ${at!.file}:${at!.line} ${lines.splice(at!.line - 1, 1)[0]!.trim()}\n`);
    writeFileSync(path, lines.join("\n"));
  }
  if (missing.length > 0) commitAll(repo, facts, "Without what the corpus does not have");
  const newer = blockers.find(({ rule }) => rule === "bootstrap-newer")?.what;
  const version = /v(\d+\.\d+\.\d+)/.exec(newer ?? "")?.[1];
  if (blockers.some(({ rule }) => rule === "bootstrap-unknown")) {
    const [owner, name] = state.split("__");
    return ["--url", `https://github.com/${owner}/${name}.git`, "--flux-version", FILLED_IN_WITH];
  }
  return version === undefined ? [] : ["--flux-version", version];
}

const isAbout = (path: string): boolean => /\.ya?ml(?:\.j2)?$/.test(path) && path.includes("flux");

function filesOf(dir: string): Files {
  const snapshot = openSnapshot(dir);
  return new Map(snapshot.paths.map((path) => [path, snapshot.text(path)]));
}

const SAYS = { owner: "owner", apps: "apps", neither: "**neither**", "not written": "" } as const;

/** One row a tree: whose choice each answer is, the operator's first where the two differ. */
function tableOf(reviews: readonly { state: string; answers: readonly Answer[] }[]): string {
  const rows = reviews.map(({ state, answers }) => {
    const cells = QUESTIONS.map((question) => {
      const own = answers.filter((answer) => answer.question === question);
      return [...new Set(own.map(({ agreement }) => SAYS[agreement]))].filter(Boolean).join(", ");
    });
    return `| ${[state, ...cells].join(" | ")} |`;
  });
  const written = reviews.filter(({ answers }) => answers.some(({ agreement }) => agreement !== "not written"));
  const agreed = written.filter(({ answers }) => answers.every(({ agreement }) => agreement !== "neither"));
  const head = [`| ${["tree", ...QUESTIONS].join(" | ")} |`, "| --- | --- | --- | --- | --- |"];
  return [
    ...head,
    ...rows,
    "",
    `${agreed.length} of ${written.length} trees that were written agree throughout; ${reviews.length - written.length} stop.`,
    "",
  ].join("\n");
}

/** How many questions of a tree are answered as the owner or the tree's other apps do. */
function summarise(state: string, answers: readonly Answer[]): string {
  const written = answers.filter(({ agreement }) => agreement !== "not written");
  const apart = written.filter(({ agreement }) => agreement === "neither");
  const words = apart.map(({ app, question, ours }) => `${app} ${question} ${ours.join(", ")}`);
  const told = written.length === 0 ? "nothing written" : apart.length === 0 ? "agrees" : words.join("; ");
  return `${state}: ${told}\n`;
}

function main(): number {
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  if (!existsSync(CORPUS)) {
    process.stdout.write(`review: not run, ${NO_CORPUS}\n`);
    return 0;
  }
  const known = readdirSync(join(CORPUS, "after")).map((name) => basename(name, "__after.tar.gz"));
  const states = positionals.length > 0 ? positionals : known.map((name) => `${name}__before`);
  mkdirSync(options.out, { recursive: true });
  const compared: { state: string; answers: readonly Answer[] }[] = [];
  for (const state of states) {
    if (!existsSync(join(CORPUS, "states", `${state}.tar.gz`))) {
      process.stderr.write(`review: no state is called ${state}\n`);
      return 2;
    }
    const review = reviewState(state);
    writeFileSync(join(options.out, `${state}.md`), renderReview(review));
    process.stdout.write(summarise(state, review.answers ?? []));
    if (review.answers) compared.push({ state, answers: review.answers });
  }
  if (compared.length > 1) process.stdout.write(`\n${tableOf(compared)}\n`);
  process.stdout.write(`Pages: ${options.out}\n`);
  return 0;
}

process.exitCode = main();
