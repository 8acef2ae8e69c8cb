import type { YamlStyle } from "./types.ts";

/** What is written where nothing was learnt: prettier's defaults and the habit of most home-ops repositories. */
export const DEFAULT_STYLE: YamlStyle = {
  indent: 2,
  indentSequences: true,
  documentStart: true,
  quote: "double",
  eol: "\n",
};

const SCHEMA_LINE = /^#\s*yaml-language-server:\s*\$schema=(\S+)/m;
const MAX_LINES = 2000;

/** Votes of one or more texts on how YAML is written. */
interface Votes {
  indents: Map<number, number>;
  indented: number;
  flush: number;
  started: number;
  bare: number;
  double: number;
  single: number;
  crlf: number;
  lf: number;
  schemas: Map<string, number>;
  kustomizeSchemas: Map<string, number>;
}

/**
 * Learns the writing habits of sibling files by majority vote; lexical, so it also works on texts that do not parse.
 * `quote` is `plain` when no quoted value was seen. Where nothing votes, `fallback` decides.
 */
export function detectStyle(texts: readonly string[], fallback: YamlStyle = DEFAULT_STYLE): YamlStyle {
  const votes: Votes = {
    indents: new Map(),
    indented: 0,
    flush: 0,
    started: 0,
    bare: 0,
    double: 0,
    single: 0,
    crlf: 0,
    lf: 0,
    schemas: new Map(),
    kustomizeSchemas: new Map(),
  };
  for (const text of texts) countText(text, votes);
  const schemaHost = mostVoted(votes.schemas) ?? fallback.schemaHost;
  const kustomizationSchema = mostVoted(votes.kustomizeSchemas) ?? fallback.kustomizationSchema;
  const noQuotes = texts.length === 0 ? fallback.quote : "plain";
  return {
    indent: mostVoted(votes.indents) ?? fallback.indent,
    indentSequences: majority(votes.indented, votes.flush, fallback.indentSequences),
    documentStart: majority(votes.started, votes.bare, fallback.documentStart),
    quote: votes.double + votes.single === 0 ? noQuotes : votes.single > votes.double ? "single" : "double",
    eol: votes.crlf + votes.lf === 0 ? fallback.eol : votes.crlf > votes.lf ? "\r\n" : "\n",
    ...(schemaHost === undefined ? {} : { schemaHost }),
    ...(kustomizationSchema === undefined ? {} : { kustomizationSchema }),
  };
}

/**
 * URL of the JSON schema for an object, built the way the repository's own schema comments are; undefined where the
 * repository has none of that form.
 */
export function schemaUrl(style: YamlStyle, apiVersion: string, kind: string): string | undefined {
  if (apiVersion.startsWith("kustomize.config.k8s.io/")) return style.kustomizationSchema;
  const [group, version] = apiVersion.split("/");
  if (!style.schemaHost || !group || !version) return undefined;
  if (style.schemaHost.includes("{group1}") && !group.endsWith(".toolkit.fluxcd.io")) return undefined;
  const values = { group, group1: group.split(".")[0]!, kind: kind.toLowerCase(), version };
  return style.schemaHost.replace(/\{(group1?|kind|version)\}/g, (_, name: keyof typeof values) => values[name]);
}

function countText(text: string, votes: Votes): void {
  if (text.includes("\r\n")) votes.crlf++;
  else if (text.includes("\n")) votes.lf++;
  const body = text.replace(/^\uFEFF?(?:[ \t]*(?:#[^\n]*)?\r?\n)*/, "");
  if (body === "") return;
  if (/^---(?:\s|$)/.test(body)) votes.started++;
  else votes.bare++;
  countLines(text, votes);
  countSchema(text, votes);
}

function countLines(text: string, votes: Votes): void {
  let parent = -1;
  let blockIndent = -1;
  for (const line of text.split("\n", MAX_LINES)) {
    const indent = line.search(/[^ ]/);
    if (indent < 0 || line[indent] === "#" || line[indent] === "\r") continue;
    if (blockIndent >= 0 && indent > blockIndent) continue;
    blockIndent = /(?::|-|^)[ \t]+[|>][-+\d]*[ \t]*(?:#.*)?\r?$/.test(line) ? indent : -1;
    if (parent >= 0) countChild(line, indent, parent, votes);
    parent = /^[ ]*(?:- +)*[^\s#][^#]*:[ \t]*\r?$/.test(line) ? line.search(/[^ -]/) : -1;
    if (/(?::|-)[ \t]+"/.test(line)) votes.double++;
    else if (/(?::|-)[ \t]+'/.test(line)) votes.single++;
  }
}

function countChild(line: string, indent: number, parent: number, votes: Votes): void {
  if (/^ *-(?:\s|$)/.test(line)) {
    if (indent > parent) votes.indented++;
    else if (indent === parent) votes.flush++;
  } else if (indent > parent) {
    votes.indents.set(indent - parent, (votes.indents.get(indent - parent) ?? 0) + 1);
  }
}

/** Turns `https://host/group/kind_v1.json` into a template where the document's own group, kind and version stand in it. */
function countSchema(text: string, votes: Votes): void {
  const url = SCHEMA_LINE.exec(text)?.[1];
  const kind = /^kind:[ \t]*["']?([A-Za-z]+)/m.exec(text)?.[1];
  const [group, version] = /^apiVersion:[ \t]*["']?([\w.-]+\/\w+)/m.exec(text)?.[1]?.split("/") ?? [];
  if (!url || !kind || !group || !version) return;
  if (group === "kustomize.config.k8s.io") {
    vote(votes.kustomizeSchemas, url);
    return;
  }
  const cut = url.lastIndexOf("/") + 1;
  const folder = url.slice(0, cut).replace(`/${group}/`, "/{group}/");
  const file = url
    .slice(cut)
    .replace(group, "{group}")
    .replace(new RegExp(`(?<=[-_.])${group.split(".")[0]}(?=[-_.])`), "{group1}")
    .replace(new RegExp(`^${kind.toLowerCase()}(?=[-_.])`), "{kind}")
    .replace(new RegExp(`(?<=[-_.])${version}(?=[-_.])`), "{version}");
  const template = folder + file;
  if (!file.includes("{kind}") || !file.includes("{version}")) return;
  // Schemas of one chart's HelmRelease (app-template) look like this too, so HelmReleases do not vote for `{group1}`.
  if (template.includes("{group}") || (template.includes("{group1}") && kind !== "HelmRelease")) {
    vote(votes.schemas, template);
  }
}

function vote<T>(votes: Map<T, number>, value: T): void {
  votes.set(value, (votes.get(value) ?? 0) + 1);
}

function mostVoted<T>(votes: ReadonlyMap<T, number>): T | undefined {
  let best: T | undefined;
  let most = 0;
  for (const [value, count] of votes) {
    if (count <= most) continue;
    most = count;
    best = value;
  }
  return best;
}

function majority(yes: number, no: number, fallback: boolean): boolean {
  return yes === no ? fallback : yes > no;
}
