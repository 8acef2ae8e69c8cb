import type { Phase } from "../contract/options.ts";

const SUBJECTS: Readonly<Record<Phase, string>> = {
  install: "Add Flux Operator beside the old Flux install",
  cutover: "Hand Flux over to Flux Operator",
  cleanup: "Remove what the move to Flux Operator left behind",
  prepare: "Publish this repository as an OCI artifact",
  switch: "Let Flux read the OCI artifact instead of Git",
};

/**
 * A branch for a phase by itself.
 * @param oci whether the phase is one of `fluxlift oci`
 */
export function branchName(phase: Phase, oci: boolean): string {
  return `${oci ? "flux-oci" : "flux-operator"}-${phase}`;
}

/**
 * First line of the commit of a phase.
 * @param oci whether the phase is one of `fluxlift oci`
 */
export function commitSubject(phase: Phase, oci: boolean): string {
  return oci && phase === "cleanup" ? "Remove what bridged the switch to OCI" : SUBJECTS[phase];
}
