import { readIgnoreLines } from "../files/gitignore.ts";
import { compileSegment, matchTokens } from "../files/glob.ts";
import { readIgnorePattern } from "./ignore-pattern.ts";

/** What source-controller leaves out whatever anybody says (flux-facts 6.1). */
const ALWAYS = [".git/", ".gitignore", ".gitmodules", ".gitattributes"];
/** What it leaves out while no pattern stands anywhere. */
const DEFAULTS = [
  ...["*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"],
  ...[".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml"],
  ...["codeship-services.yml", "codeship-steps.yml", "**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"],
];

/** Patterns of one place: a `.sourceignore` file with its folder, or `spec.ignore` with the root. */
interface IgnoreRules {
  dir: string;
  text: string;
}

interface Rule {
  isKept: boolean;
  /** The later one counts. */
  rank: number;
  /** Folder or file as far as it is written out: what fits is it, or lies below. */
  fixed: string;
  /** Written out, of a pattern that fits a name anywhere below. */
  name?: string;
  matches: (path: string) => boolean;
}

/** Patterns below one folder, those that fit a name alone by that name. */
interface Group {
  named: Map<string, Rule[]>;
  /** The last one first. */
  others: Rule[];
}

/**
 * Whether source-controller leaves a file out of an artifact. Unlike git it asks the last pattern that matches a file and
 * nothing else, so that `!/kubernetes/main` brings back what `/*` excludes although `kubernetes` stays excluded. Of
 * thousands of patterns only those are asked that lie on the way to the file, or hold a name of it.
 * @param rules in order of precedence, the weakest first; paths are relative to the same root
 */
export function makeIgnore(rules: readonly IgnoreRules[]): (path: string) => boolean {
  const own = rules.flatMap(({ dir, text }) => parse(text.split("\n"), dir));
  const all = [...parse(ALWAYS, ""), ...(own.length === 0 ? parse(DEFAULTS, "") : own)];
  const groups = groupRules(all.map((rule, rank) => ({ ...rule, rank })));
  return (path) => {
    const segments = segmentsOf(path);
    let best: Rule | undefined;
    let dir = "";
    for (let depth = 0; ; depth++) {
      const group = groups.get(dir);
      if (group) best = lastOf(group, segments, depth, path, best);
      if (depth === segments.length) return best !== undefined && !best.isKept;
      dir = depth === 0 ? segments[0]! : `${dir}/${segments[depth]}`;
    }
  };
}

function lastOf(group: Group, segments: readonly string[], from: number, path: string, best: Rule | undefined) {
  let last = best;
  const isLater = (rule: Rule) => last === undefined || rule.rank > last.rank;
  const ask = (list: readonly Rule[] | undefined) => {
    for (const rule of list ?? []) {
      if (!isLater(rule)) return;
      if (rule.matches(path)) last = rule;
    }
  };
  if (group.named.size > 0) for (let at = from; at < segments.length; at++) ask(group.named.get(segments[at]!));
  ask(group.others);
  return last;
}

function groupRules(rules: readonly Rule[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const rule of [...rules].reverse()) {
    const group = groups.get(rule.fixed) ?? { named: new Map(), others: [] };
    groups.set(rule.fixed, group);
    const list = rule.name === undefined ? group.others : (group.named.get(rule.name) ?? []);
    if (rule.name !== undefined) group.named.set(rule.name, list);
    list.push(rule);
  }
  return groups;
}

/** Go's scanner stops at a longer one without a word: what stands behind it says nothing. */
const LONGEST_LINE = 1 << 16;

function parse(lines: readonly string[], dir: string): Omit<Rule, "rank">[] {
  const prefix = dir === "" ? "" : `${dir}/`;
  const tooLong = lines.findIndex((line) => line.length >= LONGEST_LINE);
  return readIgnoreLines(tooLong < 0 ? lines : lines.slice(0, tooLong)).map(({ isKept, pattern }) => {
    const fits = readIgnorePattern(pattern);
    const { name, folder } = writtenOut(pattern);
    return {
      isKept,
      fixed: folder === "" ? dir : `${prefix}${folder}`,
      ...(name === undefined ? {} : { name }),
      matches: (path) => path.startsWith(prefix) && fits(segmentsOf(path.slice(prefix.length))),
    };
  });
}

const isLiteral = (segment: string) => !/[*?[\\]/.test(segment);

/** What of a pattern stands for itself: the name that it fits anywhere, or the folders it begins with. */
function writtenOut(pattern: string): { folder: string; name?: string } {
  const body = pattern.endsWith("/") ? pattern.slice(0, -1) : pattern;
  if (!body.includes("/")) return isLiteral(body) ? { folder: "", name: body } : { folder: "" };
  const names = body.split("/").filter((segment) => segment !== "");
  const wild = names.findIndex((name) => !isLiteral(name));
  return { folder: (wild < 0 ? names : names.slice(0, wild)).join("/") };
}

/**
 * A pattern as git and people read it, as a test of paths: without a slash it matches a segment anywhere, with one it counts from the
 * root; both take what is below. Takes time that grows with the path times the pattern, whatever they hold.
 */
export function readPattern(pattern: string): (path: string) => boolean {
  const isFolder = pattern.endsWith("/");
  const body = isFolder ? pattern.slice(0, -1) : pattern;
  const names = body.split("/").filter((segment) => segment !== "");
  if (names.length === 0) return () => false;
  if (!body.includes("/")) {
    const fits = compileSegment(body);
    return (path) => {
      const segments = segmentsOf(path);
      return segments.some((segment, index) => (!isFolder || index < segments.length - 1) && fits(segment));
    };
  }
  const tokens = names.map((name, index) => {
    if (name !== "**") return compileSegment(name);
    return index < names.length - 1 ? "*" : () => true;
  });
  return (path) => {
    const segments = segmentsOf(path);
    const end = matchTokens(tokens, segments, true);
    return end !== undefined && (!isFolder || end < segments.length);
  };
}

/** Each pattern of a list asks for the segments of one path. */
let asked: { path: string; segments: readonly string[] } = { path: "", segments: [""] };

function segmentsOf(path: string): readonly string[] {
  if (asked.path !== path) asked = { path, segments: path.split("/") };
  return asked.segments;
}
