import { describe, expect, it } from "vitest";
import { compare, readPrediction, type Sight } from "../../e2e/record/compare.ts";

const none = () => [];
const said = (outcomes: Record<string, string[]>, safe = false) =>
  readPrediction(
    [
      {
        cluster: "main",
        safety: {
          outcomes: Object.fromEntries(
            Object.entries(outcomes).map(([key, names]) => [key, { count: names.length, names }]),
          ),
          dangers: [],
        },
      },
    ],
    [],
    safe,
  );
const seen = (deleted: string[], after: string[], more: Partial<Sight> = {}): Sight => ({
  before: new Set([...deleted, ...after]),
  deleted: new Set(deleted),
  after: new Set(after),
  dependents: new Set(),
  owners: new Map(),
  ...more,
});

describe("comparing a prediction with what was seen", () => {
  it("fails a deletion that was called safe, and one that was not named", () => {
    const { losses } = compare(said({ kept: ["ConfigMap a/x"] }), seen(["ConfigMap a/x", "ConfigMap a/y"], []), none);
    expect(losses.map(({ object, said: what, verdict }) => [object, what, verdict])).toEqual([
      ["ConfigMap a/x", "kept", "false-safe"],
      ["ConfigMap a/y", "not named", "false-safe"],
    ]);
  });

  it("takes a deletion that was foretold, and tells a re-creation from it", () => {
    const { losses, alarms } = compare(
      said({ recreated: ["ConfigMap a/x"] }),
      seen(["ConfigMap a/x"], ["ConfigMap a/x"]),
      none,
    );
    expect(losses).toEqual([{ object: "ConfigMap a/x", outcome: "recreated", said: "recreated", verdict: "foretold" }]);
    expect(alarms).toEqual([]);
  });

  it("says when an object that was to come back did not", () => {
    const { losses } = compare(said({ recreated: ["ConfigMap a/x"] }), seen(["ConfigMap a/x"], []), none);
    expect(losses[0]?.verdict).toBe("understated");
  });

  it("takes what follows an object that was foretold", () => {
    const carriers = (object: string) => (object === "ConfigMap a/x" ? ["Namespace a"] : []);
    const { losses } = compare(
      said({ deleted: ["Namespace a"] }),
      seen(["ConfigMap a/x", "Namespace a"], []),
      carriers,
    );
    expect(losses.map(({ verdict }) => verdict)).toEqual(["followed", "foretold"]);
  });

  it("wants what Git delivers named itself where the change was called safe", () => {
    const carriers = () => ["Namespace a"];
    const sight = seen(["ConfigMap a/x", "ConfigMap a/y"], [], {
      owners: new Map([["ConfigMap a/x", "flux-system/apps"]]),
    });
    const { losses } = compare(said({ deleted: ["Namespace a"] }, true), sight, carriers);
    expect(losses.map(({ verdict }) => verdict)).toEqual(["false-safe", "followed"]);
  });

  it("keeps what was called unknown apart from what was called safe", () => {
    const { losses } = compare(said({ unknown: ["ConfigMap a/x"] }), seen(["ConfigMap a/x"], []), none);
    expect(losses[0]?.verdict).toBe("said-unknown");
  });

  it("counts alarms, but not for objects that were never there", () => {
    const prediction = said({ deleted: ["ConfigMap a/x", "ConfigMap a/absent"], recreated: ["ConfigMap a/y"] });
    const { alarms } = compare(prediction, seen([], ["ConfigMap a/x", "ConfigMap a/y"]), none);
    expect(alarms).toEqual([
      { object: "ConfigMap a/x", said: "deleted" },
      { object: "ConfigMap a/y", said: "recreated" },
    ]);
  });

  it("leaves out what controllers made for another object, and what came and went within the step", () => {
    const sight = seen(["Secret a/record"], [], { dependents: new Set(["Secret a/record"]) });
    sight.deleted.add("ConfigMap a/brief");
    expect(compare(said({}), sight, none).losses).toEqual([]);
  });

  it("reads one cluster of several", () => {
    const clusters = ["main", "edge"].map((cluster) => ({
      cluster,
      safety: {
        outcomes: {},
        dangers: [{ resource: `ConfigMap ${cluster}/x`, outcome: "deleted" as const, chain: [] }],
      },
    }));
    const findings = [
      { rule: "a", level: "blocker", cluster: "edge" },
      { rule: "b", level: "caution" },
      { rule: "c", level: "blocker", resource: "ConfigMap main/x" },
    ];
    const prediction = readPrediction(clusters, findings, false, "main");
    expect([...prediction.deleted]).toEqual(["ConfigMap main/x"]);
    expect(prediction.blockers).toEqual(["c ConfigMap main/x"]);
  });

  it("takes what goes with a release that could not be read as unknown, though the release itself is kept", () => {
    const safety = {
      outcomes: { kept: { count: 1, names: ["HelmRelease a/app"] } },
      dangers: [],
      unknown: [{ resources: ["HelmRelease a/app"], mayGo: ["ConfigMap a/x"] }],
    };
    const prediction = readPrediction([{ cluster: "main", safety }], [], false);
    const { losses } = compare(prediction, seen(["PersistentVolumeClaim a/data", "ConfigMap a/x"], []), (object) =>
      object.startsWith("Persistent") ? ["HelmRelease a/app"] : [],
    );
    expect(losses.map(({ verdict }) => verdict)).toEqual(["said-unknown", "said-unknown"]);
  });
});
