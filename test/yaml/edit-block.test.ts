import { describe, expect, it } from "vitest";
import { RawYaml } from "../../src/yaml/raw.ts";
import { yaml } from "../../src/yaml/text.ts";
import { del, edit, insert, set } from "./ops.ts";

const list = `# about the list
items:
  # one
  - a # first
    # of a
  # two
  # more
  - b

  # apart

  - c
  # end
next: 1
`;

describe("delete in block style", () => {
  it("takes the comments above an item, beside it and deeper below it, and nobody else's", () => {
    expect(edit(list, del("items", 0))).toBe(list.replace("  # one\n  - a # first\n    # of a\n", ""));
    expect(edit(list, del("items", 1))).toBe(list.replace("  # two\n  # more\n  - b\n", ""));
    expect(edit(list, del("items", 2))).toBe(list.replace("  - c\n", ""));
  });

  it("leaves a commented-out item where it is", () => {
    const items = "l:\n  - a\n  #- b\n  # - name: c\n  #   value: d\n  # about e\n  - e\n  # -x is no item\n  - f\n";
    expect(edit(items, del("l", 1))).toBe(items.replace("  # about e\n  - e\n", ""));
    expect(edit(items, del("l", 2))).toBe(items.replace("  # -x is no item\n  - f\n", ""));
    expect(edit(items, insert(["l"], "n1", 1))).toBe(items.replace("  # about e", "  - n1\n  # about e"));
  });

  it("takes what stands further to the left between two items for the second's", () => {
    const items = "l:\n# of the list\n  - a\n# of b\n  - b\n# apart\n\n  - c\n# of next\nnext: 1\n";
    expect(edit(items, del("l", 0))).toBe(items.replace("  - a\n", ""));
    expect(edit(items, del("l", 1))).toBe(items.replace("# of b\n  - b\n", ""));
    expect(edit(items, del("l", 2))).toBe(items.replace("  - c\n", ""));
  });

  it("takes a list in a commented-out item for part of it", () => {
    const items = "l:\n#- a:\n#    - b: 1\n#  c: 2\n- d: 3\n- e\n";
    expect(edit(items, del("l", 0))).toBe(items.replace("- d: 3\n", ""));
  });

  it("takes a map entry with what is under it", () => {
    expect(edit(list, del("items"))).toBe("# about the list\nnext: 1\n");
    expect(edit("a: 1\n# of b\nb:\n  c: 1\n  # d: 2\n# of e\ne: 1\n", del("b"))).toBe("a: 1\n# of e\ne: 1\n");
  });

  it("keeps what stands above the first entry of a document", () => {
    expect(edit("---\n# schema\na: 1\nb: 2\n", del("a"))).toBe("---\n# schema\nb: 2\n");
  });

  it("leaves [] or {} where the last entry goes, and keeps the comment beside the key", () => {
    expect(edit("a: # why\n  # x\n  - x # y\nb: 1\n", del("a", 0))).toBe("a: [] # why\nb: 1\n");
    expect(edit("a:\n- x\n", del("a", 0))).toBe("a: []\n");
    expect(edit("a: &q\n  b: 1\nc: 2\n", del("a", "b"))).toBe("a: &q {}\nc: 2\n");
    expect(edit("- a: 1\n- b\n", del(0, "a"))).toBe("- {}\n- b\n");
    expect(edit("- - a # c\n- b\n", del(0, 0))).toBe("- []\n- b\n");
    expect(edit("---\na: 1\n", del("a"))).toBe("---\n{}\n");
    expect(edit("- 1", del(0))).toBe("[]");
  });

  it("moves the next key, or its comment, up to the dash when the first key of an item goes", () => {
    expect(edit("l:\n  - name: x # c\n    value: 1\n", del("l", 0, "name"))).toBe("l:\n  - value: 1\n");
    expect(edit("- a: 1\n  # of b\n  b: 2\n", del(0, "a"))).toBe("- # of b\n  b: 2\n");
    expect(edit("- a:\n    - 1\n\n  b: 2\n", del(0, "a"))).toBe("- b: 2\n");
    expect(edit("- - a\n  - b\n", del(0, 0))).toBe("- - b\n");
  });

  it("closes the gap that an entry leaves between blank lines or at the end", () => {
    expect(edit("a: 1\n\nb: 2\n\nc: 3\n", del("b"))).toBe("a: 1\n\nc: 3\n");
    expect(edit("a: 1\n\nb: 2\n", del("b"))).toBe("a: 1\n");
    expect(edit("l:\n  - a\n\n  - b\n", del("l", 0))).toBe("l:\n  - b\n");
    expect(edit("a: |+\n  x\n\nb: 2\n", del("b"))).toBe("a: |+\n  x\n\n");
  });

  it("works in CRLF, behind a BOM, and without a last line break", () => {
    expect(edit("\uFEFFa: 1\r\n# c\r\nb:\r\n  - x\r\nc: 3\r\n", del("b"))).toBe("\uFEFFa: 1\r\nc: 3\r\n");
    expect(edit("a: 1\nb: 2", del("b"))).toBe("a: 1\n");
    expect(edit("a:\r\n  - x\r\n  - y", del("a", 1))).toBe("a:\r\n  - x\r\n");
  });

  it("takes an entry whose key is an alias", () => {
    expect(edit("n: &app x\nc:\n  *app :\n    a: 1\n  other: 2\n", del("c", "x"))).toBe("n: &app x\nc:\n  other: 2\n");
  });
});

