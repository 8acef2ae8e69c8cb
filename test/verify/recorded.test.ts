// What `verify` says of seeded changes of the trees that the fixtures begin with: what it says otherwise after a change of the
// code is read in the diff of the record, and written down by `FLUXLIFT_RECORD=1 npx vitest run test/verify/recorded.test.ts`.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openSnapshot } from "../../bench/corpus/gate/snapshot.ts";
import { makeAccident } from "../../bench/mutations/accidents.ts";
import { makeRefactoring, REFACTORINGS_FROM } from "../../bench/mutations/refactorings/index.ts";
import { readBase } from "../support/fixture-tree.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { makeTempDir } from "../support/repo.ts";
import { writeEntries } from "../support/tree.ts";
import { judge } from "./judge.ts";

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

function sayAll(base: string): string {
  const dir = makeTempDir();
  writeEntries(dir, readBase(base));
  const tree = openSnapshot(dir);
  const files = Object.fromEntries(tree.paths.map((path) => [path, tree.text(path)]));
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
