import { describe, expect, test } from "vitest";
import { homeTree, object, operatorTree } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { answer, SAFE } from "./answer.ts";

const shared: Files = {
  "shared/app/claim.yaml": object("PersistentVolumeClaim", "data"),
  "shared/app/map.yaml": object("ConfigMap", "map"),
};

/** That an answer says something, or nothing at all. */
const expectSaid = (open: string, said: string) =>
  expect(said === "" ? open : open.includes(said)).toBe(said === "" ? "" : true);

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
      expectSaid(open, said);
    }
  });

  const PUSH = pushes("latest")
    .replace(/^.*run: /s, "")
    .trim();

  test.each<[string, said: string]>([
    ["if [[ $GITHUB_REF == refs/tags/* ]]; then\nPUSH\nfi", "a tag of Git"],
    ['if [ "$GITHUB_REF_TYPE" = "tag" ]; then\necho\nif [ -z x ]; then\necho\nfi\nPUSH\nfi', "a tag of Git"],
    ['if [ -n "$CI_COMMIT_TAG" ]; then PUSH; fi', "a tag of Git"],
    ["if [[ $GITHUB_REF == refs/tags/* ]]; then\nif [ -z x ]; then\nPUSH\nfi\nfi", "a tag of Git"],
    ["if [[ $GITHUB_REF == refs/tags/* ]]; then\nif [ -z x ]; then\necho\nelse\nPUSH\nfi\nfi", "a tag of Git"],
    ["if [ -z x ]; then\necho\nelif [[ $GITHUB_REF == refs/tags/* ]]; then\nPUSH\nfi", "a tag of Git"],
    ["if [ -z x ]; then\nif [[ $GITHUB_REF == refs/tags/* ]]; then\necho\nelse\nPUSH\nfi\nfi", ""],
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
    expectSaid(open, said);
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
    expectSaid(open, said);
  });

  test.each<[string, files: Files, said: string]>([
    [
      "pipelines of tags",
      { ".gitlab-ci.yml": `workflow: {rules: [{if: $CI_COMMIT_TAG}]}\npush:\n  script:\n    - ${PUSH}\n` },
      "a tag of Git",
    ],
    [
      "any pipeline",
      { ".gitlab-ci.yml": `workflow: {rules: [{if: $CI_PIPELINE_SOURCE}]}\npush:\n  script:\n    - ${PUSH}\n` },
      "",
    ],
    [
      "a file that it takes in",
      {
        ".gitlab-ci.yml": `include: [{local: /ci/base.yml}]\npush:\n  extends: .tags\n  script:\n    - ${PUSH}\n`,
        "ci/base.yml": ".tags:\n  rules: [{if: $CI_COMMIT_TAG}]\n",
      },
      "a tag of Git",
    ],
    ...["ci/*.yml", "/ci/**.yml", "/c*/**/*.yml"].map((pattern): [string, Files, string] => [
      `files that ${pattern} takes in`,
      {
        ".gitlab-ci.yml": `include: [{local: "${pattern}"}]\npush:\n  extends: .tags\n  script:\n    - ${PUSH}\n`,
        "ci/base.yml": ".tags:\n  rules: [{if: $CI_COMMIT_TAG}]\n",
      },
      "a tag of Git",
    ]),
    [
      "no file that ci/*.yml does not take in",
      {
        ".gitlab-ci.yml": `include: [{local: "ci/*.yml"}]\npush:\n  extends: .tags\n  script:\n    - ${PUSH}\n`,
        "ci/old/base.yml": ".tags:\n  rules: [{if: $CI_COMMIT_TAG}]\n",
      },
      "",
    ],
    [
      "a file with inputs",
      {
        ".gitlab-ci.yml": `include: [{local: /ci/base.yml, inputs: {a: b}}]\npush:\n  extends: .tags\n  script:\n    - ${PUSH}\n`,
        "ci/base.yml": "spec:\n  inputs: {a: {default: b}}\n---\n.tags:\n  rules: [{if: $CI_COMMIT_TAG}]\n",
      },
      "a tag of Git",
    ],
    [
      "a file that is taken in",
      {
        ".gitlab-ci.yml": "include: ci/push.yml\n.tags:\n  rules: [{if: $CI_COMMIT_TAG}]\n",
        "ci/push.yml": `push:\n  extends: .tags\n  script:\n    - ${PUSH}\n`,
      },
      "a tag of Git",
    ],
    [
      "the last of two, with what that extends",
      {
        ".gitlab-ci.yml": `.a:\n  rules: [{if: $CI_COMMIT_BRANCH}]\n.c:\n  rules: [{if: $CI_COMMIT_TAG}]\n.b:\n  extends: .c\npush:\n  extends: [.a, .b]\n  script:\n    - ${PUSH}\n`,
      },
      "a tag of Git",
    ],
  ])("runs in GitLab by the rules of %s", (_, files, said) => {
    const CI = ".gitlab-ci.yml";
    const plain = Object.fromEntries(Object.keys(files).map((path) => [path, ""]));
    const before = {
      ...of("{tag: latest}", "on: push\njobs: {}\n"),
      ...plain,
      [CI]: `push:\n  script:\n    - ${PUSH}\n`,
    };
    const { open } = answer(files, before);
    expectSaid(open, said);
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
