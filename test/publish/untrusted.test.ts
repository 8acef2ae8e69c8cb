import fc from "fast-check";
import { expect, test } from "vitest";
import { readUntrustedReport } from "../../src/publish/untrusted-report.ts";
import { publishable } from "../../src/publish/verify.ts";
import { readAcceptance } from "../../src/safety/fate/acceptance.ts";
import { type VerifyInput, verifyChange } from "../../src/safety/verify.ts";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";
import { homeTree, kustomization } from "../verify/home-tree.ts";

const root = () => {
  const dir = makeRepo(homeTree());
  git(dir, "rm", "-q", "kubernetes/apps/media/namespace.yaml");
  writeFiles(dir, { "kubernetes/apps/media/kustomization.yaml": kustomization(["player/ks.yaml"]) });
  commitAll(dir, "Harmful");
  return dir;
};
const judge = (dir: string, more: Partial<VerifyInput> = {}) =>
  verifyChange({ dir, base: "HEAD~1", head: "HEAD", remotes: [], ...more }).report;

test("a report as verify writes it comes through whole, and gives the same page", () => {
  const dir = root();
  const by = { how: "config", at: { file: "fluxlift.config.yaml", line: 2, col: 1 } } as const;
  const reports = [
    judge(dir),
    judge(dir, { accept: ["Namespace media", "Namespace typo"] }),
    judge(dir, { configure: () => ({ accept: [readAcceptance("Namespace media", by)] }) }),
  ];
  expect(reports.map(({ verdict }) => verdict)).toEqual(["unsafe", "deletes", "deletes"]);
  for (const report of reports) {
    const read = readUntrustedReport(JSON.stringify(report));
    expect(read).toEqual(report);
    const { commit } = report.head;
    expect(publishable(read, false, commit).markdown(60_000)).toBe(publishable(report, false, commit).markdown(60_000));
  }
});

test.each([
  ["no JSON", "{", "it is no JSON"],
  ["no object", "[]", "it is no object"],
  ["another tool", '{"tool":"other"}', "tool is none of fluxlift"],
  ["too long", JSON.stringify("x".repeat(9 << 20)), "larger than a report"],
  ["a deep one", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, "it is no "],
])("%s is refused", (_, json, says) => {
  expect(() => readUntrustedReport(json)).toThrow(says);
});

test("a field that is not what it should be is refused with its place, wherever it is", () => {
  const report = judge(root());
  const paths = leavesOf(report);
  expect(paths.length).toBeGreaterThan(50);
  for (const path of paths) {
    // `safe` follows from the verdict, and is not read.
    if (path.join() === "safe") continue;
    const copy = structuredClone(report);
    setAt(copy, path, { evil: true });
    expect(() => readUntrustedReport(JSON.stringify(copy)), path.join(".")).toThrow(String(path.at(-1)));
  }
});

test("text that turns, rings or ends a line is refused, and unknown fields are left out", () => {
  const report = judge(root());
  for (const bad of ["\u202e", "\u0007", "\u001b[2J"]) {
    const copy = structuredClone(report);
    copy.findings[0]!.what = `x${bad}y`;
    expect(() => readUntrustedReport(JSON.stringify(copy))).toThrow("control characters");
  }
  const more = JSON.stringify({ ...report, evil: 1 }).replace("{", '{"__proto__":{"verdict":"safe"},');
  expect(readUntrustedReport(more)).toEqual(report);
});

test("whatever a stranger writes into the texts stays text on the page", () => {
  const report = judge(root());
  const { commit } = report.head;
  const hostile = fc.string({
    unit: fc.constantFrom(
      "@team ",
      "<img src=x>",
      "](javascript:x)",
      "![x](https://x)",
      "https://x<img src=x>",
      "$x$",
      "`",
      "|",
      "\n",
      "#12 ",
      "/merge",
      "-->",
      "x",
      "```\n",
    ),
    minLength: 1,
  });
  fc.assert(
    fc.property(hostile, (text) => {
      const copy = structuredClone(report);
      copy.findings = copy.findings.map((finding) => ({
        ...finding,
        what: text,
        why: text,
        next: text,
        resource: text,
      }));
      const page = publishable(readUntrustedReport(JSON.stringify(copy)), false, commit).markdown(60_000);
      // As a reader of Markdown goes over a line: escaped characters, code, then the rest.
      const outside = page.replace(/\\[\\`*_[\]<>|~]|(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "");
      expect(outside).not.toMatch(/<img|:\/\/x|!\[|\$x|\]\(javascript|@team|-->\n(?!\n# fluxlift)/);
      expect(outside).not.toMatch(/^\s*\/merge/m);
    }),
    { numRuns: 50 },
  );
});

type Path = (string | number)[];

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function setAt(target: unknown, path: Path, value: unknown): void {
  const owner = path.slice(0, -1).reduce((inner, key) => (inner as Record<string | number, unknown>)[key], target);
  (owner as Record<string | number, unknown>)[path.at(-1)!] = value;
}
