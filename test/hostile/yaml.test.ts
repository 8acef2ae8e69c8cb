import { describe, expect, test } from "vitest";
import { DELIVERED } from "../../bench/growth/inputs.ts";
import { planExample } from "./plan-example.ts";
import { YAML_CASES } from "./yaml-cases.ts";

const PLACES = {
  "delivered to a cluster": DELIVERED,
  "in the folder that starts it": "kubernetes/flux/config/hostile.yaml",
  "beside the rest": "other/hostile.yaml",
};

const created = (files: Readonly<Record<string, string>>) =>
  planExample(files)
    .phases[0]!.clusters.flatMap(({ edits }) => edits)
    .filter(({ kind }) => kind === "create");
const usual = created({}).map(({ path }) => path);

describe.each(Object.entries(PLACES))("a file %s", (where, path) => {
  // What is delivered is built again by each phase; the others are read once.
  const phase = path === DELIVERED ? "all" : "install";
  test.each(Object.entries(YAML_CASES))("with %s stops nothing but itself", (_, text) => {
    // Every search finds it, and Flux may be named in it.
    const plan = planExample({ [path]: `# toolkit.fluxcd.io flux-system\n${text}` }, phase);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    const [cluster, ...others] = plan.phases[0]!.clusters;
    expect(others).toEqual([]);
    const blockers = cluster!.findings.filter(({ level }) => level === "blocker");
    // What it may keep from being delivered stops the phase, and is said with its place.
    for (const { at, what } of blockers) expect(at?.file ?? what).toBeTruthy();
    if (blockers.length === 0) {
      expect(cluster!.edits.filter(({ kind }) => kind === "create").map((edit) => edit.path)).toEqual(usual);
    } else expect(where).not.toBe("beside the rest");
    expect(plan.phases.flatMap(({ files }) => files).some((file) => file.path === path)).toBe(false);
  });
});
