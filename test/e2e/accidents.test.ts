import { describe, expect, it } from "vitest";
import { house, laid } from "../../bench/beside/house.ts";
import { LOST } from "../../bench/beside/lost.ts";
import { STOPPED } from "../../bench/beside/stopped.ts";
import type { ScenarioResult } from "../../e2e/record/result.ts";
import { compareStops } from "../../e2e/record/stops.ts";
import { verifyText } from "../../e2e/report/verify.ts";
import { livable } from "../../e2e/scenarios/accident.ts";
import { ACCIDENTS, NOT_LIVE } from "../../e2e/scenarios/accidents.ts";
import { PARTS } from "../../e2e/scenarios/index.ts";
import { MORE } from "../../e2e/scenarios/more-accidents.ts";

const stopsOf = (
  blockers: string[],
  notReady: string[],
  {
    owners = {},
    waits = {},
    lost = [],
  }: { owners?: Record<string, string>; waits?: Record<string, string[]>; lost?: string[] } = {},
) => {
  const { seen, idle } = compareStops(
    {
      blockers,
      losses: lost.map((object) => ({ object, outcome: "deleted", verdict: "foretold", said: "deleted" })),
      settled: {
        notReady: notReady.map((object) => ({ object, reason: "Failed", message: "" })),
        seconds: 1,
        timedOut: false,
      },
    },
    { owners: new Map(Object.entries(owners)), waits: new Map(Object.entries(waits)) },
  );
  return { seen: Object.fromEntries(seen.map(({ object, verdict }) => [object, verdict])), idle };
};

describe("what stopped, beside what was said of it", () => {
  it("takes the Kustomization that holds a refused object, and a release by itself", () => {
    const owners = { "Widget games/board": "flux-system/chess" };
    const blockers = ["api-not-served Widget games/board", "reference-breaks HelmRelease media/player"];
    expect(stopsOf(blockers, ["Kustomization flux-system/chess", "HelmRelease media/player"], { owners })).toEqual({
      seen: { "Kustomization flux-system/chess": "foretold", "HelmRelease media/player": "foretold" },
      idle: [],
    });
  });

  it("notes what stopped without a word, and what was said to stop and did not", () => {
    expect(stopsOf(["build-breaks Kustomization a/b", "wanted-may-go ConfigMap a/c"], ["Kustomization a/d"])).toEqual({
      seen: { "Kustomization a/d": "not-foretold" },
      idle: ["Kustomization a/b"],
    });
  });

  it("finds who is refused a new object by what Flux says, and the parent of a refused Kustomization", () => {
    const owners = { "Kustomization flux-system/app": "flux-system/apps" };
    const settled = {
      notReady: [
        { object: "Kustomization a/radio", reason: "Failed", message: "ConfigMap/meida/radio namespace not found" },
        { object: "Kustomization flux-system/apps", reason: "Failed", message: "" },
      ],
      seconds: 1,
      timedOut: false,
    };
    const blockers = ["namespace-missing ConfigMap meida/radio", "object-refused Kustomization flux-system/app"];
    const { seen, idle } = compareStops(
      { blockers, losses: [], settled },
      { owners: new Map(Object.entries(owners)), waits: new Map() },
    );
    expect([seen.map(({ verdict }) => verdict), idle]).toEqual([["foretold", "foretold"], []]);
  });

  it("follows dependencies in any order, and what loses an object that was named", () => {
    const waits = { "Kustomization a/x": ["Kustomization a/y"], "Kustomization a/y": ["Kustomization a/z"] };
    const names = ["Kustomization a/x", "Kustomization a/y", "Kustomization a/z"];
    expect(stopsOf(["build-breaks Kustomization a/z"], names, { waits }).seen).toEqual({
      "Kustomization a/x": "followed",
      "Kustomization a/y": "followed",
      "Kustomization a/z": "foretold",
    });
    const owners = { "PersistentVolumeClaim a/data": "a/x" };
    expect(stopsOf([], ["Kustomization a/x"], { owners, lost: ["PersistentVolumeClaim a/data"] }).seen).toEqual({
      "Kustomization a/x": "followed",
    });
  });
});

describe("accidents on the live bench", () => {
  it("are the harmful cases of docs/verify.md, but for those that are said not to be live", () => {
    expect(ACCIDENTS.length + Object.keys(NOT_LIVE).length).toBe(LOST.length + STOPPED.length + MORE.length);
    const classes = new Set(ACCIDENTS.filter(({ generations }) => !generations).map(({ id }) => id.split("-")[1]));
    expect([...classes].sort()).toEqual(["b", "d", "e", "f", "i", "j", "k", "m"]);
    expect(PARTS.verify).toBe(ACCIDENTS);
  });

  it("are read from the bench, and need no key", () => {
    for (const { tree = {}, edits, since = {} } of [...LOST, ...STOPPED]) {
      const before = laid(house(), tree);
      const text = Object.values(livable(laid(laid(before, since), edits), "http://127.0.0.1/x.git")).join("\n");
      expect(text).toContain("http://127.0.0.1/x.git");
      expect(text).not.toMatch(/example\.invalid\/me|^ +decryption:/m);
    }
  });

  it("are named on their page, with what was not run and what did not go as expected", () => {
    const [first, second] = ACCIDENTS;
    const { id, kind, layout, what } = first!;
    const cluster = {
      cluster: "default",
      blockers: ["wanted-may-go PersistentVolumeClaim media/player"],
      named: {},
      losses: [
        { object: "PersistentVolumeClaim media/player", outcome: "deleted", verdict: "foretold", said: "deleted" },
      ],
      alarms: [],
      observations: [],
      settled: { notReady: [], seconds: 1, timedOut: false },
      notReadyFor: {},
    };
    const stops = { seen: [{ object: "Kustomization a/b", reason: "BuildFailed", verdict: "followed" }], idle: [] };
    const step = { name: "typo", by: "verify", safe: false, verdict: "unsafe", stops, clusters: [cluster] };
    const result = {
      scenario: id,
      kind,
      layout,
      what,
      generation: "new",
      steps: [step],
      facts: [],
      failures: ["it fell"],
    };
    const text = verifyText([
      { ...result, seconds: 1, fluxlift: "0.1.0", code: { commit: "abc", source: "x" } } as unknown as ScenarioResult,
    ]);
    expect(text).toContain(
      `| \`${id}\` | 2.9.5 | unsafe (\`wanted-may-go\`) | 1 (1 foretold) | 1 (1 followed) | 0 | **failed** | \`abc\` |`,
    );
    expect(text).toContain("PersistentVolumeClaim media/player (deleted)");
    expect(text).toContain(`Not as expected, \`${id}\` on Flux 2.9.5: it fell`);
    expect(text).toMatch(new RegExp(`Not run: .*\`${second!.id}\` on 2.9.5`));
    expect(text).toContain("`verify-n`: it begins with a Flux");
  });
});
