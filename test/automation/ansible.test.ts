import { expect, test } from "vitest";
import transform from "../../transforms/automation-mentions/index.ts";
import { clusterFiles, contextOf, homeWith, runTransform } from "./support.ts";

const PATH = "ansible/roles/flux/tasks/main.yml";
const step = (...lines: string[]) => ["- name: Flux", ...lines.map((line) => `  ${line}`), ""].join("\n");
const run = (text: string) => runTransform(transform, contextOf(homeWith({ [PATH]: text })));

const SRC = 'src: "{{ playbook_dir }}/../kubernetes/flux/config/cluster.yaml"';

test.each(["kubernetes.core.k8s", "community.kubernetes.k8s", "k8s"])("%s applies what its src names", (module) => {
  const { texts, findings } = run(
    step(`${module}:`, "  state: present", `  ${SRC}`, "  kubeconfig: '{{ kubeconfig }}'"),
  );
  expect(texts).toEqual({});
  expect(findings.map(({ rule, at, next }) => [rule, at?.line, next])).toEqual([
    ["automation-applies-removed", 4, expect.stringMatching(/^Run instead: /)],
  ]);
});

test.each<[string, string[]]>([
  ["what the module deletes", ["kubernetes.core.k8s:", `  ${SRC}`, "  state: absent"]],
  ["what is copied", ["ansible.builtin.copy:", `  ${SRC}`, "  dest: /tmp/cluster.yaml"]],
  ["what stands below another field", ["kubernetes.core.k8s:", "  vars:", `    ${SRC}`]],
])("%s is applied by nobody", (_, lines) => {
  expect(run(step(...lines)).rules).toEqual(["automation-names-removed"]);
});

const APPLY = "kubectl apply --server-side --kustomize ../kubernetes/bootstrap/flux";

test.each([
  ["on its line", [`ansible.builtin.command: ${APPLY}`], true],
  ["as a field", ["command:", `  cmd: ${APPLY}`], true],
  ["of a shell", [`ansible.builtin.shell: ${APPLY}`], false],
])("a command %s is told to take a shell for what one has to run", (_, lines, isBare) => {
  const files = { ...clusterFiles("kubernetes"), [PATH]: step(...lines) };
  const { findings } = runTransform(transform, contextOf(files));
  const [found] = findings.filter(({ rule }) => rule === "automation-applies-removed");
  expect(found?.next).toMatch(isBare ? /^Run instead, by the module shell \(command / : /^Run instead: /);
});
