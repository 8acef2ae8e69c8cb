import createIgnore from "ignore";
import { type ClusterDelivery, readsOwn } from "./deliver.ts";
import { groupOf, identityOf, isFluxKustomization, keyOf } from "./flux-objects.ts";
import { isRemote, kustomizationFile, namedPaths } from "./reach.ts";
import { type Data, joinPath, type Snapshot } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

/** One reference and whether it leads anywhere; `unknown` = foreign, remote or substituted. */
export interface Reference {
  /** Object and field that hold it. */
  place: string;
  key: string;
  state: "resolved" | "broken" | "unknown";
}

/** References of every kustomization file of the tree to files and folders. */
export function fileReferences(tree: Snapshot): Reference[] {
  const out: Reference[] = [];
  const files = tree.paths.filter((path) => kustomizationFile(tree, folderOf(path)) === path);
  for (const file of files) {
    for (const doc of tree.yaml(file).docs) {
      if (isFluxKustomization(doc.data)) continue;
      for (const { field, target } of namedPaths(doc.data)) {
        const path = joinPath(folderOf(file), target);
        const state = isRemote(target) || target.includes("${") ? "unknown" : found(tree, path) ? "resolved" : "broken";
        out.push({ place: `${file}: ${field}`, key: `${file}: ${field} ${target}`, state });
      }
    }
  }
  return out;
}

const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");
const found = (tree: Snapshot, path: string): boolean => tree.has(path) || tree.isDir(path);

/** Kinds whose objects a Receiver, Alert or automation may name. */
const FLUX_GROUPS = /(^|\.)(toolkit\.fluxcd\.io|controlplane\.io)$/;

interface Named {
  field: string;
  group?: string;
  kind: string;
  namespace: string;
  name: string;
}

const list = (value: Data): Data[] => (Array.isArray(value) ? value : []);

/** Objects that a Flux object names in its spec. */
export function namedObjects(data: Data): Named[] {
  const spec = data?.spec ?? {};
  const own = String(data?.metadata?.namespace ?? "");
  const out: Named[] = [];
  const add = (field: string, ref: Data, kind?: string): void => {
    if (!ref?.name || ref.name === "*" || !(ref.kind ?? kind)) return;
    out.push({ field, kind: ref.kind ?? kind, namespace: String(ref.namespace ?? own), name: String(ref.name) });
  };
  add("sourceRef", spec.sourceRef);
  add("chartRef", spec.chartRef);
  add("chart.spec.sourceRef", spec.chart?.spec?.sourceRef);
  add("imageRepositoryRef", spec.imageRepositoryRef, "ImageRepository");
  add("providerRef", spec.providerRef, "Provider");
  for (const ref of list(spec.dependsOn)) add("dependsOn", ref, data.kind);
  for (const ref of list(spec.valuesFrom)) if (ref?.kind === "ConfigMap" && !ref.optional) add("valuesFrom", ref);
  for (const ref of list(spec.resources)) add("resources", ref);
  for (const ref of list(spec.eventSources)) add("eventSources", ref);
  for (const ref of list(spec.healthChecks)) {
    if (FLUX_GROUPS.test(groupOf(ref.apiVersion))) add("healthChecks", ref);
  }
  return out;
}

export interface ObjectScope {
  delivery: ClusterDelivery;
  /** Source and root that the cluster's FluxInstance generates. */
  generated: Data[];
  tree: Snapshot;
  prefix: string;
  own: Set<string>;
  /** `spec.ignore` of the root's source. */
  ignore?: string;
}

/**
 * Whether source-controller leaves a path out of the artifact. Unlike git it lets a later pattern bring back what lies in
 * an excluded folder (`/*`, then `!/clusters/a`), so each pattern is asked alone and the last one that matches decides.
 */
export function isIgnored(patterns: string, path: string): boolean {
  let ignored = false;
  for (const line of patterns.split("\n").map((text) => text.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const negated = line.startsWith("!");
    if (
      createIgnore()
        .add(negated ? line.slice(1) : line)
        .ignores(path)
    )
      ignored = !negated;
  }
  return ignored;
}

function pathState(fk: Data, scope: ObjectScope): Reference["state"] {
  const path = joinPath(scope.prefix, String(fk.spec?.path ?? ""));
  if (!readsOwn(fk, scope.own) || path.includes("${")) return "unknown";
  if (!scope.tree.isDir(path)) return "broken";
  if (scope.ignore && path && isIgnored(scope.ignore, `${path}/x.yaml`)) return "broken";
  return "resolved";
}

/** References between the Flux objects of one cluster. */
export function objectReferences(scope: ObjectScope): Reference[] {
  const out: Reference[] = [];
  const known = new Set<string>();
  const objects = [...[...scope.delivery.objects.values()].map((object) => object.data), ...scope.generated];
  const simple = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`;
  for (const data of objects) {
    const id = identityOf(data);
    known.add(simple(id.kind, id.namespace, id.name));
  }
  for (const data of objects) {
    if (!FLUX_GROUPS.test(groupOf(data.apiVersion))) continue;
    const key = keyOf(identityOf(data));
    if (isFluxKustomization(data))
      out.push({ place: `${key}: path`, key: `${key}: path ${data.spec?.path}`, state: pathState(data, scope) });
    for (const named of namedObjects(data)) {
      const state = /\$\{/.test(`${named.name}${named.namespace}`)
        ? "unknown"
        : known.has(simple(named.kind, named.namespace, named.name))
          ? "resolved"
          : "broken";
      const place = `${key}: ${named.field}`;
      out.push({ place, key: `${place} ${simple(named.kind, named.namespace, named.name)}`, state });
    }
  }
  return out;
}

/** Gate item 2: what resolved still resolves, what is new resolves. */
export function checkReferences(before: Reference[], after: Reference[]): GateResult {
  const verdict = new Verdict(2);
  const brokenIn = (references: Reference[]): Reference[] => references.filter((ref) => ref.state === "broken");
  const known = new Set(brokenIn(before).map((ref) => ref.key));
  const seenBefore = new Set(before.map((ref) => ref.key));
  const budget = new Map<string, number>();
  for (const { place } of brokenIn(before)) budget.set(place, (budget.get(place) ?? 0) + 1);
  for (const { key, place } of brokenIn(after)) if (known.has(key)) budget.set(place, (budget.get(place) ?? 0) - 1);
  for (const { key, place } of brokenIn(after)) {
    if (known.has(key)) continue;
    const renamed = !seenBefore.has(key) && (budget.get(place) ?? 0) > 0;
    budget.set(place, (budget.get(place) ?? 0) - 1);
    if (renamed) verdict.note(`${key} was broken before under another name`);
    else verdict.fail(`${key} ${seenBefore.has(key) ? "no longer resolves" : "is new and does not resolve"}`);
  }
  if (known.size > 0) verdict.note(`${known.size} references were broken before`);
  return verdict.result();
}
