import { listNames } from "../contract/list-some.ts";
import type { Phase } from "../contract/options.ts";
import type { Runbook, RunbookStep } from "../contract/runbook.ts";
import { sayCount } from "./terminal.ts";

/** Programs that steps of runbooks start, in the order in which they are named. */
const TOOLS = [
  "kubectl",
  "flux",
  "flux-operator",
  "helm",
  "helmfile",
  "git",
  "terraform",
  "tofu",
  "sops",
  "oras",
  "jq",
];
/** Minutes of a person for one step that goes well. */
const MINUTES = 2;

/** What merging a phase cannot give back; every other change is taken back by the rollback of the same runbook. */
const FINAL: Partial<Record<Phase, string>> = {
  install: "Nothing: the merge only adds, and the old install stays in Git.",
  cutover:
    "After the merge the old install is gone from Git. The rollback brings it back; deleting the FluxInstance never does, it uninstalls Flux.",
  cleanup: "After the merge the guards and the old source are gone. The rollback creates them again.",
};

/** The first page of a runbook, a sentence each: tools, rights, time, and what cannot be undone. */
export function listNeeds(runbook: Runbook, phase: Phase): string[] {
  const { preChecks, steps } = runbook;
  const all = [...preChecks, ...steps];
  const tools = ["fluxlift", ...toolsOf(all)].map((tool) => `\`${tool}\``);
  const removing = steps.findIndex(({ commands }) => commands.some((line) => /\bkubectl\b.* delete\b/.test(line)));
  const final = FINAL[phase];
  return [
    `Tools: ${listNames(tools)}, and \`sh\`.`,
    `Rights in the cluster: to read every Flux object${changes(all) ? ", and to change those that a step names" : ""}.`,
    `Time: about ${MINUTES * all.length} minutes for ${sayCount(preChecks.length, "check")} and ${sayCount(steps.length, "step")}, and what Flux takes to reconcile in between.`,
    ...(final === undefined ? [] : [`What cannot be undone: ${final}`]),
    ...(removing === -1 ? [] : [`Step ${removing + 1} deletes objects by hand: that is final.`]),
  ];
}

function toolsOf(steps: readonly RunbookStep[]): string[] {
  const text = steps.flatMap(({ commands }) => commands).join("\n");
  return TOOLS.filter((tool) => new RegExp(`(?:^|[|;(&]|\\buntil|\\bdo)\\s*${tool}\\s`, "m").test(text));
}

function changes(steps: readonly RunbookStep[]): boolean {
  const verbs =
    /\bkubectl\b.*\s(?:apply|annotate|create|delete|label|patch|scale)\b|\bhelm (?:install|upgrade)|\bflux (?:reconcile|suspend|resume)/;
  return steps.some(({ commands }) => commands.some((line) => verbs.test(line)));
}
