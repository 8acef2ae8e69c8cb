import { describe, expect, test } from "vitest";
import transform from "../../transforms/automation-mentions/index.ts";
import { contextOf, type Files, homeWith, runTransform } from "./support.ts";

/** What becomes of one file of a repository that holds the cluster below `platform`. */
function runBelow(path: string, text: string, others: Files = {}) {
  const said = runTransform(transform, contextOf(homeWith({ ...others, [path]: text }, "platform/kubernetes")));
  return { text: said.texts[path], rules: said.rules };
}

const SELECT = "--selector name=flux-operator --selector name=flux-instance sync";
const TASK = (command: string) => `tasks:\n  up:\n    cmds:\n      - ${command}\n`;

describe("a folder further down that holds everything", () => {
  test("is the root of its Taskfile, for what that includes as well", () => {
    const root = "vars:\n  KUBERNETES_DIR: '{{.ROOT_DIR}}/kubernetes'\n";
    const path = "platform/.taskfiles/flux/Taskfile.yaml";
    const said = runBelow(path, TASK("kubectl apply -k {{.KUBERNETES_DIR}}/bootstrap/flux"), {
      "platform/Taskfile.yaml": root,
    });
    const expected = TASK(`helmfile --file {{.KUBERNETES_DIR}}/bootstrap/helmfile.yaml ${SELECT}`);
    expect(said).toEqual({ text: expected, rules: [] });
  });

  test("is the root of its Taskfile where the cluster is an argument", () => {
    const text = `vars:\n  DIR: '{{.ROOT_DIR}}/{{.WHICH}}/bootstrap'\n${TASK("kubectl apply -k {{.DIR}}/flux")}`;
    const expected = text.replace("kubectl apply -k {{.DIR}}/flux", `helmfile --file {{.DIR}}/helmfile.yaml ${SELECT}`);
    expect(runBelow("platform/Taskfile.yaml", text)).toEqual({ text: expected, rules: [] });
  });

  test("is not the folder of a Taskfile that another one includes", () => {
    const path = ".taskfiles/flux/Taskfile.yaml";
    const { "kubernetes/bootstrap/helmfile.yaml": helmfile = "", ...rest } = homeWith({
      [path]: TASK("kubectl apply -k {{.KUBERNETES_DIR}}/bootstrap/flux"),
    });
    const said = runTransform(transform, contextOf({ ...rest, "bootstrap/helmfile.yaml": helmfile }));
    expect(said.texts[path]).toBe(TASK(`helmfile --file {{.ROOT_DIR}}/bootstrap/helmfile.yaml ${SELECT}`));
  });

  test("is where the tasks of an included Taskfile run, as its own `dir` says", () => {
    const path = ".taskfiles/flux/Taskfile.yaml";
    const text = TASK("kubectl apply -k ./flux");
    const root = (dir: string) => `includes:\n  flux: { taskfile: .taskfiles/flux, dir: "${dir}" }\n`;
    const written = TASK(`helmfile --file ./helmfile.yaml ${SELECT}`);
    for (const dir of ["platform/kubernetes/bootstrap", "{{.ROOT_DIR}}/platform/kubernetes/bootstrap"])
      expect(runBelow(path, text, { "Taskfile.yaml": root(dir) })).toEqual({ text: written, rules: [] });
    for (const dir of ["", "elsewhere", "{{.WHERE}}"])
      expect(runBelow(path, text, { "Taskfile.yaml": root(dir) }).text).toBeUndefined();
  });

  test("is what a new path begins with", () => {
    const root = "platform/justfile";
    const said = runBelow(
      root,
      "up:\n  kubectl apply -f {{ justfile_directory() }}/kubernetes/flux/config/cluster.yaml\n",
    );
    const file = "{{ justfile_directory() }}/kubernetes/bootstrap/helmfile.yaml";
    expect(said).toEqual({ text: `up:\n  helmfile --file ${file} ${SELECT}\n`, rules: [] });
  });

  test.each(["source_directory()", "source_dir()"])("is not what just calls the folder of a module: %s", (here) => {
    const path = "platform/kubernetes/bootstrap/mod.just";
    const text = (line: string) => `up:\n  ${line}\n`;
    const said = runBelow(path, text(`kubectl apply --server-side --kustomize {{ ${here} }}/flux`));
    expect(said).toEqual({ text: text(`helmfile --file {{ ${here} }}/helmfile.yaml ${SELECT}`), rules: [] });
    const own = "source_dir := 'other'\n\nup:\n  kubectl apply -k {{ source_dir }}/flux\n";
    expect(runBelow(path, own)).toEqual({ text: undefined, rules: [] });
  });

  test("is where a script of it may be started", () => {
    const path = "platform/bin/up.sh";
    const file = "kubernetes/bootstrap/helmfile.yaml";
    expect(runBelow(path, "kubectl apply -k kubernetes/bootstrap/flux\n")).toEqual({
      text: `helmfile --file ${file} ${SELECT}\n`,
      rules: [],
    });
    expect(runBelow(path, "cd kubernetes/bootstrap\nkubectl apply -k flux\n")).toEqual({
      text: `cd kubernetes/bootstrap\nhelmfile --file helmfile.yaml ${SELECT}\n`,
      rules: [],
    });
  });

  test("is not meant for certain where the root holds the same path", () => {
    const others = { "kubernetes/bootstrap/flux/kustomization.yaml": "resources: [other.yaml]\n" };
    const text = "kubectl apply -k kubernetes/bootstrap/flux\n";
    expect(runBelow("platform/bin/up.sh", text, others)).toEqual({
      text: undefined,
      rules: ["automation-applies-removed"],
    });
  });
});

