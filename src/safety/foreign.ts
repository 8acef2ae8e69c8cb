import { readReleaseSource, resolveSource } from "../cluster/sources.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { normalizePath } from "../delivery/paths.ts";
import { CORE_COMPONENTS, componentsOf, parseFluxVersion } from "../release/releases.ts";
import type { Side } from "./change.ts";
import { listPatches } from "./content-patches.ts";
import { type Identity, readInstallSet } from "./operator-set.ts";
import { readFluxSpec } from "./read-object.ts";
import type { SnapshotContext } from "./snapshot-context.ts";
import type { Build, BuildUnknown } from "./types.ts";

/** The declared source that a reference means, the nearest to the root. */
export function resolveNear(
  kind: string | undefined,
  name: string | undefined,
  { cluster }: Pick<SnapshotContext, "cluster">,
  objects: readonly KubeObject[],
): KubeObject | undefined {
  return resolveSource({ kind: String(kind), name: String(name), namespace: "" }, cluster.root.file, objects);
}

/** Another repository or cluster: only the Flux release artifact is known (flux-facts 4.7). */
export function buildForeign(spec: FluxObjectSpec | undefined, side: Side, context: SnapshotContext): Build {
  const { cluster, objects, read } = context;
  const { kind, name } = spec?.sourceRef ?? {};
  const near = resolveNear(kind, name, context, objects[side]);
  if (!near && resolveNear(kind, name, context, objects[side === "before" ? "after" : "before"])) {
    return { ok: false, reason: `its source ${kind} ${name} is not there` };
  }
  const release = near && readReleaseSource(near, spec?.path);
  if (!release) {
    const patches = listPatches(spec ?? {}, () => undefined);
    // Whether it prunes decides nothing about what it holds: a change of that alone takes nothing away (flux-facts 2.4 item 6).
    const { prune: _, force: __, deletionPolicy: ___, ...built } = spec ?? {};
    const reads = readFluxSpec({ ...built, patches: patches.length > 0 ? patches : undefined }, "", read).id;
    return { ok: true, objects: new Map(), unknown: [{ what: `what ${kind} ${name} holds`, reads }] };
  }
  const tag = parseFluxVersion(release.version?.text ?? "") ?? read.version;
  const components = tag ? componentsOf(release.style, tag) : (cluster.install?.components ?? CORE_COMPONENTS);
  if (release.style === "oci-manifests" && normalizePath(String(spec?.path ?? "")) !== "")
    return { ok: false, reason: `${spec?.path} is no folder of the flux-manifests artifact, which has none` };
  const set = readInstallSet(release.style, tag, components, cluster.namespace, spec?.patches, renameBy(spec));
  return set.ok ? { ...set, unknown: unknownOf(spec) } : set;
}

/** What a FluxKustomization adds from elsewhere. */
function unknownOf(spec: FluxObjectSpec | undefined): BuildUnknown[] {
  const components = spec?.components ?? [];
  return components.length > 0 ? [{ what: "what its components make of it", reads: JSON.stringify(components) }] : [];
}

/** Kinds whose name kustomize leaves alone, whatever `namePrefix` says. */
const UNNAMED = ["CustomResourceDefinition", "Namespace", "APIService"];

/** The names and the namespace that the spec gives objects. */
function renameBy(spec: FluxObjectSpec | undefined): (identity: Identity) => Identity {
  const { namePrefix = "", nameSuffix = "", targetNamespace = "" } = spec ?? {};
  return ({ kind, name, namespace }) => {
    const named = UNNAMED.includes(kind) ? name : `${namePrefix}${name}${nameSuffix}`;
    return {
      kind,
      name: kind === "Namespace" && targetNamespace !== "" ? targetNamespace : named,
      namespace: namespace === "" ? "" : targetNamespace || namespace,
    };
  };
}

/** Whether the change brings the source of another repository, without which nothing could be built before. */
export function bringsSource(spec: FluxObjectSpec | undefined, context: SnapshotContext): boolean {
  const { kind, name } = spec?.sourceRef ?? {};
  const isThere = (side: Side) => resolveNear(kind, name, context, context.objects[side]) !== undefined;
  return !isThere("before") && isThere("after");
}
