import type { Cluster } from "../../src/cluster/types.ts";
import { kustomizationOf } from "../../src/delivery/kustomize/index.ts";
import type { TransformContext } from "../contract.ts";
import type { Apply, Mention } from "../shared/automation/applies.ts";
import { findApps } from "../shared/automation/apps.ts";
import { AT_ROOT, type ByHand } from "../shared/automation/by-hand.ts";
import { chooseHelmfileDir, findHelmfile } from "../shared/automation/helmfile-find.ts";
import { startsAnother } from "../shared/automation/of-others.ts";
import { listTargets, ROLES, type Role } from "../shared/automation/targets.ts";
import { pathTest } from "../shared/automation/words.ts";
import { type Bootstrap, expressPath, findBootstrap, helmfileIn, makeReplacement } from "./rewrite.ts";

/**
 * Whether one line that serves several clusters (`kubernetes/{{.cluster}}/bootstrap/flux`) may be rewritten for all of
 * them at once: each is migrated by this run, loses the same thing, and has its helmfile at the place the new text
 * means. Otherwise the rewritten line would break the rebuild of a cluster that still has its old bootstrap.
 */
export function isServedForAll(context: TransformContext, mention: Mention, bootstrap: Bootstrap | undefined): boolean {
  return findServed(context, mention, bootstrap, bootstrapOf) !== undefined;
}

/**
 * Whether a cluster that this run plans later decides on such a line: the helmfiles of both may have the releases by then.
 * It rewrites the line or reports it, so that nothing is said here of a line that the run rewrites after all.
 */
export function isLeftToLater(context: TransformContext, mention: Mention, bootstrap: Bootstrap): boolean {
  const { clusters } = context.model;
  // Delivered by this cluster, it is not looked at for another.
  if (context.cluster.files.has(mention.line.file.path)) return false;
  const served = findServed(context, mention, bootstrap, expectedBootstrap);
  return served?.some((other) => clusters.indexOf(other) > clusters.indexOf(context.cluster)) ?? false;
}

/** The other clusters that a line means, when what is written for one bootstrap means that of each. */
function findServed(
  context: TransformContext,
  mention: Mention,
  bootstrap: Bootstrap | undefined,
  find: typeof bootstrapOf,
): Cluster[] | undefined {
  const { others, target } = mention.match;
  const isServed = bootstrap && others.length > 0 ? testServed(mention, bootstrap) : undefined;
  if (!isServed?.(bootstrap)) return undefined;
  const rivals = context.model.clusters.filter(
    (cluster) => cluster !== context.cluster && context.agreed.takesPart(cluster) && cluster.instances.length > 0,
  );
  const served = others.map((other) =>
    rivals.find((cluster) => {
      const its = { ...context, cluster };
      const same = listTargets(its).find(({ path }) => path === other);
      const isAlike = same !== undefined && same.stays === target.stays && String(same.roles) === String(target.roles);
      return isAlike && isServed(find(its));
    }),
  );
  return served.every((cluster) => cluster !== undefined) ? served : undefined;
}

/**
 * Other clusters of this run that are started from the path of a line as well, such as a shared base, and need other
 * commands in its place than this one.
 */
export function findSharers(context: TransformContext, apply: Apply, roles: readonly Role[]): string[] {
  const { before, model, cluster, agreed } = context;
  const { path, isFile } = apply.match.target;
  const file = isFile ? path : kustomizationOf(before, path)?.path;
  const isOf = (other: Cluster) =>
    (other.files.has(file!) || other.bootstraps.some(({ at }) => at.file === file)) &&
    !startsAnother({ ...context, cluster: other }, path);
  const others = model.clusters.filter((other) => other !== cluster && file !== undefined && isOf(other));
  const commandsOf = (one: Cluster) => {
    const bootstrap = bootstrapOf({ ...context, cluster: one });
    return bootstrap && String(makeReplacement(apply, bootstrap, roles, { crds: false }));
  };
  const own = others.length > 0 ? commandsOf(cluster) : undefined;
  return others.filter((other) => agreed.takesPart(other) && commandsOf(other) !== own).map(({ name }) => name);
}

/** Whether the line that is written for one bootstrap means another one as well, by the variables in its paths. */
function testServed(mention: Mention, own: Bootstrap): ((bootstrap: Bootstrap | undefined) => boolean) | undefined {
  const testPath = (file: string) => {
    const said = expressPath(mention, file);
    return said === undefined
      ? undefined
      : { said, fits: pathTest(`${mention.match.base}/${mention.line.expand(said)}`) };
  };
  if ("path" in own) {
    const path = own.crds === undefined ? testPath(own.path) : undefined;
    return path && ((bootstrap) => path.fits(helmfileIn(bootstrap) ?? ""));
  }
  const paths = ROLES.flatMap((role) => own[role].files.map(testPath));
  const say = (file: string) => paths.find((path) => path?.fits(file))?.said;
  const print = (bootstrap: Record<Role, ByHand>) => ROLES.map((role) => bootstrap[role].print({ ...AT_ROOT, say }));
  const printed = print(own);
  // A path that begins with a word for the root fits nothing, not even itself.
  return paths.includes(undefined) || printed.includes(undefined)
    ? undefined
    : (bootstrap) => bootstrap !== undefined && !("path" in bootstrap) && String(print(bootstrap)) === String(printed);
}

/** What a cluster has, or gets in this run. */
function bootstrapOf(context: TransformContext): Bootstrap | undefined {
  const found = findBootstrap(context);
  const dir = found || context.options.rebuild === undefined ? undefined : chooseHelmfileDir(context);
  return dir === undefined
    ? found
    : { path: `${dir}/01-apps.yaml`, operator: "flux-operator", instance: "flux-instance" };
}

/** What a cluster has once its own turn comes, which adds the releases to a helmfile that is no template. */
function expectedBootstrap(context: TransformContext): Bootstrap | undefined {
  const { helmfile } = findHelmfile(context);
  const { operator, instance } = findApps(context);
  const isExtended = helmfile?.data !== undefined && operator !== undefined && instance !== undefined;
  return isExtended
    ? { path: helmfile.path, operator: operator.release, instance: instance.release }
    : bootstrapOf(context);
}
