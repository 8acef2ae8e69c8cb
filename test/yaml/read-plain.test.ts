import yaml from "js-yaml";
import { describe, expect, it } from "vitest";
import { readPlainYaml } from "../../src/yaml/read-plain.ts";
import { coreSchema } from "../../src/yaml/schema.ts";

const read = [
  "a: 1\nb: 1.50\nc: 0x1f\nd: 10m\ne: ~\nf:\ng: True\nh: 1.2.3\n",
  "---\n# only a comment\na:\n- b: x\n  c:\n  - 1\n  - -2\nd: [] # none\n---\ne: {}",
  "a:\n  - b: |\n      one\n\n        two\n    c: |-\n      three\n\n\n  - d: |+\n      four\n\n\ne: it's # not this\n",
  "name: &app web\nlabels: &labels\n  x: *app\ncopy: *labels\n\"a b\": 'it''s'\n'c d': \"e # f\"\n",
  "a: b\u00a0\nf: g\u3000 # h\ni: |\n  \u00a0\n   j\n",
  "- a\n- b: c\n-   d: e\n    f: http://g:80/#h\n",
];
const left = [
  ...["a: {b: c}\n", "a: >\n  b\n", "a: b\n  c\n", "a: !x b\n", "a:\n  <<: *b\n", "a: *b\n", "a: 1\na: 2\n"],
  ...["a:\n b: 1\n  c: 2\n", "- \n  a: 1\n", "a\t: b\n", "a: b\r\n", "null: 1\n", "__proto__: 1\n", "", "# c\n"],
  ...[
    "a: |2\n   b\n",
    "a: |\n      \n  b\n",
    'a: "\\n"\n',
    "a: - b\n",
    "a: b: c\n",
    "---\n---\na: 1\n",
    "a: &b\nc: 1\n",
  ],
];

describe("readPlainYaml", () => {
  it.each(read)("reads %j as js-yaml does", (text) => {
    expect(readPlainYaml(text)).toEqual(yaml.loadAll(text, null, { schema: coreSchema }));
  });

  it.each(left)("leaves %j to a whole parser", (text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });
});
