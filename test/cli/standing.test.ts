import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { kustomization, makeGotk, makeSync } from "../gotk/make-gotk.ts";
import { BUNDLE } from "../hostile/support.ts";
import { readBase } from "../support/fixture-tree.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { commitAll, git, makeRepo, makeTempDir } from "../support/repo.ts";
import { realEngine, runCli } from "../support/run-cli.ts";
import { writeEntries } from "../support/tree.ts";

// Some tests go the whole way, command by command.
vi.setConfig({ testTimeout: 240_000 });

const run = (cwd: string, ...argv: string[]) => runCli(argv, { loader: realEngine, cwd });

function makeExample(name = "home-ops"): string {
  const root = makeRepo(`${PROJECT_ROOT}/examples/${name}`, {
    remote: `https://github.com/lighthouse-keeper/${name}.git`,
  });
  setPushed(root);
  return root;
}

/** What a push, and a merge of it, leaves behind here. */
function setPushed(root: string, branch = "main"): void {
  git(root, "update-ref", `refs/remotes/origin/${branch}`, "HEAD");
}

/** The headline of a cluster, without what was recognised of its Flux. */
function headline(out: string, cluster = "default"): string {
  const line = out.split("\n").find((text) => text.startsWith(`► ${cluster}  `));
  return line?.split(" · ").at(-1) ?? "";
}

/** The commands that an output names, from its last lines. */
function commands(text: string): string[] {
  const all = text.split("\n").filter((line) => /^ {4}(?:fluxlift|git) /.test(line));
  return all.map((line) => line.trim());
}

const OPERATOR_TAG = "kubernetes/apps/flux-system/flux-operator/app/ocirepository.yaml";

describe("all phases in one are not merged before operator and instance run", () => {
  const BEFORE = "Before the whole move is pushed or merged, operator and instance have to run";
  const flat = (text: string) => text.replace(/\s+/g, " ");

  test.each([[[]], [["--commit"]]])("migrate %j says how to install them first", async (flags) => {
    const root = makeExample();
    const { err } = await run(root, "migrate", "--phase", "all", "--direct", "--yes", ...flags);
    const told = flat(err);
    const order = [BEFORE, "helm upgrade --install flux-operator", "helm upgrade --install flux-instance", "git push"];
    const places = order.map((text) => told.indexOf(text));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(told).toContain("Check that the operator owns every object of the old install. Expect: `PRUNE` is");
  });

  test("the bare command says so as long as the branch that the cluster reads has none of it", async () => {
    const root = makeExample();
    await run(root, "migrate", "--phase", "all", "--direct", "--yes");
    const told = async () => flat((await run(root)).out);
    expect(await told()).toMatch(new RegExp(`${BEFORE}.* The whole move is written and not committed\\.`));
    git(root, "switch", "-qc", "flux-operator");
    commitAll(root, "All of it");
    expect(await told()).toMatch(new RegExp(`${BEFORE}.* The whole move is committed, and main does not have it\\.`));
    git(root, "switch", "-q", "main");
    git(root, "merge", "-q", "flux-operator");
    expect(await told()).toMatch(new RegExp(`${BEFORE}.* The whole move is committed and not pushed\\.`));
    setPushed(root);
    expect(await told()).toContain("Nothing is left to do.");
  });

  test("the last of three phases is on its way alone, also on a branch of its own", async () => {
    const root = makeExample();
    for (const phase of ["install", "cutover", "cleanup"]) {
      if (phase === "cleanup") git(root, "switch", "-qc", "flux-operator-cleanup");
      await run(root, "migrate", "--phase", phase, "--yes", "--unpushed");
      commitAll(root, phase);
      if (phase !== "cleanup") setPushed(root);
    }
    const { out } = await run(root);
    expect(flat(out)).toContain("The cleanup phase is committed, and main does not have it.");
    expect(flat(out)).not.toContain(BEFORE);
  });
});

