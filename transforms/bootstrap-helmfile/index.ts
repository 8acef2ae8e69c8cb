import { listAutomation } from "../../src/cluster/automation-files.ts";
import type { DraftEdit } from "../../src/contract/edit.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { Yaml } from "../../src/contract/media.ts";
import { joinYaml, yaml } from "../../src/yaml/text.ts";
import { defineTransform, type Outcome, type TransformContext } from "../contract.ts";
import { type Line, matchLine, readApply, readLines } from "../shared/automation/applies.ts";
import { type FluxApps, findApps } from "../shared/automation/apps.ts";
import { type ByHand, planByHand, sayByHand } from "../shared/automation/by-hand.ts";
import { chooseHelmfileDir, findHelmfile } from "../shared/automation/helmfile-find.ts";
import { linesOf } from "../shared/automation/lines.ts";
import { planRemoval } from "../shared/automation/removed.ts";
import { lacksServiceMonitor } from "../shared/automation/service-monitor.ts";
import { readSubstitution } from "../shared/automation/substitution.ts";
import { listTargets } from "../shared/automation/targets.ts";
import { findWords, isComment, segmentTest } from "../shared/automation/words.ts";
import { findCrdChart, printCrdHelmfile } from "./crds.ts";
import { extendHelmfile, installsOldChart, installsVersion } from "./extend.ts";
import { createTemplates, reportMissingCrd, reportValues, toEntries } from "./release.ts";
import { DEFAULT_STYLE, isTemplated, printRelease, TEMPLATED } from "./text.ts";
import { planReleases } from "./values.ts";

/**
 * The helmfile that rebuilds an empty cluster with operator and instance, in place of the bootstrap that goes.
 * An existing helmfile is extended; where none is used, one is written for those who ask for it, and the others are told
 * the commands.
 */
export default defineTransform({
  id: "bootstrap-helmfile",
  title: "Rebuild an empty cluster with a helmfile",
  // What it reads of the old chart goes at cutover, so that a helmfile of that chart has to follow in the same phase.
  phases: ["cleanup", "cutover"],
  applies: ({ cluster, phase }) =>
    (cluster.instances.length > 0 || cluster.operators.length > 0) &&
    (phase === "cleanup" || cluster.install?.style === "community-chart"),
  run(context) {
    const { helmfile, ambiguous } = findHelmfile(context);
    const apps = findApps(context);
    if (context.phase === "cutover" && !(helmfile && installsOldChart(helmfile))) return {};
    if (helmfile) return extendHelmfile(context, helmfile, apps);
    const isWanted = context.options.rebuild === "helmfile";
    if (!isWanted && !hasOwnBootstrap(context)) return {};
    const { operator, instance } = apps;
    const serves = (path: string) => {
      const text = context.tree.read(path) ?? "";
      return [operator, instance].every((app) => app !== undefined && installsVersion(text, app));
    };
    if (ambiguous.some(serves)) return {};
    if (ambiguous.length > 0) {
      const facts = { cluster: context.cluster.name, paths: ambiguous };
      return { findings: [{ rule: "helmfile-ambiguous", level: "caution", at: lineOf(ambiguous[0]!), facts }] };
    }
    return isWanted ? createHelmfile(context, apps) : { findings: reportByHand(context, apps) };
  },
});

/** Whether the cluster was ever built from this repository: an install applied by hand, or a script that starts it. */
function hasOwnBootstrap(context: TransformContext): boolean {
  if (context.cluster.bootstraps.length > 0) return true;
  const targets = listTargets(context);
  const files = listAutomation(context.tree);
  const scripts = files.filter(({ kind }) => !["renovate", "lint", "workflow"].includes(kind));
  if (targets.length === 0) return false;
  return scripts.some((file) =>
    readLines(context.tree, file, files).some((line) => {
      const mention = line.isComment ? undefined : matchLine(line, targets, context.before);
      return mention && readApply(mention);
    }),
  );
}

/** The commands that rebuild an empty cluster where no helmfile is used. */
function reportByHand(context: TransformContext, apps: FluxApps): DraftFinding[] {
  const { operator, instance } = planByHand(context);
  if (!operator || !instance) return [reportImpossible(context, apps)];
  const { name, bootstraps, instances } = context.cluster;
  const at = bootstraps[0]?.at ?? instances[0]!.at;
  const { trimmed, emptied } = planRemoval(context);
  const rest = bootstraps.map(({ at }) => at.file).filter((file) => trimmed.includes(file) && !emptied.includes(file));
  const facts = { cluster: name, commands: sayByHand(context, ["operator", "instance"]), rest };
  const releases = [apps.operator, apps.instance].filter((app) => app !== undefined);
  const differing = releases.flatMap((app) =>
    reportValues(context, undefined, { app, substitution: readSubstitution(context.cluster, app) }),
  );
  if (rest.length === 0 && isRunAlready(context, [operator, instance])) return differing;
  return [{ rule: "rebuild-by-hand", level: "info", at, facts }, ...differing];
}

