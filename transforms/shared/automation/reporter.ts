import type { Cluster } from "../../../src/cluster/types.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { TransformContext } from "../../contract.ts";

/** Whether the cluster is the first of those a run works on, which reports what concerns the whole repository. */
export function isReporter(context: TransformContext): boolean {
  return reporterOf(context)?.name === context.cluster.name;
}

export function reporterOf({ model, agreed }: TransformContext): Cluster | undefined {
  return model.clusters.find((other) => agreed.takesPart(other)) ?? model.clusters[0];
}

/** What is found in the whole repository, and says nowhere for which of its clusters it is. */
export function ofNobody({ model }: TransformContext, findings: readonly DraftFinding[]): DraftFinding[] {
  return model.clusters.length > 1 ? findings.map((finding) => ({ ...finding, clusters: [] })) : [...findings];
}

/** The same of what the reporter alone looks for beside its own. */
export function ofReporter(context: TransformContext, findings: readonly DraftFinding[]): DraftFinding[] {
  return isReporter(context) ? ofNobody(context, findings) : [...findings];
}
