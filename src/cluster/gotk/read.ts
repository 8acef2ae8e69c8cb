import { isDeepStrictEqual } from "node:util";
import { type Loc, lineOf } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import type { BrokenInstall } from "../../contract/install-ways.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../../contract/objects.ts";
import { describe } from "../../delivery/kinds.ts";
import { findKustomization, type KustomizationFile, reach } from "../../delivery/kustomize/index.ts";
import { dirname, join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { readBaseFacts } from "../../release/facts.ts";
import { EMBEDDED_FLUX, nearestFlux, parseFluxVersion } from "../../release/releases.ts";
import { buildFilesOf, repositoryPath } from "../graph.ts";
import { toKubeObject } from "../objects.ts";
import type { Install, LazyDocument } from "../types.ts";
import { findOwnCopies, reportCopies } from "./copies.ts";
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
    const all = findGotkFiles(tree, installs.length === 0 ? resources : resources.filter((file) => open.has(file)));
    if (!all || (installs.length > 0 && !all.isWhole)) continue;
    for (const file of all.files) open.delete(file);
    const top = repositoryPath(readableSpec(owner), artifactRoot) ?? "";
    const { copies, files: apart } = findOwnCopies(tree, top, all);
    const delivered = apart.size > 0 ? resources.filter((file) => !apart.has(file)) : resources;
    const files = (apart.size > 0 && findGotkFiles(tree, delivered)) || all;
    const install = readInstall(tree, local, { files, owner, delivered, top, copies }, artifactRoot);
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
  return files
    ? [readInstall(tree, local, { files, owner: local[0]!, delivered: beside, top: dir, copies: [] }, artifactRoot)]
    : [];
}

/** Where an install was found. */
interface Found {
  files: GotkFiles;
  /** The FluxKustomization that delivers it, and the files that it applies. */
  owner: DeliveredFluxObject;
  delivered: readonly string[];
  /** The folder that the owner builds. */
  top: string;
  /** What builds controllers of its own there, under other names. */
  copies: readonly KustomizationFile[];
}

function readInstall(
  tree: Tree,
  local: readonly DeliveredFluxObject[],
  { files: found, owner, delivered, top, copies }: Found,
  artifactRoot: string,
): Install {
  const file = found.files[0]!;
  const at = lineOf(file);
  const { version, headerComponents, findings } = readGotkVersion(tree.read(file) ?? "", file, found.documents);
  const controllers = found.documents.filter(isController);
  const components = namesOf(controllers);
  const namespace = namespaceOf(found.documents) ?? (owner.namespace || "flux-system");
  const { shape, facts } = releaseOf(version?.value);
  const { files, expected, suffix } = matchRelease(tree, found, delivered, { version: shape, components, namespace });
  const isOwn = (document: LazyDocument) => !facts || isInstallDocument(document, expected);
  const documents = files.documents.filter(isOwn);
  const images = controllers.map(readImage).filter((image) => image !== undefined);
  const others = local
    .filter((item) => item !== owner)
    .map((item) => repositoryPath(readableSpec(item), artifactRoot))
    .filter((dir) => dir !== undefined);
  const overlay = readOverlays(tree, { owner, top, others, file, documents, expected, images, namespace });
  const registry = readRegistry(overlay.images);
  const sayBroken = (): DraftFinding => {
    const facts = sayControllers(tree, owner, local, artifactRoot);
    return { rule: "gotk-broken", level: "blocker", at, facts };
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
    gotk: {
      documents,
      foreign: files.documents.filter((document) => !isOwn(document)),
      namespace,
      suffix,
      images: overlay.images,
      commonMetadata: { labels: overlay.labels, annotations: overlay.annotations },
      syncPatches: overlay.syncPatches,
      findings: [
        ...findings,
        ...(files.isWhole ? checkWhole(files.documents, components, facts) : [sayBroken()]),
        // A second file may have other controllers, and a header of its own.
        ...checkHeader(at, headerComponents, namesOf(controllers.filter((controller) => controller.file === file))),
        ...overlay.findings,
        ...reportCopies(tree, copies, true),
        ...registry.findings,
      ],
    },
  };
}

/** Names of the controllers of Flux among some documents, in Flux's order. */
function namesOf(documents: readonly LazyDocument[]) {
  return CONTROLLERS.filter((one) => documents.some(({ name }) => name === one));
}

/**
 * What is known of a release. `shape` is the release whose manifests tell what is of Flux: the nearest one where nothing
 * is known of this one, and the newest where no version is written.
 */
function releaseOf(version: string | undefined) {
  const told = parseFluxVersion(version ?? "") ?? parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!;
  const facts = readBaseFacts(told);
  return { facts, shape: facts ? told : (nearestFlux(told) ?? parseFluxVersion(EMBEDDED_FLUX[0]!)!) };
}

function checkHeader(at: Loc, header: readonly string[] | undefined, found: readonly string[]): DraftFinding[] {
  if (!header || isDeepStrictEqual(new Set(header), new Set(found))) return [];
  return [{ rule: "gotk-components-differ", level: "caution", at, facts: { header: [...header], found: [...found] } }];
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
