import type { DraftFinding } from "../../engine/transform.ts";
import type { PatchMapping } from "../../engine/types.ts";
import type { Loc } from "../../errors.ts";
import { extractItem } from "../../yaml/index.ts";
import {
  carryText,
  findVariable,
  isSubstitutable,
  isSubstitutionDisabled,
  locateVariable,
  type Passage,
} from "../patches/escape.ts";
import type { PortedPatch } from "../patches/types.ts";
import type { KubeObject, YamlData } from "../types.ts";
import { writeDiff } from "./body.ts";
import { checkMetadata, checkObjects, checkProvider, checkRoot } from "./checks.ts";
import { diffObject } from "./diff.ts";
import { generateSync } from "./generated.ts";
import { type Modernised, modernise } from "./legacy.ts";
import type { CarryInput, CarryResult, SyncSpec } from "./types.ts";
import { isInstanceInterval, refOf } from "./values.ts";

/** Fields of the generated source that `spec.sync` fills in, by source kind. */
const SYNC_FIELDS = ["interval", "url", "ref", "secretRef", "provider", "bucketName", "endpoint"];

/**
 * `spec.sync` for an old source and root, and the patches that make the generated objects say everything else the old
 * ones say (design 6; flux-semantics 1.5, 2.6, 4.4; traps 25 to 28).
 */
export function carrySync(input: CarryInput): CarryResult {
  const result: CarryResult = { patches: [], findings: [], mapping: [] };
  if (input.strategy === "keep") return result;
  const { source, root } = input;
  const at = (object: KubeObject, path: (string | number)[] = []): Loc =>
    input.locate?.(object, path) ?? { file: object.file, line: 1, col: 1 };
  result.findings.push(...checkObjects(input, at), ...checkMetadata(source, at), ...checkMetadata(root, at));
  if (result.findings.some(({ level }) => level === "blocker")) return result;

  const oldSource = modernise(source.data);
  const oldRoot = modernise(root.data);
  const sync = readSync(input, oldSource.spec, oldRoot.spec);
  result.findings.push(...checkProvider(input, sync, at), ...checkRoot(input, oldRoot.spec, at));
  const generated = generateSync(sync, input);
  const objects: [KubeObject, Modernised, YamlData][] = [
    [source, oldSource, generated.source],
    [root, oldRoot, generated.root],
  ];
  for (const [object, old, next] of objects) {
    const diff = diffObject(object.data, old.spec, next);
    const text = input.readText?.(object.file);
    const copy = (field: string) => {
      if (text === undefined || old.rewritten.length > 0) return undefined;
      return extractItem(text, object.doc, ["spec", field]);
    };
    const texts = writeDiff(next, diff, copy);
    const passage = passageOf(object, input);
    result.patches.push(...texts.map((patch) => protect({ ...patch, from: at(object, ["spec"]) }, passage)));
    result.mapping.push(...mapRows(object, diff, next, at));
    result.findings.push(
      ...checkLegacy(object, old, at),
      ...checkText(object, texts.map(({ raw }) => raw).join(""), input, at),
    );
  }
  const { isExact, why } = refOf(source.kind, oldSource.spec);
  if (!isExact) result.findings.push(refPatched(source, why!, at));
  else if (source.kind === "GitRepository" && oldSource.spec.ref?.branch !== undefined)
    result.findings.push(refByName(source, sync, at));
  result.sync = protectSync(sync, input);
  return result;
}

