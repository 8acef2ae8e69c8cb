import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runAll } from "../gotk/run-phases.ts";

const FILE = "azure-pipelines.yml";
const DIR = "clusters/one/flux-system";

const rulesOf = (task: string, ...inputs: string[]) => {
  const step = [
    `  - task: ${task}`,
    "    inputs:",
    ...inputs.map((input) => `      ${input}`),
    "  - script: echo done",
  ];
  const { cutover } = runAll({ ...makeFluxSystem("clusters/one"), [FILE]: `steps:\n${step.join("\n")}\n` });
  return cutover.findings.filter(({ at }) => at?.file === FILE).map(({ rule, at }) => `${rule} ${at?.line}`);
};

test.each([
  ["Kubernetes@1", "command: apply", `arguments: -k ${DIR}`, 5],
  ["Kubernetes@1", `arguments: '-f ${DIR}/gotk-components.yaml'`, "command: 'apply'", 4],
  ["KubernetesManifest@1", "action: deploy", `manifests: ${DIR}/gotk-components.yaml`, 5],
  ["KubernetesManifest@0", `manifests: ${DIR}/gotk-sync.yaml`, "namespace: flux-system", 4],
])("a task of Azure Pipelines applies what its inputs name: %s, %s, %s", (task, one, other, line) => {
  expect(rulesOf(task, one, other)).toEqual([`automation-applies-removed ${line}`]);
});

test("one that looks at a folder which stays, or belongs to another task, applies nothing", () => {
  expect(rulesOf("Kubernetes@1", "command: get", `arguments: -k ${DIR}`)).toEqual([]);
  expect(rulesOf("AzureCLI@2", "command: apply", `arguments: -k ${DIR}`)).toEqual([]);
});
