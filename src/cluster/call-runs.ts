import { getOrMake, groupBy } from "../contract/group-by.ts";
import type { YamlData } from "../contract/objects.ts";
import { basename, dirname } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { readYamlCached } from "../yaml/read.ts";
import { isCommentLine } from "./readable-text.ts";

/** What the variables of a command are in one run of it, by their names: `matrix.name`, `inputs.path`, `1`. */
export type Run = ReadonlyMap<string, string>;

const NOTHING: Run = new Map();
/** Runs of one command that are told apart. */
const MOST = 500;

export const VARIABLE = /\$\{\{[^}]*\}\}|\$\([^)]*\)|\$\{[^}]*\}|\$\w+|\{\{[^}]*\}\}/g;
const NAMED = /^(?:\$\{\{\s*(?:env\.)?([\w.-]+)\s*\}\}|\$\{(\w+)\}|\$\((\w+)\)|\$(\w+)|\{\{\s*\.?(\w+)\s*\}\})$/;

/** The name of a variable, whatever language writes it; undefined for what is computed. */
function nameOfVariable(variable: string): string | undefined {
  return NAMED.exec(variable)
    ?.slice(1)
    .find((name) => name !== undefined);
}

/** A text with the variables filled in that are known. */
export function fillIn(text: string, known: Run): string {
  if (known.size === 0) return text;
  return text.replace(VARIABLE, (variable) => known.get(nameOfVariable(variable) ?? "") ?? variable);
}

/** Where a command stands. */
export interface Place {
  file: string;
  text: string;
  lines: readonly string[];
  index: number;
  /** Other files may call this one. */
  tree?: Tree | undefined;
}

/**
 * The runs of a command, where something here says what its variables are: a matrix, the arguments of its function, what other jobs
 * give their workflow or action. One run that nothing is known of where nothing does.
 */
export function listRuns(said: string, place: Place): readonly Run[] {
  const names = new Set((said.match(VARIABLE) ?? []).flatMap((variable) => nameOfVariable(variable) ?? []));
  const has = (pattern: RegExp) => [...names].some((name) => pattern.test(name));
  const all = [
    has(/^matrix\./) ? readMatrix(jobAt(place)) : [],
    has(/^inputs\./) && place.tree ? listCallers(place.tree, place.file) : [],
    has(/^[1-9]$/) ? listArguments(place) : [],
  ];
  const runs = all.reduce<readonly Run[]>(
    (known, more) => (more.length === 0 ? known : multiply(known, more)),
    [NOTHING],
  );
  const used = runs.map((run) => new Map([...run].filter(([name]) => names.has(name))));
  return [...groupBy(used, (run) => JSON.stringify([...run])).values()].map(([run]) => run!);
}

/** Every run of the one with every run of the other; none where these are too many to look at. */
function multiply(some: readonly Run[], others: readonly Run[]): readonly Run[] {
  if (some.length * others.length > MOST) return some;
  return some.flatMap((one) => others.map((other) => new Map([...one, ...other])));
}

/** The job of a workflow that a line stands in. */
export function jobAt({ text, lines, index }: Pick<Place, "text" | "lines" | "index">): YamlData {
  const [first] = findJobLines(lines, index) ?? [];
  return first === undefined ? undefined : jobsOf(text)[JOB_KEY.exec(lines[first]!)![1]!];
}

const JOB_KEY = /^ +["']?([\w-]+)["']?:/;

/** Where the job of a workflow that a line stands in begins, and where it ends: the index of the line behind it. */
export function findJobLines(lines: readonly string[], index: number): [first: number, end: number] | undefined {
  const starts = getOrMake(jobStarts, lines, () => readJobStarts(lines));
  const nth = starts.findLastIndex((at) => at <= index);
  return nth < 0 ? undefined : [starts[nth]!, starts[nth + 1] ?? lines.length];
}

const jobStarts = new WeakMap<readonly string[], readonly number[]>();

function readJobStarts(lines: readonly string[]): number[] {
  const top = lines.findIndex((line) => /^jobs:/.test(line));
  const depth = lines
    .slice(top + 1)
    .find((line) => line.trim() !== "" && !isCommentLine(line))
    ?.search(/\S/);
  if (top < 0 || depth === undefined || depth < 1) return [];
  const isKey = (line: string) => line.search(/\S/) === depth && JOB_KEY.test(line);
  return lines.flatMap((line, at) => (at > top && isKey(line) ? [at] : []));
}

function jobsOf(text: string): Readonly<Record<string, YamlData>> {
  const read = readYamlCached(text);
  const workflow: YamlData = read.ok ? read.docs[0]?.data : undefined;
  const jobs: unknown = isMap(workflow) ? workflow.jobs : undefined;
  return isMap(jobs) ? jobs : {};
}

/** The runs of a job by its matrix, as GitHub makes them of its lists and of `include`. */
function readMatrix(job: YamlData): Run[] {
  const matrix: YamlData = isMap(job) ? job.strategy?.matrix : undefined;
  if (!isMap(matrix)) return [];
  const { include, exclude: _, ...lists } = matrix;
  const bases = Object.entries(lists).filter(([, items]) => Array.isArray(items));
  let runs: readonly Map<string, string>[] = bases.length > 0 ? [new Map()] : [];
  for (const [key, items] of bases) {
    const own = (items as unknown[]).map((item) => new Map(flatten(`matrix.${key}`, item)));
    if (runs.length * own.length > MOST) return [];
    runs = runs.flatMap((run) => own.map((one) => new Map([...run, ...one])));
  }
  const extra: Map<string, string>[] = [];
  for (const item of Array.isArray(include) ? include.slice(0, MOST) : []) {
    const fields = flatten("matrix", item);
    const isOfRun = (run: Run) => fields.every(([name, value]) => (run.get(name) ?? value) === value);
    const fitting = bases.some(([key]) => fields.some(([name]) => name === `matrix.${key}`))
      ? runs.filter(isOfRun)
      : [];
    for (const run of fitting) for (const [name, value] of fields) run.set(name, value);
    if (fitting.length === 0) extra.push(new Map(fields));
  }
  return [...runs, ...extra];
}

/** `matrix.app.name` of a map; what is no text names nothing. */
function flatten(name: string, value: unknown): [string, string][] {
  if (typeof value === "string" || typeof value === "number") return [[name, String(value)]];
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, one]): [string, string][] =>
    typeof one === "string" || typeof one === "number" ? [[`${name}.${key}`, String(one)]] : [],
  );
}

