import fc from "fast-check";
import { ExpressionError, expand } from "../../src/delivery/kustomize/expression.ts";
import { deliver } from "../../src/delivery/kustomize/index.ts";
import { compileSegment } from "../../src/files/glob.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { memoryTree } from "../../test/support/memory.ts";
import { sample } from "../../test/yaml/generate.ts";
import { judgeEdit } from "../corpus/yaml/judge.ts";
import { pickOp, seededRandom } from "../corpus/yaml/pick.ts";
import { caseArbitrary } from "../kustomize/case.ts";
import { EXAMPLE_FILES, PROGRAM_PATHS, planExample, rendered } from "./example.ts";
import { checkDamage, damage } from "./manifests.ts";
import { applyPlan } from "./saved-plan.ts";
import { mutated, pieces } from "./text.ts";

/** Something that takes input of strangers, and what must hold whatever that is. */
export interface Target<T = unknown> {
  /** Values that JSON can hold: what is found is kept as a file. */
  values: fc.Arbitrary<T>;
  /** @returns how many edits it tried, where one value is good for many. @throws when it does not hold */
  check(value: T): number | void | Promise<void>;
}

function target<T>(one: Target<T>): Target {
  return one as unknown as Target;
}

function assert(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Edits of one text, each of it as it was: to make a text takes as long as to edit it. */
const EDITS = 20;

export const TARGETS: Record<string, Target> = {
  /** An edit changes what it says and nothing else, or is refused; the text parses as before. */
  "yaml-edit": target({
    values: fc.record({
      text: fc.oneof(
        sample.map(({ text }) => text),
        mutated(sample.map(({ text }) => text)),
      ),
      seed: fc.string(),
    }),
    check({ text, seed }) {
      const parsed = readYaml(text);
      if (!parsed.ok) return 0;
      const docs = parsed.docs.map(({ data }) => data);
      const random = seededRandom(seed);
      let edits = 0;
      for (let tries = 0; tries < EDITS; tries++) {
        const op = pickOp(docs, random);
        const edit = op && editYaml(text, [op]);
        if (!edit?.ok) continue;
        edits++;
        const defect = judgeEdit(text, docs, op!, edit);
        assert(defect === undefined, `${JSON.stringify(op)}: ${defect}`);
      }
      return edits;
    },
  }),
  /** Whatever a kustomization holds, the build ends with objects or with a reason. */
  kustomize: target({
    values: fc
      .tuple(caseArbitrary, fc.nat(), mutated(fc.constant("")), fc.boolean())
      .chain(([one, pick, put, whole]) => {
        const paths = Object.keys(one.files);
        const path = paths[pick % paths.length] ?? "a.yaml";
        const text = whole ? fc.constant(put) : mutated(fc.constant(one.files[path] ?? ""));
        return text.map((changed) => ({ folder: one.folder, files: { ...one.files, [path]: changed } }));
      }),
    check({ folder, files }) {
      deliver(memoryTree(files), folder);
    },
  }),
  /** Patches of every form on one object. */
  patches: target({
    values: fc.record({
      body: mutated(sample.map(({ text }) => text)),
      patch: fc.oneof(
        mutated(sample.map(({ text }) => text)),
        fc
          .array(
            fc.record({
              op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test", "x"),
              path: path(),
              from: path(),
              value: fc.jsonValue(),
            }),
          )
          .map((all) => JSON.stringify(all)),
      ),
      name: pieces,
    }),
    check({ body, patch, name }) {
      const indent = (text: string, by: string) => text.replace(/^/gm, by);
      const object = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\nspec:\n${indent(body, "  ")}\n`;
      const targets = ["", `    target:\n      kind: ConfigMap\n      name: ${JSON.stringify(name)}\n`];
      for (const at of targets) {
        const entry = `  - patch: |-\n${indent(patch, "      ")}\n${at}`;
        const merged = `patchesStrategicMerge:\n  - |-\n${indent(patch, "    ")}\n`;
        const kustomization = `resources: [a.yaml]\npatches:\n${entry}${merged}`;
        deliver(memoryTree({ "app/kustomization.yaml": kustomization, "app/a.yaml": object }), "app");
      }
    },
  }),
  /** Variables: an error of the expression or a text, and the same text twice. */
  substitution: target({
    values: fc.record({ text: pieces, value: fc.oneof(pieces, fc.constant("")), strict: fc.boolean() }),
    check({ text, value, strict }) {
      const once = tryExpand(text, value, strict);
      assert(once === tryExpand(text, value, strict), "it differs the second time");
    },
  }),
  globs: target({
    values: fc.record({ glob: pieces, text: pieces }),
    check({ glob, text }) {
      compileSegment(glob)(text);
      deliver(
        memoryTree({
          "app/kustomization.yaml": `resources: [a.yaml]\nimages:\n  - name: ${JSON.stringify(glob)}\n    newTag: b\n`,
          "app/a.yaml": `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - image: ${JSON.stringify(text)}\n`,
        }),
        "app",
      );
    },
  }),
  /** One hostile file in the example: every phase of both migrations is planned, or something says what stops it. */
  scanners: target({
    values: fc.record({
      path: fc.constantFrom(...PROGRAM_PATHS),
      text: fc.oneof(
        pieces,
        fc.tuple(pieces, pieces, pieces, pieces).map((all) => all.join("\n")),
      ),
    }),
    check({ path, text }) {
      planExample({ [path]: text });
    },
  }),
  /** A file of the example itself, damaged. */
  repository: target({
    values: fc
      .constantFrom(...Object.keys(EXAMPLE_FILES))
      .chain((path) => mutated(fc.constant(EXAMPLE_FILES[path]!)).map((text) => ({ path, text }))),
    check({ path, text }) {
      planExample({ [path]: text });
    },
  }),
  /** Manifests of three repositories with fields gone, changed or exchanged. */
  manifests: target({ values: damage, check: checkDamage }),
  /** What a terminal, a pipeline log or a page shows holds no character that moves a cursor or starts a line of its own. */
  escapers: target({
    values: fc.record({
      path: fc.constantFrom(
        "kubernetes/flux/config/cluster.yaml",
        "kubernetes/flux/apps.yaml",
        "scripts/a.sh",
        "docs/a.md",
      ),
      from: fc.constantFrom("flux-system", "home-ops", "cluster", "./kubernetes/apps", "main"),
      to: pieces,
    }),
    check({ path, from, to }) {
      const text = (EXAMPLE_FILES[path] ?? `flux reconcile source git ${from}\n`).replaceAll(from, () =>
        JSON.stringify(to).slice(1, -1),
      );
      for (const [format, output] of Object.entries(rendered({ [path]: text }))) {
        assert(![...output].some(isControl), `${format} holds control characters`);
      }
    },
  }),
  /** A saved plan that was tampered with is refused with a reason, or applied as what it shows. */
  "plan-loader": target({
    values: fc.record({
      changes: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.jsonValue()), {
        minLength: 1,
        maxLength: 3,
      }),
      cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 10 }),
    }),
    check: applyPlan,
  }),
};

/** What moves a cursor, starts a line where none is meant, or turns text around; a line break and a tab do no harm. */
function isControl(char: string): boolean {
  const code = char.codePointAt(0)!;
  if (char === "\n" || char === "\t") return false;
  return (
    code < 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  );
}

function path(): fc.Arbitrary<string> {
  return fc
    .array(
      fc.constantFrom(
        "metadata",
        "name",
        "spec",
        "data",
        "0",
        "-",
        "-1",
        "a~1b",
        "~",
        "",
        "99999999999",
        "__proto__",
        "k",
      ),
      { maxLength: 4 },
    )
    .map((parts) => parts.map((part) => `/${part}`).join(""));
}

function tryExpand(text: string, value: string, strict: boolean): string {
  try {
    return expand(
      text,
      (name) => (name === "a" ? { value } : name === "name" ? "unknown" : { value: undefined }),
      strict,
    ).text;
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
}
