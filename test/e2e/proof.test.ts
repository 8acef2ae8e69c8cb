import { describe, expect, it } from "vitest";
import type { ScenarioResult, StepCluster } from "../../e2e/record/result.ts";
import { explainAlarm } from "../../e2e/report/alarms.ts";
import { overdue } from "../../e2e/report/overdue.ts";
import { proofText } from "../../e2e/report/proof.ts";
import { cell } from "../../e2e/report/table.ts";
import { SCENARIOS } from "../../e2e/scenarios/index.ts";

const cluster = (more: Partial<StepCluster> = {}): StepCluster => ({
  cluster: "default",
  blockers: [],
  named: {},
  losses: [],
  alarms: [],
  observations: [],
  settled: { notReady: [], seconds: 5, timedOut: false },
  notReadyFor: {},
  ...more,
});
const result = (more: Partial<ScenarioResult>, step: Partial<StepCluster> = {}): ScenarioResult => ({
  scenario: "home-ops-adopt",
  layout: "home-ops",
  kind: "right",
  what: "",
  generation: "new",
  steps: [{ name: "install", by: "plan", safe: true, clusters: [cluster(step)] }],
  facts: [],
  failures: [],
  seconds: 1,
  fluxlift: "0.1.0",
  ...more,
});

describe("the page of a live run", () => {
  it("shows a deletion that was called safe, in the sum, in its row and among the objects", () => {
    const loss = { object: "ConfigMap a/x", outcome: "deleted", verdict: "false-safe", said: "kept" } as const;
    const text = proofText(SCENARIOS, [result({ failures: ["false safe"] }, { losses: [loss] })]);
    expect(text).toContain("| **called safe (false safe)** | **1** |");
    expect(text).toContain("all named by the plan: no");
    expect(text).toContain("ConfigMap a/x **false safe**");
    expect(text).toContain("**failed**");
  });

  it("names the code of its runs", () => {
    const of = (commit: string) => result({ code: { commit, source: commit } });
    expect(proofText(SCENARIOS, [of("a"), of("a")])).toContain("merges, all with the code of `a`.");
    expect(proofText(SCENARIOS, [of("a"), of("b"), result({})])).toContain(
      "merges, 1 with the code of `a`, 1 with the code of `b`, 1 with unknown code.",
    );
  });

  it("tells what may happen and did not show from what is refuted", () => {
    const fact = { id: "S1", statement: "It may.", holds: "not seen", seen: "no" } as const;
    const lines = (facts: ScenarioResult["facts"]) =>
      proofText(SCENARIOS, [result({ facts })])
        .split("\n")
        .find((line) => line.startsWith("| S1 |"));
    expect(lines([fact])).toContain("2.9.5: not seen");
    expect(lines([fact, { ...fact, holds: true }])).toContain("2.9.5: yes");
  });

  it("names what was not Ready for longer than the runbook says", () => {
    const step = { name: "install", by: "plan", safe: true } as const;
    const times = { "Kustomization flux-system/a": 600_000, "Kustomization flux-system/b": 601_000 };
    expect(overdue([{ ...step, clusters: [cluster({ notReadyFor: times })] }])).toEqual([
      "install: Kustomization flux-system/b was not Ready for 601 s",
    ]);
  });

  it("answers a fact by Flux version", () => {
    const fact = { id: "S1", statement: "It holds.", holds: true, seen: "it did" };
    const text = proofText(SCENARIOS, [
      result({ generation: "old", facts: [{ ...fact, holds: false, seen: "it did not" }] }),
      result({ facts: [fact] }),
    ]);
    expect(text).toContain("| S1 | It holds. | 2.7.5: **no**<br>2.9.5: yes |");
  });

  it("says what was not run", () => {
    expect(proofText(SCENARIOS, [], ["gotk-plain on old"])).toContain("Not run: gotk-plain on old.");
  });

  it("keeps paths and ports of the machine out", () => {
    expect(cell("stat /tmp/fluxlift-e2e-x/a/b: no such file at 127.0.0.1:4711 | x\ny")).toBe(
      "stat …: no such file at 127.0.0.1 \\| x y",
    );
  });
});

describe("why an alarm did not come true", () => {
  const alarm = { object: "ConfigMap a/x", said: "recreated" } as const;

  it("names a change of owner that came first", () => {
    const moved = { at: 1, step: "s", change: "relabelled", object: alarm.object, detail: "a/old -> a/new" } as const;
    expect(explainAlarm(alarm, cluster({ observations: [moved] }))).toContain("its new owner applied it before");
  });

  it("names the owner that stayed", () => {
    expect(explainAlarm({ ...alarm, owner: "a/new" }, cluster())).toContain("its owner labels named a/new");
    const gone = { object: "Kustomization a/new", outcome: "deleted", verdict: "foretold", said: "deleted" } as const;
    expect(explainAlarm({ ...alarm, owner: "a/new" }, cluster({ losses: [gone] }))).not.toContain("a/new");
  });
});
