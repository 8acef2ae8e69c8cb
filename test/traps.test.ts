import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RULES } from "../src/findings/catalogue.ts";
import { PROJECT_ROOT } from "./support/fixtures.ts";

interface Row {
  number: string;
  trap: string;
  how: string;
  proof: string;
}

const text = readFileSync(join(PROJECT_ROOT, "docs/traps.md"), "utf8");
const rows: Row[] = text
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const [number = "", trap = "", how = "", proof = ""] = line.slice(2, -2).split(" | ");
    return { number, trap, how, proof };
  });

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
/** The traps that a tree in the styles supported so far can meet. */
const REQUIRED = range(1, 62);

const runbook = readdirSync(join(PROJECT_ROOT, "src/runbook"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(join(PROJECT_ROOT, "src/runbook", name), "utf8"))
  .join("\n");

const findingsOf = ({ how }: Row) => [...how.matchAll(/\[`([^`]+)`\]\(findings\.md#([^)]+)\)/g)];
const stepsOf = ({ how }: Row) => [...how.matchAll(/(?<!\*)\*([A-Z][^*]+)\*/g)].map((match) => match[1]!);
/** `[label](../path) “name”`, the name being optional for fixtures. */
const proofsOf = ({ proof }: Row) =>
  proof.split("<br>").map((item) => {
    const match = /^\[[^\]]+\]\(\.\.\/([^)]+)\)(?: “(.+)”)?$/.exec(item);
    return { item, path: match?.[1], name: match?.[2] };
  });

const escapePattern = (literal: string) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

test("every trap has one row, in order", () => {
  const numbers = rows.map(({ number }) => Number(number));
  expect(REQUIRED.filter((number) => !numbers.includes(number))).toEqual([]);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
});

describe.each(rows.map((row) => [row.number, row] as const))("trap %s", (_number, row) => {
  test("says what it is and how it is met", () => {
    expect(row.trap).toMatch(/^\S.{20,240}\.$/);
    const isMet = /Impossible|Not relied on|Not used|Runbook: |Said among|Rewritten|Ranges|stays|Carried|Suspended/;
    expect(isMet.test(row.how) || findingsOf(row).length > 0 || stepsOf(row).length > 0, row.how).toBe(true);
  });

  test("names findings of the catalogue", () => {
    for (const [, label, anchor] of findingsOf(row)) {
      expect(label).toBe(anchor);
      expect(Object.keys(RULES)).toContain(label);
    }
    // Whatever looks like a rule in backticks is linked, and so checked.
    const bare = row.how.replace(/\[`[^`]+`\]\([^)]+\)/g, "");
    expect([...bare.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map((match) => match[1])).toEqual([]);
  });

  test("names steps of the runbook", () => {
    for (const step of stepsOf(row)) expect(runbook).toContain(step);
  });

  test("is proved by a test or fixture that exists", () => {
    for (const { item, path, name } of proofsOf(row)) {
      expect(path, item).toBeDefined();
      const place = join(PROJECT_ROOT, path!);
      expect(existsSync(place), path).toBe(true);
      if (statSync(place).isDirectory()) {
        expect(existsSync(join(place, "case.json")), path).toBe(true);
        continue;
      }
      expect(path).toMatch(/\.test\.ts$/);
      expect(name, `${path} without the name of a test`).toBeDefined();
      // At the start of a string, so that a comment or half a name does not count.
      expect(readFileSync(place, "utf8"), name).toMatch(new RegExp(`["'\`]${escapePattern(name!)}`));
    }
  });
});
