import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeEdit } from "../../bench/corpus/yaml/judge.ts";
import { pickOp, seededRandom } from "../../bench/corpus/yaml/pick.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import { readYaml } from "../../src/yaml/read.ts";
import type { YamlOp, YamlPath } from "../../src/yaml/types.ts";
import { type Sample, sample } from "./generate.ts";

const runs = { numRuns: 400 };

function under(path: YamlPath, top: YamlPath): boolean {
  return top.every((part, index) => path[index] === part);
}

/** Comments that must still be there after an operation: all but those of what it takes out or replaces. */
function keptComments({ comments }: Sample, op: YamlOp): string[] {
  if (op.op === "append-document") return comments.map(({ id }) => id);
  return comments
    .filter(({ doc, path }) => {
      if (doc !== op.doc) return true;
      if (op.op === "delete-document") return false;
      if (op.op === "insert") return true;
      return !under(path, op.path);
    })
    .map(({ id }) => id);
}

describe("editYaml on generated files", () => {
  it("reads back what the generator meant", () => {
    fc.assert(
      fc.property(sample, ({ text, docs }) => {
        const parsed = readYaml(text);
        expect(parsed).toEqual({ ok: true, docs: docs.map((data, index) => ({ index, data })) });
      }),
      runs,
    );
  });

  it("gives the same bytes for no operations", () => {
    fc.assert(
      fc.property(sample, ({ text }) => {
        expect(editYaml(text, [])).toEqual({ ok: true, text, ranges: [] });
      }),
      runs,
    );
  });

  it("does one random edit, on its own lines, and keeps every comment of the rest", () => {
    fc.assert(
      fc.property(sample, fc.string(), (file, seed) => {
        const op = pickOp(file.docs, seededRandom(seed));
        if (!op) return;
        const edit = editYaml(file.text, [op]);
        expect(edit, JSON.stringify(op)).toMatchObject({ ok: true });
        if (!edit.ok) return;
        expect(judgeEdit(file.text, file.docs, op, edit), JSON.stringify(op)).toBeUndefined();
        for (const id of keptComments(file, op)) expect(edit.text, JSON.stringify(op)).toContain(id);
      }),
      { numRuns: 1000 },
    );
  });

  it("takes the comments of a deleted entry with it", () => {
    fc.assert(
      fc.property(sample, fc.string(), (file, seed) => {
        const op = pickOp(file.docs, seededRandom(seed));
        if (op?.op !== "delete") return;
        const edit = editYaml(file.text, [op]);
        if (!edit.ok) throw new Error(edit.reason);
        const gone = file.comments.filter(({ doc, path }) => doc === op.doc && under(path, op.path));
        for (const { id } of gone) expect(edit.text, JSON.stringify(op)).not.toContain(id);
      }),
      { numRuns: 1000 },
    );
  });

  it("does several edits in a row, told as ranges of the original", () => {
    fc.assert(
      fc.property(sample, fc.string(), (file, seed) => {
        const random = seededRandom(seed);
        const ops: YamlOp[] = [];
        let { docs } = file as { docs: unknown[] };
        let { text } = file;
        for (let i = 0; i < 4; i++) {
          const op = pickOp(docs, random);
          if (!op) break;
          const step = editYaml(text, [op]);
          if (!step.ok) throw new Error(`${JSON.stringify(op)}: ${step.reason}`);
          ops.push(op);
          text = step.text;
          const parsed = readYaml(text);
          if (!parsed.ok) throw new Error(parsed.reason);
          docs = parsed.docs.map(({ data }) => data);
        }
        const all = editYaml(file.text, ops);
        if (!all.ok) throw new Error(all.reason);
        let end = 0;
        for (const range of all.ranges) {
          expect(range.start).toBeGreaterThanOrEqual(end);
          end = range.end;
        }
        const replayed = [...all.ranges]
          .reverse()
          .reduce((t, r) => t.slice(0, r.start) + r.text + t.slice(r.end), file.text);
        expect(replayed).toBe(all.text);
        const parsed = readYaml(all.text);
        expect(parsed.ok && parsed.docs.map(({ data }) => data)).toEqual(docs);
      }),
      runs,
    );
  });
});
