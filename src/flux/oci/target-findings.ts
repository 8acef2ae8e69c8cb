import type { DraftFinding } from "../../engine/transform.ts";
import type { Forge } from "../../engine/types.ts";
import type { Loc } from "../../errors.ts";
import type { Tree } from "../../workspace/tree.ts";
import { locateField } from "../locations.ts";
import { instanceOf } from "../state.ts";
import type { Cluster } from "../types.ts";

export function withoutSync(tree: Tree, cluster: Cluster): DraftFinding {
  const instance = instanceOf(cluster);
  return {
    rule: "oci-without-sync",
    level: "blocker",
    resource: "FluxInstance flux",
    at: instance ? instance.at : locateField(tree, cluster.root),
    what: "The FluxInstance syncs nothing, so there is no sync that could read an artifact.",
    why: "The source and the root of this cluster are manifests of their own (`--sync keep`).",
    next: "Give the instance a `sync` for this source and path first, merge that, and run fluxlift oci again.",
  };
}

export function syncIsNoGit(at: Loc): DraftFinding {
  return {
    rule: "oci-not-from-git",
    level: "blocker",
    resource: "FluxInstance flux",
    at,
    what: "The FluxInstance reads a Bucket, and fluxlift moves clusters from Git to OCI only.",
    why: "What fills the bucket is not in this repository, so nothing can be published in its place.",
    next: "Publish an artifact from wherever the bucket is filled, and change sync.kind, url and ref by hand.",
  };
}

export function syncIsNoBranch(at: Loc, ref: string): DraftFinding {
  return {
    rule: "oci-ref-no-branch",
    level: "blocker",
    resource: "FluxInstance flux",
    at,
    what: `The sync follows ${ref || "no ref"}, not a branch, so no push would ever publish what this cluster should run.`,
    why: "CI publishes an artifact for every push to a branch; Flux then follows one tag of it.",
    next: "Let sync.ref name a branch (refs/heads/NAME), merge that, and run fluxlift oci again.",
  };
}

export function unknownRegistry(
  at: Loc,
  forge: Forge | undefined,
  given: string | undefined,
  identity: string | undefined,
): DraftFinding {
  const place = identity ? ` for ${identity}` : "";
  return {
    rule: "oci-registry-unknown",
    level: "blocker",
    resource: "FluxInstance flux",
    at,
    what: given
      ? `--registry ${given} is no address of a registry.`
      : `Nothing says which registry the artifact${place} goes to.`,
    why: given
      ? "An address is a host with a path, such as oci://registry.example.com/fleet/manifests, or a host alone."
      : forge
        ? `A ${SAYS[forge]} repository${forge === "azure" || forge === "bitbucket" ? " comes with no registry of its own" : " on a private host does not tell where its registry answers"}.`
        : "Neither the remote nor a CI file tells the forge.",
    next: "Name it: --registry oci://HOST/PATH (and --forge, if the forge is not recognised).",
  };
}

const SAYS: Record<Forge, string> = {
  github: "GitHub",
  gitlab: "GitLab",
  azure: "Azure DevOps",
  forgejo: "Forgejo or Gitea",
  bitbucket: "Bitbucket",
};

export function gitSecretReused(at: Loc, secret: string): DraftFinding {
  return {
    rule: "oci-git-secret",
    level: "blocker",
    resource: `Secret ${secret}`,
    at,
    what: `source-controller could not pull the artifact with ${secret}: it holds credentials for Git.`,
    why: "An OCIRepository needs a Secret of type kubernetes.io/dockerconfigjson; the types cannot be mixed (trap 50).",
    next: "Choose another name with --pull-secret.",
  };
}
