import { isDeepStrictEqual } from "node:util";
import type { DraftEdit } from "../../src/contract/edit.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import { dirname, join } from "../../src/delivery/paths.ts";
import { spliceRanges } from "../../src/files/edits.ts";
import { copyData } from "../../src/yaml/copy.ts";
import { positionAt } from "../../src/yaml/lines.ts";
import type { Outcome, TransformContext } from "../contract.ts";
import type { FluxApp, FluxApps } from "../shared/automation/apps.ts";
import type { Helmfile } from "../shared/automation/helmfile-find.ts";
import { isReadElsewhere } from "../shared/automation/readers.ts";
import { lacksServiceMonitor } from "../shared/automation/service-monitor.ts";
import { docsIn } from "../shared/read.ts";
import { reportLost } from "./lost.ts";
import {
  checkRelease,
  createTemplates,
  type Extension,
  findEntry,
  placeOf,
  reportMissingCrd,
  reportValues,
  toEntries,
} from "./release.ts";
import { dropRepository } from "./repositories.ts";
import {
  DEFAULT_STYLE,
  findReleaseItems,
  isTemplated,
  learnNeeds,
  learnStyle,
  printRelease,
  type ReleaseEntry,
  releaseId,
  TEMPLATED,
  writeReleases,
} from "./text.ts";
import { planReleases, type WantedRelease } from "./values.ts";

/**
 * Brings an existing helmfile in line with the apps: versions of entries that are there, entries that are missing, the
 * community chart's entry replaced. Every edit is read back and compared with what it should mean; one that does not
 * come out, and a helmfile that is a template, become a finding with the exact text to add.
 */
export function extendHelmfile(context: TransformContext, helmfile: Helmfile, apps: FluxApps): Outcome {
  const { tree } = context;
  const present = [apps.operator, apps.instance].filter((app) => app !== undefined);
  const wanted = planReleases(context, helmfile.path, helmfile.data, present);
  if (!helmfile.data) return reportTemplate(helmfile, wanted);

  const releases: YamlData[] = helmfile.data.releases;
  const findings = reportEntriesWithoutApp(helmfile, apps);
  const plan: Extension = { helmfile, ranges: [], expected: copyData(releases), findings };
  const missing: WantedRelease[] = [];
  for (const release of wanted) {
    const index = findEntry(releases, release.app.app);
    if (index < 0) missing.push(release);
    else checkRelease(tree, plan, index, release);
  }
  const unwritable = missing.filter(({ app, blockedBy }) => app.version === undefined || blockedBy !== undefined);
  findings.push(...unwritable.map((release) => reportUnwritable(helmfile, release)));
  const writable = unwritable.length > 0 ? [] : missing;
  const isAdded = addEntries(plan, releases, writable);
  if (plan.replaced) findings.push(...reportLost(context, helmfile, findEntry(releases, "flux2"), plan.replaced));
  findings.push(...writable.flatMap((release) => reportValues(context, helmfile.path, release)));
  if (isAdded && lacksServiceMonitor(tree, apps.operator, [helmfile.path, helmfile.crds])) {
    findings.push(reportMissingCrd(context, apps.operator!));
  }
  return finish(context, plan, isAdded ? writable : []);
}

