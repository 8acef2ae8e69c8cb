import { describe, expect, test } from "vitest";
import { withoutRewritten } from "../../src/safety/unknown/rewritten.ts";
import { memoryTree } from "../support/memory.ts";
import { verifyEdits } from "./edited.ts";
import { homeTree, kustomization, object } from "./home-tree.ts";
import type { Files } from "./judge.ts";

const APP = "kubernetes/apps/media/player/app";
const LIST = `${APP}/kustomization.yaml`;
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const CONFIG = `${APP}/config/config.yaml`;

const edited = (tree: Files, change: (text: string) => string): Files =>
  Object.fromEntries(Object.entries(tree).map(([path, text]) => [path, change(text)]));

describe("a file that says the same in other words", () => {
  const from = "substituteFrom: [{kind: ConfigMap, name: cluster-settings}, {kind: Secret, name: settings}]";
  const generate = "configMapGenerator: [{name: board, files: ['https://example.invalid/board.json']}]";
  /** With all that cannot be read: a name from a Secret, a remote file, a base that is not there. */
  const tree: Files = {
    ...homeTree(),
    [PLAYER]: `${homeTree()[PLAYER]}  postBuild: {${from}}\n`,
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"], [generate]),
    [`${APP}/pvc.yaml`]: object("PersistentVolumeClaim", "'${key}'"),
    "kubernetes/apps/games/chess/app/kustomization.yaml": kustomization(["helmrelease.yaml", "../missing"]),
  };

  test.each<[string, (text: string) => string]>([
    ["a comment above", (text) => `# Why\n${text}`],
    ["comments beside", (text) => text.replace(/^(kind: \w+)$/gm, "$1 # what it is")],
    ["CRLF", (text) => text.replaceAll("\n", "\r\n")],
    ["quotes", (text) => text.replace(/^(kind): (\w+)$/gm, '$1: "$2"')],
    ["another order", (text) => text.replace(/^(apiVersion: .*\n)(kind: .*\n)/gm, "$2$1")],
  ])("%s", (_, change) => {
    expect(verifyEdits(edited(tree, change), tree).verdict).toBe("safe");
  });

  test("a carriage return before a marker hides what follows from kustomize", () => {
    const list = `${APP}/pvc.yaml`;
    const two = `${object("ConfigMap", "one")}${object("PersistentVolumeClaim", "player")}`;
    const hidden = two.replace(/\n---\n(?=apiVersion: v1\nkind: Persist)/, "\n\r---\n");
    expect(hidden).not.toBe(two);
    expect(verifyEdits({ [list]: hidden }, { ...homeTree(), [list]: two }).verdict).toBe("unsafe");
  });

  test("an encrypted value is another one", () => {
    const secret = "kubernetes/flux/vars/settings.sops.yaml";
    expect(verifyEdits({ [secret]: tree[secret]!.replace("AA==", "BB==") }, tree).verdict).toBe("unproven");
  });
});

