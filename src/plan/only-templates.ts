import { lineOf } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";

/** Where all that there is of Flux are templates. */
export function onlyTemplates(templates: readonly string[]): Finding {
  return {
    rule: "nothing-recognised",
    level: "blocker",
    at: lineOf(templates[0]!),
    what: `The Flux objects of this repository are templates that nothing has rendered yet, such as ${templates[0]} (${templates.length} in all).`,
    why: "Flux reads what a template becomes, and so does fluxlift: values that are filled in decide names, paths and versions.",
    next: "Render the templates as the repository's README says, commit the result, and run fluxlift there. Where a playbook or another tool applies them by itself, Git does not hold this Flux: let that tool install the charts flux-operator and flux-instance instead.",
  };
}
