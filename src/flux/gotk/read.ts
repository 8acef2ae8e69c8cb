import type { DraftFinding } from "../../engine/transform.ts";
import { findKustomization, type KustomizationFile, reach } from "../../kustomize/index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { filesOf, repositoryPath } from "../graph.ts";
import { isFluxKustomization, isSyncSource } from "../kinds.ts";
import { locateField } from "../locations.ts";
import { readPatchList } from "../patch-list.ts";
import { installedBase } from "../patches/base.ts";
import { readBaseFacts } from "../patches/facts.ts";
import type { SimObject } from "../patches/types.ts";
import { dirname, join } from "../paths.ts";
import { EMBEDDED_FLUX, parseFluxVersion } from "../releases.ts";
import type { DeliveredFluxObject, Install, KubeObject, SourcePatch, YamlData } from "../types.ts";
import { findChain } from "./chain.ts";
import { CONTROLLERS, findGotkFiles, type GotkFiles, isController } from "./detect.ts";
import { type LazyDocument, readLazily, toKubeObject } from "./documents.ts";
import { type ImageReference, readImage, readRegistry } from "./images.ts";
import { type OverlaySource, readOverlayFields } from "./overlay-fields.ts";
import { kustomizationObject, readOverlayPatches, toSimObject, touchesInstall } from "./overlay-patches.ts";
import { reportTerraform } from "./terraform.ts";
import { readGotkVersion } from "./version.ts";
import { checkWhole } from "./whole.ts";

/** What a gotk install says beyond the fields all styles share. */
export interface GotkDetails {
  /** The documents of the install, hand-added ones left out. */
  documents: LazyDocument[];
  /** Documents somebody added to the file: they stay delivered. */
  foreign: LazyDocument[];
  /** Namespace of the controllers. */
  namespace: string;
  /** Images after `images` entries of kustomizations. */
  images: ImageReference[];
  commonMetadata: { labels: Record<string, string>; annotations: Record<string, string> };
  /** Patches that only shape the source and the root; they come along with those. */
  syncPatches: SourcePatch[];
  findings: DraftFinding[];
}

/**
 * Reads the gotk install that one of the FluxKustomizations of a cluster delivers: version, components as a set,
 * registry and every kustomize setting between the file and the cluster (flux-semantics 4.1 to 4.3).
 */
export function readGotkInstall(
  tree: Tree,
  local: readonly DeliveredFluxObject[],
  artifactRoot: string,
  root?: KubeObject,
): Install | undefined {
  for (const owner of local) {
    const files = findGotkFiles(tree, filesOf(tree, owner.effective?.spec, artifactRoot));
    const top = repositoryPath(owner.effective?.spec, artifactRoot) ?? "";
    if (files) return readInstall(tree, local, owner, files, artifactRoot, top);
  }
  // Bootstrap applies the folder of the root by itself, also where the root's own kustomization leaves it out.
  const dir = root && local[0] ? dirname(root.file) : undefined;
  if (dir === undefined) return undefined;
  // It builds the folder's kustomization, so what that does not list is a base kept for others, or a leftover.
  const beside = findKustomization(tree, dir)
    ? reach(tree, dir).resources
    : tree.entries(dir).map((name) => join(dir, name));
  const files = findGotkFiles(tree, beside);
  return files ? readInstall(tree, local, local[0]!, files, artifactRoot, dir) : undefined;
}

function readInstall(
  tree: Tree,
  local: readonly DeliveredFluxObject[],
  owner: DeliveredFluxObject,
  files: GotkFiles,
  artifactRoot: string,
  top: string,
): Install {
  const file = files.files[0]!;
  const { version, headerComponents, findings } = readGotkVersion(tree.read(file) ?? "", file, files.documents);
  const controllers = files.documents.filter(isController);
  const components = CONTROLLERS.filter((component) => controllers.some(({ name }) => name === component));
  const namespace = namespaceOf(files.documents) ?? (owner.namespace || "flux-system");
  const parsed = parseFluxVersion(version?.value ?? "");
  const facts = readBaseFacts(parsed ?? parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!);
  const expected = facts ? installedBase(facts, "gotk", components, namespace) : [];
  const isOwn = (document: LazyDocument) => isInstallDocument(document, expected);
  const documents = facts ? files.documents.filter(isOwn) : files.documents;
  const own = files.documents.filter((document) => !documents.includes(document));
  const at = { file, line: 1, col: 1 };
  if (files.isWhole) findings.push(...checkWhole(files.documents, components, facts));
  else findings.push(notWhole(file));
  if (headerComponents && !sameSet(headerComponents, components)) {
    findings.push(componentsDiffer(file, headerComponents, components));
  }
  const images = controllers.map(readImage).filter((image) => image !== undefined);
  const overlay = readOverlays(tree, owner, file, documents, expected, images, namespace, top);
  const registry = readRegistry(overlay.images);
  const rootPath = repositoryPath(local[0]?.effective?.spec, artifactRoot) ?? "";
  const terraform = reportTerraform(tree, rootPath, version?.value);
  const details: GotkDetails = {
    documents,
    foreign: own,
    namespace,
    images: overlay.images,
    commonMetadata: { labels: overlay.labels, annotations: overlay.annotations },
    syncPatches: overlay.syncPatches,
    findings: [...findings, ...overlay.findings, ...registry.findings, ...terraform],
  };
  return {
    style: "gotk",
    role: "continuous",
    at,
    objects: documents.map(toKubeObject),
    dir: dirname(file),
    ...(version ? { version } : {}),
    components,
    ...(registry.registry ? { registry: registry.registry } : {}),
    patches: overlay.patches,
    gotk: details,
  };
}