describe("the bare command says where a cluster stands", () => {
  test("through three phases, each written, committed, pushed, with the same line from scan and plan", async () => {
    const root = makeExample();
    expect(headline((await run(root)).out)).toBe("not started");
    const after = { install: "cutover", cutover: "cleanup", cleanup: "" };
    const said = { install: "installed", cutover: "cut over", cleanup: "done" };
    for (const phase of ["install", "cutover", "cleanup"] as const) {
      const next = after[phase] && `fluxlift migrate --phase ${after[phase]} --sync rename`;
      const written = await run(root, "migrate", "--yes", "--phase", phase, "--sync", "rename");
      if (next) expect(commands(written.err).at(-1)).toBe(next);

      const dirty = await run(root);
      expect(headline(dirty.out)).toBe(`${said[phase]}, not committed`);
      const steps = (text: string) => commands(text).filter((line) => /^git/.test(line));
      expect(steps(dirty.out)).toEqual(steps(written.err));
      expect(steps(dirty.out)[1]).toBe(`git switch -c flux-operator-${phase}`);
      expect(steps(dirty.out).at(-1)).toBe("git switch main && git pull");
      commitAll(root, phase);
      const committed = await run(root);
      expect(headline(committed.out)).toBe(`${said[phase]}, not pushed`);
      expect(commands(committed.out)[0]).toBe("git push -u origin HEAD");
      setPushed(root);
      const pushed = await run(root);
      expect(headline(pushed.out)).toBe(next ? `${said[phase]}, waits for ${after[phase]}` : "done");
      expect(commands(pushed.out)).toEqual(next ? [next.replace("migrate", "plan"), next] : []);
      expect(commands((await run(root, "scan")).out)).toEqual(commands(pushed.out));
      expect(commands((await run(root, "plan", "--phase", phase)).err)).toEqual(commands(pushed.out));
      expect(pushed.code).toBe(0);
    }
  });

  test("once all is done, what would bring the old install back, and what fails without it", async () => {
    const root = makeExample();
    for (const phase of ["install", "cutover", "cleanup"]) {
      await run(root, "migrate", "--yes", "--phase", phase);
      commitAll(root, phase);
      setPushed(root);
    }
    expect((await run(root)).out).toContain("Nothing is left to do.");
    writeFileSync(join(root, "up.sh"), "flux bootstrap github \\\n  --owner=me\n");
    writeFileSync(join(root, "check.sh"), "cat kubernetes/apps/flux-system/gotk-sync.yaml\n");
    commitAll(root, "Bootstrap again");
    setPushed(root);
    for (const argv of [[], ["scan"], ["plan", "--phase", "cleanup"]]) {
      const { out, err } = await run(root, ...argv);
      expect(out + err).toContain("up.sh:1:1");
      expect(out + err).toContain("check.sh:1:1");
      expect(out + err).toContain("No edit is left to make");
      expect(out + err).not.toContain("Nothing is left to do.");
    }
  });

  test("a folder of the old bootstrap that is still there is the cleanup's, though the FluxInstance makes source and root", async () => {
    const root = makeExample();
    for (const phase of ["install", "cutover", "cleanup"]) {
      await run(root, "migrate", "--yes", "--phase", phase);
      commitAll(root, phase);
      setPushed(root);
    }
    git(root, "checkout", "-q", "HEAD~3", "--", "kubernetes/bootstrap/flux");
    commitAll(root, "The bootstrap is back");
    setPushed(root);
    const next = ["fluxlift plan --phase cleanup", "fluxlift migrate --phase cleanup"];
    const bare = await run(root);
    expect(headline(bare.out)).toBe("cut over, waits for cleanup");
    expect(bare.out).toContain("Next is the cleanup phase: 1 file deleted.");
    expect(commands(bare.out)).toEqual(next);
    const { err } = await run(root, "plan");
    expect(commands(err)).toEqual(next);
    expect((await run(root, "plan", "--check")).code).toBe(1);
    await run(root, "migrate", "--phase", "cleanup", "--yes");
    commitAll(root, "Clean up");
    setPushed(root);
    expect(headline((await run(root)).out)).toBe("done");
    expect((await run(root, "plan", "--check")).code).toBe(0);
  });

  test("where what the cleanup would take is what another cluster still starts from, that there is nothing to do", async () => {
    const one = (name: string) => ({
      [`clusters/${name}/kustomization.yaml`]: kustomization("resources:\n- ../../base\npatches:\n- path: root.yaml\n"),
      [`clusters/${name}/root.yaml`]: `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux-system
  namespace: flux-system
spec:
  path: ./clusters/${name}
`,
    });
    const files = {
      "base/gotk-components.yaml": makeGotk(),
      "base/gotk-sync.yaml": makeSync("").replace(/ {2}path: .*\n/, ""),
      "base/kustomization.yaml": kustomization("resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n"),
      ...one("blue"),
      ...one("green"),
    };
    const root = makeRepo(files, { remote: "https://github.com/lighthouse-keeper/fleet.git" });
    setPushed(root);
    for (const phase of ["install", "cutover"]) {
      await run(root, "migrate", "--phase", phase, "--yes");
      commitAll(root, phase);
      setPushed(root);
    }
    mkdirSync(join(root, "clusters/late"));
    const late = {
      ...one("late"),
      "clusters/late/gotk-components.yaml": makeGotk(),
      "clusters/late/kustomization.yaml": kustomization(
        "resources:\n- ../../base\n- gotk-components.yaml\npatches:\n- path: root.yaml\n",
      ),
    };
    for (const [path, text] of Object.entries(late)) writeFileSync(join(root, path), text);
    commitAll(root, "A third cluster");
    setPushed(root);
    const { out, err } = await run(root, "plan", "--phase", "cleanup", "--cluster", "blue,green");
    expect(out).toBe("");
    expect(err).toContain("sync-base-shared");
    expect(err.replace(/\s+/g, " ")).toContain("until they are cut over, nothing is left to do here.");
    expect(commands(err)).toEqual([]);
  });

  test("on a branch of its own, what is not merged into the one that the cluster reads", async () => {
    const root = makeExample();
    git(root, "switch", "--quiet", "--create", "flux-operator");
    await run(root, "migrate", "--yes");
    commitAll(root, "Install");
    const local = await run(root);
    expect(headline(local.out)).toBe("installed, not merged into main");
    const next = "fluxlift migrate --phase cutover";
    expect(commands(local.out)).toEqual(["git push -u origin HEAD", "git switch main && git pull", next]);
    // The line above says where it has to go; that it changes nothing for the cluster would be untrue.
    expect(local.out).not.toContain("other-branch");
    setPushed(root, "flux-operator");
    const { out } = await run(root);
    expect(commands(out)).toEqual(["git switch main && git pull", next]);
    expect(out).toContain("is pushed, and main does not have it. Merge it through a pull request.");
    // Merged in one commit by the forge and fetched; the local main is behind, and the branch is still checked out.
    const squashed = git(root, "commit-tree", "-p", "main", "-m", "Squashed", "HEAD^{tree}").trim();
    git(root, "update-ref", "refs/remotes/origin/main", squashed);
    const merged = await run(root);
    expect(headline(merged.out)).toBe("installed, waits for cutover");
    expect(merged.out).toContain("The install phase is merged, as far as git knows here. Now wait until");
    expect(commands(merged.out)).toEqual(["fluxlift plan --phase cutover", next]);
    expect((await run(root, "migrate", "--phase", "cutover", "--yes")).code).toBe(0);
  });

  test("with the choices of the phase before, read back from the tree", async () => {
    const root = makeExample();
    const asked = ["--flux-version", "2.7.x", "--operator-version", "0.40.0", "--layout", "manifests"];
    expect((await run(root, "migrate", "--yes", ...asked)).code).toBe(0);
    commitAll(root, "Install");
    setPushed(root);
    const { out, code } = await run(root);
    expect(code).toBe(0);
    const next = commands(out).at(-1)!;
    for (const flag of ["--flux-version 2.7.x", "--operator-version 0.40.0", "--layout manifests"]) {
      expect(next).toContain(flag);
    }
    // The tree alone says so, too: no flag is needed to go on.
    expect((await run(root, "migrate", "--phase", "cutover", "--yes")).code).toBe(0);
  });

  test("without an operator that the tree pins and that cannot run the installed Flux", async () => {
    const root = makeExample();
    await run(root, "migrate", "--yes");
    const tag = readFileSync(join(root, OPERATOR_TAG), "utf8");
    writeFileSync(join(root, OPERATOR_TAG), tag.replace(/tag: .+/, "tag: 0.12.0"));
    commitAll(root, "An older operator");
    setPushed(root);
    const { out } = await run(root);
    expect(commands(out).join()).toContain("fluxlift migrate");
    expect(out).not.toContain("--operator-version 0.12.0");
  });

  test("one cluster ahead of the other: each with its own next command", async () => {
    const root = makeExample("fleet");
    await run(root, "migrate", "--cluster", "home", "--yes");
    commitAll(root, "Install");
    setPushed(root);
    const { out } = await run(root);
    expect(headline(out, "home")).toBe("installed, waits for cutover");
    expect(headline(out, "lab")).toBe("not started");
    expect(commands(out)).toContain("fluxlift migrate --phase cutover --cluster home");
    expect(commands(out).some((line) => /^fluxlift (?:plan|migrate) --cluster lab$/.test(line))).toBe(true);
  });

  test("without git nothing is taken for merged", async () => {
    process.env.XDG_STATE_HOME = makeTempDir();
    const root = makeRepo(`${PROJECT_ROOT}/examples/home-ops`, { branch: false });
    const written = await run(root, "migrate", "--yes");
    expect(written.err).not.toContain("git diff");
    expect(written.err).toContain("No git holds this folder");
    expect((await run(root)).out).toContain("No git holds this folder");
  });
});

