import { isDeepStrictEqual } from "node:util";
import { readable } from "../contract/answer.ts";
import type { Loc } from "../contract/errors.ts";
import type { YamlData } from "../contract/objects.ts";
import { probeDelivered } from "../delivery/flux-build.ts";
import { findKustomization, reach } from "../delivery/kustomize/index.ts";
import { basename, dirname, isWithin, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { builderOf, repositoryPath } from "./graph.ts";
import type { Cluster } from "./types.ts";

/** Where an owner can write down the install that runs. */
export interface InstallPlace {
  file: string;
  /** What the root lists comes out with another namespace, name or labels: a FluxKustomization of its own has to apply the folder. */
  isApart: boolean;
}

const FILE = "gotk-components.yaml";
const NAME = "source-controller";

/** A controller as `flux install --export` writes it, as far as kustomizations change such things. */
const CONTROLLER = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: NAME, namespace: "flux-system", labels: { "app.kubernetes.io/part-of": "flux" } },
  spec: {
    selector: { matchLabels: { app: NAME } },
    template: { metadata: { labels: { app: NAME } }, spec: { containers: [{ name: "manager", image: NAME }] } },
  },
};

/**
 * Beside the manifest of the root, else in the folder that it builds; undefined where that folder is not known. A second Flux
 * would come from a place whose kustomization moves what it lists, and one with labels on selectors stops Flux.
 */
export function placeInstall(tree: Tree, { root, kustomizations, artifactRoot }: Cluster): InstallPlace | undefined {
  const folder = repositoryPath(root.data.spec, artifactRoot);
  const [top] = kustomizations;
  if (folder === undefined || !top) return undefined;
  const beside = dirname(root.file);
  const first = isWithin(beside, folder) && takesIn(tree, folder, beside) ? beside : folder;
  const { by } = builderOf(top, artifactRoot);
  const isChangedBelow = first !== folder && changes(tree, { ...by, spec: undefined }, first);
  if (changes(tree, by, folder)) return { file: join(folder, "flux-install", FILE), isApart: true };
  return { file: join(isChangedBelow ? folder : first, FILE), isApart: false };
}

/** Whether the build of a folder brings what is added to another one below it: by a kustomization there, or as it has none. */
function takesIn(tree: Tree, folder: string, below: string): boolean {
  if (below === folder || reach(tree, folder).kustomizations.includes(below)) return true;
  for (let dir = below; dir !== "" && isWithin(dir, folder); dir = dirname(dir)) {
    if (findKustomization(tree, dir) !== undefined) return false;
  }
  return folder !== "" || findKustomization(tree, "") === undefined;
}

const AFTER_FLUX = /flux|gotk/i;

/** Bases of other repositories in the builds of a cluster that are called after Flux; else those listed in a folder that is. */
export function findFluxBases(tree: Tree, { local, artifactRoot }: Cluster): { at: Loc; url: string }[] {
  const folders = new Set(local.map((item) => builderOf(item, artifactRoot).dir));
  const bases = [...folders].flatMap((dir) => reach(tree, dir).remotes);
  const named = bases.filter(({ url }) => AFTER_FLUX.test(url));
  return named.length > 0 ? named : bases.filter(({ at }) => AFTER_FLUX.test(basename(dirname(at.file))));
}

function changes(tree: Tree, by: Parameters<typeof probeDelivered>[1], dir: string): boolean {
  const answer = probeDelivered(tree, by, dir, {
    file: join(dir, FILE),
    data: structuredClone(CONTROLLER) as YamlData,
  });
  const now = readable(answer);
  // A folder that cannot be built is another finding's.
  return now !== undefined && !isDeepStrictEqual(essence(now.body), essence(CONTROLLER));
}

function essence({ metadata, spec }: NonNullable<YamlData>): unknown {
  return [metadata.name, metadata.namespace, spec.selector];
}
