import { type Loc, lineOf } from "../contract/errors.ts";
import { escapeRegExp } from "../delivery/patterns.ts";
import type { Tree } from "../files/tree.ts";

/**
 * What asks Azure to install and feed Flux, the surest first: Terraform, Bicep and ARM templates, the Azure Service Operator, and its
 * command line.
 */
const MARKS = [
  "azurerm_kubernetes_flux_configuration",
  "Microsoft.KubernetesConfiguration/fluxConfigurations",
  "microsoft.flux",
  "az k8s-configuration flux",
  "kubernetesconfiguration.azure.com",
];

/** Pages tell of many ways; these files are run. */
const RUNS = /\.(?:tf|hcl|bicep|json|ya?ml|sh|ps1|[jt]sx?|py|go)$/;

/** The first line that has Azure's extension `microsoft.flux` install Flux or read a repository; comments do not count. */
export function findAzureFlux(tree: Tree): Loc | undefined {
  for (const mark of MARKS) {
    const use = new RegExp(`^(?!\\s*(?:#|//|\\*)).*${escapeRegExp(mark)}`);
    for (const file of tree.grep(mark).filter((path) => RUNS.test(path))) {
      const line = (tree.read(file) ?? "").split("\n").findIndex((text) => use.test(text));
      if (line >= 0) return lineOf(file, line + 1);
    }
  }
  return undefined;
}
