import { keyOfObject, type ObjectKey } from "../../admission/key.ts";
import type { ArtifactView } from "../../change/artifact-views.ts";
import type { Side } from "../../change/change.ts";
import type { FilledArtifacts } from "../../change/filled-artifacts.ts";
import type { Given } from "../../change/given.ts";
import type { ReadContext } from "../../change/read-object.ts";
import { printIncludes, type SourceTable, sourceOf } from "../../change/source-facts.ts";
import type { OpenPoint } from "../../change/types.ts";
import { listAlterations } from "../../cluster/alterations.ts";
import { aliasOf, listGenerators, mayMake, printRecipe, readParts } from "../../cluster/artifact-copies.ts";
import { repositoryPath } from "../../cluster/graph.ts";
import { isYamlPath, readObjects } from "../../cluster/objects.ts";
import { readable } from "../../contract/answer.ts";
import { cutEnd } from "../../contract/cut.ts";
import { lineOf } from "../../contract/errors.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import { andMore } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { operand, sh } from "../../contract/shell.ts";
import type { FluxObjectSpec } from "../../contract/specs.ts";
import { listChartFiles } from "../../delivery/chart/facts.ts";
import { isFluxKustomization, isResourceSet } from "../../delivery/kinds.ts";
import { isKustomizationFile } from "../../delivery/kustomize/index.ts";
import { locateField } from "../../delivery/locations.ts";
import { basename, isWithin, join, LONGEST_PATH } from "../../delivery/paths.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import { indexPaths } from "../../files/path-index.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { fieldSource, kindPattern } from "../../yaml/kind-pattern.ts";
import { findPrograms } from "../fate/terraform-objects.ts";
import { listChartFolders } from "../sources/local-releases.ts";
import { changesOnlyVersions } from "./hide-version.ts";
import { findOtherArtifacts } from "./other-artifacts.ts";
import { findUnapplied, type UnappliedInput } from "./unapplied.ts";

interface UnseenInput extends UnappliedInput {
  given: Given;
  /** Whether all that a ResourceSet makes today is known, and followed. */
  isFollowed: (set: ObjectKey) => boolean;
  /** Artifacts beside that of the root which are filled from here. */
  filled: FilledArtifacts;
  /** Charts of this repository are rendered. */
  isRendered: boolean;
  /** Sources as each tree makes them. */
  tables: Record<Side, SourceTable>;
  /** How each tree reads objects. */
  reads: Record<Side, ReadContext>;
  /** Both trees as a source, `Kind/name`, passes them on. */
  viewOf: (source: string) => ArtifactView;
}

/**
 * Readers of this repository that the graph does not show, as far as the change may make them delete something: what an
 * ArtifactGenerator or a ResourceSet makes, and FluxKustomizations that nothing here applies but somebody may have.
 */
export function findUnseen(input: UnseenInput): OpenPoint[] {
  if (input.changed.size === 0) return [];
  return [
    ...findArtifacts(input),
    ...findIncluders(input),
    ...findGenerated(input),
    ...findCharted(input),
    ...findPrograms(input),
    ...findUnapplied(input),
    ...findOtherArtifacts(input),
    ...findLinkedIgnores(input),
  ];
}

/** A `.sourceignore` that is a link: source-controller opens it, and so follows it (fluxcd/pkg sourceignore, ReadIgnoreFile). */
function findLinkedIgnores({ cluster, before, after, changed }: UnseenInput): OpenPoint[] {
  const ref = cluster.root.data.spec?.sourceRef;
  const isLink = (file: string) => [before, after].some((tree) => tree.status(file) === "symlink");
  const links = [...changed].filter((file) => basename(file) === ".sourceignore" && isLink(file));
  return links.map((file) => ({
    resource: `${ref?.kind} ${ref?.name}`,
    what: `leaves out what the link ${file} leads to, which is followed and cannot be read here`,
    look: "write the patterns into a file of that name",
    at: lineOf(file),
    decides: true,
  }));
}

