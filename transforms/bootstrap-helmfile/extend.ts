import type { DraftEdit, TextRange } from "../../src/contract/edit.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { YamlData } from "../../src/contract/objects.ts";
import { spliceRanges } from "../../src/files/edits.ts";
import { readYamlCached } from "../../src/yaml/read.ts";
import type { Outcome, TransformContext } from "../contract.ts";
import type { AppName, FluxApp } from "../shared/automation/apps.ts";
import type { Helmfile } from "../shared/automation/helmfile-find.ts";
import { needsServiceMonitor, providesServiceMonitor } from "./crds.ts";
import { checkRelease, placeOf } from "./entries.ts";
import { reportMissingCrd, reportValues, toEntry, type WantedRelease } from "./release.ts";
import {
  appendReleases,
  DEFAULT_STYLE,
  findReleaseItems,
  learnNeeds,
  learnStyle,
  printRelease,
  type ReleaseEntry,
  releaseId,
  replaceRelease,
} from "./text.ts";
import { planValues } from "./values.ts";

interface Apps {
  operator?: FluxApp;
  instance?: FluxApp;
}

/**
 * Brings an existing helmfile in line with the apps: versions of entries that are there, entries that are missing, the
 * community chart's entry replaced. Every edit is read back and compared with what it should mean; one that does not
 * come out, and a helmfile that is a template, become a finding with the exact text to add.
 */
export function extendHelmfile(context: TransformContext, helmfile: Helmfile, apps: Apps): Outcome {
  const { tree, cluster } = context;
  const present = [apps.operator, apps.instance].filter((app) => app !== undefined);
  const plans = planValues(tree, cluster, helmfile.path, helmfile.data, present);
  const wanted = present.map((app): WantedRelease => ({ app, values: plans.get(app)! }));
  if (!helmfile.data) return reportTemplate(helmfile, wanted);

  const releases: YamlData[] = helmfile.data.releases;
  const findings: DraftFinding[] = reportEntriesWithoutApp(helmfile, releases, apps);
  const ranges: TextRange[] = [];
  const missing: WantedRelease[] = [];
  const expected: YamlData[] = structuredClone(releases);
  for (const release of wanted) {
    const index = findEntry(releases, release.app.app);
    if (index < 0) missing.push(release);
    else {
      const checked = checkRelease(tree, helmfile, index, release);
      findings.push(...checked.findings);
      ranges.push(...checked.ranges);
      Object.assign(expected[index], checked.expected);
    }
  }
  const unwritable = missing.filter(({ app, values }) => app.version === undefined || values.blockedBy !== undefined);
  findings.push(...unwritable.map((release) => reportUnwritable(helmfile, release)));
  const writable = unwritable.length > 0 ? [] : missing;
  const added = addEntries(helmfile, releases, writable, ranges, expected, findings);
  findings.push(...writable.flatMap(({ app }) => reportValues(context, helmfile.path, app)));
  if (added && needsServiceMonitor(apps.operator) && !providesServiceMonitor(tree, [helmfile.path, helmfile.crds])) {
    findings.push(reportMissingCrd(context, apps.operator!));
  }
  return finish(context, helmfile, { ranges, expected, findings, added: added ? writable : [] });
}

/** Entries of a chart, whatever the release is called; the community chart of Flux for `flux2`. */
function findEntry(releases: readonly YamlData[], chart: AppName | "flux2"): number {
  return releases.findIndex(
    (release) => typeof release?.chart === "string" && release.chart.split("/").at(-1) === chart,
  );
}

function addEntries(
  helmfile: Helmfile,
  releases: readonly YamlData[],
  missing: readonly WantedRelease[],
  ranges: TextRange[],
  expected: YamlData[],
  findings: DraftFinding[],
): boolean {
  const old = findEntry(releases, "flux2");
  if (missing.length === 0 && old < 0) return false;
  const users = releases.filter((release) => old >= 0 && needsRelease(release, releases[old]));
  if (users.length > 0 || (old >= 0 && missing.length === 0)) {
    findings.push(reportOldChart(helmfile, old, users));
    return false;
  }
  const before = old >= 0 ? (releases[old].needs ?? []) : learnNeeds(releases);
  const entries = missing.map((release) => toEntry(release, needsOf(release, missing, releases, before)));
  const range = old >= 0 ? replaceRelease(helmfile.text, old, entries) : appendReleases(helmfile.text, entries);
  if (!range) {
    findings.push(reportByHand(helmfile, entries, "its releases are not written as a block list"));
    return false;
  }
  ranges.push(range);
  expected.splice(old >= 0 ? old : expected.length, old >= 0 ? 1 : 0, ...entries.map(toData));
  return true;
}

/** The operator waits for what its siblings wait for; the instance for the operator, under the name it has here. */
function needsOf(
  { app }: WantedRelease,
  missing: readonly WantedRelease[],
  releases: readonly YamlData[],
  before: string[],
): string[] {
  if (app.app === "flux-operator") return before;
  const operator = missing.find((other) => other.app.app === "flux-operator")?.app;
  if (operator) return [`${operator.namespace}/${operator.release}`];
  const index = findEntry(releases, "flux-operator");
  return index < 0 ? before : [releaseId(releases[index])];
}

