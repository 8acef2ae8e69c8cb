// Runs the tests of a mutant in one process that stays: to start vitest for each mutant takes a hundred times as long as the
// tests do. Loaded by Stryker as a plugin, in its copy of the project.
import { resolve } from "node:path";
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

class InProcessRunner {
  #loads = 0;
  /** @type {Map<string, import("./vitest-here.ts").CollectedTest[]>} by id */
  #tests = new Map();
  /** What a test took, and how often it has noticed a mutant. */
  #known = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    this.bundle = await bundleTests(process.cwd(), new RegExp(process.env.MUTATION_TESTS ?? ""));
  }

  async dryRun() {
    await this.#load();
    const tests = await this.#run([...this.#tests.keys()], false, (id) => {
      mutation.currentTestId = id;
    });
    mutation.currentTestId = undefined;
    return { status: DryRunStatus.Complete, tests, mutantCoverage: mutation.mutantCoverage };
  }

  async mutantRun({ activeMutant, mutantActivation, reloadEnvironment, testFilter, hitLimit, disableBail }) {
    Object.assign(mutation, { hitCount: 0, hitLimit, activeMutant: undefined });
    const run = async (isFresh) => {
      try {
        if (mutantActivation === "static") mutation.activeMutant = activeMutant.id;
        if (isFresh) await this.#load();
      } catch (error) {
        return [{ ...said("load", "load"), status: TestStatus.Failed, failureMessage: String(error) }];
      }
      mutation.activeMutant = activeMutant.id;
      const tests = await this.#run(testFilter ?? [...this.#tests.keys()], !disableBail);
      mutation.activeMutant = undefined;
      return tests;
    };
    let tests = await run(reloadEnvironment || this.#tests.size === 0);
    const killer = tests.find(({ status }) => status === TestStatus.Failed)?.id;
    // What a mutant leaves behind in memory must not be charged to the next: the test has to pass without it.
    if (mutantActivation !== "static" && killer !== undefined) {
      const [again] = await this.#run([killer], true);
      if (again?.status === TestStatus.Failed) tests = await run(true);
    }
    const timeout = determineHitLimitReached(mutation.hitCount, hitLimit);
    return toMutantRunResult(timeout ?? { status: DryRunStatus.Complete, tests });
  }

  async #load() {
    this.#loads += 1;
    globalThis.collectedTests = [];
    await import(`${pathToFileURL(this.bundle).href}?${this.#loads}`);
    this.#tests = new Map();
    for (const test of globalThis.collectedTests) {
      const id = `${test.file}#${test.name}`;
      this.#tests.set(id, [...(this.#tests.get(id) ?? []), test]);
    }
  }

  /** Those that noticed most mutants first, then the quickest. */
  async #run(ids, isBail, before = () => {}) {
    const cost = (id) => this.#known.get(id) ?? { kills: 0, took: 0 };
    const sorted = [...ids].sort((a, b) => cost(b).kills - cost(a).kills || cost(a).took - cost(b).took);
    const results = [];
    const suites = new Set();
    for (const id of sorted) {
      for (const test of this.#tests.get(id) ?? []) {
        before(id);
        const start = performance.now();
        const failure = await runTest(test, suites);
        const took = performance.now() - start;
        const { kills } = cost(id);
        const isKill = failure !== undefined && mutation.activeMutant !== undefined;
        this.#known.set(id, { kills: kills + (isKill ? 1 : 0), took });
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
