import { bodyOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { readDefaults } from "../delivery/chart/facts.ts";
import { listActions } from "../delivery/chart/template-shape.ts";
import { isHelmRelease } from "../delivery/kinds.ts";
import { isWithin, normalizePath } from "../delivery/paths.ts";
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

/**
 * Whether the blocks around a line let it be made, by the values of each release of the chart here. Without a release its
 * defaults count where they turn it on; where they do not, a release that is not here may.
 */
export function standingAt(tree: Tree, { chart, file }: { chart: string; file: string }, line: number): Standing {
  const conditions = conditionsAt(readableText(tree, file) ?? "", line);
  if (conditions.length === 0) return "made";
  const releases = valuesOfReleases(tree, chart);
  const defaults = readDefaults(tree, chart);
  const said = (releases.length === 0 ? [{}] : releases).map((values) =>
    values === undefined ? undefined : all(conditions.map((one) => holds(one, mergeValues(defaults, values)))),
  );
  if (said.includes(true)) return "made";
  const isOff = releases.length > 0 && said.every((one) => one === false) && !isNamedElsewhere(tree, chart);
  return isOff ? "off" : "open";
}

/** The conditions of the blocks that are open where a line begins. */
function conditionsAt(text: string, line: number): Condition[] {
  let offset = 0;
  for (let number = 1; number < line; number++) offset = text.indexOf("\n", offset) + 1;
  const open: (Condition | undefined)[] = [];
  for (const { text: action, start } of listActions(text)) {
    if (start >= offset) break;
    const bare = action.replace(/^-/, "").replace(/-$/, "").trim();
    const word = /^\w+/.exec(bare)?.[0] ?? "";
    const said = bare.slice(word.length).trim();
    if (word === "if" || word === "with") open.push({ text: said, isElse: false });
    else if (word === "range") open.push({ text: undefined, isElse: false });
    // What is included is made somewhere.
    else if (word === "define" || word === "block") open.push(undefined);
    else if (word === "end") open.pop();
    else if (word === "else") {
      const last = open.pop();
      open.push({ text: said === "" && !last?.isElse ? last?.text : undefined, isElse: true });
    }
  }
  return open.filter((one) => one !== undefined);
}

const PATH = String.raw`\.Values((?:\.[A-Za-z_]\w*)+)`;
const ONE = new RegExp(`^(not\\s+)?${PATH}$`);
const AND = new RegExp(`^and(?:\\s+${PATH})+$`);

/** Undefined where more than values decides, or a value is filled in later. */
function holds({ text, isElse }: Condition, values: YamlData): boolean | undefined {
  if (text === undefined) return undefined;
  const one = ONE.exec(text);
  const value = one
    ? flip(isTrue(values, one[2]!), one[1] !== undefined)
    : AND.test(text)
      ? all([...text.matchAll(new RegExp(PATH, "g"))].map(([, path]) => isTrue(values, path!)))
      : undefined;
  return flip(value, isElse);
}

const flip = (value: boolean | undefined, isTurned: boolean) => (value === undefined ? value : value !== isTurned);

function all(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(false)) return false;
  return values.includes(undefined) ? undefined : true;
}

/** What templates of Go take for true. */
function isTrue(values: YamlData, path: string): boolean | undefined {
  let value: YamlData = values;
  for (const key of path.slice(1).split(".")) value = isMap(value) ? value[key] : undefined;
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