function needsRelease(release: YamlData, target: YamlData): boolean {
  const needs: unknown[] = Array.isArray(release?.needs) ? release.needs : [];
  return needs.some((need) => need === releaseId(target) || need === target.name);
}

function toData({ wait, values, needs, ...rest }: ReleaseEntry): YamlData {
  return {
    ...rest,
    ...(wait === false ? { wait } : {}),
    ...(values.length > 0 ? { values } : {}),
    ...(needs.length > 0 ? { needs } : {}),
  };
}

interface Extension {
  ranges: TextRange[];
  expected: YamlData[];
  findings: DraftFinding[];
  added: readonly WantedRelease[];
}

function finish(
  { cluster }: TransformContext,
  helmfile: Helmfile,
  { ranges, expected, findings, added }: Extension,
): Outcome {
  if (ranges.length === 0) return { findings };
  const after = readYamlCached(spliceRanges(helmfile.text, ranges, helmfile.path));
  const data = after.ok ? (after.docs.find((doc) => doc.data !== undefined)?.data as YamlData) : undefined;
  if (JSON.stringify(sorted(data)) !== JSON.stringify(sorted({ ...helmfile.data, releases: expected }))) {
    const entries = added.map((release) => toEntry(release, []));
    return {
      findings: [...findings, reportByHand(helmfile, entries, "an edit of it would not read back as intended")],
    };
  }
  const evidence = cluster.bootstraps.map(({ at }) => at);
  const edits: DraftEdit[] = [
    {
      kind: "replace",
      path: helmfile.path,
      ranges,
      why: "A rebuilt cluster gets Flux from the operator and instance charts, at the version the apps pin.",
      evidence,
    },
  ];
  for (const { values } of added) {
    for (const template of values.creates) {
      edits.push({ kind: "create", ...template, why: "The helmfile installs with the values of the apps.", evidence });
    }
  }
  return { edits, findings };
}

function sorted(value: YamlData): YamlData {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function reportEntriesWithoutApp(helmfile: Helmfile, releases: readonly YamlData[], apps: Apps): DraftFinding[] {
  const findings: DraftFinding[] = [];
  for (const [app, found] of [
    ["flux-operator", apps.operator],
    ["flux-instance", apps.instance],
  ] as const) {
    const index = findEntry(releases, app);
    if (index < 0 || found) continue;
    const at = placeOf(helmfile, index);
    findings.push({ rule: "helmfile-entry-without-app", level: "caution", at, facts: { release: app } });
  }
  return findings;
}

function reportTemplate(helmfile: Helmfile, wanted: readonly WantedRelease[]): Outcome {
  const text = helmfile.text;
  const left = wanted.filter(({ app }) => {
    const item = new RegExp(`charts/${app.app}\\b[\\s\\S]{0,200}?version:\\s*["']?(\\S+?)["']?\\s`).exec(text);
    return item?.[1] !== app.version;
  });
  if (left.length === 0) return {};
  const operator = wanted.find(({ app }) => app.app === "flux-operator")?.app;
  const entries = left.map((release) =>
    toEntry(
      release,
      release.app.app === "flux-instance" && operator ? [`${operator.namespace}/${operator.release}`] : [],
    ),
  );
  return { findings: [reportByHand(helmfile, entries, "it is a template or no single YAML document")] };
}

function reportByHand(helmfile: Helmfile, entries: readonly ReleaseEntry[], reason: string): DraftFinding {
  const style = helmfile.data ? learnStyle(helmfile.text, findReleaseItems(helmfile.text)) : DEFAULT_STYLE;
  const text = entries.map((entry) => printRelease(entry, { ...style, eol: "\n" })).join("");
  const advice = `Make sure that its releases hold exactly this, after what Flux needs to run:\n${text}`;
  return { rule: "helmfile-by-hand", level: "caution", at: lineOf(helmfile.path), facts: { reason, advice } };
}

function reportUnwritable(helmfile: Helmfile, { app, values }: WantedRelease): DraftFinding {
  const reason =
    app.version === undefined ? "its chart version is not pinned to one release" : `${values.blockedBy} is taken`;
  const { namespace, release, chart, object } = app;
  const advice = `Add a release ${namespace}/${release} of ${chart} with the values of ${object.file}.`;
  return { rule: "helmfile-by-hand", level: "caution", at: lineOf(helmfile.path), facts: { release, reason, advice } };
}

function reportOldChart(helmfile: Helmfile, index: number, users: readonly YamlData[]): DraftFinding {
  const reason =
    users.length > 0 ? `${users.map(releaseId).join(", ")} wait for it` : "the operator and instance are listed too";
  return { rule: "helmfile-old-chart", level: "caution", at: placeOf(helmfile, index), facts: { reason } };
}
