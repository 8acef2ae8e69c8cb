import { expect, test } from "vitest";
import { APP, CONFIG, makeFluxSystem } from "./make-gotk.ts";
import { runAll } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";

function said(path: string, text: string) {
  const home = { ...makeFluxSystem("clusters/home"), "clusters/home/apps.yaml": APP, "apps/settings.yaml": CONFIG };
  const { cutover } = runAll({ ...home, [path]: text });
  return cutover.findings.find(({ rule, at }) => rule === "automation-names-removed" && at?.file === path);
}

test.each([
  [
    "infra/flux.tf",
    `data "kubectl_file_documents" "flux" {\n  content = file("\${path.module}/../${DIR}/gotk-components.yaml")\n}\n`,
    "terraform state rm",
  ],
  ["infra/flux.tf", `data "kustomization_build" "flux" {\n  path = "../${DIR}"\n}\n`, "terraform state rm"],
  [
    "infra/index.ts",
    `import * as k8s from "@pulumi/kubernetes";\nnew k8s.kustomize.Directory("flux", { directory: "../${DIR}" });\n`,
    "pulumi state delete",
  ],
])("what applies the install and keeps it in a state would delete it: %s", (path, text, command) => {
  const found = said(path, text);
  expect(found).toMatchObject({ level: "caution" });
  expect(found!.why).toContain("the CRDs of Flux");
  expect(found!.next).toContain(command);
});

test.each([
  ["terraform/main.tf", "${path.module}/../flux-system", true],
  ["terraform/modules/flux/main.tf", "${path.module}/../../../flux-system", true],
  // The module has a folder of that name itself.
  ["terraform/main.tf", "${path.module}/flux-system", false],
])("a module of Terraform says where it lies: %s, %s", (path, folder, isMeant) => {
  const atTop = Object.entries(makeFluxSystem(".")).map(([name, text]) => [name.replace(/^\.\//, ""), text]);
  const files = {
    ...Object.fromEntries(atTop),
    "settings.yaml": CONFIG,
    "terraform/flux-system/kustomization.yaml": "resources: []\n",
    [path]: `data "kustomization_build" "flux" {\n  path = "${folder}"\n}\n`,
  };
  const { cutover } = runAll(files);
  const found = cutover.findings.find(({ rule, at }) => rule === "automation-names-removed" && at?.file === path);
  expect(found?.next.includes("terraform state rm") ?? false).toBe(isMeant);
});

test("a script that only reads them is told as before", () => {
  expect(said("infra/read.py", `open("../${DIR}/gotk-components.yaml")\n`)!.next).toBe("Change or drop these lines.");
  expect(said("infra/vars.tf", `locals {\n  folder = "../${DIR}"\n}\n`)).toBeUndefined();
});
