import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { DELIVERED, listAttacks } from "../../bench/growth/inputs.ts";
import type { Options } from "../../src/contract/options.ts";
import type { Tree } from "../../src/files/tree.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { memoryTree } from "../support/memory.ts";
import { readTree } from "../support/repo.ts";
import { EXAMPLE } from "./support.ts";

const SIZE = 100 * 1024;
/** What hung took minutes at a tenth of the size; a plan of the example takes less than half a second. */
const DEADLINE = 20_000;

const list = join(DELIVERED, "../kustomization.yaml");
const example: Record<string, string> = {
  ...readTree(EXAMPLE),
  [list]: readFileSync(join(EXAMPLE, list), "utf8").replace("resources:\n", "resources:\n  - ./hostile.yaml\n"),
  [DELIVERED]: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
};

function planAll(tree: Tree) {
  const options: Options = {
    ...{ phase: "all", sync: "adopt", clusters: [], direct: true, only: [], skip: [] },
    ...{ serviceMonitor: false, layout: "auto" },
  };
  return makePlan({ root: "/", tree: { ...tree, prefetch: () => {} }, git: null }, options);
}

/** Stops what hangs, which a test's own time limit cannot: it waits for its turn. */
function withDeadline<T>(run: () => T): T {
  Object.assign(globalThis, { fluxliftDeadline: run });
  return runInThisContext("fluxliftDeadline()", { timeout: DEADLINE }) as T;
}

const scanners = [...new Set(listAttacks().map(({ scanner }) => scanner))];

describe.each(scanners)("a hostile file read as %s", (scanner) => {
  const attacks = listAttacks().filter((attack) => attack.scanner === scanner);
  test.each(attacks)("filled with $name takes no more than its length", ({ path, make }) => {
    const plan = withDeadline(() => planAll(memoryTree({ ...example, [path]: make(SIZE) })));
    expect(plan.phases.map(({ phase }) => phase)).toEqual(["install", "cutover", "cleanup"]);
    // The rest of the repository is planned as ever, or says what stops it.
    const [cluster] = plan.phases[0]!.clusters;
    expect(cluster!.edits.length + cluster!.findings.filter(({ level }) => level === "blocker").length).toBeGreaterThan(
      0,
    );
  });
});
