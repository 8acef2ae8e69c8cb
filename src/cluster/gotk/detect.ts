import type { Finding } from "../../contract/finding.ts";
import { listSome } from "../../contract/list-some.ts";
import { dirname } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { CORE_COMPONENTS, IMAGE_COMPONENTS, SOURCE_WATCHER } from "../../release/releases.ts";
import { kindPattern } from "../../yaml/kind-pattern.ts";
import { sayRename } from "../json-objects.ts";
import { readLazily } from "../objects.ts";
import type { Cluster, LazyDocument } from "../types.ts";

export const CONTROLLERS: readonly string[] = [...CORE_COMPONENTS, ...IMAGE_COMPONENTS, SOURCE_WATCHER];

/** Text every gotk-components file holds, whatever its name and age. */
export const GOTK_NEEDLE = "gitrepositories.source.toolkit.fluxcd.io";

/** Stands in the image of every Flux controller, wherever it comes from; found among the files that hold `flux`. */
const CONTROLLER_IMAGE = "fluxcd/";

const DEPLOYMENT = kindPattern("Deployment");

/** The documents of one or more files that together install Flux. */
export interface GotkFiles {
  /** The file with the CRD of GitRepository first. */
  files: string[];
  documents: LazyDocument[];
  /** Flux CRDs without any controller, or controllers without CRDs: cut off, or no install at all. */
  isWhole: boolean;
}

/**
 * Finds the files that install Flux by what they hold: CRDs of the toolkit and Deployments of its controllers. Names prove
 * nothing: some keep an OCIRepository in a file called gotk-components.yaml. CRDs and controllers may stand in two files.
 */
export function findGotkFiles(tree: Tree, delivered: readonly string[]): GotkFiles | undefined {
  const files = new Set(delivered);
  const withCrds = tree.grep(GOTK_NEEDLE).filter((file) => files.has(file) && hasFluxCrd(tree, file));
  if (withCrds.length === 0) return undefined;
  const namespacesIn = (file: string) => readControllers(tree, file).map(({ namespace }) => namespace);
  const own = new Set(withCrds.flatMap(namespacesIn));
  // Controllers of another namespace, without CRDs beside those of the install, are a second Flux.
  const isOwn = (file: string) =>
    own.size === 0 || own.has("") || namespacesIn(file).some((one) => !one || own.has(one));
  const withControllers = findControllerFiles(tree, files).filter((file) => !withCrds.includes(file) && isOwn(file));
  const all = [...withCrds, ...withControllers];
  const documents = all.flatMap((file) => readLazily(tree, file));
  return { files: all, documents, isWhole: documents.some(isController) };
}

/** Those of some files that hold a controller of Flux. */
export function findControllerFiles(tree: Tree, files: ReadonlySet<string>): string[] {
  return tree.grep(CONTROLLER_IMAGE).filter((file) => files.has(file) && readControllers(tree, file).length > 0);
}

function hasFluxCrd(tree: Tree, file: string): boolean {
  if (!/\.ya?ml$/.test(file)) return false;
  const text = tree.read(file);
  if (text === undefined || !text.includes("CustomResourceDefinition")) return false;
  return readLazily(tree, file).some((document) => isCrd(document) && document.name === GOTK_NEEDLE);
}

function readControllers(tree: Tree, file: string): LazyDocument[] {
  const text = /\.ya?ml$/.test(file) ? tree.read(file) : undefined;
  if (text === undefined || !DEPLOYMENT.test(text) || !text.includes(CONTROLLER_IMAGE)) return [];
  return readLazily(tree, file).filter(isController);
}

export function isCrd({ kind }: Pick<LazyDocument, "kind">): boolean {
  return kind === "CustomResourceDefinition";
}

/** A Deployment that carries the name of a Flux controller and runs an image of that name. */
export function isController(document: LazyDocument): boolean {
  if (document.kind !== "Deployment" || !CONTROLLERS.includes(document.name)) return false;
  return document.text.includes(`/${document.name}:`) || document.text.includes(`/${document.name}@`);
}

