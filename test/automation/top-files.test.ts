import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";

const FOLDER = "clusters/home/flux-system";
const { [`${FOLDER}/gotk-sync.yaml`]: sync = "", ...install } = makeFluxSystem("clusters/home", {
  kustomization: "resources:\n- gotk-components.yaml\n",
});

const run = (path: string, text: string) => {
  const { cleanup } = runAll({ ...install, "boot.yaml": sync, [path]: text });
  expect(cleanup.changed).toContain("boot.yaml");
  return cleanup.findings.flatMap(({ rule, at }) => (at?.file === path ? [`${rule} ${at.line}`] : []));
};

const HOOKS = "releases:\n- name: cilium\n  hooks:\n  - command: kubectl\n    ";
const task = (line: string) => `- hosts: all\n  tasks:\n  - ansible.builtin.command: ${line}\n`;

test.each([
  ["helmfile.yaml", `${HOOKS}args: [apply, -f, boot.yaml]\n`, ["automation-names-removed 5"]],
  ["helmfile.yaml", `${HOOKS}args:\n    - apply\n    - -f\n    - boot.yaml\n`, ["automation-names-removed 8"]],
  ["helmfile.yaml", `${HOOKS}args: ["apply", "--filename=boot.yaml"]\n`, ["automation-names-removed 5"]],
  ["ansible/play.yml", task("kubectl apply -f ../boot.yaml"), ["automation-applies-removed 3"]],
  ["infra/main.tf", 'locals {\n  root = file("${path.module}/../boot.yaml")\n}\n', ["automation-names-removed 2"]],
  ["docs.yaml", "nav: reboot.yaml\n", []],
])("a file at the top that goes is looked for where it is an argument: %s %j", (path, text, said) => {
  expect(run(path, text)).toEqual(said);
});
