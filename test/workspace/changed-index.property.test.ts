import fc from "fast-check";
import { expect, test } from "vitest";
import { changeIndex } from "../../src/files/changed-index.ts";
import { indexPaths } from "../../src/files/path-index.ts";

const name = fc.constantFrom("a", "b", "B", "c.yaml", "é");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));

/** No file is a folder as well. */
const asTree = (paths: readonly string[]): string[] =>
  [...new Set(paths)].filter((one) => !paths.some((other) => other.startsWith(`${one}/`)));

test("a changed index is that of the paths there are afterwards", () => {
  fc.assert(
    fc.property(fc.array(path, { maxLength: 12 }), fc.array(path, { maxLength: 12 }), (some, others) => {
      const [old, now] = [asTree(some), asTree(others)];
      const gone = old.filter((one) => !now.includes(one));
      const created = now.filter((one) => !old.includes(one));
      const changed = changeIndex(indexPaths(old), new Set(gone), created);
      const wanted = indexPaths(now);
      expect(changed.paths).toEqual(wanted.paths);
      for (const one of new Set(
        [...old, ...now].flatMap((each) => [
          "",
          each,
          ...each.split("/").map((_, at, all) => all.slice(0, at).join("/")),
        ]),
      )) {
        expect([one, changed.has(one), changed.isDir(one), changed.entries(one)]).toEqual([
          one,
          wanted.has(one),
          wanted.isDir(one),
          wanted.entries(one),
        ]);
      }
    }),
    { numRuns: 500 },
  );
});
