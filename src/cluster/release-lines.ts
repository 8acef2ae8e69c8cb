import { type Loc, lineOf } from "../contract/errors.ts";
import { isFluxInstallUrl } from "../delivery/kinds.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isAside } from "./automation-files.ts";
import { codeLines } from "./readable-text.ts";

/**
 * Where a script, a playbook or the settings of a machine name the manifests of a release of Flux, which Flux itself does not
 * apply then. The first line of each file; jobs on a forge are left out, most of them install Flux in a cluster for a test.
 */
export function findReleaseLines(tree: Tree): readonly Loc[] {
  return remember(tree, "release lines", "", () =>
    tree.grep("fluxcd/flux2").flatMap((file) => {
      if ([isAside, isKustomizationFile, isJob].some((test) => test(file))) return [];
      const line = codeLines(tree, file).findIndex(isFluxInstallUrl);
      return line < 0 ? [] : [lineOf(file, line + 1)];
    }),
  );
}

const isJob = (file: string) => /^\.(?:github|gitea|forgejo|gitlab)/.test(file);
