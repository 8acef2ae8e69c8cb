// What `verify` says of seeded changes of the trees that the fixtures begin with: what it says otherwise after a change of the
// code is read in the diff of the record, and written down by `FLUXLIFT_RECORD=1 npx vitest run test/verify/recorded.test.ts`.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Snapshot } from "../../bench/corpus/gate/snapshot.ts";
import { parseYaml } from "../../bench/corpus/gate/snapshot.ts";
import { makeAccident } from "../../bench/mutations/accidents.ts";
import { makeRefactoring, REFACTORINGS_FROM } from "../../bench/mutations/refactorings/index.ts";
import { readBase } from "../support/fixture-tree.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { type Files, judge } from "./judge.ts";

const RECORDS = join(PROJECT_ROOT, "test/verify/recorded");
/** Of the bases those that differ most; each gets seeds of its own. */
const BASES = [
  "gotk",
  "home-ops",
  "home-ops-variables",
  "home-ops-readers",
  "operated-charts",
  "operated-notifying",
  "two-clusters",
];
/** Accidents of each base, and as many deliberate changes. */
const EACH = 30;

function filesOf(base: string): Files {
  return Object.fromEntries(
    [...readBase(base)].flatMap(([path, { mode, bytes }]) => (mode === "120000" ? [] : [[path, String(bytes)]])),
  );
}

/** As the makers of changes read a folder. */
function snapshotOf(files: Files): Snapshot {
  const paths = Object.keys(files).sort();
  const folders = new Set(paths.flatMap((path) => path.split("/").map((_, end, all) => all.slice(0, end).join("/"))));
  const yaml = (path: string) => parseYaml(path, files[path] ?? "");
  return {
    dir: "",
    paths,
    has: (path) => path in files,
    isDir: (path) => folders.has(path),
    entries: (dir) => [
      ...new Set(
        paths.flatMap((path) =>
          dir === "" || path.startsWith(`${dir}/`)
            ? [path.slice(dir === "" ? 0 : dir.length + 1).split("/", 1)[0]!]
            : [],
        ),
      ),
    ],
    bytes: (path) => Buffer.from(files[path] ?? ""),
    text: (path) => files[path] ?? "",
    mode: () => 0o644,
    yaml,
    objects: (needle) =>
      paths.flatMap((path) => (files[path]!.includes(needle) ? yaml(path).docs.filter(({ data }) => data?.kind) : [])),
  };
}

function sayAll(base: string): string {
  const files = filesOf(base);
  const tree = snapshotOf(files);
  const delivered = tree.paths.filter((path) => /\.ya?ml$/.test(path) && !path.endsWith("gotk-components.yaml"));
  const first = BASES.indexOf(base) * EACH;
  const seeds = Array.from({ length: EACH }, (_, index) => [first + index, REFACTORINGS_FROM + first + index]).flat();
  return seeds
    .flatMap((seed) => {
      const make = seed < REFACTORINGS_FROM ? makeAccident : makeRefactoring;
      const change = make(seed, { tree, files: delivered });
      if (change === undefined) return [];
      const { safety, wanted, meant, findings } = judge(files, Object.fromEntries(change.edits));
      const said = [
        ...wanted.map((one) => `  goes: ${one}`),
        ...meant.map((one) => `  meant: ${one}`),
        ...safety.unknown.map(({ at, what }) => `  unknown: ${at?.file}:${at?.line} ${what}`),
        ...findings.map(({ level, rule, at, resource }) =>
          `  ${level} ${rule}: ${at?.file}:${at?.line} ${resource ?? ""}`.trimEnd(),
        ),
      ];
      return [`${seed} ${change.kind}: ${change.what}`, ...said];
    })
    .join("\n");
}

describe("what verify says of seeded changes", () => {
  test.each(BASES)("%s", (base) => {
    const file = join(RECORDS, `${base}.txt`);
    const said = `${sayAll(base)}\n`;
    if (process.env.FLUXLIFT_RECORD === "1") {
      mkdirSync(RECORDS, { recursive: true });
      writeFileSync(file, said);
    }
    expect(said.split("\n")).toEqual(readFileSync(file, "utf8").split("\n"));
  });
});
