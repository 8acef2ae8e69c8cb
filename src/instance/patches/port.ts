import type { DraftFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import type { PatchMapping } from "../../contract/plan.ts";
import { installedBase, operatorBase, syncObjects } from "../../release/base.ts";
import { controllerOf, differingObjects, flagsOf, PRUNE } from "../../release/compare.ts";
import { type BaseFacts, readBaseFacts } from "../../release/facts.ts";
import { normalisePatch } from "../../release/normalise.ts";
import { printBody } from "../../release/print.ts";
import { formatFluxVersion, newestEmbedded, parseFluxVersion } from "../../release/releases.ts";
import { dropLocal, type RunResult, runItem } from "../../release/simulate.ts";
import type { InstanceFields, PatchItem, SimObject } from "../../release/types.ts";
import { copyData } from "../../yaml/copy.ts";
import { joinYaml, yamlComment } from "../../yaml/text.ts";
import type { PortedPatch, PortInput, PortResult } from "../types.ts";
import { type Outcome, portItem } from "./attempt.ts";
import { carryComments } from "./comments.ts";
import {
  checkDeleted,
  checkGates,
  checkImages,
  checkReplicas,
  checkSubstitution,
  checkWiderGates,
  explain,
  titleOf,
} from "./findings.ts";
import { detectFields } from "./fold.ts";
import { writePatch } from "./raw.ts";

interface Build {
  fields: InstanceFields;
  objects: SimObject[];
  outcomes: Outcome[];
}

/**
 * Turns the patches of an old Flux install into first-class fields and patches of a FluxInstance that build the same
 * objects (flux-facts 3, 3.1; traps 20 to 37). Both builds are simulated on the manifests of the Flux release; a
 * field takes over only where the outcome stays equal, and what does not come out equal is a finding.
 */
export function portPatches(input: PortInput): PortResult {
  const findings: DraftFinding[] = [];
  const mapping: PatchMapping[] = [];
  const items: PatchItem[] = [];
  for (const source of input.patches) {
    const normalised = normalisePatch(source);
    if (normalised.ok) items.push(...normalised.items);
    else {
      const { reason } = normalised;
      findings.push({ rule: "patch-unreadable", level: "blocker", at: source.at, facts: { reason } });
      mapping.push({ from: source.at, title: "patch", note: `left out: ${reason}` });
    }
  }
  const target = targetFacts(input);
  const installed = readBaseFacts(input.fluxVersion);
  if (!target || !installed) return passThrough(input, items, findings, mapping);

  const { style, namespace, suffix } = input;
  const old = installedBase(installed, style, input.components, namespace, suffix);
  if (input.lacksPolicies) for (const one of old) if (one.data.kind === "NetworkPolicy") one.deleted = true;
  // The kustomization of bootstrap patches its source and root as well.
  if (style === "gotk") old.push(...syncObjects(namespace, namespace, "GitRepository", installed.version));
  const runs = items.map((item) => runItem(old, item));
  dropLocal(old);
  if (runs.every(({ failure }) => failure === undefined)) findings.push(...(input.checkOld?.(old) ?? []));
  const original = copyData(old.filter((object) => object.data.kind === "Deployment"));
  const build = chooseFields(input, target, installed, old, items, runs);

  const written = build.outcomes.map((made) => {
    const isSyncs = goesWithSync(made, items);
    const outcome = isSyncs ? { ...made, ported: [] } : made;
    // Its row is that of the file's other part, which comes along with source and root.
    if (!isSyncs) mapping.push(toMapping(outcome));
    findings.push(...explain(outcome));
    const ported = outcome.failure === undefined ? outcome.ported : [];
    return { outcome, patches: ported.map((item) => writePatch(item, input)) };
  });
  findings.push(...checkReplicas(build.objects, build.outcomes));
  findings.push(...checkDeleted(build.objects, build.outcomes));
  findings.push(...checkImages(build.objects, build.outcomes));
  findings.push(...checkGates(build.objects, build.outcomes, target.version));
  findings.push(...checkSubstitution(build.outcomes, input));
  findings.push(...checkWiderGates(original, build.objects, build.fields, input.patches[0]?.at));
  const touched = new Set(runs.flatMap(({ ids }) => ids));
  const isWhole = build.outcomes.every((outcome) => outcome.failure === undefined);
  const differing = isWhole ? differingObjects(old, build.objects, touched) : [];
  if (differing.length > 0) {
    const at = input.patches[0] ? { at: input.patches[0].at } : {};
    const objects = differing.map((id) => id.replace("/", " "));
    findings.push({ rule: "patch-result-differs", level: "caution", ...at, facts: { objects } });
  }
  const carried = carryComments(written, input);
  const patches = [...carried.patches, ...guardNamespace(build, input)];
  return { ...carried, patches, fields: build.fields, mapping, findings };
}

/**
 * What the operator goes by when it leaves the Namespace in the cluster (flux-facts 2.2), set again: a patch that adds the first
 * annotations of a Namespace replaces those that the operator's has.
 */
function guardNamespace({ objects, outcomes }: Build, { namespace }: PortInput): PortedPatch[] {
  const { id, data, deleted } = objects.find((object) => object.data.kind === "Namespace")!;
  const last = outcomes.findLast(({ ids }) => ids.includes(id));
  if (!last || deleted || data.metadata.annotations?.[PRUNE] === "disabled") return [];
  const metadata = { name: namespace, annotations: { [PRUNE]: "disabled" } };
  const patch = printBody({ apiVersion: "v1", kind: "Namespace", metadata });
  const item = { patch, target: { kind: "Namespace" } };
  const why = yamlComment("The operator's own annotation, which a patch above takes off: it keeps the Namespace.");
  return [{ data: item, raw: joinYaml([why, printBody(item)], "\n"), from: last.item.source.at }];
}

const PATCHES = "spec.kustomize.patches";
/** A document that patches source or root alone, in a file that patches controllers as well: what `sync` becomes has it. */
function goesWithSync({ item, ported }: Outcome, items: readonly PatchItem[]): boolean {
  const isOfSync = ported.length > 0 && ported.every(({ target }) => SYNC_KINDS.includes(String(target?.kind)));
  return isOfSync && items.some((other) => other !== item && other.source === item.source);
}

/** Of source and root; no install of Flux holds an object of these. */
const SYNC_KINDS = ["Kustomization", "GitRepository", "OCIRepository", "Bucket"];

function targetFacts(input: PortInput): BaseFacts | undefined {
  if (input.targetVersion) return readBaseFacts(input.targetVersion);
  const newest = newestEmbedded(input.fluxVersion);
  return newest ? readBaseFacts(parseFluxVersion(newest)!) : undefined;
}

/** Takes each field that leaves the outcome as it is: no object differs that did not differ without it. */
function chooseFields(
  input: PortInput,
  target: BaseFacts,
  installed: BaseFacts,
  old: SimObject[],
  items: readonly PatchItem[],
  runs: readonly RunResult[],
): Build {
  if (input.style === "remote-install") levelExternalArtifact(old, input);
  const crds = new Map<string, { name: string; storage: boolean }[]>();
  for (const object of Object.values(installed.files).flat()) {
    if (object.kind === "CustomResourceDefinition") crds.set(object.metadata.name, object.spec.versions);
  }
  const attempt = (fields: InstanceFields): Build => {
    const fresh = readBaseFacts(target.version)!;
    const { components, namespace, syncName, sourceKind } = input;
    const objects = operatorBase(fresh, { components, namespace, fields, ...given({ syncName, sourceKind }) });
    const outcomes = items.map((item, index) => portItem(objects, item, runs[index]!, { input, fields, crds }));
    dropLocal(objects);
    return { fields, objects, outcomes };
  };
  const badness = (build: Build) => ({
    failures: build.outcomes.filter((outcome) => outcome.failure !== undefined).length,
    differing: differingObjects(old, build.objects, touched),
  });
  const touched = new Set(runs.flatMap(({ ids }) => ids));
  let best = attempt({});
  let state = badness(best);
  for (const field of detectFields(old, input, target.version)) {
    const next = attempt({ ...best.fields, ...field });
    const nextState = badness(next);
    const isNoWorse =
      nextState.differing.every((id) => state.differing.includes(id)) && nextState.failures <= state.failures;
    if (isNoWorse) [best, state] = [next, nextState];
  }
  return best;
}

/** The remote base leaves the ExternalArtifact gate out; the operator sets it with source-watcher, which is only said. */
function levelExternalArtifact(old: SimObject[], input: PortInput): void {
  if (!input.components.includes("source-watcher")) return;
  for (const object of old) {
    if (object.id !== "Deployment/kustomize-controller" && object.id !== "Deployment/helm-controller") continue;
    const { args } = controllerOf(object.data) ?? {};
    if (Array.isArray(args) && !flagsOf(object.data).has("--feature-gates ExternalArtifact"))
      args.push("--feature-gates=ExternalArtifact=true");
  }
}

function toMapping(outcome: Outcome): PatchMapping {
  const places = [
    ...outcome.fields.map((field) => (field.startsWith("components") ? field : `spec.${field}`)),
    ...(outcome.failure === undefined && outcome.ported.length > 0 ? [PATCHES] : []),
  ];
  const notes = [...outcome.notes];
  if (outcome.failure !== undefined) notes.push(`left out: ${outcome.failure}`);
  else if (outcome.matchesNothing) notes.push("left out: it matches nothing the operator generates");
  else if (notes.length === 0) notes.push(outcome.ported.length > 0 ? "carried over" : "said by the field");
  return {
    from: outcome.item.source.at,
    title: titleOf(outcome.item),
    ...(places.length > 0 ? { to: [...new Set(places)].join(", ") } : {}),
    note: notes.join("; "),
  };
}

/** Versions the operator cannot manage are a blocker elsewhere; the patches are still shown, unchecked. */
function passThrough(
  input: PortInput,
  items: readonly PatchItem[],
  findings: DraftFinding[],
  mapping: PatchMapping[],
): PortResult {
  const version = formatFluxVersion(input.fluxVersion);
  findings.push({ rule: "patches-not-checked", level: "caution", facts: { version } });
  for (const item of items) {
    mapping.push({ from: item.source.at, title: titleOf(item), to: PATCHES, note: "not checked" });
  }
  return { patches: items.map((item) => writePatch(item, input)), fields: {}, mapping, findings };
}
