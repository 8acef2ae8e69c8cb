import type { SharedAutomation } from "../../cluster/branch-automation.ts";
import { type Loc, lineOf } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import type { KubeObject, YamlData } from "../../contract/objects.ts";
import type { PatchMapping } from "../../contract/plan.ts";
import { pushAll } from "../../contract/push-all.ts";
import type { FluxObjectSpec } from "../../contract/specs.ts";
import { isSubstitutionDisabled } from "../../delivery/kustomize/index.ts";
import { generateRoot, generateSource, type SyncObject, type SyncSpec } from "../../release/generated-sync.ts";
import { asWritten, joinYaml, yamlComment } from "../../yaml/text.ts";
import { carryText, reportPassage } from "../patches/escape.ts";
import type { Passage, PortedPatch } from "../types.ts";
import { checkMetadata, checkObjects, checkProvider, checkRoot } from "./checks.ts";
import { diffObject, type PatchText, writeDiff } from "./diff.ts";
import { loseUnknown, type Modernised, modernise } from "./legacy.ts";
import type { At, CarryInput, CarryResult, ObjectDiff } from "./types.ts";
import { isInstanceInterval, refOf } from "./values.ts";
import { commentsOfPatches, copyWritten, writtenInFile, writtenInPatches } from "./written.ts";

/** Fields of the generated source and root that `spec.sync` fills in. */
const SYNC_FIELDS = ["interval", "url", "ref", "secretRef", "provider", "bucketName", "endpoint", "path"];

/**
 * `spec.sync` for an old source and root, and the patches that make the generated objects say everything else the old
 * ones say (flux-facts 1.5, 2.6, 4.4; traps 25 to 28).
 */
export function carrySync(input: CarryInput): CarryResult {
  const result: CarryResult = { comments: [], patches: [], findings: [], mapping: [] };
  if (input.strategy === "keep") return result;
  const { source, root } = input;
  const at: At = (object, path = []) => input.locate?.(object, path) ?? lineOf(object.file);
  result.findings.push(...checkObjects(input, at), ...checkMetadata(source, at), ...checkMetadata(root, at));
  if (result.findings.some(({ level }) => level === "blocker")) return result;

  const oldSource = modernise(source.data);
  const oldRoot = modernise(root.data);
  const sync = readSync(input, oldSource.spec, oldRoot.spec);
  result.findings.push(...checkProvider(input, sync, at), ...checkRoot(input, oldRoot.spec, at));
  const { namespace, fluxVersion, multitenant } = input;
  const objects: [KubeObject, Modernised, SyncObject][] = [
    [source, oldSource, generateSource(sync, namespace, fluxVersion)],
    [root, oldRoot, generateRoot(sync, namespace, multitenant)],
  ];
  for (const [object, old, next] of objects) {
    loseUnknown(old, next, fluxVersion);
    const diff = diffObject(object.data, old.spec, next);
    if (object === source && input.branchReader) diff.set.ref ??= old.spec.ref;
    const text = input.readText?.(object.file);
    const own = text === undefined ? [] : writtenInFile(text, object.doc);
    const written = [...writtenInPatches(object, input.overlays ?? []), ...own];
    const copy = (path: readonly string[], value: YamlData) =>
      old.rewritten.length > 0 ? undefined : copyWritten(written, path, value);
    const comments = commentsOfPatches(object, input.overlays ?? [], (path) => input.readText?.(path));
    const texts = withComments(writeDiff(next, diff, copy), comments);
    const passage = passageOf(object, input);
    if (texts.length === 0) pushAll(result.comments, comments);
    result.patches.push(...texts.map((patch) => protect({ ...patch, from: at(object, ["spec"]) }, passage)));
    result.mapping.push(...mapRows(object, diff, next, at));
    result.findings.push(...checkLegacy(object, old, at));
    const owner = `${object.kind} ${object.name}`;
    const place = { at: at(object, ["spec"]), resource: owner, text };
    const stops = input.unfilled?.object === object ? input.unfilled : undefined;
    const stopped = stops && { ...stops, at: at(object, [...stops.path]) };
    const report = (whose: string, raw: readonly string[]) =>
      reportPassage(`${whose} ${owner}`, raw, passage, { ...place, ...given({ stopped }) });
    const inPatch = texts.map((patch) => patch.raw);
    const ofPatch = report("the patch for", inPatch);
    result.findings.push(...(ofPatch.length > 0 ? ofPatch : report("spec.sync for", fieldsOf(sync, object))));
  }
  const { isExact, why } = refOf(source.kind, oldSource.spec);
  const place = { resource: `${source.kind} ${source.name}`, at: at(source, ["spec", "ref"]) };
  if (!isExact) result.findings.push({ rule: "sync-ref-patched", level: "caution", ...place, facts: { holds: why! } });
  else if (input.branchReader) result.findings.push(branchKept(input.branchReader, place));
  else if (source.kind === "GitRepository" && oldSource.spec.ref?.branch !== undefined)
    result.findings.push({ rule: "sync-ref-by-name", level: "info", ...place, facts: { ref: sync.ref } });
  result.sync = protectSync(sync, input);
  return result;
}