/**
 * Files that install Flux but that no FluxKustomization of any cluster delivers.
 * @param clusters all of the repository; without any the root may lie elsewhere, and deliver them
 * @param buildersOf kustomizations of other folders that build from a file
 */
export function reportUndelivered(
  tree: Tree,
  delivered: ReadonlySet<string>,
  clusters: readonly Pick<Cluster, "name" | "install" | "instances">[],
  buildersOf: (file: string) => readonly string[],
): Finding[] {
  const open = clusters.filter(({ install, instances }) => !install && instances.length === 0);
  const names = open.map(({ name }) => name);
  return tree
    .grep(GOTK_NEEDLE)
    .filter((file) => !delivered.has(file) && hasFluxCrd(tree, file) && readLazily(tree, file).some(isController))
    .map((file): Finding => {
      const json = findJsonRoot(tree, dirname(file));
      const at = { file, line: 1, col: 1 };
      if (json !== undefined) return { rule: "gotk-undelivered", level: "caution", at, ...sayUnread(file, json) };
      if (clusters.length === 0) return { rule: "gotk-undelivered", level: "info", at, ...sayRootless(file) };
      const builders = names.length === 0 ? buildersOf(file) : [];
      const isOld = builders.length > 0 && clusters.every(({ install }) => !install);
      const said = builders.length > 0 ? sayBuilt(file, builders) : sayIdle(file, names);
      return { rule: "gotk-undelivered", level: isOld ? "caution" : "info", at, ...said };
    });
}

/** A file of JSON in a folder that holds a FluxKustomization: kustomize lists it as it does YAML, and only that is read here. */
function findJsonRoot(tree: Tree, dir: string): string | undefined {
  const files = tree.grep("kustomize.toolkit.fluxcd.io").filter((file) => file.endsWith(".json"));
  return files.find((file) => dirname(file) === dir && /"kind"\s*:\s*"Kustomization"/.test(tree.read(file) ?? ""));
}

function sayUnread(file: string, json: string): Pick<Finding, "what" | "why" | "next"> {
  return {
    what: `${file} installs Flux, and ${json} beside it may be what delivers it: fluxlift reads YAML files.`,
    why: "A cluster whose root is in that file keeps its Flux by this one: deleting it lets Flux delete itself.",
    next: sayRename(json),
  };
}

function sayIdle(file: string, open: readonly string[]): Pick<Finding, "what" | "why" | "next"> {
  const what = `${file} installs Flux, but nothing delivers it; it is left as it is.`;
  if (open.length > 0)
    return {
      what,
      why: `Applied by hand it may be what runs in ${listSome(open, 5)}, of which no install is known.`,
      next: "Leave it until that is settled.",
    };
  return {
    what,
    why: "Applied by hand it would put an old Flux over what the operator manages.",
    next: "Delete it if nothing uses it.",
  };
}

function sayBuilt(file: string, builders: readonly string[]): Pick<Finding, "what" | "why" | "next"> {
  return {
    what: `${file} installs Flux, and nothing delivers it, but ${listSome(builders, 3)} ${builders.length > 1 ? "build" : "builds"} from it; it is left as it is.`,
    why: "Applied by hand, as where a cluster is made anew, it puts an old Flux over what the operator manages.",
    next: "Once every cluster is migrated, take it out of what builds from it, and delete it. Flux comes from flux-operator and flux-instance then, on an empty cluster too: the runbook has the commands.",
  };
}

function sayRootless(file: string): Pick<Finding, "what" | "why" | "next"> {
  return {
    what: `${file} installs Flux, and what delivers it is not in this repository.`,
    why: "A cluster may keep its Flux by this file: with a root that nobody committed, deleting it lets Flux delete itself.",
    next: "Leave it where it is until the root of every cluster that reads this repository is known.",
  };
}