describe("set in block style", () => {
  it("keeps the quotes of the old value where the new one can have them", () => {
    const text = `a: plain # c\nb: "double"\nc: 'single'\n`;
    expect(edit(text, set(["a"], "x: y"), set(["b"], "new"), set(["c"], "it's"))).toBe(
      `a: "x: y" # c\nb: "new"\nc: 'it''s'\n`,
    );
    expect(edit(text, set(["a"], "other"), set(["b"], 5), set(["c"], "two\nlines"))).toBe(
      `a: other # c\nb: 5\nc: |-\n  two\n  lines\n`,
    );
  });

  it("quotes what YAML 1.1 would take for something else", () => {
    for (const word of ["yes", "on", "1e3", "0777", "12:30:45", "~", "2001-01-01", "y", "0x1f", "", "1_000", ".5"]) {
      expect(edit("a: b\n", set(["a"], word))).toBe(`a: "${word}"\n`);
    }
  });

  it("replaces the body of a block scalar, which may become a plain one", () => {
    const text = "a:\n    s: | # c\n      one\n      two\n\n    t: 1\n";
    expect(edit(text, set(["a", "s"], "one\nthree\n"))).toBe(
      "a:\n    s: | # c\n      one\n      three\n\n    t: 1\n".replace(" # c", ""),
    );
    expect(edit(text, set(["a", "s"], "x"))).toBe("a:\n    s: x\n\n    t: 1\n");
  });

  it("fills an empty value and keeps the comment beside it", () => {
    expect(edit("a: # c\nb: 1\n", set(["a"], "x"))).toBe("a: x # c\nb: 1\n");
    expect(edit("a: # c\nb: 1\n", set(["a", "k", "l"], 1))).toBe("a: # c\n  k:\n    l: 1\nb: 1\n");
    expect(edit("-\n- b\n", set([0], { x: 1, l: [2] }))).toBe("- x: 1\n  l:\n    - 2\n- b\n");
  });

  it("adds keys at the end of their map, in its indent and with the file's habit for lists", () => {
    expect(edit("a:\n    b: 1 # c\n    # of b? no\nd:\n- 1\n", set(["a", "new"], ["x"]))).toBe(
      "a:\n    b: 1 # c\n    new:\n    - x\n    # of b? no\nd:\n- 1\n",
    );
    expect(edit("a: 1", set(["b"], "x"))).toBe("a: 1\nb: x");
    expect(edit("a: 1\r\n", set(["b", "c"], "x\ny\n"))).toBe("a: 1\r\nb:\r\n  c: |\r\n    x\r\n    y\r\n");
  });

  it("changes only what differs between an old and a new collection", () => {
    const text = "a:\n  # keep\n  x: 1 # same\n  y: [1, 2]\n  l:\n    # one\n    - n: 1\n    # two\n    - n: 2\n";
    expect(edit(text, set(["a"], { x: 1, y: [1, 3], l: [{ n: 1 }, { n: 2, m: 3 }, "new"] }))).toBe(
      "a:\n  # keep\n  x: 1 # same\n  y: [1, 3]\n  l:\n    # one\n    - n: 1\n    # two\n    - n: 2\n      m: 3\n    - new\n",
    );
  });

  it("turns a scalar into a collection and back", () => {
    expect(edit("a: 1 # c\nb: 2\n", set(["a"], { k: ["v"] }))).toBe("a: # c\n  k:\n    - v\nb: 2\n");
    expect(edit("a: # c\n  - x # gone\n  # gone too\n  - y\nb: 2\n", set(["a"], 5))).toBe("a: 5 # c\nb: 2\n");
    expect(edit("- a: 1\n  b: 2\n- c\n", set([0], "x"))).toBe("- x\n- c\n");
  });

  it("splices raw text with its comments and quoting, re-indented", () => {
    const text = yaml`# why\nkey: 'q' # c\nlist:\n  - "x"\ntext: |\n  l1\n\n   l2\n`;
    expect(edit("a:\n  b:\n    c: 1\n", set(["a", "new"], new RawYaml(text)))).toBe(
      `a:\n  b:\n    c: 1\n  new:\n    # why\n    key: 'q' # c\n    list:\n      - "x"\n    text: |\n      l1\n\n       l2\n`,
    );
    expect(edit("a: 1\n", set(["new"], new RawYaml(yaml`'x' # c`)))).toBe("a: 1\nnew: 'x' # c\n");
    expect(edit("a: 1\nb:\n- 1\n", set(["new"], new RawYaml(yaml`- x\n- y: 1\n  z: 2\n`)))).toBe(
      "a: 1\nb:\n- 1\nnew:\n- x\n- y: 1\n  z: 2\n",
    );
    expect(edit("a: old # c\n", set(["a"], new RawYaml(yaml`|\n  x\n  y\n`)))).toBe("a: | # c\n  x\n  y\n");
  });

  it("replaces an alias itself, without touching the anchor", () => {
    expect(edit("n: &app x\nl: *app # c\n", set(["l"], "z"))).toBe("n: &app x\nl: z # c\n");
    expect(edit("n: &app x\nm: 1\n", set(["n"], "z"))).toBe("n: &app z\nm: 1\n");
  });

  it("overrides a merged key in the map itself", () => {
    expect(edit("b: &b {x: 1}\nm:\n  <<: *b\n  y: 2\n", set(["m", "x"], 3))).toBe(
      "b: &b {x: 1}\nm:\n  <<: *b\n  y: 2\n  x: 3\n",
    );
  });

  it("replaces a whole document under its marker and comments", () => {
    expect(edit("---\n# c\na: 1\n# end\n", set([], { b: 2 }))).toBe("---\n# c\nb: 2\n# end\n");
    expect(edit("---\n---\na: 1\n", set(["k"], "v"))).toBe("---\nk: v\n---\na: 1\n");
  });
});

