import { describe, expect, test } from "vitest";
import { verifyEdits } from "../edited.ts";
import { gitSource, homeTree, ks, kustomization, object, operatorTree } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import { answer, SAFE } from "./answer.ts";

const CONFIG = "kubernetes/flux/config";
const CLUSTER = `${CONFIG}/cluster.yaml`;
const EXTRA = "kubernetes/flux/extra.yaml";
const SOURCES = "kubernetes/flux/sources.yaml";

const git = (name: string, spec: string[] = [], repository = "me/home") =>
  object("GitRepository", name, "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 30m",
    `  url: https://git.example.invalid/${repository}.git`,
    "  ref: {branch: main}",
    ...spec.map((line) => `  ${line}`),
  ]);

/** The source of the root with more in its spec, beside the root itself. */
function rootWith(spec: string[]): string {
  const text = homeTree()[CLUSTER]!;
  return git("home", spec) + text.slice(text.indexOf("---\napiVersion: kustomize"));
}

const PVC = "PersistentVolumeClaim media/data";
const shared: Files = {
  "shared/app/claim.yaml": object("PersistentVolumeClaim", "data"),
  "shared/app/map.yaml": object("ConfigMap", "map"),
};
const reads = (path: string, source: string) => ks("extra", path, ["targetNamespace: media"], source);

describe("a source of this repository that includes another one", () => {
  const INCLUDE = "include: [{repository: {name: other}, fromPath: apps, toPath: vendor}]";
  const tree: Files = {
    ...homeTree(),
    [CLUSTER]: rootWith([INCLUDE]),
    [SOURCES]: git("other", [], "you/other"),
    [EXTRA]: reads("vendor/app", "home"),
  };

  test("is as it was where the change touches other things, and for a new app that reads it", () => {
    expect(answer({ "README.md": "Hello\n" }, tree)).toEqual(SAFE);
    expect(answer({ [EXTRA]: tree[EXTRA] }, { ...tree, [EXTRA]: "" })).toEqual(SAFE);
  });

  test.each<[string, Edits]>([
    ["takes another folder", { [CLUSTER]: rootWith([INCLUDE.replace("apps", "more")]) }],
    ["reads another branch there", { [SOURCES]: git("other", [], "you/other").replace("branch: main", "branch: dev") }],
    ["reads another repository there", { [SOURCES]: git("other", [], "you/another") }],
  ])("is unproven where it %s", (_, edits) => {
    expect(answer(edits, tree)).toMatchObject({ verdict: "unproven", goes: [] });
  });

  test("includes it no more: what reads that folder never builds again", () => {
    expect(answer({ [CLUSTER]: rootWith([]) }, tree)).toMatchObject({ verdict: "unsafe", blockers: ["build-breaks"] });
  });

  test("does not hide what leaves the rest", () => {
    const edits = {
      "kubernetes/apps/media/player/app/pvc.yaml": undefined,
      "kubernetes/apps/media/player/app/kustomization.yaml": kustomization(["helmrelease.yaml"]),
    };
    expect(answer(edits, tree)).toMatchObject({ verdict: "deletes", goes: ["PersistentVolumeClaim media/player"] });
  });
});

describe("another source that includes this repository", () => {
  const include = (from: string) => [`include: [{repository: {name: home}, fromPath: ${from}, toPath: vendor}]`];
  const tree: Files = {
    ...homeTree(),
    ...shared,
    [SOURCES]: git("other", include("shared"), "you/other"),
    [EXTRA]: reads("vendor/app", "other"),
  };

  test("loses what the folder loses", () => {
    expect(answer({ "shared/app/claim.yaml": undefined }, tree)).toMatchObject({ verdict: "deletes", goes: [PVC] });
    expect(answer({ "shared/app/map.yaml": object("ConfigMap", "map", "v1", ["data: {a: b}"]) }, tree)).toEqual(SAFE);
  });

  test("is unproven where it includes another folder, or what is read lies above", () => {
    expect(answer({ [SOURCES]: git("other", include("kubernetes"), "you/other") }, tree).verdict).toBe("unproven");
    const above = { ...tree, [EXTRA]: reads("", "other") };
    expect(answer({ "shared/app/claim.yaml": undefined }, above).verdict).toBe("unproven");
    expect(answer({ "README.md": "Hello\n" }, above)).toEqual(SAFE);
  });
});

describe("a source that reads submodules", () => {
  const modules = '[submodule "vendor"]\n\tpath = vendor\n\turl = https://git.example.invalid/you/vendor.git\n';
  const tree: Files = {
    ...homeTree(),
    [CLUSTER]: rootWith(["recurseSubmodules: true"]),
    ".gitmodules": modules,
    [EXTRA]: reads("vendor/app", "home"),
  };

  test("holds what cannot be seen, which only matters where the change touches it", () => {
    expect(answer({ "README.md": "Hello\n" }, tree)).toEqual(SAFE);
    expect(answer({ [EXTRA]: tree[EXTRA] }, { ...tree, [EXTRA]: "" })).toEqual(SAFE);
  });

  test("a path that no submodule fills stops the build, one above a submodule may be there, whether it prunes or not", () => {
    const deep = { ...tree, ...shared, ".gitmodules": modules.replace("path = vendor", "path = lib/vendor") };
    for (const prune of ["true", "false"]) {
      const at = (path: string) => reads(path, "home").replace("prune: true", `prune: ${prune}`);
      const before = { ...deep, [EXTRA]: at("shared/app") };
      expect(before[EXTRA]).toContain(`prune: ${prune}`);
      expect(answer({ [EXTRA]: at("shared/aapp") }, before)).toMatchObject({ blockers: ["build-breaks"] });
      expect(answer({ [EXTRA]: at("lib") }, before)).toMatchObject({ verdict: "unproven" });
    }
  });

  test("reads them no more: what lies there never builds again", () => {
    expect(answer({ [CLUSTER]: rootWith([]) }, tree)).toMatchObject({ verdict: "unsafe", blockers: ["build-breaks"] });
  });
});