/** What jobs here give to a workflow that they call, or to an action in the repository. */
function listCallers(tree: Tree, file: string): Run[] {
  return remember(tree, "runs by callers", file, () => {
    const isAction = /^action\.ya?ml$/.test(basename(file));
    const called = `./${isAction ? dirname(file) : file}`;
    const files = tree.grep(`uses: ${called}`).filter((one) => one !== file);
    const runs = files.flatMap((one) =>
      Object.values(jobsOf(tree.read(one) ?? "")).flatMap((job) => {
        const steps: YamlData[] = isAction && isMap(job) && Array.isArray(job.steps) ? job.steps : [job];
        const calls = steps.filter((step) => isMap(step) && step.uses === called);
        const matrix = readMatrix(job);
        return calls.flatMap(({ with: said }) =>
          (matrix.length > 0 ? matrix : [NOTHING]).map(
            (run) => new Map(flatten("inputs", said).map(([name, value]) => [name, fillIn(value, run)])),
          ),
        );
      }),
    );
    return runs.length > MOST ? [] : runs;
  });
}

const FUNCTION = /^\s*(?:function\s+([\w:-]+)\s*(?:\(\s*\))?|([\w:-]+)\s*\(\s*\))\s*\{?/;

/** A command of a line by its first word, and what it is given. */
const COMMAND = /(?=(?:^|[;&|]|\s(?:then|do|else))\s*([\w:-]+)[ \t]+(?!\()([^;&|#]+))/g;

/** What the functions of a script are given, and in which of them a line stands: by the line that opens it. */
interface Functions {
  headers: readonly (number | undefined)[];
  /** By their names. */
  calls: ReadonlyMap<string, readonly { at: number; run: Run }[]>;
}

const functionsOf = new WeakMap<readonly string[], Functions>();

/** The arguments that the lines of a script give to the function that a line stands in. */
function listArguments({ lines, index }: Place): Run[] {
  const { headers, calls } = getOrMake(functionsOf, lines, () => readFunctions(lines));
  const header = headers[index];
  const [, first, second] = FUNCTION.exec(lines[header ?? -1] ?? "") ?? [];
  const runs = (calls.get(first ?? second ?? "") ?? []).filter(({ at }) => at !== header).map(({ run }) => run);
  return runs.length > MOST ? [] : runs;
}

function readFunctions(lines: readonly string[]): Functions {
  let header: number | undefined;
  const headers = lines.map((line, at) => {
    if (FUNCTION.test(line)) header = at;
    const own = header;
    if (at !== own && /^\s*\}/.test(line)) header = undefined;
    return own;
  });
  const calls = lines.flatMap((line, at) => {
    if (isCommentLine(line)) return [];
    // The first call of a line counts.
    const named = new Map([...line.matchAll(COMMAND)].reverse().map(([, name, said]) => [name!, said!]));
    return [...named].map(([name, said]) => {
      const words = said.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? [];
      return { name, at, run: new Map(words.map((word, nth) => [String(nth + 1), word.replace(/["']/g, "")])) };
    });
  });
  return {
    headers,
    calls: groupBy(
      calls.filter(({ run }) => run.size > 0),
      ({ name }) => name,
    ),
  };
}

/** What the variable that ends an address is, where the address is that of a source: `infra` of `oci://host/$name` and `oci://host/infra`. */
export function bindLast(address: string, url: string): Run {
  const masked = address.replace(VARIABLE, (variable) => "\0".repeat(variable.length));
  const segment = address.slice(masked.lastIndexOf("/") + 1);
  const [variable, ...others] = segment.match(VARIABLE) ?? [];
  const name = variable === undefined || others.length > 0 ? undefined : nameOfVariable(variable);
  if (name === undefined) return NOTHING;
  const [start = "", end = ""] = segment.split(variable!);
  const own = url.slice(url.lastIndexOf("/") + 1);
  const value = own.slice(start.length, own.length - end.length);
  return value !== "" && own === `${start}${value}${end}`.toLowerCase() ? new Map([[name, value]]) : NOTHING;
}
