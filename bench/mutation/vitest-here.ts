/**
 * As much of vitest as the tests of this project need, for tests that run in the process of Stryker's test runner: they are
 * collected on `globalThis`, by the file that `startFile` has named last.
 */
import { format } from "node:util";
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  customMatchers,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";

type Run = (...args: unknown[]) => unknown;
interface Suite {
  names: string[];
  before: Run[];
  beforeEach: Run[];
  afterEach: Run[];
  after: Run[];
  parent?: Suite;
}
/** A test as the runner runs it. */
export interface CollectedTest {
  file: string;
  name: string;
  suite: Suite;
  run: Run;
}

const collected: CollectedTest[] = [];
/** Of the test that runs. */
let finishing: Run[] = [];

const makeSuite = (name?: string, parent?: Suite): Suite => ({
  ...{ names: [...(parent?.names ?? []), ...(name === undefined ? [] : [name])] },
  ...{ before: [], beforeEach: [], afterEach: [], after: [] },
  ...(parent ? { parent } : {}),
});
(globalThis as { collectedTests?: CollectedTest[] }).collectedTests = collected;
let file = "";
let suite = makeSuite();

export function startFile(path: string): void {
  file = path;
  suite = makeSuite();
}

function add(name: string, ...rest: unknown[]): void {
  const run = rest.find((one): one is Run => typeof one === "function");
  if (run) collected.push({ file, name: [...suite.names, name].join(" "), suite, run: () => finish(run) });
}

async function finish(run: Run): Promise<void> {
  finishing = [];
  try {
    await run();
  } finally {
    for (const hook of finishing.reverse()) await hook();
  }
}

function group(name: string, ...rest: unknown[]): void {
  const outer = suite;
  suite = makeSuite(name, outer);
  rest.find((one): one is Run => typeof one === "function")?.();
  suite = outer;
}

/** A title for each row; rows that a title does not tell apart are counted. */
const each =
  (one: typeof add) =>
  (rows: readonly unknown[]) =>
  (title: string, ...rest: unknown[]): void => {
    const run = rest.find((item): item is Run => typeof item === "function")!;
    const places = title.match(/%[sdifjoO]/g)?.length ?? 0;
    rows.forEach((row, index) => {
      const args = Array.isArray(row) ? row : [row];
      const name = places === 0 ? `${title} ${index}` : format(title, ...args.slice(0, places));
      one(name, () => run(...args));
    });
  };

const none = () => {};
const withEach = (one: typeof add) =>
  Object.assign((name: string, ...rest: unknown[]) => one(name, ...rest), {
    each: each(one),
    concurrent: one,
    skip: none,
    skipIf: (isSkipped: unknown) => (isSkipped ? none : one),
    runIf: (isRun: unknown) => (isRun ? one : none),
  });

export const test = withEach(add);
export const it = withEach(add);
export const describe = withEach(group);
export const beforeAll = (run: Run) => void suite.before.push(run);
export const beforeEach = (run: Run) => void suite.beforeEach.push(run);
export const afterEach = (run: Run) => void suite.afterEach.push(run);
export const onTestFinished = (run: Run) => void finishing.push(run);
export const afterAll = (run: Run) => void suite.after.push(run);

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
// biome-ignore lint/suspicious/noExplicitAny: chai's own shape
export const expect: any = (value: unknown, message?: string) => chai.expect(value, message);
// biome-ignore lint/suspicious/noExplicitAny: vitest's own global
const globals = globalThis as any;
Object.assign(expect, chai.expect, globals[ASYMMETRIC_MATCHERS_OBJECT]);
expect.getState = () => getState(expect);
expect.setState = (state: object) => setState(state, expect);
expect.extend = (matchers: object) => (chai.expect as unknown as { extend: Run }).extend(expect, matchers);
expect.extend(customMatchers);
setState({ assertionCalls: 0, isExpectingAssertions: false } as never, expect);
Object.defineProperty(globals, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
