import type { Loc } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { flagsOf, splitGates } from "../../release/compare.ts";
import type { FluxVersion } from "../../release/releases.ts";
import type { InstanceFields, SimObject } from "../../release/types.ts";
import type { PortInput } from "../types.ts";
import type { Outcome } from "./attempt.ts";
import { titleOf } from "./describe.ts";
import { reportPassage } from "./escape.ts";
import { refusesGate } from "./gates.ts";

/** What a person should know about one patch: not wanted, moved, or one that would stall the FluxInstance. */
export function explain(outcome: Outcome): DraftFinding[] {
  const { at } = outcome.item.source;
  const { ids, failure, matchesNothing, notes } = outcome;
  const title = titleOf(outcome.item);
  if (failure !== undefined) return [{ rule: "patch-breaks-build", level: "blocker", at, facts: { title, failure } }];
  if (matchesNothing) return [{ rule: "patch-matches-nothing", level: "caution", at, facts: { title, ids } }];
  if (!notes.some((note) => note.includes("version of the CRD"))) return [];
  return [{ rule: "patch-crd-version", level: "info", at, facts: { title } }];
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
        facts: { controller, gate, minor: `${version.major}.${version.minor}`, refusal },
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
  const place = { level: "info", ...(at ? { at } : {}) } as const;
  const identity = fields.objectLevelWorkloadIdentity ? gained("ObjectLevelWorkloadIdentity") : [];
  const artifact = gained("ExternalArtifact");
  return [
    ...(identity.length > 0
      ? [{ rule: "workload-identity-wider", ...place, facts: { controllers: identity } } as const]
      : []),
    ...(artifact.length > 0
      ? [{ rule: "external-artifact-gate", ...place, facts: { controllers: artifact } } as const]
      : []),
  ];
}

function mentionsGate(outcome: Outcome, gate: string): boolean {
  return [...outcome.item.body.matchAll(/--feature-gates=([^\s"']+)/g)].some((match) =>
    splitGates(match[1]!).some(([name]) => name === gate),
  );
}

/** Patches whose variables change their meaning on the way. */
export function checkSubstitution(outcomes: readonly Outcome[], input: PortInput): DraftFinding[] {
  return outcomes.flatMap(({ item, ported }) => {
    const { at } = item.source;
    const bodies = ported.map(({ body }) => body);
    return reportPassage(`the patch "${titleOf(item)}"`, bodies, input, { at, text: input.readText(at.file) });
  });
}
