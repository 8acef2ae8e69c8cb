import { type AutomationFile, isProgram } from "../../src/cluster/automation-files.ts";
import { isTerraformCode } from "../../src/cluster/gotk/terraform-text.ts";
import type { AutomationRuleFacts } from "../../src/contract/automation-facts.ts";
import { ofText } from "../../src/yaml/of-text.ts";

/** What knows all that it applies, and deletes, or may delete, what leaves its code or the files that this reads. */
export type StateOwner = NonNullable<AutomationRuleFacts["automation-names-removed"]["owner"]>;

/** By the type of a block, or of one that is named: any block may be called so. */
const APPLIES =
  /(?:\b(?:resource|data)[ \t]+"|(?<![\w".])(?:data\.)?)(?:kustomization_(?:build|overlay|resource)|kubectl_\w+|kubernetes_manifest\w*|k8sconnect_\w+)[".]/;
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

/** What applies manifests from a file, and so owns them; undefined for all that only reads or runs commands. */
export function stateOwnerOf({ path, text }: Pick<AutomationFile, "path" | "text">): StateOwner | undefined {
  if (isTerraformCode(path)) return isOfTerraform(text) ? "Terraform" : undefined;
  if (/(?:^|\/)terragrunt\.hcl$/.test(path)) return "Terraform";
  if (isProgram(path) && isOfCdktf(text)) return "Terraform";
  if (isProgram(path) && isOfAws(text)) return "AWS CDK";
  const named = SETTINGS.find(([, file, holds]) => file.test(path) && holds.test(text));
  return named?.[0] ?? (isOfPulumi(text) ? "Pulumi" : undefined);
}

/** Each line of a file may ask. */
const isOfTerraform = ofText((text) => APPLIES.test(text), 16);
const isOfPulumi = ofText((text) => PULUMI.test(text), 16);
const isOfCdktf = ofText((text) => CDKTF.test(text), 16);
const isOfAws = ofText((text) => AWS_CDK.test(text), 16);
