import { type Loc, lineOf } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { InstallElsewhere } from "../contract/install-ways.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import { readChart } from "../delivery/chart/facts.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { basename, dirname } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { toArgoApplication } from "./argo-applications.ts";
import { isArchived, isAside, isDocs, isJinja, isProgram, isSample } from "./automation-files.ts";
import { helmInstallsChart } from "./chart-command.ts";
import { CHART_NAMES, type FluxChart, isReconciler, mayReconcile, readFleet } from "./chart-reconcilers.ts";
import { commandLines } from "./command-lines.ts";
import { findEmbedded } from "./embedded-manifests.ts";
import { depthChange, statesOf } from "./gotk/terraform-states.ts";
import { isTerraformCode, readTerraform } from "./gotk/terraform-text.ts";
import { findHostManifests } from "./host-manifests.ts";
import { findLifecyclePackages } from "./lifecycle-packages.ts";
import { findMachineServices } from "./machine-services.ts";
import { isYamlPath, readObjects } from "./objects.ts";
import { findProgramInstalls } from "./program-installs.ts";
import { codeLines, isCommentLine, readableText } from "./readable-text.ts";

/**
 * Applications of Argo CD, HelmCharts of k3s and RKE2, and `helm_release` blocks of Terraform, whose chart is flux2, and what else
 * keeps a release of it or a copy of the manifests, and programs that bootstrap Flux; behind them what has Helm install it: a helmfile, a script, a playbook, Pulumi.
 */
export function findChartElsewhere(tree: Tree): readonly InstallElsewhere[] {
  return remember(tree, "chart elsewhere", "", () => {
    const files = tree.grep("flux2");
    const inFiles = findKeepers(tree, "flux2");
    const manifests = [...findHostManifests(tree), ...findEmbedded(tree), ...findProgramInstalls(tree)];
    const taken = new Set([...inFiles, ...manifests].map(({ file }) => file));
    const machines = findMachineServices(tree).filter(({ file }) => !taken.has(file));
    const packages = findLifecyclePackages(tree, "flux2");
    const kept = [
      ...inFiles,
      ...manifests,
      ...machines,
      ...packages,
      ...findTimoni(tree),
      ...findUmbrellas(tree),
      ...findRendered(tree),
    ];
    const known = new Set(kept.map(({ file }) => file));
    const all = [...kept, ...files.filter((file) => !known.has(file)).flatMap((file) => readSteps(tree, file))];
    return all.map((one) => (tree.read(one.file)?.includes("helm.sh/hook") ? { ...one, hooks: true } : one));
  });
}

/** What keeps a release of the operator besides Flux: Argo CD, k3s, Terraform and their like. */
export function findOperatorKeepers(tree: Tree): readonly InstallElsewhere[] {
  return remember(tree, "operator elsewhere", "", () =>
    [
      ...findKeepers(tree, "flux-operator"),
      ...findPrograms(tree),
      ...findLifecyclePackages(tree, "flux-operator"),
    ].filter(({ file }) => !isArchived(file) && !isSample(file)),
  );
}

