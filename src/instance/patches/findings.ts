import type { Loc } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { flagsOf, splitGates } from "../../release/compare.ts";
import type { FluxVersion } from "../../release/releases.ts";
import { deploymentsOf } from "../../release/simulate.ts";
import type { InstanceFields, PatchItem, SimObject } from "../../release/types.ts";
import { isMap } from "../../yaml/is-map.ts";
import type { PortInput } from "../types.ts";
import type { Outcome } from "./attempt.ts";
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

/** What applies the operator's apps. */
const APPLIERS = ["source-controller", "kustomize-controller", "helm-controller"];

/** Controllers that are switched off, and that nothing works without. */
export function checkReplicas(objects: readonly SimObject[], outcomes: readonly Outcome[]): DraftFinding[] {
  const idle = deploymentsOf(objects).filter(
    ({ data }) => APPLIERS.includes(data.metadata.name) && data.spec.replicas === 0,
  );
  const [first] = idle;
  if (!first) return [];
  const ofIt = outcomes.filter(({ ids, item }) => ids.includes(first.id) && item.source.body.includes("replicas"));
  const at = ofIt.at(-1)?.item.source.at;
  const controllers = idle.map(({ data }) => String(data.metadata.name));
  return [{ rule: "controllers-idle", level: "blocker", ...(at ? { at } : {}), facts: { controllers } }];
}

/** `$patch: delete`, or the annotation of what a build keeps to itself, in a path of a JSON patch too. */
const TAKES_AWAY = /\$patch\b|\bconfig\.kubernetes\.io(?:\/|~1)local-config\b/;

/** Controllers that a patch takes away while their component stays, for its CRDs; of those that nothing works without, one stops. */
export function checkDeleted(objects: readonly SimObject[], outcomes: readonly Outcome[]): DraftFinding[] {
  const gone = objects.filter(({ data, deleted }) => deleted && data.kind === "Deployment");
  const isNeeded = ({ data }: SimObject) => APPLIERS.includes(data.metadata.name);
  const say = (deleted: readonly SimObject[], isDeleted?: true): DraftFinding[] => {
    const [first] = deleted;
    if (!first) return [];
    const at = outcomes.find(({ ids, item }) => ids.includes(first.id) && TAKES_AWAY.test(item.source.body))?.item
      .source.at;
    const controllers = deleted.map(({ data }) => String(data.metadata.name));
    const where = at ? { at } : {};
    return isDeleted
      ? [{ rule: "controllers-idle", level: "blocker", ...where, facts: { controllers, isDeleted } }]
      : [{ rule: "controllers-deleted", level: "info", ...where, facts: { controllers, ...kindsOf(controllers) } }];
  };
  const crds = objects.filter(({ data }) => data.kind === "CustomResourceDefinition");
  // `image-reflector-controller` serves kinds of `image.toolkit.fluxcd.io`.
  const kindsOf = (controllers: readonly string[]) => {
    const groups = controllers.map((name) => `.${name.split("-")[0]}.`);
    const own = crds.filter(({ data }) => groups.some((group) => String(data.metadata.name).includes(group)));
    return own.length > 0 && own.every(({ deleted }) => deleted) ? { withKinds: true as const } : {};
  };
  return [...say(gone.filter(isNeeded), true), ...say(gone.filter((object) => !isNeeded(object)))];
}

/** Controllers whose image a patch names: the operator moves on with the release, and they do not. */
export function checkImages(objects: readonly SimObject[], outcomes: readonly Outcome[]): DraftFinding[] {
  return objects.flatMap(({ data, deleted, id }): DraftFinding[] => {
    const controller: string = data.metadata.name;
    const ofIt = outcomes.filter(({ ids, item }) => ids.includes(id) && /\bimage(?![\w-])/.test(item.source.body));
    const last = ofIt.at(-1);
    if (deleted || data.kind !== "Deployment" || !last) return [];
    const containers: YamlData[] = itemsOf(data.spec.template.spec.containers);
    const image = containers.find(({ name }) => name === "manager")?.image;
    // That name is the one of the operator's manifests, to which it writes registry and tag behind the patches.
    if (typeof image !== "string" || /^fluxcd\/[^/:@]+(?:[:@]|$)/.test(image)) return [];
    const facts = { controller, image };
    return [{ rule: "patch-holds-image", level: "caution", at: last.item.source.at, facts }];
  });
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
    deploymentsOf(next)
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

/** A short title for the old-to-new table: what the patch touches, never a value other than names of flags. */
export function titleOf(item: PatchItem): string {
  const target = item.target;
  const named = item.type === "merge" && !target ? { kind: item.doc.kind, name: item.doc.metadata.name } : target;
  const place = [named?.kind, named?.name ?? target?.labelSelector].filter(Boolean).join(" ") || "every object";
  const parts = item.type === "json" ? item.ops.map((op) => nameOp(op.op, op.path, op.value)) : namesOf(item.doc);
  const shown = [...new Set(parts)];
  const more = shown.length > 4 ? `, and ${shown.length - 4} more` : "";
  return `${place}: ${shown.slice(0, 4).join(", ")}${more}`;
}

function nameOp(op: string, path: string, value: unknown): string {
  const flag = typeof value === "string" ? /^--?[A-Za-z0-9-]+/.exec(value)?.[0] : undefined;
  return path.includes("/args/") && flag ? flag : `${op} ${path}`;
}

function namesOf(doc: Record<string, unknown>): string[] {
  if (doc.$patch === "delete") return ["deletion"];
  const names: string[] = [];
  const walk = (value: unknown, path: string[]) => {
    if (!isMap(value) || path.length >= 4) {
      names.push(path.join("."));
      return;
    }
    for (const [key, child] of Object.entries(value)) walk(child, [...path, key]);
  };
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = doc;
  const { name: _name, namespace: _namespace, ...meta } = metadata as Record<string, unknown>;
  walk({ ...(Object.keys(meta).length > 0 ? { metadata: meta } : {}), ...rest }, []);
  return names.filter(Boolean);
}
