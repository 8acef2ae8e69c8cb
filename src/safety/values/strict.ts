import { isOff, isOn } from "../../admission/switches.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { atLeast, type FluxVersion } from "../../release/releases.ts";

const GATE = "StrictPostBuildSubstitutions";

/**
 * Whether a variable that nothing sets fails the build (flux-facts 2.9): from Flux 2.9, unless the gate says otherwise.
 * @param flags of kustomize-controller, where they are known; else any file that names the gate counts
 */
export function isStrict(
  tree: Tree,
  version: FluxVersion | undefined,
  flags: ReadonlyMap<string, string> | undefined = undefined,
): boolean {
  const gate = flags ? flags.get(`--feature-gates ${GATE}`) : readGate(tree);
  if (isOn(gate)) return true;
  return version !== undefined && atLeast(version, "2.9") && !isOff(gate);
}

/** The value of the gate in the files of a tree; off where they differ, as several clusters may. */
function readGate(tree: Tree): string | undefined {
  return remember(tree, "strict substitution", "", () => {
    const texts = tree.grep(`${GATE}=`).map((file) => tree.read(file) ?? "");
    const values = texts.flatMap((text) =>
      [...text.matchAll(/StrictPostBuildSubstitutions=(\w*)/g)].map(([, value]) => value!),
    );
    return values.find(isOff) ?? values[0];
  });
}
