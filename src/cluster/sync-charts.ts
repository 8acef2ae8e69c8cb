import { type Loc, lineOf } from "../contract/errors.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isAside } from "./automation-files.ts";
import { codeLines } from "./readable-text.ts";

export const SYNC_CHART = /fluxcd-community(\.github\.io)?\/(\S*\/)?flux2-sync\b/;
export const SYNC_FIELD = /^\s*(?:-\s+)?"?(?:chart|chart_ref)"?\s*[:=]\s*["']?flux2-sync["']?\s*,?\s*$/;

/** What has Helm make a source and a FluxKustomization that are in no file: a block of Terraform, a helmfile, a script. */
export function findSyncCharts(tree: Tree): readonly Loc[] {
  return remember(tree, "sync charts", "", () =>
    tree.grep("flux2").flatMap((file) => {
      if (isAside(file)) return [];
      const line = codeLines(tree, file).findIndex((each) => SYNC_FIELD.test(each) || SYNC_CHART.test(each));
      return line < 0 ? [] : [lineOf(file, line + 1)];
    }),
  );
}
