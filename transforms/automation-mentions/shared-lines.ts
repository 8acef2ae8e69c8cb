import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { TransformContext } from "../contract.ts";
import type { Apply } from "../shared/automation/applies.ts";
import { chooseHelmfileDir, findHelmfile } from "../shared/automation/helmfile-find.ts";
import { listTargets } from "../shared/automation/targets.ts";
import { UNKNOWN } from "../shared/automation/variables.ts";
import { type Bootstrap, expressPath } from "./rewrite.ts";

/**
 * Whether one line that serves several clusters (`kubernetes/{{.cluster}}/bootstrap/flux`) may be rewritten for all of
 * them at once: each is migrated by this run, loses the same thing, and has its helmfile at the place the new text
 * means. Otherwise the rewritten line would break the rebuild of a cluster that still has its old bootstrap.
 */
export function isServedForAll(context: TransformContext, apply: Apply, bootstrap: Bootstrap | undefined): boolean {
  const { others, target } = apply.match;
  const path = bootstrap && bootstrap.crds === undefined ? expressPath(apply, bootstrap.path) : undefined;
  if (others.length === 0 || path === undefined) return false;
  const fits = toPattern(apply.line.expand(path));
  if (!fits.test(bootstrap!.path)) return false;
  const rivals = context.model.clusters.filter(
    (cluster) => cluster !== context.cluster && context.agreed.takesPart(cluster) && cluster.instances.length > 0,
  );
  return others.every((other) =>
    rivals.some((cluster) => {
      const its = { ...context, cluster };
      const same = listTargets(its).find(({ path }) => path === other);
      const isAlike = same !== undefined && same.stays === target.stays && String(same.roles) === String(target.roles);
      return isAlike && fits.test(helmfileOf(its) ?? "");
    }),
  );
}

/** The helmfile a cluster has, or gets in this run. */
function helmfileOf(context: TransformContext): string | undefined {
  const found = findHelmfile(context).helmfile?.path;
  const dir = found === undefined ? chooseHelmfileDir(context) : undefined;
  return found ?? (dir && `${dir}/01-apps.yaml`);
}

function toPattern(path: string): RegExp {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  const body = segments.map((segment) => segment.split(UNKNOWN).map(escapeRegExp).join("[^/]*"));
  return new RegExp(`^${body.join("/")}$`);
}
