import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/project.ts";
import { git, makeRepo, makeTempDir, writeFiles } from "../support/repo.ts";
import { branch, commit, fingerprint, goes, makeTrap, rules, runHere, verifyBuilt, verifyHere } from "./built.ts";
import { homeTree, kustomization, object, release } from "./home-tree.ts";

const APP = "kubernetes/apps/media/player/app";
const PVC = `${APP}/pvc.yaml`;
const LISTING = `${APP}/kustomization.yaml`;
const WITHOUT_CLAIM = { [LISTING]: kustomization(["helmrelease.yaml"]) };
const CLAIM = "PersistentVolumeClaim media/player";
const DISK = ["--head", "WORKTREE"];
const start = () => makeRepo(homeTree());

describe("what lies on disk", () => {
  test("counts where it is changed, deleted, or new and not ignored", async () => {
    const root = start();
    expect(await verifyHere(root, DISK)).toMatchObject({ code: 0, report: { verdict: "safe", changed: 0 } });
    writeFiles(root, WITHOUT_CLAIM);
    expect(await verifyHere(root, DISK)).toMatchObject({ code: 0, report: { verdict: "deletes", changed: 1 } });
    rmSync(join(root, PVC));
    const { report } = await verifyHere(root, DISK);
    expect([report.verdict, report.changed, goes(report)]).toEqual(["deletes", 2, [CLAIM]]);
    // A new file that the build needs is there although git does not know it; an ignored one is not.
    writeFiles(root, {
      [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml", "new.yaml"]),
      [PVC]: homeTree()[PVC]!,
    });
    expect(rules((await verifyHere(root, DISK)).report)).toEqual(["build-breaks"]);
    writeFiles(root, { [`${APP}/new.yaml`]: object("ConfigMap", "new") });
    expect((await verifyHere(root, DISK)).report).toMatchObject({ verdict: "safe", changed: 2 });
    writeFiles(root, { ".gitignore": "new.yaml\n" });
    expect(rules((await verifyHere(root, DISK)).report)).toEqual(["build-breaks"]);
  });

  test.each(["assume-unchanged", "skip-worktree"])("counts though git is told to overlook it: %s", async (flag) => {
    const root = start();
    git(root, "update-index", `--${flag}`, LISTING, PVC);
    expect((await verifyHere(root, DISK)).report).toMatchObject({ verdict: "safe", changed: 0 });
    writeFiles(root, WITHOUT_CLAIM);
    expect((await verifyHere(root, DISK)).report).toMatchObject({ verdict: "deletes", changed: 1 });
    // What a sparse checkout leaves out is not deleted.
    rmSync(join(root, PVC));
    const { report } = await verifyHere(root, DISK);
    expect(report.changed).toBe(flag === "skip-worktree" ? 1 : 2);
    // The next commit takes none of it.
    expect((await verifyHere(root, ["--staged"])).report.changed).toBe(0);
  });

  test("is named where nothing is committed and nobody asked for it", async () => {
    const root = start();
    writeFiles(root, WITHOUT_CLAIM);
    const hint = "fluxlift verify --head WORKTREE";
    expect((await runHere(root, ["verify", "--base", "HEAD"])).out).toContain(hint);
    expect((await runHere(root, ["verify", ...DISK])).out).not.toContain(hint);
  });

  test("is told from what is staged", async () => {
    const root = start();
    writeFiles(root, WITHOUT_CLAIM);
    git(root, "add", LISTING);
    writeFiles(root, { [LISTING]: homeTree()[LISTING]! });
    expect((await verifyHere(root, ["--staged"])).report).toMatchObject({ verdict: "deletes", changed: 1 });
    expect((await verifyHere(root, DISK)).report).toMatchObject({ verdict: "safe", changed: 0 });
    // In the index no more, and on disk still.
    git(root, "rm", "-q", "--cached", "-f", PVC);
    expect((await verifyHere(root, DISK)).report.changed).toBe(0);
    expect((await verifyHere(root, ["--staged"])).report).toMatchObject({ changed: 2, verdict: "deletes" });
  });

  test("is merged with a base that has gone on", async () => {
    const root = start();
    branch(root, "work");
    git(root, "checkout", "-q", "main");
    commit(root, {
      [LISTING]: kustomization(["helmrelease.yaml", "pvc.yaml", "library.yaml"]),
      [`${APP}/library.yaml`]: object("PersistentVolumeClaim", "library"),
    });
    git(root, "checkout", "-q", "work");
    writeFiles(root, { "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]) });
    for (const head of [DISK, ["--staged"]]) {
      const { report } = await verifyHere(root, ["--base", "main", ...head]);
      expect([report.merge.method, report.changed]).toEqual(["merge", 1]);
      expect(goes(report)).toContain("PersistentVolumeClaim media/library");
      expect(report.head.commit).toBe(git(root, "rev-parse", "work").trim());
      git(root, "add", "--all");
    }
    writeFiles(root, WITHOUT_CLAIM);
    const clash = await verifyHere(root, ["--base", "main", ...DISK]);
    expect([clash.code, clash.report.merge.conflicts]).toEqual([1, [LISTING]]);
  });

  test("may be a file that was a folder, a link, a program, or have a name of any kind", async () => {
    const odd = [
      'quo"te.yaml',
      "new\nline.yaml",
      "back\\slash.yaml",
      "-dash.yaml",
      "é ü.yaml",
      "tab\t.yaml",
      " blank ",
      "a:b.yaml",
    ];
    const root = makeRepo({ ...homeTree(), "notes/a.md": "A\n", plain: "B\n" });
    rmSync(join(root, "notes"), { recursive: true });
    rmSync(join(root, "plain"));
    writeFiles(root, { notes: "A file now\n", "plain/b.md": "A folder now\n" });
    writeFiles(root, Object.fromEntries(odd.map((name) => [`odd/${name}`, object("ConfigMap", "odd")])));
    symlinkSync("/etc/hostname", join(root, "odd/link.yaml"));
    writeFileSync(join(root, "odd/run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    const { code, report } = await verifyHere(root, DISK);
    expect([code, report.changed]).toEqual([0, 4 + odd.length + 2]);
    git(root, "add", "--all");
    expect((await verifyHere(root, ["--staged"])).report.changed).toBe(4 + odd.length + 2);
  });

  test("may be too large, no text, or closed to the reader", async () => {
    const root = start();
    writeFileSync(join(root, "large.yaml"), Buffer.alloc(5 << 20, "a: b\n"));
    writeFileSync(join(root, "image.yaml"), Buffer.from([0, 255, 1, 2]));
    writeFileSync(join(root, LISTING), Buffer.from([0xff, 0xfe]));
    mkdirSync(join(root, "closed"));
    writeFileSync(join(root, "closed/a.yaml"), "a: b\n");
    chmodSync(join(root, "closed/a.yaml"), 0);
    const { code, report } = await verifyHere(root, DISK);
    expect([code, report.changed, report.verdict]).toEqual([1, 4, "unsafe"]);
    expect(rules(report)).toContain("build-breaks");
  });

  test("of a merge that is not resolved is open, and nothing else is taken for changed", async () => {
    const root = start();
    branch(root, "work");
    commit(root, { [PVC]: `${homeTree()[PVC]}# mine\n`, "mine.md": "Mine\n" });
    git(root, "checkout", "-q", "main");
    commit(root, { [PVC]: `${homeTree()[PVC]}# theirs\n` });
    expect(() => git(root, "merge", "-q", "work")).toThrow();
    for (const head of [DISK, ["--staged"]]) {
      const { code, report } = await verifyHere(root, head);
      expect([code, report.verdict, report.merge.conflicts, report.changed]).toEqual([1, "unproven", [PVC], 1]);
    }
    // Once it is resolved it is the commit that `git commit` makes, with both its parents.
    writeFiles(root, { [PVC]: homeTree()[PVC]! });
    git(root, "add", PVC);
    const { report } = await verifyHere(root, ["--base", "work", "--staged"]);
    expect([report.merge, report.changed]).toEqual([{ method: "merge", conflicts: [] }, 1]);
  });

  test("leaves out what is meant to be added later, until it is", async () => {
    const root = start();
    writeFiles(root, { "later.md": "Later\n" });
    git(root, "add", "--intent-to-add", "later.md");
    expect((await verifyHere(root, ["--staged"])).report.changed).toBe(0);
    expect((await verifyHere(root, DISK)).report.changed).toBe(1);
  });

  test("is read from a folder of the repository and from a linked worktree", async () => {
    const root = start();
    writeFiles(root, { ...WITHOUT_CLAIM, "README.md": "Hello\n" });
    expect((await verifyHere(root, ["kubernetes", ...DISK])).report.changed).toBe(1);
    expect((await verifyHere(join(root, "kubernetes"), DISK)).report).toMatchObject({ verdict: "deletes", changed: 2 });
    const linked = join(makeTempDir(), "linked");
    git(root, "worktree", "add", "-q", "--detach", linked);
    writeFiles(linked, WITHOUT_CLAIM);
    expect((await verifyHere(linked, DISK)).report).toMatchObject({ verdict: "deletes", changed: 1 });
    git(linked, "add", "--all");
    expect((await verifyHere(linked, ["--staged"])).report).toMatchObject({ verdict: "deletes", changed: 1 });
  });

  test("is read with an index in two parts, with line ends of another system, with a sparse checkout", async () => {
    const root = start();
    git(root, "update-index", "--split-index");
    writeFiles(root, WITHOUT_CLAIM);
    git(root, "add", "--all");
    expect((await verifyHere(root, ["--staged"])).report).toMatchObject({ verdict: "deletes", changed: 1 });
    const windows = join(makeTempDir(), "windows");
    git(root, "-c", "core.autocrlf=true", "clone", "-q", "-c", "core.autocrlf=true", root, windows);
    expect(readFileSync(join(windows, PVC), "utf8")).toContain("\r\n");
    expect((await verifyHere(windows, DISK)).report.changed).toBe(0);
    const text = homeTree()[PVC]!.replaceAll("\n", "\r\n");
    writeFiles(windows, { [PVC]: `${text}# more\r\n` });
    expect((await verifyHere(windows, DISK)).report).toMatchObject({ verdict: "safe", changed: 1 });
    const sparse = join(makeTempDir(), "sparse");
    git(root, "clone", "-q", root, sparse);
    git(sparse, "sparse-checkout", "set", "kubernetes/flux");
    expect(readdirSync(join(sparse, "kubernetes"))).toEqual(["flux"]);
    expect((await verifyHere(sparse, DISK)).report.changed).toBe(0);
  });

  test("is neither added nor refreshed: the repository stays as it is to the byte", () => {
    const root = start();
    writeFiles(root, { ...WITHOUT_CLAIM, "new.md": "New\n" });
    git(root, "add", "new.md");
    const before = fingerprint(root);
    const times = statSync(join(root, ".git/index")).mtimeMs;
    const temp = makeTempDir();
    for (const head of [DISK, ["--staged"]]) verifyBuilt(root, head, { TMPDIR: temp });
    expect([fingerprint(root), statSync(join(root, ".git/index")).mtimeMs, readdirSync(temp)]).toEqual([
      before,
      times,
      [],
    ]);
  });

  test("of a submodule starts nothing in it", async () => {
    const { command, sprung } = makeTrap();
    const root = start();
    const inner = makeRepo({ "a.md": "A\n", ".gitattributes": "* filter=trap\n" });
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "thing");
    commit(root, {}, "Add");
    git(join(root, "thing"), "config", "filter.trap.clean", command);
    writeFiles(root, { "thing/a.md": "B\n", "thing/new.md": "C\n" });
    expect((await verifyHere(root, DISK)).report.changed).toBe(0);
    expect(sprung()).toEqual([]);
  });
});

describe("as a hook", () => {
  /** A pre-commit hook as the documentation has it. */
  const install = (root: string): void => {
    const cli = `"${process.execPath}" "${join(PROJECT_ROOT, "dist/fluxlift.js")}"`;
    mkdirSync(join(root, ".git/hooks"), { recursive: true });
    writeFileSync(join(root, ".git/hooks/pre-commit"), `#!/bin/sh\nexec ${cli} verify --staged\n`, { mode: 0o755 });
  };
  const BROKEN = { [LISTING]: kustomization(["helmrelease.yaml", "gone.yaml"]) };

  test("stops what breaks, and looks at what this very commit takes", () => {
    const root = start();
    install(root);
    writeFiles(root, BROKEN);
    // Not staged, so not part of the commit.
    commitStaged(root, "--allow-empty");
    // `--all` and `--only` come with an index of their own, which the hook is told of.
    expect(() => commitStaged(root, "--all")).toThrow(/build-breaks/);
    expect(() => commitStaged(root, "--only", LISTING)).toThrow(/build-breaks/);
    writeFiles(root, { [`${APP}/helmrelease.yaml`]: release("player", ["values: {replicas: 2}"]) });
    commitStaged(root, "--only", `${APP}/helmrelease.yaml`);
    git(root, "add", "--all");
    expect(() => commitStaged(root)).toThrow(/not safe to merge/);
    writeFiles(root, { [LISTING]: homeTree()[LISTING]! });
    commitStaged(root, "--all", "--allow-empty");
  });

  test("of one repository that verifies another looks at that one's own index", () => {
    const other = start();
    const root = start();
    writeFiles(other, BROKEN);
    git(other, "add", "--all");
    const run = verifyBuilt(root, ["--staged", other], { GIT_INDEX_FILE: join(root, ".git/index") });
    expect(rules(run.report)).toEqual(["build-breaks"]);
  });

  function commitStaged(root: string, ...args: string[]): void {
    git(root, "commit", "-q", "-m", "Change", ...args);
  }
});

test("contradictions and beginnings are said", async () => {
  const root = start();
  const both = await runHere(root, ["verify", "--staged", "--head", "main"]);
  expect([both.code, both.err.includes("--staged and --head name two changes")]).toEqual([2, true]);
  const none = await runHere(root, ["verify"]);
  expect([none.code, none.err.includes("verify needs --base REV.")]).toEqual([2, true]);
  const fresh = makeTempDir();
  git(fresh, "init", "-q", "-b", "main");
  const unborn = await runHere(fresh, ["verify", "--staged"]);
  expect([unborn.code, unborn.err.includes("HEAD names no commit")]).toEqual([2, true]);
  const bare = join(makeTempDir(), "bare.git");
  git(root, "clone", "-q", "--bare", root, bare);
  const run = await runHere(bare, ["verify", ...DISK]);
  expect([run.code, run.err.includes("without checked-out files")]).toEqual([2, true]);
});
