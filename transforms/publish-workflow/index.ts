import type { TextRange } from "../../src/contract/edit.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { combine, defineTransform, type Outcome, type TransformContext, withTarget } from "../contract.ts";
import { findPublishers } from "../shared/oci/publishers.ts";
import type { OciTarget } from "../shared/oci/types.ts";
import { KEY_SECRET } from "../shared/oci/verification.ts";
import { describeJob, TRIAL_BRANCH } from "./job.ts";
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
  if (publisher) {
    const isOwn = tree.read(publisher.file)?.includes(TRIAL_BRANCH) ?? false;
    const { file, line, path } = publisher;
    const facts = { url, tag: target.tag, path, branch: target.branch };
    return isOwn ? {} : { findings: [{ rule: "publisher-kept", level: "info", at: lineOf(file, line), facts }] };
  }
  // Another cluster of this run has written the job for both.
  if (findPublishers(tree, target.identity).some((known) => known.url === url)) return {};
  if (!target.publishes) return {};
  if (!forge) return { findings: [{ rule: "oci-forge-unknown", level: "blocker", at, facts: {} }] };
  const job = describeJob(context, target);
  const written = writeJob(tree, forge, job, at);
  const file = written.edits?.[0]?.path;
  if (file === undefined) return written;
  const findings: DraftFinding[] = [];
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

/** The trial branch goes: whoever could push to it could deploy. */
function endTrial({ tree }: TransformContext, { publisher, sync }: OciTarget): Outcome {
  const text = publisher && tree.read(publisher.file);
  if (!publisher || !text?.includes(TRIAL_BRANCH) || sync.kind !== "OCIRepository") return {};
  const ranges = removeTrial(text);
  if (ranges.length === 0)
    return { findings: [{ rule: "publish-trial-left", level: "caution", at: lineOf(publisher.file), facts: {} }] };
  const why = `Nothing is published from ${TRIAL_BRANCH} any more.`;
  return { edits: [{ kind: "replace", path: publisher.file, ranges, why, evidence: [] }] };
}

/** Every way in which fluxlift writes the trial branch into a publish job, with what is left without it. */
const FORMS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [new RegExp(`^[ \\t]*- ${TRIAL_BRANCH}[ \\t]*\\r?\\n`, "gm"), ""],
  [new RegExp(`'\\{([^,{}']+),${TRIAL_BRANCH}\\}'`, "g"), "$1"],
  [new RegExp(`\\|${TRIAL_BRANCH}(?=[|)])`, "g"), ""],
  [new RegExp(`,${TRIAL_BRANCH}(?=[,}])`, "g"), ""],
];

/** Ranges that take the trial branch out of a publish job; nothing else in the file changes. */
function removeTrial(text: string): TextRange[] {
  const ranges: TextRange[] = [];
  for (const [pattern, replacement] of FORMS) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (ranges.some((range) => start < range.end && range.start < end)) continue;
      ranges.push({ start, end, text: replacement.replace("$1", match[1] ?? "") });
    }
  }
  return ranges.sort((a, b) => a.start - b.start);
}
