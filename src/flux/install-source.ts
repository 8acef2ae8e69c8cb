import type { DraftFinding } from "../engine/transform.ts";
import type { Tree } from "../workspace/tree.ts";
import { describe, isSource } from "./kinds.ts";
import { locateField } from "./locations.ts";
import { readReleaseSource } from "./release-source.ts";
import type { Install, KubeObject } from "./types.ts";

const OFFICIAL =
  /^(?:oci:\/\/ghcr\.io\/fluxcd\/flux-manifests(?::|$)|(?:https:\/\/|ssh:\/\/git@)github\.com\/fluxcd\/flux2(?:\.git)?\/*$)/;

/** Fields of the old source that say how its artifact is fetched, and what the operator does in their place. */
const FIELDS: Readonly<Record<string, string>> = {
  verify: "Its signature is checked today; the operator checks none on the manifests it applies.",
  secretRef: "It logs in with a Secret; the operator does not use that one.",
  serviceAccountName: "It logs in through a ServiceAccount; the operator does not use that one.",
  certSecretRef: "It trusts a CA of your own; the operator does not know it.",
  proxySecretRef: "It goes through a proxy; the operator does not know it.",
  insecure: "It is fetched over plain HTTP; the operator uses HTTPS.",
  provider: "It logs in with the cloud's identity; the operator does not.",
  ignore: "It leaves files of the artifact out; the operator applies what the instance lists.",
};

/**
 * What the source of the old manifests did beyond fetching them, where it is an object of the cluster. The operator has another
 * artifact, with a registry and credentials of its own (`distribution.artifact` and `artifactPullSecret`; flux-semantics 1.2, 5.3).
 */
export function checkInstallSource(tree: Tree, install: Install): DraftFinding[] {
  return install.objects.filter(isReleaseSource).flatMap((source) => {
    const spec = source.data?.spec ?? {};
    const findings = Object.entries(FIELDS)
      .filter(([field]) => isSet(source.kind, field, spec[field]))
      .map(([field, what]) => report(tree, source, field, what));
    if (OFFICIAL.test(String(spec.url))) return findings;
    const what = `The manifests come from ${spec.url} today; the operator takes its own from ghcr.io/controlplaneio-fluxcd, or from its image.`;
    return [report(tree, source, "url", what), ...findings];
  });
}

/** Not the sync of `flux bootstrap`, nor the chart repository of a HelmRelease. */
function isReleaseSource(object: KubeObject): boolean {
  return isSource(object) && readReleaseSource(object, "manifests/install") !== undefined;
}

function isSet(kind: string, field: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return false;
  // Of the flux2 repository only the folder of the manifests is ever built; what it builds, nothing leaves out.
  if (field === "ignore" && kind === "GitRepository") return false;
  return !(field === "provider" && value === "generic");
}

function report(tree: Tree, source: KubeObject, field: string, what: string): DraftFinding {
  return {
    rule: "install-source-lost",
    level: "caution",
    resource: describe(source),
    at: locateField(tree, source, ["spec", field]),
    what,
    why: "The FluxInstance fetches another artifact (distribution.artifact, with artifactPullSecret), and controller images come from distribution.registry.",
    next: "If the cluster reaches only your own registry, mirror flux-operator-manifests, both charts and the images there, and name them in the values of flux-instance before you merge.",
  };
}