describe("insert in block style", () => {
  it("puts items before, between and behind, below their comments", () => {
    expect(edit(list, insert(["items"], "new", 0))).toBe(list.replace("  # one", "  - new\n  # one"));
    expect(edit(list, insert(["items"], "new", 1))).toBe(list.replace("  # two", "  - new\n  # two"));
    expect(edit(list, insert(["items"], "new"))).toBe(list.replace("  - c\n", "  - c\n  - new\n"));
  });

  it("keeps the distance at which all entries stand", () => {
    const jobs = "one:\n  run: a\n\n# two\ntwo:\n  run: b\n";
    expect(edit(jobs, set(["three"], 3))).toBe(`${jobs}\nthree: 3\n`);
    const steps = "steps:\r\n  - a\r\n  \r\n  - b\r\nnext: 1\r\n";
    expect(edit(steps, insert(["steps"], "c"))).toBe(steps.replace("next", "\r\n  - c\r\nnext"));
    expect(edit(steps, insert(["steps"], "c", 1))).toBe(steps.replace("  - b", "  - c\r\n\r\n  - b"));
    const mixed = "a: 1\nb: 2\n\nc: 3\n";
    expect(edit(mixed, set(["d"], 4))).toBe(`${mixed}d: 4\n`);
  });

  it("starts a list where there is none", () => {
    expect(edit("a: []\n", insert(["a"], { x: 1 }))).toBe("a:\n  - x: 1\n");
    expect(edit("a:\nb:\n- 1\n", insert(["a"], "x"))).toBe("a:\n- x\nb:\n- 1\n");
    expect(edit("a: 1\n", insert(["p", "q"], "x"))).toBe("a: 1\np:\n  q:\n    - x\n");
  });

  it("puts the comments of raw text above its dash", () => {
    expect(
      edit("p:\n  - a\n", insert(["p"], new RawYaml(yaml`# why\npatch: |\n  - op: add\ntarget: {kind: X} # t\n`))),
    ).toBe("p:\n  - a\n  # why\n  - patch: |\n      - op: add\n    target: {kind: X} # t\n");
  });

  it("goes before the first of nested items", () => {
    expect(edit("- - a\n  - b\n", insert([0], "new", 0))).toBe("- - new\n  - a\n  - b\n");
  });
});
