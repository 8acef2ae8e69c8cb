import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FIXTURES_ROOT, PROJECT_ROOT } from "./support/project.ts";
import { runCli } from "./support/run-cli.ts";

const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), "utf8");
const COMMANDS = [
  "scan",
  "plan",
  "migrate",
  "oci",
  "apply",
  "verify",
  "publish",
  "explain",
  "undo",
  "transforms",
  "config",
  "explain",
  "config",
  "undo",
  "mcp",
  "fleet",
  "transforms",
];

/** First and second cells of the table below a heading. */
function rows(text: string, heading: string): [string, string][] {
  const part = text.split(/^## /m).find((section) => section.startsWith(`${heading}\n`)) ?? "";
  const lines = part.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => {
    const [, first = "", second = ""] = line.split(" | ").join("|").split("|");
    return [first.trim(), second.trim()];
  });
}

const list = read("docs/supported.md");
const proofs = [...rows(list, "Rows of the README"), ...rows(list, "Flags")];

test("every row of the README that is converted or handled is in the list", () => {
  const promised = rows(read("README.md"), "What is supported").filter(([, status]) => status !== "not yet");
  expect(rows(list, "Rows of the README").map(([row]) => row)).toEqual(promised.map(([row]) => row));
});

test("every flag of every --help is in the list", async () => {
  const helps = await Promise.all([[], ...COMMANDS.map((name) => [name])].map((argv) => runCli([...argv, "--help"])));
  const flags = helps.flatMap(({ out }) => [...out.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag!));
  expect(flags.length).toBeGreaterThan(30);
  expect(rows(list, "Flags").map(([flag]) => flag.replaceAll("`", ""))).toEqual([...new Set(flags)].sort());
});

test.each(proofs)("%s is shown by a case that exists", (_row, cell) => {
  const cases = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
  expect(cases).not.toEqual([]);
  expect(cases.filter((name) => !isThere(name))).toEqual([]);
});

function isThere(name: string): boolean {
  if (!name.startsWith("test/")) return existsSync(join(FIXTURES_ROOT, name, "case.json"));
  const [file = "", title = ""] = name.split(/: (.*)/s);
  return existsSync(join(PROJECT_ROOT, file)) && read(file).includes(`"${title}"`);
}
