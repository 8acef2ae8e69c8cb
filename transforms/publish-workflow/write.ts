import { type Loc, lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { Yaml } from "../../src/contract/media.ts";
import { itemsOf, type YamlData } from "../../src/contract/objects.ts";
import type { Forge } from "../../src/contract/options.ts";
import { compileSegment } from "../../src/files/glob.ts";
import type { Tree } from "../../src/files/tree.ts";
import { indentLines } from "../../src/yaml/print.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import { printQuoted } from "../../src/yaml/scalars.ts";
import { asWritten, joinYaml, yaml, yamlComment, yamlFile } from "../../src/yaml/text.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import { combine, type Outcome } from "../contract.ts";
import { depthOf } from "../shared/automation/lines.ts";
import { editFile } from "../shared/edit-file.ts";
import { docsIn, firstDoc } from "../shared/read.ts";
import { findFolder, type PublishFile, printForgejo, printGithub } from "./actions.ts";
import { branchNames, type PublishJob, trialNotes } from "./job.ts";
import { bitbucketStep, gitlabJob, printAzure } from "./pipelines.ts";

const GITLAB = ".gitlab-ci.yml";
const BITBUCKET = "bitbucket-pipelines.yml";
const AZURE = ["azure-pipelines.yml", "azure-pipelines.yaml"];

/** The file of the publish job, new or added to what the forge reads already. */
export function writeJob(tree: Tree, forge: Forge, job: PublishJob, at: Loc): Outcome {
  const why = `Publish ${job.url} on every push to ${job.branches.map(({ name }) => name).join(", ")}.`;
  const create = ({ path, text }: PublishFile): Outcome => {
    if (!tree.has(path)) return { edits: [{ kind: "create", path, text, why, evidence: [at] }] };
    return taken(path);
  };
  const change = (path: string, ops: readonly YamlOp[]) => editFile(tree, path, ops, why, [at]);
  if (forge === "github") return create(printGithub(tree, job));
  if (forge === "forgejo") {
    const { folder, unread } = findFolder(tree, job);
    const file = printForgejo(tree, job, folder);
    const findings: DraftFinding[] = unread
      ? [{ rule: "publish-hides", level: "caution", at: lineOf(file.path), facts: { folder, unread } }]
      : [];
    return combine(create(file), { findings });
  }
  if (forge === "azure") {
    const isTaken = AZURE.some((path) => tree.has(path));
    return create(printAzure(job, isTaken ? "azure-pipelines/publish-artifact.yml" : AZURE[0]!));
  }
  if (forge === "gitlab") {
    if (!tree.has(GITLAB)) return create({ path: GITLAB, text: yamlFile(gitlabJob(tree, job, "deploy")) });
    const { doc, data } = gitlabPipeline(tree);
    if (data?.["publish-artifact"] !== undefined) return taken(GITLAB);
    const { stage, isSure } = lastStage(tree, data);
    const raw = outdent(gitlabJob(tree, job, stage).slice(1), 2);
    const findings: DraftFinding[] = isSure
      ? []
      : [{ rule: "publish-stage", level: "caution", at: lineOf(GITLAB), facts: { stage } }];
    return combine(change(GITLAB, [{ op: "set", doc, path: ["publish-artifact"], value: raw }]), { findings });
  }
  const step = bitbucketStep(job);
  if (!tree.has(BITBUCKET)) {
    const branches = printQuoted(step.branches, "single");
    const notes = indentLines(trialNotes(job).map(yamlComment), 4);
    const head = [yaml`pipelines:`, yaml`  branches:`, ...notes, yaml`    ${branches}:`];
    return create({ path: BITBUCKET, text: yamlFile([...head, ...indentLines(step.lines, 6)]) });
  }
  return combine(change(BITBUCKET, bitbucketOps(tree, job, step)), { findings: findReplaced(tree, job) });
}

function taken(path: string): Outcome {
  return { findings: [{ rule: "path-taken", level: "blocker", at: lineOf(path), facts: { isJob: true } }] };
}

/** A branch with steps of its own gets one more; a name by itself goes before every pattern beside it. */
function bitbucketOps(tree: Tree, job: PublishJob, { branches, lines }: ReturnType<typeof bitbucketStep>): YamlOp[] {
  const now = firstDoc(tree, BITBUCKET)?.pipelines?.branches ?? {};
  const names = branchNames(job);
  const own = names.filter((name) => Array.isArray(now[name]));
  const [list, item] = [outdent(lines, 0), outdent([yaml`  step:`, ...lines.slice(1)], 2)];
  const path = ["pipelines", "branches"];
  if (Object.keys(now).length === 0) return [{ op: "set", doc: 0, path: [...path, branches], value: list }];
  return [
    ...own.map((name): YamlOp => ({ op: "insert", doc: 0, path: [...path, name], value: item })),
    ...names
      .filter((name) => !own.includes(name))
      .map((name): YamlOp => ({ op: "set", doc: 0, path: [...path, name], value: list })),
  ];
}

/** Pipelines that run for a branch today, and would not beside one of its own. */
function findReplaced(tree: Tree, job: PublishJob): DraftFinding[] {
  const { branches = {}, default: fallback } = firstDoc(tree, BITBUCKET)?.pipelines ?? {};
  return job.branches.flatMap(({ name: branch }): DraftFinding[] => {
    if (Array.isArray(branches?.[branch])) return [];
    const patterns = Object.keys(branches ?? {}).filter((pattern) =>
      alternatives(pattern).some((one) => fits(one, branch)),
    );
    const others = patterns.length > 0 || fallback === undefined ? patterns : ["default"];
    const facts = { branch, others };
    return others.length === 0 ? [] : [{ rule: "publish-replaces", level: "caution", at: lineOf(BITBUCKET), facts }];
  });
}

/** `{a,b}/*` as `a/*` and `b/*`. */
function alternatives(pattern: string): string[] {
  const [, before = "", list, after = ""] = /^([^{}]*)\{([^{}]*)\}(.*)$/s.exec(pattern) ?? [];
  return list === undefined ? [pattern] : list.split(",").flatMap((one) => alternatives(`${before}${one}${after}`));
}

/** Errs towards yes: a `*` takes slashes too. */
function fits(pattern: string, branch: string): boolean {
  return compileSegment(pattern)(branch);
}

/** What a pipeline says beside the header with its inputs, which is a document of its own. */
function gitlabPipeline(tree: Tree): { doc: number; data: YamlData } {
  const docs = docsIn(tree.read(GITLAB));
  const doc = docs.length > 1 && docs[0]!.data?.spec !== undefined ? 1 : 0;
  return { doc, data: docs[doc]?.data };
}

/** The last stage that is one of the pipeline's own; not sure where an included file may name others. */
function lastStage(tree: Tree, data: YamlData): { stage: string; isSure: boolean } {
  const isReferred = /^stages:\s*!reference\b/m.test(tree.read(GITLAB) ?? "");
  const stages = isReferred ? [] : itemsOf(data?.stages);
  const last = stages.filter((stage) => typeof stage === "string" && !/^\.(?:pre|post)$/.test(stage)).at(-1);
  if (typeof last === "string") return { stage: last, isSure: true };
  return { stage: "deploy", isSure: !isReferred && data?.include === undefined && stages.length === 0 };
}

/** Lines as a value, with so many blanks less. */
function outdent(lines: readonly Yaml[], spaces: number): RawYaml {
  const cut = lines.map((line) => asWritten(line.slice(Math.min(spaces, depthOf(line)))));
  return new RawYaml(joinYaml(cut, "\n"));
}
