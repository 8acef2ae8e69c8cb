import { allInstalls } from "../../../src/cluster/all-installs.ts";
import type { AutomationFile } from "../../../src/cluster/automation-files.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { DraftEdit, TextRange } from "../../../src/contract/edit.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import { groupBy, indexBy } from "../../../src/contract/group-by.ts";
import { once } from "../../../src/contract/once.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import type { TransformContext } from "../../contract.ts";
import { listRenames, oldInstall, sourceNamesOf } from "../references/renames.ts";
import { findNameVariables, readVariables } from "./name-variables.ts";
import { FLAGS, isComment } from "./words.ts";

/** The words of the flux CLI and of kubectl for a kind of source. */
const SOURCES: Record<string, { short: string; resource: string }> = {
  GitRepository: { short: "git", resource: "gitrepositor(?:y|ies)|gitrepos?" },
  OCIRepository: { short: "oci", resource: "ocirepositor(?:y|ies)|ocirepos?" },
  Bucket: { short: "bucket", resource: "buckets?" },
};

export interface FileRange {
  path: string;
  range: TextRange;
}

/** A word after which a name stands, the old name, and the new one; without `to` the object goes. */
interface Rule {
  pattern: RegExp;
  /** The same for what stands in place of the name, a variable. */
  make: (name: string) => RegExp;
  from: string;
  to: string | undefined;
  /** Kind of the object. */
  what: string;
  /** For people to read: no command is written like this. */
  isProse: boolean;
}

const OBJECTS: Record<string, string> = {
  Kustomization: String.raw`(?:kustomizations?|ks)(?:\.kustomize\.toolkit\.fluxcd\.io)?`,
  HelmRelease: String.raw`(?:helmreleases?|hr)(?:\.helm\.toolkit\.fluxcd\.io)?`,
};

/** A file with text that is read line by line; `docs` is prose and tables. */
type TextFile = Omit<AutomationFile, "kind"> & { kind: AutomationFile["kind"] | "docs" };

/**
 * Follows new names into commands (trap 61): `flux reconcile source git NAME`, `flux-local --sources NAME`,
 * `sources: NAME` of its action, `gitrepository/NAME`, `kustomization NAME`, `hr NAME`, and in docs the kind beside the name. That makes it certain. Where another
 * cluster keeps an object of the old name, the line may mean that one and is listed instead. Those of the old install
 * change with the cutover, those of source and root with the cleanup.
 */
export function planRenames(
  context: TransformContext,
  files: readonly TextFile[],
): { edits: FileRange[]; findings: DraftFinding[]; left: LeftLine[] } {
  const edits: FileRange[] = [];
  const findings: DraftFinding[] = [];
  const left: LeftLine[] = [];
  const rules = context.phase === "cleanup" ? listSyncRules(context) : listInstallRules(context);
  const scripts = files.filter(({ kind }) => kind !== "renovate" && kind !== "lint");
  const readers = once(() => indexReaders(scripts));
  const settle = ({ path, kind }: TextFile, { what, from, to }: Rule, { start, line, rest = "", isCertain }: Place) => {
    const rival = findRival(context, what, from);
    if (isCertain && !rival && kind !== "other" && to !== undefined) {
      edits.push({ path, range: renameRange(start, from, to, rest) });
    } else if (kind !== "docs") {
      const facts = { what, from, to, rival: rival?.name, itsName: rival?.itsName };
      findings.push({ rule: "automation-names-renamed", level: "caution", at: lineOf(path, line), facts });
    }
  };
  for (const file of scripts.filter(({ text }) => rules.some(({ from }) => text.includes(from)))) {
    for (const { rule, isKept, ...place } of namesIn(file, rules)) {
      if (isKept && file.kind === "docs") left.push({ path: file.path, line: place.line, text: rule.from });
      else settle(file, isKept ? { ...rule, to: undefined } : rule, place);
    }
    if (file.kind === "docs") continue;
    const isElsewhere = (variable: string) => (readers().get(variable) ?? []).some(({ path }) => path !== file.path);
    for (const { variable, rule } of heldNames(file, rules, isElsewhere)) {
      settle(file, rule, { start: variable.start, line: variable.line + 1, isCertain: variable.isOnlyName });
    }
  }
  return { edits, findings, left };
}

