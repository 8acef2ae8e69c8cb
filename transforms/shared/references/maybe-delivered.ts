import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { type DeliveredFluxObject, readableSpec } from "../../../src/contract/objects.ts";
import { describe } from "../../../src/delivery/kinds.ts";
import { aroundVariables, join, normalizePath } from "../../../src/delivery/paths.ts";
import type { TransformContext } from "../../contract.ts";

/** A FluxKustomization whose folder is known in part only: `./apps/${CLUSTER}`, and nothing here says what that stands for. */
interface OpenBuilder {
  item: DeliveredFluxObject;
  path: string;
  start: string;
  end: string;
}

const openBuilders = ({ cluster }: Pick<TransformContext, "cluster">): OpenBuilder[] =>
  cluster.local.flatMap((item) => openBuilder(item, cluster.artifactRoot) ?? []);

/** Whether folders of the cluster are known in part only. */
export function hasOpenPaths(context: Pick<TransformContext, "cluster">): boolean {
  return openBuilders(context).length > 0;
}

/**
 * Divides files that no known build reads: those that nothing delivers, and those that a FluxKustomization of the cluster may
 * build whose path has a variable without a value. Errs towards the latter: what the variable stands for may hold slashes.
 */
function splitUndelivered(context: Pick<TransformContext, "cluster">, files: readonly string[]) {
  const open = openBuilders(context);
  const builderOf = (file: string) =>
    open.find(({ start, end }) => file.startsWith(start) && file.slice(start.length).includes(`${end}/`));
  const idle: string[] = [];
  const maybe: { file: string; builder: OpenBuilder }[] = [];
  for (const file of files) {
    const builder = builderOf(file);
    if (builder) maybe.push({ file, builder });
    else idle.push(file);
  }
  return { idle, maybe };
}

function openBuilder(item: DeliveredFluxObject, artifactRoot: string): OpenBuilder | undefined {
  const path = readableSpec(item)?.path;
  const folder = typeof path === "string" ? normalizePath(path) : undefined;
  const around = folder === undefined ? undefined : aroundVariables(join(artifactRoot, folder));
  return path === undefined || around === undefined ? undefined : { item, path, ...around };
}

/**
 * That files which no known build reads name a source that goes.
 * @param name `GitRepository home`, @param instead what to do in such a file, `Use cluster`
 */
export function reportUnread(
  context: Pick<TransformContext, "cluster">,
  files: readonly string[],
  { name, instead }: { name: string; instead: string },
): DraftFinding[] {
  const { idle, maybe } = splitUndelivered(context, files);
  const facts = { files: idle, name, instead };
  const [first] = idle;
  const unused: DraftFinding[] = first
    ? [{ rule: "undelivered-reference", level: "info", at: lineOf(first), facts }]
    : [];
  const open = maybe.map(
    ({ file, builder: { item, path } }): DraftFinding => ({
      rule: "maybe-delivered",
      level: "blocker",
      at: lineOf(file),
      resource: describe(item.object),
      what: `This file names ${name}, and nothing here says whether Flux reads it: ${describe(item.object)} builds ${path}, and the value is not in these files.`,
      why: "If that folder is meant, what is in it would stop when the old source goes.",
      next: `Write the value into the path, or into postBuild.substitute of what delivers ${describe(item.object)}, and run fluxlift again. Or: ${instead} in this file yourself, as soon as that is there.`,
    }),
  );
  return [...unused, ...open];
}
