import { describe, expect, test } from "vitest";
import { DELIVERED } from "../../bench/growth/inputs.ts";
import { planExample } from "./plan-example.ts";
import { YAML_CASES } from "./yaml-cases.ts";

const PLACES = {
  "delivered to a cluster": DELIVERED,
  "in the folder that starts it": "kubernetes/flux/config/hostile.yaml",
};

/** Every search finds it, and Flux may be named in it. */
const withHead = (text: string) => `# toolkit.fluxcd.io flux-system\n${text}`;

const created = (files: Readonly<Record<string, string>>) =>
  planExample(files)
    .phases[0]!.clusters.flatMap(({ edits }) => edits)
    .filter(({ kind }) => kind === "create");
const usual = created({}).map(({ path }) => path);

describe.each(Object.entries(PLACES))("a file %s", (_where, path) => {
  // What is delivered is built again by each phase; the others are read once.
  const phase = path === DELIVERED ? "all" : "install";
  test.each(Object.entries(YAML_CASES))("with %s stops nothing but itself", (_, text) => {
    const plan = planExample({ [path]: withHead(text) }, phase);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    const [cluster, ...others] = plan.phases[0]!.clusters;
    expect(others).toEqual([]);
    const blockers = cluster!.findings.filter(({ level }) => level === "blocker");
    // What it may keep from being delivered stops the phase, and is said with its place.
    for (const { at, what } of blockers) expect(at?.file ?? what).toBeTruthy();
    if (blockers.length === 0) {
      expect(cluster!.edits.filter(({ kind }) => kind === "create").map((edit) => edit.path)).toEqual(usual);
    }
    expect(plan.phases.flatMap(({ files }) => files).some((file) => file.path === path)).toBe(false);
  });
});

test("files beside the rest stop nothing, whatever is in them", () => {
  const files = Object.entries(YAML_CASES).map(([, text], index) => [`other/${index}/hostile.yaml`, withHead(text)]);
  const { phases } = planExample(Object.fromEntries(files), "install");
  expect(phases[0]!.clusters.flatMap(({ findings }) => findings).filter(({ level }) => level === "blocker")).toEqual(
    [],
  );
  const made = phases[0]!.clusters.flatMap(({ edits }) => edits).filter(({ kind }) => kind === "create");
  expect(made.map(({ path }) => path)).toEqual(usual);
  expect(phases.flatMap(({ files }) => files).filter((file) => file.path.startsWith("other/"))).toEqual([]);
});
