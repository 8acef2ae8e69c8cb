import type { Loc } from "../../contract/errors.ts";
import type { DraftFinding, FactFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import { isFilled, itemsOf, type SourcePatch, type YamlData } from "../../contract/objects.ts";
import type { RuleFacts } from "../../contract/rule-facts.ts";
import { isMap } from "../../delivery/kustomize/data.ts";
import { renameImage, splitImage } from "../../delivery/kustomize/images.ts";
import { printBody } from "../../release/print.ts";
import type { ImageReference } from "../types.ts";

/** Settings around the install that are no patches: a kustomization, or the spec of the FluxKustomization that builds it. */
export interface OverlaySource {
  data: YamlData;
  /** File and document that hold the settings. */
  file: string;
  doc: number;
  form: "kustomization" | "flux";
  locate: (path: readonly (string | number)[]) => Loc;
}

export interface OverlayFields {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Images after all `images` entries. */
  images: ImageReference[];
  patches: SourcePatch[];
  findings: DraftFinding[];
}

/**
 * What kustomize fields other than patches do to the install (flux-facts 2.8, 3): labels and annotations that reach
 * every object are `commonMetadata`; `images` give registry and tags; `replicas` become patches; what no FluxInstance can
 * say is a blocker, because the controllers would change when the operator adopts them.
 * @param names of the install, of source and root, and of what takes their place
 */
export function readOverlayFields(
  sources: readonly OverlaySource[],
  images: readonly ImageReference[],
  namespace: string,
  names: ReadonlySet<string>,
): OverlayFields {
  const fields: OverlayFields = { labels: {}, annotations: {}, images: [...images], patches: [], findings: [] };
  for (const source of sources) {
    readMetadata(source, fields, { images, namespace });
    fields.images = applyImages(source, fields.images);
    readReplicas(source, fields);
    checkRenames(source, namespace, names, fields);
  }
  return fields;
}

/** The controllers as the install itself says them. */
interface Controllers {
  images: readonly ImageReference[];
  namespace: string;
}

function readMetadata(source: OverlaySource, fields: OverlayFields, controllers: Controllers): void {
  const { data } = source;
  if (source.form === "flux") {
    Object.assign(fields.labels, data.commonMetadata?.labels);
    Object.assign(fields.annotations, data.commonMetadata?.annotations);
    return;
  }
  itemsOf(data.labels).forEach((item, index) => {
    if (item.includeSelectors === true || Array.isArray(item.fields)) {
      const setting = "labels that also change selectors";
      fields.findings.push(cannotSay(source, ["labels", index], { setting, selectors: selectorsOf(controllers) }));
      return;
    }
    Object.assign(fields.labels, item.pairs);
    if (item.includeTemplates === true) addToPods(source, fields, ["labels", index], "labels", item.pairs);
  });
  if (isFilled(data.commonLabels)) {
    const setting = "commonLabels, which also change selectors";
    fields.findings.push(cannotSay(source, ["commonLabels"], { setting, selectors: selectorsOf(controllers) }));
  }
  if (isFilled(data.commonAnnotations)) {
    Object.assign(fields.annotations, data.commonAnnotations);
    addToPods(source, fields, ["commonAnnotations"], "annotations", data.commonAnnotations);
  }
}

function addToPods(
  source: OverlaySource,
  fields: OverlayFields,
  path: readonly (string | number)[],
  map: "labels" | "annotations",
  pairs: YamlData,
): void {
  const body = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "all" },
    spec: { template: { metadata: { [map]: pairs } } },
  };
  fields.patches.push(toPatch(source, path, printBody(body)));
}

function readReplicas(source: OverlaySource, fields: OverlayFields): void {
  if (source.form === "flux") return;
  const components = fields.images.map(({ component }) => component);
  fields.patches.push(...replicaPatches(source, components));
}

/** `replicas` of a kustomization as patches: kustomize runs them after all patches beside them. */
export function replicaPatches(
  source: Pick<OverlaySource, "data" | "file" | "doc" | "locate">,
  components: readonly string[],
): SourcePatch[] {
  return itemsOf(source.data.replicas).flatMap((item, index) => {
    if (!components.includes(item.name)) return [];
    const ops = [{ op: "replace", path: "/spec/replicas", value: item.count }];
    return [toPatch(source, ["replicas", index], printBody(ops), item.name)];
  });
}

