import { describe, expect, test } from "vitest";
import { makeIgnores } from "../../src/config/ignore.ts";
import { readConfig } from "../../src/config/read.ts";
import type { Finding } from "../../src/contract/finding.ts";

const finding = (over: Partial<Finding> = {}): Finding => ({
  rule: "other-branch",
  level: "caution",
  at: { file: "clusters/main/sync.yaml", line: 3, col: 1 },
  resource: "GitRepository flux-system/flux-system",
  cluster: "main",
  what: "",
  why: "",
  next: "",
  ...over,
});

const ignores = (entry: string, today = "2026-11-21") =>
  makeIgnores(readConfig(`ignore:\n  - {rule: other-branch, reason: known${entry}}\n`, "fluxlift.config.yaml"), today);

describe("an entry leaves out what it fits, and nothing else", () => {
  test.each([
    ["", true],
    [", path: clusters/main/sync.yaml", true],
    [", path: clusters", true],
    [", path: clusters/", true],
    [", path: 'clusters/*/sync.yaml'", true],
    [", path: 'clusters/**'", true],
    [", path: /clusters/main", true],
    [", path: apps", false],
    [", path: 'clusters/*.yaml'", false],
    [", path: '../clusters'", false],
    [", resource: GitRepository  flux-system/flux-system", true],
    [", resource: GitRepository other/flux-system", false],
    [", cluster: main", true],
    [", cluster: edge", false],
    [", until: 2026-11-21", true],
    [", until: 2026-11-20", false],
  ])("%s", (entry, covers) => {
    expect(ignores(entry).covers(finding())).toBe(covers);
  });

  test("a finding without a place is in no path", () => {
    const { at: _, ...rest } = finding();
    expect(ignores(", path: '**'").covers(rest)).toBe(false);
  });
});

describe("what is said of entries", () => {
  const said = (entry: string, findings: Finding[], today?: string) => {
    const all = ignores(entry, today);
    for (const one of findings) all.covers(one);
    return all.report().map(({ rule, level, at, what }) => [rule, level, at?.line, what]);
  };

  test("nothing of one that is used", () => {
    expect(said("", [finding()])).toEqual([]);
  });

  test("unused, ended, for a blocker, without such a rule", () => {
    const idle = (what: string) => [["ignore-idle", "caution", 2, what]];
    expect(said("", [])).toEqual(idle("No finding of other-branch fits this entry."));
    expect(said(", until: 2026-01-01", [finding()])).toEqual(
      idle("This entry for other-branch ended on 2026-01-01: its findings are shown again."),
    );
    expect(said("", [finding({ level: "blocker" })])).toEqual(
      idle("What this entry for other-branch fits is a blocker, which is never left out."),
    );
    const typo = makeIgnores(readConfig("ignore: [{rule: other-brnch, reason: x}]\n", "c.yaml"), "2026-11-21");
    expect(typo.report().map(({ what }) => what)).toEqual(["There is no rule other-brnch: see fluxlift explain."]);
  });

  test("a blocker is never left out, whatever else the entry covers", () => {
    const all = ignores("");
    expect([all.covers(finding({ level: "blocker" })), all.covers(finding())]).toEqual([false, true]);
  });
});
