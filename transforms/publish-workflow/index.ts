import type { TextRange } from "../../src/contract/edit.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { sh } from "../../src/contract/shell.ts";
import { dirname } from "../../src/delivery/paths.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { Tree } from "../../src/files/tree.ts";
import { positionAt } from "../../src/yaml/lines.ts";
import { combine, defineTransform, type Outcome, type TransformContext, withTarget } from "../contract.ts";
import { findPublishers } from "../shared/oci/publishers.ts";
import type { OciTarget } from "../shared/oci/types.ts";
import { KEY_SECRET } from "../shared/oci/verification.ts";
import { describeJob, findRefused, TRIAL_BRANCH, trialOf } from "./job.ts";
import { ACTIONS, learnWorkflows } from "./pins.ts";
import { writeJob } from "./write.ts";

/** Adds the CI job that publishes the artifact, as the forge and the repository's other jobs would have it. */
export default defineTransform({
  id: "publish-workflow",
  title: "Publish the artifact from CI",
  phases: ["prepare", "cleanup"],
  run: withTarget((context, target) => {
    if (context.phase === "cleanup") return endTrial(context, target);
    return target.sync.kind === "GitRepository" ? addJob(context, target) : {};
  }),
});

function addJob(context: TransformContext, target: OciTarget): Outcome {
  const { tree } = context;
  const { publisher, forge, at, host, url } = target;
  const shared = findSharedTag(context, target);
  if (shared) return { findings: [{ rule: "oci-tag-shared", level: "blocker", at, facts: shared }] };
  if (publisher) {
    const text = tree.read(publisher.file) ?? "";
    const isOwn = text.includes(TRIAL_BRANCH);
    if (isOwn && text.includes(sh` tag=${target.tag} ;;`.line)) return {};
    const { file, line, path } = publisher;
    const open = publisher.url === undefined ? publisher.address : undefined;
    const facts = { url, tag: target.tag, path, branch: target.branch, open };
    const level = isOwn || open !== undefined ? "caution" : "info";
    return { findings: [{ rule: "publisher-kept", level, at: lineOf(file, line), facts }] };
  }
  // Another cluster of this run has written the job for both.
  if (findPublishers(tree, target.identity).some((known) => known.url === url)) return {};
  if (!target.publishes) return {};
  if (!forge) return { findings: [{ rule: "oci-forge-unknown", level: "blocker", at, facts: {} }] };
  const job = describeJob(context, target);
  const facts = findRefused(job);
  if (facts) return { findings: [{ rule: "publish-name-refused", level: "blocker", at, facts }] };
  const written = writeJob(tree, forge, job, at);
  const file = written.edits?.[0]?.path;
  if (file === undefined) return written;
  const findings: DraftFinding[] = reportOutdated(tree, file, written);
  const hasToken = (forge === "github" && host === "ghcr.io") || (forge === "gitlab" && host === "registry.gitlab.com");
  const level = "caution";
  if (!hasToken) {
    const facts = { forge, host, provider: target.provider };
    findings.push({ rule: "publish-login", level, at: lineOf(file), facts });
  }
  if (job.sign === "key") {
    const { namespace } = target.sync;
    const resource = `Secret ${namespace}/${KEY_SECRET}`;
    findings.push({ rule: "publish-sign-key", level, resource, at, facts: { forge, secret: KEY_SECRET, namespace } });
  }
  if (forge === "azure") findings.push({ rule: "publish-pipeline", level, at: lineOf(file), facts: { file } });
  return combine(written, { findings });
}

/** Another cluster of this artifact whose branch moves the same tag, or whose other tag the same branch would have to move. */
function findSharedTag({ model, agreed, cluster: { name } }: TransformContext, { url, tag, branch }: OciTarget) {
  if (branch === undefined) return undefined;
  const own = { name, branch, tag };
  for (const cluster of model.clusters) {
    const { target } = agreed.target(cluster);
    if (target?.url !== url || target.branch === undefined) continue;
    const other = { name: cluster.name, branch: target.branch, tag: target.tag };
    if ((other.branch === branch) !== (other.tag === tag)) return { url, own, other };
  }
  return undefined;
}

