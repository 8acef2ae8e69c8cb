/**
 * The files of a new transform, which works: it rewrites one value of an example, so that its cases pass before it is written.
 * @param {string} id kebab-case name
 * @param {boolean} isOci whether it belongs to `fluxlift oci`
 * @returns {Record<string, string>} text by path
 */
export function templateFiles(id, isOci) {
  const title = id.replace(/-/g, " ").replace(/^./, (letter) => letter.toUpperCase());
  return {
    [`transforms/${id}/index.ts`]: sourceOf(id, title, isOci ? "prepare" : "install"),
    [`docs/transforms/${id}.md`]: pageOf(id),
    ...casesOf(id, isOci ? "operated" : "home-ops"),
  };
}

function sourceOf(id, title, phase) {
  return `import { combine, defineTransform } from "../contract.ts";
import { editFile } from "../shared/edit-file.ts";

// The example: a value that has to be "new".
const OLD = "${id}: old";

/** Scope: what it changes. Leaves alone: what it does not. */
export default defineTransform({
  id: "${id}",
  title: "${title}",
  phases: ["${phase}"],
  applies: ({ tree }) => tree.grep(OLD).length > 0,
  run: ({ tree }) => {
    const op = { op: "set", doc: 0, path: ["data", "${id}"], value: "new" } as const;
    return combine(...tree.grep(OLD).map((path) => editFile(tree, path, [op], "Why Flux needs it.")));
  },
});
`;
}

function pageOf(id) {
  return `# ${id}

One sentence: what it does and why Flux needs it.

## Before and after

## What it leaves alone

## Findings
`;
}

function casesOf(id, base) {
  const path = `kubernetes/apps/default/echo/app/${id}.yaml`;
  const file = (value) => `---
apiVersion: v1
kind: ConfigMap
metadata:
  name: echo-example
data:
  ${id}: ${value}
`;
  const finding = { rule: "edit-refused", level: "blocker", file: path, line: 8 };
  const cases = [
    ["converts-the-plain-case", "old", "A file has the old value.", []],
    ["must-not-touch-the-rest", "new", "A file has the new value already.", []],
    ["gives-up-when-unsure", "old\n  other: {{ other }}", "A file with the old value is a template.", [finding]],
  ];
  const files = cases.flatMap(([name, value, shows, findings]) => {
    const rows = findings.map((row) => `\n    ${JSON.stringify(row)}`).join(",");
    const list = rows === "" ? "[]" : `[${rows}\n  ]`;
    const spec = `{\n  "shows": "Example of ${id}: ${shows}",\n  "base": "${base}",\n  "findings": ${list}\n}\n`;
    const dir = `__fixtures__/${id}/${name}`;
    return [
      [`${dir}/case.json`, spec],
      [`${dir}/input/${path}`, file(value)],
    ];
  });
  const patch = `diff --git a/${path} b/${path}
--- a/${path}
+++ b/${path}
@@ -4,4 +4,4 @@ kind: ConfigMap
 metadata:
   name: echo-example
 data:
-  ${id}: old
+  ${id}: new
`;
  return { ...Object.fromEntries(files), [`__fixtures__/${id}/converts-the-plain-case/expected.patch`]: patch };
}