function applyImages({ data, locate }: OverlaySource, images: readonly ImageReference[]): ImageReference[] {
  let current = [...images];
  itemsOf(data.images).forEach((entry, index) => {
    if (!isMap(entry)) return;
    current = current.map((old) => {
      const { registry, image, tag, digest } = old;
      const text = `${registry}/${image}${tag ? `:${tag}` : ""}${digest ? `@${digest}` : ""}`;
      const renamed = renameImage(entry, text);
      return renamed === undefined || renamed === text ? old : referTo(old, renamed, locate(["images", index]));
    });
  });
  return current;
}

function referTo({ component }: ImageReference, text: string, at: Loc): ImageReference {
  const { name, tag, digest } = splitImage(text);
  const [, registry = "docker.io/library", image] = /^(?:(.*)\/)?([^/]*)$/.exec(name)!;
  return { component, registry, image: image!, ...given({ tag: tag || undefined, digest: digest || undefined }), at };
}

const RENAMING = ["namePrefix", "nameSuffix"] as const;
const PROGRAMS = ["transformers", "replacements", "vars"] as const;

function checkRenames(
  source: OverlaySource,
  namespace: string,
  names: ReadonlySet<string>,
  fields: OverlayFields,
): void {
  const { data, form } = source;
  for (const field of RENAMING) {
    if (isFilled(data[field]))
      fields.findings.push(cannotSay(source, [field], { setting: `${field}, so all controllers are renamed` }));
  }
  const moved = form === "flux" ? "targetNamespace" : "namespace";
  if (isFilled(data[moved]) && data[moved] !== namespace) {
    const to = String(data[moved]);
    const setting = `${moved}: ${to}, while the install is for ${namespace}`;
    fields.findings.push(cannotSay(source, [moved], { setting, moved: { field: moved, to } }));
  }
  if (form === "flux") return;
  for (const field of PROGRAMS) {
    if (isFilled(data[field]) && !(field === "replacements" && staysBeside(data[field], names)))
      fields.findings.push(cannotSay(source, [field], { setting: `${field}, which may rewrite the controllers` }));
  }
}

/** Kinds of the install, of source and root, and of what installs the operator in their place. */
const KINDS = (
  "Namespace NetworkPolicy ResourceQuota ClusterRole ClusterRoleBinding CustomResourceDefinition ServiceAccount Service " +
  "Deployment GitRepository OCIRepository Bucket Kustomization HelmRepository HelmRelease FluxInstance ResourceSet"
).split(" ");

/**
 * Whether replacements only copy between other objects: each says what it reads and what it writes by a kind that is none of
 * the install, nor a pattern that may be, or by a kind and a plain name; newer releases of kustomize take a name for a pattern. What
 * a file of its own says is not read.
 */
function staysBeside(replacements: YamlData, names: ReadonlySet<string>): boolean {
  const isOther = (select: YamlData) => {
    if (typeof select?.kind !== "string" || !/^\w+$/.test(select.kind)) return false;
    return (
      !KINDS.some((own) => own.includes(select.kind)) || (typeof select.name === "string" && isOtherName(select.name))
    );
  };
  const isOtherName = (name: string) => /^[\w-]+$/.test(name) && !names.has(name);
  return itemsOf(replacements).every((one) => {
    const targets = itemsOf(one.targets);
    return isOther(one.source) && targets.length > 0 && targets.every(({ select }) => isOther(select));
  });
}

/** A patch of the Deployments, or of one. */
function toPatch(
  source: Pick<OverlaySource, "file" | "doc" | "locate">,
  path: readonly (string | number)[],
  body: string,
  name?: string,
): SourcePatch {
  const target = { kind: "Deployment", ...(name ? { name } : {}) };
  return { at: source.locate(path), file: source.file, doc: source.doc, path, body, target, form: "hand-edit" };
}

function cannotSay(
  source: OverlaySource,
  path: readonly (string | number)[],
  facts: RuleFacts["gotk-overlay-unsupported"],
): FactFinding {
  return { rule: "gotk-overlay-unsupported", level: "blocker", at: source.locate(path), facts };
}

/** The Deployments whose selectors a setting changes, and the file that has them without. */
function selectorsOf({ images, namespace }: Controllers) {
  const [first] = images;
  return first && { file: first.at.file, namespace, deployments: images.map(({ component }) => component) };
}
