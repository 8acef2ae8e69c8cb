import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { prepareTests } from "./bundle-tests.ts";

const project = resolve(import.meta.dirname, "../..");

/** What failed last first, then the shortest: a mutant ends with the first test that notices it. */
class ShortestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const cost = ({ project: { name }, moduleId }: TestSpecification) => {
      const known = this.ctx.cache.getFileTestResults(`${name}:${moduleId.slice(project.length + 1)}`);
      return known?.failed ? 0 : (known?.duration ?? 1);
    };
    return [...files].sort((a, b) => cost(a) - cost(b));
  }
}

export default defineConfig(async () => {
  const tests = await prepareTests(project, new RegExp(process.env.MUTATION_TESTS ?? ""));
  return {
    root: project,
    test: {
      include: tests.map((path) => `test/${path}`),
      testTimeout: 60_000,
      pool: "threads" as const,
      isolate: false,
      maxWorkers: 1,
      sequence: { sequencer: ShortestFirst },
    },
  };
});
