import type { Loc } from "../contract/errors.ts";
import { type DeliveredFluxObject, isFilled, readableSpec, type SourcePatch } from "../contract/objects.ts";
import { isFluxPartUrl, refOfInstallUrl } from "../delivery/kinds.ts";
import { stringList } from "../delivery/kustomize/data.ts";
import {
  type KustomizationFile,
  kustomizationOf,
  loadKustomization,
  type Reach,
  reach,
} from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { installedBase } from "../release/base.ts";
import { hasBaseFacts, readBaseFacts } from "../release/facts.ts";
import { patchItems } from "../release/normalise.ts";
import { EMBEDDED_FLUX, parseFluxVersion } from "../release/releases.ts";
import { reaches, selectObjects } from "../release/simulate.ts";
import type { PatchItem, SimObject } from "../release/types.ts";
import { CONTROLLERS } from "./gotk/detect.ts";
import { replicaPatches } from "./gotk/overlay-fields.ts";
import { addOwnerPatches, findChain, readOverlayPatches, readOwnerPatches, toSimObject } from "./gotk/overlays.ts";
import { readLazily, toKubeObject } from "./objects.ts";
import { kustomizationObject, readRemoteInstall } from "./remote-install.ts";
import type { Install } from "./types.ts";

/**
 * A kustomization on the flux2 remote base as an install. What it patches of its other objects alone is none of Flux;
 * what is patched on the way to the cluster is.
 * @param deliverer the FluxKustomization that builds it, and the folder that this one builds.
 */
export function readOwnRemoteInstall(
  tree: Tree,
  at: Loc,
  url: string,
  deliverer?: { owner: DeliveredFluxObject; top: string },
): Install | undefined {
  const install = readRemoteInstall(tree, at, url);
  const version = install?.version && parseFluxVersion(install.version.value);
  const facts = version && readBaseFacts(version);
  const loaded = loadKustomization(tree, at.file);
  if (!install || !loaded.ok) return install;
  const base = facts ? installedBase(facts, install.style, install.components, "flux-system") : remoteObjects([url]);
  const isUnseen = buildsUnseen(tree, loaded.file.dir);
  const others = readPatches(tree, loaded.file, base).filter(({ patch, touches }) => {
    return !touches.has("install") && (touches.has("other") || (isUnseen && !isForBase(patch, base)));
  });
  const isOthers = ({ form, path }: SourcePatch) =>
    others.some(({ patch }) => patch.form === form && patch.path.at(-1) === path.at(-1));
  const patches = install.patches.filter((patch) => !isOthers(patch));
  const { dir } = loaded.file;
  const isInside = ({ remotes }: Reach) => remotes.some((remote) => remote.at.file === at.file);
  const isOwn = ({ path }: KustomizationFile) => path === at.file;
  const reaching = (file: KustomizationFile) =>
    readPatches(tree, file, base).flatMap(({ patch, touches }) => (touches.has("install") ? patch : []));
  const top = deliverer?.top ?? dir;
  const added = stringList(readableSpec(deliverer?.owner)?.components);
  const found = findChain(tree, top, isInside, added);
  const chain = found.some(isOwn) ? found : [loaded.file, ...found];
  const applied = chain.flatMap((file) => [
    ...(isOwn(file) ? patches : reaching(file)),
    ...(file.dir === top ? [] : readReplicas(tree, file)),
  ]);
  const topmost = kustomizationOf(tree, top);
  if (deliverer) addOwnerPatches(applied, readOwnerPatches(tree, deliverer.owner, base), topmost);
  if (topmost) applied.push(...readReplicas(tree, topmost));
  const { missing, broken } = reach(tree, dir);
  const isKnown = !isUnseen && missing.length + broken.length === 0;
  const components = findChain(tree, dir, isInside).filter((file) => !isOwn(file));
  const above = chain.filter((file) => !isOwn(file)).map(kustomizationObject);
  return {
    ...install,
    around: [...above, ...(deliverer ? [deliverer.owner.object] : [])],
    readsComponents: isKnown && components.every(isHarmless),
    patches: applied,
  };
}

function readReplicas(tree: Tree, file: KustomizationFile): SourcePatch[] {
  const object = kustomizationObject(file);
  const locate = (path: readonly (string | number)[]) => locateField(tree, object, path);
  return replicaPatches({ file: file.path, doc: 0, data: file.data, locate }, CONTROLLERS);
}

/** What a component may set: what is none of Flux, what becomes patches, and what is judged of each kustomization around Flux. */
const HARMLESS =
  /^(?:apiVersion|kind|metadata|resources|components|(?:configMap|secret)Generator|generatorOptions|patches\w*|replicas|images|namespace)$/;

function isHarmless({ data }: KustomizationFile): boolean {
  return Object.entries(data).every(([field, value]) => HARMLESS.test(field) || !isFilled(value));
}

/** Whether a folder builds bases of other repositories than flux2, whose objects are in no file here. */
export function buildsUnseen(tree: Tree, dir: string): boolean {
  return reach(tree, dir).remotes.some(({ url }) => !isFluxPartUrl(url));
}

/** What bases of flux2 may build, in each of their forms; where a URL names no known release, as in the newest one. */
export function remoteObjects(urls: readonly string[]): SimObject[] {
  return urls.flatMap((url) => {
    const version = parseFluxVersion(refOfInstallUrl(url) ?? "");
    const chosen = version && hasBaseFacts(version) ? version : parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!;
    return ["", "-flux-system"].flatMap((suffix) => {
      return installedBase(readBaseFacts(chosen)!, "remote-install", CONTROLLERS, "flux-system", suffix);
    });
  });
}

/** Whether a patch is for objects of a base alone; kind and name say so where a kustomization has moved these. */
export function isForBase(patch: SourcePatch, base: readonly SimObject[]): boolean {
  const items = patchItems([patch]);
  return items.length > 0 && items.every((item) => reaches(item, base) || isNamedIn(item, base));
}

function isNamedIn(item: PatchItem, base: readonly SimObject[]): boolean {
  const { kind, name } = item.target ?? {};
  if (item.target) return kind !== undefined && name !== undefined && selectObjects(base, { kind, name }).length > 0;
  if (item.type === "json") return false;
  const { doc } = item;
  return base.some(({ data, names }) => data.kind === doc.kind && names.includes(doc.metadata.name));
}

function readPatches(tree: Tree, file: KustomizationFile, base: readonly SimObject[]) {
  const others = reach(tree, file.dir)
    .resources.flatMap((path) => readLazily(tree, path))
    .map((document) => ({ object: toSimObject(document.data() ?? toKubeObject(document).data), isSync: false }));
  return readOverlayPatches(tree, file, base, others);
}
