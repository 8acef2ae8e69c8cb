import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Io } from "../../src/cli/io.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import { sh } from "../../src/contract/shell.ts";
import { joinShown, shown, visible } from "../../src/contract/visible.ts";
import type { Forge } from "../../src/publish/forge.ts";
import { html, jsonElement } from "../../src/report/html/html.ts";
import { code, codeBlock, joinPage, md, table } from "../../src/report/markdown-escape.ts";
import { escapeLabel, mermaid } from "../../src/report/mermaid.ts";
import { hangText, makePaint } from "../../src/report/terminal.ts";
import { editYaml } from "../../src/yaml/edit.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import { readYaml } from "../../src/yaml/read.ts";
import { yaml, yamlComment, yamlFile } from "../../src/yaml/text.ts";
import { template } from "../../transforms/bootstrap-helmfile/template.ts";
import { PROJECT_ROOT } from "../support/fixtures.ts";

const name: string = "`$(touch MARK)` \u001b[31m\n::x";

/** Compiled with everything else (`npm run typecheck`), never run: each line must be an error of types. */
function takesNoPlainString(io: Io, forge: Forge, create: DraftEdit): void {
  // @ts-expect-error a terminal
  io.err(name);
  // @ts-expect-error stdout
  io.out(name);
  // @ts-expect-error a pager
  io.page(name);
  // @ts-expect-error a question
  io.ask(name);
  // @ts-expect-error the runner of a job
  io.tellRunner(shown`x`);
  // @ts-expect-error a value in a line for people
  shown`${name}`;
  // @ts-expect-error a line for people
  joinShown([name], "\n");
  // @ts-expect-error a painted value
  makePaint(true)("red", name);
  // @ts-expect-error what a line begins with
  hangText(name, name, 80);
  // @ts-expect-error a value in Markdown
  md`${name}`;
  // @ts-expect-error a line for people is no Markdown
  md`${visible(name)}`;
  // @ts-expect-error a line of Markdown
  joinPage([name]);
  // @ts-expect-error a cell of a table
  table([md`a`], [[name]]);
  // @ts-expect-error a comment of a pull request
  forge.createComment(name);
  // @ts-expect-error a value in a chart
  mermaid`${name}`;
  // @ts-expect-error a line of a chart
  codeBlock([name], "mermaid");
  // @ts-expect-error a chart in Markdown without its fence
  md`${escapeLabel(name)}`;
  // @ts-expect-error a page of HTML
  io.out(html`<p></p>`.toString());
  // @ts-expect-error a word of a shell where a command goes
  sh`${1}`;
  // @ts-expect-error a value in YAML, of a workflow among others
  yaml`name: ${name}`;
  // @ts-expect-error a command in YAML, which is no line of a block there
  yaml`run: ${sh`x`}`;
  // @ts-expect-error a line of a file
  yamlFile([name]);
  // @ts-expect-error what is spliced in as it is
  new RawYaml(name);
  // @ts-expect-error a document
  editYaml("", [{ op: "append-document", text: name }]);
  // @ts-expect-error a new file
  create = { kind: "create", path: "a.yaml", text: name, why: "" };
  // @ts-expect-error a value in a template of helmfile
  template`{{ ${name} }}`;
}

test("a value in each of them is a value", () => {
  expect(takesNoPlainString).toBeInstanceOf(Function);
  const made = [md`${code(name)}`, shown`${visible(name)}`, mermaid`${escapeLabel(name)}`];
  expect(made.flatMap((text) => text.split("\n"))).toHaveLength(made.length);
  expect(made.join()).not.toContain("\u001b");
  expect(mermaid`a["${escapeLabel('"]b')}"]`).toBe('a["#34;#93;b"]');
  expect(String(html`<a title="${'"><b>'}">${"<b>"}</a>`)).toBe('<a title="&quot;&gt;&lt;b&gt;">&lt;b&gt;</a>');
  expect(String(jsonElement("x", { a: "</script>" })).match(/<\/script>/g)).toHaveLength(1);
});

