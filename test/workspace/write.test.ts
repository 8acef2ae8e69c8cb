import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FileChange } from "../../src/contract/edit.ts";
import { InternalError, RepoError } from "../../src/contract/errors.ts";
import { stateDir } from "../../src/files/site.ts";
import { openWorkspace } from "../../src/files/snapshot.ts";
import { writeChanges } from "../../src/files/write.ts";
import { realDisk } from "../../src/files/write-disk.ts";
import { git, makeFolder, makeRepo, photograph, put, recover, setMode, undo } from "./helpers.ts";

const LABEL = { label: "migrate --phase install" };
const STATE_HOME = process.env.XDG_STATE_HOME;
beforeEach(() => {
  process.env.XDG_STATE_HOME = join(makeFolder(), "state");
});
afterEach(() => {
  if (STATE_HOME === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = STATE_HOME;
});

const FILES = {
  "a.yaml": "\uFEFFkind: A\r\nlast: line",
  "apps/old/one.yaml": "one\n",
  "apps/old/deep/two.yaml": "two\n",
  "apps/keep.yaml": "keep\n",
  "run.sh": "#!/bin/sh\n",
};
const CHANGES: FileChange[] = [
  { path: "a.yaml", before: FILES["a.yaml"], after: "\uFEFFkind: Ä\r\nlast: line" },
  { path: "apps/old/one.yaml", before: "one\n" },
  { path: "apps/old/deep/two.yaml", before: "two\n" },
  { path: "new/folder/x.yaml", after: "x\n" },
  { path: "new/tool.sh", after: "#!/bin/sh\n", mode: 0o755 },
  { path: "run.sh", before: "#!/bin/sh\n", after: "#!/bin/bash\n" },
];

function makeTree(): string {
  const root = makeRepo(FILES);
  setMode(root, "run.sh", 0o755);
  setMode(root, "a.yaml", 0o666);
  setMode(root, "apps/old/one.yaml", 0o640);
  setMode(root, "apps/old/deep", 0o770);
  return root;
}

describe("writeChanges", () => {
  it("writes all changes with their modes and removes emptied folders; undo restores every byte and mode", async () => {
    const root = makeTree();
    const before = photograph(root);
    expect(writeChanges(await openWorkspace(root), CHANGES, LABEL)).toMatch(/^000001-/);
    expect(photograph(root)).toEqual({
      "a.yaml": `666 ${Buffer.from("\uFEFFkind: Ä\r\nlast: line").toString("latin1")}`,
      "apps/": "755",
      "apps/keep.yaml": "644 keep\n",
      "new/": "755",
      "new/folder/": "755",
      "new/folder/x.yaml": "644 x\n",
      "new/tool.sh": "755 #!/bin/sh\n",
      "run.sh": "755 #!/bin/bash\n",
    });
    expect(undo(root)).toEqual({ label: LABEL.label, files: CHANGES.map((change) => change.path).sort() });
    expect(photograph(root)).toEqual(before);
    expect(() => undo(root)).toThrow(/nothing/);
  });

  it("keeps its state in git's folder, wherever that is, and in the state home outside git", async () => {
    const root = makeTree();
    writeChanges(await openWorkspace(root), CHANGES, LABEL);
    expect(readdirSync(join(root, ".git/fluxlift/writes"))).toHaveLength(1);
    const worktree = join(makeFolder(), "tree");
    git(root, "worktree", "add", "-q", "-b", "side", worktree);
    writeChanges(await openWorkspace(worktree), [{ path: "n.yaml", after: "n" }], LABEL);
    expect(readdirSync(join(root, ".git/worktrees/tree/fluxlift/writes"))).toHaveLength(1);
    undo(worktree);
    expect(existsSync(join(worktree, "n.yaml"))).toBe(false);
    expect(existsSync(join(root, "new/tool.sh"))).toBe(true);
    const plain = makeFolder();
    put(plain, { "a.yaml": "a" });
    writeChanges(await openWorkspace(plain), [{ path: "a.yaml", before: "a", after: "b" }], LABEL);
    expect(stateDir(plain).startsWith(process.env.XDG_STATE_HOME as string)).toBe(true);
    expect(readdirSync(join(stateDir(plain), "writes"))).toHaveLength(1);
    expect(readdirSync(plain)).toEqual(["a.yaml"]);
    undo(plain);
    expect(readFileSync(join(plain, "a.yaml"), "utf8")).toBe("a");
  });

  it("keeps no state in the folder where one stands", () => {
    for (const [state, home] of [
      ["state", "/home/me"],
      ["", "me"],
      ["", ""],
    ] as const) {
      vi.stubEnv("XDG_STATE_HOME", state);
      vi.stubEnv("HOME", home);
      const folder = stateDir("/a");
      vi.unstubAllEnvs();
      expect(folder.startsWith(join(resolve("/", home), ".local/state/fluxlift/"))).toBe(true);
    }
  });

  it("writes below a subfolder root and undoes from anywhere in the repository", async () => {
    const root = makeRepo({ "sub/a.yaml": "a", "a.yaml": "top" });
    const before = photograph(root);
    const sub = join(root, "sub");
    writeChanges(
      await openWorkspace(sub),
      [
        { path: "a.yaml", before: "a" },
        { path: "b/c.yaml", after: "c" },
      ],
      LABEL,
    );
    expect(photograph(root)).toMatchObject({ "a.yaml": "644 top", "sub/b/c.yaml": "644 c" });
    expect(undo(root).files).toEqual(["sub/a.yaml", "sub/b/c.yaml"]);
    expect(photograph(root)).toEqual(before);
  });

  it("never removes the root, nor a folder that still holds something", async () => {
    const root = makeRepo({ "sub/a.yaml": "a", "d/b.yaml": "b", ".gitignore": "*.log\n" });
    put(root, { "d/x.log": "ignored" });
    const before = photograph(root);
    writeChanges(await openWorkspace(join(root, "sub")), [{ path: "a.yaml", before: "a" }], LABEL);
    writeChanges(await openWorkspace(root), [{ path: "d/b.yaml", before: "b" }], LABEL);
    expect(existsSync(join(root, "sub"))).toBe(true);
    expect(existsSync(join(root, "d/x.log"))).toBe(true);
    undo(root);
    undo(root);
    expect(photograph(root)).toEqual(before);
  });

  it("turns files into folders and back", async () => {
    const root = makeRepo({ x: "file", "y/z/a.yaml": "a", "y/z/b.yaml": "b" });
    const before = photograph(root);
    const changes: FileChange[] = [
      { path: "x", before: "file" },
      { path: "x/inner/k.yaml", after: "k" },
      { path: "y/z/a.yaml", before: "a" },
      { path: "y/z/b.yaml", before: "b" },
      { path: "y/z", after: "now a file" },
    ];
    writeChanges(await openWorkspace(root), changes, LABEL);
    expect(photograph(root)).toMatchObject({ "x/inner/k.yaml": "644 k", "y/z": "644 now a file" });
    undo(root);
    expect(photograph(root)).toEqual(before);
  });

  it("does nothing for changes that change nothing", async () => {
    const root = makeTree();
    expect(
      writeChanges(await openWorkspace(root), [{ path: "a.yaml", before: "same", after: "same" }], LABEL),
    ).toBeUndefined();
    expect(existsSync(join(root, ".git/fluxlift"))).toBe(false);
  });
});

describe("writeChanges refuses, and leaves everything as it is, when", () => {
  const refuses = async (
    root: string,
    changes: FileChange[],
    message: RegExp,
    options = {},
    type: new (...a: never[]) => Error = RepoError,
  ) => {
    const before = photograph(root);
    const workspace = await openWorkspace(root);
    const run = () => writeChanges(workspace, changes, { ...LABEL, ...options });
    expect(run).toThrow(message);
    expect(run).toThrow(type);
    expect(photograph(root)).toEqual(before);
    expect(recover(root)).toBeNull();
    expect(existsSync(join(root, ".git/fluxlift/journal.json"))).toBe(false);
  };
  const first = { path: "aa.yaml", after: "would be written first" };

  it("a file changed since it was read", async () => {
    const root = makeTree();
    put(root, { "apps/keep.yaml": "keep\r\n" });
    await refuses(
      root,
      [first, { path: "apps/keep.yaml", before: "keep\n", after: "x" }],
      /apps\/keep.yaml.*since it was read/,
    );
  });

  it("a file is gone, or has become a folder or a symlink", async () => {
    const root = makeTree();
    rmSync(join(root, "run.sh"));
    const change = { path: "run.sh", before: "#!/bin/sh\n", after: "x" };
    await refuses(root, [first, change], /run.sh.*gone/);
    mkdirSync(join(root, "run.sh"));
    await refuses(root, [first, change], /run.sh.*folder/);
    rmSync(join(root, "run.sh"), { recursive: true });
    const target = makeFolder();
    put(target, { sh: "#!/bin/sh\n" });
    symlinkSync(join(target, "sh"), join(root, "run.sh"));
    await refuses(root, [first, change], /run.sh.*symlink/);
    expect(readFileSync(join(target, "sh"), "utf8")).toBe("#!/bin/sh\n");
  });

  it("a file to create exists, or a folder of that name", async () => {
    const root = makeTree();
    put(root, { ".gitignore": "apps/hidden.yaml\n", "apps/hidden.yaml": "ignored by git, but precious" });
    await refuses(root, [first, { path: "apps/hidden.yaml", after: "x" }], /hidden.yaml.*exists now/);
    await refuses(root, [first, { path: "apps", after: "x" }], /apps.*exists now/);
    await refuses(root, [first, { path: "run.sh/x", after: "x" }], /run.sh on the way/);
  });

  it("a pipe lies there, which reading the files anew would not show", async () => {
    const root = makeTree();
    execFileSync("mkfifo", [join(root, "apps/pipe")]);
    const workspace = await openWorkspace(root);
    for (const path of ["apps/pipe", "apps/pipe/new.yaml"]) {
      const write = () => writeChanges(workspace, [first, { path, after: "x" }], LABEL);
      expect(write).toThrow(/apps\/pipe: a pipe, a socket or a device lies there/);
    }
    expect(recover(root)).toBeNull();
  });

  it("a symlinked folder would lead it elsewhere", async () => {
    const root = makeTree();
    const outside = makeFolder();
    put(outside, { "f.yaml": "f" });
    symlinkSync(outside, join(root, "linked"));
    await refuses(root, [first, { path: "linked/new.yaml", after: "x" }], /linked on the way to it is a symlink/);
    await refuses(root, [first, { path: "linked/f.yaml", before: "f" }], /linked on the way to it is a symlink/);
    expect(photograph(outside)).toEqual({ "f.yaml": "644 f" });
  });

  it("a file or its folder is read-only", async () => {
    const root = makeTree();
    const guard = (name: string) => ({
      disk: { ...realDisk, canWrite: (path: string) => realpathSync(path) !== join(root, name) },
    });
    await refuses(root, CHANGES, /run.sh: the file is read-only/, guard("run.sh"));
    await refuses(root, CHANGES, /two.yaml: the folder apps\/old\/deep is read-only/, guard("apps/old/deep"));
    await refuses(root, CHANGES, /a.yaml: the folder \. is read-only/, guard(""));
  });

  it.skipIf(process.getuid?.() === 0)("the system says that a file or a folder is read-only", async () => {
    const root = makeTree();
    setMode(root, "run.sh", 0o555);
    await refuses(root, CHANGES, /run.sh: the file is read-only/);
    setMode(root, "run.sh", 0o755);
    setMode(root, "apps/old", 0o555);
    await refuses(root, CHANGES, /one.yaml: the folder apps\/old is read-only/);
    setMode(root, "apps/old", 0o755);
  });

  it("the state folder cannot be made", async () => {
    const root = makeTree();
    writeFileSync(join(root, ".git/fluxlift"), "in the way");
    await refuses(root, CHANGES, /undo needs/);
  });

  it("no file can have the name", async () => {
    const root = makeTree();
    for (const path of [`new/${"x".repeat(256)}`, `${"ä".repeat(128)}/a.yaml`])
      await refuses(root, [first, { path, after: "" }], /longer than the 255 bytes/);
    await refuses(root, [first, { path: "a/\udcff.yaml", after: "" }], /no valid Unicode/);
    expect(writeChanges(await openWorkspace(root), [{ path: "x".repeat(255), after: "" }], LABEL)).toBeDefined();
  });

  it("a text is invalid, a path leaves the root, or a change comes twice", async () => {
    const root = makeTree();
    const validate = (path: string, text: string) =>
      path === "run.sh" && text.includes("bash") ? "line 1" : undefined;
    await refuses(root, CHANGES, /run.sh: the new text would be invalid: line 1/, { validate }, InternalError);
    await refuses(root, [first, { path: "lone.yaml", after: "\ud800" }], /Unicode/, {}, InternalError);
    await refuses(root, [first, { path: "../out.yaml", after: "" }], /leaves/, {}, InternalError);
    await refuses(root, [first, { path: ".git/config", before: "", after: "x" }], /leaves/, {}, InternalError);
    await refuses(root, [first, first], /two changes/, {}, InternalError);
  });
});

describe("undo", () => {
  it("takes back one write after the other, also after commits", async () => {
    const root = makeTree();
    const start = photograph(root);
    writeChanges(await openWorkspace(root), CHANGES, LABEL);
    git(root, "add", "-A");
    git(root, "commit", "-qm", "install");
    const middle = photograph(root);
    const next = [
      { path: "new/tool.sh", before: "#!/bin/sh\n" },
      { path: "apps/old/again.yaml", after: "again" },
    ];
    writeChanges(await openWorkspace(root), next, { label: "cutover" });
    expect(undo(root).label).toBe("cutover");
    expect(photograph(root)).toEqual(middle);
    expect(undo(root).label).toBe(LABEL.label);
    expect(photograph(root)).toEqual(start);
  });

  it("refuses when a file changed since, unless it is what undo would make of it", async () => {
    const root = makeTree();
    const before = photograph(root);
    writeChanges(await openWorkspace(root), CHANGES, LABEL);
    put(root, { "new/folder/x.yaml": "mine", "apps/old/one.yaml": "one\n", "run.sh": "#!/bin/sh\n" });
    setMode(root, "apps/old/one.yaml", 0o640);
    const edited = photograph(root);
    expect(() => undo(root)).toThrow(/new\/folder\/x.yaml changed since/);
    expect(photograph(root)).toEqual(edited);
    rmSync(join(root, "new/folder/x.yaml"));
    undo(root);
    expect(photograph(root)).toEqual(before);
  });

  it("keeps a folder into which something else was put", async () => {
    const root = makeTree();
    const before = photograph(root);
    writeChanges(await openWorkspace(root), CHANGES, LABEL);
    put(root, { "new/mine.yaml": "mine" });
    undo(root);
    expect(photograph(root)).toEqual({ ...before, "new/": "755", "new/mine.yaml": "644 mine" });
  });

  it("keeps the last twenty writes", async () => {
    const root = makeRepo({ n: "0" });
    for (let i = 0; i < 23; i++) {
      writeChanges(await openWorkspace(root), [{ path: "n", before: String(i), after: String(i + 1) }], LABEL);
    }
    for (let i = 0; i < 20; i++) undo(root);
    expect(readFileSync(join(root, "n"), "utf8")).toBe("3");
    expect(() => undo(root)).toThrow(/nothing/);
  });

  it("takes back a write that broke off at a name which the file system does not take", async () => {
    const root = makeTree();
    const before = photograph(root);
    writeChanges(await openWorkspace(root), [{ path: "new/x.yaml", after: "x\n" }], LABEL);
    const [record] = readdirSync(join(root, ".git/fluxlift/writes"));
    const journal = JSON.parse(readFileSync(join(root, ".git/fluxlift/writes", record!), "utf8"));
    journal.files.push({ ...journal.files[0], path: `new/${"x".repeat(300)}`, temp: ".fluxlift-000001-aa-1" });
    put(root, { ".git/fluxlift/journal.json": JSON.stringify(journal), ".fluxlift-000001-aa-1": "x\n" });
    recover(root)?.revert();
    expect(photograph(root)).toEqual(before);
  });

  it("names a damaged journal", async () => {
    const root = makeTree();
    put(root, { ".git/fluxlift/journal.json": '{"version": 1, "fil' });
    expect(() => undo(root)).toThrow(/journal.json: the record of a write cannot be read/);
    const workspace = await openWorkspace(root);
    expect(() => writeChanges(workspace, CHANGES, LABEL)).toThrow(RepoError);
  });
});
