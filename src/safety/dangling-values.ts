import { isYamlPath, readObjects } from "../cluster/objects.ts";
import type { Cluster } from "../cluster/types.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import { groupOf, isHelmRelease } from "../delivery/kinds.ts";
import type { ClusterChange } from "./change.ts";
import type { DanglingReference } from "./dangling.ts";
import { splitKey } from "./key.ts";
import type { Outcome, OwnedObject } from "./types.ts";

/**
 * ConfigMaps and Secrets that the change deletes and that a FluxKustomization substitutes from, or a HelmRelease takes values
 * from, without `optional`: kustomize-controller then builds nothing (flux-facts 2.9), helm-controller renders nothing.
 * Nothing is reported where something new may make it instead, such as an ExternalSecret.
 * @param listChildren FluxKustomizations as the tree after the change delivers them: parents often patch
 * `substituteFrom` into their children
 */
export function findDanglingValues(
  change: ClusterChange,
  outcomes: readonly Outcome[],
  listChildren: () => readonly OwnedObject[],
): DanglingReference[] {
  const { after, added, cluster } = change;
  const values = outcomes.filter(({ kind, fate }) => fate === "deleted" && (kind === "ConfigMap" || kind === "Secret"));
  const gone = values.filter((target) => !added.some((object) => mayMake(object, target)));
  const naming = (field: string) =>
    gone.filter(({ name }) => after.grep(field).some((file) => after.read(file)?.includes(name)));
  const [substituted, inReleases] = [naming("substituteFrom"), naming("valuesFrom")];
  const children = substituted.length > 0 ? listChildren() : [];
  return [
    ...children.flatMap((child) => findSubstitutions(child, substituted, cluster)),
    ...inReleases.flatMap((target) => findReleases(change, target)),
  ];
}

function findSubstitutions(child: OwnedObject, gone: readonly Outcome[], cluster: Cluster): DanglingReference[] {
  const { key, at, doc = 0, flux } = child;
  const { namespace, name } = splitKey(key);
  const data: YamlData = flux?.data?.spec;
  const identity = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", namespace, name };
  const from = { ...identity, file: at?.file ?? cluster.root.file, doc, data };
  return listNames(data?.postBuild?.substituteFrom).flatMap((ref) => {
    const isGone = gone.some((one) => one.kind === ref.kind && one.name === ref.name && one.namespace === namespace);
    const target = `${ref.kind}/${ref.name}`;
    return isGone ? [{ from, field: "spec.postBuild.substituteFrom", target, namespace }] : [];
  });
}

function findReleases({ after, cluster, isDelivered }: ClusterChange, target: Outcome): DanglingReference[] {
  const files = after
    .grep("valuesFrom")
    .filter((file) => isYamlPath(file) && isDelivered(file) && after.read(file)!.includes(target.name));
  const releases = files.flatMap((file) => readObjects(after, file).objects).filter(isHelmRelease);
  return releases.flatMap((from) => {
    const names = listNames(from.data?.spec?.valuesFrom);
    const isNamed = names.some(({ kind, name }) => kind === target.kind && name === target.name);
    if (!isNamed || !isHere(from, target, cluster)) return [];
    return [{ from, field: "spec.valuesFrom", target: `${target.kind}/${target.name}`, namespace: target.namespace }];
  });
}

function mayMake({ apiVersion, kind, data }: KubeObject, target: Outcome): boolean {
  if (apiVersion === "v1" || groupOf(apiVersion).endsWith(".toolkit.fluxcd.io")) return false;
  return kind !== "Kustomization" && JSON.stringify(data ?? {}).includes(`"${target.name}"`);
}

/** A document without a namespace gets one from what delivers it, which is asked; errs towards another namespace. */
function isHere(from: KubeObject, target: Outcome, cluster: Cluster): boolean {
  const delivered = cluster.findObjects((text) => text.includes(from.name));
  const found = delivered.find(({ object }) => object.file === from.file && object.doc === from.doc);
  return (found?.namespace || from.namespace) === target.namespace;
}

function listNames(list: YamlData): { kind: string; name: string }[] {
  return (Array.isArray(list) ? list : [])
    .filter((ref) => ref?.optional !== true && typeof ref?.name === "string")
    .map(({ kind, name }) => ({ kind: String(kind), name }));
}
