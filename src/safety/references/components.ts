import { repositoryPath } from "../../cluster/graph.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { itemsOf } from "../../contract/objects.ts";
import { join } from "../../delivery/paths.ts";
import type { Given } from "../given.ts";
import { printKey } from "../key.ts";
import { locateIn, type ReportInput } from "./report.ts";

/**
 * Components that a FluxKustomization names from now on and that are not there: `ignoreMissingComponents` hides that, and what
 * they brought is pruned. Without that field the build fails, which says it.
 */
export function reportMissingComponents(
  input: ReportInput,
  { before, after }: Given,
  artifactRoot: string,
): SaidFinding[] {
  return [...after.objects.values()].flatMap((held) => {
    const { flux, key, at } = held.object;
    const spec = flux?.data?.isLocal ? flux.data.spec : undefined;
    const dir = repositoryPath(spec, artifactRoot);
    if (!at || !spec?.ignoreMissingComponents || dir === undefined) return [];
    const known = new Set(itemsOf(before.objects.get(key)?.object.flux?.data?.spec?.components));
    return itemsOf(spec.components).flatMap((one, index): SaidFinding | [] => {
      if (typeof one !== "string" || one.includes("${") || known.has(one)) return [];
      const folder = join(dir, one);
      if (input.change.after.isDir(folder)) return [];
      return {
        rule: "reference-missing",
        level: "blocker",
        resource: printKey(key),
        at: locateIn(input, held, ["spec", "components", index]),
        what: `${printKey(key)} names the component ${one}, and there is no folder ${folder}: Flux leaves it out and prunes what it would bring.`,
        why: "ignoreMissingComponents is on, so Flux reports no error.",
        next: "Correct the path, or take the entry out.",
      };
    });
  });
}
