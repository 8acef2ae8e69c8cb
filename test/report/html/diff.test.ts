import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldRows, NO_LINE_BREAK, pairLines, type Row } from "../../../src/report/html/diff-rows.ts";
import { colourYaml, markWords, paintLine } from "../../../src/report/html/paint.ts";
import { stopAfter } from "../../hostile/growth.ts";

const lineOf = fc.constantFrom("", "a", "b", "c: d", "  e", "\t", "\r");
const text = fc
  .tuple(fc.array(lineOf, { maxLength: 30 }), fc.boolean())
  .map(([lines, ends]) => lines.join("\n") + (ends ? "\n" : ""));

/** A text from one side of its rows. */
function restore(rows: readonly Row[], side: "old" | "new"): string {
  const lines = rows.flatMap((row) => row[side]?.text ?? []);
  if (lines.length === 0) return "";
  return lines.at(-1) === NO_LINE_BREAK ? lines.slice(0, -1).join("\n") : `${lines.join("\n")}\n`;
}

describe("rows of a diff", () => {
  test("hold both texts, with their line numbers", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const rows = pairLines(before, after);
        expect([restore(rows, "old"), restore(rows, "new")]).toEqual([before, after]);
        for (const side of ["old", "new"] as const) {
          expect(rows.flatMap((row) => row[side]?.n ?? [])).toEqual(
            rows.flatMap((row) => row[side] ?? []).map((_, i) => i + 1),
          );
        }
        for (const { changed, old, new: now } of rows) if (!changed) expect(old?.text).toBe(now?.text);
      }),
    );
  });

  test("are all in the blocks, in order, and no change is folded away", () => {
    fc.assert(
      fc.property(text, text, fc.nat(30), (before, after, seen) => {
        const rows = pairLines(before, after);
        const blocks = foldRows(rows, ({ old }) => old?.n === seen, Number.POSITIVE_INFINITY);
        expect(blocks.flatMap((block) => block.rows)).toEqual(rows);
        const folded = blocks.filter((block) => block.folded).flatMap((block) => block.rows);
        expect(folded.some(({ changed, old }) => changed || old?.n === seen)).toBe(false);
      }),
    );
  });

  test("of a long change are folded away after the first, but for what is to be seen", () => {
    const rows = pairLines("", "a: b\n".repeat(5000));
    const blocks = foldRows(rows, (row) => row.new?.n === 4000, 100);
    expect(blocks.map((block) => [block.folded, block.rows.length])).toEqual([
      [false, 103],
      [true, 3893],
      [false, 7],
      [true, 997],
    ]);
  });

  test("of two large texts that share nothing are found in a moment", () => {
    const large = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word} ${i}`).join("\n");
    expect(stopAfter(() => pairLines(large("a"), large("b")), 30_000)).toHaveLength(20_001);
  });
});

describe("colours", () => {
  const looks = (path: string, yaml: string) =>
    [...colourYaml(path, yaml)].flatMap(([n, spans]) =>
      spans
        .filter(({ look }) => look)
        .map(({ start, end, look }) => `${look} ${yaml.split("\n")[n - 1]!.slice(start, end)}`),
    );

  test("tell keys, strings, numbers, names of anchors and comments apart", () => {
    expect(looks("a.yaml", "# c\na: &x 1\n\"q\": 'z'\nl: [*x, true, text]\nb: |\n  text: no key\n")).toEqual([
      ...["yc # c", "yk a", "ya &x", "yn 1", 'yk "q"', "ys 'z'", "yk l", "ya *x", "yn true", "yk b", "ya |"],
    ]);
    expect(looks("a.json", '{"a": "b"}')).toEqual(['yk "a"', 'ys "b"']);
    expect(looks("a.sh", "a: b")).toEqual([]);
  });

  test("stay inside their lines, whatever the text", () => {
    const any = fc.array(
      fc.oneof(
        fc.constantFrom("a: ", "- ", "|\n", "\n", "'", '"', "{", "[", "\ufeff", "\u001f", "? ", "&a ", "#"),
        fc.string({ maxLength: 4 }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(any, (parts) => {
        const yaml = parts.join("");
        const lines = yaml.split("\n");
        for (const [n, spans] of colourYaml("a.yaml", yaml)) {
          const shown = paintLine(lines[n - 1] ?? "", spans).toString();
          const plain = paintLine(lines[n - 1] ?? "").toString();
          expect(shown.replace(/<span class="[a-z ]*">|<\/span>/g, "")).toBe(plain);
        }
      }),
    );
  });

  test("marks are what differs, and nothing where all differs", () => {
    const [old, now] = markWords("  name: home-ops # x", "  name: cluster # x");
    expect(old.map(({ start, end }) => "  name: home-ops # x".slice(start, end)).join("")).toBe("home-ops");
    expect(now.map(({ start, end }) => "  name: cluster # x".slice(start, end)).join("")).toBe("cluster");
    expect(markWords("one two", "three four")).toEqual([[], []]);
  });

  test("a line without end is cut", () => {
    const shown = paintLine("x".repeat(1_000_000)).toString();
    expect(shown.length).toBeLessThan(3000);
    expect(shown).toContain("998000 more characters");
  });
});