function readSync(input: CarryInput, source: YamlData, root: YamlData): SyncSpec {
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

/** The text has to mean in the new place what it means today (trap 37). */
function protect(patch: PortedPatch, passage: Passage): PortedPatch {
  const data = { ...patch.data, patch: carryText(patch.data.patch, passage) };
  return { ...patch, data, raw: carryText(patch.raw, passage) };
}

function protectSync(sync: SyncSpec, input: CarryInput): SyncSpec {
  const ofRoot = passageOf(input.root, input);
  const ofSource = passageOf(input.source, input);
  const entries = Object.entries(sync).map(([key, value]) => [
    key,
    carryText(value, key === "path" || key === "name" ? ofRoot : ofSource),
  ]);
  return Object.fromEntries(entries) as SyncSpec;
}

function mapRows(
  object: KubeObject,
  diff: ReturnType<typeof diffObject>,
  generated: YamlData,
  at: (object: KubeObject, path?: (string | number)[]) => Loc,
): PatchMapping[] {
  const owner = `${object.kind} ${object.name}`;
  const fields = Object.keys(object.data?.spec ?? {});
  const plain = fields.filter((field) => diff.set[field] === undefined && generated.spec[field] !== undefined);
  const inSync = plain.filter((field) => SYNC_FIELDS.includes(field) || field === "path");
  const rows: PatchMapping[] = [
    {
      from: at(object),
      title: `${owner}: ${inSync.join(", ") || "identity"}`,
      to: "spec.sync",
      note: `${generated.kind} ${generated.metadata.name} is generated from it`,
    },
  ];
  for (const field of Object.keys(diff.set)) {
    rows.push({
      from: at(object, ["spec", field]),
      title: `${owner}: spec.${field}`,
      to: "spec.kustomize.patches",
      note:
        generated.spec[field] === undefined
          ? "the operator does not generate it"
          : "the operator generates another value",
    });
  }
  for (const field of diff.remove) {
    const note = "removed again, as the old object has none";
    rows.push({ from: at(object), title: `${owner}: spec.${field}`, to: "spec.kustomize.patches", note });
  }
  for (const map of ["labels", "annotations"] as const) {
    if (Object.keys(diff[map]).length === 0) continue;
    const note = Object.keys(diff[map]).join(", ");
    rows.push({ from: at(object, ["metadata", map]), title: `${owner}: ${map}`, to: "spec.kustomize.patches", note });
  }
  return rows;
}

type At = (object: KubeObject, path?: (string | number)[]) => Loc;

function checkLegacy(object: KubeObject, old: Modernised, at: At): DraftFinding[] {
  const resource = `${object.kind} ${object.namespace ? `${object.namespace}/` : ""}${object.name}`;
  return old.lost.map(({ field, why, isHarmless }) => ({
    rule: "sync-field-lost",
    level: isHarmless ? "info" : "caution",
    resource,
    at: at(object, ["spec", field]),
    what: `\`spec.${field}\` does not come along.`,
    why: `The API version flux-operator writes has no such field: ${why}.`,
    next: isHarmless ? "Nothing to do." : "Replace what it was for before the migration.",
  }));
}

function checkText(object: KubeObject, text: string, input: CarryInput, at: At): DraftFinding[] {
  const { substituted, oldSubstituted } = passageOf(object, input);
  if (!isSubstitutable(text) || substituted === oldSubstituted) return [];
  const owner = `${object.kind} ${object.name}`;
  if (substituted) {
    return [
      {
        rule: "patch-escaped",
        level: "info",
        resource: owner,
        at: at(object, ["spec"]),
        what: `In the patch for ${owner} every \`\${\` and \`$$\` is written with doubled dollar signs.`,
        why: "The FluxKustomization that will deliver the FluxInstance runs post-build substitution; one pass restores the text.",
        next: "Nothing to do. Should that substitution be turned off later, halve the dollar signs again.",
      },
    ];
  }
  const variable = findVariable(text);
  if (variable === undefined) return [];
  return [
    {
      rule: "patch-substitution-lost",
      level: "blocker",
      resource: owner,
      at: locateVariable(input.readText?.(object.file), at(object, ["spec"]), variable),
      what: `The variable ${variable} in ${owner} would reach the cluster as literal text.`,
      why: "Post-build substitution fills them in today; the FluxInstance is delivered without it.",
      next: "Write the values in, or deliver the instance through a FluxKustomization with the same postBuild.",
    },
  ];
}

function refPatched(source: KubeObject, why: string, at: At): DraftFinding {
  return {
    rule: "sync-ref-patched",
    level: "caution",
    resource: `${source.kind} ${source.name}`,
    at: at(source, ["spec", "ref"]),
    what: "flux-operator will generate another reference; a patch puts the old one back.",
    why: `\`sync.ref\` holds ${why}.`,
    next: "Keep the patch as long as this reference is wanted; `sync.ref` beside it has no effect.",
  };
}

function refByName(source: KubeObject, sync: SyncSpec, at: At): DraftFinding {
  return {
    rule: "sync-ref-by-name",
    level: "info",
    resource: `${source.kind} ${source.name}`,
    at: at(source, ["spec", "ref"]),
    what: `The source will name its branch \`${sync.ref}\` instead of by \`ref.branch\`; it fetches the same commits.`,
    why: "flux-operator writes `ref.name` only.",
    next: "An ImageUpdateAutomation on this source needs `spec.git.push.branch` or `spec.git.checkout.ref.branch` of its own.",
  };
}
