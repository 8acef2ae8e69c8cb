import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import { reportBrokenBuilds } from "../broken-builds.ts";
import { type Desired, decideVersions } from "../desired.ts";
import { checkInstallSettings } from "../install-settings.ts";
import { checkInstallSource } from "../install-source.ts";
import type { Cluster } from "../types.ts";
import { type Conventions, learnConventions } from "./conventions.ts";
import { type Placement, placeApps } from "./placement.ts";

/** Everything the transforms of the install phase agree on. */
export interface AppContext {
  desired: Desired;
  conventions: Conventions;
  placement: Placement;
}

export type Prepared = { app: AppContext; findings: DraftFinding[] } | { app?: undefined; findings: DraftFinding[] };

const known = new WeakMap<Cluster, Prepared>();

/** Decides versions, style and places once per cluster and phase; without `app`, the findings hold the blocker. */
export function prepareApps(context: TransformContext): Prepared {
  const { cluster } = context;
  let prepared = known.get(cluster);
  if (!prepared) {
    prepared = prepare(context);
    known.set(cluster, prepared);
  }
  return prepared;
}

function prepare({ model, cluster, options }: TransformContext): Prepared {
  const { desired, findings } = decideVersions(cluster, options, model.objects);
  findings.push(...reportBrokenBuilds(model.tree, cluster));
  if (!desired) return { findings };
  findings.push(...checkInstallSettings(model.tree, cluster, desired.install));
  findings.push(...checkInstallSource(model.tree, desired.install));
  const conventions = learnConventions(model.tree, cluster, desired.version);
  const placement = placeApps(model.tree, cluster, conventions, model.clusters, options.direct);
  if ("reason" in placement) {
    const at = { file: cluster.root.file, line: 1, col: 1 };
    findings.push({
      rule: "no-safe-place",
      level: "blocker",
      at,
      what: `No folder was found where the operator and the instance can live: ${placement.reason}.`,
      why: "A FluxInstance inside a folder that is built recursively is applied before its CRD exists and stalls the root (trap 12).",
      next: `Let spec.ignore and .sourceignore keep a folder ${cluster.namespace}-apps beside the one of the sync, or give the folder of the root a kustomization.yaml that lists what it delivers today; merge that, and run fluxlift again.`,
    });
    return { findings };
  }
  return { app: { desired, conventions, placement }, findings };
}
