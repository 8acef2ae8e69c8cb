import { describe, expect, test } from "vitest";
import transform from "../../transforms/automation-mentions/index.ts";
import { contextOf, homeWith, runTransform } from "./support.ts";

const DIR = "kubernetes/bootstrap/flux";
const editsOf = (text: string) =>
  Object.keys(runTransform(transform, contextOf(homeWith({ "Taskfile.yaml": text }))).texts);
const taskfile = (...calls: string[]) => `version: "3"
tasks:
  apply:
    cmds:
      - kubectl apply --server-side --kustomize {{.DIR}}
  up:
    cmds:
      - task: apply
        vars:
          DIR: ${DIR}
${calls.map((call) => `      - ${call}\n`).join("")}`;

test("a task that every call gives the same folder stands for that folder", () => {
  expect(editsOf(taskfile())).toEqual(["Taskfile.yaml"]);
  expect(editsOf(taskfile(`{ task: apply, vars: { DIR: ${DIR} } }`))).toEqual(["Taskfile.yaml"]);
});

test.each([
  "{ task: apply, vars: { DIR: kubernetes/apps } }",
  "{ task: apply, vars: { CLUSTER: main, DIR: 'kubernetes/apps' } }",
  '{ task: apply, vars: {DIR: "{{.ROOT_DIR}}/kubernetes/apps"} }',
  "task apply DIR=kubernetes/apps",
  'task apply CLUSTER=main DIR="kubernetes/apps"',
])("a task that a call gives another folder on one line stays as it is: %s", (call) => {
  expect(editsOf(taskfile(call))).toEqual([]);
});

const CALLER = (task: string, given: string) =>
  `version: "3"\ntasks:\n  apps:\n    cmds:\n      - task: ${task}\n        vars:\n          ${given}\n`;

test("so does one that another file calls with another folder", () => {
  const edited = (other: string) => {
    const files = homeWith({ "Taskfile.yaml": taskfile(), ".taskfiles/apps/Taskfile.yaml": other });
    return Object.keys(runTransform(transform, contextOf(files)).texts);
  };
  expect(edited(CALLER(":apply", "DIR: kubernetes/apps"))).toEqual([]);
  expect(edited(CALLER(":apply", `DIR: ${DIR}`))).toEqual(["Taskfile.yaml"]);
  expect(edited(CALLER(":other", "NAME: kubernetes/apps"))).toEqual(["Taskfile.yaml"]);
});

describe("a call that gives a folder to a task with other folders besides", () => {
  const linesOf = (text: string) =>
    runTransform(transform, contextOf(homeWith({ "Taskfile.yaml": text }))).findings.flatMap(({ rule, at }) =>
      rule === "automation-applies-removed" ? [at?.line] : [],
    );
  const other = "{ task: apply, vars: { DIR: kubernetes/apps } }";

  test.each([
    [taskfile(other), [10]],
    [taskfile(other, `{ task: apply, vars: { DIR: ${DIR} } }`), [10, 12]],
    [taskfile(other, `task apply DIR=${DIR}`), [10, 12]],
    [taskfile(other).replace("task: apply\n", "task: :k8s:apply-dir\n"), [10]],
    [taskfile(), []],
    [
      taskfile(other)
        .replace("kubectl apply --server-side", "kubectl diff")
        .replace(/task: apply/g, "task: show"),
      [],
    ],
  ])("is said %#", (text, lines) => {
    expect(linesOf(text)).toEqual(lines);
  });
});
