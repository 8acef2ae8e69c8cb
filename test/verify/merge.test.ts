import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { git, makeRepo, makeTempDir, writeFiles } from "../support/repo.ts";
import {
  branch,
  commit,
  fingerprint,
  goes,
  makeTrap,
  rules,
  runBuilt,
  runHere,
  verifyBuilt,
  verifyHere,
} from "./built.ts";
import { homeTree, ks, kustomization, object } from "./home-tree.ts";
import type { Files } from "./judge.ts";

const MEDIA = "kubernetes/apps/media/kustomization.yaml";
const PLAYER = "kubernetes/apps/media/player";
const CLAIM = object("PersistentVolumeClaim", "library");
/** The app grows a claim. */
const LIBRARY = {
  [`${PLAYER}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "library.yaml"]),
  [`${PLAYER}/app/library.yaml`]: CLAIM,
};
/** The whole app goes, on purpose. */
const DROPPED = {
  [MEDIA]: kustomization(["namespace.yaml"]),
  [PLAYER]: undefined,
  "kubernetes/apps/games/chess/ks.yaml": ks("chess", "kubernetes/apps/games/chess/app", ["targetNamespace: games"]),
};

/** `main` goes on after `work` has left it. */
function diverge(mine: Parameters<typeof commit>[1], theirs: Parameters<typeof commit>[1], tree: Files = homeTree()) {
  const root = makeRepo(tree);
  branch(root, "work");
  commit(root, mine);
  git(root, "checkout", "-q", "main");
  commit(root, theirs);
  return root;
}

const ENDS = ["--base", "main", "--head", "work"];

describe("a branch that main has left behind", () => {
  test("takes along what main has gained since", async () => {
    const { code, report } = await verifyHere(diverge(DROPPED, { "README.md": "Hello\n" }), ENDS);
    expect([code, report.verdict, report.merge.method]).toEqual([0, "deletes", "merge"]);
    expect(goes(report)).not.toContain("PersistentVolumeClaim media/library");
    // Nothing of the branch names the claim: only the merge of both shows it.
    const gained = { ...LIBRARY };
    const root = diverge(
      {
        [MEDIA]: DROPPED[MEDIA],
        "kubernetes/apps/games/chess/ks.yaml": DROPPED["kubernetes/apps/games/chess/ks.yaml"],
      },
      gained,
    );
    const later = (await verifyHere(root, ENDS)).report;
    expect(goes(later)).toContain("PersistentVolumeClaim media/library");
    expect(later.changed).toBe(2);
    expect(later.base.commit).toBe(git(root, "rev-parse", "main").trim());
  });

  test("takes nothing away that it only lacks", async () => {
    const { code, report } = await verifyHere(diverge({ "README.md": "Mine\n" }, LIBRARY), ENDS);
    expect([code, report.verdict, report.changed, goes(report)]).toEqual([0, "safe", 1, []]);
  });

  test("breaks what main has begun to need since", async () => {
    const tree = {
      ...homeTree(),
      "kubernetes/flux/vars/more.yaml": object("ConfigMap", "more", "v1", [
        "  namespace: flux-system",
        "data: {DOMAIN: example.org}",
      ]),
    };
    const root = diverge(
      { "kubernetes/flux/vars/more.yaml": undefined },
      {
        [`${PLAYER}/ks.yaml`]: ks("player", `${PLAYER}/app`, [
          "targetNamespace: media",
          "postBuild: {substituteFrom: [{kind: ConfigMap, name: more}]}",
        ]),
      },
      tree,
    );
    const { code, report } = await verifyHere(root, ENDS);
    expect([code, report.verdict, rules(report).includes("reference-breaks")]).toEqual([1, "unsafe", true]);
    // By itself the branch is harmless, and so is main.
    const fork = git(root, "merge-base", "main", "work").trim();
    expect((await verifyHere(root, ["--base", fork, "--head", "work"])).code).toBe(0);
    expect((await verifyHere(root, ["--base", fork, "--head", "main"])).code).toBe(0);
  });

  test("follows a folder that main has moved", async () => {
    const files = ["kustomization.yaml", "helmrelease.yaml", "pvc.yaml"];
    const moved = Object.fromEntries(
      files.map((file) => [`${PLAYER}/base/${file}`, homeTree()[`${PLAYER}/app/${file}`]!]),
    );
    const theirs = {
      ...moved,
      [`${PLAYER}/app`]: undefined,
      [`${PLAYER}/ks.yaml`]: ks("player", `${PLAYER}/base`, ["targetNamespace: media"]),
    };
    const mine = { [`${PLAYER}/app/kustomization.yaml`]: kustomization(["helmrelease.yaml"]) };
    const { report } = await verifyHere(diverge(mine, theirs), ENDS);
    expect([report.merge.method, report.changed, goes(report)]).toEqual([
      "merge",
      1,
      ["PersistentVolumeClaim media/player"],
    ]);
    const danger = report.clusters[0]!.safety.dangers[0]!;
    expect(danger.origin!.at.file).toBe(`${PLAYER}/base/kustomization.yaml`);
  });

  test("may be merged both ways", async () => {
    const root = diverge({ "README.md": "Mine\n" }, { "docs.md": "Theirs\n" });
    const [main, work] = ["main", "work"].map((name) => git(root, "rev-parse", name).trim()) as [string, string];
    git(root, "merge", "-q", "-m", "One way", work);
    git(root, "checkout", "-q", "work");
    git(root, "merge", "-q", "-m", "Other way", main);
    commit(root, DROPPED);
    const { code, report } = await verifyHere(root, ENDS);
    expect([code, report.verdict, report.merge.method]).toEqual([0, "deletes", "merge"]);
  });
});

describe("conflicts", () => {
  test("are named, and keep the answer open", async () => {
    const mine = {
      [`${PLAYER}/app/pvc.yaml`]: object("PersistentVolumeClaim", "player", "v1", ["  labels: {a: one}"]),
    };
    const theirs = {
      [`${PLAYER}/app/pvc.yaml`]: object("PersistentVolumeClaim", "player", "v1", ["  labels: {b: two}"]),
    };
    const root = diverge(mine, theirs);
    const { code, report } = await verifyHere(root, ENDS);
    expect([code, report.verdict, report.merge.conflicts]).toEqual([1, "unproven", [`${PLAYER}/app/pvc.yaml`]]);
    expect(report.findings[0]).toMatchObject({ rule: "merge-conflict", level: "blocker" });
    // Half of each side is no tree to judge: the change is looked at by itself.
    expect(report.base.commit).toBe(git(root, "merge-base", "main", "work").trim());
    expect((await runHere(root, ["verify", ...ENDS])).out).toMatch(
      /⚠ not proven safe {2}1 file in conflict: .*pvc\.yaml\n$/,
    );
  });

  test("of a file that one side deletes, and of a file that is a folder on the other", async () => {
    const deleted = diverge(
      { [`${PLAYER}/app/pvc.yaml`]: undefined },
      { [`${PLAYER}/app/pvc.yaml`]: `${CLAIM}# more\n` },
    );
    expect((await verifyHere(deleted, ENDS)).report.merge.conflicts).toEqual([`${PLAYER}/app/pvc.yaml`]);
    const inside = (await verifyHere(deleted, [PLAYER, ...ENDS])).report.merge.conflicts;
    const beside = (await verifyHere(deleted, ["kubernetes/flux", ...ENDS])).report.merge.conflicts;
    expect([inside, beside]).toEqual([["app/pvc.yaml"], ["../apps/media/player/app/pvc.yaml"]]);
    const folder = diverge({ "notes/a.md": "A\n" }, { notes: "B\n" });
    const { code, report } = await verifyHere(folder, ENDS);
    expect([code, report.merge.conflicts]).toEqual([1, ["notes"]]);
  });

  test("beside something that breaks do not hide it", async () => {
    const mine = { "README.md": "Mine\n", "kubernetes/apps/media/namespace.yaml": undefined };
    const { code, report } = await verifyHere(diverge(mine, { "README.md": "Theirs\n" }), ENDS);
    expect([code, report.verdict, rules(report)]).toEqual([1, "unsafe", ["build-breaks", "merge-conflict"]]);
  });
});