test.each([
  ["all: secrets flux\n\nflux:\n    ls\n", []],
  ["all where='x': (secrets where) && flux\n    ls\n\nflux:\n    ls\n", []],
  ["@all: flux\n    kubectl diff -k flux\n", ["automation-names-removed"]],
  ["all: (put 'flux')\n\nput dir:\n    kubectl diff -k {{ dir }}\n", ["automation-names-removed"]],
])("a recipe that another one of just needs is no folder beside it: %j", (text, rules) => {
  expect(runBelow("platform/kubernetes/bootstrap/mod.just", text).rules).toEqual(rules);
});

test("what is told of a file is told of it as it lies there, whatever is rewritten above", () => {
  const { "kubernetes/bootstrap/helmfile.yaml": _, ...files } = homeWith({
    "up.sh":
      "kubectl apply -k kubernetes/bootstrap/flux\nkustomize build kubernetes/flux/config | sed x | kubectl apply -f -\n",
  });
  const { texts, findings } = runTransform(transform, contextOf(files));
  expect(texts["up.sh"]!.split("\n").length).toBeGreaterThan(4);
  const places = findings.filter(({ at }) => at?.file === "up.sh").map(({ rule, at }) => `${rule} ${at!.line}`);
  expect(places).toEqual(["automation-applies-removed 2"]);
});

describe("a folder that what follows runs in", () => {
  const FILE = "helmfile --file ../helmfile.yaml";
  const run = (path: string, text: string) => {
    const said = runTransform(transform, contextOf(homeWith({ [path]: text }, "kubernetes")));
    return said.texts[path];
  };

  test.each([
    [
      "just, for a recipe",
      "kubernetes/mod.just",
      "[working-directory: 'bootstrap/flux']\nup:\n    kubectl apply -k .\n",
    ],
    [
      "just, for a file",
      "kubernetes/mod.just",
      "set working-directory := 'bootstrap/flux'\n\nup:\n    kubectl apply -k .\n",
    ],
    ["a script", "up.sh", 'cd "$(git rev-parse --show-toplevel)/kubernetes/bootstrap/flux"\nkubectl apply -k .\n'],
    [
      "just, behind a variable",
      "justfile",
      'up:\n    #!/bin/sh\n    pushd "{{ justfile_directory() }}/kubernetes/bootstrap/flux"\n    kubectl apply -k .\n',
    ],
  ])("is known of %s", (_title, path, text) => {
    expect(run(path, text)).toMatch(new RegExp(`^ *${FILE}`, "m"));
  });

  test("is not that of the next recipe", () => {
    const text =
      "[working-directory: 'kubernetes/bootstrap/flux']\nup:\n    echo up\n\nother:\n    kubectl apply -k .\n";
    expect(run("justfile", text)).toBeUndefined();
  });

  test.each([
    [
      "mise",
      "mise.toml",
      '[tasks.up]\ndir = "{{config_root}}/kubernetes/bootstrap/flux"\nrun = ["kubectl apply -k ."]\n',
    ],
    [
      "a workflow",
      ".github/workflows/up.yaml",
      "jobs:\n  up:\n    steps:\n      - working-directory: kubernetes/bootstrap/flux\n        run: kubectl apply -k .\n",
    ],
  ])("is known of %s, whose line is named or rewritten", (_title, path, text) => {
    const said = runTransform(transform, contextOf(homeWith({ [path]: text }, "kubernetes")));
    expect([...said.rules, ...(said.texts[path] === undefined ? [] : ["rewritten"])]).not.toEqual([]);
  });
});
