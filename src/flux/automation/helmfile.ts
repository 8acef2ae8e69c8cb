import type { DraftFinding, TransformContext, TransformResult } from "../../engine/transform.ts";
import type { DraftEdit } from "../../engine/types.ts";
import { describe } from "../kinds.ts";
import { locateField } from "../locations.ts";
import { hasOwnBootstrap } from "./applies.ts";
import { describeByHand, type FluxApp, findApps, readSubstitution } from "./apps.ts";
import { findCrdChart, needsServiceMonitor, printCrdHelmfile, providesServiceMonitor } from "./helmfile-crds.ts";
import { extendHelmfile } from "./helmfile-extend.ts";
import { chooseHelmfileDir, findHelmfile } from "./helmfile-find.ts";
import { DEFAULT_STYLE, printRelease, type ReleaseEntry } from "./helmfile-text.ts";
import { planValues, type ValuesPlan } from "./helmfile-values.ts";

/** What a helmfile has to hold for one cluster, and how each release gets its values. */
export interface WantedRelease {
  app: FluxApp;
  values: ValuesPlan;
}

/**
 * The helmfile that rebuilds an empty cluster with operator and instance, in place of the bootstrap that goes.
 * An existing helmfile is extended; one is created only where the cluster had a bootstrap of its own.
 */
export function planHelmfile(context: TransformContext): TransformResult {
  const { cluster, tree } = context;
  const { helmfile, ambiguous } = findHelmfile(context);
  const apps = findApps(context);
  if (helmfile) return extendHelmfile(context, helmfile, apps);
  if (!hasOwnBootstrap(context)) return { edits: [], findings: [] };
  if (ambiguous.length > 0) return { edits: [], findings: [reportAmbiguous(context, ambiguous)] };
  const { operator, instance } = apps;
  const dir = chooseHelmfileDir(context);
  if (!operator?.version || !instance?.version || dir === undefined) {
    return { edits: [], findings: [reportImpossible(context, apps, dir)] };
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

/** `---` and the schema comment, where the repository's other YAML carries one. */
function headOf({ cluster, tree }: TransformContext): string {
  const samples = [...cluster.instances.map(({ object }) => object.file), cluster.root.file];
  const hasSchema = samples.some((file) => tree.read(file)?.includes("yaml-language-server: $schema"));
  return hasSchema ? "---\n# yaml-language-server: $schema=https://json.schemastore.org/helmfile\n\n" : "---\n";
}

/** What helmfile would install differently from what helm-controller installs later. */
export function reportValues({ tree, cluster }: TransformContext, helmfile: string, app: FluxApp): DraftFinding[] {
  const findings: DraftFinding[] = [];
  const { variables } = readSubstitution(cluster, app);
  if (variables.length > 0) {
    findings.push({
      rule: "helmfile-values-substituted",
      level: "caution",
      resource: describe(app.object),
      at: locateField(tree, app.object, ["spec", "values"]),
      what: `On a rebuild ${helmfile} installs ${app.release} with the literal text ${variables.map((name) => `\${${name}}`).join(", ")}, which Flux replaces by post-build substitution and helmfile does not.`,
      why: "Until Flux has reconciled the HelmRelease once, the release runs with a wrong value; in the sync of a FluxInstance that means Flux never starts to reconcile.",
      next: "Write these values out in the HelmRelease, or set them in the helmfile's values for the first install.",
    });
  }
  if (app.unknownValues.length > 0) {
    findings.push({
      rule: "helmfile-values-elsewhere",
      level: "caution",
      resource: describe(app.object),
      at: locateField(tree, app.object, ["spec", "valuesFrom"]),
      what: `On a rebuild ${helmfile} installs ${app.release} without the values from ${app.unknownValues.join(", ")}, which are not in the repository.`,
      why: "The first install differs from what helm-controller installs once Flux runs.",
      next: "Add the same values to the release in the helmfile, or accept that they arrive with the first reconcile.",
    });
  }
  return findings;
}

export function reportMissingCrd({ tree }: Pick<TransformContext, "tree">, operator: FluxApp): DraftFinding {
  return {
    rule: "helmfile-missing-crd",
    level: "caution",
    resource: describe(operator.object),
    at: locateField(tree, operator.object, ["spec", "values", "serviceMonitor"]),
    what: "On a rebuild Helm refuses to install flux-operator: its values turn on a ServiceMonitor, and nothing installs that CRD before it.",
    why: "Helm checks every kind of a chart against the API server before it creates anything.",
    next: "Install the Prometheus operator CRDs before flux-operator in the bootstrap, or leave serviceMonitor.create to a later reconcile.",
  };
}

function reportCreated(context: TransformContext, path: string): DraftFinding {
  return {
    rule: "helmfile-created",
    level: "info",
    at: context.cluster.bootstraps[0]?.at ?? context.cluster.instances[0]!.at,
    what: `An empty cluster gets Flux from ${path}: first flux-operator, then flux-instance, which starts the sync.`,
    why: "The kustomization that installed Flux by hand goes, and the operator must be there before the FluxInstance.",
    next: `Have helmfile and helm on the machine you bootstrap from. By hand: helmfile --file ${path} sync. Create the decryption key, deploy key and cluster variables as before.`,
  };
}

function reportAmbiguous({ cluster }: TransformContext, paths: string[]): DraftFinding {
  return {
    rule: "helmfile-ambiguous",
    level: "caution",
    at: { file: paths[0]!, line: 1, col: 1 },
    what: `${paths.join(", ")} may serve several clusters, so nothing was added to it for cluster ${cluster.name}.`,
    why: "Its releases would be installed into whichever cluster it is run against.",
    next: "Add flux-operator and flux-instance with the values of this cluster, or move the helmfile into the folder of one cluster.",
  };
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
  return {
    rule: "helmfile-not-possible",
    level: "caution",
    ...(at ? { at } : {}),
    what: `No helmfile was written for rebuilding cluster ${cluster.name}: ${reason}.`,
    why: "The bootstrap that installed Flux by hand goes, so an empty cluster would not get Flux any more.",
    next: `Put these commands where the old bootstrap ran: ${byHand.operator}; then ${byHand.instance}.`,
  };
}
