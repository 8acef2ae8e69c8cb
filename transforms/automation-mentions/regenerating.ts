import { FLUX, isArchived, isDocs, isGenerator, isJinja, isProgram } from "../../src/cluster/automation-files.ts";
import { isCommentLine, readableText } from "../../src/cluster/readable-text.ts";
import { type Loc, lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { isFluxInstallUrl } from "../../src/delivery/kinds.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { TransformContext } from "../contract.ts";
import { isReporter } from "../shared/automation/reporter.ts";
import type { Target } from "../shared/automation/targets.ts";
import { listRenames, SOURCE } from "../shared/references/renames.ts";
import { listVendored } from "./vendored.ts";

/**
 * Templates that would write removed files again, or an edited helmfile as it was, the next time somebody renders them:
 * by the path they render to, and by an install in their text.
 */
export function findRegenerating(
  context: TransformContext,
  targets: readonly Target[],
  helmfile: string | undefined,
): DraftFinding[] {
  const { tree } = context;
  const reportsAll = isReporter(context);
  const gone = [
    ...targets.filter(({ isFile }) => isFile).map(({ path }) => path),
    ...(helmfile === undefined ? [] : [helmfile]),
  ];
  const templates = tree.paths.flatMap((path) => {
    if (!isJinja(path) || isArchived(path)) return [];
    const output = path.replace(/\.(j2|jinja2?)$/, "");
    if (isDocs(output)) return [];
    const isGone = gone.some((file) => output.endsWith(`/${file}`));
    const declared = listDeclared(context, path);
    if (declared.length > 0) return declared;
    if (!isGone && !reportsAll) return [];
    const installs = listLines(context, path, (line) => installsFlux(line) || runsInstall(line));
    return isGone && installs.length === 0 ? [lineOf(path, 1)] : installs;
  });
  return report([...templates, ...listGenerators(context)], listOwned(context));
}

/**
 * What a language generates such files from, and programs that make the source; who uses one runs it all the time, between
 * two phases as well.
 */
export function findGenerators(context: TransformContext): DraftFinding[] {
  return report(listGenerators(context), listOwned(context));
}

function listOwned(context: TransformContext): Loc[] {
  return isReporter(context) ? listVendored(context) : [];
}

/** Documents of a template that make the source or the root, as a playbook applies them by itself. */
function listDeclared({ tree, cluster, options }: TransformContext, path: string): Loc[] {
  if (options.sync === "keep" || cluster.rootFrom !== "manifest") return [];
  const starts = [cluster.source, cluster.root].flatMap((object) => (object ? [object] : []));
  let line = 1;
  return (readableText(tree, path) ?? "").split(/^(?=---)/m).flatMap((text) => {
    const first = line;
    line += text.split("\n").length - 1;
    const group = GROUP.exec(text);
    const isStart = starts.some(
      ({ kind, name }) => fieldIn(text, /^kind:(.*)$/m) === kind && fieldIn(text, NAME_IN_METADATA) === name,
    );
    return group && isStart ? [lineOf(path, first + text.slice(0, group.index).split("\n").length - 1)] : [];
  });
}

const GROUP = /^apiVersion:\s*["']?(?:source|kustomize)\.toolkit\.fluxcd\.io\//m;

/** Only with lines between that are indented, which can be read in one way. */
const NAME_IN_METADATA = /^metadata:[^\n]*\n(?:[ \t](?![ \t]*name:)[^\n]*\n)*?[ \t]+name:(.*)$/m;

function fieldIn(text: string, pattern: RegExp): string | undefined {
  return pattern
    .exec(text)?.[1]
    ?.replace(/\s#.*/, "")
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2");
}

function listGenerators(context: TransformContext): Loc[] {
  if (!isReporter(context)) return [];
  const { tree, cluster, options } = context;
  const url = options.sync === "keep" ? undefined : cluster.source?.data.spec?.url;
  const source = typeof url === "string" && url !== "" ? new RegExp(`(["'\`])${escapeRegExp(url)}\\1`) : undefined;
  const namesSource = (text: string) => source?.test(text) === true;
  const kind = cluster.source?.kind ?? "";
  const old = listRenames(cluster, options).find(({ group, name, to }) => group === SOURCE && to && to !== name)?.name;
  const oldName = old === undefined ? undefined : new RegExp(`(["'\`])${escapeRegExp(old)}\\1`);
  const generators = tree.paths
    .filter((path) => isGenerator(path) && !isArchived(path))
    .flatMap((path) => {
      const reads = readableText(tree, path)?.includes(kind) ? oldName : undefined;
      return listLines(context, path, (text) => installsFlux(text) || namesSource(text) || reads?.test(text) === true);
    });
  // In most trees there is none, and nothing has to be searched for its address.
  const isRead = (path: string) => isProgram(path) && !isArchived(path);
  const programs = source && tree.paths.some(isRead) ? tree.grep(String(url)).filter(isRead) : [];
  const declaring = programs.filter((path) => readableText(tree, path)?.includes(kind));
  return [...generators, ...declaring.flatMap((path) => listLines(context, path, namesSource))];
}

/** What a rendered script or unit runs, and the chart that a rendered playbook or HelmChart names. */
const INSTALLS = new RegExp(String.raw`${FLUX}(?:bootstrap\s+\w|install\b)`);
const CHART = /^\s*(?:-\s+)?chart(?:_ref|[nN]ame)?\s*:\s*["']?(?:[\w.-]+\/|oci:\/\/\S+\/)?flux2["']?\s*$/;

function runsInstall(line: string): boolean {
  return !isCommentLine(line) && (INSTALLS.test(line) || CHART.test(line));
}

function installsFlux(text: string): boolean {
  return isFluxInstallUrl(text) || text.includes("fluxcd/flux-manifests");
}

function listLines({ tree }: TransformContext, path: string, test: (line: string) => boolean): Loc[] {
  const lines = (readableText(tree, path) ?? "").split("\n");
  return lines.flatMap((line, index) => (test(line) ? [lineOf(path, index + 1)] : []));
}

function report(generators: readonly Loc[], vendored: readonly Loc[]): DraftFinding[] {
  const lists = [
    { found: generators, more: {} },
    { found: vendored, more: { by: "vendir" as const } },
  ];
  return lists.flatMap(({ found, more }): DraftFinding[] => {
    const [at] = found;
    if (!at) return [];
    const places = found.map(({ file, line }) => `${file}:${line}`);
    return [{ rule: "template-regenerates", level: "caution", at, facts: { places, ...more } }];
  });
}
