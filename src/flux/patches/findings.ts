import type { DraftFinding } from "../../engine/transform.ts";
import type { Loc } from "../../errors.ts";
import type { FluxVersion } from "../releases.ts";
import type { SourcePatch } from "../types.ts";
import type { Outcome } from "./attempt.ts";
import { flagsOf, splitGates } from "./compare.ts";
import { titleOf } from "./describe.ts";
import { findVariable, isSubstitutable, locateVariable } from "./escape.ts";
import { refusesGate } from "./gates.ts";
import type { InstanceFields, PortInput, SimObject } from "./types.ts";

/** A patch kustomize cannot read either. */
export function unreadable(source: SourcePatch, reason: string): DraftFinding {
  return {
    rule: "patch-unreadable",
    level: "blocker",
    at: source.at,
    what: "This patch of the Flux install cannot be carried over.",
    why: `It cannot be read: ${reason}.`,
    next: "Repair or remove the patch, then run again.",
  };
}

/** What a person should know about one patch: not wanted, moved, or one that would stall the FluxInstance. */
export function explain(outcome: Outcome): DraftFinding[] {
  const at = outcome.item.source.at;
  const title = titleOf(outcome.item);
  if (outcome.failure !== undefined) {
    return [
      {
        rule: "patch-breaks-build",
        level: "blocker",
        at,
        what: `flux-operator would fail to build the FluxInstance with the patch "${title}", and Flux would stay as it is.`,
        why: `On the operator's base: ${outcome.failure}.`,
        next: "Change the patch so that it does not rely on that place, then run again.",
      },
    ];
  }
  if (outcome.matchesNothing) {
    const reason =
      outcome.ids.length > 0
        ? `${outcome.ids.join(", ")} is not part of the new install`
        : "its target names nothing in it";
    return [
      {
        rule: "patch-matches-nothing",
        level: "caution",
        at,
        what: `The patch "${title}" is left out: it would change nothing flux-operator generates.`,
        why: `The patches of a FluxInstance reach only what the operator generates, and ${reason}.`,
        next: "If it was meant for another object of this folder, keep it in the kustomization that delivers that object.",
      },
    ];
  }
  if (!outcome.notes.some((note) => note.includes("version of the CRD"))) return [];
  return [
    {
      rule: "patch-crd-version",
      level: "info",
      at,
      what: `The patch "${title}" changes another version index of the CRD than before.`,
      why: "The CRD has other versions in the Flux release that flux-operator installs (Alert and Receiver lost some).",
      next: "Nothing to do.",
    },
  ];
}

/** Feature gates a controller would exit on (trap 24). */
export function checkGates(
  objects: readonly SimObject[],
  outcomes: readonly Outcome[],
  version: FluxVersion,
): DraftFinding[] {
  const findings: DraftFinding[] = [];
  for (const object of objects) {
    if (object.data.kind !== "Deployment" || object.deleted) continue;
    const controller: string = object.data.metadata.name;
    for (const key of flagsOf(object.data).keys()) {
      const gate = /^--feature-gates (.+)$/.exec(key)?.[1];
      const refusal = gate === undefined ? undefined : refusesGate(controller, gate, version);
      if (gate === undefined || refusal === undefined) continue;
      const source = outcomes.find((outcome) => outcome.ids.includes(object.id) && mentionsGate(outcome, gate));
      findings.push({
        rule: "feature-gate-refused",
        level: "caution",
        resource: `Deployment ${controller}`,
        ...(source ? { at: source.item.source.at } : {}),
        what: `${controller} will exit at start, as it does not accept the feature gate ${gate}.`,
        why: `In Flux ${version.major}.${version.minor}: ${refusal}.`,
        next: `Take ${gate} out of the patch, or narrow its target to the controller it belongs to.`,
      });
    }
  }
  return findings;
}

/** Gates the operator turns on where the old install did not: harmless, but not what runs today. */
export function checkWiderGates(
  old: readonly SimObject[],
  next: readonly SimObject[],
  fields: InstanceFields,
  at: Loc | undefined,
): DraftFinding[] {
  const gained = (gate: string) =>
    next
      .filter((object) => object.data.kind === "Deployment" && !object.deleted)
      .filter((object) => flagsOf(object.data).get(`--feature-gates ${gate}`) === "true")
      .filter((object) => {
        const before = old.find(({ id }) => id === object.id);
        return before && !before.deleted && flagsOf(before.data).get(`--feature-gates ${gate}`) !== "true";
      })
      .map((object) => object.data.metadata.name as string);
  const findings: DraftFinding[] = [];
  const identity = fields.objectLevelWorkloadIdentity ? gained("ObjectLevelWorkloadIdentity") : [];
  if (identity.length > 0) {
    findings.push({
      rule: "workload-identity-wider",
      level: "info",
      ...(at ? { at } : {}),
      what: `\`cluster.objectLevelWorkloadIdentity\` turns the gate on for ${identity.join(", ")} as well.`,
      why: "The field is for all controllers, the old patch named some; the RBAC rule the gate needs comes only with the field.",
      next: "Nothing to do.",
    });
  }
  const artifact = gained("ExternalArtifact");
  if (artifact.length > 0) {
    findings.push({
      rule: "external-artifact-gate",
      level: "info",
      ...(at ? { at } : {}),
      what: `flux-operator turns the ExternalArtifact gate on for ${artifact.join(" and ")}.`,
      why: "It does so wherever source-watcher is installed; the remote base of flux2 does not.",
      next: "Nothing to do: without ExternalArtifact sources it changes nothing.",
    });
  }
  return findings;
}

function mentionsGate(outcome: Outcome, gate: string): boolean {
  return [...outcome.item.body.matchAll(/--feature-gates=([^\s"']+)/g)].some((match) =>
    splitGates(match[1]!).some(([name]) => name === gate),
  );
}

/** `${…}` and `$$` in patches that change their meaning on the way (trap 37). */
export function checkSubstitution(outcomes: readonly Outcome[], input: PortInput): DraftFinding[] {
  const findings: DraftFinding[] = [];
  for (const outcome of outcomes) {
    if (outcome.ported.length === 0 || !outcome.ported.some((item) => isSubstitutable(item.body))) continue;
    const at = outcome.item.source.at;
    if (input.substituted && !input.oldSubstituted) {
      findings.push({
        rule: "patch-escaped",
        level: "info",
        at,
        what: `In the patch "${titleOf(outcome.item)}" every \`\${\` and \`$$\` is written with doubled dollar signs.`,
        why: "The FluxKustomization that will deliver it runs post-build substitution, the old place did not; one pass restores the text.",
        next: "Nothing to do. Should that substitution be turned off later, halve the dollar signs again.",
      });
    } else if (!input.substituted && input.oldSubstituted) {
      const variable = outcome.ported.map((item) => findVariable(item.body)).find((name) => name !== undefined);
      if (variable === undefined) continue;
      findings.push({
        rule: "patch-substitution-lost",
        level: "blocker",
        at: locateVariable(input.readText(at.file), at, variable),
        what: `The variable ${variable} in the patch "${titleOf(outcome.item)}" would reach the controllers as literal text.`,
        why: "Post-build substitution fills them in today; the FluxInstance is delivered without it.",
        next: "Write the values into the patch, or deliver the instance through a FluxKustomization with the same postBuild.",
      });
    }
  }
  return findings;
}
