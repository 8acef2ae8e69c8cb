// Runs the tests of a mutant in one process that stays: to start vitest for each mutant takes a hundred times as long as the
// tests do. Loaded by Stryker as a plugin, in its copy of the project.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { INSTRUMENTER_CONSTANTS } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { bundleTests } from "./bundle-tests.mjs";

/** What the mutated code and Stryker tell each other. */
globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {};
const mutation = globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE];

/** Seconds of the processor that a mutant may be asked for before it counts as survived. */
const SECONDS = process.env.MUTATION_SECONDS ?? "Infinity";
/** Tests by their file and name, where `MUTATION_TESTS` alone would take files of hundreds. */
const NAMES = new RegExp(process.env.MUTATION_NAMES ?? "");

/** Asks the tests of one bundle about mutants. */
export class InProcessRunner {
  /** How often files were loaded: what was loaded before stays in memory. */
  loads = 0;
  /** @type {Map<string, import("./vitest-here.ts").CollectedTest[]>} by id */
  #tests = new Map();
  /** What a test took. @type {Map<string, number>} */
  #took = new Map();
  /** How often a test was asked about a mutant, and has noticed it, by the folder of the mutant. */
  #asked = new Map();
  #folder = "";
  /** Whether what is loaded was loaded with a mutant, or nothing is loaded yet. */
  #isSpoiled = true;

  capabilities() {
    return { reloadEnvironment: true };
  }

  /** @param sources what files hold that are not as they lie there, by path */
  async init(folder = ".cache/mutation", tests = process.env.MUTATION_TESTS, sources = undefined) {
    this.bundle = resolve(folder, "tests.mjs");
    this.reached = resolve(folder, "coverage.json");
    // Of several processes in one copy the first makes it.
    if (!existsSync(this.bundle)) await bundleTests(process.cwd(), new RegExp(tests ?? ""), this.bundle, sources);
  }

  async dryRun() {
    await this.#load();
    const tests = await this.#run([...this.#tests.keys()], false, (id) => {
      forget();
      mutation.currentTestId = id;
    });
    mutation.currentTestId = undefined;
    const { mutantCoverage = { static: {}, perTest: {} } } = mutation;
    // Another process may go on.
    writeFileSync(this.reached, JSON.stringify(mutantCoverage));
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit, disableBail }) {
    this.#folder = dirname(activeMutant.fileName);
    const ids = testFilter ?? this.#findReaching(activeMutant.id);
    // To load all files anew takes longest: it is done for what runs while they are loaded and never again.
    const asked =
      mutantActivation === "static" && ids.length === 0
        ? await this.#askLoaded(activeMutant.id, hitLimit, !disableBail)
        : await this.#ask(activeMutant.id, ids, hitLimit, !disableBail);
    return toMutantRunResult(asked);
  }

  /** Asks tests about a mutant that is there from their start on. */
  async #ask(id, ids, hitLimit, isBail) {
    if (this.#isSpoiled && ids.length > 0) await this.#load();
    forget();
    Object.assign(mutation, { hitCount: 0, hitLimit, activeMutant: id });
    const tests = await this.#run(ids, isBail);
    const timeout = determineHitLimitReached(mutation.hitCount, hitLimit);
    mutation.activeMutant = undefined;
    if (timeout) return timeout;
    const killer = tests.find(({ status }) => status === TestStatus.Failed)?.id;
    // What a mutant leaves behind in memory must not be charged to the next: the test has to pass without it.
    forget();
    const [again] = killer === undefined ? [] : await this.#run([killer], true);
    if (again?.status !== TestStatus.Failed) return { status: DryRunStatus.Complete, tests };
    return this.#askLoaded(id, hitLimit, isBail, ids);
  }

  /** Asks tests about a mutant that is there when their files are loaded. */
  async #askLoaded(id, hitLimit, isBail, ids = undefined) {
    Object.assign(mutation, { hitCount: 0, hitLimit, activeMutant: id });
    let tests;
    try {
      await this.#load();
      tests = await this.#run(ids ?? [...this.#tests.keys()], isBail);
    } catch (error) {
      tests = [{ ...said("load", "load"), status: TestStatus.Failed, failureMessage: String(error) }];
    }
    mutation.activeMutant = undefined;
    this.#isSpoiled = true;
    return determineHitLimitReached(mutation.hitCount, hitLimit) ?? { status: DryRunStatus.Complete, tests };
  }

  /** The tests in which a mutated place runs. */
  #findReaching(id) {
    this.coverage ??= existsSync(this.reached) ? JSON.parse(readFileSync(this.reached, "utf8")).perTest : {};
    return Object.keys(this.coverage).filter((test) => this.coverage[test][id]);
  }

  async #load() {
    this.loads += 1;
    this.#isSpoiled = false;
    globalThis.collectedTests = [];
    globalThis.keptAnswers = [];
    await import(`${pathToFileURL(this.bundle).href}?${this.loads}`);
    this.#tests = new Map();
    for (const test of globalThis.collectedTests) {
      const id = `${test.file}#${test.name}`;
      if (!NAMES.test(id)) continue;
      this.#tests.set(id, [...(this.#tests.get(id) ?? []), test]);
    }
  }

  /** First those that are most likely to notice in the time they take, by what they noticed in the same folder. */
  async #run(ids, isBail, before = () => {}) {
    const asked = (id) => getOrMake(this.#asked, `${this.#folder} ${id}`, () => ({ times: 0, kills: 0 }));
    const worth = (id) => (asked(id).kills + 0.1) / (asked(id).times + 1) / (1 + (this.#took.get(id) ?? 0));
    const worths = new Map(ids.map((id) => [id, worth(id)]));
    const sorted = [...ids].sort((a, b) => worths.get(b) - worths.get(a));
    const end = isBail ? secondsUsed() + Number(SECONDS) : Infinity;
    const results = [];
    const suites = new Set();
    for (const id of sorted) {
      if (secondsUsed() > end) break;
      for (const test of this.#tests.get(id) ?? []) {
        before(id);
        const start = performance.now();
        const failure = await runTest(test, suites);
        const took = performance.now() - start;
        this.#took.set(id, took);
        if (mutation.activeMutant !== undefined) {
          asked(id).times += 1;
          if (failure !== undefined) asked(id).kills += 1;
        }
        const result = { ...said(id, test.name), fileName: resolve(test.file), timeSpentMs: took };
        results.push(
          failure === undefined
            ? { ...result, status: TestStatus.Success }
            : { ...result, status: TestStatus.Failed, failureMessage: failure },
        );
        if (failure !== undefined && isBail) return results;
      }
    }
    for (const suite of suites) for (const hook of suite.after) await hook();
    return results;
  }
}

/** Empties what keeps answers (`bundle-tests.mjs`): those of before would hide a mutant, and those of a mutant stay. */
function forget() {
  for (const empty of globalThis.keptAnswers) empty();
}

/** Of the processor: on a busy machine the clock says little. */
function secondsUsed() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function getOrMake(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}

const said = (id, name) => ({ id, name, timeSpentMs: 0 });

/** @returns why it failed */
async function runTest({ suite, run }, started) {
  const chain = [];
  for (let one = suite; one; one = one.parent) chain.unshift(one);
  try {
    for (const one of chain) {
      if (!started.has(one)) for (const hook of one.before) await hook();
      started.add(one);
      for (const hook of one.beforeEach) await hook();
    }
    await run();
    return undefined;
  } catch (error) {
    return String(error?.message ?? error).slice(0, 500);
  } finally {
    for (const one of chain.reverse()) for (const hook of one.afterEach) await hook();
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "in-process", InProcessRunner)];
