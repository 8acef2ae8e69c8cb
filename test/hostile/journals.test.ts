import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeRepo, readTree } from "../support/repo.ts";
import { fluxlift } from "./support.ts";

const FILES = { "apps/a.yaml": "a: 1\n" };
const FILE = { path: "apps/a.yaml", before: "a: 0\n", after: "a: 1\n", beforeMode: 0o644, afterMode: 0o644 };

/** A record of a write as fluxlift makes them, with something else in it. */
const record = (file: object, more: object = {}) => ({
  version: 1,
  id: "000001-abcdef01",
  label: "migrate --phase install",
  at: "2026-01-01T00:00:00Z",
  files: [{ ...FILE, temp: ".fluxlift-000001-abcdef01-0", ...file }],
  make: [],
  drop: [],
  ...more,
});
const made = { before: "touch MARK\n", after: null, beforeMode: 0o755 };

const FORGED: Record<string, unknown> = {
  "a file beside the repository": record({ path: "../escaped", ...made }),
  "a file by its absolute path": record({ path: "/escaped", ...made }),
  "a hook": record({ path: ".git/hooks/pre-commit", ...made }),
  "git's folder by another name": record({ path: ".GIT/hooks/pre-commit", ...made }),
  "a file of the tree as a temporary one": record({ temp: "apps/a.yaml" }),
  "a temporary file elsewhere": record({ temp: "../.fluxlift-000001-abcdef01-0" }),
  "a folder elsewhere": record({}, { make: [{ path: "../other", mode: 0o755 }] }),
  "a folder to remove elsewhere": record({}, { drop: [{ path: "../other", mode: 0o755 }] }),
  "an id that is a path": record({}, { id: "../../HEAD" }),
  "a write that is a path": record({}, { undoes: "../../../other/x" }),
  "a commit that is a flag of git": record({}, { head: "--output=../escaped" }),
  "a commit that is a name": record({}, { head: "HEAD" }),
  "a mode that is none": record({ beforeMode: -1 }),
  "a file that is none": { ...record({}), files: [null] },
  "texts that are none": record({ before: 5, after: {} }),
  "fields that are none": record({}, { label: {}, at: 5, writer: 5, make: 5, drop: "x" }),
  "a list": [record({})],
};

/** Where the record of a write that is under way lies, and that of the last one. */
const PLACES = ["journal.json", "writes/000001-abcdef01.json"];

describe.each(PLACES)("a record of a write that somebody else put into %s", (place) => {
  const put = (value: unknown) => {
    const root = makeRepo(FILES);
    const file = join(root, ".git/fluxlift", place);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(value));
    return root;
  };

  test.each(Object.entries(FORGED))("%s: is refused, and nothing is touched", async (_, value) => {
    const root = put(value);
    const { code, text } = await fluxlift(root, "undo", "--yes", "--committed");
    expect(text).toContain("the record of a write cannot be read");
    expect(code).toBe(2);
    expect(readTree(root)).toEqual(FILES);
    for (const path of ["../escaped", ".git/hooks/pre-commit", "../other"]) {
      expect(existsSync(join(root, path))).toBe(false);
    }
  });

  test("is taken where it is one", async () => {
    const root = put(record({}));
    expect((await fluxlift(root, "undo", "--yes", "--committed")).code).toBe(0);
    expect(readTree(root)).toEqual({ "apps/a.yaml": "a: 0\n" });
  });
});
