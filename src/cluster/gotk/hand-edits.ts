import { lineOf } from "../../contract/errors.ts";
import type { DraftFinding, FactFinding } from "../../contract/finding.ts";
import { groupBy } from "../../contract/group-by.ts";
import { isFilled, itemsOf, type PatchTarget, type SourcePatch, type YamlData } from "../../contract/objects.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import { installedBase } from "../../release/base.ts";
import { readBaseFacts } from "../../release/facts.ts";
import { printBody } from "../../release/print.ts";
import { type FluxVersion, formatFluxVersion, nearestFlux } from "../../release/releases.ts";
import type { SimObject } from "../../release/types.ts";
import type { GotkDetails, LazyDocument } from "../types.ts";
import { isCrd } from "./detect.ts";
import { type DeploymentEdit, diffDeployment, diffToOps, withoutBootstrap } from "./diff.ts";
import { crdDigests, digestData, digestText } from "./facts.ts";

export interface HandEdits {
  /** Patches that make the released manifests say what this file says. */
  patches: SourcePatch[];
  findings: DraftFinding[];
}

/**
 * Compares every object of a gotk file with the manifest of its release, bootstrap's own settings (flux-facts 4.3)
 * and hand edits alike: what differs becomes a patch, as the instance has no other place for most of it. CRDs are
 * compared by digest; the operator brings its own, so a difference there is only said.
 */
export function findHandEdits(
  { documents, suffix }: Pick<GotkDetails, "documents" | "suffix">,
  version: FluxVersion,
  components: readonly string[],
  namespace: string,
): HandEdits {
  const nearest = nearestFlux(version);
  // Its own release where that is known: a later patch release of the minor is not what was installed.
  const facts = readBaseFacts(version) ?? (nearest && readBaseFacts(nearest));
  if (!facts)
    return { patches: [], findings: documents.slice(0, 1).map((document) => notCompared(document, version, false)) };
  const digests = crdDigests(version);
  const expected = installedBase(facts, "gotk", components, namespace, suffix);
  const edits: HandEdits = { patches: [], findings: [] };
  const deployments: DeploymentEdit[] = [];
  const seen = new Set<SimObject>();
  for (const document of documents) {
    const pristine = expected.find(({ data, names }) => data.kind === document.kind && names.includes(document.name));
    if (!pristine) continue;
    seen.add(pristine);
    if (isCrd(document)) {
      if (digests && isEditedCrd(document, digests.get(document.name))) edits.findings.push(crdDiffers(document));
    } else if (document.data() === undefined) edits.findings.push(unreadable(document));
    else if (document.kind === "Deployment") {
      deployments.push(diffDeployment(document, pristine.data, namespace, digests !== undefined));
    } else if (digests) edits.patches.push(...diffObject(document, pristine.data, namespace, suffix));
  }
  const missing = expected.filter((object) => !seen.has(object));
  // A later minor may do without what the nearest one that is known has.
  const removed = facts.version.minor === version.minor ? removedObjects(documents, missing) : [];
  edits.patches.push(...patchesOf(deployments), ...removed);
  if (!digests && documents[0]) edits.findings.push(notCompared(documents[0], version, true));
  return edits;
}

function isEditedCrd(document: LazyDocument, known: { text: string; data: string } | undefined): boolean {
  if (!known) return false;
  return digestText(document.text) !== known.text && digestData(document.data()) !== known.data;
}

function diffObject(document: LazyDocument, pristine: YamlData, namespace: string, suffix: string): SourcePatch[] {
  const before = withoutStamps(pristine);
  // Bootstrap suffixes the roles and follows them in the bindings (flux-facts 4.3); the base facts only the former.
  if (document.name === `crd-controller${suffix}` && before.roleRef?.name === "crd-controller")
    before.roleRef.name = `crd-controller${suffix}`;
  const after = withoutStamps(document.data());
  followNamespace(before, after, namespace);
  const ops = diffToOps(before, after);
  if (ops.length === 0) return [];
  const target = { kind: document.kind, name: escapeRegExp(document.name) };
  return [toPatch(document, printBody(ops), target)];
}

/** Bindings name the accounts in the namespace of the controllers, in bootstrap's file as in what the operator builds. */
function followNamespace(before: YamlData, after: YamlData, namespace: string): void {
  for (const subject of itemsOf(before.subjects)) {
    const same = (other: YamlData) => other?.name === subject.name && other.namespace === namespace;
    if (itemsOf(after.subjects).some(same)) subject.namespace = namespace;
  }
}

/** The object without bootstrap's stamps; where nothing else labels it, without labels. */
function withoutStamps(data: YamlData): YamlData {
  const copy = withoutBootstrap(data);
  if (copy.metadata.labels && !isFilled(copy.metadata.labels)) delete copy.metadata.labels;
  return copy;
}

/** One patch for all controllers that were edited alike. */
function patchesOf(edits: readonly DeploymentEdit[]): SourcePatch[] {
  const all = edits.flatMap(({ document, bodies }) => bodies.map((body) => ({ document, body })));
  return [...groupBy(all, ({ body }) => body)].map(([body, group]) => {
    const names = group.map(({ document }) => document.name);
    const isAll = names.length === edits.length && names.length > 1;
    const name = names.length === 1 ? names[0]! : `(${names.join("|")})`;
    return toPatch(group[0]!.document, body, { kind: "Deployment", ...(isAll ? {} : { name }) });
  });
}

function removedObjects(documents: readonly LazyDocument[], missing: readonly SimObject[]): SourcePatch[] {
  const first = documents[0];
  const gone = missing.filter(
    ({ data }) => !["Namespace", "CustomResourceDefinition", "Deployment"].includes(data.kind),
  );
  if (!first || gone.length === 0) return [];
  const policies = gone.filter(({ data }) => data.kind === "NetworkPolicy");
  const remove = (kind: string, apiVersion: string, name: string | undefined): SourcePatch => {
    const body = printBody({ apiVersion, kind, metadata: { name: name ?? "all" }, $patch: "delete" });
    return toPatch(first, body, { kind, ...(name ? { name: escapeRegExp(name) } : {}) });
  };
  const others = gone.filter((object) => policies.length < 3 || !policies.includes(object));
  return [
    ...(policies.length === 3 ? [remove("NetworkPolicy", "networking.k8s.io/v1", undefined)] : []),
    ...others.map(({ data }) => remove(data.kind, data.apiVersion, data.metadata.name)),
  ];
}

function toPatch(document: LazyDocument, body: string, target: PatchTarget): SourcePatch {
  const { file, doc, line } = document;
  return { at: lineOf(file, line), file, doc, path: [], body, target, form: "hand-edit" };
}

function crdDiffers({ name, file, line }: LazyDocument): FactFinding {
  const resource = `CustomResourceDefinition ${name}`;
  return { rule: "gotk-crd-edited", level: "caution", resource, at: lineOf(file, line), facts: {} };
}

function unreadable({ kind, name, file, line }: LazyDocument): FactFinding {
  const resource = `${kind} ${name}`;
  const facts = { how: "no-yaml", resource } as const;
  return { rule: "gotk-broken", level: "blocker", resource, at: lineOf(file, line), facts };
}

function notCompared({ file, line }: LazyDocument, version: FluxVersion, isNear: boolean): FactFinding {
  return {
    rule: "gotk-not-compared",
    level: "caution",
    at: lineOf(file, line),
    facts: { version: `v${formatFluxVersion(version)}`, isNear },
  };
}
