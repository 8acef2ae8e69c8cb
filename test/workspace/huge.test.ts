import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hugeFilesOf, openRepository } from "../../src/files/git-repository.ts";
import { openRevision } from "../../src/files/revision.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { git, makeFolder, put } from "./helpers.ts";

const BIG = 3 * 1024 * 1024;
/** Names that a list of patterns could misread. */
const NAMES = [
  "big.bin",
  "d/big one.bin",
  'd/q"uote.bin',
  "d/st*r.bin",
  "d/[x].bin",
  "d/back\\slash.bin",
  "!not",
  "#no",
  "é.bin",
  "a\nb",
];
const SMALL = {
  "small.yaml": "needle: 1\n",
  "d/é.yaml": "needle: 2\n",
  ".gitattributes": "*.yaml -diff binary\n",
  ".keep": "",
};

function makeTree(...init: string[]): string {
  const root = makeFolder();
  git(root, "init", "-q", "-b", "main", ...init);
  put(root, SMALL);
  for (const name of NAMES) {
    put(root, { [name]: "needle" });
    truncateSync(join(root, name), BIG);
  }
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", "first");
  return root;
}

const hugeIn = (root: string) =>
  hugeFilesOf(openRepository(root)!)
    .map((path) => Buffer.from(path, "latin1").toString())
    .sort();

describe("files too large to be read", () => {
  const forms: Record<string, (root: string) => void> = {
    "in version 2": () => {},
    "in version 3": (root) => {
      git(root, "update-index", "--index-version", "3");
      put(root, { new: "n" });
      git(root, "add", "-N", "new");
    },
    "in version 4": (root) => void git(root, "update-index", "--index-version", "4"),
    "in an index that is split": (root) => {
      git(root, "update-index", "--split-index");
      put(root, { "later.yaml": "needle: 3\n" });
      git(root, "add", "later.yaml");
    },
    "that grew since an index was split": (root) => {
      for (const name of NAMES) put(root, { [name]: "needle" });
      git(root, "add", "-A");
      git(root, "update-index", "--split-index");
      for (const name of NAMES) truncateSync(join(root, name), BIG);
      git(root, "add", "-A");
    },
    "whose size git does not trust": (root) => {
      // Written in the same moment as the index: git notes a size of zero.
      for (const name of NAMES) writeFileSync(join(root, name), Buffer.alloc(BIG, "x"));
      git(root, "add", "-A");
    },
  };

  it.each(Object.keys(forms))("are known %s", async (form) => {
    const root = makeTree();
    forms[form]!(root);
    expect(hugeIn(root)).toEqual([...NAMES].sort());
    const { tree } = await openWorkspace(root, ["needle"]);
    expect(tree.grep("needle").filter((path) => path !== "later.yaml")).toEqual(["d/é.yaml", "small.yaml"]);
    for (const name of NAMES) expect([name, tree.status(name)]).toEqual([name, "huge"]);
  });

  it("are known where ids are SHA-256", () => {
    expect(hugeIn(makeTree("--object-format=sha256"))).toEqual([...NAMES].sort());
  });

  it("are listed in a commit and not read, from below too", () => {
    const root = makeTree();
    for (const [dir, prefix] of [
      [root, ""],
      [join(root, "d"), "d/"],
    ] as const) {
      const tree = openRevision(dir, "HEAD");
      const names = NAMES.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
      for (const name of names) expect([name, tree.status(name), tree.read(name)]).toEqual([name, "huge", undefined]);
      expect(tree.grep("needle")).toEqual(prefix === "" ? ["d/é.yaml", "small.yaml"] : ["é.yaml"]);
    }
  });

  it("do not hide what lies beside them in a tree that is too large to be read at once", () => {
    const root = makeTree();
    for (let i = 0; i < 20; i++) put(root, { [`many/${i}.txt`]: `${i}\n`.padEnd(2_000_000, "x") });
    put(root, { "many/needle.yaml": "needle: 4\n" });
    git(root, "add", "-A");
    git(root, "commit", "-q", "-m", "many");
    const tree = openRevision(root, "HEAD");
    expect(tree.grep("needle")).toEqual(["d/é.yaml", "many/needle.yaml", "small.yaml"]);
    for (let i = 0; i < 20; i++) expect(tree.read(`many/${i}.txt`)?.length).toBe(2_000_000);
  });
});
