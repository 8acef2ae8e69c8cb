import { readable } from "../contract/answer.ts";
import type { DeliveredFluxObject, KubeObject, YamlData } from "../contract/objects.ts";
import { readGitRef } from "./running-source.ts";
import { appliesFile } from "./territory.ts";
import type { Cluster } from "./types.ts";

/** Image automation that checks out whatever branch the source of the sync names. */
export interface BranchAutomation {
  branch: string;
  found: DeliveredFluxObject[];
}

/**
 * The image automation of a cluster that takes its branch from `ref.branch` of the source. With only `ref.name` there, as
 * the operator writes it, it stops, or takes the branch it pushes to for another one and forces the push (flux-facts 6.2).
 */
export function findBranchAutomation(cluster: Cluster): BranchAutomation | undefined {
  const { source, runningSource = source } = cluster;
  const { branch } = readGitRef(runningSource);
  if (!source || branch === undefined || runningSource?.data.spec?.ref?.name !== undefined) return undefined;
  const found = cluster
    .findObjects((text) => text.includes("ImageUpdateAutomation"))
    .filter((item) => item.object.kind === "ImageUpdateAutomation" && takesBranchFrom(item, source));
  return { branch, found };
}

/** Such automation in a file that another cluster applies too: a branch written there would be that cluster's as well. */
export interface SharedAutomation {
  file: string;
  other: string;
}

/** The first of it. */
export function findSharedAutomation(cluster: Cluster, clusters: readonly Cluster[]): SharedAutomation | undefined {
  for (const { object } of findBranchAutomation(cluster)?.found ?? []) {
    const other = clusters.find((one) => one !== cluster && appliesFile(one, object.file));
    if (other) return { file: object.file, other: other.name };
  }
  return undefined;
}

/** Whether an automation reads a source, and says no branch of its own; errs towards no where it cannot be read. */
function takesBranchFrom({ effective, namespace }: DeliveredFluxObject, source: KubeObject): boolean {
  const spec: YamlData = readable(effective).spec;
  const { kind = "GitRepository", name, namespace: other = namespace } = spec?.sourceRef ?? {};
  const isReader = kind === source.kind && name === source.name && ["", other].includes(source.namespace);
  return isReader && spec.git !== undefined && spec.git?.checkout === undefined;
}
