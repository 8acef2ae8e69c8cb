import { isArchived, isDocs } from "../../src/cluster/automation-files.ts";
import { findAzureFlux } from "../../src/cluster/azure.ts";
import { reportModules } from "../../src/cluster/gotk/terraform-modules.ts";
import { readTerraform } from "../../src/cluster/gotk/terraform-text.ts";
import { FLUX_KUSTOMIZATION, isTerraform, kustomizationBlocks } from "../../src/cluster/outside/told.ts";
import { readableText } from "../../src/cluster/readable-text.ts";
import type { RepoModel } from "../../src/cluster/types.ts";
import { type Loc, lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { Tree } from "../../src/files/tree.ts";
import { positionAt } from "../../src/yaml/lines.ts";

/** What makes clusters and bootstraps Flux in them: EKS Anywhere, Gardener's extension, eksctl. By a word, and the line that asks for it. */
const MANAGERS: readonly (readonly [word: string, asks: RegExp])[] = [
  ["anywhere.eks.amazonaws.com", /^[ \t]*kind:[ \t]*["']?(?:FluxConfig|GitOpsConfig)\b/m],
  ["flux.extensions.gardener.cloud", /^[ \t]*kind:[ \t]*["']?FluxConfig\b/m],
  ["eksctl.io/", /^gitops:[ \t]*(?:#.*)?\n(?:[ \t#].*\n)*?[ \t]+gitProvider:/m],
];

/**
 * Files by which something outside Flux installs it, templates and scripts that write such a file among them. Flux may deliver
 * them itself.
 */
export function findManagers(tree: Tree): DraftFinding[] {
  const azure = findAzureFlux(tree);
  const managers = MANAGERS.flatMap(([word, asks]) =>
    tree.grep(word).flatMap((path): DraftFinding[] => {
      const isRead = !isDocs(path) && !isArchived(path);
      const text = isRead ? (readableText(tree, path) ?? "").replace(/\r/g, "") : "";
      const found = asks.exec(text);
      if (!found) return [];
      const at = lineOf(path, positionAt(text, found.index + found[0].length).line);
      return [report("manager", at)];
    }),
  );
  return [...managers, ...(azure ? [report("azure", azure)] : []), ...findDeclared(tree), ...reportModules(tree)];
}

/** Kustomizations that install Flux, of which nothing says in which of several clusters. */
export function reportStrays({ strays }: Pick<RepoModel, "strays">): DraftFinding[] {
  return strays.map(({ at }) => report("stray", at));
}

/** FluxKustomizations in blocks of Terraform: where the root is one, Terraform and the operator own it both. */
function findDeclared(tree: Tree): DraftFinding[] {
  return tree
    .grep(FLUX_KUSTOMIZATION)
    .filter(isTerraform)
    .flatMap((path) =>
      kustomizationBlocks(readTerraform(tree, path)).map(({ line }) => report("declared", lineOf(path, line))),
    );
}

function report(how: "manager" | "azure" | "declared" | "stray", at: Loc): DraftFinding {
  return { rule: "automation-installs-flux", level: "caution", at, facts: { how, commands: [] } };
}
