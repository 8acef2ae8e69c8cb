import type { DraftEdit } from "../../src/contract/edit.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { Outcome, TransformContext } from "../contract.ts";
import { hasOwnBootstrap } from "../shared/automation/applies.ts";
import { describeByHand, type FluxApp, findApps } from "../shared/automation/apps.ts";
import { chooseHelmfileDir, findHelmfile } from "../shared/automation/helmfile-find.ts";
import { findCrdChart, needsServiceMonitor, printCrdHelmfile, providesServiceMonitor } from "./crds.ts";
import { extendHelmfile } from "./extend.ts";
import { reportMissingCrd, reportValues, toEntry } from "./release.ts";
import { DEFAULT_STYLE, printRelease } from "./text.ts";
import { planValues } from "./values.ts";

/**
 * The helmfile that rebuilds an empty cluster with operator and instance, in place of the bootstrap that goes.
 * An existing helmfile is extended; one is created only where the cluster had a bootstrap of its own.
 */
export function planHelmfile(context: TransformContext): Outcome {
  const { cluster, tree } = context;
  const { helmfile, ambiguous } = findHelmfile(context);
  const apps = findApps(context);
  if (helmfile) return extendHelmfile(context, helmfile, apps);
  if (!hasOwnBootstrap(context)) return {};
  if (ambiguous.length > 0) return { findings: [reportAmbiguous(context, ambiguous)] };
  const { operator, instance } = apps;
  const dir = chooseHelmfileDir(context);
  if (!operator?.version || !instance?.version || dir === undefined) {
    return { findings: [reportImpossible(context, apps, dir)] };
  }
  const path = `${dir}/01-apps.yaml`;
  const plans = planValues(tree, cluster, path, undefined, [operator, instance]);
  const wanted = [operator, instance].map((app) => ({ app, values: plans.get(app)! }));
  const head = headOf(context);
  const edits: DraftEdit[] = [];
  const findings = wanted.flatMap(({ app }) => reportValues(context, path, app));
  const why = "An empty cluster is rebuilt from this helmfile now that the old bootstrap goes.";
  const evidence = cluster.bootstraps.map(({ at }) => at);
  const entries = wanted.map((release) =>
    toEntry(release, release.app === instance ? [`${operator.namespace}/${operator.release}`] : []),
  );
  if (needsServiceMonitor(operator) && !providesServiceMonitor(tree, [])) {
    const source = findCrdChart(cluster);
    if (source) {
      const text = printCrdHelmfile(head, source);
      edits.push({ kind: "create", path: `${dir}/00-crds.yaml`, text, why, evidence });
    } else findings.push(reportMissingCrd(context, operator));
  }
  const text = `${head}helmDefaults:
  wait: true
  waitForJobs: true

releases:
${entries.map((entry) => printRelease(entry, DEFAULT_STYLE)).join("\n")}`;
  edits.push({ kind: "create", path, text, why, evidence });
  for (const { values } of wanted) {
    for (const template of values.creates) {
      edits.push({ kind: "create", ...template, why: "The helmfile installs with the values of the apps.", evidence });
    }
  }
  findings.push(reportCreated(context, path));
  return { edits, findings };
}

/** `---` and the schema comment, where the repository's other YAML carries one. */
function headOf({ cluster, tree }: TransformContext): string {
  const samples = [...cluster.instances.map(({ object }) => object.file), cluster.root.file];
  const hasSchema = samples.some((file) => tree.read(file)?.includes("yaml-language-server: $schema"));
  return hasSchema ? "---\n# yaml-language-server: $schema=https://json.schemastore.org/helmfile\n\n" : "---\n";
}

function reportCreated({ cluster }: TransformContext, path: string): DraftFinding {
  const at = cluster.bootstraps[0]?.at ?? cluster.instances[0]!.at;
  return { rule: "helmfile-created", level: "info", at, facts: { path } };
}

function reportAmbiguous({ cluster }: TransformContext, paths: string[]): DraftFinding {
  const facts = { cluster: cluster.name, paths };
  return { rule: "helmfile-ambiguous", level: "caution", at: lineOf(paths[0]!), facts };
}

function reportImpossible(
  context: TransformContext,
  { operator, instance }: { operator?: FluxApp; instance?: FluxApp },
  dir: string | undefined,
): DraftFinding {
  const { cluster } = context;
  const byHand = describeByHand(context);
  const missing = !operator
    ? "no HelmRelease installs flux-operator"
    : !instance
      ? "no HelmRelease installs flux-instance"
      : undefined;
  const unpinned = [operator, instance].find((app) => app && app.version === undefined);
  const reason =
    missing ??
    (unpinned
      ? `the chart version of ${unpinned.release} is not pinned to one release`
      : dir === undefined
        ? "every folder for it is built recursively by a FluxKustomization"
        : "the apps cannot be read");
  const at = cluster.bootstraps[0]?.at ?? cluster.instances[0]?.at;
  const facts = { cluster: cluster.name, reason, commands: [byHand.operator, byHand.instance] };
  return { rule: "helmfile-not-possible", level: "caution", ...(at ? { at } : {}), facts };
}
