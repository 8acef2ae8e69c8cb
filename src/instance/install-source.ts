import { readReleaseSource } from "../cluster/sources.ts";
import type { Install } from "../cluster/types.ts";
import { publicAddress } from "../contract/address.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { InstallSourceField } from "../contract/rule-facts.ts";
import { describe, isSource } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";

const OFFICIAL =
  /^(?:oci:\/\/ghcr\.io\/fluxcd\/flux-manifests(?::|$)|(?:https:\/\/|ssh:\/\/git@)github\.com\/fluxcd\/flux2(?:\.git)?\/*$)/;

/** Fields of the old source that say how its artifact is fetched. */
const FIELDS = [
  "verify",
  "secretRef",
  "serviceAccountName",
  "certSecretRef",
  "proxySecretRef",
  "insecure",
  "provider",
  "ignore",
] as const;

/**
 * What the source of the old manifests did beyond fetching them, where it is an object of the cluster. The operator has another
 * artifact, with a registry and credentials of its own (`distribution.artifact` and `artifactPullSecret`; flux-facts 1.2, 5.3).
 */
export function checkInstallSource(tree: Tree, install: Install, range: string): DraftFinding[] {
  return install.objects.filter(isReleaseSource).flatMap((source) => {
    const spec = source.data.spec ?? {};
    const elsewhere = OFFICIAL.test(String(spec.url))
      ? []
      : [report(tree, source, "url", publicAddress(String(spec.url)))];
    const fields = FIELDS.filter((field) => isSet(source.kind, field, spec[field]));
    return [...elsewhere, ...fields.map((field) => report(tree, source, field)), ...reportPin(tree, source, range)];
  });
}

/** A tag may be moved; a digest or commit says exactly this artifact, which no range does. */
function reportPin(tree: Tree, source: KubeObject, range: string): DraftFinding[] {
  const { ref } = source.data.spec ?? {};
  const inTag = /@(sha256:[0-9a-f]+)$/.exec(String(ref?.tag ?? ""))?.[1];
  const [field, pin] = inTag ? ["tag", inTag] : ref?.digest ? ["digest", ref.digest] : ["commit", ref?.commit];
  if (typeof pin !== "string" || pin === "") return [];
  const place = { resource: describe(source), at: locateField(tree, source, ["spec", "ref", field]) };
  return [{ rule: "install-pin-widened", level: "caution", ...place, facts: { pin, range } }];
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

function report(tree: Tree, source: KubeObject, field: InstallSourceField, url?: string): DraftFinding {
  const place = { resource: describe(source), at: locateField(tree, source, ["spec", field]) };
  return { rule: "install-source-lost", level: "caution", ...place, facts: { field, url } };
}
