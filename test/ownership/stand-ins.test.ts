import { expect, test } from "vitest";
import { dropStandIns, type SourceTable } from "../../src/change/source-facts.ts";

const table = (entries: Record<string, boolean>): SourceTable =>
  new Map(
    Object.entries(entries).map(([name, delivered]) => [
      name,
      {
        ...{ ref: "", ignore: "", layer: "", sparse: [], includes: [], submodules: false, unpublished: "" },
        ...{ delivered, at: { file: "a.yaml", line: 1, col: 1 } },
      },
    ]),
  );

test("a source of another cluster stands in only where this one has none of that name on either side", () => {
  const tables = dropStandIns({
    before: table({ goes: true, comes: false, theirs: false, stays: true }),
    after: table({ goes: false, comes: true, theirs: false, stays: true, new: false }),
  });
  expect([...tables.before.keys()]).toEqual(["goes", "theirs", "stays"]);
  expect([...tables.after.keys()]).toEqual(["comes", "theirs", "stays", "new"]);
});