describe("a change that needs no merge", () => {
  test.each([
    ["the same commit", "main", "main"],
    ["one that the base holds already", "main", "main~1"],
  ])("%s", async (_name, base, head) => {
    const root = makeRepo(homeTree());
    commit(root, DROPPED);
    const { code, report } = await verifyHere(root, ["--base", base, "--head", head]);
    expect([code, report.verdict, report.changed, report.merge.method]).toEqual([
      0,
      "safe",
      0,
      base === head ? "fast-forward" : "contained",
    ]);
    const said = (await runHere(root, ["verify", "--base", base, "--head", head])).out;
    expect(said).toContain(base === head ? "no file changes" : "main~1 is in main already, so merging changes nothing");
  });

  test("the merge commit that a code host makes", async () => {
    const root = diverge(DROPPED, LIBRARY);
    git(root, "checkout", "-q", "--detach", "main");
    expect(() => git(root, "merge", "-q", "-m", "Merge", "work")).toThrow();
    git(root, "merge", "--abort");
    const clean = diverge(
      {
        [MEDIA]: DROPPED[MEDIA],
        "kubernetes/apps/games/chess/ks.yaml": DROPPED["kubernetes/apps/games/chess/ks.yaml"],
      },
      LIBRARY,
    );
    git(clean, "checkout", "-q", "--detach", "main");
    git(clean, "merge", "-q", "-m", "Merge", "work");
    const { report } = await verifyHere(clean, ["--base", "main"]);
    expect([report.verdict, report.merge.method]).toEqual(["deletes", "fast-forward"]);
    expect(goes(report)).toContain("PersistentVolumeClaim media/library");
  });
});

