import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findingsOf } from "../corpus/gate/plan-json.ts";
import { findRoots } from "../corpus/gate/sights.ts";
import { openSnapshot } from "../corpus/gate/snapshot.ts";
import { CORPUS, NO_CORPUS } from "../corpus/places.ts";
import { commitAll, makeRepo, repoFacts, unpackState } from "../corpus/repo.ts";
import { planArgs, planJson, runTool } from "../corpus/tool.ts";
import { type Answer, compareLooks } from "./compare.ts";
import type { Files } from "./look.ts";
import { type PhaseView, type Review, renderReview } from "./page.ts";

const HELP = `usage: npm run review -- [options] [state…]
  state            a state of the corpus; without one, each that has an owner's tree beside it
  --direct         one phase, --phase all --direct
  --out DIR        where the pages go (default .cache/review)
  --cli FILE       the built tool (default dist/fluxlift.js)`;

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    direct: { type: "boolean" },
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
  const phases: PhaseView[] = [];
  for (const phase of options.direct ? ["all"] : ["install", "cutover", "cleanup"]) {
    const flags = ["--phase", phase, ...(options.direct ? ["--direct"] : [])];
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

const isAbout = (path: string): boolean => /\.ya?ml(?:\.j2)?$/.test(path) && path.includes("flux");

function filesOf(dir: string): Files {
  const snapshot = openSnapshot(dir);
  return new Map(snapshot.paths.map((path) => [path, snapshot.text(path)]));
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
  for (const state of states) {
    if (!existsSync(join(CORPUS, "states", `${state}.tar.gz`))) {
      process.stderr.write(`review: no state is called ${state}\n`);
      return 2;
    }
    const review = reviewState(state);
    writeFileSync(join(options.out, `${state}.md`), renderReview(review));
    process.stdout.write(summarise(state, review.answers ?? []));
  }
  process.stdout.write(`Pages: ${options.out}\n`);
  return 0;
}

process.exitCode = main();