/** The actions of a new workflow that the repository pins to a release which is too old to run. */
function reportOutdated(tree: Tree, file: string, { edits }: Outcome): DraftFinding[] {
  const habits = learnWorkflows(tree, dirname(file));
  const text = edits?.flatMap((edit) => (edit.kind === "create" ? [edit.text] : [])).join("\n") ?? "";
  return ACTIONS.flatMap((action): DraftFinding[] => {
    const from = habits.outdated(action);
    const to = new RegExp(`${action}@([^\\n]+)`).exec(text)?.[1];
    if (from === undefined || to === undefined) return [];
    return [{ rule: "publish-action-newer", level: "info", at: lineOf(file), facts: { action, from, to } }];
  });
}

/** The trial branch of the cluster's tag goes: whoever could push to it could deploy. Another cluster may need it still. */
function endTrial({ tree, model, agreed }: TransformContext, { publisher, sync, url, tag }: OciTarget): Outcome {
  const text = publisher && tree.read(publisher.file);
  if (!publisher || !text?.includes(TRIAL_BRANCH) || sync.kind !== "OCIRepository") return {};
  const isStillOnGit = model.clusters.some((cluster) => {
    const { target } = agreed.target(cluster);
    return target?.sync.kind === "GitRepository" && target.url === url && target.tag === tag;
  });
  if (isStillOnGit) return {};
  const trial = trialOf(text, tag) ?? TRIAL_BRANCH;
  const { ranges, left } = removeTrial(text, trial);
  const findings: DraftFinding[] =
    left === undefined
      ? []
      : [
          {
            rule: "publish-trial-left",
            level: "caution",
            at: lineOf(publisher.file, positionAt(text, left).line),
            facts: {},
          },
        ];
  if (ranges.length === 0) return { findings };
  const why = `Nothing is published from ${trial} any more.`;
  return { edits: [{ kind: "replace", path: publisher.file, ranges, why, evidence: [] }], findings };
}

/** Every way in which fluxlift and formatters write a trial branch into a publish job, with what is left without it. */
function formsOf(trial: string): readonly (readonly [pattern: RegExp, replacement: string])[] {
  const name = escapeRegExp(trial);
  const quoted = `(?:${name}|'${name}'|"${name}")`;
  return [
    [new RegExp(`^[ \\t]*- ${quoted}[ \\t]*(?:#[^\\n]*)?\\r?\\n`, "gm"), ""],
    [new RegExp(`'\\{([^,{}'"]+),${name}\\}'`, "g"), "$1"],
    [new RegExp(`"\\{([^,{}'"]+),${name}\\}"`, "g"), "$1"],
    [new RegExp(`\\|${name}(?=[|)])`, "g"), ""],
    [new RegExp(`,${name}(?=[,}])`, "g"), ""],
    [new RegExp(`,[ \\t]*${quoted}(?=[ \\t]*[,\\]])`, "g"), ""],
  ];
}

/** Ranges that take a trial branch out of a publish job, and where it is still named; nothing else in the file changes. */
function removeTrial(text: string, trial: string): { ranges: TextRange[]; left: number | undefined } {
  const ranges: TextRange[] = [];
  for (const [pattern, replacement] of formsOf(trial)) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (ranges.some((range) => start < range.end && range.start < end)) continue;
      ranges.push({ start, end, text: replacement.replace("$1", match[1] ?? "") });
    }
  }
  // What explains it goes with the branch, and is no sign of one.
  const name = escapeRegExp(trial);
  const notes = [...text.matchAll(new RegExp(`^[ \\t]*# ${name} [^\\n]*\\n`, "gm"))].map(
    ({ index, 0: { length } }) => ({
      start: index,
      end: index + length,
      text: "",
    }),
  );
  const isTaken = (at: number) => [...ranges, ...notes].some(({ start, end }) => start <= at && at < end);
  const left = [...text.matchAll(new RegExp(`${name}(?![\\w.-])`, "g"))].find(({ index }) => !isTaken(index))?.index;
  // What explains the branch stays for as long as the branch does.
  if (left === undefined) ranges.push(...notes);
  return { ranges: ranges.sort((a, b) => a.start - b.start), left };
}