/** Whether one script runs both commands by now, as the cutover writes them, for this cluster or for one that is named when it is run. */
function isRunAlready({ tree, model }: TransformContext, commands: readonly ByHand[]): boolean {
  const isAlone = model.clusters.length === 1;
  const all = listAutomation(tree);
  return all.some((file) => {
    if (!commands.every(({ runs }) => linesOf(file).some((line) => !isComment(line) && runs.test(line)))) return false;
    const lines = readLines(tree, file, all).filter((line) => !line.isComment);
    const names = (path: string) => isAlone || lines.some((line) => namesPath(line, path));
    return commands.every(({ files }) => files.every(names));
  });
}

/** Whether a line names a path, in which a variable may stand for a segment. */
function namesPath({ text, expand }: Line, path: string): boolean {
  if (text.includes(path)) return true;
  const own = path.split("/");
  return findWords(text).some((word) => {
    const parts = expand(word.text).replace(/^\.\//, "").split("/");
    return parts.length === own.length && parts.every((part, index) => segmentTest(part)(own[index]!));
  });
}

function createHelmfile(context: TransformContext, apps: FluxApps): Outcome {
  const { cluster, tree } = context;
  const { operator, instance } = apps;
  const dir = chooseHelmfileDir(context);
  if (!operator?.version || !instance?.version || dir === undefined) {
    return { findings: [reportImpossible(context, apps)] };
  }
  const path = `${dir}/01-apps.yaml`;
  const wanted = planReleases(context, path, undefined, [operator, instance]);
  const findings = wanted.flatMap((release) => reportValues(context, path, release));
  const head = headOf(context);
  const edits: DraftEdit[] = [];
  const why = "An empty cluster is rebuilt from this helmfile now that the old bootstrap goes.";
  const evidence = cluster.bootstraps.map(({ at }) => at);
  const source = findCrdChart(cluster);
  const crds = source && printCrdHelmfile(head, source);
  if (crds !== undefined) edits.push({ kind: "create", path: `${dir}/00-crds.yaml`, text: crds, why, evidence });
  else if (lacksServiceMonitor(tree, operator, [])) findings.push(reportMissingCrd(context, operator));
  const entries = toEntries(wanted, wanted);
  if (entries.some(isTemplated)) return { findings: [reportImpossible(context, apps, TEMPLATED)] };
  const releases = entries.map((entry) => printRelease(entry, DEFAULT_STYLE));
  const text = yaml`${head}helmDefaults:\n  wait: true\n  waitForJobs: true\n\nreleases:\n${joinYaml(releases, "\n")}`;
  edits.push({ kind: "create", path, text, why, evidence }, ...createTemplates(context, wanted));
  const at = evidence[0] ?? cluster.instances[0]!.at;
  findings.push({ rule: "helmfile-created", level: "info", at, facts: { path } });
  return { edits, findings };
}

/** `---` and the schema comment, where the repository's other YAML carries one. */
function headOf({ cluster, tree }: TransformContext): Yaml {
  const samples = [...cluster.instances.map(({ object }) => object.file), cluster.root.file];
  const hasSchema = samples.some((file) => tree.read(file)?.includes("yaml-language-server: $schema"));
  return hasSchema ? yaml`---\n# yaml-language-server: $schema=https://json.schemastore.org/helmfile\n\n` : yaml`---\n`;
}

function reportImpossible(context: TransformContext, { operator, instance }: FluxApps, why?: string): DraftFinding {
  const { name, bootstraps, instances } = context.cluster;
  const at = bootstraps[0]?.at ?? instances[0]?.at;
  const facts = { cluster: name, reason: why ?? findReason(), commands: sayByHand(context, ["operator", "instance"]) };
  return { rule: "helmfile-not-possible", level: "caution", ...(at ? { at } : {}), facts };

  function findReason(): string {
    if (!operator) return "no HelmRelease installs flux-operator";
    if (!instance) return "no HelmRelease installs flux-instance";
    const unpinned = [operator, instance].find(({ version }) => version === undefined);
    if (unpinned) return `the chart version of ${unpinned.release} is not pinned to one release`;
    return "every folder for it is built recursively by a FluxKustomization";
  }
}