/** A Flux CRD, or an object whose kind and name are those of the release. */
function isInstallDocument({ kind, name }: LazyDocument, expected: readonly SimObject[]): boolean {
  if (kind === "CustomResourceDefinition") return /\.(toolkit|extensions)\.fluxcd\.io$/.test(name);
  return expected.some(({ data, names, id }) => !id.startsWith("sync/") && data.kind === kind && names.includes(name));
}

function namespaceOf(documents: readonly LazyDocument[]): string | undefined {
  const controller = documents.find(isController);
  return controller?.namespace || documents.find(({ kind }) => kind === "Namespace")?.name;
}

function readOverlays(
  tree: Tree,
  owner: DeliveredFluxObject,
  file: string,
  documents: readonly LazyDocument[],
  expected: readonly SimObject[],
  images: readonly ImageReference[],
  namespace: string,
  top: string,
) {
  const chain = findChain(tree, top, file);
  const kept = new Set(documents.map(({ file: path, doc }) => `${path}#${doc}`));
  const install = expected.filter(({ id }) => !id.startsWith("sync/"));
  const patches: SourcePatch[] = [];
  const syncPatches: SourcePatch[] = [];
  for (const kustomization of chain) {
    if (!hasPatches(kustomization)) continue;
    const others = reach(tree, kustomization.dir)
      .resources.flatMap((path) => readLazily(tree, path))
      .filter((document) => !kept.has(`${document.file}#${document.doc}`))
      .map((document) => ({
        object: toSimObject(document.data() ?? toKubeObject(document).data),
        isSync: isSync(document),
      }));
    for (const { patch, touches } of readOverlayPatches(tree, kustomization, install, others)) {
      if (touches.has("install")) patches.push(patch);
      else if (touches.has("sync")) syncPatches.push(patch);
    }
  }
  const object = { ...owner.object, data: owner.effective };
  patches.push(...readPatchList(tree, object, ["spec", "patches"]).filter((patch) => touchesInstall(patch, install)));
  const sources: OverlaySource[] = chain.map((kustomization) => {
    const object = kustomizationObject(kustomization);
    return { ...locator(tree, object), data: object.data, form: "kustomization" };
  });
  sources.push({ ...locator(tree, owner.object, ["spec"]), data: owner.effective?.spec ?? {}, form: "flux" });
  const fields = readOverlayFields(sources, images, namespace);
  return { ...fields, patches: [...patches, ...fields.patches], syncPatches };
}

function hasPatches({ data }: KustomizationFile): boolean {
  return ["patches", "patchesStrategicMerge", "patchesJson6902"].some((field) => data[field] !== undefined);
}

function locator(tree: Tree, object: KubeObject, prefix: readonly (string | number)[] = []) {
  const { file, doc } = object;
  return { file, doc, locate: (path: readonly (string | number)[]) => locateField(tree, object, [...prefix, ...path]) };
}

function isSync(document: Pick<LazyDocument, "apiVersion" | "kind">): boolean {
  return isFluxKustomization(document) || isSyncSource(document);
}

function sameSet(a: readonly YamlData[], b: readonly YamlData[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

function notWhole(file: string): DraftFinding {
  return {
    rule: "gotk-broken",
    level: "blocker",
    at: { file, line: 1, col: 1 },
    what: "This file holds CRDs of Flux but no controller: it is cut off, or Flux is installed in another way beside it.",
    why: "Version, components and settings of what runs cannot be read from it.",
    next: "Restore the file (flux install --export for the running version), commit, and run fluxlift again.",
  };
}

function componentsDiffer(file: string, header: readonly string[], found: readonly string[]): DraftFinding {
  return {
    rule: "gotk-components-differ",
    level: "caution",
    at: { file, line: 1, col: 1 },
    what: `The header lists ${header.join(", ")}, the file installs ${found.join(", ") || "none"}; the FluxInstance gets what the file installs.`,
    why: "Flux applies the objects, the header is a comment.",
    next: "Nothing to do if the file is right; a controller that is missing by accident has to be added to components.",
  };
}
