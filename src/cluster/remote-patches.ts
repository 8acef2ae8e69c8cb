import type { Loc } from "../contract/errors.ts";
import type { DeliveredFluxObject, SourcePatch } from "../contract/objects.ts";
import { type KustomizationFile, loadKustomization, type Reach, reach } from "../delivery/kustomize/index.ts";
import type { Tree } from "../files/tree.ts";
import { installedBase } from "../release/base.ts";
import { readBaseFacts } from "../release/facts.ts";
import { parseFluxVersion } from "../release/releases.ts";
import type { SimObject } from "../release/types.ts";
import { findChain, readOverlayPatches, readOwnerPatches, toSimObject } from "./gotk/overlays.ts";
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
  if (!install || !facts || !loaded.ok) return install;
  const base = installedBase(facts, install.style, install.components, "flux-system");
  const others = readPatches(tree, loaded.file, base).filter(
    ({ touches }) => touches.has("other") && !touches.has("install"),
  );
  const isOthers = ({ form, path }: SourcePatch) =>
    others.some(({ patch }) => patch.form === form && patch.path.at(-1) === path.at(-1));
  const patches = install.patches.filter((patch) => !isOthers(patch));
  if (!deliverer) return { ...install, patches };
  const isInside = ({ remotes }: Reach) => remotes.some((remote) => remote.at.file === at.file);
  const above = findChain(tree, deliverer.top, isInside).filter(({ path }) => path !== at.file);
  const outer = above.flatMap((file) => readPatches(tree, file, base)).filter(({ touches }) => touches.has("install"));
  const outermost = readOwnerPatches(tree, deliverer.owner, base);
  const around = [...above.map(kustomizationObject), deliverer.owner.object];
  return { ...install, around, patches: [...patches, ...outer.map(({ patch }) => patch), ...outermost] };
}

function readPatches(tree: Tree, file: KustomizationFile, base: readonly SimObject[]) {
  const others = reach(tree, file.dir)
    .resources.flatMap((path) => readLazily(tree, path))
    .map((document) => ({ object: toSimObject(document.data() ?? toKubeObject(document).data), isSync: false }));
  return readOverlayPatches(tree, file, base, others);
}
