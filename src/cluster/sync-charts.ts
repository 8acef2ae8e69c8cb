import { type Loc, lineOf } from "../contract/errors.ts";
import { groupBy } from "../contract/group-by.ts";
import { SYNC_SOURCE_KINDS } from "../delivery/kinds.ts";
import { join } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { kindPattern } from "../yaml/kind-pattern.ts";
import { isArchived, isAside } from "./automation-files.ts";
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

/** The folder of the chart that a file is a template of. */
export function chartOf(tree: Tree, file: string): string | undefined {
  const steps = file.split("/");
  const folders = steps.flatMap((step, index) => (step === "templates" ? [steps.slice(0, index).join("/")] : []));
  return folders.find((folder) => tree.has(join(folder, "Chart.yaml")));
}

const SOURCE = kindPattern(...SYNC_SOURCE_KINDS);
const ROOT = /^[ \t]*["']?apiVersion["']?:[ \t]*["']?kustomize\.toolkit\.fluxcd\.io\//m;

/** Files of charts of this repository that may make objects of Flux, each with the folder of its chart. */
export function listTemplates(tree: Tree): readonly { chart: string; file: string }[] {
  return remember(tree, "templates of Flux", "", () =>
    tree.grep("toolkit.fluxcd.io").flatMap((file) => {
      const chart = isArchived(file) ? undefined : chartOf(tree, file);
      return chart === undefined ? [] : [{ chart, file }];
    }),
  );
}

/** Charts of this repository with a source and a FluxKustomization among their templates, each with its first such file. */
export function findLocalSyncCharts(tree: Tree): { chart: string; at: Loc }[] {
  return [...groupBy(listTemplates(tree), ({ chart }) => chart)].flatMap(([chart, templates]) => {
    const texts = templates.map(({ file }) => tree.read(file) ?? "");
    const makesBoth = [SOURCE, ROOT].every((kind) => texts.some((text) => kind.test(text)));
    return makesBoth ? [{ chart, at: lineOf(templates[0]!.file) }] : [];
  });
}