describe("histories that do not meet", () => {
  test("of two beginnings are refused", async () => {
    const root = makeRepo(homeTree());
    git(root, "checkout", "-q", "--orphan", "work");
    commit(root, { "README.md": "Hello\n" });
    const run = await runHere(root, ["verify", ...ENDS]);
    expect([run.code, run.out]).toEqual([2, ""]);
    expect(run.err).toContain("share no history, so git refuses to merge them");
  });

  const clone = (from: string, depth: number, ...branches: string[]): string => {
    const root = makeTempDir();
    git(root, "init", "-q", "-b", "none");
    git(root, "remote", "add", "origin", `file://${from}`);
    for (const name of branches)
      git(root, "fetch", "-q", `--depth=${depth}`, "origin", `+${name}:refs/remotes/origin/${name}`);
    return root;
  };
  const remote = ["--base", "origin/main", "--head", "origin/work"];

  test("in a shallow clone say what to fetch", async () => {
    const run = await runHere(clone(diverge({ "README.md": "Mine\n" }, LIBRARY), 1, "main", "work"), [
      "verify",
      ...remote,
    ]);
    expect([run.code, run.out]).toEqual([2, ""]);
    expect(run.err).toContain("This clone is shallow");
    expect(run.err).toContain("git fetch --unshallow, or fetch-depth: 0");
  });

  test("in a shallow clone that is deep enough are merged", async () => {
    const from = diverge({ "README.md": "Mine\n" }, LIBRARY);
    const { report } = await verifyHere(clone(from, 2, "main", "work"), remote);
    expect([report.verdict, report.merge.method, report.changed]).toEqual(["safe", "merge", 1]);
  });

  test("in a shallow clone of a merge commit are known by its parents", async () => {
    const from = diverge({ "README.md": "Mine\n" }, LIBRARY);
    git(from, "checkout", "-q", "-b", "pull", "main");
    git(from, "merge", "-q", "-m", "Merge", "work");
    const root = clone(from, 1, "main", "pull");
    const { report } = await verifyHere(root, ["--base", "origin/main", "--head", "origin/pull"]);
    expect([report.verdict, report.merge.method, report.changed]).toEqual(["safe", "fast-forward", 1]);
  });
});