const OLD_CHART = /^[ \t]*(?:-[ \t]+)?chart:[ \t]*\S*\/flux2["']?[ \t]*\r?$/m;

/** Whether a helmfile, also one that is a template, installs Flux from the community chart. */
export function installsOldChart({ text, data }: Helmfile): boolean {
  return data ? findEntry(data.releases, "flux2") >= 0 : OLD_CHART.test(text);
}

/** Adds what is missing to the plan, in the place of the community chart where that is listed; false where it cannot. */
function addEntries(plan: Extension, releases: readonly YamlData[], missing: readonly WantedRelease[]): boolean {
  const { helmfile, expected, findings } = plan;
  const index = findEntry(releases, "flux2");
  const old = releases[index];
  if (missing.length === 0 && !old) return false;
  const isUser = ({ needs }: YamlData) => itemsOf(needs).some((need) => need === releaseId(old) || need === old.name);
  const users = old ? itemsOf(releases).filter(isUser) : [];
  if (missing.length === 0) {
    findings.push(reportOldChart(helmfile, index, users));
    return false;
  }
  const before = old ? itemsOf(old.needs).map(String) : learnNeeds(releases);
  const entries = toEntries(missing, missing, releases, before);
  if (users.length > 0) {
    findings.push(reportByHand(helmfile, missing, entries, sayUsers(users), adviseUsers(users, entries)));
    return false;
  }
  const range = entries.some(isTemplated) ? undefined : writeReleases(helmfile.text, entries, old && index);
  if (!range) {
    const reason = entries.some(isTemplated) ? TEMPLATED : "its releases are not written as a block list";
    findings.push(reportByHand(helmfile, missing, entries, reason));
    return false;
  }
  plan.ranges.push(range);
  if (old) plan.replaced = old;
  expected.splice(old ? index : expected.length, old ? 1 : 0, ...entries.map(toData));
  return true;
}

function toData({ values, needs, ...rest }: ReleaseEntry): YamlData {
  return { ...rest, ...(values.length > 0 ? { values } : {}), ...(needs.length > 0 ? { needs } : {}) };
}

/** The edits, if the helmfile reads as expected after them. */
function finish(context: TransformContext, plan: Extension, added: readonly WantedRelease[]): Outcome {
  const { helmfile, ranges, expected, findings } = plan;
  if (ranges.length === 0) return { findings };
  const dropped = plan.replaced && dropRepository(context.tree, helmfile, plan.replaced, expected);
  const { repositories: _, ...others } = helmfile.data;
  const rest = dropped ? { ...others, ...(dropped.left && { repositories: dropped.left }) } : helmfile.data;
  if (dropped) ranges.push(dropped.range);
  const after = docsIn(spliceRanges(helmfile.text, ranges, helmfile.path)).find(({ data }) => data !== undefined);
  if (!isDeepStrictEqual(after?.data, { ...rest, releases: expected })) {
    const reason = "an edit of it would not read back as intended";
    return { findings: [...findings, reportByHand(helmfile, added, toEntries(added, []), reason)] };
  }
  const why = "A rebuilt cluster gets Flux from the operator and instance charts, at the version the apps pin.";
  const evidence = context.cluster.bootstraps.map(({ at }) => at);
  const edit: DraftEdit = { kind: "replace", path: helmfile.path, ranges, why, evidence };
  return { edits: [edit, ...createTemplates(context, added), ...dropValues(context, plan)], findings };
}

/** The values files of an entry that is replaced, where it alone read them; those that Flux reads go with its release. */
function dropValues(
  { tree, cluster, model }: TransformContext,
  { helmfile, replaced, expected }: Extension,
): DraftEdit[] {
  const pathsOf = ({ values }: YamlData) =>
    itemsOf(values).flatMap((entry) => (typeof entry === "string" ? [join(dirname(helmfile.path), entry)] : []));
  const kept = new Set(itemsOf(expected).flatMap(pathsOf));
  const isDelivered = (path: string) => [cluster, ...model.clusters].some(({ files }) => files.has(path));
  return (replaced ? pathsOf(replaced) : [])
    .filter((path) => tree.has(path) && !kept.has(path) && !isDelivered(path))
    .filter((path) => !isReadElsewhere(tree, path, new Set([helmfile.path])))
    .map((path) => ({ kind: "delete", path, why: "Only the entry of the old chart read it." }));
}

function reportEntriesWithoutApp(helmfile: Helmfile, { operator, instance }: FluxApps): DraftFinding[] {
  const missing = [...(operator ? [] : ["flux-operator" as const]), ...(instance ? [] : ["flux-instance" as const])];
  return missing.flatMap((release): DraftFinding[] => {
    const index = findEntry(helmfile.data.releases, release);
    const at = placeOf(helmfile, index);
    return index < 0 ? [] : [{ rule: "helmfile-entry-without-app", level: "caution", at, facts: { release } }];
  });
}

/** Whether the text of a helmfile, which may be a template, installs the chart of an app in its version. */
export function installsVersion(text: string, { app, version }: FluxApp): boolean {
  const item = new RegExp(`charts/${app}\\b[\\s\\S]{0,200}?version:\\s*["']?(\\S+?)["']?\\s`).exec(text);
  return item !== null && item[1] === version;
}

function reportTemplate(helmfile: Helmfile, wanted: readonly WantedRelease[]): Outcome {
  const left = wanted.filter(({ app }) => !installsVersion(helmfile.text, app));
  if (left.length === 0) return {};
  return {
    findings: [reportByHand(helmfile, left, toEntries(left, wanted), "it is a template or no single YAML document")],
  };
}

function sayUsers(users: readonly YamlData[]): string {
  return `${users.map(releaseId).join(", ")} ${users.length > 1 ? "wait" : "waits"} for its release of the flux2 chart`;
}

/** What becomes of those that wait for the old chart; source and root are made by the instance. */
function adviseUsers(users: readonly YamlData[], entries: readonly ReleaseEntry[]): string[] {
  const syncs = users.filter(({ chart }) => /\/flux2-sync$/.test(String(chart)));
  const others = users.filter((user) => !syncs.includes(user));
  const instance = entries.at(-1);
  const [gone, waiting] = [syncs, others].map((all) => all.map(releaseId).join(", "));
  return [
    ...(gone
      ? [`Take ${gone} out where it makes source and root of this cluster, which the FluxInstance does now.`]
      : []),
    ...(waiting && instance ? [`Let ${waiting} need ${releaseId(instance)} instead.`] : []),
  ];
}

/** @param wanted what the entries are of: files that these read and that are not there yet belong to them */
function reportByHand(
  helmfile: Helmfile,
  wanted: readonly WantedRelease[],
  entries: readonly ReleaseEntry[],
  reason: string,
  more: readonly string[] = [],
): DraftFinding {
  const style = helmfile.data ? learnStyle(helmfile.text, findReleaseItems(helmfile.text)) : DEFAULT_STYLE;
  const text = entries.map((entry) => printRelease(entry, { ...style, eol: "\n" })).join("");
  const old = installsOldChart(helmfile) ? OLD_CHART.exec(helmfile.text) : null;
  const line = old ? positionAt(helmfile.text, old.index).line : 1;
  const put = old
    ? `Put exactly this in the place of its release of the flux2 chart (line ${line}), and let flux-operator need what that one needs:\n${text}`
    : `Make sure that its releases hold exactly this, after what Flux needs to run:\n${text}`;
  const files = new Map(wanted.flatMap(({ creates }) => (creates ? [[creates.path, creates.text] as const] : [])));
  const reads = [...files].map(([path, template]) => `They read ${path}, which is to hold:\n${template}`);
  const advice = [[...more, put].join(" "), ...reads].join("");
  return { rule: "helmfile-by-hand", level: "caution", at: lineOf(helmfile.path, line), facts: { reason, advice } };
}

function reportUnwritable(helmfile: Helmfile, { app, blockedBy }: WantedRelease): DraftFinding {
  const { namespace, release, chart, object, version } = app;
  const reason = version === undefined ? "its chart version is not pinned to one release" : `${blockedBy} is taken`;
  const advice = `Add a release ${namespace}/${release} of ${chart} with the values of ${object.file}.`;
  return { rule: "helmfile-by-hand", level: "caution", at: lineOf(helmfile.path), facts: { release, reason, advice } };
}

function reportOldChart(helmfile: Helmfile, index: number, users: readonly YamlData[]): DraftFinding {
  const reason =
    users.length > 0 ? `${users.map(releaseId).join(", ")} wait for it` : "the operator and instance are listed too";
  return { rule: "helmfile-old-chart", level: "caution", at: placeOf(helmfile, index), facts: { reason } };
}