function branchKept({ file, other }: SharedAutomation, place: Pick<DraftFinding, "at" | "resource">): DraftFinding {
  const holds = `a full reference name only, and the image automation in ${file}, which ${other} builds too, reads the branch`;
  return { rule: "sync-ref-patched", level: "info", ...place, facts: { holds } };
}

function readSync(input: CarryInput, source: FluxObjectSpec, root: FluxObjectSpec): SyncSpec {
  const { strategy, namespace } = input;
  const name = strategy === "adopt" ? input.root.name : namespace;
  const { kind } = input.source;
  const path = root.path;
  return {
    ...(name === namespace ? {} : { name }),
    kind,
    url: String(kind === "Bucket" ? source.endpoint : source.url),
    ref: refOf(kind, source).ref,
    path: typeof path === "string" && path !== "" ? path : "./",
    ...(source.secretRef?.name ? { pullSecret: String(source.secretRef.name) } : {}),
    ...(source.provider ? { provider: String(source.provider) } : {}),
    interval: isInstanceInterval(source.interval) ? source.interval : "1m",
  };
}

/** An object that opts out of substitution is literal today, whatever its FluxKustomization does. */
function passageOf({ data }: KubeObject, { substituted, oldSubstituted = false }: CarryInput): Required<Passage> {
  return { substituted, oldSubstituted: oldSubstituted && !isSubstitutionDisabled(data) };
}

/** The first patch below the comments that none of them has. */
function withComments(texts: readonly PatchText[], comments: readonly string[]): PatchText[] {
  const left = [...new Set(comments)].filter((comment) => !texts.some(({ raw }) => raw.includes(comment)));
  return texts.map((text, index) =>
    index > 0 ? text : { ...text, raw: joinYaml([...left.map(yamlComment), text.raw], "\n") },
  );
}

/** The text has to mean in the new place what it means today (trap 37). */
function protect(patch: PortedPatch, passage: Passage): PortedPatch {
  const data = { ...patch.data, patch: carryText(patch.data.patch, passage) };
  return { ...patch, data, raw: asWritten(carryText(patch.raw, passage)) };
}

/** Fields of `spec.sync` that the root says, not the source. */
const OF_ROOT = ["path", "name"];

/** What `spec.sync` says for one of the two objects. */
function fieldsOf(sync: SyncSpec, { kind }: KubeObject): string[] {
  const isRoot = kind === "Kustomization";
  return Object.entries(sync).flatMap(([key, value]) => (OF_ROOT.includes(key) === isRoot ? [String(value)] : []));
}

function protectSync(sync: SyncSpec, input: CarryInput): SyncSpec {
  const ofRoot = passageOf(input.root, input);
  const ofSource = passageOf(input.source, input);
  const entries = Object.entries(sync).map(([key, value]) => [
    key,
    carryText(value, OF_ROOT.includes(key) ? ofRoot : ofSource),
  ]);
  return Object.fromEntries(entries) as SyncSpec;
}

/** Where each field of an old object went: into `spec.sync`, or into a patch. */
function mapRows(object: KubeObject, diff: ObjectDiff, generated: SyncObject, at: At): PatchMapping[] {
  const owner = `${object.kind} ${object.name}`;
  const patched = (from: Loc, what: string, note: string): PatchMapping => ({
    from,
    title: `${owner}: ${what}`,
    to: "spec.kustomize.patches",
    note,
  });
  const inSync = Object.keys(object.data.spec ?? {}).filter(
    (field) => diff.set[field] === undefined && generated.spec[field] !== undefined && SYNC_FIELDS.includes(field),
  );
  const maps = (["labels", "annotations"] as const).filter((map) => Object.keys(diff[map]).length > 0);
  return [
    {
      from: at(object),
      title: `${owner}: ${inSync.join(", ") || "identity"}`,
      to: "spec.sync",
      note: `${generated.kind} ${generated.metadata.name} is generated from it`,
    },
    ...Object.keys(diff.set).map((field) => {
      const says = generated.spec[field] === undefined ? "does not generate it" : "generates another value";
      return patched(at(object, ["spec", field]), `spec.${field}`, `the operator ${says}`);
    }),
    ...diff.remove.map((field) => patched(at(object), `spec.${field}`, "removed again, as the old object has none")),
    ...maps.map((map) => patched(at(object, ["metadata", map]), map, Object.keys(diff[map]).join(", "))),
  ];
}

function checkLegacy(object: KubeObject, old: Modernised, at: At): DraftFinding[] {
  const resource = `${object.kind} ${object.namespace ? `${object.namespace}/` : ""}${object.name}`;
  return old.lost.map(({ field, why, isHarmless }) => ({
    rule: "sync-field-lost",
    level: isHarmless ? "info" : "caution",
    resource,
    at: at(object, ["spec", field]),
    facts: { field, why, isHarmless },
  }));
}
