import type { YamlData } from "../../contract/objects.ts";
import { isFluxInstallUrl, isFluxPartUrl, isReleaseFile, refOfInstallUrl } from "../../delivery/kinds.ts";
import { type Delivery, deliverFlux } from "../../delivery/kustomize/index.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { installedBase } from "../../release/base.ts";
import { type BaseFacts, readBaseFacts } from "../../release/facts.ts";
import { componentsOf, EMBEDDED_FLUX, parseFluxVersion } from "../../release/releases.ts";

/** The base of one component, of the rights or of the network policies. */
const PART = /\/manifests\/(?:bases\/)?(rbac|policies|[a-z]+-(?:controller|watcher))(?![\w-])/;

/** These alone of an install; each names no namespace, and is given the one of the kustomization that lists it. */
function partOf(facts: BaseFacts | undefined, part: string): readonly YamlData[] | undefined {
  const ids = new Set(facts?.files[part]?.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  if (!facts || ids.size === 0) return undefined;
  // Rights and policies are in every install.
  const components = part === "rbac" || part === "policies" ? [] : [part];
  const all = installedBase(facts, "remote-install", components, "flux-system");
  return all.filter(({ id }) => ids.has(id)).map(({ data }) => data);
}

/**
 * What the install manifests of a Flux release hold, named as a remote base or a release file at an exact version
 * (flux-facts 4.6): every identity, controllers without image tags, CRDs without schemas.
 * @returns undefined for all other bases, for floating refs and for releases whose manifests are not known
 */
export function readInstallBase(entry: string): { objects: readonly YamlData[]; isPlaced: boolean } | undefined {
  const part = isFluxPartUrl(entry) ? PART.exec(entry) : null;
  if (!part && !(isFluxInstallUrl(entry) && (entry.includes("/manifests/install") || isReleaseFile(entry))))
    return undefined;
  const tag = refOfInstallUrl(entry);
  const version = tag === undefined ? undefined : parseFluxVersion(tag);
  if (!version || !EMBEDDED_FLUX.includes([version.major, version.minor, version.patch].join("."))) return undefined;
  const facts = readBaseFacts(version);
  const components = componentsOf("remote-install", version);
  const objects = part
    ? partOf(facts, part[1]!)
    : facts && installedBase(facts, "remote-install", components, "flux-system").map(({ data }) => data);
  // A release file is built already.
  return objects && { objects, isPlaced: !isReleaseFile(entry) };
}

/** Stands in every URL of an install base. */
const FLUX_REPOSITORY = "fluxcd/flux2";

/** As Flux builds a folder, with what is known of the install bases that it names. */
export function deliverWithBases(
  tree: Tree,
  spec: Parameters<typeof deliverFlux>[1],
  options: NonNullable<Parameters<typeof deliverFlux>[2]>,
): Delivery {
  // Trees without such a base share their builds with the model.
  const hasBase = remember(tree, "files that name flux2", FLUX_REPOSITORY, () => tree.grep(FLUX_REPOSITORY)).length > 0;
  const known = hasBase ? deliverFlux(tree, spec, { ...options, readsRemote: readInstallBase }) : undefined;
  // A patch of what the facts leave out, such as the image of a controller, may find nothing in them.
  return known?.ok ? known : deliverFlux(tree, spec, options);
}
