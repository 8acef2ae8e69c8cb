import type { Finding } from "../contract/finding.ts";
import { isBranchName, isNamespaceName, isObjectName } from "../contract/names.ts";
import { type KubeObject, readableSpec } from "../contract/objects.ts";
import { hasHidden } from "../contract/visible.ts";
import { isHelmRelease } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { isChartAddress, readChartUse } from "./chart-release.ts";
import { listSyncNeeds } from "./sync-needs.ts";
import type { Cluster } from "./types.ts";

/** A text of an object that is to be the name of something. */
interface Named {
  object: KubeObject;
  path: string[];
  text: unknown;
  /** `a branch of git`. */
  of: string;
  isValid: (text: string) => boolean;
}

/**
 * Names of a cluster that Kubernetes or git would refuse. They end up in commands, scripts and pipelines, so that what is
 * none stops here. A variable that postBuild fills in stands for a valid part.
 * @param objects of the whole tree, in which the charts of the apps are looked for
 */
export function refuseNames(tree: Tree, cluster: Cluster, objects: readonly KubeObject[]): Finding[] {
  const findings: Finding[] = [];
  for (const { object, path, text, of, isValid } of [...listNames(cluster), ...chartNames(cluster, objects)]) {
    if (typeof text !== "string" || text === "" || isValid(fillIn(text))) continue;
    findings.push({
      rule: "name-refused",
      level: "blocker",
      cluster: cluster.name,
      at: locateField(tree, object, path),
      what: `${JSON.stringify(text)} in ${path.join(".")} is no name of ${of}, so ${cluster.name} is left as it is.`,
      why: "Flux cannot apply it. In the commands and scripts that name it, it would be read as something else.",
      next: "Correct the name, then run fluxlift again.",
    });
  }
  return findings;
}

/** `${CLUSTER}` and `${CLUSTER:=main}` by a letter; a default that is no part of a name stays. */
function fillIn(text: string): string {
  return text.replace(/\$\{\w+(?::?[=-][\w.-]*)?\}/g, "x");
}

function listNames(cluster: Cluster): Named[] {
  const { source, runningSource, root, install, instances, operators, kustomizations } = cluster;
  const objects = new Set([root, ...kustomizations.map(({ object }) => object)]);
  if (source) objects.add(source);
  for (const { object } of instances) objects.add(object);
  for (const object of operators) objects.add(object);
  for (const object of install?.objects ?? []) if (isFluxKind(object)) objects.add(object);
  return [
    ...[...objects].flatMap(namesOf),
    ...[root, runningSource].flatMap((object) => (object ? syncNames(object) : [])),
    ...needNames(cluster),
  ];
}

/** RBAC and CRDs of an install have names of other rules, which nothing here depends on. */
function isFluxKind({ apiVersion }: KubeObject): boolean {
  return apiVersion.includes(".fluxcd.io/");
}

function namesOf(object: KubeObject): Named[] {
  const { metadata, spec } = object.data;
  const name = { of: "a Kubernetes object", isValid: isObjectName };
  const namespace = { of: "a namespace", isValid: isNamespaceName };
  return [
    { object, path: ["metadata", "name"], text: metadata?.name, ...name },
    { object, path: ["metadata", "namespace"], text: metadata?.namespace, ...namespace },
    { object, path: ["spec", "targetNamespace"], text: spec?.targetNamespace, ...namespace },
    { object, path: ["spec", "sourceRef", "name"], text: spec?.sourceRef?.name, ...name },
    { object, path: ["spec", "sourceRef", "namespace"], text: spec?.sourceRef?.namespace, ...namespace },
    { object, path: ["spec", "releaseName"], text: spec?.releaseName, of: "a Helm release", isValid: isObjectName },
  ];
}

function syncNames(object: KubeObject): Named[] {
  const { path, ref } = object.data.spec ?? {};
  // A backslash is a `/` on Windows, and where it is none, people read one.
  const isFolder = (text: string) => !hasHidden(text) && !text.includes("\\");
  return [
    { object, path: ["spec", "path"], text: path, of: "a folder", isValid: isFolder },
    { object, path: ["spec", "ref", "branch"], text: ref?.branch, of: "a branch of git", isValid: isBranchName },
  ];
}

/** Helm takes the address of a chart as an argument, and one that begins with a dash as a flag. */
function chartNames({ operators, instances }: Cluster, objects: readonly KubeObject[]): Named[] {
  const releases = [...operators, ...instances.map(({ object }) => object)].filter(isHelmRelease);
  const sources = new Set(releases.flatMap((release) => readChartUse(release, objects)?.source ?? []));
  return [...sources].map((object) => {
    return { object, path: ["spec", "url"], text: object.data.spec?.url, of: "a chart", isValid: isChartAddress };
  });
}

function needNames(cluster: Cluster): Named[] {
  const { root, kustomizations, instances } = cluster;
  const secret = { of: "a Secret", isValid: isObjectName };
  return [
    ...listSyncNeeds(cluster).map(({ kind, name }) => {
      return { object: root, path: ["spec"], text: name, of: `a ${kind}`, isValid: isObjectName };
    }),
    ...kustomizations.map((one) => {
      const path = ["spec", "decryption", "secretRef", "name"];
      return { object: one.object, path, text: readableSpec(one)?.decryption?.secretRef?.name, ...secret };
    }),
    ...instances.map(({ object, spec }) => {
      const path = ["spec", "distribution", "imagePullSecret"];
      return { object, path, text: spec.distribution?.imagePullSecret, ...secret };
    }),
  ];
}
