import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Options } from "../../src/contract/options.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { makeOciPlan } from "../../src/plan/oci-plan.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { renderMarkdown, renderText } from "../../src/report/index.ts";
import { memoryTree } from "../../test/support/memory.ts";
import { listAttacks } from "../growth/inputs.ts";

export const EXAMPLE = join(import.meta.dirname, "../../examples/home-ops");

/** The example repository, path to text. */
export const EXAMPLE_FILES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(EXAMPLE, { recursive: true, encoding: "utf8" })
    .sort()
    .filter((path) => statSync(join(EXAMPLE, path)).isFile())
    .map((path) => [path, readFileSync(join(EXAMPLE, path), "utf8")]),
);

/** A file for everything that scans text. */
export const PROGRAM_PATHS = [...new Set(listAttacks().map(({ path }) => path))];

/** Plans every phase of `migrate` and `oci` on the example with some files changed. @throws what neither may throw */
export function planExample(files: Readonly<Record<string, string>>): Plan {
  return planTree({ ...EXAMPLE_FILES, ...files });
}

/** The same of any repository. */
export function planTree(files: Readonly<Record<string, string>>): Plan {
  const workspace = () => {
    const tree = memoryTree(files);
    return { root: "/", git: null, tree: { ...tree, prefetch: () => {} } };
  };
  const options = (): Options => ({
    ...{ phase: "all", sync: "adopt", clusters: [], direct: true, only: [], skip: [] },
    ...{ serviceMonitor: false, layout: "auto" },
  });
  makeOciPlan(workspace(), options());
  return makePlan(workspace(), options());
}

/** The reports that people read, by format. */
export function rendered(files: Readonly<Record<string, string>>): Record<string, string> {
  const plan = planExample(files);
  return { text: renderText(plan, { colour: false, width: 100, verbose: true }), markdown: renderMarkdown(plan) };
}