/** What reads an ExternalArtifact, where the change alters how it is made or takes objects out of what it is made from. */
function findArtifacts(input: UnseenInput): OpenPoint[] {
  const { cluster, before, after, changed, added, read, reads, isDelivered, viewOf } = input;
  const isKnown = (spec: FluxObjectSpec, side: Side) =>
    spec.sourceRef?.kind !== "ExternalArtifact" || reads[side].copyOf?.(spec) !== undefined;
  const then = once(() => groupBy(added.filter(isFluxKustomization), ({ name }) => name));
  const bySource = new Map<string, Record<"loses" | "alters", (path: string) => boolean>>();
  const changesOf = (source: string) =>
    getOrMake(bySource, source, () => {
      const view = viewOf(source);
      // What the source comes to leave out is gone like a file.
      const left = view.differs ? before.paths.filter((path) => view.before.has(path) && !view.after.has(path)) : [];
      return {
        loses: findLosers(view.before, view.after, new Set([...changed, ...left])),
        alters: findLosers(view.before, view.after, changed, alters),
      };
    });
  return cluster.kustomizations.flatMap(({ object, namespace, effective }) => {
    const spec = readable(effective).spec;
    const ref = spec?.sourceRef;
    if (!spec || ref?.kind !== "ExternalArtifact") return [];
    if (isKnown(spec, "before") && isKnown(then().get(object.name)?.[0]?.data.spec ?? spec, "after")) return [];
    const [old, now] = [before, after].map((tree) => listGenerators(tree, String(ref.name), isDelivered)[0]);
    // Where none seemed to make it, nothing was applied, if that is sure.
    const by = old ?? (now && mayMake(before) ? now : undefined);
    if (!by) return [];
    const prints = [old, now].map((one) => one && printRecipe(one, String(ref.name)));
    const [patchedOld, patchedNow] = [before, after].map((tree) => listAlterations(tree, by.kind).join("\n"));
    const isOther = prints[0] !== prints[1] || patchedOld !== patchedNow;
    const folders = listCopied(by.data.spec, String(ref.name), read.sources);
    const has = (way: "loses" | "alters") =>
      folders.some(({ source, folder }) => changesOf(source)[way](join(cluster.artifactRoot, folder)));
    const isLost = isOther || has("loses");
    if (!isLost && !has("alters")) return [];
    const edit = `this change ${isLost ? "takes objects out of" : "alters"} what it copies`;
    const what = isOther ? `ArtifactGenerator ${by.name} changes` : edit;
    const sees = isLost ? "Flux prunes what is no longer in it, which" : "what Flux makes of that";
    return {
      resource: `Kustomization ${namespace}/${object.name}`,
      what: `reads ExternalArtifact ${ref.name}, and ${what}: ${sees} cannot be seen here`,
      look: `compare what the ArtifactGenerator copies on both sides with ${sh`flux tree kustomization ${operand(object.name)} -n ${namespace}`.line}`,
      at: locateField(before, object),
    };
  });
}

/** What reads another source that includes folders of this repository, where that changes or they lose something. */
function findIncluders({ cluster, before, after, changed, read, tables }: UnseenInput): OpenPoint[] {
  const loser = findLosers(before, after, changed);
  return cluster.kustomizations.flatMap(({ object, namespace, effective }) => {
    const spec = readable(effective).spec;
    const source = sourceOf(spec);
    if (read.sources.has(source) || (spec && read.copyOf?.(spec))) return [];
    const path = repositoryPath(spec, "") ?? "";
    const all = [...(tables.before.get(source)?.includes ?? []), ...(tables.after.get(source)?.includes ?? [])];
    const own = all.filter(
      ({ name, to }) => read.sources.has(`GitRepository/${name}`) && (isWithin(path, to) || isWithin(to, path)),
    );
    const isOther = printIncludes(tables.before, source) !== printIncludes(tables.after, source);
    const lost = own.some(({ from }) => loser(join(cluster.artifactRoot, from)));
    if (own.length === 0 || !(isOther || lost)) return [];
    const what = isOther
      ? "what that includes changes"
      : "this change takes objects out of what that includes from here";
    return {
      resource: `Kustomization ${namespace}/${object.name}`,
      what: `reads ${source.replace("/", " ")}, and ${what}: what Flux prunes then cannot be seen here`,
      look: `compare the folders that ${source.replace("/", " ")} includes with ${sh`flux tree kustomization ${operand(object.name)} -n ${namespace}`.line}`,
      at: locateField(before, object),
    };
  });
}

