import type { KubeObject, YamlData } from "../../src/contract/objects.ts";
import { printBody } from "../../src/release/print.ts";
import type { YamlOp, YamlPath } from "../../src/yaml/types.ts";

/** What a newer API version asks of an object beyond its apiVersion. */
export interface FieldChanges {
  ops: YamlOp[];
  /** A sentence on what no rule can rewrite; the object then stays as it is. */
  refusal?: string;
}

/**
 * Field changes from any older version of a kind to the newest, by the CRDs of Flux 2.2 to 2.9: fields that the newer one
 * would drop without a word, and what takes their place. Fields that did nothing for years just go.
 * @param text of a value as it is written, so that comments in it survive.
 */
export function changeFields(object: KubeObject, text: (path: YamlPath) => string | undefined): FieldChanges {
  const { kind, doc, data } = object;
  const spec: YamlData = data?.spec ?? {};
  switch (kind) {
    case "GitRepository":
    case "Bucket":
      return { ops: dropFields(doc, spec, ["spec"], ["gitImplementation", "accessFrom"]) };
    case "HelmChart":
      return { ops: [...dropFields(doc, spec, ["spec"], ["accessFrom"]), ...moveValuesFile(doc, spec, ["spec"])] };
    case "Kustomization":
      return {
        ops: [...dropFields(doc, spec, ["spec"], ["validation"]), ...movePatches(doc, spec, ["spec"], text)],
      };
    case "HelmRelease":
      return changeRelease(doc, spec, text);
    case "ImageUpdateAutomation":
      return changeAutomation(spec);
    default:
      return { ops: [] };
  }
}

function changeRelease(doc: number, spec: YamlData, text: (path: YamlPath) => string | undefined): FieldChanges {
  const ops = moveValuesFile(doc, spec.chart?.spec ?? {}, ["spec", "chart", "spec"]);
  const renderers: YamlData[] = Array.isArray(spec.postRenderers) ? spec.postRenderers : [];
  renderers.forEach((renderer, index) => {
    if (renderer?.kustomize)
      ops.push(...movePatches(doc, renderer.kustomize, ["spec", "postRenderers", index, "kustomize"], text));
  });
  return { ops };
}

/** The template of the commit message lost `.Updated` and `.Changed.ImageResult` with v1. */
function changeAutomation(spec: YamlData): FieldChanges {
  const template = String(spec.git?.commit?.messageTemplate ?? "");
  return /\.Updated\b|\.ImageResult\b/.test(template)
    ? { ops: [], refusal: "its commit message uses .Updated, which has to become .Changed by hand" }
    : { ops: [] };
}

function dropFields(doc: number, spec: YamlData, at: YamlPath, fields: readonly string[]): YamlOp[] {
  return fields
    .filter((field) => spec[field] !== undefined)
    .map((field) => ({ op: "delete", doc, path: [...at, field] }));
}

/** `valuesFile` is merged before `valuesFiles`, so it becomes its first item. */
function moveValuesFile(doc: number, spec: YamlData, at: YamlPath): YamlOp[] {
  if (spec.valuesFile === undefined) return [];
  const remove: YamlOp = { op: "delete", doc, path: [...at, "valuesFile"] };
  if (spec.valuesFile === "") return [remove];
  const path = [...at, "valuesFiles"];
  const files: YamlData[] = Array.isArray(spec.valuesFiles) ? spec.valuesFiles : [];
  if (files.includes(spec.valuesFile)) return [remove];
  const add: YamlOp =
    files.length > 0
      ? { op: "insert", doc, path, index: 0, value: spec.valuesFile }
      : { op: "set", doc, path, value: [spec.valuesFile] };
  return [add, remove];
}

/** Both legacy lists become `patches`, in the order in which kustomize runs the three. */
function movePatches(
  doc: number,
  spec: YamlData,
  at: YamlPath,
  text: (path: YamlPath) => string | undefined,
): YamlOp[] {
  const merges: YamlData[] = Array.isArray(spec.patchesStrategicMerge) ? spec.patchesStrategicMerge : [];
  const jsons: YamlData[] = Array.isArray(spec.patchesJson6902) ? spec.patchesJson6902 : [];
  const old = ["patchesStrategicMerge", "patchesJson6902"].filter((field) => spec[field] !== undefined);
  if (old.length === 0) return [];
  // What the owner wrote above the list goes on top of its first patch.
  const note = (field: string, index: number) => (index === 0 ? commentsOf(text([...at, field])) : "");
  const before = merges.map((body, index) => {
    const written = text([...at, "patchesStrategicMerge", index]);
    return { patch: note("patchesStrategicMerge", index) + bodyOf(written, body) };
  });
  const after = jsons.map((item, index) => {
    const written = text([...at, "patchesJson6902", index, "patch"]);
    return { patch: note("patchesJson6902", index) + bodyOf(written, item?.patch), target: item?.target };
  });
  const path = [...at, "patches"];
  const now: YamlData[] = Array.isArray(spec.patches) ? spec.patches : [];
  const ops: YamlOp[] =
    now.length > 0
      ? [
          ...after.map((value): YamlOp => ({ op: "insert", doc, path, value })),
          ...[...before].reverse().map((value): YamlOp => ({ op: "insert", doc, path, index: 0, value })),
        ]
      : before.length + after.length > 0
        ? [{ op: "set", doc, path, value: [...before, ...after] }]
        : [];
  return [...ops, ...old.map((field): YamlOp => ({ op: "delete", doc, path: [...at, field] }))];
}

/** The comment lines a text begins with. */
function commentsOf(text: string | undefined): string {
  return /^(?:#.*\n)*/.exec(text ?? "")![0];
}

/** The body as it is written, comments and all; printed anew where it is no plain block. */
function bodyOf(written: string | undefined, body: YamlData): string {
  if (typeof body === "string") return body;
  return written === undefined ? printBody(body) : `${written.replace(/\n+$/, "")}\n`;
}
