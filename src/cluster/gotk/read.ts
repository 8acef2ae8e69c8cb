import { isDeepStrictEqual } from "node:util";
import { lineOf } from "../../contract/errors.ts";
import type { BrokenInstall } from "../../contract/install-ways.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../../contract/objects.ts";
import { describe } from "../../delivery/kinds.ts";
import { findKustomization, reach } from "../../delivery/kustomize/index.ts";
import { dirname, join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { readBaseFacts } from "../../release/facts.ts";
import { EMBEDDED_FLUX, nearestFlux, parseFluxVersion } from "../../release/releases.ts";
import { buildFilesOf, repositoryPath } from "../graph.ts";
import { toKubeObject } from "../objects.ts";
import type { Install, LazyDocument } from "../types.ts";
import {
  CONTROLLERS,
  findControllerFiles,
  findGotkFiles,
  GOTK_NEEDLE,
  type GotkFiles,
  isController,
} from "./detect.ts";
import { readImage, readRegistry } from "./images.ts";
import { readOverlays } from "./overlays.ts";
import { isInstallDocument, matchRelease } from "./parts.ts";
import { reportTerraform } from "./terraform.ts";
import { readGotkVersion } from "./version.ts";
import { checkWhole } from "./whole.ts";

/**
 * Reads the gotk install that one of the FluxKustomizations of a cluster delivers: version, components as a set,
 * registry and every kustomize setting between the file and the cluster (flux-facts 4.1 to 4.3). Those behind it are whole
 * installs of other namespaces: what the first shares its namespace with is a part or a copy of it.
 */
export function readGotkInstalls(
  tree: Tree,
  local: readonly DeliveredFluxObject[],
  artifactRoot: string,
  root?: KubeObject,
): Install[] {
  const installs: Install[] = [];
  const open = new Set(tree.grep(GOTK_NEEDLE));
  for (const owner of local) {
    if (open.size === 0) break;
    const { resources } = buildFilesOf(tree, readableSpec(owner), artifactRoot);
    const files = findGotkFiles(tree, installs.length === 0 ? resources : resources.filter((file) => open.has(file)));
    if (!files || (installs.length > 0 && !files.isWhole)) continue;
    for (const file of files.files) open.delete(file);
    const top = repositoryPath(readableSpec(owner), artifactRoot) ?? "";
    const install = readInstall(tree, local, owner, files, resources, artifactRoot, top);
    if (installs.every(({ gotk }) => gotk?.namespace !== install.gotk?.namespace)) installs.push(install);
  }
  if (installs.length > 0) return installs;
  // Bootstrap applies the folder of the root by itself, also where the root's own kustomization leaves it out.
  const dir = root && local[0] ? dirname(root.file) : undefined;
  if (dir === undefined) return [];
  // It builds the folder's kustomization, so what that does not list is a base kept for others, or a leftover.
  const beside = findKustomization(tree, dir)
    ? reach(tree, dir).resources
    : tree.entries(dir).map((name) => join(dir, name));
  const files = findGotkFiles(tree, beside);
  return files ? [readInstall(tree, local, local[0]!, files, beside, artifactRoot, dir)] : [];
}

function readInstall(
  tree: Tree,
  local: readonly DeliveredFluxObject[],
  owner: DeliveredFluxObject,
  found: GotkFiles,
  delivered: readonly string[],
  artifactRoot: string,
  top: string,
): Install {
  const file = found.files[0]!;
  const at = lineOf(file);
  const { version, headerComponents, findings } = readGotkVersion(tree.read(file) ?? "", file, found.documents);
  const controllers = found.documents.filter(isController);
  const namedIn = (all: readonly LazyDocument[]) => CONTROLLERS.filter((one) => all.some(({ name }) => name === one));
  const components = namedIn(controllers);
  const namespace = namespaceOf(found.documents) ?? (owner.namespace || "flux-system");
  const parsed = parseFluxVersion(version?.value ?? "");
  const told = parsed ?? parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!;
  const facts = readBaseFacts(told);
  // Of a release that is not known, the nearest one tells what patches are for Flux.
  const shape = facts ? told : (nearestFlux(told) ?? parseFluxVersion(EMBEDDED_FLUX[0]!)!);
  const input = { version: shape, components, namespace };
  const { files, expected, suffix } = matchRelease(tree, found, delivered, input);
  const isOwn = (document: LazyDocument) => !facts || isInstallDocument(document, expected);
  const documents = files.documents.filter(isOwn);
  if (files.isWhole) findings.push(...checkWhole(files.documents, components, facts));
  else
    findings.push({
      rule: "gotk-broken",
      level: "blocker",
      at,
      facts: sayControllers(tree, owner, local, artifactRoot),
    });
  // A second file may have other controllers, and a header of its own.
  const installed = namedIn(controllers.filter((controller) => controller.file === file));
  if (headerComponents && !isDeepStrictEqual(new Set(headerComponents), new Set(installed))) {
    const facts = { header: headerComponents, found: installed };
    findings.push({ rule: "gotk-components-differ", level: "caution", at, facts });
  }
  const images = controllers.map(readImage).filter((image) => image !== undefined);
  const folders = local
    .filter((item) => item !== owner)
    .map((item) => repositoryPath(readableSpec(item), artifactRoot));
  const others = folders.filter((dir) => dir !== undefined);
  const overlay = readOverlays(tree, { owner, top, others, file, documents, expected, images, namespace });
  const registry = readRegistry(overlay.images);
  const rootPath = repositoryPath(readableSpec(local[0]), artifactRoot) ?? "";
  const terraform = reportTerraform(tree, rootPath, version?.value);
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
    gotk: {
      documents,
      foreign: files.documents.filter((document) => !isOwn(document)),
      namespace,
      suffix,
      images: overlay.images,
      commonMetadata: { labels: overlay.labels, annotations: overlay.annotations },
      syncPatches: overlay.syncPatches,
      findings: [...findings, ...overlay.findings, ...registry.findings, ...terraform],
    },
  };
}

/** Where the controllers are that an install of CRDs alone lacks. */
function sayControllers(
  tree: Tree,
  owner: DeliveredFluxObject,
  local: readonly DeliveredFluxObject[],
  artifactRoot: string,
): BrokenInstall {
  for (const other of local) {
    if (other === owner) continue;
    const { resources } = buildFilesOf(tree, readableSpec(other), artifactRoot);
    const [file] = findControllerFiles(tree, new Set(resources));
    if (file !== undefined) return { how: "apart", owner: describe(owner.object), other: describe(other.object), file };
  }
  return { how: "no-controller" };
}

function namespaceOf(documents: readonly LazyDocument[]): string | undefined {
  const controller = documents.find(isController);
  return controller?.namespace || documents.find(({ kind }) => kind === "Namespace")?.name;
}
