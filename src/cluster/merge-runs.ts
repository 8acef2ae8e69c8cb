import { itemsOf, type YamlData } from "../contract/objects.ts";
import { basename, normalizePath } from "../delivery/paths.ts";
import { wordPattern } from "../delivery/patterns.ts";
import { compileGoMatch } from "../files/go-match.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { readYamlCached } from "../yaml/read.ts";
import { isQuiet } from "./automation-files.ts";
import { jobAt } from "./call-runs.ts";
import { readGitlabJob } from "./gitlab-runs.ts";
import { codeLines } from "./readable-text.ts";
import type { Runs } from "./types.ts";

const WORKFLOW = /(?:^|\/)\.(?:github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/;

const PIPELINE = /(?:^|\/)\.gitlab-ci\.ya?ml$|(?:^|\/)\.gitlab\/ci\/.+\.ya?ml$/;

/**
 * When the command on a line runs, as far as a workflow of GitHub, Gitea or Forgejo, a pipeline of GitLab or what the shell asks before says so; else
 * a merge is taken to start it.
 */
export function readRuns(tree: Tree, { file, line }: { file: string; line: number }): Runs {
  const lines = codeLines(tree, file);
  const runs = readJob(tree, file, lines, line);
  return runs.by === "merge" && isOfTag(lines, line - 1) ? { by: "tag" } : runs;
}

function readJob(tree: Tree, file: string, lines: readonly string[], line: number): Runs {
  const pipeline = pipelineOf(tree, file);
  if (pipeline) {
    const key = lines.slice(0, line).findLast((text) => PIPELINE_KEY.test(text));
    return key === undefined ? { by: "merge" } : readGitlabJob(pipeline, PIPELINE_KEY.exec(key)![1]!);
  }
  if (!WORKFLOW.test(file)) return { by: "merge" };
  const runs = remember(tree, "runs of a workflow", file, () => readWorkflow(tree, file));
  const limits = runs.by === "hand" ? [] : readConditions(tree.read(file) ?? "", lines, line);
  if (limits.some((one) => HAND.test(one))) return { by: "hand" };
  return limits.some((one) => TAG.test(one)) ? { by: "tag" } : runs;
}

const TOP_PIPELINE = ".gitlab-ci.yml";

/** The pipeline of GitLab that a file is part of, with the files of this repository that it takes in; what it says itself counts before these. */
function pipelineOf(tree: Tree, file: string): YamlData {
  const top = remember(tree, "pipeline", "", () => {
    const files = new Set(tree.has(TOP_PIPELINE) ? [TOP_PIPELINE] : []);
    const body: YamlData = {};
    for (const one of files) {
      const { include, ...rest }: YamlData = bodyOf(tree, one);
      for (const [key, value] of Object.entries(rest)) body[key] ??= value;
      for (const item of itemsOf([include ?? []].flat())) {
        const said = String(isMap(item) ? ((item as YamlData).local ?? "") : item).replace(/^\//, "");
        for (const path of expandLocal(tree, said)) files.add(path);
      }
    }
    return { files, body };
  });
  if (top.files.has(file)) return top.body;
  return PIPELINE.test(file) ? bodyOf(tree, file) : undefined;
}

/** Files that an `include` names: `*` is a part of a name, and `**` any folders, taken for those right there as well. */
function expandLocal(tree: Tree, said: string): readonly string[] {
  const path = normalizePath(said) ?? "";
  if (!path.includes("*")) return path !== "" && tree.has(path) ? [path] : [];
  const [start, end] = [path.slice(0, path.indexOf("*")), path.slice(path.lastIndexOf("*") + 1)];
  const parts = path.split("/").map((part) => compileGoMatch(part));
  const isEach = (names: readonly string[]) =>
    names.length === parts.length && names.every((name, index) => parts[index]?.(name));
  const fits = (one: string) => path.includes("**") || isEach(one.split("/"));
  return tree.paths.filter((one) => one.startsWith(start) && one.endsWith(end) && /\.ya?ml$/.test(one) && fits(one));
}

const PIPELINE_KEY = /^["']?([^\s"'#][^"':]*)["']?:/;

/** What a shell asks that holds for a tag of Git alone: `[[ $GITHUB_REF == refs/tags/* ]]`, `[ -n "$CI_COMMIT_TAG" ]`. */
const ASKS_TAG =
  /\[\s+(?:["']?\$\{?(?:GITHUB_REF|CI_COMMIT_REF|\w+_REF)\}?["']?\s+(?:==?|=~)\s+["']?\^?refs\/tags\/|["']?\$\{?GITHUB_REF_TYPE\}?["']?\s+==?\s+["']?tag\b|(?:-n\s+)?["']?\$\{?CI_COMMIT_TAG(?::-)?\}?["']?\s+\])/;
/** One command behind a condition on its line, and nothing that runs whatever that says: `fi; b`, `&& a; b`, `else`. */
const ON_ITS_LINE = /^(.*?\])\s*(?:&&|;\s*then\b)[^;&|]*(?:;\s*fi\b\s*)?$/;
/** Lines above a command in which its condition is sought. */
const ABOVE = 50;

/** Whether the shell runs the command on a line for tags of Git alone: below such an `if`, or behind it on its line. */
function isOfTag(lines: readonly string[], index: number): boolean {
  const asks = (text: string) => ASKS_TAG.test(text) && !/\|\||!\s|\belse\b/.test(text);
  const own = lines[index] ?? "";
  if (asks(ON_ITS_LINE.exec(own)?.[1] ?? "")) return true;
  if (/^\s*fi\b|\bel(?:se|if)\b/.test(own)) return false;
  let closed = 0;
  // Below an `else` it runs where the condition above that does not hold; one further out counts all the same.
  let isElse = false;
  for (let at = index - 1; at >= Math.max(0, index - ABOVE); at--) {
    const text = lines[at]!;
    const [opens, closes] = [/(?:^|[\s;-])if\s+(?:!\s*)?\[/.test(text), /(?:^|[\s;])fi\b/.test(text)];
    if (opens && closes) continue;
    if (closes) closed++;
    else if (opens && closed > 0) closed--;
    else if (opens || (closed === 0 && /^\s*(?:else|elif)\b/.test(text))) {
      if (!isElse && asks(text)) return true;
      isElse = !opens;
    }
  }
  return false;
}

function readWorkflow(tree: Tree, file: string): Runs {
  const { on, name }: YamlData = bodyOf(tree, file);
  const events = isMap(on) ? Object.keys(on) : itemsOf([on].flat()).map(String);
  const push: YamlData = isMap(on) ? on.push : undefined;
  const isOfTags = isMap(push) && hasAny(push, "tags", "tags-ignore") && !hasAny(push, "branches", "branches-ignore");
  const others = events.filter((event) => event !== "workflow_dispatch");
  const isOfTag = (event: string) => event === "release" || (event === "push" && isOfTags);
  if (events.length > 0 && others.every(isOfTag) && !isStarted(tree, file, name))
    return { by: others.length > 0 ? "tag" : "hand" };
  const branches = isMap(push) ? itemsOf(push.branches).map(String) : [];
  const isWritten = branches.length > 0 && branches.every((one) => /^[\w./-]+$/.test(one));
  const isOfPush = others.every((event) => event === "push" || isOfTag(event));
  return isWritten && isOfPush ? { by: "merge", branches } : { by: "merge" };
}

const hasAny = (map: YamlData, ...keys: readonly string[]): boolean => keys.some((key) => map[key] != null);

function bodyOf(tree: Tree, file: string): YamlData {
  const read = readYamlCached(tree.read(file) ?? "");
  const docs = read.ok ? read.docs.map(({ data }) => data) : [];
  // A file of GitLab that takes inputs says them in a document of its own before the jobs.
  const [first, second] = docs;
  const body: unknown = isMap(first) && isMap(first.spec) && isMap(second) ? second : first;
  return isMap(body) ? body : {};
}

/** Conditions that no merge meets, where nothing else is said beside them. */
const HAND = /^false$|github\.event_name\s*==\s*'workflow_dispatch'/;
const TAG =
  /github\.event_name\s*==\s*'release'|(?:startsWith|contains)\(\s*github\.ref\s*,\s*'refs\/tags\/?'\s*\)|github\.ref_type\s*==\s*'tag'/;
/** What makes more of them, or the contrary. */
const OTHERWISE = /\|\||!\s*(?:startsWith|contains|\()|==\s*false|\bfalse\s*==/;

/** What has to hold for the command on a line to run: of its job, and of its step. */
function readConditions(text: string, lines: readonly string[], line: number): string[] {
  const job = jobAt({ text, lines, index: line - 1 });
  if (!isMap(job)) return [];
  const command = (lines[line - 1] ?? "").replace(/^\s*(?:-\s+)?(?:run:\s*)?/, "").trim();
  const isOwn = ({ run }: YamlData) => typeof run === "string" && run.split("\n").some((one) => one.trim() === command);
  const [step, ...others] = itemsOf(job.steps).filter(isMap).filter(isOwn);
  return [job.if, others.length > 0 ? undefined : step?.if]
    .map((one) =>
      String(one ?? "")
        .replace(/^\$\{\{|\}\}$/g, "")
        .trim(),
    )
    .filter((one) => !OTHERWISE.test(one));
}

/** What starts another workflow: `gh workflow run`, the call of the API, or an action that does. */
const STARTS = /workflow run|(?<!workflow_|repository_)dispatch|trigger-workflow/i;

/** Whether another job starts a workflow, by its file or by its name. */
function isStarted(tree: Tree, file: string, name: unknown): boolean {
  const isOther = (one: string) => one !== file && !isQuiet(one);
  const own = basename(file);
  const isByFile = tree.grep(own).some((one) => {
    const lines = isOther(one) ? codeLines(tree, one) : [];
    return lines.some((line) => line.includes(own)) && lines.some((line) => STARTS.test(line));
  });
  if (isByFile || typeof name !== "string" || name === "") return isByFile;
  const call = wordPattern(name);
  return tree.grep("workflow run").some((one) => {
    return isOther(one) && codeLines(tree, one).some((line) => line.includes("workflow run") && call.test(line));
  });
}
