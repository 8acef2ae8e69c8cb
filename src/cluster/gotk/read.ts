import { readable } from "../../contract/answer.ts";
import { lineOf } from "../../contract/errors.ts";
import type { FactFinding } from "../../contract/finding.ts";
import {
  type DeliveredFluxObject,
  type KubeObject,
  readableSpec,
  type SourcePatch,
  type YamlData,
} from "../../contract/objects.ts";
import { isFluxKustomization, isSyncSource } from "../../delivery/kinds.ts";
import { findKustomization, type KustomizationFile, reach } from "../../delivery/kustomize/index.ts";
import { locateField } from "../../delivery/locations.ts";
import { readPatchList } from "../../delivery/patch-list.ts";
import { dirname, join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { installedBase } from "../../release/base.ts";
import { readBaseFacts } from "../../release/facts.ts";
import { EMBEDDED_FLUX, parseFluxVersion } from "../../release/releases.ts";
import type { SimObject } from "../../release/types.ts";
import { filesOf, repositoryPath } from "../graph.ts";
import { readLazily, toKubeObject } from "../objects.ts";
import type { GotkDetails, ImageReference, Install, LazyDocument } from "../types.ts";
import { findChain } from "./chain.ts";
import { CONTROLLERS, findGotkFiles, type GotkFiles, isController } from "./detect.ts";
import { readImage, readRegistry } from "./images.ts";
import { type OverlaySource, readOverlayFields } from "./overlay-fields.ts";
import { kustomizationObject, readOverlayPatches, toSimObject, touchesInstall } from "./overlay-patches.ts";
import { reportTerraform } from "./terraform.ts";
import { readGotkVersion } from "./version.ts";
import { checkWhole } from "./whole.ts";

/**
 * Reads the gotk install that one of the FluxKustomizations of a cluster delivers: version, components as a set,
 * registry and every kustomize setting between the file and the cluster (flux-facts 4.1 to 4.3).
 */
export function readGotkInstall(
  tree: Tree,
  local: readonly DeliveredFluxObject[],
  artifactRoot: string,
  root?: KubeObject,
): Install | undefined {
  for (const owner of local) {
    const files = findGotkFiles(tree, filesOf(tree, readableSpec(owner), artifactRoot));
    const top = repositoryPath(readableSpec(owner), artifactRoot) ?? "";
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
  const rootPath = repositoryPath(readableSpec(local[0]), artifactRoot) ?? "";
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
  const object = { ...owner.object, data: readable(owner.effective) };
  patches.push(...readPatchList(tree, object, ["spec", "patches"]).filter((patch) => touchesInstall(patch, install)));
  const sources: OverlaySource[] = chain.map((kustomization) => {
    const object = kustomizationObject(kustomization);
    return { ...locator(tree, object), data: object.data, form: "kustomization" };
  });
  sources.push({ ...locator(tree, owner.object, ["spec"]), data: readableSpec(owner) ?? {}, form: "flux" });
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

function notWhole(file: string): FactFinding {
  return { rule: "gotk-broken", level: "blocker", at: lineOf(file), facts: { how: "no-controller" } };
}

function componentsDiffer(file: string, header: readonly string[], found: readonly string[]): FactFinding {
  return { rule: "gotk-components-differ", level: "caution", at: lineOf(file), facts: { header, found } };
}
