import { printKey } from "../../admission/key.ts";
import type { OpenPoint, OwnedObject } from "../../change/types.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { operand, sh } from "../../contract/shell.ts";
import { compareCharts } from "../sources/charts-behind.ts";
import { manifestCommand, namedForHelm } from "../values/helm-words.ts";
import { dropsRendered } from "./post-renderers.ts";
import { readToldLoss } from "./told-losses.ts";

/**
 * Changes of an object whose effect hangs on what cannot be seen here.
 * @param isOwn it stays with the FluxKustomization that applies it
 */
export function listHiddenEffects(old: OwnedObject, now: OwnedObject, isOwn: boolean): OpenPoint[] {
  const points: OpenPoint[] = [];
  const note = (what: string, look: string) => {
    points.push({ resource: printKey(now.key), what, look, ...(now.at ? { at: now.at } : {}) });
  };
  const named = [old.name, "-n", old.namespace];
  if (now.recipe !== undefined && !now.flux && old.recipe !== now.recipe) {
    note(
      "changes: the operator deletes what it generates no more, and that cannot be seen here",
      `compare what flux-operator build rset gives with what ${sh`flux-operator tree rset ${named}`.line} shows`,
    );
  }
  // Chart, names and namespaces of a suspended release may have changed without effect; resuming catches up (trap 5).
  if (old.release?.suspend && now.release && !now.release.suspend) {
    note(
      "is suspended today and resumes: where its chart, name or namespaces changed meanwhile, Helm uninstalls what it installed before that, and that cannot be seen here",
      `look at what ${sh`helm history ${namedForHelm(old)}`.line} says is installed`,
    );
  }
  if (compareCharts(old.release?.chart, now.release?.chart) === "open") {
    note(
      "gets a chart whose name hangs on a variable that cannot be read here: where that is another name, Helm uninstalls the release first",
      `compare the value with the chart that ${sh`helm list ${namedForHelm(old).slice(1)}`.line} shows`,
    );
  }
  if (old.release && now.release && old.release.cluster !== now.release.cluster) {
    note(
      "is installed into another cluster afterwards: what it installed before stays where it is, nobody manages it any more, and the new one begins without its data",
      `look at ${sh`helm history ${namedForHelm(old)}`.line} in the cluster that it leaves, and move the data first`,
    );
  }
  // What a chart of this repository renders is compared as a whole.
  if (
    old.release &&
    now.release &&
    !now.flux &&
    !now.release.suspend &&
    dropsRendered(old.body?.spec, now.body?.spec)
  ) {
    note(
      "gets other patches over what its chart renders (postRenderers), which delete or rename whole objects: Helm deletes what is rendered no more, and that cannot be seen here",
      `compare what these patches give with ${manifestCommand(old)}`,
    );
  }
  if (losesClaimsByScale(old.body, now.body)) {
    note(
      "gets fewer replicas, and persistentVolumeClaimRetentionPolicy.whenScaled is Delete: the claims of the pods that go are deleted with their data",
      `look at ${sh`kubectl get pvc -n ${old.namespace}`.line}`,
    );
  }
  const told = readToldLoss(old, now);
  if (told !== undefined) note(told, "look whether that data may go, or is backed up and can be restored");
  // The same text in both trees is another name where the value behind it changes.
  if (isOwn && old.open !== now.open) {
    note(
      "has a name that hangs on a value which cannot be read here and which this change alters: under another name Flux makes it anew, and prunes this one unless prune is off for it",
      "compare the value before and after",
    );
  }
  return points;
}

/**
 * An owner that the change names for an object. Kubernetes knows it by its uid, which no file knows of what is made anew, and collects
 * what has no owner left (seen live: a claim was gone after seconds).
 * @param old the object as it is applied today, if it is
 */
export function listOwned(old: OwnedObject | undefined, now: OwnedObject): OpenPoint[] {
  const known = new Set(listOwners(old?.body).map(({ uid }) => uid));
  const owner = listOwners(now.body).find(({ uid }) => !known.has(uid));
  if (!owner) return [];
  const [kind, name] = [String(owner.kind), String(owner.name)];
  const where = now.namespace === "" ? [] : ["-n", now.namespace];
  return [
    {
      resource: printKey(now.key),
      what: `names ${kind} ${name} as its owner, by a uid: where nothing in the cluster has that uid Kubernetes deletes it within seconds, and it goes with its owner`,
      look: `compare the uid with what ${sh`kubectl get ${kind} ${operand(name)} ${where} -o yaml`.line} shows, or take metadata.ownerReferences out`,
      ...(now.at ? { at: now.at } : {}),
    },
  ];
}

function listOwners(body: YamlData): YamlData[] {
  return itemsOf(body?.metadata?.ownerReferences).filter(({ uid }) => typeof uid === "string" && uid !== "");
}

/** The claims go by what is said when the pods go (Kubernetes: StatefulSet, PersistentVolumeClaim retention). */
function losesClaimsByScale(old: YamlData, now: YamlData): boolean {
  if (now?.kind !== "StatefulSet" || now.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete")
    return false;
  const [from, to] = [old, now].map((body): unknown => body?.spec?.replicas ?? 1);
  return typeof from === "number" && typeof to === "number" && to < from;
}
