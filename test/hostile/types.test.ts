import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Io } from "../../src/cli/io.ts";
import { sh } from "../../src/contract/shell.ts";
import { joinShown, shown, visible } from "../../src/contract/visible.ts";
import type { Forge } from "../../src/publish/forge.ts";
import { html, jsonElement } from "../../src/report/html/html.ts";
import { code, codeBlock, joinPage, md, table } from "../../src/report/markdown-escape.ts";
import { escapeLabel, mermaid } from "../../src/report/mermaid.ts";
import { hangText, makePaint } from "../../src/report/terminal.ts";
import { PROJECT_ROOT } from "../support/fixtures.ts";

const name: string = "`$(touch MARK)` \u001b[31m\n::x";

/** Compiled with everything else (`npm run typecheck`), never run: each line must be an error of types. */
function takesNoPlainString(io: Io, forge: Forge): void {
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
];

const files = ["src", "transforms"].flatMap((folder) =>
  readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `${folder}/${path.split("\\").join("/")}`),
);
const codeOf = (path: string) => readFileSync(join(PROJECT_ROOT, path), "utf8").replace(/^ *(?:\/?\*|\/\/).*$/gm, "");
const using = (what: RegExp) => files.filter((path) => what.test(codeOf(path))).sort();

test("only what escapes makes text of a medium", () => {
  expect(using(/\bmade\b[^;]*\bfrom "[./]*(?:contract\/)?media\.ts"/)).toEqual(ESCAPERS);
  // Nor does anything say of a string that it is such a text.
  expect(
    using(/\bas (?:unknown as )?(?:Shown|Markdown|Mermaid|HtmlPage|Json|Sarif|Diff|Script|JobCommand|Made)\b/),
  ).toEqual(["src/report/terminal.ts"]);
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
