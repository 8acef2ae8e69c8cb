import { bodyOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import { readValuesFile } from "../delivery/chart/facts.ts";
import { listActions } from "../delivery/chart/template-shape.ts";
import { isHelmRelease } from "../delivery/kinds.ts";
import { isWithin, join, normalizePath } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { isArchived, isDocs } from "./automation-files.ts";
import { mergeValues, readHelmValues } from "./helm-values.ts";
import { filesOfKind, objectsIn } from "./objects.ts";
import { readableText } from "./readable-text.ts";

/** Whether releases of a chart make what stands on a line of a template; `open`: only a release knows. */
export type Standing = "made" | "open" | "off";

/** What a block is opened with; undefined where it says nothing that values alone decide. */
interface Condition {
  text: string | undefined;
  isElse: boolean;
}

/** For each release: whether it makes what stands there; undefined where more than its values decides. */
type Said = readonly (boolean | undefined)[];

/**
 * Tells of the lines of a template whether they are made, by the blocks around them and the values of each release of the
 * chart here. Without a release its defaults count where they turn it on; where they do not, a release that is not here may.
 */
export function makeStanding(tree: Tree, { chart, file }: { chart: string; file: string }): (line: number) => Standing {
  const releases = valuesOfReleases(tree, chart);
  const defaults = readValuesFile(tree, join(chart, "values.yaml"));
  const values = (releases.length === 0 ? [{}] : releases).map((one) => one && mergeValues(defaults, one));
  const saidAt = readLines(readableText(tree, file) ?? "", values.length > MOST ? [undefined] : values);
  const mayBeOff = once(() => releases.length > 0 && !isNamedElsewhere(tree, chart));
  return (line) => {
    const said = saidAt[line - 1];
    if (said === undefined || said.includes(true)) return "made";
    return said.every((one) => one === false) && mayBeOff() ? "off" : "open";
  };
}

/** Releases of one chart whose values are asked: each condition is asked of each of them. */
const MOST = 100;

/** What holds where each line begins; undefined outside of all blocks with a condition. */
function readLines(text: string, values: readonly YamlData[]): (Said | undefined)[] {
  const blocks = readBlocks(text, values);
  let [next, start] = [0, 0];
  let now: Said | undefined;
  return text.split("\n").map((line) => {
    while (next < blocks.length && blocks[next]!.start < start) now = blocks[next++]!.said;
    start += line.length + 1;
    return now;
  });
}

/** What holds behind each action that opens, turns or closes a block; undefined outside of all blocks with a condition. */
function readBlocks(text: string, values: readonly YamlData[]): { start: number; said: Said | undefined }[] {
  const open: { outer: Said | undefined; condition: Condition }[] = [];
  const steps: { start: number; said: Said | undefined }[] = [];
  let now: Said | undefined;
  const enter = (outer: Said | undefined, condition: Condition) => {
    open.push({ outer, condition });
    now = values.map((each, index) =>
      both(outer === undefined || outer[index], each === undefined ? undefined : holds(condition, each)),
    );
  };
  for (const { text: action, start } of listActions(text)) {
    const bare = action.replace(/^-/, "").replace(/-$/, "").trim();
    const word = /^\w+/.exec(bare)?.[0] ?? "";
    const said = bare.slice(word.length).trim();
    if (word === "if" || word === "with") enter(now, { text: said, isElse: false });
    else if (word === "range") enter(now, { text: undefined, isElse: false });
    // What is included is made somewhere.
    else if (word === "define" || word === "block") open.push({ outer: now, condition: NONE });
    else if (word === "end") now = open.pop()?.outer;
    else if (word === "else") {
      const last = open.pop();
      const isTurned = said === "" && !last?.condition.isElse;
      enter(last?.outer, { text: isTurned ? last?.condition.text : undefined, isElse: true });
    } else continue;
    steps.push({ start, said: now });
  }
  return steps;
}

const NONE: Condition = { text: undefined, isElse: true };

function both(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === false || b === false) return false;
  return a && b;
}

const PATH = String.raw`\.Values((?:\.[A-Za-z_]\w*)+)`;
const ONE = new RegExp(`^(not\\s+)?${PATH}$`);
const ALL = new RegExp(PATH, "g");
const AND = new RegExp(`^and(?:\\s+${PATH})+$`);

/** Undefined where more than values decides, or a value is filled in later. */
function holds({ text, isElse }: Condition, values: YamlData): boolean | undefined {
  if (text === undefined) return undefined;
  const one = ONE.exec(text);
  const value = one
    ? flip(isTrue(values, one[2]!), one[1] !== undefined)
    : AND.test(text)
      ? [...text.matchAll(ALL)].map(([, path]) => isTrue(values, path!)).reduce(both)
      : undefined;
  return flip(value, isElse);
}

const flip = (value: boolean | undefined, isTurned: boolean) => (value === undefined ? value : value !== isTurned);

/** What templates of Go take for true. */
function isTrue(values: YamlData, path: string): boolean | undefined {
  let value: YamlData = values;
  for (const key of path.slice(1).split("."))
    value = isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  if (typeof value === "string" && value.includes("${")) return undefined;
  if (Array.isArray(value) || isMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

function releasesOf(tree: Tree, chart: string): KubeObject[] {
  const all = remember(tree, "releases of charts", "", () =>
    objectsIn(tree, filesOfKind(tree, "HelmRelease")).filter((one) => isHelmRelease(one) && !isArchived(one.file)),
  );
  return all.filter((object) => {
    const { chart: path, sourceRef } = bodyOf(object).spec?.chart?.spec ?? {};
    return typeof path === "string" && sourceRef?.kind !== "HelmRepository" && normalizePath(path) === chart;
  });
}

/** The values of each; undefined where not all of them can be read here. */
function valuesOfReleases(tree: Tree, chart: string): YamlData[] {
  return releasesOf(tree, chart).map((release) => {
    const { values } = readHelmValues(tree, release, release.data.spec);
    return values.known && bodyOf(release).spec?.chart?.spec?.valuesFiles === undefined ? values.value : undefined;
  });
}

/** A script, or another tool than Flux, may install the chart with values of its own. */
function isNamedElsewhere(tree: Tree, chart: string): boolean {
  const own = new Set(releasesOf(tree, chart).map(({ file }) => file));
  return tree
    .grep(chart)
    .some((file) => !own.has(file) && !isWithin(file, chart) && !isArchived(file) && !isDocs(file));
}
