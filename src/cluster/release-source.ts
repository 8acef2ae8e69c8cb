import type { InstallStyle, KubeObject } from "../contract/objects.ts";
import { isFluxInstallFolder, isFluxManifestsUrl } from "../delivery/kinds.ts";
import { parseFluxVersion } from "../release/releases.ts";

/** What a FluxKustomization applies when its source is a release of Flux itself. */
export interface ReleaseSource {
  style: Extract<InstallStyle, "oci-manifests" | "remote-install">;
  /** The version as written, and the field of `spec.ref` that says it; absent when it floats. */
  version?: { text: string; field: "tag" | "name" };
}

/**
 * Whether a source and the path built from it are a Flux release: the flux-manifests artifact, or `manifests/install` of
 * flux2's own Git repository, which is the same set as the remote base (flux-facts 4.6, 4.7).
 */
export function readReleaseSource(source: KubeObject, path: unknown): ReleaseSource | undefined {
  const { url, ref } = source.data?.spec ?? {};
  if (source.kind === "OCIRepository" && isFluxManifestsUrl(url))
    return { style: "oci-manifests", ...pinned("tag", ref?.tag) };
  if (source.kind !== "GitRepository" || !isFluxInstallFolder(url, path)) return undefined;
  // source-controller takes `commit` before `name`, and `name` before all else.
  if (ref?.commit !== undefined) return { style: "remote-install" };
  return { style: "remote-install", ...(ref?.name === undefined ? pinned("tag", ref?.tag) : pinned("name", ref.name)) };
}

function pinned(field: "tag" | "name", value: unknown): Pick<ReleaseSource, "version"> {
  const text = typeof value === "string" ? value.replace(/^refs\/tags\//, "") : "";
  return parseFluxVersion(text) ? { version: { text, field } } : {};
}
