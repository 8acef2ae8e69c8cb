import { getOrMake, groupBy } from "../contract/group-by.ts";
import type { InstallStyle, KubeObject, YamlData } from "../contract/objects.ts";
import { once } from "../contract/once.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { isFluxInstallFolder, isFluxManifestsUrl } from "../delivery/kinds.ts";
import { dirname } from "../delivery/paths.ts";
import { parseFluxVersion } from "../release/releases.ts";

/** What a FluxKustomization's `sourceRef` names. */
export interface SourceRef {
  kind: string;
  name: string;
  namespace: string;
}

/** Reads `spec.sourceRef`; undefined when it is missing or not literal. */
export function sourceRefOf(spec: FluxObjectSpec | undefined, ownNamespace: string): SourceRef | undefined {
  const ref = spec?.sourceRef;
  if (typeof ref?.kind !== "string" || typeof ref.name !== "string") return undefined;
  return {
    kind: ref.kind,
    name: ref.name,
    namespace: typeof ref.namespace === "string" ? ref.namespace : ownNamespace,
  };
}

/** Namespaces left out of a document are filled by kustomizations we may not see, so an empty one matches any. */
function sameNamespace(a: string, b: string): boolean {
  return a === "" || b === "" || a === b;
}

/**
 * The source document a reference means. Several clusters in one repository often reuse one name, so the nearest
 * file wins: `kubernetes/edge/flux/apps.yaml` means the source in `kubernetes/edge/flux/config`.
 * @param sources a list that does not grow any more
 */
export function resolveSource(ref: SourceRef, near: string, sources: readonly KubeObject[]): KubeObject | undefined {
  return indexSources(sources)(ref, near);
}

/**
 * The same where one that reaches the cluster counts before all others of its name, wherever these lie.
 * @param own those that reach it, asked for once something is looked up
 */
export function makeResolve(
  own: () => readonly KubeObject[],
  sources: readonly KubeObject[],
): (ref: SourceRef, near: string) => KubeObject | undefined {
  const listOwn = once(own);
  return (ref, near) => resolveSource(ref, near, listOwn()) ?? resolveSource(ref, near, sources);
}

/** The object whose folder shares most with that of a file; of equals one in that very file, then the one least deep below. */
export function closestTo(file: string, objects: readonly KubeObject[]): KubeObject | undefined {
  const { inFile, below } = getOrMake(places, objects, () => indexPlaces(objects));
  let dir = dirname(file);
  const own = inFile.get(file) ?? (dir === "" ? inFile.get("") : undefined);
  while (!own && dir !== "" && !below.has(dir)) dir = dirname(dir);
  return own ?? below.get(dir);
}

interface Places {
  /** The first of each file; under `""` that of all files at the top. */
  inFile: ReadonlyMap<string, KubeObject>;
  /** The one least deep below each folder. */
  below: ReadonlyMap<string, KubeObject>;
}

/** By the list: a repository of thousands of clusters has as many sources of one name, and asks for each of them. */
const places = new WeakMap<readonly KubeObject[], Places>();

function indexPlaces(objects: readonly KubeObject[]): Places {
  const inFile = new Map<string, KubeObject>();
  const below = new Map<string, KubeObject>();
  const depths = new Map<string, number>();
  for (const object of objects) {
    const depth = dirname(object.file).split("/").length;
    let dir = dirname(object.file);
    for (const key of dir === "" ? [object.file, ""] : [object.file]) if (!inFile.has(key)) inFile.set(key, object);
    for (let isTop = false; !isTop; dir = dirname(dir)) {
      if (depth < (depths.get(dir) ?? Infinity)) {
        below.set(dir, object);
        depths.set(dir, depth);
      }
      isTop = dir === "";
    }
  }
  return { inFile, below };
}

/** `resolveSource` for many references to the same sources. */
export function indexSources(sources: readonly KubeObject[]): (ref: SourceRef, near: string) => KubeObject | undefined {
  return ({ kind, name, namespace }, near) => {
    const named = namedIn(sources, kind, name);
    const byNamespace = getOrMake(inNamespaces, named, () => new Map<string, readonly KubeObject[]>());
    const fits = (source: KubeObject) => sameNamespace(source.namespace, namespace);
    return closestTo(
      near,
      getOrMake(byNamespace, namespace, () => named.filter(fits)),
    );
  };
}

