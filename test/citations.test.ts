import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RULES } from "../src/findings/catalogue.ts";
import { PROJECT_ROOT } from "./support/fixtures.ts";

const CODE = ["src", "transforms", "test", "bench", "e2e", "scripts"];
const TOP = [...CODE, "docs", "examples", "__fixtures__"];

interface Text {
  file: string;
  text: string;
}

const read = (file: string): Text => ({ file, text: readFileSync(join(PROJECT_ROOT, file), "utf8") });

function listFiles(folder: string, ending: RegExp): string[] {
  return readdirSync(join(PROJECT_ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => ending.test(name) && !/(^|\/)(\.|node_modules)/.test(name))
    .map((name) => `${folder}/${name}`);
}

/** The comments of a file, each block in one line; texts that merely look like a comment do no harm. */
function commentsOf({ file, text }: Text): Text {
  const lines = text.split("\n").filter((line) => /^\s*(\/\/|\/\*|\*)/.test(line));
  return { file, text: lines.map((line) => line.replace(/^\s*(\/\/|\/\*+|\*\/?)\s?/, "")).join(" ") };
}

const code = CODE.flatMap((folder) => listFiles(folder, /\.(ts|mjs)$/)).map(read);
const comments = code.map(commentsOf);
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...["docs", ...CODE].flatMap((folder) => listFiles(folder, /\.md$/)),
].map(read);

/** Section -> how many numbered points it has. */
function readSections(): Map<string, number> {
  const sections = new Map<string, number>();
  let section = "";
  for (const line of read("docs/flux-facts.md").text.split("\n")) {
    section = /^#{2,3} (\d(?:\.\d)?) /.exec(line)?.[1] ?? section;
    if (!sections.has(section)) sections.set(section, 0);
    const point = /^(\d+)\. /.exec(line)?.[1];
    if (point) sections.set(section, Math.max(sections.get(section)!, Number(point)));
  }
  return sections;
}

/** What `flux-facts 2.1 item 6, 2.4 items 2 and 7` cites: sections with their points. */
function readCitations(text: string): { section: string; points: number[] }[] {
  const one = String.raw`\d(?:\.\d)?(?: items? \d+(?: and \d+)*)?`;
  const all = new RegExp(`flux-facts ((?:${one})(?:(?:, | and | to )${one})*)`, "g");
  return [...text.matchAll(all)].flatMap((match) =>
    [...match[1]!.matchAll(/(\d(?:\.\d)?)(?: items? (\d+(?: and \d+)*))?/g)].map(([, section, points]) => ({
      section: section!,
      points: points?.split(" and ").map(Number) ?? [],
    })),
  );
}

test("every citation of flux-facts leads to a section, and to a point of it", () => {
  const sections = readSections();
  let seen = 0;
  const wrong = comments.flatMap(({ file, text }) =>
    readCitations(text).flatMap(({ section, points }) => {
      seen += 1;
      const count = sections.get(section);
      if (count === undefined) return [`${file}: ${section}`];
      return points.filter((point) => point > count).map((point) => `${file}: ${section} item ${point}`);
    }),
  );
  expect(wrong).toEqual([]);
  expect(seen).toBeGreaterThan(100);
  const bare = comments.flatMap(({ file, text }) => (/flux-facts(?! \d|\.md)/.test(text) ? [file] : []));
  expect(bare.filter((file) => !file.endsWith("citations.test.ts"))).toEqual([]);
});

test("no comment cites what is not in this repository", () => {
  const gone = /flux-semantics|\bdesign(?: section)? \d/;
  expect(comments.filter(({ text }) => gone.test(text)).map(({ file }) => file)).toEqual([]);
});

test("every finding in a table of a page is in the catalogue", () => {
  const wrong = pages
    .filter(({ file }) => file.startsWith("docs/transforms/"))
    .flatMap(({ file, text }) =>
      [...text.matchAll(/^\| ((?:`[a-z]+(?:-[a-z0-9]+)+`(?:, )?)+) \|/gm)]
        .flatMap(([, cell]) => cell!.match(/[a-z][a-z0-9-]+/g) ?? [])
        .filter((rule) => !Object.hasOwn(RULES, rule))
        .map((rule) => `${file}: ${rule}`),
    );
  expect(wrong).toEqual([]);
});

test("every trap that a comment names is in docs/traps.md", () => {
  const known = new Set([...read("docs/traps.md").text.matchAll(/^\| (\d+) \|/gm)].map((match) => match[1]));
  const wrong = comments.flatMap(({ file, text }) =>
    [...text.matchAll(/\b[Tt]raps? (\d+)/g)].flatMap(([cited, number]) =>
      known.has(number) ? [] : [`${file}: ${cited}`],
    ),
  );
  expect(wrong).toEqual([]);
});

test("no comment and no page names a file of this repository that is not there", () => {
  const path = new RegExp(String.raw`(?<![\w./@<>*{}$-])(?:${TOP.join("|")})/[\w./<>*{}$-]*[\w/]`, "g");
  const wrong = [...comments, ...pages].flatMap(({ file, text }) =>
    [...text.replace(/\]\([^)]*\)/g, "]").matchAll(path)]
      .map(([named]) => named)
      .filter((named) => !/[<>*{}$]|my-transform/.test(named) && !existsSync(join(PROJECT_ROOT, named)))
      .map((named) => `${file}: ${named}`),
  );
  expect(wrong).toEqual([]);
});
