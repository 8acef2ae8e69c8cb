import { describe, expect, test } from "vitest";
import type { FluxSpec } from "../../src/change/types.ts";
import { NameIndex } from "../../src/safety/unknown/name-index.ts";

const SPEC: FluxSpec = {
  ...{ id: "1", prune: true, suspend: false, finalizes: true, source: "" },
  data: { isLocal: true, spec: {} },
};

/** Of a build that reads these files; those that end in `!` shape others. */
function indexOf(files: Record<string, string>) {
  const paths = Object.keys(files);
  return new NameIndex({
    files: () => paths,
    shaping: () => paths.filter((path) => path.endsWith("!")),
    read: (path) => files[path]!,
  });
}
const holds = (text: string, kind = "ConfigMap", name = "wanted") =>
  indexOf({ "a.yaml": text }).mayHold(SPEC, kind, name);
const names = (text: string) => [...(indexOf({ "a.yaml": text }).namesIn(SPEC) ?? ["any"])];
const object = (name: string) => `kind: ConfigMap\nmetadata:\n  ${name}\n`;

describe("a build that may hold an object, by its text", () => {
  test.each([
    ...["name: wanted", "name: 'wanted'", 'name: "wanted"', "name:   wanted", "name: wanted # it", "name: &it wanted"],
    ...["{name: wanted}", "{a: b, name: wanted, c: d}", '"name": "wanted"', "'name' : wanted", "name: wanted\r"],
    ...[
      "name: !!str wanted",
      "name: ! 'wanted'",
      "name: &it !!str wanted",
      "name: !!str &it wanted",
      "name\n  : wanted",
    ],
    // What is not written out may be any.
    ...[
      "name: ${NAME}",
      "name: 'w${NAME}'",
      'name: "${NAME}ted"',
      "name: wan${NAME}",
      "name: ${A:-${B}}-x",
      `name: ${"${"}${"A".repeat(300)}}-tls`,
      "name: w${A}-${B}d",
      "name: x-$NAME",
      'name: "x${NAME}|"',
      'name: "\\x41"',
      "name: |\n    wanted",
      "name: >-\n    wanted",
      "name:\n    wanted",
      "name: *it",
      "name: &it\n    wanted",
      "name: # said below\n    wanted",
      "name: &it # said below\n    wanted",
      "name: !!str\n    wanted",
      '"n\\x61me": wanted',
    ],
    ...["name: other\n  label: &it wanted\n  more: *it", "name: other\n  label: &it 'wanted'"],
  ])("%j", (text) => {
    expect(holds(object(text))).toBe(true);
  });

  test.each([
    ...["name: other", "name: 'wanted-too'", "name: not-wanted", "{name: other}", "name: wante", "names: wanted"],
    ...["name: ${NAME}-tls", "name: 'a-${NAME}'", "{name: x${NAME}}", "name: w${A}-${B}x", 'name: "${A:-${B}}x"'],
    ...["generateName: wanted", "label: wanted", "name: other # wanted", "name: &wanted other"],
  ])("not %j", (text) => {
    expect(holds(object(text))).toBe(false);
  });

  test.each<[text: string, held: boolean]>([
    ["kind: ConfigMap\nname: wanted", true],
    ["'kind': 'ConfigMap'\nname: wanted", true],
    ['{"kind":"ConfigMap","metadata":{"name":"wanted"}}', true],
    ["kind: $KIND\nname: wanted", true],
    ["kind: ${KIND}\nname: wanted", true],
    ["kind: List\nname: wanted", true],
    ["kind: !!str ConfigMap\nname: wanted", true],
    ["kind: &it ConfigMap\nname: wanted", true],
    ["kind: *it\nname: wanted", true],
    ['kind: "Config\\x4dap"\nname: wanted', true],
    ['"k\\x69nd": ConfigMap\nname: wanted', true],
    ["kind: Secret\nname: wanted", false],
    ["kind: ConfigMapList\nname: wanted", false],
    ["name: wanted", false],
    ["mankind: ConfigMap\nname: wanted", false],
  ])("of a kind: %j", (text, held) => {
    expect(holds(text)).toBe(held);
  });

  test("whose variable nothing fills in", () => {
    expect(holds(object("name: ${NAME}-tls"), "ConfigMap", "${NAME}-tls")).toBe(true);
    expect(holds(object("name: ${NAME}-tls"), "ConfigMap", "one-tls")).toBe(true);
  });

  test("of the release of Flux, which holds anything", () => {
    const base = "resources:\n  - https://github.com/fluxcd/flux2/releases/download/v2.6.4/install.yaml\n";
    expect(holds(base, "Deployment", "source-controller")).toBe(true);
    expect(names(base)).toEqual(["any"]);
  });

  test.each<[kind: string, name: string, held: boolean]>([
    ["ConfigMap", "made", true],
    ["ConfigMap", "made-abcdefghij", true],
    ["Secret", "made-abcdefghij", true],
    ["ConfigMap", "other-abcdefghij", true],
    ["ConfigMap", "madeup", false],
    ["ConfigMap", "ma", false],
    ["Service", "made", false],
  ])("that a generator makes: %s %s", (kind, name, held) => {
    const text = "configMapGenerator:\n  - name: other\n  - name: made\n";
    expect(holds(text, kind, name)).toBe(held);
    expect(holds(text.replace("configMapGenerator", "secretGenerator"), kind, name)).toBe(held);
    expect(holds(text.replace("configMapGenerator", "images"), kind, name)).toBe(false);
  });
});