/** The old names in a file; `isKept`: what stands there means the old object, or would not be true of the new one. */
function namesIn(file: TextFile, rules: readonly Rule[]): (Place & { rule: Rule; isKept: boolean })[] {
  const isProse = file.kind === "docs";
  const isDated = isProse && DATED.test(file.path);
  const isOfMove = isProse && MIGRATION.test(file.text);
  const isLeft = (text: string, at: number, rule: Rule) => {
    if (rule.isProse) return isOfMove || TAKES_LEAVE.test(text);
    return TAKES_AWAY.test(text) && !READS.test(text.slice(Math.max(0, at - FAR), at));
  };
  const found: (Place & { rule: Rule; isKept: boolean })[] = [];
  let start = 0;
  for (const [index, text] of file.text.split("\n").entries()) {
    const named = rules.filter((rule) => text.includes(rule.from) && (isProse || !rule.isProse));
    // In Markdown a `#` begins a heading.
    const known = named.length > 0 && isComment(text) && !isProse ? [] : named;
    for (const rule of known) {
      for (const match of text.matchAll(rule.pattern)) {
        const at = match.index + match[1]!.length;
        const rest = isProse && /^\s*\|/.test(text) ? text.slice(match.index + match[0].length) : "";
        const isKept = isDated || isLeft(text, at, rule);
        found.push({ rule, isKept, start: start + at, line: index + 1, rest, isCertain: true });
      }
    }
    start += text.length + 1;
  }
  return found;
}

/** Where a name stands: its offset, its line from 1, what follows in a row of a table, and whether only the name can be meant. */
interface Place {
  start: number;
  line: number;
  rest?: string;
  isCertain: boolean;
}

/** Which files use a variable, or set it, as for another that they call. */
function indexReaders(files: readonly TextFile[]): Map<string, TextFile[]> {
  return indexBy(files, ({ text }) => {
    const { uses, sets } = readVariables(text);
    return [...uses.keys(), ...sets.keys()];
  });
}

/** Variables of a file that hold one of the old names, each with what it names. */
function heldNames({ text }: TextFile, rules: readonly Rule[], isElsewhere: (variable: string) => boolean) {
  const commands = rules.filter(({ from, isProse }) => !isProse && text.includes(from));
  return [...groupBy(commands, ({ what, from }) => `${what} ${from}`).values()].flatMap((group) => {
    const [rule] = group as [Rule];
    const makers = group.map(({ make }) => make);
    const held = findNameVariables(text, rule.from, makers, isElsewhere, (line) => TAKES_AWAY.test(line));
    return held.map((variable) => ({ variable, rule }));
  });
}

/** A line of prose that would not stay true with the new name. */
interface LeftLine {
  path: string;
  line: number;
  /** The old name. */
  text: string;
}

/** Pages of one day or one decision, by date or folder: they tell how it was then. */
const DATED =
  /(^|\/)(\d{4}-\d{2}(-\d{2})?[-_ ][^/]*|(adrs?|decisions|rfcs?|plans|proposals|incidents|post-?mortems)\/.*)$/i;

/** A page that speaks of the operator already tells of the way there, where the old name is the old thing. */
const MIGRATION = /\bflux[- ]operator\b|\bFluxInstance\b/i;

/** A command that takes an object away, or makes it, must never be pointed at the one that follows: the operator makes that. */
const TAKES_AWAY = /\b(delete|uninstall|rm)\b|\bflux\s.*\bcreate\s|\bflux\s+create\b/;

