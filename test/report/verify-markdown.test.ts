import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/contract/finding.ts";
import type { Markdown } from "../../src/contract/media.ts";
import type { SafetyDanger } from "../../src/contract/safety.ts";
import { fitParts, type Part } from "../../src/report/fit-markdown.ts";
import { renderVerify } from "../../src/report/verify.ts";
import type { VerifyReport } from "../../src/safety/verify.ts";

const MOST = 65_000;
const render = (report: VerifyReport) => renderVerify(report, "markdown", { colour: false, verbose: false });

function danger(index: number, name = `object-${index}`): SafetyDanger {
  const resource = `PersistentVolumeClaim media/${name}`;
  const why = "Its document is still in the tree, and no list gave it up.";
  return {
    resource,
    outcome: "deleted",
    wanted: index % 2 === 0,
    rank: 7,
    what: `Flux deletes ${resource}.`,
    why,
    chain: [],
  };
}

function finding(index: number, level: Finding["level"], name = `object-${index}`): Finding {
  const at = { file: `kubernetes/apps/${name}.yaml`, line: index + 1, col: 1 };
  return {
    rule: "wanted-may-go",
    level,
    resource: `Pod a/${name}`,
    at,
    what: `Flux deletes ${name}.`,
    why: "It goes.",
    next: "Keep it.",
  };
}

interface Size {
  clusters: number;
  dangers: number;
  findings: number;
  name?: string;
}

function report({ clusters, dangers, findings, name }: Size): VerifyReport {
  const levels = ["info", "caution", "blocker"] as const;
  const names = Array.from({ length: dangers }, (_, index) => `PersistentVolumeClaim media/${name ?? index}`);
  return {
    tool: "fluxlift",
    version: "0.0.0",
    schema: 1,
    base: { revision: name ?? "main", commit: "a".repeat(40) },
    head: { revision: name ?? "work", commit: "b".repeat(40) },
    merge: { method: "merge", conflicts: [] },
    changed: 1,
    verdict: "unsafe",
    safe: false,
    clusters: Array.from({ length: clusters }, (_, index) => ({
      cluster: name ?? `cluster-${index}`,
      safety: {
        verdict: index === clusters - 1 ? "unsafe" : "deletes",
        adopted: true,
        outcomes: { deleted: { count: dangers, names } },
        dangers: Array.from({ length: dangers }, (_, at) => danger(at, name)),
        transfers: names
          .slice(0, 20)
          .map((one) => ({ from: `flux-system/${one}`, outcome: "deleted", count: 1, names: [one] })),
        unknown: [],
      },
    })),
    findings: Array.from({ length: findings }, (_, index) => finding(index, levels[index % 3]!, name)),
  };
}

describe("the comment of a pull request", () => {
  const hostile = "|`*_<&@#12\u{1f600}é\n".repeat(3000);
  test.each<[string, Size]>([
    ["thousands of objects", { clusters: 1, dangers: 6000, findings: 3000 }],
    ["hundreds of clusters", { clusters: 700, dangers: 3, findings: 10 }],
    ["thousands of clusters with nothing to say but their names", { clusters: 4000, dangers: 0, findings: 0 }],
    ["names without end", { clusters: 3, dangers: 50, findings: 50, name: "x".repeat(100_000) }],
    ["names of markup", { clusters: 3, dangers: 50, findings: 50, name: hostile }],
  ])("is no longer than code hosts take: %s", (_name, size) => {
    const text = render(report(size));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST);
    expect(text).toMatch(/\*\*Cut for length:\*\* .* left out\. `--format json` has the whole answer\./);
    // It is used, not cut short out of caution.
    expect(Buffer.byteLength(text)).toBeGreaterThan(MOST * 0.6);
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    expect(text.split("\n").filter((line) => line.startsWith("```")).length % 2).toBe(0);
  });

  test("says how many of what is left out, and none twice", () => {
    const size = { clusters: 1, dangers: 6000, findings: 3000 };
    const text = render(report(size));
    const [, cut] = /\*\*Cut for length:\*\* (.*) left out\./.exec(text)!;
    const left = (noun: string) => Number(new RegExp(`([\\d,]+) ${noun}`).exec(cut!)?.[1]?.replaceAll(",", "") ?? 0);
    const rows = text.split("\n").filter((line) => line.startsWith("| **") || line.startsWith("| meant"));
    const shown = (start: RegExp) => rows.filter((row) => start.test(row)).length;
    expect(shown(/^\| \*\*(✗ blocker|⚠ caution)/) + left("findings?")).toBe(2000);
    expect(shown(/^\| \*\*note/) + left("notes?")).toBe(1000);
    expect(shown(/^\| (\*\*✗ still|meant)/) + left("objects?")).toBe(6000);
  });

  test("keeps the worst: blockers first, what is still wanted first, the worst cluster first", () => {
    const text = render(report({ clusters: 300, dangers: 40, findings: 3000 }));
    expect(text).toContain("✗ blocker");
    const order = ["✗ blocker", "## Cluster"].map((sign) => text.indexOf(sign));
    expect(order.every((at, index) => at > (order[index - 1] ?? 0))).toBe(true);
    expect(text).toMatch(/[1-9]\d\d clusters/);
    expect(text.indexOf("## Cluster `cluster-299`")).toBeGreaterThan(0);
    expect(text.indexOf("## Cluster `cluster-299`")).toBeLessThan(text.indexOf("## Cluster `cluster-0`"));
    const one = render(report({ clusters: 1, dangers: 20, findings: 0 }));
    expect(one.lastIndexOf("✗ still wanted")).toBeLessThan(one.indexOf("| meant to go"));
  });

  test("is whole where there is room", () => {
    const text = render(report({ clusters: 2, dangers: 20, findings: 9 }));
    expect(text).not.toContain("left out");
    expect(text.match(/object-19/g)!.length).toBeGreaterThan(1);
  });
});

describe("fitting parts into a page", () => {
  const line = fc.string({ unit: "grapheme", maxLength: 60 }).map((text) => text.replaceAll("\n", " ") as Markdown);
  const part: fc.Arbitrary<Part> = fc.record({
    open: fc.array(line, { maxLength: 3 }),
    rows: fc.array(line, { maxLength: 40 }),
    close: fc.array(line, { maxLength: 2 }),
    noun: fc.constantFrom("object", "finding"),
  });

  test("property: never exceeds it, keeps rows in order from the first, counts every row that is not there", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.integer({ min: 0, max: 4000 }), (parts, bytes) => {
        const { lines, left } = fitParts(parts, bytes);
        expect(Buffer.byteLength(lines.map((one) => `${one}\n`).join(""))).toBeLessThanOrEqual(bytes);
        const all = parts.reduce((sum, { rows }) => sum + rows.length, 0);
        const hidden = [...left.values()].reduce((sum, count) => sum + count, 0);
        expect(hidden).toBeLessThanOrEqual(all);
        const whole = parts.flatMap(({ open, rows, close }) => [...open, ...rows, ...close]);
        if (hidden === 0 && lines.length >= whole.length) expect(lines).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  test("gives every part some rows before any gets more", () => {
    const long = (noun: string): Part => ({
      open: [noun as Markdown],
      rows: Array.from({ length: 500 }, () => "x".repeat(20) as Markdown),
      close: [],
      noun,
    });
    const { lines, left } = fitParts([long("first"), long("second")], 3000);
    expect(lines).toContain("second");
    expect(left.get("second")).toBe(492);
    expect(left.get("first")).toBeLessThan(492);
  });
});