test("a name that a tag and a branch have is refused, unless both are one commit", async () => {
  const root = makeRepo(homeTree());
  git(root, "update-ref", "refs/remotes/origin/main", "HEAD");
  git(root, "tag", "origin/main");
  expect((await runHere(root, ["verify", "--base", "origin/main"])).code).toBe(0);
  git(root, "commit", "-q", "--allow-empty", "-m", "Change");
  git(root, "tag", "-f", "origin/main");
  for (const base of ["origin/main", "origin/main~0"]) {
    const { code, err } = await runHere(root, ["verify", "--base", base]);
    expect([code, err.split("\n")[0]]).toEqual([
      2,
      `✗ ${base} names more than one commit: refs/tags/origin/main and refs/remotes/origin/main`,
    ]);
  }
  for (const base of ["refs/remotes/origin/main", "HEAD", "HEAD~1"])
    expect((await runHere(root, ["verify", "--base", base])).code).toBe(0);
});

test("a tag that is called as a commit is, cut short, does not stand for that commit in silence", async () => {
  const root = makeRepo(homeTree());
  const id = git(root, "rev-parse", "HEAD").trim();
  const cut = id.slice(0, 8);
  git(root, "tag", cut);
  expect((await runHere(root, ["verify", "--base", cut])).code).toBe(0);
  git(root, "commit", "-q", "--allow-empty", "-m", "Change");
  git(root, "tag", "-f", cut);
  const { code, err } = await runHere(root, ["verify", "--base", cut]);
  expect([code, err.split("\n")[0]]).toEqual([2, `✗ ${cut} names more than one commit: ${id} and refs/tags/${cut}`]);
  for (const base of [id, `refs/tags/${cut}`]) expect((await runHere(root, ["verify", "--base", base])).code).toBe(0);
});

test("an unknown revision, and a folder without git, are said", async () => {
  const root = makeRepo(homeTree());
  expect(await runHere(root, ["verify", "--base", "nowhere"])).toMatchObject({ code: 2, out: "" });
  expect((await runHere(root, ["verify", "--base", "nowhere"])).err).toContain("nowhere names no commit");
  const head = await runHere(root, ["verify", "--base", "HEAD", "--head", "nobody"]);
  expect([head.code, head.err.includes("nobody names no commit")]).toEqual([2, true]);
  // Git ends where it is asked for one of these.
  for (const name of ["main@{99}", "@{upstream}"]) {
    const odd = await runHere(root, ["verify", "--base", "HEAD", "--head", name]);
    expect([odd.code, odd.err.split("\n")[0]]).toEqual([2, expect.stringContaining(`✗ ${name} names no commit`)]);
  }
  // A revision is one line of what git is asked.
  expect((await runHere(root, ["verify", "--base", "HEAD\nHEAD", "--head", "HEAD"])).code).toBe(2);
  const bare = makeRepo(homeTree(), { branch: false });
  const run = runBuilt(bare, ["verify", "--base", "main"], { GIT_CEILING_DIRECTORIES: join(bare, "..") });
  expect([run.code, run.err.includes("is in no git repository")]).toEqual([2, true]);
});

describe("where git cannot merge by itself", () => {
  /** A git that refuses `merge-tree` in one of the ways there are. */
  const refusing = (says: string, code: number): string => {
    const dir = makeTempDir();
    const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
    const script = `#!/bin/sh\nfor arg; do if [ "$arg" = merge-tree ]; then echo "${says}" >&2; exit ${code}; fi; done\nexec ${real} "$@"\n`;
    writeFileSync(join(dir, "git"), script);
    chmodSync(join(dir, "git"), 0o755);
    return `${dir}:${process.env.PATH}`;
  };

  test.each([
    ["as an old one does", "usage: git merge-tree <base-tree> <branch1> <branch2>", 129, "this git is older than 2.38"],
    ["as a broken one does", "fatal: out of luck", 128, "out of luck"],
    ["with the code of conflicts", "git: 'merge-tree' is not a git command", 1, "is not a git command"],
  ])("%s, the change is compared with where it left, and that is said", (_name, says, code, reason) => {
    const root = diverge(DROPPED, LIBRARY);
    const { report, ...run } = verifyBuilt(root, ENDS, { PATH: refusing(says, code) });
    expect([run.code, report.verdict, report.merge.method, rules(report).includes("merge-not-computed")]).toEqual([
      0,
      "deletes",
      "unmerged",
      true,
    ]);
    expect(report.findings.find(({ rule }) => rule === "merge-not-computed")).toMatchObject({ level: "caution" });
    expect(report.merge.refusal).toContain(reason);
    expect(goes(report)).not.toContain("PersistentVolumeClaim media/library");
    // A change that holds all of its base needs no merge.
    git(root, "checkout", "-q", "-b", "next", "main");
    commit(root, { "README.md": "Hello\n" });
    const next = verifyBuilt(root, ["--base", "main"], { PATH: refusing(says, code) });
    expect([next.report.merge.method, rules(next.report)]).toEqual(["fast-forward", []]);
  });

  test("for want of a temporary folder the cache folder will do; without both nothing is said at all", () => {
    const none = join(makeTempDir(), "none");
    const root = diverge(DROPPED, { "README.md": "Theirs\n" });
    expect(verifyBuilt(root, ENDS, { TMPDIR: none, XDG_CACHE_HOME: makeTempDir() }).report.merge.method).toBe("merge");
    const run = runBuilt(root, ["verify", ...ENDS], { TMPDIR: none, XDG_CACHE_HOME: none });
    expect([run.code, run.out, run.err.includes("Let TMPDIR name a folder")]).toEqual([2, "", true]);
  });
});