test("a Kustomization on another repository may be suspended, and not while what it reads moves", () => {
  const tree = { ...homeTree(), [SOURCES]: git("other", [], "you/other"), [EXTRA]: reads("app", "other") };
  const paused = { [EXTRA]: `${reads("app", "other").trimEnd()}\n  suspend: true\n` };
  expect(answer(paused, tree)).toEqual(SAFE);
  const moved = { ...paused, [SOURCES]: git("other", [], "you/other").replace("branch: main", "branch: dev") };
  expect(answer(moved, tree).verdict).toBe("unproven");
});

describe("what a Kustomization on another repository substitutes from", () => {
  const SETTINGS = "kubernetes/flux/settings.yaml";
  const from = (kind: string) => `postBuild: {substituteFrom: [{kind: ${kind}, name: settings}]}`;
  const settings = (kind: string, data: string) => object(kind, "settings", "v1", ["  namespace: flux-system", data]);
  const treeOf = (kind: string, data: string, source = "other"): Files => ({
    ...homeTree(),
    [SOURCES]: git("other", [], "you/other"),
    [EXTRA]: ks("extra", "apps", [from(kind)], source),
    [SETTINGS]: settings(kind, data),
  });

  test.each([
    ["data: {SITE: one, TAG: v1.2.3}", "data: {SITE: two, TAG: v1.2.3}", "unproven"],
    ["data: {SITE: one, TAG: v1.2.3}", "data: {TAG: v1.2.3}", "unproven"],
    ["data: {SITE: one, TAG: v1.2.3}", "data:", "unproven"],
    ["data:", "data: {SITE: one}", "safe"],
    ["data: {SITE: one, TAG: v1.2.3}", "data: {SITE: one, TAG: v1.2.4}", "safe"],
    ["data: {SITE: one, TAG: v1.2.3}", "data: {SITE: one, TAG: v1.2.3, MORE: x}", "safe"],
  ])("decides what cannot be seen: %s, then %s", (was, is, verdict) => {
    const edits = { [SETTINGS]: settings("ConfigMap", is) };
    expect(answer(edits, treeOf("ConfigMap", was)).verdict).toBe(verdict);
  });

  test("decides it in a Secret as well", () => {
    const edits = { [SETTINGS]: settings("Secret", "stringData: {SITE: two}") };
    expect(answer(edits, treeOf("Secret", "stringData: {SITE: one}")).verdict).toBe("unproven");
    const more = { [SETTINGS]: settings("Secret", "stringData: {SITE: one, MORE: two}") };
    expect(answer(more, treeOf("Secret", "stringData: {SITE: one}")).verdict).toBe("safe");
  });

  test("may be given to all by a patch, and then not be meant for its files", () => {
    const { [EXTRA]: _, ...tree } = treeOf("ConfigMap", "data: {SITE: one}");
    const parent = tree["kubernetes/flux/apps.yaml"]!.trimEnd();
    const patch = `patches: [{target: {kind: Kustomization}, patch: "[{op: add, path: /spec/postBuild, value: {substituteFrom: [{kind: ConfigMap, name: settings}]}}]"}]`;
    const player = "kubernetes/apps/media/player/ks.yaml";
    const patched = {
      ...tree,
      "kubernetes/flux/apps.yaml": `${parent}\n  ${patch}\n`,
      [player]: reads("app", "other"),
    };
    const edits = { [SETTINGS]: settings("ConfigMap", "data: {SITE: two}") };
    expect(answer(edits, patched).verdict).toBe("safe");
    expect(answer(edits, { ...patched, [player]: ks("extra", "app", [from("ConfigMap")], "other") }).verdict).toBe(
      "unproven",
    );
  });
});

describe("a second source of this repository", () => {
  const tree: Files = { ...homeTree(), ...shared, [SOURCES]: git("second"), [EXTRA]: reads("shared/app", "second") };

  test("leaves out more: its own readers lose it, and no others", () => {
    const found = answer({ [SOURCES]: git("second", ["ignore: claim.yaml"]) }, tree);
    expect(found).toMatchObject({ verdict: "unsafe", goes: [PVC] });
    expect(answer({ [SOURCES]: git("second", ["ignore: '*.md'"]) }, tree)).toEqual(SAFE);
  });

  test("fetches fewer folders", () => {
    const sparse = git("second", ["sparseCheckout: [kubernetes]"]);
    expect(answer({ [SOURCES]: sparse }, tree).verdict).not.toBe("safe");
  });
});

