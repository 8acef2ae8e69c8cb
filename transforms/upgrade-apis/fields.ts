import { cutEnd } from "../../src/contract/cut.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../../src/contract/objects.ts";
import { printBody } from "../../src/release/print.ts";
import type { YamlOp, YamlPath } from "../../src/yaml/types.ts";

/** The text of a value as it is written, so that comments in it survive. */
type ReadText = (path: YamlPath) => string | undefined;

const CHANGED =
  "a person has to name what changed: {{range .Updated.Images}}{{println .}}{{end}} is {{range .Changed.Changes}}{{println .NewValue}}{{end}} now, with .OldValue, .NewValue and .Setter of each";

const MOVED =
  "`checkout.gitRepositoryRef` of v1alpha1 is `sourceRef` since v1alpha2, and its branch, `commit` and `push` stand below `git`";

/** What no rule can rewrite, in a sentence; the object then stays as it is. */
export function findRefusal(object: KubeObject): string | undefined {
  if (object.kind !== "ImageUpdateAutomation") return undefined;
  const spec: YamlData = bodyOf(object).spec ?? {};
  // Only v1alpha1 has them at the top; every later version asks for `sourceRef` and `git`.
  const moved = ["checkout", "commit", "push"].filter((field) => spec[field] !== undefined);
  if (moved.length > 0) return `${MOVED}, and it still has ${moved.join(", ")}`;
  // The template lost `.Updated` and `.Changed.ImageResult` with v1.
  const [old] = /\.Updated\b|\.ImageResult\b|\.Changed\.Images\b/.exec(String(spec.git?.commit?.messageTemplate)) ?? [];
  return old === undefined ? undefined : `its commit message uses ${old}, in place of which ${CHANGED}`;
}

/**
 * Field changes from any older version of a kind to the newest, by the CRDs of Flux 2.2 to 2.9: fields that the newer one
 * would drop without a word, and what takes their place. Fields that did nothing for years just go.
 */
export function changeFields({ kind, doc, data }: KubeObject, text: ReadText): YamlOp[] {
  const spec: YamlData = data.spec ?? {};
  const drop = (...fields: string[]) =>
    fields
      .filter((field) => spec[field] !== undefined)
      .map((field): YamlOp => ({ op: "delete", doc, path: ["spec", field] }));
  if (kind === "GitRepository" || kind === "Bucket") return drop("gitImplementation", "accessFrom");
  if (kind === "HelmChart") return [...drop("accessFrom"), ...moveValuesFile(doc, spec, ["spec"])];
  if (kind === "Kustomization") return [...drop("validation"), ...movePatches(doc, spec, ["spec"], text)];
  if (kind !== "HelmRelease") return [];
  const renderers = itemsOf(spec.postRenderers);
  return [
    ...moveValuesFile(doc, spec.chart?.spec ?? {}, ["spec", "chart", "spec"]),
    ...renderers.flatMap((renderer, index) =>
      movePatches(doc, renderer.kustomize ?? {}, ["spec", "postRenderers", index, "kustomize"], text),
    ),
  ];
}

/** `valuesFile` is merged before `valuesFiles`, so it becomes its first item. */
function moveValuesFile(doc: number, spec: YamlData, at: YamlPath): YamlOp[] {
  if (spec.valuesFile === undefined) return [];
  const remove: YamlOp = { op: "delete", doc, path: [...at, "valuesFile"] };
  if (spec.valuesFile === "") return [remove];
  const path = [...at, "valuesFiles"];
  const files = itemsOf(spec.valuesFiles);
  if (files.includes(spec.valuesFile)) return [remove];
  const add: YamlOp =
    files.length > 0
      ? { op: "insert", doc, path, index: 0, value: spec.valuesFile }
      : { op: "set", doc, path, value: [spec.valuesFile] };
  return [add, remove];
}

/** Both legacy lists become `patches`, in the order in which kustomize runs the three. */
function movePatches(doc: number, spec: YamlData, at: YamlPath, text: ReadText): YamlOp[] {
  const listOf = (field: string) => itemsOf(spec[field]);
  // What the owner wrote above the list goes on top of its first patch.
  const note = (field: string, index: number) => (index === 0 ? commentsOf(text([...at, field])) : "");
  const before = listOf("patchesStrategicMerge").map((body, index) => {
    const written = text([...at, "patchesStrategicMerge", index]);
    return { patch: note("patchesStrategicMerge", index) + writtenBody(written, body) };
  });
  const after = listOf("patchesJson6902").map((item, index) => {
    const written = text([...at, "patchesJson6902", index, "patch"]);
    return { patch: note("patchesJson6902", index) + writtenBody(written, item.patch), target: item.target };
  });
  const path = [...at, "patches"];
  const inserts = [
    ...after.map((value): YamlOp => ({ op: "insert", doc, path, value })),
    ...before.toReversed().map((value): YamlOp => ({ op: "insert", doc, path, index: 0, value })),
  ];
  const isNew = listOf("patches").length === 0 && inserts.length > 0;
  const all: YamlOp = { op: "set", doc, path, value: [...before, ...after] };
  const old = ["patchesStrategicMerge", "patchesJson6902"].filter((field) => spec[field] !== undefined);
  return [...(isNew ? [all] : inserts), ...old.map((field): YamlOp => ({ op: "delete", doc, path: [...at, field] }))];
}

/** The comment lines a text begins with. */
function commentsOf(text: string | undefined): string {
  return /^(?:#.*\n)*/.exec(text ?? "")![0];
}

/** The body as it is written, comments and all; printed anew where it is no plain block. */
function writtenBody(written: string | undefined, body: YamlData): string {
  if (typeof body === "string") return body;
  return written === undefined ? printBody(body) : `${cutEnd(written, "\n")}\n`;
}
