import { expect, test } from "vitest";
import { expandTerraform } from "../../src/cluster/gotk/terraform-variables.ts";
import { memoryTree } from "../support/memory.ts";
import { APP, CONFIG, makeFluxSystem } from "./make-gotk.ts";
import { runAll } from "./run-phases.ts";

const DIR = "clusters/home/flux-system";

function said(path: string, text: string, more: Record<string, string> = {}) {
  const home = {
    ...makeFluxSystem("clusters/home"),
    "clusters/home/apps.yaml": APP,
    "apps/settings.yaml": CONFIG,
    ...more,
  };
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
  [
    "cdk/stack.ts",
    `import * as eks from "aws-cdk-lib/aws-eks";\nread("../${DIR}/gotk-components.yaml");\n`,
    "deletes",
    "RETAIN",
  ],
  [
    "cdk/main.py",
    `from cdktf import App\nbody = open("../${DIR}/gotk-components.yaml")\n`,
    "deletes",
    "terraform state rm",
  ],
  [
    "live/terragrunt.hcl",
    `inputs = {\n  manifests = "\${get_repo_root()}/${DIR}"\n}\n`,
    "deletes",
    "terraform state rm",
  ],
  ["deployment.yaml", `deployments:\n- path: ${DIR}\n`, "may delete", "its documentation"],
  [
    "flux.garden.yml",
    `kind: Deploy\ntype: kubernetes\nspec:\n  kustomize:\n    path: ./${DIR}\n`,
    "may delete",
    "its documentation",
  ],
  [
    "devspace.yaml",
    `deployments:\n  flux:\n    kubectl:\n      manifests:\n      - ${DIR}\n`,
    "may delete",
    "its documentation",
  ],
  ["kubeone.yaml", `kind: KubeOneCluster\naddons:\n  path: ./${DIR}\n`, "may delete", "its documentation"],
  [
    "kops/addon.yaml",
    `kind: Addons\nspec:\n  addons:\n  - manifest: ../${DIR}/gotk-components.yaml\n`,
    "may delete",
    "its documentation",
  ],
])("what may delete all that it no longer finds is told with its way out: %s", (path, text, deletes, way) => {
  const found = said(path, text);
  expect(found).toMatchObject({ level: "caution" });
  expect(found!.why).toContain(` ${deletes} what leaves`);
  expect(found!.next).toMatch(new RegExp(`^Before this is merged .*${way}.*only then change`));
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

const build = (folder: string) => `data "kustomization_build" "flux" {\n  path = "${folder}"\n}\n`;

test.each([
  [`variable "root" {\n  default = "clusters/home"\n}\n`, "../${var.root}/flux-system"],
  [`locals {\n  name = "home"\n  root = "clusters/\${local.name}"\n}\n`, "${path.module}/../${local.root}/flux-system"],
  [
    `locals {\n  map = {\n    root = "clusters/other"\n  }\n  root = "clusters/home"\n}\n`,
    "../${local.root}/flux-system",
  ],
  // A run or the call of the module may say another one.
  [`variable "name" {\n  default = "example"\n}\n`, "../clusters/${var.name}/flux-system"],
  [`locals {\n  name = "edge" == var.env ? "edge" : "home"\n}\n`, "../clusters/${local.name}/flux-system"],
])("the folder that a variable or a local says, or may say: %s", (more, folder) => {
  const found = said("infra/flux.tf", `${build(folder)}${more}`);
  expect(found?.next).toContain("terraform state rm");
});

test("a local is what it says, and nothing else", () => {
  const text = `locals {\n  name = "edge"\n}\n${build("../clusters/${local.name}/flux-system")}`;
  expect(said("infra/flux.tf", text)).toBeUndefined();
});

test("texts of locals that grow and grow are no paths", () => {
  const tree = memoryTree({
    "a.tf": `locals {\n  a = "${"x".repeat(500_000)}"\n  b = "${"${local.b}".repeat(400)}"\n}\n`,
  });
  for (const text of ["${local.a}".repeat(2000), "${local.b}", "${local.b}".repeat(100_000)])
    expect(expandTerraform(tree, "", text, false) === text).toBe(true);
});

test("a helmfile whose chart is the folder", () => {
  const release = (more: string) => `releases:\n  - name: flux\n    namespace: flux-system\n    ${more}: ./${DIR}\n`;
  const found = said("helmfile.yaml", release("chart"));
  expect(found).toMatchObject({ why: expect.stringContaining("helmfile may delete"), level: "caution" });
  expect(found?.next).toContain("without deleting it");
  expect(said("helmfile.yaml", release("values"))).toBeUndefined();
});

const BUILD = 'data "kustomization_build" "flux" {\n  path = local.folder\n}\n';

test.each([
  ["infra/locals.tf", `locals {\n  folder = "../${DIR}"\n}\n`, "infra/flux.tf", true],
  ["infra/terraform.tfvars", `folder = "../${DIR}"\n`, "infra/flux.tf", true],
  [
    "infra/main.tf",
    `module "flux" {\n  source = "./modules/flux"\n  folder = "\${path.module}/../${DIR}"\n}\n`,
    "infra/modules/flux/main.tf",
    true,
  ],
  ["infra/locals.tf", `locals {\n  folder = "../${DIR}"\n}\n`, "other/flux.tf", false],
])("a folder that another file of the program applies: %s: %s, %s", (path, text, by, isOwned) => {
  const found = said(path, text, { [by]: BUILD });
  expect(found?.next.includes("terraform state rm") ?? false).toBe(isOwned);
});

test("a block that has kubectl apply it keeps nothing in a state, whatever it is called", () => {
  const run = (type: string) =>
    `resource "${type}" "kubectl_apply_flux" {\n  triggers = { hash = filemd5("../${DIR}/gotk-components.yaml") }\n}\n`;
  expect(said("infra/flux.tf", run("null_resource"))!.next).toBe("Change or drop these lines.");
  expect(said("infra/flux.tf", run("kubectl_manifest"))!.next).toContain("terraform state rm");
});

test("a script that only reads them is told as before", () => {
  expect(said("infra/read.py", `open("../${DIR}/gotk-components.yaml")\n`)!.next).toBe("Change or drop these lines.");
  expect(said("deployment.yaml", `kind: Deployment\npath: ${DIR}\n`)).toBeUndefined();
  expect(said("infra/vars.tf", `locals {\n  folder = "../${DIR}"\n}\n`)).toBeUndefined();
});
