import { defineTransform, type TransformContext, type TransformResult } from "../src/engine/transform.ts";
import {
  createPipeline,
  forgeUnknown,
  loginNeeded,
  publisherKept,
  signKeyNeeded,
  trialLeft,
} from "../src/flux/oci/publish/findings.ts";
import { describeJob, TRIAL_BRANCH } from "../src/flux/oci/publish/job.ts";
import { removeTrial } from "../src/flux/oci/publish/trial.ts";
import { writeJob } from "../src/flux/oci/publish/write.ts";
import { findPublishers } from "../src/flux/oci/publishers.ts";
import { type OciTarget, settleTarget } from "../src/flux/oci/target.ts";

/** Adds the CI job that publishes the artifact, as the forge and the repository's other jobs would have it. */
export default defineTransform({
  id: "publish-workflow",
  title: "Publish the artifact from CI",
  phases: ["prepare", "cleanup"],
  docs: "docs/transforms/publish-workflow.md",
  applies: () => true,
  run(context): TransformResult {
    const { target } = settleTarget(context);
    if (!target) return { edits: [], findings: [] };
    if (context.phase === "cleanup") return endTrial(context, target);
    return target.sync.kind === "GitRepository" ? addJob(context, target) : { edits: [], findings: [] };
  },
});

function addJob(context: TransformContext, target: OciTarget): TransformResult {
  const { tree } = context;
  const { publisher, forge, at, host, url } = target;
  if (publisher) {
    const isOwn = tree.read(publisher.file)?.includes(TRIAL_BRANCH) ?? false;
    return { edits: [], findings: isOwn ? [] : [publisherKept(target)] };
  }
  // Another cluster of this run has written the job for both.
  if (findPublishers(tree, target.identity).some((known) => known.url === url)) return { edits: [], findings: [] };
  if (!target.publishes) return { edits: [], findings: [] };
  if (!forge) return { edits: [], findings: [forgeUnknown(at)] };
  const job = describeJob(context, target);
  const { edits, findings } = writeJob(tree, forge, job, at);
  const file = edits[0]?.path;
  if (file === undefined) return { edits, findings };
  const hasToken = (forge === "github" && host === "ghcr.io") || (forge === "gitlab" && host === "registry.gitlab.com");
  if (!hasToken) findings.push(loginNeeded(file, forge, job, target.provider));
  if (job.sign === "key") findings.push(signKeyNeeded(at, forge, target.sync.namespace));
  if (forge === "azure") findings.push(createPipeline(file));
  return { edits, findings };
}

/** The trial branch goes: whoever could push to it could deploy. */
function endTrial({ tree }: TransformContext, { publisher, sync }: OciTarget): TransformResult {
  const text = publisher && tree.read(publisher.file);
  if (!publisher || !text?.includes(TRIAL_BRANCH) || sync.kind !== "OCIRepository") return { edits: [], findings: [] };
  const ranges = removeTrial(text);
  if (ranges.length === 0) return { edits: [], findings: [trialLeft(publisher.file)] };
  const why = `Nothing is published from ${TRIAL_BRANCH} any more.`;
  return { edits: [{ kind: "replace", path: publisher.file, ranges, why, evidence: [] }], findings: [] };
}
