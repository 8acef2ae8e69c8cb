import { describe, expect, it } from "vitest";
import { editYaml } from "../../src/yaml/edit.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import { yaml } from "../../src/yaml/text.ts";
import type { YamlOp } from "../../src/yaml/types.ts";

const set = (path: (string | number)[], value: unknown = "new", doc = 0): YamlOp => ({ op: "set", doc, path, value });
const del = (path: (string | number)[], doc = 0): YamlOp => ({ op: "delete", doc, path });

const cases: [string, string, YamlOp, RegExp, number, number][] = [
  ["a value whose anchor is used", "a: &x 1\nb: *x\n", set(["a"]), /anchor &x is used/, 1, 7],
  ["an entry that holds a used anchor", "a:\n  b: &x 1\nc: *x\n", del(["a"]), /anchor &x is used/, 2, 3],
  ["a key whose anchor is used", "&k a: 1\nb: *k\n", del(["a"]), /anchor &k is used/, 1, 7],
  ["a part of a shared map", "a: &x\n  b: 1\nc: *x\n", set(["a", "b"]), /anchor &x is used/, 2, 6],
  ["an addition to a merged map", "a: &x\n  b: 1\nc:\n  <<: *x\n", set(["a", "n"]), /anchor &x is used/, 2, 3],
  ["a value below an alias", "a: &x\n  b: 1\nc: *x\n", set(["c", "b"]), /only through the alias \*x/, 3, 4],
  [
    "an item for an aliased list",
    "a: &x [1]\nc: *x\n",
    { op: "insert", doc: 0, path: ["c"], value: 2 },
    /alias \*x/,
    2,
    4,
  ],
  ["a merged key to delete", "a: &x\n  b: 1\nc:\n  <<: *x\n", del(["c", "b"]), /merge key/, 4, 3],
  ["a map that comes from a merge key", "a: &x\n  b: {d: 1}\nc:\n  <<: *x\n", set(["c", "b", "d"]), /merge key/, 4, 3],
  [
    "a key that uncovers a merged one",
    "a: &x\n  b: 1\nc:\n  <<: *x\n  b: 2\n",
    del(["c", "b"]),
    /value of a merge key would show/,
    5,
    3,
  ],
  ["a key that is not there", "a: 1\n", del(["b"]), /there is no b/, 1, 1],
  ["an item that is not there", "a:\n  - 1\n", del(["a", 3]), /no item 3/, 1, 1],
  ["a path through a scalar", "a: 1\n---\nb: x\n", set(["b", "c"], 1, 1), /looked up in a scalar/, 3, 1],
  ["an item for a map", "a:\n  b: 1\n", { op: "insert", doc: 0, path: ["a"], value: 2 }, /into a list/, 1, 1],
  ["a document that is not there", "a: 1\n", del(["a"], 1), /no document 1/, 2, 1],
  ["raw text that does not parse", "a: 1\n", set(["b"], new RawYaml(yaml`[x`)), /new text is not valid/, 1, 1],
  [
    "raw text of two documents",
    "a: 1\n",
    { op: "append-document", text: new RawYaml(yaml`a: 1\n---\nb: 1\n`) },
    /more than one document/,
    2,
    1,
  ],
  ["a text that does not parse", "a: 1\na: 2\n", set(["a"]), /duplicated/, 2, 1],
  ["a template", "a: 1\nb: {{ .Values.x }}\n", set(["a"]), /template \(go-template\)/, 2, 4],
  ["a pair without braces", "a: [b: 1]\n", set(["a", 0, "b"]), /without braces/, 1, 5],
];

describe("editYaml refuses", () => {
  it.each(cases)("%s", (_, text, op, reason, line, col) => {
    const result = editYaml(text, [op]);
    expect(result).toEqual({ ok: false, reason: expect.stringMatching(reason), line, col });
  });

  it("files that SOPS encrypted, for every operation", () => {
    const text =
      "data:\n  key: ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:x]\n---\nb: 1\n";
    for (const op of [
      set(["b"], 2, 1),
      { op: "append-document", text: "c: 1\n" },
      { op: "delete-document", doc: 1 },
    ] as YamlOp[]) {
      expect(editYaml(text, [op])).toMatchObject({ ok: false, reason: expect.stringContaining("SOPS") });
    }
  });

  it("places a refusal in the original text, whatever was spliced before", () => {
    const ops = [set(["a"], ["long", "list"]), del(["b", "missing"])];
    expect(editYaml("a: 1\nb:\n  c: 1\n", ops)).toMatchObject({ ok: false, line: 2, col: 1 });
  });

  it("nothing that only looks shared: an anchor that no alias uses, an alias as the value itself", () => {
    expect(editYaml("a: &x 1\nb: &y {c: 1}\nd: *y\n", [set(["a"], 2), set(["d"], 3)])).toMatchObject({
      ok: true,
      text: "a: &x 2\nb: &y {c: 1}\nd: 3\n",
    });
  });
});
