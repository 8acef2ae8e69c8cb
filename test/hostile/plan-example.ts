import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DELIVERED } from "../../bench/growth/inputs.ts";
import type { Options } from "../../src/contract/options.ts";
import type { Plan } from "../../src/contract/plan.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { memoryTree } from "../support/memory.ts";
import { readTree } from "../support/repo.ts";
import { stopAfter } from "./growth.ts";
import { EXAMPLE } from "./support.ts";

/** What hung took minutes; a plan of the example with the worst of them takes a few seconds on a slow machine. */
const DEADLINE = 45_000;

const list = join(DELIVERED, "../kustomization.yaml");
/** `examples/home-ops`, which delivers `DELIVERED`. */
export const example: Record<string, string> = {
  ...readTree(EXAMPLE),
  [list]: readFileSync(join(EXAMPLE, list), "utf8").replace("resources:\n", "resources:\n  - ./hostile.yaml\n"),
  [DELIVERED]: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
};

/** A plan, of all phases unless told, for the example, which delivers `DELIVERED`, with some of its files changed. @throws when it hangs */
export function planExample(
  files: Readonly<Record<string, string>>,
  phase: Options["phase"] = "all",
  accept: readonly string[] = [],
): Plan {
  const options: Options = {
    ...{ phase, sync: "adopt", clusters: [], direct: true, only: [], skip: [] },
    ...{ serviceMonitor: false, layout: "auto", accept: [...accept] },
  };
  const tree = { ...memoryTree({ ...example, ...files }), prefetch: () => {} };
  return withDeadline(() => makePlan({ root: "/", tree, git: null }, options));
}

/** @throws when it hangs */
export const withDeadline = <T>(run: () => T): T => stopAfter(run, DEADLINE);
