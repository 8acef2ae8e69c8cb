import { grepOthers } from "../../src/cluster/automation-files.ts";
import { COMMUNITY } from "../../src/cluster/chart-elsewhere.ts";
import { isTerraformCode } from "../../src/cluster/gotk/terraform-text.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { TransformContext } from "../contract.ts";
import { isReporter } from "../shared/automation/reporter.ts";
import { findInstallers } from "./installs.ts";
import { makeInstead } from "./instead.ts";
import { makeNamer } from "./named-clusters.ts";
import { findBootstrap } from "./rewrite.ts";

/**
 * Releases of the community charts in Terraform. What the cutover takes out of the cluster, the next apply puts back, so that
 * they are told before it is merged and not with what only an empty cluster needs.
 */
export function findRestorers(context: TransformContext): DraftFinding[] {
  if (!isReporter(context)) return [];
  const files = grepOthers(context.tree, [COMMUNITY], (path) => !isTerraformCode(path));
  if (files.length === 0) return [];
  const insteadOf = makeInstead(context, findBootstrap(context));
  const namedIn = makeNamer(context, files);
  const found = files.flatMap((file) => findInstallers(context, file, insteadOf, namedIn));
  return found.map(({ finding }) => finding).filter(({ level }) => level === "caution");
}