describe("what counts by its text", () => {
  const kept = (path: string, old: string, now: string, more: Files = {}) => {
    const [before, after] = [old, now].map((text) => memoryTree({ ...more, [path]: text }));
    return withoutRewritten({ before: before!, after: after!, changed: new Set([path]) }).changed.has(path);
  };

  test.each([
    ["a comment", "a: 1\n", "# x\na: 1\n", false],
    ["the start of the first document", "# x\na: 1\n", "# x\n---\na: 1\n", false],
    ["another value", "a: 1\n", "a: 2\n", true],
    ["a document more", "a: 1\n", "a: 1\n---\nb: 1\n", true],
    ["text for a number", "a: 1\n", "a: '1'\n", true],
    ["what cannot be read", "a: [1\n", "# x\na: [1\n", true],
    ["a template", "a: 1\n", '# {{ include "x" . }}\na: 1\n', true],
    ["a number that Node cuts", "a: 12345678901234567890\n", "a: 12345678901234567891\n", true],
    ["the end of a document", "a: 1\n---\nb: 1\n", "a: 1\n...\nb: 1\n", true],
    ["a byte order mark", "a: 1\n", "\uFEFFa: 1\n", true],
    ["a tag", "a: !!str YQ==\n", "a: !!binary YQ==\n", true],
    ["a tag in a flow collection", 'a: {"b":!x c}\n', 'a: {"b":!y c}\n', true],
    ["quotes around a word", "a: 30m\nb: x\n", "a: '30m'\nb: 'x'\n", false],
    ["a number as a key", "'80': a\n", "80: a\n", true],
    ["a number in another form", "a: 1000\n", "a: 1_000\n", true],
    ["a date", "a: '2026-01-02'\n", "a: 2026-01-02\n", true],
    ["a boolean of old", "a: 'on'\n", "a: on\n", true],
    ["nothing in a flow collection", "a: {b: null}\n", "a: {b: }\n", true],
    ["two merges", "a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n", "# x\na: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n", true],
    ["a tab before a comment", "a: {}\n", "a: {}\n\t# x\n", true],
    ["a tag at the start", "!!str a\n", "!!str 'a'\n", true],
    ["a tag at the start of a line", "a:\n  - b\n", "a:\n  -\n!!str b\n", true],
    ["nothing before a brace", "a: {b: }\n", "# x\na: {b: }\n", true],
    ["nothing before a comma", "a: {b:  , c: d}\n", "# x\na: {b:  , c: d}\n", true],
    ["an exclamation mark in a text", "a: b!\n", "a: 'b!'\n", false],
    ["dashes in a text", "a: b---c\n", "a: 'b---c'\n", false],
    ["lines above the first document", "a: 1\n", "\n# x\n\n  # y\n--- \na: 1\n", false],
    ["lines that end otherwise above it", "a: 1\r\n", "\r\n---\r\na: 1\r\n", false],
    ["line ends of two documents", "a: 1\n---\nb: 1\n", "a: 1\r\n---\r\nb: 1\r\n", false],
    ["spaces behind a marker", "a: 1\n---\nb: 1\n", "a: 1\n---  \nb: 1\n", true],
    ["a mark that image automation writes at", 'a: b:1 # {"$imagepolicy": "a:b"}\n', "a: b:1\n", true],
    ["a line break of old in a comment", "a: 1\n", "a: 1 # x\u2028b: 1\n", true],
  ])("%s", (_, old, now, counts) => {
    expect(kept("apps/x.yaml", old, now)).toBe(counts);
  });

  const words = (all: string) => all.split("|").map((word) => [word]);

  test.each(
    words(
      "1_0|-1_0|1_0e3|+1_0e-30|0b1|-0b11|0xf_f|0o1_7|y|Yes|n|NO|on|OFF|=|2026-1-2|2026-01-02 10:00:00|2026-01-02t10:00",
    ),
  )("quotes around %s, which somebody takes for no text", (word) =>
    expect(kept("apps/x.yaml", `a: ${word}\n`, `a: '${word}'\n`)).toBe(true),
  );

  test.each(words("x5|5x|x0b1|0b1x|yesterday|moon|a=|2026-01-02x|x2026-01-02|e_5"))(
    "quotes around %s, a text",
    (word) => {
      expect(kept("apps/x.yaml", `a: ${word}\n`, `a: '${word}'\n`)).toBe(false);
    },
  );

  test("a file that comes or goes", () => {
    const [with1, without] = [memoryTree({ "x.yaml": "a: 1\n" }), memoryTree({})];
    const changed = new Set(["x.yaml"]);
    expect(withoutRewritten({ before: without, after: with1, changed }).changed).toEqual(changed);
    expect(withoutRewritten({ before: with1, after: without, changed }).changed).toEqual(changed);
  });

  test("what a generator reads, and what lies in a chart", () => {
    const [old, now] = ["a: 1\n", "# x\na: 1\n"];
    const generator = { "apps/kustomization.yaml": "configMapGenerator: [{name: c, files: [x.yaml]}]\n" };
    expect(kept("apps/x.yaml", old, now, generator)).toBe(true);
    expect(kept("apps/y.yaml", old, now, generator)).toBe(false);
    expect(kept("chart/templates/x.yaml", old, now, { "chart/Chart.yaml": "name: x\n" })).toBe(true);
  });
});

describe("what a generator leaves alone", () => {
  const off = "generatorOptions: {annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}";
  const map = "configMapGenerator: [{name: conf, files: [config/config.yaml]}]";
  const tree: Files = {
    ...homeTree(),
    [PLAYER]: `${homeTree()[PLAYER]}  postBuild: {substitute: {DOMAIN: a.example}}\n`,
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"], [off, map]),
    [CONFIG]: "url: https://one.${DOMAIN}\n",
  };
  const release = `${APP}/helmrelease.yaml`;

  test("goes on being left alone, whatever else is edited and filled in", () => {
    const edits = { [CONFIG]: "url: https://two.${DOMAIN}\n", [release]: `${tree[release]}  timeout: 1m\n` };
    expect(verifyEdits(edits, tree)).toMatchObject({ verdict: "safe" });
  });

  test("and is named where it was filled in", () => {
    const before = { ...tree, [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"], [map]) };
    const { findings } = verifyEdits({ [LIST]: tree[LIST]! }, before);
    expect(findings.map(({ rule }) => rule)).toContain("setting-lost");
  });
});
