import type { DraftFinding } from "../../src/contract/finding.ts";
import { describe } from "../../src/delivery/kinds.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { TransformContext } from "../contract.ts";
import { type FluxApp, readSubstitution } from "../shared/automation/apps.ts";
import type { ReleaseEntry } from "./text.ts";
import type { ValuesPlan } from "./values.ts";

/** What a helmfile has to hold for one cluster, and how each release gets its values. */
export interface WantedRelease {
  app: FluxApp;
  values: ValuesPlan;
}

/** A release as it is written; `needs` come from the caller because they depend on the siblings. */
export function toEntry({ app, values }: WantedRelease, needs: string[]): ReleaseEntry {
  return {
    name: app.release,
    namespace: app.namespace,
    chart: app.chart,
    version: app.version ?? "",
    ...(app.app === "flux-instance" ? { wait: false as const } : {}),
    values: values.entries,
    needs,
  };
}

/** What helmfile would install differently from what helm-controller installs later. */
export function reportValues({ tree, cluster }: TransformContext, helmfile: string, app: FluxApp): DraftFinding[] {
  const findings: DraftFinding[] = [];
  const { variables } = readSubstitution(cluster, app);
  const { object, release, unknownValues: sources } = app;
  const resource = describe(object);
  const level = "caution";
  if (variables.length > 0) {
    const at = locateField(tree, object, ["spec", "values"]);
    const facts = { helmfile, release, variables };
    findings.push({ rule: "helmfile-values-substituted", level, resource, at, facts });
  }
  if (sources.length > 0) {
    const at = locateField(tree, object, ["spec", "valuesFrom"]);
    findings.push({ rule: "helmfile-values-elsewhere", level, resource, at, facts: { helmfile, release, sources } });
  }
  return findings;
}

export function reportMissingCrd({ tree }: Pick<TransformContext, "tree">, { object }: FluxApp): DraftFinding {
  const at = locateField(tree, object, ["spec", "values", "serviceMonitor"]);
  return { rule: "helmfile-missing-crd", level: "caution", resource: describe(object), at, facts: {} };
}
