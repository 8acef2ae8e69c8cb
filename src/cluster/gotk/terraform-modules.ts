import { lineOf } from "../../contract/errors.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import type { Tree } from "../../files/tree.ts";
import { isArchived, isSample } from "../automation-files.ts";
import { readModules } from "./terraform-states.ts";
import { isTerraformCode, readTerraform } from "./terraform-text.ts";

/** A word of its own: `influxdb` is none. */
const FLUX = /(?<![a-z])flux/i;
/** The operator's own modules make a FluxInstance. */
const OPERATOR = /flux[-_]?(?:operator|instance)/i;
/** `flux2 = { enabled = true }`, `enable_fluxcd = true`: add-ons of a module that makes more. */
const ADD_ON = /^(?:(?:enable|install|deploy)_)?flux(?:cd|_?v?2)?(?:_enabled|_bootstrap)?$/i;

/**
 * Calls of Terraform modules that another repository or a registry keeps, and whose source or switches speak of Flux: what they
 * hold cannot be read here. Errs towards none: a module may bootstrap Flux without a word of it.
 */
export function reportModules(tree: Tree): SaidFinding[] {
  const files = tree.grep("module").filter((file) => isTerraformCode(file) && !isArchived(file) && !isSample(file));
  return files.flatMap((file) =>
    readModules(readTerraform(tree, file)).flatMap(({ name, line, said, on }): SaidFinding[] => {
      const source = /^"([^"?]+)/.exec(said.get("source") ?? "")?.[1] ?? ".";
      const isOurs = FLUX.test(source) || on.some((one) => ADD_ON.test(one));
      if (source.startsWith(".") || source.startsWith("/") || OPERATOR.test(source) || !isOurs) return [];
      const from = /^[\w./:@~+-]+$/.test(source) ? source : "elsewhere";
      return [
        {
          rule: "terraform-module-unread",
          level: "caution",
          at: lineOf(file, line),
          what: `Terraform makes module.${name} from ${from}, which is not in this repository and may bootstrap Flux.`,
          why: "If flux_bootstrap_git is in it, its next apply writes the gotk files back and bootstraps again, and its destroy deletes the operator's Flux too.",
          next: "Run `terraform state list` where this is applied. If it shows flux_bootstrap_git for this cluster, take that out of the state with `terraform state rm` before the cutover, in any case before Terraform runs again, and then out of the code: the whole call where it makes nothing else, and for no other cluster. Never destroy it. If it shows none, there is nothing to do.",
        },
      ];
    }),
  );
}
