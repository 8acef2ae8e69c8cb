import { factsFor } from "./facts.ts";
import { listGuards } from "./guards.ts";
import type { Landmarks, RunbookInput } from "./runbook-landmarks.ts";
import { listSyncNeeds } from "./runbook-rebuild.ts";

/** What the plan rests on and the repository cannot prove. Each measured fact takes one away. */
export function listAssumptions(input: RunbookInput, marks: Landmarks): string[] {
  const { cluster, options, phase } = input;
  const facts = factsFor(options.facts, cluster.name) ?? {};
  const { namespace, version, minor } = marks;
  const said: string[] = [];
  if (phase === "install") {
    if (!facts.fluxVersion) {
      said.push(
        version
          ? `Flux ${version} runs, as the repository says.`
          : "No Flux version is pinned in the repository, so nothing here says what runs.",
      );
    }
    if (!facts.storedVersions)
      said.push("No Flux CRD still lists a stored version that the installed release has dropped.");
    // Also with an exact --flux-version: it says what runs, and the instance stays on the range of that minor.
    if (minor) said.push(describePin(minor));
  } else {
    if (facts.fluxInstanceReady === undefined) said.push(`FluxInstance ${namespace}/flux is Ready.`);
    if (facts.adopted === undefined) said.push("The operator has adopted every object of the old install.");
    if (facts.guardsReconciled === undefined && listGuards(cluster, options).length > 0) {
      said.push("The guards of the install phase are in effect in the cluster, not only in Git.");
    }
  }
  if (!facts.sourceUrl && marks.source) {
    said.push(
      `${marks.source.kind} ${marks.source.namespace}/${marks.source.name} reads ${marks.source.url}, ${marks.source.ref}.`,
    );
  }
  if (!facts.notReady) said.push("Source and root are Ready, and Git and the registries answer during the merge.");
  if (!facts.suspended) said.push("Nothing is suspended.");
  const needs = listSyncNeeds(cluster);
  if (!facts.missing && needs.length > 0) {
    said.push(`These exist in ${namespace}: ${needs.map((need) => `${need.kind} ${need.name}`).join(", ")}.`);
  }
  if (options.direct)
    said.push("Operator and instance were installed by hand from the planned files before anything is merged.");
  said.push("Nothing outside this repository applies Flux (Talos manifests, Terraform, Ansible, a colleague's shell).");
  return said;
}

/** Traps 18 and 59: a range follows the artifact. */
function describePin(minor: string): string {
  return `\`${minor}.x\` is meant: patch releases of Flux ${minor} arrive by themselves within about ten minutes, never another minor. To pin one, write it out in \`distribution.version\`.`;
}
