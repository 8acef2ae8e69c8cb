import type { DraftFinding } from "../../../engine/transform.ts";
import type { Forge } from "../../../engine/types.ts";
import type { Loc } from "../../../errors.ts";
import type { OciTarget } from "../target.ts";
import { KEY_SECRET } from "../verification.ts";
import type { PublishJob } from "./job.ts";

export function forgeUnknown(at: Loc): DraftFinding {
  return {
    rule: "oci-forge-unknown",
    level: "blocker",
    at,
    what: "Nobody would publish the artifact: neither the remote nor a CI file tells which forge runs this repository's CI.",
    why: "Flux would wait for an artifact that no job pushes (trap 54).",
    next: "Name it: --forge github, gitlab, azure, forgejo or bitbucket.",
  };
}

export function publisherKept({ publisher, url, tag, branch }: OciTarget): DraftFinding {
  return {
    rule: "publisher-kept",
    level: "info",
    at: { file: publisher!.file, line: publisher!.line, col: 1 },
    what: `This job publishes ${url} already, so no other one is added.`,
    why: `Flux follows tag ${tag}, and what this job pushes${publisher!.path === "" ? "" : ` begins at ${publisher!.path}/`}.`,
    next: `Check that it runs for every push to ${branch ?? "the branch Flux reads"} and moves tag ${tag} last.`,
  };
}

const WHERE: Record<Forge, string> = {
  github: "secrets of the repository",
  forgejo: "secrets of the repository",
  gitlab: "masked CI/CD variables",
  azure: "secret variables of the pipeline",
  bitbucket: "secured repository variables",
};

/** What the job logs in with, where the forge has no token of its own for that registry. */
export function loginNeeded(
  file: string,
  forge: Forge,
  { host }: PublishJob,
  provider: string | undefined,
): DraftFinding {
  const cloud = provider ? ` Better: let the job log in to ${provider} by OIDC before it pushes, and drop both.` : "";
  return {
    rule: "publish-login",
    level: "caution",
    at: { file, line: 1, col: 1 },
    what: `The publish job fails until REGISTRY_USER and REGISTRY_TOKEN exist as ${WHERE[forge]}, with the right to push to ${host}.`,
    why: "The forge gives jobs no token for this registry.",
    next: `Create them before you merge.${cloud}`,
  };
}

export function createPipeline(file: string): DraftFinding {
  return {
    rule: "publish-pipeline",
    level: "caution",
    at: { file, line: 1, col: 1 },
    what: "Azure DevOps runs this file only once a pipeline is created from it.",
    why: "Pipelines are registered in the project, not found in the repository.",
    next: `Create it before you merge: az pipelines create --name publish-artifact --yml-path ${file}`,
  };
}

/** Where the forge vouches for nobody, the job signs with a key, and Flux verifies with the public half of it. */
export function signKeyNeeded(at: Loc, forge: Forge, namespace: string): DraftFinding {
  return {
    rule: "publish-sign-key",
    level: "caution",
    resource: `Secret ${namespace}/${KEY_SECRET}`,
    at,
    what: `The publish job fails until COSIGN_PRIVATE_KEY and COSIGN_PASSWORD exist as ${WHERE[forge]}, and Flux refuses every artifact until Secret ${KEY_SECRET} with cosign.pub is in ${namespace}.`,
    why: "This forge gives its jobs no identity that Sigstore knows, so the artifact is signed with a key; fluxlift makes no keys.",
    next: "Make the pair as the runbook says before you merge.",
  };
}

export function trialLeft(file: string): DraftFinding {
  return {
    rule: "publish-trial-left",
    level: "caution",
    at: { file, line: 1, col: 1 },
    what: "A push to the branch oci-artifacts still publishes what Flux runs.",
    why: "The branch was needed before the switch; this job names it in a way fluxlift does not know.",
    next: "Take it out of the job, and delete the branch.",
  };
}