/** Folders of this repository that an ArtifactGenerator copies into an artifact, and the source, `Kind/name`, it has them from. */
function listCopied(spec: YamlData, name: string, sources: ReadonlySet<string>): { source: string; folder: string }[] {
  const parts = readParts(spec);
  return list(parts.artifacts.get(name)?.[0]?.copy).flatMap(({ from }) => {
    const alias = aliasOf(from);
    if (!String(from).includes("/")) return [];
    const folder = beforePattern(String(from).slice(alias.length + 1));
    const named = (parts.sources.get(alias) ?? []).map((one) => `${one.kind}/${one.name}`);
    return named.filter((source) => sources.has(source)).map((source) => ({ source, folder }));
  });
}

const MOST_VARIABLES = 2;

/** In block or flow style; what stands behind it on the line is no part of it. */
const KUSTOMIZATION = kindPattern("Kustomization");
const PATH_FIELD = new RegExp(String.raw`${fieldSource("path")}([^\n"',}]+(?:\}\}[^\n"',}]*)*)`, "g");

/** Folders that a ResourceSet makes FluxKustomizations read. */
function findGenerated({ model, cluster, before, after, changed, read, isFollowed }: UnseenInput): OpenPoint[] {
  const sets = model.objects.filter((object) => isResourceSet(object) && cluster.manifests.has(object.file));
  return sets.flatMap((set) => {
    const { name, namespace, data } = set;
    if (isFollowed(keyOfObject({ ...set, namespace: namespace || cluster.namespace }))) return [];
    const paths = listPaths(data.spec, read.sources).map((path) => toPattern(path));
    const touched = [...changed].filter(
      (file) => !cluster.files.has(file) && paths.some((path) => path.test(file)) && loses(before, after, file),
    );
    if (touched.length === 0) return [];
    return {
      resource: `ResourceSet ${namespace || cluster.namespace}/${name}`,
      what: `makes Kustomizations that may read ${touched[0]}${andMore(touched.length - 1)}: what they prune cannot be seen here`,
      look: `look at the Kustomizations that ${sh`flux-operator tree rset ${name} -n ${namespace || cluster.namespace}`.line} shows`,
      at: locateField(before, set),
    };
  });
}

/**
 * FluxKustomizations and sources that a chart in this repository makes no more, and folders that it makes FluxKustomizations
 * read, where nothing renders it.
 */
function findCharted({ cluster, before, after, changed, isRendered }: UnseenInput): OpenPoint[] {
  if (isRendered) return [];
  return listChartFolders({ before, after }).flatMap((folder) => {
    const lost = [...changed].find(
      (file) =>
        isWithin(file, `${folder}/templates`) && MADE.test(before.read(file) ?? "") && loses(before, after, file),
    );
    if (lost !== undefined) {
      return {
        resource: `Chart ${folder}`,
        what: `no longer makes all Flux objects of ${lost}: Helm deletes what is missing, and a FluxKustomization goes with all that it delivered`,
        look: "look at the objects of its release (helm get manifest)",
        at: lineOf(after.has(lost) ? lost : `${folder}/Chart.yaml`),
      };
    }
    const texts = listChartFiles(before, folder).map(({ path }) => before.read(path) ?? "");
    const makers = texts.filter((text) => KUSTOMIZATION.test(text) && text.includes("kustomize.toolkit"));
    const paths = makers.flatMap((text) => [...text.matchAll(PATH_FIELD)].map(([, path]) => path!.trim()));
    const patterns = paths.map((path) => toPattern(path, /\{\{(?:(?!\{\{|\}\}).)*\}\}/));
    const touched = [...changed].find(
      (file) => !cluster.files.has(file) && patterns.some((one) => one.test(file)) && loses(before, after, file),
    );
    if (touched === undefined) return [];
    return {
      resource: `Chart ${folder}`,
      what: `makes Kustomizations that may read ${touched}: what they prune cannot be seen here`,
      look: "give verify a helm to render it with (--helm PATH)",
      at: lineOf(`${folder}/Chart.yaml`),
    };
  });
}

