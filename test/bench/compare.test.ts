import { describe, expect, it } from "vitest";
import { compareRecords, groupSteps } from "../../bench/compare/differ.ts";
import { makeExpectation } from "../../bench/compare/expected.ts";
import { type Answer, type Difference, KINDS } from "../../bench/compare/types.ts";

const finding = (level: string, line: number) => ({
  rule: "build-breaks",
  level,
  cluster: "main",
  at: { file: "apps/ks.yaml", line, col: 1 },
  what: "It no longer builds.",
  why: "A file is missing.",
  next: "Add it.",
});

const verify = (answer: Partial<Answer>): Answer => ({ id: "pair-01", args: [], exit: 0, ...answer });
const record = (...answers: Answer[]) => ({ unit: "merges/a__b", answers });

function differences(was: Partial<Answer>, is: Partial<Answer>): string[] {
  const found = compareRecords(record(verify(was)), record(verify(is)), new Set(KINDS));
  return found.map(({ kind, side, text }) => `${kind} ${side} ${text}`);
}

describe("comparing the answers of two builds", () => {
  it("finds nothing between equal answers", () => {
    const said = { safe: true, clusters: [{ cluster: "main", safety: { unknown: ["a base"] } }], findings: [] };
    expect(differences({ said }, { said: structuredClone(said) })).toEqual([]);
  });

  it("names exit codes, errors, and findings that only one build makes", () => {
    expect(differences({ exit: 0, said: { findings: [] } }, { exit: 2, error: "InternalError" })).toEqual([
      "exit - exit 0",
      "exit + exit 2",
      "error + InternalError",
    ]);
    expect(differences({ said: { findings: [] } }, { said: { findings: [finding("blocker", 3)] } })).toEqual([
      "finding + blocker build-breaks main apps/ks.yaml:3 [-]",
    ]);
  });

  it("says a finding that changed its level or place once", () => {
    const [was, is] = [finding("caution", 3), finding("blocker", 4)];
    expect(differences({ said: { findings: [was] } }, { said: { findings: [is] } })).toEqual([
      "finding ~ caution build-breaks main apps/ks.yaml:3 [-] → blocker build-breaks main apps/ks.yaml:4 [-]",
    ]);
  });

  it("derives the verdict of a build that only says safe", () => {
    const safety = { unknown: [], dangers: [{ resource: "ConfigMap a/b", outcome: "deleted", wanted: false }] };
    const old = { safe: true, clusters: [{ cluster: "main", safety }] };
    expect(differences({ said: old }, { said: { ...old, safe: false, verdict: "deletes" } })).toEqual([]);
    expect(differences({ said: old }, { said: { ...old, safe: true, verdict: "safe" } })).toEqual([
      "verdict - verdict deletes",
      "verdict + verdict safe",
    ]);
  });

  it("compares the names behind a fate where both builds give all of them", () => {
    const of = (count: number, names: string[]) => ({
      said: { clusters: [{ cluster: "main", safety: { outcomes: { deleted: { count, names } } } }] },
    });
    expect(differences(of(2, ["a", "b"]), of(2, ["b", "a"]))).toEqual([]);
    expect(differences(of(1, ["a"]), of(1, ["b"]))).toEqual(["fate ~ - main: 1 deleted, other ones"]);
    expect(differences(of(60, ["a"]), of(60, ["b"]))).toEqual([]);
  });

  it("says once what several steps have in common", () => {
    const one: Difference = { unit: "s", step: "all/install", kind: "file", side: "~", text: "a.yaml" };
    const [group, ...rest] = groupSteps([one, { ...one, step: "all/direct" }]);
    expect(group?.steps).toEqual(["all/install", "all/direct"]);
    expect(rest).toEqual([]);
  });
});

describe("expected differences", () => {
  it("cover only the kind, side, unit, step and text they name", () => {
    const entry = { reason: "It was wrong, as a test shows.", kind: "file" as const, match: "^a\\.yaml$" };
    const { covers, used } = makeExpectation([
      { ...entry, units: ["home*"], steps: ["*/install"], side: "~" as const },
    ]);
    const one: Difference = { unit: "home-ops", step: "all/install", kind: "file", side: "~", text: "a.yaml" };
    expect(covers(one)).toBe(true);
    for (const other of [{ unit: "x" }, { step: "all/direct" }, { kind: "exit" as const }, { side: "+" as const }])
      expect(covers({ ...one, ...other })).toBe(false);
    expect(covers({ ...one, text: "b/a.yaml" })).toBe(false);
    expect(used).toEqual([1]);
  });
});
