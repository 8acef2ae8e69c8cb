import { keyOf } from "../../cluster/graph.ts";
import { readHelmValues } from "../../cluster/helm-values.ts";
import { readable } from "../../contract/answer.ts";
import { readableSpec } from "../../contract/objects.ts";
import { isHelmRelease } from "../../delivery/kinds.ts";
import { locateField } from "../../delivery/locations.ts";
import { reportHidden } from "../hidden.ts";
import type { InstallResult, Passage, WantInput } from "../types.ts";
import { portChartValues } from "./values.ts";

/** What a release of the flux2 chart says: `valuesFrom` of the tree and inline values, after patches of the parents. */
export function portChart({ tree, cluster, versions }: WantInput, passage: Passage): InstallResult {
  const { install, version } = versions;
  const release = install.objects.find(isHelmRelease)!;
  const delivered = cluster.objects.find(({ object }) => keyOf(object) === keyOf(release));
  const { values } = readHelmValues(tree, release, delivered ? readableSpec(delivered) : release.data?.spec);
  const result = portChartValues({
    ...passage,
    values: readable(values),
    fluxVersion: version,
    at: install.at,
    locate: (path) => locateField(tree, release, ["spec", "values", ...path]),
  });
  const elsewhere = (values.known ? [] : values.unknowns).map(
    ({ at, what }) => ({ rule: "chart-values-elsewhere", level: "blocker", at, facts: { from: what } }) as const,
  );
  const hidden = delivered ? reportHidden(delivered) : [];
  return { ...result, findings: [...result.findings, ...elsewhere, ...hidden] };
}
