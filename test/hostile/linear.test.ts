import { describe, expect, test } from "vitest";
import { listAttacks } from "../../bench/growth/inputs.ts";
import { planExample } from "./plan-example.ts";

const SIZE = 100 * 1024;

const scanners = [...new Set(listAttacks().map(({ scanner }) => scanner))];

describe.each(scanners)("a hostile file read as %s", (scanner) => {
  const attacks = listAttacks().filter((attack) => attack.scanner === scanner);
  test.each(attacks)("filled with $name takes no more than its length", ({ path, make }) => {
    const plan = planExample({ [path]: make(SIZE) });
    expect(plan.phases.map(({ phase }) => phase)).toEqual(["install", "cutover", "cleanup"]);
    // The rest of the repository is planned as ever, or says what stops it.
    const [cluster] = plan.phases[0]!.clusters;
    const blockers = cluster!.findings.filter(({ level }) => level === "blocker");
    expect(cluster!.edits.length + blockers.length).toBeGreaterThan(0);
  });
});