/**
 * Of several sources that a reference may mean, the one that the build of its root brings: two clusters each with such a one
 * in a folder beside that of their root are equally near to both.
 */
export function sourceAmong(
  files: ReadonlySet<string>,
  { kind, name, namespace }: SourceRef,
  sources: readonly KubeObject[],
): KubeObject | undefined {
  const named = namedIn(sources, kind, name);
  const byFile = getOrMake(byFiles, named, () => groupBy(named, ({ file }) => file));
  const among = [...(files.size < byFile.size ? files : byFile.keys())].filter((file) => files.has(file));
  const fits = (source: KubeObject) => sameNamespace(source.namespace, namespace);
  return among.flatMap((file) => byFile.get(file) ?? []).find(fits);
}

/** By the list. */
const byFiles = new WeakMap<readonly KubeObject[], ReadonlyMap<string, readonly KubeObject[]>>();

/** The same of those that a release of Flux may come from. */
export function indexReleaseSources(objects: readonly KubeObject[]): ReturnType<typeof indexSources> {
  return getOrMake(releases, objects, () =>
    indexSources(objects.filter(({ kind }) => kind === "OCIRepository" || kind === "GitRepository")),
  );
}

/** By the list: each cluster of a repository asks. */
const releases = new WeakMap<readonly KubeObject[], ReturnType<typeof indexSources>>();

const inNamespaces = new WeakMap<readonly KubeObject[], Map<string, readonly KubeObject[]>>();

/** By the list, which is asked again and again. */
const indexes = new WeakMap<readonly KubeObject[], ReadonlyMap<string, readonly KubeObject[]>>();

/** The objects of a kind and name, of a list that does not grow any more. */
export function namedIn(objects: readonly KubeObject[], kind: string, name: string): readonly KubeObject[] {
  const byName = getOrMake(indexes, objects, () => groupBy(objects, (one) => `${one.kind}/${one.name}`));
  return byName.get(`${kind}/${name}`) ?? [];
}

/**
 * What of its repository a source reads: `branch main`, `tag v1`. Spellings of one and the same thing are equal; in the order
 * of precedence of source-controller (flux-facts 4.4, 6.1).
 */
export function printRef(kind: string, ref: YamlData): string {
  if (kind === "Bucket") return "";
  const isOci = kind === "OCIRepository";
  if (!isOci && !ref?.commit && ref?.name) {
    return String(ref.name)
      .replace(/^refs\/heads\//, "branch ")
      .replace(/^refs\/tags\//, "tag ");
  }
  const fields = isOci ? ["digest", "semver", "tag"] : ["commit", "tag", "semver", "branch"];
  const field = fields.find((one) => ref?.[one]) ?? "";
  return field ? `${field} ${ref[field]}` : isOci ? "tag latest" : "branch master";
}

/** Whether a source could hold this repository: anything but a release of Flux. */
export function isRepositorySource(source: KubeObject): boolean {
  return readReleaseSource(source, "manifests/install") === undefined;
}

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
  const { url, ref } = source.data.spec ?? {};
  if (source.kind === "OCIRepository" && isFluxManifestsUrl(url) && !isOwnArtifact(source))
    return { style: "oci-manifests", ...pinned("tag", ref?.tag) };
  if (source.kind !== "GitRepository" || !isFluxInstallFolder(url, path)) return undefined;
  // source-controller takes `commit` before `name`, and `name` before all else.
  if (ref?.commit !== undefined) return { style: "remote-install" };
  return { style: "remote-install", ...(ref?.name === undefined ? pinned("tag", ref?.tag) : pinned("name", ref.name)) };
}

/**
 * An artifact of the owner's that has the name by chance, as GitLab's agent makes one for each cluster: it is called as
 * bootstrap calls a cluster's source, follows no release, and lies in no mirror of the fluxcd organisation.
 */
function isOwnArtifact({ name, namespace, data }: KubeObject): boolean {
  const { url, ref } = data.spec ?? {};
  const follows = ref?.semver !== undefined || ref?.digest !== undefined || parseFluxVersion(String(ref?.tag ?? ""));
  return !follows && name === namespace && !/\/fluxcd\/flux-manifests/.test(String(url));
}

function pinned(field: "tag" | "name", value: unknown): Pick<ReleaseSource, "version"> {
  const text = typeof value === "string" ? value.replace(/^refs\/tags\//, "") : "";
  return parseFluxVersion(text) ? { version: { text, field } } : {};
}