describe("a source that fetches some folders alone", () => {
  const sparse = (...folders: string[]) => `sparseCheckout: [${folders.join(", ")}]`;
  const moved: Edits = Object.fromEntries(
    Object.entries(shared).flatMap(([path, text]) => [
      [path, undefined],
      [path.replace("shared/", "moved/"), text],
    ]),
  );
  const extra = { [EXTRA]: reads("moved/app", "home") };

  test("is fetched no more where one of them is gone, also where its new list comes in the same change", () => {
    const tree = {
      ...homeTree(),
      ...shared,
      [CLUSTER]: rootWith([sparse("kubernetes", "shared")]),
      [EXTRA]: reads("shared/app", "home"),
    };
    const stops = { verdict: "unsafe", blockers: expect.arrayContaining(["reconcile-stops"]) };
    expect(answer({ ...moved, ...extra }, tree)).toMatchObject(stops);
    expect(answer({ ...moved, ...extra, [CLUSTER]: rootWith([sparse("kubernetes", "moved")]) }, tree)).toMatchObject(
      stops,
    );
    expect(answer({ [CLUSTER]: rootWith([sparse("kubernetes", "shared", "mvoed")]) }, tree)).toMatchObject(stops);
    const kept = {
      ...moved,
      ...extra,
      [CLUSTER]: rootWith([sparse("kubernetes", "moved")]),
      "shared/app/README.md": "Moved.\n",
    };
    expect(answer(kept, tree)).toEqual(SAFE);
  });

  test("is not said to stop where a folder was not there before either", () => {
    const app = "kubernetes/apps/media/player/app";
    const tree = {
      ...homeTree(),
      [`${app}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "git.yaml"]),
      [`${app}/git.yaml`]: git("second", [sparse("kubernetes", "nowhere")]),
      "old.yaml": "{}\n",
    };
    expect(answer({ "old.yaml": undefined }, tree)).toEqual(SAFE);
  });

  test("gets its new list in time where another source brings it", () => {
    const tree = {
      ...homeTree(),
      ...shared,
      [SOURCES]: git("second", [sparse("shared")]),
      [EXTRA]: reads("shared/app", "second"),
    };
    const edits = { ...moved, [SOURCES]: git("second", [sparse("moved")]), [EXTRA]: reads("moved/app", "second") };
    expect(answer(edits, tree)).toEqual(SAFE);
  });
});

describe("a path or a name with a variable from a Secret that is not here", () => {
  const from = "postBuild: {substituteFrom: [{kind: Secret, name: elsewhere}]}";
  const parent = homeTree()["kubernetes/flux/apps.yaml"]!.trimEnd();
  const tree: Files = {
    ...homeTree(),
    ...shared,
    "kubernetes/flux/apps.yaml": `${parent}\n  ${from}\n`,
    "kubernetes/apps/media/player/ks.yaml": ks("player", "shared/${APP_DIR}", ["targetNamespace: media"]),
  };

  test("is unproven where the change may lie below that path", () => {
    expect(answer({ "shared/app/claim.yaml": undefined }, tree).verdict).toBe("unproven");
    expect(answer({ "README.md": "Hello\n" }, tree)).toEqual(SAFE);
  });

  test("is unproven where the Kustomization of that path goes", () => {
    const chess = "kubernetes/apps/games/chess/ks.yaml";
    const alone = { ...tree, [chess]: tree[chess]!.replace(/ *dependsOn.*\n/, "") };
    const edits = {
      "kubernetes/apps/media/player/ks.yaml": undefined,
      "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]),
    };
    expect(answer(edits, alone)).toMatchObject({ verdict: "unproven", goes: ["Kustomization flux-system/player"] });
  });
});

describe("the job that publishes the artifact", () => {
  const FLOW = ".github/workflows/push.yaml";
  const job = (flags: string) =>
    `on: push\njobs:\n  push:\n    steps:\n      - run: flux push artifact oci://ghcr.io/me/home:latest ${flags} --source=x --revision=y\n`;
  const oci = (text: string) =>
    text
      .replaceAll("    kind: GitRepository", "    kind: OCIRepository")
      .replaceAll("kind: GitRepository", "kind: OCIRepository")
      .replace("url: https://git.example.invalid/me/home.git", "url: oci://ghcr.io/me/home")
      .replace("ref: {branch: main}", "ref: {tag: latest}");
  const tree: Files = {
    ...Object.fromEntries(Object.entries(homeTree()).map(([path, text]) => [path, oci(text)])),
    [FLOW]: job("--path=."),
  };

  test("pushes another folder", () => {
    const found = answer({ [FLOW]: job("--path=./kubernetes") }, tree);
    expect(found.verdict).toBe("unproven");
    expect(found.open).toContain("OCIRepository home is published from kubernetes instead of the whole repository");
  });

  test("publishes another tag than the source reads, unless something else moves that one", () => {
    const found = answer({ [FLOW]: job("--path=.").replace(":latest", ":main") }, tree);
    expect(found.verdict).toBe("unproven");
    expect(found.open).toContain("OCIRepository home reads the tag latest, which no job here that publishes it names");
    const tagged = job("--path=.")
      .replace(":latest", ":main")
      .replace(/$/, "      - run: flux tag artifact oci://ghcr.io/me/home:main --tag latest\n");
    expect(answer({ [FLOW]: tagged }, tree)).toEqual(SAFE);
    expect(answer({ [FLOW]: job("--path=.").replace("on: push", "on: [push]") }, tree)).toEqual(SAFE);
  });

  const TAGS = "reads the tag";
  const of = (ref: string, flow: string): Files => ({
    ...Object.fromEntries(
      Object.entries(tree).map(([path, text]) => [path, text.replace("ref: {tag: latest}", `ref: ${ref}`)]),
    ),
    [FLOW]: flow,
  });
  const pushes = (tag: string, more = "") =>
    job("--path=.").replace(":latest", `:${tag}`).replace("jobs:", `${more}jobs:`);
  const BRANCH = "env: {BRANCH: main}\n";

  test.each<[string, ref: string, before: string, after: string]>([
    ["a branch has the same name", "{tag: main}", pushes("main", BRANCH), pushes("stable", BRANCH)],
    [
      "a variable says it",
      "{tag: latest}",
      pushes("$TAG", "env: {TAG: latest}\n"),
      pushes("$TAG", "env: {TAG: dev}\n"),
    ],
    ["it is what a variable is by default", "{tag: latest}", pushes("${TAG:-latest}"), pushes("${TAG:-dev}")],
    [
      "a matrix lists it",
      "{tag: live}",
      pushes("${{ matrix.tag }}", "x:\n  tag:\n    - live\n    - test\n"),
      pushes("${{ matrix.tag }}", "x:\n  tag:\n    - test\n"),
    ],
    ["no tag is latest", "{tag: latest}", job("--path=.").replace(":latest", ""), pushes("main")],
    [
      "a comment goes on naming it",
      "{tag: latest}",
      pushes("latest"),
      `${pushes("main")}# flux push artifact oci://ghcr.io/me/home:latest\n`,
    ],
    [
      "flags come first",
      "{tag: latest}",
      job("").replace(/flux push.*/, "flux push artifact --path . oci://ghcr.io/me/home:latest"),
      pushes("main"),
    ],
    ["versions are read", "{semver: '>=1.0.0'}", pushes("v1.0.$N"), pushes("main")],
  ])("publishes another tag where %s", (_, ref, before, after) => {
    const found = answer({ [FLOW]: after }, of(ref, before));
    expect(found.verdict).toBe("unproven");
    expect(found.open).toContain("which no job here that publishes it");
    expect(answer({ [FLOW]: `# Flux\n${before}` }, of(ref, before))).toEqual(SAFE);
  });

  test("hands the tag to a script", () => {
    const script = "flux push artifact oci://ghcr.io/me/home:$1 --path=. --source=x --revision=y\n";
    const calls = (tag: string) => pushes("latest").replace(/flux push.*/, `./push.sh ${tag}`);
    const edits = { [FLOW]: calls("latest"), "push.sh": script };
    expect(answer(edits, of("{tag: latest}", pushes("latest")))).toEqual(SAFE);
    const files = { ...of("{tag: latest}", calls("latest")), "push.sh": script };
    expect(answer({ [FLOW]: calls("dev") }, files).open).toContain("reads the tag latest");
  });

  test("hands the tag to another workflow, or to an action", () => {
    const before = of("{tag: latest}", pushes("latest"));
    const input = pushes("${{ inputs.tag }}");
    const called = input.replace("on: push", "on: {workflow_call: {inputs: {tag: {type: string}}}}");
    const call = (uses: string, tag: string) => `on: push\njobs:\n  go:\n    uses: ${uses}\n    with: {tag: ${tag}}\n`;
    const flow = (tag: string) => ({ [FLOW]: called, ".github/workflows/go.yaml": call(`./${FLOW}`, tag) });
    const ACTION = ".github/actions/push";
    const action = { [`${ACTION}/action.yaml`]: input.replace("on: push", "inputs: {tag: {}}") };
    const step = (tag: string) => ({ ...action, [FLOW]: call(`./${ACTION}`, tag) });
    for (const one of [flow, step]) {
      expect(answer(one("latest"), before)).toEqual(SAFE);
      expect(answer(one("dev"), before).open).toContain("reads the tag latest");
      expect(answer(one("dev"), { ...before, ...one("latest") }).open).toContain("reads the tag latest");
    }
  });

  test("runs only when somebody starts it", () => {
    const on = (events: string) => pushes("latest").replace("on: push", `on: ${events}`);
    const found = answer({ [FLOW]: on("workflow_dispatch") }, of("{tag: latest}", on("push")));
    expect(found.open).toContain("reads the tag latest, which no job here publishes by itself any more");
    for (const [before, after] of [
      ["workflow_dispatch", "[workflow_dispatch]"],
      ["push", "{workflow_dispatch: {}, schedule: [{cron: '0 0 * * *'}]}"],
      ["push", "[workflow_call]"],
    ] as const)
      expect(answer({ [FLOW]: on(after) }, of("{tag: latest}", on(before)))).toEqual(SAFE);
  });

  test.each<[string, before: string, after: string, said: string]>([
    ["tags of Git", "push", "{push: {tags: ['v*']}}", "only when a tag of Git or a release is made"],
    [
      "releases",
      "{push: {branches: [main]}}",
      "[release, workflow_dispatch]",
      "only when a tag of Git or a release is made",
    ],
    ["another branch", "{push: {branches: [main]}}", "{push: {branches: [prod]}}", "only when prod changes"],
    ["one branch of two", "{push: {branches: [main, next]}}", "{push: {branches: [main]}}", ""],
    ["branches and tags", "push", "{push: {branches: ['**'], tags: ['v*']}}", ""],
    ["tags, as before", "{push: {tags: ['v*']}}", "{push: {tags: ['v1*']}}", ""],
  ])("runs for %s", (_, before, after, said) => {
    const on = (events: string) => pushes("latest").replace("on: push", `on: ${events}`);
    const found = answer({ [FLOW]: on(after) }, of("{tag: latest}", on(before)));
    if (said === "") expect(found).toEqual(SAFE);
    else expect(found.open).toContain(said);
    // A range of versions reads what tags of Git make.
    const versions = (events: string) => on(events).replace(":latest", ":${{ github.ref_name }}");
    const ranged = answer({ [FLOW]: versions(after) }, of("{semver: 1.x}", versions(before)));
    expect(ranged.open !== "").toBe(said.includes("prod"));
  });

  test.each([
    ["false", "somebody starts it"],
    ["${{ false }}", "somebody starts it"],
    ["github.event_name == 'workflow_dispatch'", "somebody starts it"],
    ["startsWith(github.ref, 'refs/tags/')", "a tag of Git"],
    ["github.ref_type == 'tag' && github.actor != 'x'", "a tag of Git"],
    ["startsWith(github.ref, 'refs/tags/') || github.ref == 'refs/heads/main'", ""],
    ["${{ !startsWith(github.ref, 'refs/tags/') }}", ""],
    ["startsWith(github.ref, 'refs/tags/') == false", ""],
    ["github.ref == 'refs/heads/main'", ""],
  ])("runs only if %s", (condition, said) => {
    const before = of("{tag: latest}", pushes("latest"));
    const ofJob = pushes("latest").replace("    steps:", `    if: "${condition}"\n    steps:`);
    const ofStep = pushes("latest").replace("      - run:", `      - if: "${condition}"\n        run:`);
    for (const text of [ofJob, ofStep]) {
      expect(text).toContain(condition);
      const { open } = answer({ [FLOW]: text }, before);
      expect(said === "" ? open : open.includes(said)).toBe(said === "" ? "" : true);
    }
  });

  const PUSH = pushes("latest")
    .replace(/^.*run: /s, "")
    .trim();

  test.each<[string, said: string]>([
    ["if [[ $GITHUB_REF == refs/tags/* ]]; then\nPUSH\nfi", "a tag of Git"],
    ['if [ "$GITHUB_REF_TYPE" = "tag" ]; then\necho\nif [ -z x ]; then\necho\nfi\nPUSH\nfi', "a tag of Git"],
    ['if [ -n "$CI_COMMIT_TAG" ]; then PUSH; fi', "a tag of Git"],
    ["[[ $GITHUB_REF == refs/tags/* ]] && PUSH", "a tag of Git"],
    ["if [[ $GITHUB_REF == refs/tags/* ]]; then\necho\nelse\nPUSH\nfi", ""],
    ["if [[ $GITHUB_REF == refs/tags/* ]]; then\necho\nfi\nPUSH", ""],
    ["if [[ $GITHUB_REF == refs/tags/* || $X == main ]]; then\nPUSH\nfi", ""],
    ["if ! [[ $GITHUB_REF == refs/tags/* ]]; then\nPUSH\nfi", ""],
    ["if [[ $GITHUB_REF == refs/heads/main ]]; then\nPUSH\nfi", ""],
    ["[[ $GITHUB_REF == refs/tags/* ]] || PUSH", ""],
    ["if [[ $GITHUB_REF == refs/tags/* ]]; then V=1; fi; PUSH", ""],
    ["if [[ $GITHUB_REF == refs/tags/* ]]; then V=1; else PUSH; fi", ""],
    ["if [[ $GITHUB_REF == refs/tags/* ]]; then\nV=1\nelse PUSH; fi", ""],
    ["if [[ $GITHUB_REF == refs/tags/* ]]\nthen V=1; else PUSH; fi", ""],
    ["[[ $GITHUB_REF == refs/tags/* ]] && V=1; PUSH", ""],
    ["# if [[ $GITHUB_REF == refs/tags/* ]]; then\nPUSH", ""],
  ])("is run by a shell as %s", (script, said) => {
    const shell = (text: string) => ({ "push.sh": text.replace("PUSH", PUSH).replace("--path", "\\\n  --path") });
    const before = { ...of("{tag: latest}", pushes("latest")), [FLOW]: "on: push\njobs: {}\n", ...shell("PUSH") };
    const { open } = answer(shell(script), before);
    expect(said === "" ? open : open.includes(said)).toBe(said === "" ? "" : true);
  });

  test.each<[string, before: string, after: string, said: string]>([
    ["a rule for tags", "", "rules: [{if: $CI_COMMIT_TAG}]", "a tag of Git"],
    ["rules for versions", "", "rules: [{if: $CI_COMMIT_TAG =~ /^v/}, {when: never}]", "a tag of Git"],
    ["a rule by hand", "", 'rules: [{if: $CI_COMMIT_BRANCH == "main", when: manual}]', "somebody starts it"],
    ["hands alone", "", "when: manual", "somebody starts it"],
    ["tags alone", "", "only: [tags]", "a tag of Git"],
    ["refs of tags", "", "only: {refs: [tags]}", "a tag of Git"],
    ["all but branches", "", "except: [branches]", "a tag of Git"],
    ["what another one says", "", "extends: .tags", "a tag of Git"],
    ["another branch", "only: [main]", "only: [prod]", "only when prod changes"],
    [
      "a rule of another branch",
      'rules: [{if: $CI_COMMIT_BRANCH == "main"}]',
      'rules: [{if: $CI_COMMIT_BRANCH == "prod"}]',
      "only when prod changes",
    ],
    ["tags and branches", "", "rules: [{if: $CI_COMMIT_TAG}, {if: $CI_COMMIT_BRANCH}]", ""],
    ["tags or a branch", "", 'rules: [{if: $CI_COMMIT_TAG || $CI_COMMIT_BRANCH == "main"}]', ""],
    ["never for one", "", 'rules: [{if: $CI_COMMIT_TAG, when: never}, {if: $CI_COMMIT_BRANCH == "main"}]', ""],
    ["pipelines of branches", "only: [branches]", "only: [main]", ""],
    ["a rule from elsewhere", "", "rules: [!reference [.main, rules]]", ""],
    ["rules from elsewhere", "", "rules: !reference [.main, rules]", ""],
    ["branches from elsewhere", "only: [main]", "only: !reference [.main, only]", ""],
    ["a list of rules", "", "rules: [[{if: $CI_COMMIT_BRANCH}]]", ""],
    ["what says more itself", "", "{extends: .tags, rules: [{if: $CI_COMMIT_BRANCH}]}", ""],
  ])("runs in GitLab by %s", (_, from, to, said) => {
    const CI = ".gitlab-ci.yml";
    const flow = (rest: string) => ({
      [CI]: `.tags:\n  rules: [{if: $CI_COMMIT_TAG}]\npush:\n  ${rest.replace(/^\{(.*?), (.*)\}$/, "$1\n  $2")}\n  script:\n    - ${PUSH}\n`,
    });
    const before = { ...of("{tag: latest}", "on: push\njobs: {}\n"), ...flow(from) };
    const { open } = answer(flow(to), before);
    expect(said === "" ? open : open.includes(said)).toBe(said === "" ? "" : true);
  });

  test("runs in GitLab as what extends its hidden job", () => {
    const flow = (tag: string) => ({
      ".gitlab-ci.yml": `.push:\n  rules: [{if: $CI_COMMIT_TAG}]\n  script:\n    - ${PUSH.replace(":latest", `:${tag}`)}\nmain:\n  extends: .push\n  rules: [{if: $CI_COMMIT_BRANCH}]\n`,
    });
    const before = { ...of("{tag: latest}", "on: push\njobs: {}\n"), ...flow("latest") };
    expect(answer(flow("stable"), before).open).toContain("reads the tag latest");
  });

  test("runs when another job starts it", () => {
    const before = of("{tag: latest}", pushes("latest"));
    const byHand = pushes("latest").replace("on: push", "name: Publish\non: workflow_dispatch");
    const file = FLOW.split("/").at(-1)!;
    const starts = (run: string) => ({
      [FLOW]: byHand,
      ".github/workflows/go.yaml": `on: {push: {}, workflow_dispatch: {}}\njobs:\n  go:\n    steps:\n      - run: ${run}\n`,
    });
    for (const run of [`gh workflow run ${file}`, "gh workflow run Publish", `curl $API/workflows/${file}/dispatches`])
      expect(answer(starts(run), before)).toEqual(SAFE);
    for (const run of [`cat ${file}`, "gh workflow run Other"])
      expect(answer(starts(run), before).open).toContain("only when somebody starts it");
  });

  test("leaves the tag to another job", () => {
    const PROMOTE = ".github/workflows/promote.yaml";
    const promote = (run: string) => ({ [PROMOTE]: `on: push\njobs:\n  go:\n    steps:\n      - run: ${run}\n` });
    for (const run of [
      "flux tag artifact oci://ghcr.io/me/home:$SHA --tag live",
      "crane tag ghcr.io/me/home:$SHA live",
    ]) {
      const files = { ...of("{tag: live}", pushes("$SHA")), ...promote(run) };
      expect(answer({ [PROMOTE]: undefined }, files).open).toContain(TAGS);
      expect(answer({ ...promote(run), [FLOW]: pushes("$SHA") }, of("{tag: live}", pushes("live")))).toEqual(SAFE);
    }
  });

  test.each<[string, ref: string, before: string, after: string]>([
    ["the name of the branch", "{tag: main}", pushes("main"), pushes("${{ github.ref_name }}")],
    [
      "what nobody can read here",
      "{tag: latest}",
      pushes("latest"),
      pushes("${{ inputs.tag }}", "# latest\nx: [latest]\n"),
    ],
    ["what made no versions before", "{semver: '>=1.0.0'}", pushes("${{ github.sha }}"), pushes("main")],
    [
      "the next version",
      "{tag: v1.2.3}",
      pushes("$TAG", "env: {TAG: v1.2.3}\n"),
      pushes("$TAG", "env: {TAG: v1.2.4}\n"),
    ],
    [
      "another item of a matrix",
      "{tag: live}",
      pushes("$tag", "x: {tag: [live]}\n"),
      pushes("$tag", "x: {tag: [live, dev]}\n"),
    ],
  ])("may publish the same tag by %s", (_, ref, before, after) => {
    expect(answer({ [FLOW]: after }, of(ref, before))).toEqual(SAFE);
  });

  test("fills the bucket from another folder, or no more", () => {
    const bucket = (text: string) =>
      text
        .replaceAll("kind: GitRepository", "kind: Bucket")
        .replace("url: https://git.example.invalid/me/home.git", "endpoint: s3.example.com")
        .replace("ref: {branch: main}", "bucketName: home");
    const sync = (folder: string) => job("").replace(/flux push.*/, `aws s3 sync ${folder} s3://home`);
    const files = {
      ...Object.fromEntries(Object.entries(homeTree()).map(([path, text]) => [path, bucket(text)])),
      [FLOW]: sync("."),
    };
    const found = answer({ [FLOW]: sync("./kubernetes") }, files);
    expect(found.verdict).toBe("unproven");
    expect(found.open).toContain("Bucket home is published from kubernetes instead of the whole repository");
    expect(answer({ [FLOW]: undefined }, files).open).toContain("no job or task says any more from which folder");
    expect(answer({ [FLOW]: `# Flux\n${sync("./")}` }, files)).toEqual(SAFE);
  });

  test("leaves out what is read", () => {
    const found = answer({ [FLOW]: job("--path=. --ignore-paths=kubernetes/apps/games/") }, tree);
    expect(found.verdict).toBe("unsafe");
    expect(found.goes).toContain("Kustomization flux-system/chess");
  });

  test("is gone", () => {
    expect(answer({ [FLOW]: undefined }, tree).open).toContain("no job or task says any more from which folder");
  });

  test("may change in other ways", () => {
    expect(answer({ [FLOW]: job("--path=. --ignore-paths='*.md,docs/'") }, tree)).toEqual(SAFE);
    expect(answer({ [FLOW]: `# Flux\n${job("--path=./")}` }, tree)).toEqual(SAFE);
  });

  test("is needed for an artifact that a FluxInstance comes to sync instead of Git", () => {
    const all = operatorTree();
    const toOci = ([path, text]: [string, string]) => [
      path,
      text
        .replaceAll("kind: GitRepository", "kind: OCIRepository")
        .replace(
          "url: 'https://git.example.invalid/me/home.git', ref: refs/heads/main",
          "url: 'oci://ghcr.io/me/home', ref: latest",
        ),
    ];
    const edits: Edits = Object.fromEntries(Object.entries(all).map(toOci));
    const found = answer(edits, all);
    expect(found.verdict).toBe("unproven");
    expect(found.open).toContain("OCIRepository flux-system is what Flux reads from then on instead of GitRepository");
    expect(answer({ ...edits, [FLOW]: job("--path=.") }, all).verdict).toBe("deletes");
    expect(answer(edits, { ...all, [FLOW]: job("--path=.") }).verdict).toBe("deletes");
  });

  test("left it out all along", () => {
    const ignoring = { ...tree, [FLOW]: job("--path=. --ignore-paths=shared/"), ...shared };
    expect(answer({ "shared/app/claim.yaml": undefined }, ignoring)).toEqual(SAFE);
  });
});

describe("a Terraform object that reads this repository", () => {
  const FILE = "kubernetes/apps/media/player/app/terraform.yaml";
  const made = (spec: string) =>
    object("Terraform", "dns", "infra.contrib.fluxcd.io/v1alpha2", [
      "  namespace: flux-system",
      `spec: {interval: 1h, approvePlan: auto, ${spec}, sourceRef: {kind: GitRepository, name: home}}`,
    ]);
  const LIST = "kubernetes/apps/media/player/app/kustomization.yaml";
  const tree: Files = {
    ...homeTree(),
    [FILE]: made("path: ./infra"),
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "terraform.yaml"]),
    "infra/main.tf": 'resource "dns_record" "a" {\n}\nresource "bucket" "b" {\n}\n',
  };
  const without: Edits = { [FILE]: undefined, [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]) };

  test("is unproven where its folder loses a block, or it reads another one", () => {
    expect(answer({ "infra/main.tf": 'resource "dns_record" "a" {\n}\n' }, tree).verdict).toBe("unproven");
    expect(answer({ [FILE]: made("path: ./other") }, tree).verdict).toBe("unproven");
  });

  test.each(["destroy: true", "workspace: other", "backendConfig: {secretSuffix: other, inClusterConfig: true}"])(
    "is unproven where it gets %s",
    (line) => {
      expect(answer({ [FILE]: made(`path: ./infra, ${line}`) }, tree).verdict).toBe("unproven");
      expect(answer({ [FILE]: made("path: ./infra, parallelism: 2") }, tree)).toEqual(SAFE);
    },
  );

  test("is told by its folder, however that is written", () => {
    const hidden = { ...tree, [FILE]: made("path: ./.infra"), ".infra/main.tf": tree["infra/main.tf"]! };
    expect(answer({ ".infra/main.tf": "" }, hidden).verdict).toBe("unproven");
    expect(answer({ "infra/main.tf": "" }, hidden)).toEqual(SAFE);
    for (const path of ["infra", "./infra/", "infra/."])
      expect(answer({ [FILE]: made(`path: ${path}`) }, tree)).toEqual(SAFE);
    const whole = { ...tree, [FILE]: made("path: ./"), "main.tf": tree["infra/main.tf"]! };
    expect(answer({ "main.tf": "" }, whole).verdict).toBe("unproven");
  });

  test("is left alone where it is suspended, or reads another repository", () => {
    const less = { "infra/main.tf": 'resource "bucket" "b" {\n}\n' };
    expect(answer(less, { ...tree, [FILE]: made("path: ./infra, suspend: true") })).toEqual(SAFE);
    expect(answer(less, { ...tree, [FILE]: tree[FILE]!.replace("name: home}", "name: other}") })).toEqual(SAFE);
    expect(
      answer(less, { ...tree, [FILE]: tree[FILE]!.replace("infra.contrib.fluxcd.io", "infra.example.com") }),
    ).toEqual(SAFE);
  });

  test("loses modules, whole files and files of JSON, and no other block", () => {
    const files: Files = {
      ...tree,
      "infra/main.tf": 'resource "bucket" "b" {\n}\n  module "net" {\n}\nvariable "x" {\n}\noutput "resource" {\n}\n',
      "infra/more.tf.json": '{"resource": {"bucket": {"e": {}}}, "a": 2}',
      "infra/more.tofu": 'resource "bucket" "c" {\n}\n',
      "infra/notes.txt": 'resource "bucket" "d" {\n}\n',
    };
    const cut = (block: string) => ({ "infra/main.tf": files["infra/main.tf"]!.replace(`${block} {\n}\n`, "") });
    expect(answer(cut('module "net"'), files).open).toContain("which loses blocks");
    expect(answer({ "infra/more.tf.json": undefined }, files).verdict).toBe("unproven");
    expect(answer({ "infra/more.tofu": undefined }, files).verdict).toBe("unproven");
    expect(answer({ "infra/more.tf.json": files["infra/more.tf.json"]!.replace("2", "1") }, files)).toEqual(SAFE);
    expect(answer({ "infra/notes.txt": undefined }, files)).toEqual(SAFE);
    expect(answer(cut('variable "x"'), files)).toEqual(SAFE);
    const moved = {
      ...cut('module "net"'),
      "infra/main.tf": `module "net" {\n}\n${files["infra/main.tf"]!.replace('  module "net" {\n}\n', "")}`,
    };
    expect(answer(moved, files)).toEqual(SAFE);
  });

  test("is unproven where a module that it takes from the repository loses a block", () => {
    const [net, zone, more] = ["modules/net/main.tf", "modules/zone/main.tf", "modules/more/main.tf"];
    const calls = (source: string) => `module "m" {\n  source = "${source}"\n}\n`;
    const one = 'resource "bucket" "c" {\n}\n';
    const files: Files = {
      ...tree,
      ...{ "infra/main.tf": calls("../modules/net"), [net]: one + calls("../zone"), [zone]: one, [more]: one },
    };
    for (const file of [net, zone])
      expect(answer({ [file]: files[file]!.replace(one, "") }, files).open).toContain(
        `reads ${file}, which loses blocks`,
      );
    expect(answer({ [more]: "" }, files)).toEqual(SAFE);
    const others = { "elsewhere/main.tf": calls("../modules/more"), "infra/notes.md": calls("../modules/more") };
    expect(answer({ [more]: "" }, { ...files, ...others })).toEqual(SAFE);
    const json = {
      ...files,
      "infra/main.tf": "",
      "infra/main.tf.json": '{"module":{"m":{"source":"../modules/net"}}}',
    };
    expect(answer({ [net]: "" }, json).verdict).toBe("unproven");
  });

  test("is unproven where it resumes and reads another folder, or destroys", () => {
    const held = { ...tree, [FILE]: made("path: ./infra, suspend: true") };
    expect(answer({ [FILE]: made("path: ./other") }, held).verdict).toBe("unproven");
    expect(answer({ [FILE]: made("path: ./infra, destroy: true") }, held).verdict).toBe("unproven");
    expect(answer({ [FILE]: made("path: ./infra, destroy: true, suspend: true") }, held)).toEqual(SAFE);
    expect(answer({ [FILE]: made("path: ./infra") }, held)).toEqual(SAFE);
    expect(answer({ [FILE]: made("path: ./other, suspend: true") }, tree).verdict).toBe("unproven");
  });

  test("is named with its namespace and the way to see its plan", () => {
    const said = (text: string) => {
      const edits = { [FILE]: text.replace("./infra", "./other") };
      return verifyEdits(edits, { ...tree, [FILE]: text }).clusters.flatMap(({ safety }) => safety.unknown);
    };
    const look = "look at its plan (tfctl show plan dns)";
    // As targetNamespace of its Kustomization says.
    expect(said(tree[FILE]!)).toMatchObject([{ resources: ["Terraform media/dns"], look }]);
  });

  test("is that of the cluster which it lies in", () => {
    const member = (name: string): Files => ({
      [`clusters/${name}/sync.yaml`]:
        gitSource("flux-system") + ks("flux-system", `clusters/${name}`, [], "flux-system"),
      [`clusters/${name}/terraform.yaml`]: made(`path: ./infra/${name}`).replace("name: home", "name: flux-system"),
      [`infra/${name}/main.tf`]: tree["infra/main.tf"]!,
    });
    const both = { ...member("one"), ...member("two") };
    const told = (edits: Edits) =>
      verifyEdits(edits, both).clusters.map(({ cluster, safety }) => [
        cluster,
        ...safety.unknown.map(({ what }) => what),
      ]);
    expect(told({ "infra/two/main.tf": "" })).toEqual([
      ["one"],
      ["two", expect.stringContaining("reads infra/two/main.tf, which loses blocks")],
    ]);
    const TWO = "clusters/two/terraform.yaml";
    expect(told({ [TWO]: both[TWO]!.replace("./infra/two", "./infra/one") })).toEqual([
      ["one"],
      ["two", expect.stringContaining("reads ./infra/one instead of ./infra/two")],
    ]);
    both[TWO] = both[TWO]!.replace("approvePlan", "destroyResourcesOnDeletion: true, approvePlan");
    expect(told({ [TWO]: undefined })).toEqual([["one"], ["two", expect.stringContaining("goes, and destroys")]]);
  });

  test("is nothing to speak of where it says the same, or what goes makes nothing", () => {
    const destroys = { ...tree, [FILE]: made("path: ./infra, destroy: true") };
    expect(answer({ [FILE]: made("path: ./infra, destroy: true, parallelism: 2") }, destroys)).toEqual(SAFE);
    expect(answer({ [FILE]: made("path: ./infra, workspace: default") }, tree)).toEqual(SAFE);
    const more = { ...tree, "infra/inputs.tf": 'variable "x" {\n}\n# resource "bucket" "z" {\n# }\n' };
    expect(answer({ "infra/inputs.tf": undefined }, more)).toEqual(SAFE);
    expect(answer({ "infra/inputs.tf": 'variable "x" {\n}\n' }, more)).toEqual(SAFE);
    expect(answer({ "infra/settings.json": undefined }, { ...tree, "infra/settings.json": "{}" })).toEqual(SAFE);
    const spaced = { ...tree, "infra/main.tf": 'resource  "bucket"   "b" {\n}\n' };
    expect(answer({ "infra/main.tf": "" }, spaced).verdict).toBe("unproven");
  });

  test("takes everything along where it says so", () => {
    const destroys = { ...tree, [FILE]: made("path: ./infra, destroyResourcesOnDeletion: true") };
    expect(answer(without, destroys).open).toContain("destroys everything that it made");
    expect(answer(without, tree)).toMatchObject({ verdict: "deletes" });
  });

  test("is nothing to speak of where blocks come or change", () => {
    const text = `${tree["infra/main.tf"]}resource "dns_record" "c" {\n  ttl = 5\n}\n`;
    expect(answer({ "infra/main.tf": text }, tree)).toEqual(SAFE);
  });
});

test("a folder that the source leaves out is not missing in the repository, and that is said", () => {
  const tree = { ...homeTree(), ".sourceignore": "/*\n!/kubernetes\n" };
  const app = "kubernetes/apps/media/player/app";
  const base: Edits = {
    [`${app}/kustomization.yaml`]: kustomization(["../../../../../base/player"]),
    "base/player/kustomization.yaml": kustomization(["map.yaml"]),
    "base/player/map.yaml": object("ConfigMap", "map"),
  };
  const moved = { "kubernetes/apps/media/player/ks.yaml": ks("player", "base/player", ["targetNamespace: media"]) };
  for (const edits of [{ ...base, ...moved }, base]) {
    const found = judge(tree, edits).findings.find(({ rule }) => rule === "build-breaks");
    expect(found?.what).toContain("it is in the repository, and the source leaves it out.");
    expect(found?.next).toContain("spec.ignore");
  }
  const { "base/player/kustomization.yaml": _, ...missing } = base;
  expect(judge(tree, missing).findings.find(({ rule }) => rule === "build-breaks")?.what).not.toContain(
    "leaves it out",
  );
});

test("a folder stays in the artifact when all in it is left out, and Flux prunes what came from it", () => {
  const app = "kubernetes/apps/media/player/app";
  const claim = "deleted PersistentVolumeClaim media/player";
  const answerTo = (ignore: string) => {
    const { blockers, wanted } = judge(homeTree(), { ".sourceignore": `${ignore}\n` });
    return [...blockers, ...wanted].filter((one) => one === "build-breaks" || one === claim);
  };
  expect(answerTo(`/${app}/*`)).toEqual([claim]);
  expect(answerTo(`${app}/*.yaml`)).toEqual([claim]);
  expect(answerTo(`/${app}/`)).toEqual(["build-breaks"]);
});
