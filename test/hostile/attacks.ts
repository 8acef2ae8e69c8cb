import { expect } from "vitest";
import type { Attack } from "../../bench/growth/inputs.ts";
import { planExample } from "./plan-example.ts";

const SIZE = 32 * 1024;
/** Half of the time of a plan goes into the rest of the example; more than these would come near its deadline on a slow machine. */
const TOGETHER = 12;

/** Attacks on different files, as many together as one plan takes. */
function toGroups(attacks: readonly Attack[]): Attack[][] {
  const open: Attack[][] = [];
  for (const attack of attacks) {
    const free = open.find((group) => group.length < TOGETHER && group.every(({ path }) => path !== attack.path));
    if (free) free.push(attack);
    else open.push([attack]);
  }
  return open;
}

/** Rows for `test.each`: plans of the example, each with many hostile files. */
export const groupAttacks = (attacks: readonly Attack[]) =>
  toGroups(attacks).map((group) => ({
    attacks: group,
    names: group.map(({ scanner, name }) => `${scanner} filled with ${name}`).join(", "),
  }));

/** Plans the example with these files. @throws when it hangs, or nothing is said of the rest */
export function expectPlanned(attacks: readonly Attack[]): void {
  const plan = planExample(Object.fromEntries(attacks.map(({ path, make }) => [path, make(SIZE)])));
  expect(plan.phases.map(({ phase }) => phase)).toEqual(["install", "cutover", "cleanup"]);
  // The rest of the repository is planned as ever, or says what stops it.
  const [cluster] = plan.phases[0]!.clusters;
  const blockers = cluster!.findings.filter(({ level }) => level === "blocker");
  expect(cluster!.edits.length + blockers.length).toBeGreaterThan(0);
}
