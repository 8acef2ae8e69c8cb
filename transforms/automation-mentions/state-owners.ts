import { isProgram } from "../../src/cluster/automation-files.ts";
import { readModuleFolder, readModules } from "../../src/cluster/gotk/terraform-states.ts";
import { isTerraformCode, readTerraform, typesOfLines } from "../../src/cluster/gotk/terraform-text.ts";
import type { AutomationRuleFacts } from "../../src/contract/automation-facts.ts";
import { dirname, join } from "../../src/delivery/paths.ts";
import { remember } from "../../src/files/remember.ts";
import type { Tree } from "../../src/files/tree.ts";
import { ofText } from "../../src/yaml/of-text.ts";
import type { Line } from "../shared/automation/applies.ts";
import { HELMFILE } from "../shared/automation/helmfile-find.ts";

/** What knows all that it applies, and deletes, or may delete, what leaves its code or the files that this reads. */
export type StateOwner = NonNullable<AutomationRuleFacts["automation-names-removed"]["owner"]>;

/** By the type of a block, or of one that is named: any block may be called so. */
const APPLIES =
  /(?:\b(?:resource|data)[ \t]+"|(?<![\w"./-])(?:data\.)?)(?:kustomization_(?:build|overlay|resource)|kubectl_\w+|kubernetes_manifest\w*|k8sconnect_\w+)[".]/;
/** By what a program imports, and in Pulumi's YAML by the type of what reads files. */
const PULUMI =
  /@pulumi\/kubernetes|\bpulumi[_-]kubernetes\b|\bPulumi\.Kubernetes\b|\bcom\.pulumi\.kubernetes\b|^[ \t]*["']?type["']?:[ \t]*["']?kubernetes:(?:kustomize|yaml)[:/]/m;

const CDKTF = /\b(?:cdktf|cdktn)\b/;
const AWS_CDK = /\baws-cdk-lib\b|@aws-cdk\/|\baws_cdk\b|\bawscdk\b|\bamazon\.awscdk\b|\bAmazon\.CDK\b/;

/** Settings of programs that apply what they list, by the name of the file and what has to stand in it. */
const SETTINGS: readonly (readonly [StateOwner, file: RegExp, text: RegExp])[] = [
  ["Kluctl", /(?:^|\/)deployment\.ya?ml$/, /^deployments:/m],
  ["Garden", /(?:^|[/.])garden\.ya?ml$/, /^kind:/m],
  ["DevSpace", /(?:^|\/)devspace\.ya?ml$/, /^deployments:/m],
  ["KubeOne", /\.ya?ml$/, /^kind:[ \t]*["']?KubeOneCluster\b/m],
  ["kOps", /\.ya?ml$/, /^kind:[ \t]*["']?Addons\b/m],
];

/** What applies manifests that a line names, and so owns them; undefined for all that only reads or runs commands. */
export function stateOwnerOf(
  tree: Tree,
  { file, number, text: line }: Pick<Line, "file" | "number" | "text">,
): StateOwner | undefined {
  const { path, text } = file;
  if (/\.(?:tf|tofu|tfvars)$/.test(path)) {
    if (/^(?:null_resource|terraform_data)$/.test(typesOfLines(text)[number - 1] ?? "")) return undefined;
    return isOfTerraform(text) || applyIn(tree, dirname(path)) ? "Terraform" : undefined;
  }
  if (HELMFILE.test(path)) return /^\s*(?:-\s+)?["']?chart["']?\s*:/.test(line) ? "helmfile" : undefined;
  if (/(?:^|\/)terragrunt\.hcl$/.test(path)) return "Terraform";
  if (isProgram(path) && isOfCdktf(text)) return "Terraform";
  if (isProgram(path) && isOfAws(text)) return "AWS CDK";
  const named = SETTINGS.find(([, file, holds]) => file.test(path) && holds.test(text));
  return named?.[0] ?? (isOfPulumi(text) ? "Pulumi" : undefined);
}

/** Whether blocks of a folder of Terraform, or of a module of this repository that it takes, apply manifests: a path in it may be theirs. */
function applyIn(tree: Tree, dir: string): boolean {
  return remember(tree, "blocks that apply manifests", dir, () => {
    const dirs = new Set([dir]);
    // Grows while it is walked.
    for (const one of dirs) {
      const { applies, sources } = readFolder(tree, one);
      if (applies) return true;
      for (const source of sources) dirs.add(source);
    }
    return false;
  });
}

/** Whether blocks of one folder of Terraform apply manifests, and the folders of the modules that it takes. */
function readFolder(tree: Tree, dir: string): { applies: boolean; sources: readonly string[] } {
  return remember(tree, "blocks and modules of Terraform", dir, () => {
    const paths = tree.entries(dir).map((name) => join(dir, name));
    const texts = paths.filter(isTerraformCode).map((path) => readTerraform(tree, path));
    const sources = texts.flatMap(readModules).flatMap(({ said }) => readModuleFolder(dir, said) ?? []);
    return { applies: texts.some(isOfTerraform), sources };
  });
}

/** Each line of a file may ask. */
const isOfTerraform = ofText((text) => APPLIES.test(text), 16);
const isOfPulumi = ofText((text) => PULUMI.test(text), 16);
const isOfCdktf = ofText((text) => CDKTF.test(text), 16);
const isOfAws = ofText((text) => AWS_CDK.test(text), 16);
