import { ownSources, readsOwn, sourceKey } from "./deliver.ts";
import {
  chartUrlsOf,
  identityOf,
  isCommunityChart,
  isFluxKustomization,
  isFluxManifestsSource,
  isSource,
  keyOf,
  normaliseUrl,
  REMOTE_INSTALL,
} from "./flux-objects.ts";
import { reach } from "./reach.ts";
import { type Data, isYamlPath, joinPath, type Snapshot } from "./snapshot.ts";

/** A root FluxKustomization that the gate found by itself, with its source. */
export interface RootSight {
  data: Data;
  file: string;
  line: number;
  source: Data;
  /** Folder of the repository that is the root of the source's artifact, `''` for Git. */
  prefix: string;
  /** Others on its source that run in the same cluster. */
  beside?: readonly { data: Data; file: string }[];
}

export type SeenStyle = "gotk" | "oci-manifests" | "remote-install" | "community-chart";

/** An old install that the gate found by itself, without the tool's model. */
export interface InstallSight {
  style: SeenStyle;
  file: string;
  line: number;
  /** `2.6.4`; absent when it floats. Chart versions are mapped by series: chart 2.(10+m).x installs Flux 2.m. */
  version?: string;
}

/**
 * Folder of the repository that is the root of a source's artifact: for Git the repository, else the folder above
 * `file` below which most paths of the source's readers exist.
 */
function prefixOf(tree: Snapshot, source: Data, readers: Data[], file: string): string {
  if (source.kind === "GitRepository") return "";
  const parts = file.split("/").slice(0, -1);
  const candidates = [...parts.map((_, index) => parts.slice(0, index).join("/")), parts.join("/")];
  const score = (prefix: string): number =>
    readers.filter((reader) => tree.isDir(joinPath(prefix, String(reader.spec.path)))).length;
  return candidates.reduce((best, candidate) => (score(candidate) > score(best) ? candidate : best));
}

/**
 * Roots: FluxKustomizations that apply the file they are written in, or that nothing in the tree applies and that stand
 * in one file with their source; a non-Git source must have further readers below its root, which a third party's
 * artifact has not. Errs towards finding too few: a root that only exists in a template is not seen.
 */
export function findRoots(tree: Snapshot): RootSight[] {
  const docs = tree.objects("toolkit.fluxcd.io");
  const sources = docs.filter((doc) => isSource(doc.data));
  const all = docs.filter((doc) => isFluxKustomization(doc.data) && typeof doc.data.spec?.path === "string");
  const reached = new Map<string, Set<string>>();
  const filesOf = (path: string): Set<string> => {
    const files = reached.get(path) ?? new Set(reach(tree, path));
    reached.set(path, files);
    return files;
  };
  const pathOf = (data: Data, prefix = ""): string => joinPath(prefix, String(data.spec.path));
  const roots: RootSight[] = [];
  const selfApplied = new Set<Data>();
  for (const doc of all) {
    const matching = sources.filter(({ data }) =>
      readsOwn(doc.data, ownSources([data], new Set([normaliseUrl(data.spec?.url)]))),
    );
    const [near] = [...matching].sort((a, b) => shared(b.file, doc.file) - shared(a.file, doc.file));
    if (!near || isFluxManifestsSource(near.data)) continue;
    const readers = all.map((other) => other.data).filter((data) => sourceKey(data) === sourceKey(doc.data));
    const prefix = prefixOf(tree, near.data, readers, doc.file);
    const own = filesOf(pathOf(doc.data, prefix)).has(doc.file);
    const lonely = (): boolean =>
      near.file === doc.file &&
      tree.isDir(pathOf(doc.data)) &&
      !all.some((other) => other !== doc && filesOf(pathOf(other.data)).has(doc.file));
    if (!own && !lonely()) continue;
    const children = all.filter((other) => other !== doc && filesOf(pathOf(doc.data, prefix)).has(other.file));
    if (near.data.kind !== "GitRepository" && !children.some((child) => sourceKey(child.data) === sourceKey(doc.data)))
      continue;
    roots.push({ data: doc.data, file: doc.file, line: doc.line, source: near.data, prefix });
    if (own) selfApplied.add(doc.data);
  }
  const reaches = (from: RootSight, to: RootSight): boolean => filesOf(pathOf(from.data, from.prefix)).has(to.file);
  return roots.filter((root) => {
    const rivals = roots.filter((other) => other !== root && selfApplied.has(other.data));
    if (selfApplied.has(root.data)) return !rivals.some((other) => reaches(other, root) && !reaches(root, other));
    // The same object for another folder is the root of another cluster; for the same folder it is a copy.
    return !rivals.some(
      (other) =>
        keyOf(identityOf(other.data)) === keyOf(identityOf(root.data)) &&
        pathOf(other.data, other.prefix) === pathOf(root.data, root.prefix),
    );
  });
}

/** Length of the common leading part of two paths, to prefer the source that lies next to its reader. */
function shared(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

/** Reads `v2.6.4`, `2.6.4@sha256:…`, `2.6.4` out of a tag. */
export function versionIn(text: unknown): string | undefined {
  return /^v?(\d+\.\d+\.\d+)(?:[-+@].*)?$/.exec(String(text ?? "").trim())?.[1];
}

function chartVersion(data: Data): string | undefined {
  const match = /^v?2\.(\d+)\./.exec(String(data.spec?.chart?.spec?.version ?? ""));
  const minor = match ? Number(match[1]) - 10 : -1;
  return minor >= 0 ? `2.${minor}.0` : undefined;
}

const GOTK_HEADER = /^# Flux [Vv]ersion: v?(\d+\.\d+\.\d+)/m;

/** Every trace of an old install in the tree, delivered or not. */
export function findInstalls(tree: Snapshot): InstallSight[] {
  const out: InstallSight[] = [];
  const docs = tree.objects("toolkit.fluxcd.io");
  const charts = chartUrlsOf(docs.map((doc) => doc.data));
  for (const { data, file, line } of docs) {
    if (isFluxManifestsSource(data)) {
      const version = versionIn(data.spec?.ref?.tag);
      out.push({ style: "oci-manifests", file, line, ...(version ? { version } : {}) });
    } else if (isCommunityChart(data, charts)) {
      const version = chartVersion(data);
      out.push({ style: "community-chart", file, line, ...(version ? { version } : {}) });
    }
  }
  for (const path of tree.paths.filter(isYamlPath)) {
    const text = tree.text(path);
    if (text.includes("fluxcd/flux2") && tree.yaml(path).docs.some((doc) => remoteBases(doc.data).length > 0)) {
      const base = tree.yaml(path).docs.flatMap((doc) => remoteBases(doc.data))[0] ?? "";
      const version = versionIn(/(?:ref=|download\/)(v?[\d.]+)/.exec(base)?.[1]);
      out.push({ style: "remote-install", file: path, line: 1, ...(version ? { version } : {}) });
    }
    if (GOTK_HEADER.test(text.slice(0, 2000)) && text.includes("kind: CustomResourceDefinition")) {
      const version = GOTK_HEADER.exec(text)?.[1];
      out.push({ style: "gotk", file: path, line: 1, ...(version ? { version } : {}) });
    }
  }
  return out;
}

/** Remote installs of Flux that a kustomization lists. */
export function remoteBases(data: Data): string[] {
  const list = [...(data?.resources ?? []), ...(data?.bases ?? [])];
  return list.filter((item: unknown) => typeof item === "string" && REMOTE_INSTALL.test(item));
}
