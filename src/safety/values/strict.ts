import { isOff, isOn } from "../../admission/switches.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { atLeast, type FluxVersion } from "../../release/releases.ts";

const GATE = "StrictPostBuildSubstitutions";

/**
 * Whether a variable that nothing sets fails the build (flux-facts 2.9): from Flux 2.9, unless the gate says otherwise.
 * @param files of the cluster: on, the gate counts in no other, such as a page that names it or another cluster
 * @param flags of kustomize-controller, where they are known; else the files that name the gate count
 */
export function isStrict(
  tree: Tree,
  version: FluxVersion | undefined,
  files: ReadonlySet<string>,
  flags: ReadonlyMap<string, string> | undefined = undefined,
): boolean {
  const gate = flags ? flags.get(`--feature-gates ${GATE}`) : readGate(tree, files);
  if (isOn(gate)) return true;
  return version !== undefined && atLeast(version, "2.9") && !isOff(gate);
}

/** The value of the gate; off where any file says so, as several clusters may differ. */
function readGate(tree: Tree, files: ReadonlySet<string>): string | undefined {
  const said = remember(tree, "strict substitution", "", () =>
    tree.grep(`${GATE}=`).flatMap((file) => {
      const found = (tree.read(file) ?? "").matchAll(/^[^#\n]*StrictPostBuildSubstitutions=(\w*)/gm);
      return [...found].map(([, value]) => ({ file, value: value! }));
    }),
  );
  return (said.find(({ value }) => isOff(value)) ?? said.find(({ file }) => files.has(file)))?.value;
}