describe("names in a build", () => {
  test("are those of all files", () => {
    const index = indexOf({ "a.yaml": object("name: one"), "b.yaml": object("name: two\n  label: &it three") });
    expect([...index.namesIn(SPEC)!].sort()).toEqual(["one", "three", "two"]);
    expect(index.mayHold(SPEC, "ConfigMap", "two")).toBe(true);
  });

  test.each(["name: ${NAME}", "name: *it", "name:\n", "name: made\nconfigMapGenerator: []"])(
    "are not known with %j",
    (text) => {
      expect(names(text)).toEqual(["any"]);
    },
  );

  test.each([
    "namePrefix: x-",
    "nameSuffix: -x",
    "path: /metadata/name",
    "fieldPath: metadata.name",
    "allowNameChange: true",
    "allowKindChange: true",
  ])("are not known where %j renames", (text) => {
    const index = indexOf({ "a.yaml": object("name: other"), "kustomization.yaml!": text });
    expect(index.namesIn(SPEC)).toBeUndefined();
    expect(index.mayHold(SPEC, "ConfigMap", "wanted")).toBe(true);
    // Resources rename nothing.
    expect(holds(`${object("name: other")}${text}`)).toBe(false);
  });

  test.each<[what: string, data: FluxSpec["data"], known: boolean]>([
    ["nothing of its own", { isLocal: true, spec: {} }, true],
    ["a patch of another field", { isLocal: true, spec: { patches: [{ patch: "metadata: {labels: {}}" }] } }, true],
    ["a patch of the name", { isLocal: true, spec: { patches: [{ patch: "path: /metadata/name" }] } }, false],
    ["an old patch of the name", { isLocal: true, spec: { patchesJson6902: [{ path: "/metadata/name" }] } }, false],
    [
      "an old merge that renames",
      { isLocal: true, spec: { patchesStrategicMerge: [{ allowNameChange: true }] } },
      false,
    ],
    ["a prefix", { isLocal: true, spec: { namePrefix: "x-" } }, false],
    ["a suffix", { isLocal: true, spec: { nameSuffix: "-x" } }, false],
    ["an empty prefix", { isLocal: true, spec: { namePrefix: "" } }, true],
    ["another repository", { isLocal: false, spec: {} }, false],
  ])("of a Kustomization with %s", (_, data, known) => {
    const index = indexOf({ "a.yaml": object("name: other") });
    expect(index.namesIn({ ...SPEC, data })).toEqual(known ? new Set(["other"]) : undefined);
    expect(index.mayHold({ ...SPEC, data }, "ConfigMap", "wanted")).toBe(!known);
  });
});