describe("the repository", () => {
  test("stays as it is to the byte, and nothing stays behind", () => {
    const root = diverge(DROPPED, { "README.md": "Theirs\n" });
    const before = fingerprint(root);
    const temp = makeTempDir();
    expect(verifyBuilt(root, ENDS, { TMPDIR: temp }).report.merge.method).toBe("merge");
    expect(fingerprint(root)).toBe(before);
    expect(readdirSync(temp)).toEqual([]);
  });

  test("starts nothing: drivers, filters, diffs, pagers, signatures, hooks", async () => {
    const { command, sprung } = makeTrap();
    const attributes = "*.yaml merge=trap filter=trap diff=trap\n*.md merge=trap filter=trap diff=trap\n";
    const tree = { ...homeTree(), ".gitattributes": attributes, "notes.md": "1\n2\n3\n4\n5\n6\n7\n8\n9\n" };
    const root = diverge(
      { "notes.md": `0\n${tree["notes.md"]}` },
      { "notes.md": `${tree["notes.md"]}10\n`, ...LIBRARY },
      tree,
    );
    writeFiles(root, { "README.md": "More\n" });
    git(root, "add", "README.md");
    const settings = {
      "merge.trap.driver": `${command} %A %O %B`,
      "merge.default": "trap",
      "filter.trap.clean": command,
      "filter.trap.smudge": command,
      "filter.trap.process": command,
      "diff.trap.textconv": command,
      "diff.trap.command": command,
      "diff.external": command,
      "core.pager": command,
      "core.editor": command,
      "gpg.program": command,
      "log.showSignature": "true",
      "merge.renormalize": "true",
      "core.hooksPath": join(command, "../hooks"),
      "credential.helper": command,
      "core.sshCommand": command,
    };
    for (const [key, value] of Object.entries(settings)) git(root, "config", key, value);
    const hooks = join(command, "../hooks");
    mkdirSync(hooks);
    for (const hook of ["post-index-change", "reference-transaction", "pre-auto-gc", "post-checkout"]) {
      writeFileSync(join(hooks, hook), `#!/bin/sh\n${command} hook\n`, { mode: 0o755 });
    }
    const { report } = await verifyHere(root, [...ENDS, "--accept-trailers"]);
    expect([report.verdict, report.merge.method, report.merge.conflicts]).toEqual(["safe", "merge", []]);
    writeFiles(root, { "notes.md": "0\n" });
    expect((await verifyHere(root, ["--staged"])).report.changed).toBe(1);
    expect((await verifyHere(root, ["--head", "WORKTREE"])).report.changed).toBe(2);
    expect(sprung()).toEqual([]);
    // The trap does work.
    expect(() => git(root, "merge", "-q", "-m", "Merge", "work")).toThrow();
    expect(sprung()).not.toEqual([]);
  });
});

