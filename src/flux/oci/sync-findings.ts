import type { DraftFinding } from "../../engine/transform.ts";
import type { OciTarget } from "./target.ts";

const MEANING: Record<string, readonly [what: string, next: string]> = {
  ref: ["the tag of the artifact takes its place", "Nothing to do: CI publishes the branch that Flux reads today."],
  url: ["the address of the artifact takes its place", "Nothing to do."],
  secretRef: ["the artifact is pulled with a secret of its own", "Create the pull secret as the runbook says."],
  provider: [
    "a login of a Git host means nothing to a registry",
    "See sync.provider of the instance for the registry's own.",
  ],
  serviceAccountName: ["it logs in to a Git host", "Set it again if your registry needs workload identity."],
  verify: [
    "commit signatures are not looked at any more",
    "Sign the artifact instead: fluxlift oci --sign lets CI sign it and Flux verify it.",
  ],
  recurseSubmodules: ["CI checks the submodules out before it publishes", "Nothing to do."],
  sparseCheckout: ["the artifact holds every folder", "Nothing to do; add ignore rules if that is too much."],
  gitImplementation: ["it is ignored since Flux 2.0", "Nothing to do."],
};

export function droppedField(at: DraftFinding["at"], field: string, value: unknown): DraftFinding {
  const [what, next] = MEANING[field] ?? ["an OCIRepository has no such field", "Check whether you still need it."];
  return {
    rule: "oci-field-dropped",
    level: field === "verify" ? "caution" : "info",
    resource: "FluxInstance flux",
    ...(at ? { at } : {}),
    what: `The patch on the generated source loses ${field}${typeof value === "string" ? ` (${value})` : ""}: ${what}.`,
    why: `An OCIRepository has no ${field} of a GitRepository's kind.`,
    next,
  };
}

export function includeCannotMove(at: DraftFinding["at"]): DraftFinding {
  return {
    rule: "oci-include",
    level: "blocker",
    resource: "FluxInstance flux",
    ...(at ? { at } : {}),
    what: "The source includes other repositories, and Flux would prune what comes from them once it reads an artifact.",
    why: "An OCIRepository has no include; the folders it adds would be missing from the artifact.",
    next: "Let FluxKustomizations read those repositories through GitRepositories of their own first, or let CI copy them in before it publishes.",
  };
}

export function ignoreNotMovable(at: DraftFinding["at"], artifactPath: string): DraftFinding {
  return {
    rule: "oci-ignore",
    level: "blocker",
    resource: "FluxInstance flux",
    ...(at ? { at } : {}),
    what: `These ignore rules would keep other files once the artifact begins at ${artifactPath}/.`,
    why: "Rules count from the root of the artifact; a file that they hide by mistake is pruned (trap 53).",
    next: "Write rules that name no folder above it, or publish the whole repository (leave --artifact-path out).",
  };
}

export function pathLeavesArtifact({ at, sync, artifactPath }: OciTarget): DraftFinding {
  return {
    rule: "oci-path-outside",
    level: "blocker",
    resource: "FluxInstance flux",
    at,
    what: `The root builds ${sync.path}, which an artifact of ${artifactPath} would not hold.`,
    why: "The root would find no folder to build and apply nothing any more.",
    next: "Publish a folder that holds it, or the whole repository (leave --artifact-path out).",
  };
}