/** Where a plain string becomes text of a medium. Whoever adds a file here escapes in it, and has a test for that. */
const ESCAPERS = [
  "src/contract/shell.ts",
  "src/contract/visible.ts",
  "src/publish/annotations.ts",
  "src/publish/comment.ts",
  "src/report/diff-view.ts",
  "src/report/diff.ts",
  "src/report/html/html.ts",
  "src/report/markdown-escape.ts",
  "src/report/mermaid.ts",
  "src/report/sarif.ts",
  "src/report/terminal.ts",
  "src/yaml/scalars.ts",
  "src/yaml/text.ts",
  "transforms/bootstrap-helmfile/template.ts",
];

const files = ["src", "transforms"].flatMap((folder) =>
  readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `${folder}/${path.split("\\").join("/")}`),
);
const codeOf = (path: string) => readFileSync(join(PROJECT_ROOT, path), "utf8").replace(/^ *(?:\/?\*|\/\/).*$/gm, "");
const using = (what: RegExp) => files.filter((path) => what.test(codeOf(path))).sort();

test("only what escapes makes text of a medium", () => {
  expect(using(/\bmade\b[^;]*\bfrom "[./]*(?:src\/)?(?:contract\/)?media\.ts"/)).toEqual(ESCAPERS);
  // Nor does anything say of a string that it is such a text.
  expect(
    using(
      /\bas (?:unknown as )?(?:Shown|Markdown|Mermaid|HtmlPage|Json|Sarif|Diff|Script|JobCommand|Yaml|Template|Made)\b/,
    ),
  ).toEqual(["src/report/terminal.ts"]);
});

/** Where a text is YAML because its owner wrote it as such, or a library printed it. None of them puts a value into one. */
const AS_WRITTEN = [
  "src/instance/patches/raw.ts",
  "src/instance/sync/carry.ts",
  "src/public/transform.ts",
  "src/release/print.ts",
  "src/yaml/extract.ts",
  "src/yaml/print.ts",
  "src/yaml/text.ts",
  "transforms/publish-workflow/write.ts",
  "transforms/shared/apps/documents.ts",
];

test("only what is YAML already goes in as it is", () => {
  expect(using(/\basWritten\(/)).toEqual(AS_WRITTEN);
  // Nor does anything say so of an edit; lines that are rewritten by hand have tests of their own (`rewritten.test.ts`).
  expect(using(/(?<!\{ OwnEdit )\bas (?:unknown as )?(?:DraftEdit|Outcome|TransformResult)\b/)).toEqual([]);
});

test("a value of a repository is a value, whatever it looks like", () => {
  const value = { raw: "a: 1\nb: 2" };
  for (const text of ["spec: {}\n", "spec:\n  x: 1\n", "spec:\n  - x\n"]) {
    const edited = editYaml(text, [{ op: "set", doc: 0, path: ["spec"], value }]);
    expect(edited.ok && readYaml(edited.text)).toMatchObject({ docs: [{ data: { spec: value } }] });
  }
});

test("a comment is one line for every reader of YAML", () => {
  for (const line of ["\n", "\r", "\u0085", "\u2028", "\u2029"]) {
    const comment = yamlComment(`# of the owner${line}kind: Evil`);
    expect(comment).not.toContain(line);
    expect(comment).toMatch(/^# of the owner\\\S+kind: Evil$/);
  }
});

/** Makes commands for Taskfiles, justfiles and Makefiles too, each with words in the way of its place. */
const BY_HAND = "transforms/shared/automation/by-hand.ts";

test("a command in a sentence is one of `sh` as soon as it names something", () => {
  const verbs = [
    "kubectl (?:-n|get|describe|annotate|delete|apply|patch|label|logs|api-resources) ",
    "flux(?:-operator)? (?:-n|tree|get|build|reconcile|suspend|resume|trace|logs|delete) ",
    "helm(?:file)? (?:history|uninstall|show|rollback|install|upgrade|--file) ",
    "git (?:switch|checkout|config|push|fetch|clone|restore) ",
  ];
  const command = new RegExp(`\\b(?:${verbs.join("|")})[^\`"]*\\$\\{`);
  const found = files
    .filter((path) => path !== BY_HAND)
    .flatMap((path) =>
      codeOf(path)
        .split("\n")
        .filter((line) => command.test(line.replace(/\$\{sh`(?:[^`\\]|\\.)*`\.line\}|\bsh`(?:[^`\\]|\\.)*`/g, "")))
        .map((line) => `${path}: ${line.trim()}`),
    );
  expect(found).toEqual([]);
});