/** What stands before the name of a source that a command reads, be it to make something else: `flux create kustomization x --source=`. */
const READS = /--sources?(?:=|\s+)["']?[\w./]*$/;
/** So far before a name that is looked for. */
const FAR = 200;

/** Sentences in which the old name means the old thing: "we replaced HelmRelease flux2", "kubectl delete helmrelease flux2". */
const TAKES_LEAVE =
  /\b(delet|remov|uninstall|replac|migrat|retir|deprecat|drop|obsolet|former|previous|legacy|restor|roll(ed|ing)? ?back|instead of|used to|no longer|old)/i;

/** @param rest of the row of a table, whose bars stay where they are if there is room: in a command a bar is a pipe */
function renameRange(start: number, from: string, to: string, rest: string): TextRange {
  const room = /^ +(?=\|)/.exec(rest)?.[0].length ?? 0;
  const width = from.length + room;
  const isCell = room > 0 && to.length < width;
  return { start, end: start + (isCell ? width : from.length), text: isCell ? to.padEnd(width) : to };
}

function listSyncRules({ cluster }: TransformContext): Rule[] {
  const names = sourceNamesOf(cluster);
  if (!names) return [];
  const { source, root, sourceKind } = names;
  const kind = sourceKind in SOURCES ? sourceKind : "GitRepository";
  return [
    ...(source.from === source.to ? [] : rulesFor(cluster, kind, source.from, source.to)),
    ...(root.from === root.to ? [] : rulesFor(cluster, "Kustomization", root.from, root.to)),
  ];
}

function listInstallRules({ cluster, options }: TransformContext): Rule[] {
  const own = new Set(oldInstall(cluster).map(({ kind, name }) => `${kind}/${name}`));
  const gone = listRenames(cluster, options).filter(({ kind, name, to }) => own.has(`${kind}/${name}`) && to !== name);
  return gone.flatMap(({ kind, name, to }) => rulesFor(cluster, kind, name, to));
}

/** The ways in which a command names an object of a kind; none for a kind that no command names. */
function rulesFor({ namespace }: Cluster, what: string, from: string, to: string | undefined): Rule[] {
  const source = SOURCES[what];
  const within = escapeRegExp(namespace);
  const makers: Rule["make"][] = [];
  if (what in OBJECTS)
    makers.push((name) => new RegExp(`(\\b${OBJECTS[what]}[/ ]${FLAGS}["']?)${name}(?![\\w./-])`, "g"));
  if (source) {
    const resource = `(?:${source.resource})(?:\\.source\\.toolkit\\.fluxcd\\.io)?`;
    makers.push(
      (name) => new RegExp(`(\\bsources?\\s+${source.short}\\s+${FLAGS}["']?)${name}(?![\\w.-])`, "g"),
      (name) => new RegExp(`(\\b${resource}[/ ]${FLAGS}["']?)${name}(?![\\w.-])`, "gi"),
      (name) => new RegExp(`(--sources?(?:=|\\s+)["']?(?:[\\w./=-]+,)*)${name}(?![\\w.-])`, "g"),
      (name) => new RegExp(`(--source(?:=|\\s+)["']?(?:${source.resource})/)${name}(?=\\.${within}(?![\\w.-]))`, "gi"),
      // The input of the action of flux-local.
      (name) => new RegExp(`(^\\s*sources:\\s+["']?(?:[\\w./=-]+,)*)${name}(?=["'=,\\s]|$)`, "g"),
    );
  }
  const prose = proseMakers(what);
  return [...makers, ...prose].map((make) => {
    return { pattern: make(escapeRegExp(from)), make, from, to, what, isProse: prose.includes(make) };
  });
}

/** A name beside its kind: "GitRepository `home`", "| GitRepository | home |", "the `home` GitRepository". */
function proseMakers(kind: string): Rule["make"][] {
  const mark = "[`\"'*|:/ ]";
  return [
    (name) => new RegExp(`(\\b${kind}${mark}{1,4}(?:flux-system/)?)${name}(?![\\w./-])`, "g"),
    (name) => new RegExp(`((?<![\\w./-])[\`"'*])${name}(?=[\`"'*]{1,3} ${kind}\\b)`, "g"),
  ];
}

/** Another cluster with an object of that name, which it keeps (not part of this run, nothing that renames it) or calls otherwise. */
export function findRival(
  { model, cluster, agreed, phase }: TransformContext,
  kind: string,
  name: string,
): { name: string; itsName: string } | undefined {
  const changeIn = (one: Cluster) => sourceNamesOf(one)?.[kind === "Kustomization" ? "root" : "source"];
  const rival = model.clusters.find((other) => {
    if (other.name === cluster.name) return false;
    const isInRun = agreed.takesPart(other);
    if (phase !== "cleanup") return !isInRun && (other.install?.objects ?? []).some((object) => object.name === name);
    const own = kind === "Kustomization" ? other.root.name : other.source?.name;
    const change = changeIn(other);
    return own === name && (!change || !isInRun || change.to !== changeIn(cluster)?.to);
  });
  if (!rival) return undefined;
  const isRenamed = phase === "cleanup" && agreed.takesPart(rival);
  return { name: rival.name, itsName: (isRenamed && changeIn(rival)?.to) || name };
}

/** The ranges as one edit a file. */
export function rangeEdits(ranges: readonly FileRange[], why: string, { cluster }: TransformContext): DraftEdit[] {
  const evidence = allInstalls(cluster).map(({ at }) => at);
  return [...groupBy(ranges, ({ path }) => path)].map(([path, own]) => {
    return { kind: "replace", path, ranges: dropOverlaps(own.map(({ range }) => range)), why, evidence };
  });
}

/** The ranges in their order, without those that begin inside one before them. */
export function dropOverlaps(ranges: readonly TextRange[]): TextRange[] {
  let end = 0;
  return [...ranges]
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .filter((range) => {
      const isFree = range.start >= end;
      end = Math.max(end, range.end);
      return isFree;
    });
}