test.each(["home-ops", "fleet"])("%s: every sub-folder says what the top says", async (name) => {
  const root = makeExample(name);
  const { out } = await run(root);
  const folders = new Set(
    git(root, "ls-files")
      .trim()
      .split("\n")
      .map((path) => join(path, "..")),
  );
  folders.delete(".");
  const some = [...folders].filter((_, index) => index % (name === "fleet" ? 3 : 8) === 0);
  for (const folder of some) expect([folder, (await run(join(root, folder))).out]).toEqual([folder, out]);
});

test("a chart of a known version says which Flux runs", async () => {
  const root = makeTempDir();
  writeEntries(root, readBase("home-ops-community-chart"));
  const file = join(root, "kubernetes/apps/flux-system/flux/app/helmrelease.yaml");
  const floating = readFileSync(file, "utf8");
  const versions = { '"*"': "Flux version not pinned", "2.14.1": "Flux v2.4.0", "2.18.1": "Flux v2.8.x" };
  for (const [chart, says] of Object.entries(versions)) {
    writeFileSync(file, floating.replace('version: "*"', `version: ${chart}`));
    expect((await run(root, "scan")).out).toContain(`► default  ${says} · not started\n`);
  }
});

describe("on a terminal", () => {
  test("deleted files are a line each, and the report with the next step comes after the diff", async () => {
    const root = makeExample();
    await run(root, "migrate", "--yes");
    commitAll(root, "Install");
    setPushed(root);
    const gone = "kubernetes/flux/config/flux.yaml";
    const look = (...argv: string[]) =>
      runCli(["plan", "--phase", "cutover", ...argv], { loader: realEngine, cwd: root, terminal: true });
    const { out, err } = await look();
    expect(out).toMatch(/^deleted kubernetes\/flux\/config\/flux\.yaml \(\d+ lines\)$/m);
    expect(out).not.toContain("-kind: OCIRepository");
    expect(out).toContain("--full shows the lines of 1 deleted file.");
    expect((await look("--full")).out).toContain("-kind: OCIRepository");
    expect(err.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
    expect(err.trimEnd().split("\n").at(-1)).toBe("    fluxlift migrate --phase cutover");
    // In a pipe it is a patch, whole.
    expect((await run(root, "plan", "--phase", "cutover")).out).toContain(`deleted file mode 100644\n--- a/${gone}`);
  });

  test("the report follows the diff where both go to one place", () => {
    const root = makeExample();
    const done = spawnSync("sh", ["-c", '"$0" "$1" plan 2>&1', process.execPath, BUNDLE], {
      cwd: root,
      encoding: "utf8",
    });
    expect(done.stdout.trimEnd().split("\n").at(-1)).toBe("    fluxlift migrate");
  });

  test("control characters of a file do not reach it", async () => {
    const root = makeExample();
    const file = join(root, ".taskfiles/flux/Taskfile.yaml");
    const odd = "# \u001b]0;owned\u0007\tend\n";
    writeFileSync(file, readFileSync(file, "utf8").replace(/^ +- kubectl apply .*bootstrap\/flux$/m, `${odd}$&`));
    commitAll(root, "Odd");
    const { out } = await runCli(["plan", "--phase", "all", "--direct"], {
      loader: realEngine,
      cwd: root,
      terminal: true,
    });
    expect(out).toContain("\\u001b]0;owned\\u0007\tend");
    expect(out).not.toContain("\u001b");
  });
});
