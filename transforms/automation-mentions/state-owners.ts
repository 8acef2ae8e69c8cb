import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { isTerraformCode } from "../../src/cluster/gotk/terraform-text.ts";
import { ofText } from "../../src/yaml/of-text.ts";

/** What keeps a state of all that it applies, and deletes what leaves its code or the files that this reads. */
export type StateOwner = "Terraform" | "Pulumi";

const APPLIES = /\b(?:kustomization_(?:build|overlay|resource)|kubectl_\w+|kubernetes_manifest\w*)\b/;
/** By what a program imports, and in Pulumi's YAML by the type of what reads files. */
const PULUMI =
  /@pulumi\/kubernetes|\bpulumi[_-]kubernetes\b|\bPulumi\.Kubernetes\b|\bcom\.pulumi\.kubernetes\b|^[ \t]*["']?type["']?:[ \t]*["']?kubernetes:(?:kustomize|yaml)[:/]/m;

/** What applies manifests from a file, and so owns them; undefined for all that only reads or runs commands. */
export function stateOwnerOf({ path, text }: Pick<AutomationFile, "path" | "text">): StateOwner | undefined {
  if (isTerraformCode(path)) return isOfTerraform(text) ? "Terraform" : undefined;
  return isOfPulumi(text) ? "Pulumi" : undefined;
}

/** Each line of a file may ask. */
const isOfTerraform = ofText((text) => APPLIES.test(text), 16);
const isOfPulumi = ofText((text) => PULUMI.test(text), 16);
