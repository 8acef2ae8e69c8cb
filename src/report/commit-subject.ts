import type { Phase } from "../contract/options.ts";

/** A phase, or all of them in one merge. */
export type Written = Phase | "all";

const SUBJECTS: Readonly<Record<Phase, string>> = {
  install: "Add Flux Operator beside the old Flux install",
  cutover: "Hand Flux over to Flux Operator",
  cleanup: "Remove what the move to Flux Operator left behind",
  prepare: "Publish this repository as an OCI artifact",
  switch: "Let Flux read the OCI artifact instead of Git",
};

const WHOLE = {
  operator: "Move Flux from its old install to Flux Operator",
  oci: "Publish this repository as an OCI artifact, and let Flux read it",
};

/**
 * A branch for a phase by itself, or for all of them.
 * @param oci whether the phase is one of `fluxlift oci`
 */
export function branchName(phase: Written, oci: boolean): string {
  const name = oci ? "flux-oci" : "flux-operator";
  return phase === "all" ? name : `${name}-${phase}`;
}

/**
 * First line of the commit of a phase.
 * @param oci whether the phase is one of `fluxlift oci`
 */
export function commitSubject(phase: Written, oci: boolean): string {
  if (phase === "all") return oci ? WHOLE.oci : WHOLE.operator;
  return oci && phase === "cleanup" ? "Remove what bridged the switch to OCI" : SUBJECTS[phase];
}
