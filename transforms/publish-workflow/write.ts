import { type Loc, lineOf } from "../../src/contract/errors.ts";
import type { Yaml } from "../../src/contract/media.ts";
import { itemsOf } from "../../src/contract/objects.ts";
import type { Forge } from "../../src/contract/options.ts";
import type { Tree } from "../../src/files/tree.ts";
import { indentLines } from "../../src/yaml/print.ts";
import { RawYaml } from "../../src/yaml/raw.ts";
import { printQuoted } from "../../src/yaml/scalars.ts";
import { asWritten, joinYaml, yaml, yamlComment, yamlFile } from "../../src/yaml/text.ts";
import type { YamlOp } from "../../src/yaml/types.ts";
import type { Outcome } from "../contract.ts";
import { editFile } from "../shared/edit-file.ts";
import { firstDoc } from "../shared/read.ts";
import { type PublishFile, printForgejo, printGithub } from "./actions.ts";
import { type PublishJob, TRIAL_BRANCH, TRIAL_NOTE } from "./job.ts";
import { bitbucketStep, gitlabJob, printAzure } from "./pipelines.ts";

const GITLAB = ".gitlab-ci.yml";
const BITBUCKET = "bitbucket-pipelines.yml";
const AZURE = ["azure-pipelines.yml", "azure-pipelines.yaml"];

/** The file of the publish job, new or added to what the forge reads already. */
export function writeJob(tree: Tree, forge: Forge, job: PublishJob, at: Loc): Outcome {
  const why = `Publish ${job.url} on every push to ${job.branches.map(({ name }) => name).join(", ")}.`;
  const create = ({ path, text }: PublishFile): Outcome => {
    if (!tree.has(path)) return { edits: [{ kind: "create", path, text, why, evidence: [at] }] };
    return { findings: [{ rule: "path-taken", level: "blocker", at: lineOf(path), facts: { isJob: true } }] };
  };
  const change = (path: string, ops: readonly YamlOp[]) => editFile(tree, path, ops, why, [at]);
  if (forge === "github") return create(printGithub(tree, job));
  if (forge === "forgejo") return create(printForgejo(tree, job));
  if (forge === "azure") {
    const isTaken = AZURE.some((path) => tree.has(path));
    return create(printAzure(job, isTaken ? "azure-pipelines/publish-artifact.yml" : AZURE[0]!));
  }
  if (forge === "gitlab") {
    if (!tree.has(GITLAB)) return create({ path: GITLAB, text: yamlFile(gitlabJob(tree, job, "deploy")) });
    const raw = outdent(gitlabJob(tree, job, lastStage(tree)).slice(1), 2);
    return change(GITLAB, [{ op: "set", doc: 0, path: ["publish-artifact"], value: raw }]);
  }
  const step = bitbucketStep(job);
  if (!tree.has(BITBUCKET)) {
    const branches = printQuoted(step.branches, "single");
    const head = [yaml`pipelines:`, yaml`  branches:`, yaml`    ${yamlComment(TRIAL_NOTE)}`, yaml`    ${branches}:`];
    return create({ path: BITBUCKET, text: yamlFile([...head, ...indentLines(step.lines, 6)]) });
  }
  return change(BITBUCKET, bitbucketOps(tree, job, step));
}

/** A branch with steps of its own gets one more; patterns beside it would not run for it. */
function bitbucketOps(tree: Tree, job: PublishJob, { branches, lines }: ReturnType<typeof bitbucketStep>): YamlOp[] {
  const now = firstDoc(tree, BITBUCKET)?.pipelines?.branches ?? {};
  const names = job.branches.map(({ name }) => name);
  const own = names.filter((name) => Array.isArray(now[name]));
  const [list, item] = [outdent(lines, 0), outdent([yaml`  step:`, ...lines.slice(1)], 2)];
  const path = ["pipelines", "branches"];
  if (own.length === 0) return [{ op: "set", doc: 0, path: [...path, branches], value: list }];
  return [
    ...own.map((name): YamlOp => ({ op: "insert", doc: 0, path: [...path, name], value: item })),
    ...[TRIAL_BRANCH, ...names]
      .filter((name) => !own.includes(name))
      .map((name): YamlOp => ({ op: "set", doc: 0, path: [...path, name], value: list })),
  ];
}

function lastStage(tree: Tree): string {
  const last = itemsOf(firstDoc(tree, GITLAB)?.stages).at(-1);
  return typeof last === "string" ? last : "deploy";
}

/** Lines as a value, with so many blanks less. */
function outdent(lines: readonly Yaml[], spaces: number): RawYaml {
  const cut = lines.map((line) => asWritten(line.slice(Math.min(spaces, line.length - line.trimStart().length))));
  return new RawYaml(joinYaml(cut, "\n"));
}
