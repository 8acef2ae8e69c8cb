import { groupBy } from "../contract/group-by.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import { dirname, sharedSegments } from "../delivery/paths.ts";
import { readReleaseSource } from "./release-source.ts";

/** What a FluxKustomization's `sourceRef` names. */
export interface SourceRef {
  kind: string;
  name: string;
  namespace: string;
}

/** Reads `spec.sourceRef`; undefined when it is missing or not literal. */
export function sourceRefOf(spec: YamlData, ownNamespace: string): SourceRef | undefined {
  const ref = spec?.sourceRef;
  if (typeof ref?.kind !== "string" || typeof ref?.name !== "string") return undefined;
  return {
    kind: ref.kind,
    name: ref.name,
    namespace: typeof ref.namespace === "string" ? ref.namespace : ownNamespace,
  };
}

/** Namespaces left out of a document are filled by kustomizations we may not see, so an empty one matches any. */
export function sameNamespace(a: string, b: string): boolean {
  return a === "" || b === "" || a === b;
}

/**
 * The source document a reference means. Several clusters in one repository often reuse one name, so the nearest
 * file wins: `kubernetes/edge/flux/apps.yaml` means the source in `kubernetes/edge/flux/config`.
 */
export function resolveSource(ref: SourceRef, near: string, sources: readonly KubeObject[]): KubeObject | undefined {
  const matches = sources.filter(
    (source) => source.kind === ref.kind && source.name === ref.name && sameNamespace(source.namespace, ref.namespace),
  );
  return matches.sort(
    (a, b) => sharedSegments(dirname(b.file), dirname(near)) - sharedSegments(dirname(a.file), dirname(near)),
  )[0];
}

/** `resolveSource` for many references to the same sources. */
export function indexSources(sources: readonly KubeObject[]): (ref: SourceRef, near: string) => KubeObject | undefined {
  const byName = groupBy(sources, ({ kind, name }) => `${kind}/${name}`);
  return (ref, near) => resolveSource(ref, near, byName.get(`${ref.kind}/${ref.name}`) ?? []);
}

/** `https://github.com/o/r.git`, `ssh://git@github.com:22/o/r` and `git@github.com:o/r` all become `github.com/o/r`. */
export function repositoryIdentity(url: string): string {
  return url
    .trim()
    .toLowerCase()
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^@/]+@/, "")
    .replace(/^([^/:]+):(\d+\/)?/, "$1/")
    .replace(/\.git$/, "")
    .replace(/\/+$/, "");
}

/** Whether a source could hold this repository: anything but a release of Flux. */
export function isRepositorySource(source: KubeObject): boolean {
  return readReleaseSource(source, "manifests/install") === undefined;
}
