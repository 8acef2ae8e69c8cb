import { expect, test } from "vitest";
import { runAll } from "../gotk/run-phases.ts";
import { homeOps } from "../traps/support.ts";

const PYTHON = `flux = ROOT / "kubernetes" / "flux" / "config" / "flux.yaml"
run("kubectl", "apply", "-f", str(ROOT / "kubernetes" / "flux" / "config" / "cluster.yaml"))
`;
const GO = `dir := filepath.Join("kubernetes", "flux", "config", "cluster.yaml")
other := filepath.Join("docs", "flux", "config", "cluster.yaml")
`;

const placesOf = ({ findings }: ReturnType<typeof runAll>["cleanup"]) =>
  findings
    .flatMap(({ rule, at }) => (rule === "automation-installs-flux" && at ? [`${at.file}:${at.line}`] : []))
    .filter((place) => place.startsWith("tools/"))
    .sort();

test("a path that a program puts together from literals is known as one in a script is", () => {
  const { cutover, cleanup } = runAll({ ...homeOps(), "tools/boot.py": PYTHON, "tools/main.go": GO });
  const of = ({ findings }: typeof cutover) =>
    findings.flatMap(({ rule, at }) => (at?.file.startsWith("tools/") ? [`${rule} ${at.file}:${at.line}`] : [])).sort();
  expect(of(cutover)).toEqual(["automation-names-removed tools/boot.py:1"]);
  expect(of(cleanup)).toEqual([
    "automation-applies-removed tools/boot.py:2",
    "automation-names-removed tools/main.go:1",
  ]);
});

test("a command in a file of no known kind that names an object of the old install is listed at cutover", () => {
  const scripts = '{ "scripts": { "sync": "flux reconcile ks flux --with-source" } }\n';
  const { cutover } = runAll({ ...homeOps(), "package.json": scripts });
  const [finding] = cutover.findings.filter(({ rule }) => rule === "automation-names-renamed");
  expect(finding).toMatchObject({ at: { file: "package.json", line: 1 }, next: "Write flux-instance instead." });
});

test("a path that leaves the folder of a role is judged by its end, unless it is there", () => {
  const role = "ansible/roles/flux/defaults/main.yml";
  const look = `flux: "{{ lookup('file', '../kubernetes/flux/config/flux.yaml') }}"\n`;
  const named = (more: Record<string, string>) =>
    runAll({ ...homeOps(), [role]: look, ...more }).cutover.findings.filter(({ at }) => at?.file === role);
  expect(named({})).toMatchObject([
    { rule: "automation-names-removed", what: expect.stringMatching(/\(perhaps [\w./-]+flux\.yaml\)/) },
  ]);
  expect(named({ "ansible/roles/flux/kubernetes/flux/config/flux.yaml": "a: b\n" })).toEqual([]);
});

test("the flux CLI is known by the list of its arguments, on the line where it begins", () => {
  const files = {
    "tools/boot.py":
      'run(\n    [\n        "flux",\n        "bootstrap",\n        "git",  # once\n    ]\n)\nrun(["flux", "get", "all"])\n',
    "tools/main.go": 'exec.Command("flux", "install").Run()\n',
    "ansible/flux.yml":
      '- command:\n    argv:\n      - flux\n      - bootstrap\n      - "github"\n- command:\n    argv:\n      - flux\n      - check\n',
    "ansible/roles/flux/tasks/main.yml":
      "- name: Bootstrap\n  command:\n    argv:\n      - flux\n      - bootstrap\n      - git\n      - --path={{ flux_path }}\n",
    "cloud-init.yaml":
      "#cloud-config\nruncmd:\n  - [ sh, setup.sh ]\n  - [ flux, bootstrap, github, '--path=clusters/main' ]\n",
    "ansible/edge.yml": "- ansible.builtin.command:\n    argv: [flux, install]\n",
    "site/page.yaml": "tags: [flux, install, helm]\n",
    "words.json": '["fluxcd", "flux", "installed"]\n',
  };
  const { cleanup } = runAll({ ...homeOps(), ...files });
  const found = cleanup.findings.filter(({ rule }) => rule === "automation-installs-flux");
  const places = found.flatMap(({ at }) => (at && at.file in files ? [`${at.file}:${at.line}`] : []));
  expect(places.sort()).toEqual([
    ...["ansible/edge.yml:2", "ansible/flux.yml:3", "ansible/roles/flux/tasks/main.yml:4"],
    ...["cloud-init.yaml:4", "tools/boot.py:3", "tools/main.go:1"],
  ]);
});

