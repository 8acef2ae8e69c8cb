import dagre from "@dagrejs/dagre";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ObjectFate, SafetyTransfer } from "../../../src/contract/safety.ts";
import { drawMap } from "../../../src/report/html/map.ts";
import { layOutMap } from "../../../src/report/html/map-layout.ts";
import { drawFlows } from "../../../src/report/html/owners.ts";

const FATES: readonly ObjectFate[] = [
  "kept",
  "adopted",
  "moved",
  "recreated",
  "orphaned",
  "deleted",
  "created",
  "unknown",
];
const transfer = (
  from: string | undefined,
  to: string | undefined,
  outcome: ObjectFate,
  count = 1,
): SafetyTransfer => ({
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
  outcome,
  count,
  names: [],
});
const named = fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.nat(40)).map(([space, name]) => `${space}/${name}`);
const owner = fc.oneof({ weight: 6, arbitrary: named }, fc.constant("flux-operator"));
const owners = fc.array(owner, { maxLength: 3 }).map((all) => all.join(" + ") || undefined);
const transfers = fc.array(
  fc.tuple(owners, owners, fc.constantFrom(...FATES), fc.integer({ min: 1, max: 5000 })).map((one) => transfer(...one)),
  { minLength: 1, maxLength: 150 },
);

describe("the map of owners", () => {
  test("never has more arrows than a picture can hold, and counts every object", () => {
    fc.assert(
      fc.property(transfers, (all) => {
        const flows = drawFlows(all);
        const others = flows.filter(({ from, to }) =>
          [from, to].some(({ lines }) => lines[0] === "other Kustomizations"),
        );
        expect(flows.length - others.length).toBeLessThanOrEqual(14);
        expect(flows.length).toBeLessThanOrEqual(40);
        for (const fate of FATES) {
          const count = (list: readonly { count: number }[]) => list.reduce((sum, one) => sum + one.count, 0);
          expect(count(flows.filter((one) => one.fate === fate))).toBe(
            count(all.filter((one) => one.outcome === fate)),
          );
        }
      }),
    );
  });

  test("names every owner as long as it can, and then joins those that keep what they have", () => {
    const quiet = Array.from({ length: 120 }, (_, i) => transfer(`apps/app-${i}`, `apps/app-${i}`, "kept", 2));
    expect(drawFlows(quiet.slice(0, 3)).map(({ from }) => from.lines)).toEqual([
      ["apps/app-0"],
      ["apps/app-1"],
      ["apps/app-2"],
    ]);
    const flows = drawFlows([
      ...quiet,
      transfer("apps/loud", "apps/other", "moved"),
      transfer("apps/loud", undefined, "deleted"),
    ]);
    expect(flows.map(({ from, to, fate, count }) => [from.lines[0], to.lines[0], fate, count])).toEqual([
      ["apps/loud", "deleted", "deleted", 1],
      ["apps/loud", "apps/other", "moved", 1],
      ["120 Kustomizations that keep theirs", "120 Kustomizations that keep theirs", "kept", 240],
    ]);
  });

  test("then joins owners of a namespace", () => {
    const loud = Array.from({ length: 60 }, (_, i) => transfer(`apps/app-${i}`, undefined, "deleted"));
    expect(drawFlows(loud)).toEqual([
      {
        from: { lines: ["60 Kustomizations in apps"], kind: "owner" },
        to: { lines: ["deleted"], kind: "none" },
        fate: "deleted",
        count: 60,
      },
    ]);
  });

  test("has boxes that do not overlap, inside the picture", () => {
    fc.assert(
      fc.property(transfers, (all) => {
        const { boxes, width, height } = layOutMap(drawFlows(all), { dagre });
        for (const [i, a] of boxes.entries()) {
          expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height).toBe(true);
          for (const b of boxes.slice(i + 1)) {
            const apart =
              a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
            expect(apart).toBe(true);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test("says in words what it shows, and shortens names that would burst it", () => {
    const long = `apps/${"x".repeat(300)}end`;
    const picture = String(drawMap([transfer(long, "flux-operator", "adopted", 3)], "m", "Owners", { dagre }));
    expect(picture).toContain(`<desc id="m-d">3 objects adopted: ${long} to flux-operator.</desc>`);
    expect(picture).toMatch(/<text[^>]*>apps\/x+…x+end<\/text>/);
  });
});
