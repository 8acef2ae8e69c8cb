import type { YamlData } from "../../contract/objects.ts";
import { isFluxInstallUrl, isReleaseFile, refOfInstallUrl } from "../../delivery/kinds.ts";
import { installedBase } from "../../release/base.ts";
import { readBaseFacts } from "../../release/facts.ts";
import { componentsOf, EMBEDDED_FLUX, parseFluxVersion } from "../../release/releases.ts";

/**
 * What the install manifests of a Flux release hold, named as a remote base or a release file at an exact version
 * (flux-facts 4.6): every identity, controllers without image tags, CRDs without schemas.
 * @returns undefined for all other bases, for floating refs and for releases whose manifests are not known
 */
export function readInstallBase(entry: string): readonly YamlData[] | undefined {
  if (!isFluxInstallUrl(entry) || !(entry.includes("/manifests/install") || isReleaseFile(entry))) return undefined;
  const tag = refOfInstallUrl(entry);
  const version = tag === undefined ? undefined : parseFluxVersion(tag);
  if (!version || !EMBEDDED_FLUX.includes([version.major, version.minor, version.patch].join("."))) return undefined;
  const facts = readBaseFacts(version);
  const components = componentsOf("remote-install", version);
  return facts && installedBase(facts, "remote-install", components, "flux-system").map(({ data }) => data);
}
