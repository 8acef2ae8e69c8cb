import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import type { Runs } from "./types.ts";

/** A condition that a pipeline of a tag of Git alone meets. */
const TAG = /^\$CI_COMMIT_TAG\s*(?:$|=~|!=\s*(?:null|"")|&&)/;
const BRANCH = /^\$CI_COMMIT_(?:BRANCH|REF_NAME)\s*==\s*["']([\w./-]+)["']$/;
/** What a list of `only` says beside names of branches. */
const OTHER_REFS =
  /^(?:api|branches|chat|external|external_pull_requests|merge_requests|pipelines|pushes|schedules|triggers|web)$/;

/**
 * When a job of a pipeline of GitLab runs, by its `rules`, or by `only`, `except` and `when`. A hidden one runs as those that
 * extend it, and a rule that is taken from elsewhere (`!reference`) may hold for any merge.
 */
export function readGitlabJob(pipeline: YamlData, name: string): Runs {
  const own = readJob(pipeline, name);
  const { rules }: YamlData = isMap(pipeline.workflow) ? pipeline.workflow : {};
  const all = Array.isArray(rules) ? itemsOf(rules.flat()) : [];
  if (own.by !== "merge" || all.length === 0 || !all.every(isMap)) return own;
  // Where these make no pipeline, no job runs.
  const whole = ofRules(all, undefined);
  if (whole.by !== "merge" || !whole.branches || !own.branches)
    return whole.by === "merge" ? { ...whole, ...own } : whole;
  return { by: "merge", branches: own.branches.filter((one) => whole.branches!.includes(one)) };
}

function readJob(pipeline: YamlData, name: string): Runs {
  if (name.startsWith(".")) return { by: "merge" };
  const { rules, only, except, when }: YamlData = extended(pipeline, name);
  if (Array.isArray(rules)) {
    const all = itemsOf(rules.flat());
    return all.every(isMap) ? ofRules(all, when) : { by: "merge" };
  }
  if (when === "manual") return { by: "hand" };
  const left = refsOf(except).includes("branches");
  const refs = refsOf(only);
  if (left || (refs.length > 0 && refs.every((one) => one === "tags"))) return { by: "tag" };
  const isNamed = refs.length > 0 && refs.every((one) => /^\w[\w./-]*$/.test(one) && !OTHER_REFS.test(one));
  return isNamed ? { by: "merge", branches: refs.filter((one) => one !== "tags") } : { by: "merge" };
}

/** The first rule that holds counts, so one that says `never` takes away from those below it alone. */
function ofRules(rules: readonly YamlData[], usual: unknown): Runs {
  const by = ({ when = usual }: YamlData) => when !== "never" && when !== "manual";
  const running = rules.filter(by).map((rule) => String(rule.if ?? "").trim());
  if (running.length === 0) return { by: "hand" };
  if (running.every((one) => TAG.test(one) && !one.includes("||"))) return { by: "tag" };
  const branches = running.map((one) => BRANCH.exec(one)?.[1]);
  const isNamed = branches.every((one) => one !== undefined);
  return isNamed ? { by: "merge", branches } : { by: "merge" };
}

function refsOf(value: unknown): string[] {
  return itemsOf([isMap(value) ? ((value as YamlData).refs ?? []) : (value ?? [])].flat()).map(String);
}

/** A job with what it takes from those that it extends: what it says counts first, then the last one named with all that this extends. */
function extended(pipeline: YamlData, name: string): YamlData {
  const seen = new Set<string>();
  const found: YamlData = {};
  const open = [name];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const job: YamlData = pipeline[one];
    if (seen.has(one) || !isMap(job)) continue;
    seen.add(one);
    for (const [key, value] of Object.entries(job)) found[key] ??= value;
    open.push(...itemsOf([job.extends ?? []].flat()).map(String));
  }
  return found;
}