describe("wherever the repository lies", () => {
  test("in a folder of it, in a linked worktree, in a bare one, behind another's objects", async () => {
    const root = diverge(DROPPED, { "README.md": "Theirs\n" });
    // Paths of Flux start at the top: a folder counts by itself where it is named, or holds a cluster.
    const inside = await verifyHere(join(root, "kubernetes/apps/media"), ENDS);
    expect([inside.report.merge.method, inside.report.verdict]).toEqual(["merge", "deletes"]);
    expect(inside.err).toContain("Reading the whole repository");
    expect((await verifyHere(join(root, "kubernetes/flux"), ENDS)).report.verdict).toBe("deletes");
    const named = (await verifyHere(root, ["kubernetes/apps/media", ...ENDS])).report;
    expect([named.merge.method, named.verdict]).toEqual(["merge", "unproven"]);
    expect(named.findings.map(({ at }) => at?.file)).toContain("kustomization.yaml");
    const linked = join(makeTempDir(), "linked");
    git(root, "worktree", "add", "-q", "--detach", linked, "work");
    expect((await verifyHere(linked, ["--base", "main"])).report).toMatchObject({
      verdict: "deletes",
      merge: { method: "merge" },
    });
    const bare = join(makeTempDir(), "bare.git");
    git(root, "clone", "-q", "--bare", root, bare);
    expect((await verifyHere(bare, ENDS)).report).toMatchObject({ verdict: "deletes", merge: { method: "merge" } });
    const shared = join(makeTempDir(), "shared");
    git(root, "clone", "-q", "--shared", root, shared);
    const ends = ["--base", "origin/main", "--head", "origin/work"];
    expect((await verifyHere(shared, ends)).report).toMatchObject({ verdict: "deletes", merge: { method: "merge" } });
  });

  test("under a name that is hard to quote", async () => {
    const root = join(makeTempDir(), `it's "here" # é \\n;$(x)`);
    git("/", "clone", "-q", diverge(DROPPED, { "README.md": "Theirs\n" }), root);
    const ends = ["--base", "origin/main", "--head", "origin/work"];
    expect((await verifyHere(root, ends)).report).toMatchObject({ verdict: "deletes", merge: { method: "merge" } });
  });

  test("with SHA-256 objects", async () => {
    const root = makeTempDir();
    git(root, "init", "-q", "-b", "main", "--object-format=sha256");
    commit(root, homeTree());
    branch(root, "work");
    commit(root, DROPPED);
    git(root, "checkout", "-q", "main");
    commit(root, { "README.md": "Theirs\n" });
    const { report } = await verifyHere(root, ENDS);
    expect([report.verdict, report.merge.method, report.base.commit.length]).toEqual(["deletes", "merge", 64]);
    writeFiles(root, { "more.md": "More\n" });
    expect((await verifyHere(root, ["--head", "WORKTREE"])).report.changed).toBe(1);
  });
});

describe("a submodule that moves", () => {
  const SOURCE = "kubernetes/flux/config/cluster.yaml";
  const bump = (tree: Files) => {
    const inner = makeRepo({ "a.yaml": object("ConfigMap", "a") });
    const root = makeRepo(tree);
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "vendor/thing");
    commit(root, {}, "Add");
    commit(join(root, "vendor/thing"), { "a.yaml": object("ConfigMap", "b") });
    return root;
  };

  test("is nothing to a source that leaves submodules out, and open to one that reads them", async () => {
    const plain = bump(homeTree());
    commit(plain, {}, "Bump");
    expect((await verifyHere(plain, ["--base", "HEAD~1"])).report).toMatchObject({ verdict: "safe", changed: 1 });
    const tree = homeTree();
    tree[SOURCE] = tree[SOURCE]!.replace(
      "  ref: {branch: main}\n",
      "  ref: {branch: main}\n  recurseSubmodules: true\n",
    );
    const root = bump(tree);
    // Not committed yet, on disk and staged.
    expect((await verifyHere(root, ["--head", "WORKTREE"])).report).toMatchObject({ verdict: "unproven", changed: 1 });
    git(root, "add", "vendor/thing");
    expect((await verifyHere(root, ["--staged"])).report).toMatchObject({ verdict: "unproven", changed: 1 });
    commit(root, {}, "Bump");
    const { code, report } = await verifyHere(root, ["--base", "HEAD~1"]);
    expect([code, report.verdict]).toEqual([1, "unproven"]);
    expect(report.findings[0]!.what).toContain("vendor/thing");
  });
});
