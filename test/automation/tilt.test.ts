import { expect, test } from "vitest";
import transform from "../../transforms/automation-mentions/index.ts";
import { contextOf, homeWith, runTransform } from "./support.ts";

const run = (path: string, text: string) => runTransform(transform, contextOf(homeWith({ [path]: text }))).findings;

test.each([
  ["Tiltfile", "k8s_yaml(kustomize('kubernetes/bootstrap/flux'))"],
  ["dev/Tiltfile.ci", "k8s_yaml(kustomize('../kubernetes/bootstrap/flux'))"],
  ["dev/flux.tilt", 'k8s_yaml("../kubernetes/flux/config/cluster.yaml")'],
])("%s applies what k8s_yaml is given", (path, line) => {
  expect(run(path, `load('ext://x', 'x')\n${line}\n`)).toMatchObject([
    { rule: "automation-applies-removed", at: { file: path, line: 2 } },
  ]);
});

test.each([
  ["Tiltfile", "watch_file('kubernetes/flux/config/cluster.yaml')"],
  ["Tiltfile", "# k8s_yaml('kubernetes/flux/config/cluster.yaml')"],
  ["tools/load.py", "k8s_yaml('kubernetes/flux/config/cluster.yaml')"],
])("what is only named in %s is applied by nobody: %s", (path, line) => {
  expect(run(path, `${line}\n`).map(({ rule }) => rule)).not.toContain("automation-applies-removed");
});