test("a function of a program that runs the flux CLI is known by the arguments that it is handed", () => {
  const files = {
    "tools/boot.py":
      'def flux(*args):\n    run(["flux", *args])\n\nflux(\n    ctx,\n    "bootstrap", "github",\n    f"--path={folder}",\n)\n',
    "tools/main.go":
      'args := []string{\n\t"bootstrap", "git",\n\t"--url=" + url,\n\t"--path=" + dir,\n}\nexec.Command("flux", args...)\n',
    "tools/tags.js": 'const words = ["flux", "redux", "bootstrap", "github", "css"];\n',
  };
  const { cleanup } = runAll({ ...homeOps(), ...files });
  expect(placesOf(cleanup)).toEqual(["tools/boot.py:6", "tools/main.go:2"]);
});

test("what a program says of commands in its comments, and tells a person, runs nothing", () => {
  const call = "flux bootstrap github --path=clusters/home";
  const files = {
    "tools/doc.py": `#!/usr/bin/env python3\n"""Tools.\n\nFor ${call}.\n"""\nimport os\n\ndef up(\n    x,\n) -> None:\n    """Once ${call} ran."""\n    print("Then: ${call}")\n    raise SystemExit(f"no {x}: ${call}")\n`,
    "tools/doc.ts": `/**\n * After ${call}\n */\nconsole.log("${call}");\nthrow new Error("${call}");\n`,
    "tools/up.sh": `info() { ${call}; }\n`,
    "tools/run.py": `CMD = """\n${call}\n"""\nos.system("${call}")\nprint(sh("${call}"))\n`,
    "tools/once.ts": `/* once */ sh("${call}");\n/*\n * ${call} */ sh("${call}");\n`,
    "tools/run.ts": `console.log(\`\${sh("${call}")}\`);\n`,
  };
  const { cleanup } = runAll({ ...homeOps(), ...files });
  expect(placesOf(cleanup)).toEqual([
    "tools/once.ts:1",
    "tools/once.ts:3",
    "tools/run.py:2",
    "tools/run.py:4",
    "tools/run.py:5",
    "tools/run.ts:1",
    "tools/up.sh:1",
  ]);
});

test("what a test or a check only looks for runs nothing", () => {
  const call = "flux bootstrap git";
  const files = {
    "tools/a_test.go": `assert.Contains(t, tf, "\`${call}\`")\nif !strings.Contains(tf, "${call}") {\n\tt.Fatalf("no ${call} in %s", tf)\n}\nassert.NoError(t, run("${call}"))\n`,
    "tools/a_test.py": `assert "${call}" in text\nself.assertIn("${call}", text)\nassert run("${call}") == 0\n`,
    "tools/a.test.ts": `expect(text).not.toContain("${call}");\nif (text.includes("${call}")) fail();\nexpect(sh("${call}")).toBe(0);\n`,
    "tools/a.bats": `assert_output --partial "${call}"\n[[ "$output" == *"${call}"* ]]\nassert_output "$(${call})"\n`,
    "tools/check.sh": `grep -q "${call}" README.md || exit 1\ngrep -q done state || ${call}\n[[ -n "$(${call})" ]]\n`,
  };
  const { cleanup } = runAll({ ...homeOps(), ...files });
  expect(placesOf(cleanup)).toEqual([
    "tools/a.bats:3",
    "tools/a.test.ts:3",
    "tools/a_test.go:5",
    "tools/a_test.py:3",
    "tools/check.sh:2",
    "tools/check.sh:3",
  ]);
});

test("a program in a language that is not read is named where it names the source beside a reference", () => {
  const files = {
    "tools/app.go": 'spec := Spec{\n\tSourceRef: &Ref{\n\t\tKind: "GitRepository",\n\t\tName: "home",\n\t},\n}\n',
    "tools/app.py": 'GitRepository(chart, "other")\nGitRepository(chart, "home")\nGitRepository(chart, "home")\n',
    "tools/far.py": 'GitRepository(chart, "other")\n\n\nprint("home")\n',
    "archive/app.py": 'GitRepository(chart, "home")\n',
  };
  const { cutover, cleanup } = runAll({ ...homeOps(), ...files });
  const found = (result: typeof cutover) =>
    result.findings
      .filter(({ rule }) => rule === "program-left")
      .map(({ at, next }) => `${at?.file}:${at?.line} ${next}`);
  const advice =
    "If it means the source of the sync, let it become GitRepository cluster by hand, and run the program after the merge.";
  expect(found(cutover)).toEqual([`tools/app.go:4 ${advice}`, `tools/app.py:2 ${advice}`]);
  expect(found(cleanup)).toEqual([]);
});
