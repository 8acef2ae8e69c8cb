import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { atLeast, type FluxVersion } from "../../release/releases.ts";

/** Whether a variable that nothing sets fails the build (flux-facts 2.8): from Flux 2.9, unless the gate is switched off. */
export function isStrict(tree: Tree, version: FluxVersion | undefined): boolean {
  if (!version || !atLeast(version, "2.9")) return false;
  return !remember(
    tree,
    "strict substitution off",
    "",
    () => tree.grep("StrictPostBuildSubstitutions=false").length > 0,
  );
}