const MADE = new RegExp(String.raw`${fieldSource("apiVersion")}(?:kustomize|source)\.toolkit\.fluxcd\.io\/`);

function listPaths(spec: YamlData, sources: ReadonlySet<string>): string[] {
  const own = new Set([...sources].map((source) => source.slice(source.indexOf("/") + 1)));
  const steps: YamlData[] = [spec, ...list(spec?.steps)];
  const direct = steps
    .flatMap((step) => list(step?.resources))
    .filter((one) => one?.kind === "Kustomization" && isOwnName(one?.spec?.sourceRef?.name, own))
    .map((one) => String(one?.spec?.path ?? ""));
  const template = steps.map((step) => String(step?.resourcesTemplate ?? "")).join("\n");
  const inText = template.includes("Kustomization") ? [...template.matchAll(PATH_FIELD)] : [];
  return [...direct, ...inText.map(([, path]) => path!.trim())];
}

function isOwnName(name: unknown, own: ReadonlySet<string>): boolean {
  return typeof name !== "string" || name.includes("<<") || own.has(name);
}

/** A path with what a ResourceSet fills in, such as `./tenants/<< inputs.name >>`. */
function toPattern(path: string, variable = /<<(?:(?!<<|>>).)*>>/): RegExp {
  // No file lies there, but what is filled in may be shorter than what stands for it. An alias may be any.
  if (path.length > LONGEST_PATH || path.startsWith("*")) return /^/;
  const plain = cutEnd(path.replace(/^[./]+/, ""), "/");
  const segments = plain.split("/").map((segment) => {
    const parts = segment.split(variable);
    // More variables in one name could stand for anything, and take long to tell.
    return parts.length > MOST_VARIABLES + 1 ? "[^/]*" : parts.map(escapeRegExp).join("[^/]*");
  });
  return new RegExp(`^${segments.join("/")}${plain === "" ? "" : "/"}`);
}

/** Tells whether what a change takes objects out of is a path or lies below it; looked for when it is first asked. */
function findLosers(before: Tree, after: Tree, changed: ReadonlySet<string>, isOne = loses): (path: string) => boolean {
  const losers = once(() => indexPaths([...changed].filter((file) => isOne(before, after, file))));
  return (path) => losers().has(path) || (losers().isDir(path) && losers().paths.length > 0);
}

/** Whether a file may yield fewer objects than before. */
function loses(before: Tree, after: Tree, file: string): boolean {
  if (!before.has(file)) return isKustomizationFile(file);
  if (!after.has(file) || isKustomizationFile(file)) return true;
  if (!isYamlPath(file)) return false;
  const identities = (tree: Tree) =>
    readObjects(tree, file).objects.map((one) => JSON.stringify([one.apiVersion, one.kind, one.namespace, one.name]));
  const now = new Set(identities(after));
  return identities(before).some((one) => !now.has(one));
}

/** Whether what a manifest says becomes another than by its versions. */
function alters(before: Tree, after: Tree, file: string): boolean {
  return isYamlPath(file) && before.has(file) && after.has(file) && !changesOnlyVersions(before, after, file);
}

/** The folder above the first part of a path that is a pattern. */
function beforePattern(path: string): string {
  const at = path.search(/[*?[{]/);
  return at < 0 ? path : cutEnd(path.slice(0, path.slice(0, at).lastIndexOf("/") + 1), "/");
}

/** The maps of a list; what else somebody wrote into it names nothing. */
function list(value: YamlData): YamlData[] {
  return itemsOf(value).filter(isMap);
}