/** The chart that makes a FluxInstance, by its address or as the chart of a release, a block or an Application. */
const INSTANCE =
  /\boci:\/\/\S+\/flux-instance(?![\w-])|^\s*(?:-\s+)?["']?(?:chart|chart_ref)["']?\s*[:=]\s*["']?(?:[\w.-]+\/)?flux-instance["']?\s*$/;

/**
 * Where something other than Flux installs that chart, a helmfile, a script or a playbook: Flux is the operator's in a cluster that
 * is made with it, although no object of Flux says so.
 */
export function findInstanceSteps(tree: Tree): readonly Loc[] {
  return remember(tree, "instance steps", "", () =>
    tree.grep("flux-instance").flatMap((file) => {
      if (isAside(file) || /^apiVersion:.*\btoolkit\.fluxcd\.io\//m.test(readableText(tree, file) ?? "")) return [];
      const line = codeLines(tree, file).findIndex((each) => INSTANCE.test(each));
      return line < 0 ? [] : [lineOf(file, line + 1)];
    }),
  );
}

/** What an owner is told of that chart where nothing in Git installs Flux. */
export function sayInstanceSteps(tree: Tree): string | undefined {
  const [step] = findInstanceSteps(tree);
  if (!step) return undefined;
  return `A cluster that is made with the chart flux-instance (${step.file}:${step.line}) has its Flux from Flux Operator already: in that one nothing is left to migrate.`;
}

function findKeepers(tree: Tree, chart: FluxChart): InstallElsewhere[] {
  return tree.grep(chart).flatMap((file) => {
    if (isYamlPath(file)) return readCharts(tree, file, chart);
    if (file.endsWith(".nix")) return readNix(tree, file, chart);
    return isTerraformCode(file) ? readBlocks(tree, file, chart) : [];
  });
}

const PROGRAM_CHART = /["'`](?:oci:\/\/[^\s"'`]+\/|[\w.-]+\/)?flux-operator["'`]/;

/** Programs of Pulumi or a CDK that keep a release of the operator. */
function findPrograms(tree: Tree): InstallElsewhere[] {
  return tree.grep("flux-operator").flatMap((file): InstallElsewhere[] => {
    if (!isProgram(file)) return [];
    const lines = codeLines(tree, file);
    if (!lines.some((each) => /\b(?:pulumi|aws-cdk|cdktf|cdk8s)\b/i.test(each))) return [];
    const line = lines.findIndex((each) => /\bchart\b/i.test(each) && PROGRAM_CHART.test(each));
    return line < 0 ? [] : [{ by: "program", file, line: line + 1, name: file }];
  });
}

const RENDERED = /^\s*data\s+"flux_install"\s+"([\w-]+)"/;

/** Terraform as it was before `flux_bootstrap_git`: a data source renders the manifests, and resources apply them. */
function findRendered(tree: Tree): InstallElsewhere[] {
  return tree.grep("flux_install").flatMap((file): InstallElsewhere[] => {
    if (!isTerraformCode(file) || isArchived(file) || isSample(file)) return [];
    return readTerraform(tree, file)
      .split("\n")
      .flatMap((line, index): InstallElsewhere[] => {
        const name = RENDERED.exec(line)?.[1];
        return name === undefined ? [] : [{ by: "rendered", file, line: index + 1, name: `data.flux_install.${name}` }];
      });
  });
}

/** Argo CD, k3s and their like go on applying what they install, so it is said before anything is merged, and as long as it is there. */
export function reportKeepers(tree: Tree): DraftFinding[] {
  return findChartElsewhere(tree).flatMap(({ by, file, line }): DraftFinding[] => {
    // Its blocks are said of at the cutover.
    if (by === "rendered") return [];
    if (by === "terraform" || by === "helm" || by === "timoni" || by === "umbrella") return [];
    const facts = { how: by, commands: [] } as const;
    return [{ rule: "automation-installs-flux", level: "caution", at: lineOf(file, line), facts }];
  });
}

const YAML_CHART =
  /^\s*(?:-\s+)?(?:chart|chart[nN]ame|name):\s*["']?(?:[\w.-]+\/|oci:\/\/\S+\/)?(flux2|flux-operator)["']?\s*(?:#.*)?$/;
const NIX_CHART = /^\s*chart\s*=\s*"(?:oci:\/\/[^\s"]+\/)?(flux2|flux-operator)"\s*;/;
const NIX_DEPLOYED = /^\s*(?:name|repo)\s*=\s*"(?:oci:\/\/[^\s"]+\/)?(flux2|flux-operator)"\s*;/;
const TERRAFORM_CHART = /^\s*chart\s*=\s*"(?:oci:\/\/\S+\/)?(flux2|flux-operator)"/;

/** The number of the line that names a chart; 0 where none does. */
function findChartLine(text: string, chart: string): number {
  return text.split("\n").findIndex((line) => YAML_CHART.exec(line)?.[1] === chart) + 1;
}

function readCharts(tree: Tree, file: string, chart: FluxChart): InstallElsewhere[] {
  const text = tree.read(file) ?? "";
  if (!text.includes("argoproj.io/") && !text.includes("helm.cattle.io/") && !mayReconcile(text))
    return readFleet(file, text, chart);
  return readObjects(tree, file).objects.flatMap((object): InstallElsewhere[] => {
    const by = keeperOf(object, chart);
    if (by === undefined) return [];
    const line = findChartLine(readableText(tree, file) ?? "", chart);
    return [{ by, file, line: line || 1, name: `${object.kind} ${object.name}` }];
  });
}

/** Who applies the chart that an object asks for; undefined where it asks for another one, or nobody reads it. */
function keeperOf(object: KubeObject, name: FluxChart): "argo" | "k3s" | "reconciler" | undefined {
  const { spec }: YamlData = object.data;
  const isFlux = (chart: unknown) => typeof chart === "string" && CHART_NAMES[name].test(chart);
  if (object.apiVersion.startsWith("helm.cattle.io/") && object.kind === "HelmChart")
    return isFlux(spec?.chart) ? "k3s" : undefined;
  if (isReconciler(object, name)) return "reconciler";
  return toArgoApplication(object)?.sources.some(({ source }) => isFlux(source?.chart)) ? "argo" : undefined;
}

/** What NixOS hands to k3s: `services.k3s.manifests`, and the charts of which it makes some, `services.k3s.autoDeployCharts`. */
function readNix(tree: Tree, file: string, chart: FluxChart): InstallElsewhere[] {
  const text = readableText(tree, file) ?? "";
  const patterns = [
    ...(text.includes("helm.cattle.io/") ? [NIX_CHART] : []),
    ...(text.includes("autoDeployCharts") ? [NIX_DEPLOYED] : []),
  ];
  const line = text.split("\n").findIndex((each) => patterns.some((pattern) => pattern.exec(each)?.[1] === chart));
  return line < 0 ? [] : [{ by: "k3s", file, line: line + 1, name: "HelmChart" }];
}

/** Bundles of Timoni with the module that runs all controllers in one pod. */
function findTimoni(tree: Tree): InstallElsewhere[] {
  return tree.grep("modules/flux-aio").flatMap((file): InstallElsewhere[] => {
    if (!file.endsWith(".cue") || isArchived(file)) return [];
    const lines = (readableText(tree, file) ?? "").split("\n");
    const line = lines.findIndex((each) => /modules\/flux-aio\b/.test(each) && !/^\s*\/\//.test(each));
    return line < 0 ? [] : [{ by: "timoni", file, line: line + 1, name: file }];
  });
}

/** Charts of the repository that have the community chart among their dependencies, whoever installs them. */
function findUmbrellas(tree: Tree): InstallElsewhere[] {
  return tree.grep("flux2").flatMap((file): InstallElsewhere[] => {
    if (basename(file) !== "Chart.yaml" || isArchived(file)) return [];
    const folder = dirname(file);
    const holds = ({ name, repository }: YamlData) => name === "flux2" && String(repository).includes(COMMUNITY);
    const chart = readChart(tree, folder);
    if (!chart?.dependencies.some((one) => one && holds(one))) return [];
    const line = findChartLine(tree.read(file) ?? "", "flux2");
    return [{ by: "umbrella", file, line: line || 1, name: folder || chart.name }];
  });
}

/** Whose chart it is; `flux2` alone is anybody's. */
export const COMMUNITY = "fluxcd-community";
const STEP = [
  /\bfluxcd-community(?:\.github\.io)?\/(?:[^\s"']*\/)?flux2(?![\w-])/,
  /(?:^|[\s{,])["']?(?:[cC]hart|chart_ref)["']?\s*[:=]\s*(?:pulumi\.String\()?["']?(?:[\w.-]+\/|oci:\/\/[^\s"']+\/)?flux2["']?(?:[\s,})]|$)/,
];

/** What a shell runs, whatever objects it writes on the way. */
const SCRIPT = /\.(?:sh|bash|zsh|ps1|mk)$|(?:^|\/)(?:GNUm|M|m)akefile$|(?:^|\/)\.?justfile$/i;

/** A line that has Helm install the chart; an object of a cluster, whoever applies it, is no such step. */
function readSteps(tree: Tree, file: string): InstallElsewhere[] {
  if (isArchived(file) || isDocs(file) || isJinja(file) || /renovate/i.test(file)) return [];
  const text = readableText(tree, file) ?? "";
  // A person applies what kustomize inflates: Flux builds no charts.
  if (isKustomizationFile(file) && text.includes(COMMUNITY) && /^helmCharts:/m.test(text)) {
    const line = findChartLine(text, "flux2");
    return line === 0 ? [] : [{ by: "helm", file, line, name: file }];
  }
  // A program or a playbook may make source and root beside it, where a HelmRelease has Flux itself deliver the chart.
  if (!SCRIPT.test(file) && /^apiVersion:|\bhelm\.toolkit\.fluxcd\.io/m.test(text)) return [];
  const steps = text.includes(COMMUNITY) ? STEP : [];
  const lines = text.split("\n");
  const isStep = (each: string, index: number) =>
    steps.some((step) => step.test(each)) ||
    (each.includes("helm") && helmInstallsChart([...commandLines(lines, index)].join(" ").replaceAll("\\ ", " ")));
  const line = lines.findIndex((each, index) => !isCommentLine(each) && isStep(each, index));
  return line < 0 ? [] : [{ by: "helm", file, line: line + 1, name: file }];
}

/** HCL is read line by line; a block ends where its brackets do. */
function readBlocks(tree: Tree, file: string, chart: FluxChart): InstallElsewhere[] {
  const lines = readTerraform(tree, file).split("\n");
  const found: InstallElsewhere[] = [];
  let depth = 0;
  let head: { line: number; name: string } | undefined;
  for (const [index, text] of lines.entries()) {
    // Terraform takes no other names, and advice has them in commands.
    const [, name] = /^\s*resource\s+"helm_release"\s+"([\p{L}\p{N}_-]+)"\s*\{/u.exec(text) ?? [];
    if (depth === 0 && name !== undefined) head = { line: index + 1, name: `helm_release.${name}` };
    if (head && TERRAFORM_CHART.exec(text)?.[1] === chart) {
      const { line, name: address } = head;
      const [state] = statesOf(tree, dirname(file), address);
      found.push({ by: "terraform", file, line, name: state?.address ?? address });
      head = undefined;
    }
    depth = Math.max(0, depth + depthChange(text));
  }
  return found;
}
