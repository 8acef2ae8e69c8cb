import { compareText } from "../contract/compare-text.ts";
import type { InstallElsewhere } from "../contract/install-ways.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived, isDocs, isProgram } from "./automation-files.ts";
import { isYamlPath } from "./objects.ts";
import { codeLines } from "./readable-text.ts";

/** Words of which such a program has one. */
export const PROGRAM_WORDS = ["BootstrapGit", "getFlux", "GetFlux", "get_flux_", "DataFlux", "FluxCDAddOn"];

/** Whose resources they are: other programs run the flux CLI by a function of that name. */
const PROVIDER = /pulumi|cdktf|cdktn|\bproviders?[-/]flux\b|@[\w-]+\/flux["']/i;

/** A resource that bootstraps, or a function that renders what bootstrap writes; the SDK itself declares both. */
const CALLS: readonly RegExp[] = [
  /\bnew\s+(?:\w+\.)*(?:(?:Flux)?BootstrapGit|DataFlux(?:Install|Sync))\(/,
  /(?<!\b(?:func|class|def)\s+)\b(?:New)?(?:Flux)?BootstrapGit\(/,
  /(?<!\b(?:func|function|def)\s+)\b(?:[gG]etFlux(?:Install|Sync)|get_flux_(?:install|sync))(?:(?:\.)?Invoke|Output|_output)?\(/,
];

/** What hands manifests at an address to a cluster, and keeps a record of them. */
const STACK = /pulumi|cdk8s|cdktf|cdktn|aws-cdk|awscdk/i;
const MANIFESTS = /fluxcd\/flux2\/(?:releases\/(?:latest\/)?download\/[^\s"'`]*install\.yaml|manifests\/install\b)/;

/** The add-on of EKS Blueprints for AWS CDK, which installs the community chart: nothing else is called so. */
const ADD_ON = /(?:\bnew\s+(?:\w+\.)*|\.add)FluxCDAddOn\(/;

/** The same in Pulumi's YAML. */
const YAML_CALL =
  /^\s*(?:-\s+)?["']?(?:type|function)["']?:\s*["']?flux:(?:[\w/]+:)?(?:(?:Flux)?BootstrapGit|getFlux(?:Install|Sync))["']?\s*(?:#.*)?$/;

/** Programs of Pulumi and the CDKs that bootstrap Flux or apply its manifests, in any language of theirs, each by its first such line. */
export function findProgramInstalls(tree: Tree): InstallElsewhere[] {
  const files = new Set([...PROGRAM_WORDS, "fluxcd/flux2/"].flatMap((needle) => tree.grep(needle)));
  return [...files].sort(compareText).flatMap((file): InstallElsewhere[] => {
    const calls = isProgram(file) ? CALLS : isYamlPath(file) ? [YAML_CALL] : [];
    if (calls.length === 0 || isArchived(file) || isDocs(file)) return [];
    const lines = codeLines(tree, file);
    const used = isProgram(file) ? usedIn(lines) : calls;
    const line = lines.findIndex((each) => !/^\s*\*/.test(each) && used.some((call) => call.test(each)));
    return line < 0 ? [] : [{ by: "program", file, line: line + 1, name: file }];
  });
}

/** What in a program installs Flux, by what it imports. */
function usedIn(lines: readonly string[]): readonly RegExp[] {
  const has = (what: RegExp) => lines.some((line) => what.test(line));
  return [...(has(PROVIDER) ? CALLS : []), ...(has(STACK) ? [MANIFESTS] : []), ADD_ON];
}
