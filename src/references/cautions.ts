import { groupKindOf, type ObjectKey, printKey, splitKey } from "../admission/key.ts";
import { isSkipped } from "../change/exclusions.ts";
import type { Given } from "../change/given.ts";
import { listReferencesAndOptional } from "../change/read.ts";
import type { Held } from "../change/world.ts";
import type { SaidFinding } from "../contract/finding.ts";
import { isFilled, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { isMap } from "../yaml/is-map.ts";
import { reportIdleEdits } from "./flux/idle-edits.ts";
import { isPausedBy, OPERATOR_MARK } from "./flux/paused.ts";
import { findNoLongerKept } from "./kept-data.ts";
import { locateIn, type ReportInput } from "./report.ts";

type Caution = Pick<SaidFinding, "rule" | "what" | "why" | "next"> & { path: string[] };

/** What somebody may well mean, and has to know: nothing is lost by the merge, but something works in another way from then on. */
export function reportCautions(input: ReportInput, given: Given): SaidFinding[] {
  const { before, after, flux } = given;
  const listed = after.all.flatMap((held): SaidFinding[] => {
    const { key, body: now } = held.object;
    const was = before.objects.get(key)?.object.body;
    if (held.by?.fixed !== false || held.by.spec.suspend || !isMap(was) || !isMap(now)) return [];
    const resource = printKey(key);
    const found: Caution[] = [];
    const isLeft = (object: YamlData) => isSkipped(object.metadata, flux) || isOff(key, object);
    // A mark on all that a FluxKustomization applies is told of that.
    if (isLeft(now) && !isLeft(was) && !isSkipped(held.by.spec.data.spec.commonMetadata, flux)) {
      const isEdited = JSON.stringify({ ...was, metadata: null }) !== JSON.stringify({ ...now, metadata: null });
      found.push({
        rule: "left-alone",
        path: ["metadata"],
        what: `Flux changes nothing more of ${resource}, as it gets a mark that says so${isEdited ? "; what else this change edits of it never gets there" : ""}.`,
        why: "An object with ssa: Ignore, ssa: IfNotPresent or reconcile: disabled is left as it is, and Flux reports no error; one of the operator makes nothing more.",
        next: "Take the mark out where Git is to go on deciding about the object.",
      });
    }
    if (uninstalls(key, now) && !uninstalls(key, was)) {
      found.push({
        rule: "failure-uninstalls",
        path: ["spec", "upgrade", "remediation", "strategy"],
        what: `Where an upgrade of ${resource} fails, Helm uninstalls the release from now on and installs it anew: what its chart makes goes, claims with their data among it.`,
        why: "upgrade.remediation.strategy is uninstall, where it was rollback.",
        next: "Leave it at rollback, unless nothing of the release holds data.",
      });
    }
    if (
      isRelease(key) &&
      now.spec?.suspend !== true &&
      isFilled(was.spec?.values) &&
      !isFilled(now.spec?.values) &&
      (!isFilled(now.spec?.valuesFrom) || hasOldSources(input, given, held))
    ) {
      found.push({
        rule: "values-emptied",
        path: ["spec", "values"],
        what: `${resource} has no values ${isFilled(now.spec?.valuesFrom) ? "of its own " : ""}any more: Helm upgrades it to what its chart says by default, and deletes what that leaves out, claims with their data among it.`,
        why: `All of its values go at once, and no valuesFrom gives it others${isFilled(now.spec?.valuesFrom) ? " than before" : ""}. What its chart renders without them is not looked at.`,
        next: "Check that they are meant to go, and were not commented out or moved by a slip.",
      });
    }
    found.push(...listLapses(key, was, now), ...listIdleRefs(key, was, now));
    return found.map(({ rule, path, ...said }) => ({
      ...{ rule, level: "caution", resource, at: locateIn(input, held, path) },
      ...said,
    }));
  });
  return [...listed, ...reportIdleEdits(input, given)];
}

/** Fields of `spec.ref`, of which the first one that is filled counts (flux-facts 4.4, 6.1); a commit and its branch go together. */
const REFS: Readonly<Record<string, readonly string[]>> = {
  OCIRepository: ["digest", "semver", "tag"],
  GitRepository: ["name", "tag", "semver", "branch"],
};

/** A version that is edited beside another field that stays, and that Flux goes by. */
function listIdleRefs(key: ObjectKey, was: YamlData, now: YamlData): Caution[] {
  const { group, kind } = splitKey(key);
  const fields = (group === "source.toolkit.fluxcd.io" && ofOwn(REFS, kind)) || [];
  const [old, ref] = [was, now].map(({ spec }) => (isMap(spec?.ref) ? spec.ref : {})) as [YamlData, YamlData];
  const decides = fields.find((field) => isFilled(ref[field]));
  if (decides === undefined || ref[decides] !== old[decides] || (kind === "GitRepository" && isFilled(ref.commit)))
    return [];
  const idle = fields.slice(fields.indexOf(decides) + 1);
  const edited = idle.find((field) => isFilled(ref[field]) && ref[field] !== old[field]);
  if (edited === undefined) return [];
  return [
    {
      rule: "edit-idle",
      path: ["spec", "ref", edited],
      what: `Nothing comes of what the change edits at spec.ref.${edited} of ${printKey(key)}: Flux goes by spec.ref.${decides} beside it, which stays as it is.`,
      why: `Where both are there, ${decides} counts.`,
      next: `Edit or take out spec.ref.${decides} as well.`,
    },
  ];
}

const LATER = "Nothing goes by this change. It may by a later one, or with its namespace.";
const RETAIN = "Leave it at Retain, unless the data may go.";
const RETENTIONS = [
  ["whenDeleted", "it goes"],
  ["whenScaled", "it has fewer replicas"],
] as const;

/** What has data deleted from now on that was kept until now. */
function listLapses(key: ObjectKey, was: YamlData, now: YamlData): Caution[] {
  const rule = "reclaim-deletes";
  const resource = printKey(key);
  const begins = (isDeleted: (body: YamlData) => boolean) => isDeleted(now) && !isDeleted(was);
  const found: Caution[] = [];
  if (begins((body) => isReclaimed(key, body)))
    found.push({
      rule,
      path: ["spec", "persistentVolumeReclaimPolicy"],
      what: `The data on ${resource} is deleted from now on as soon as its claim goes: persistentVolumeReclaimPolicy is no longer Retain.`,
      why: "Nothing goes by this change. The claim may go by a later one, or with its namespace.",
      next: "Leave it at Retain, unless the data may go with the claim.",
    });
  if (begins((body) => deletesSnapshots(key, body))) {
    const isClass = key.includes("|VolumeSnapshotClass|");
    found.push({
      rule,
      path: isClass ? ["deletionPolicy"] : ["spec", "deletionPolicy"],
      what: `${isClass ? `What is taken with ${resource} from now on is` : `The snapshot of ${resource} is from now on`} deleted with its VolumeSnapshot: deletionPolicy is no longer Retain.`,
      why: LATER,
      next: RETAIN,
    });
  }
  const lapse = RETENTIONS.find(([field]) => begins((body) => retention(key, body, field)));
  if (lapse) {
    const [field, when] = lapse;
    found.push({
      rule,
      path: ["spec", "persistentVolumeClaimRetentionPolicy", field],
      what: `The claims of ${resource} are deleted with their data from now on as soon as ${when}: persistentVolumeClaimRetentionPolicy.${field} is Delete.`,
      why: LATER,
      next: RETAIN,
    });
  }
  const field = findNoLongerKept(key, was, now);
  if (field) {
    found.push({
      rule,
      path: field,
      what: `The data of ${resource} is deleted from now on as soon as it goes: ${field.join(".")} does not keep it any more.`,
      why: LATER,
      next: "Leave the field as it was, unless the data may go.",
    });
  }
  return found;
}

function retention(key: string, { spec }: YamlData, field: string): boolean {
  return key.startsWith("apps|StatefulSet|") && spec?.persistentVolumeClaimRetentionPolicy?.[field] === "Delete";
}

/** Whether the values of a release come from what they came from before, as it was. What Git does not hold counts as it was. */
function hasOldSources({ change }: ReportInput, { before, after }: Given, { object }: Held): boolean {
  const was = before.objects.get(object.key)?.object.body?.spec?.valuesFrom;
  if (JSON.stringify(was) !== JSON.stringify(object.body?.spec?.valuesFrom)) return false;
  const named = listReferencesAndOptional(object).filter(({ field }) => field === "spec.valuesFrom");
  return named.every(({ target }) => {
    // A generated one has a hash in its name, which the file that it is generated from does not show.
    if (after.isHashed(target)) return false;
    const [old, now] = [before, after].map((world) => world.find(target)?.object);
    const isEdited = [old, now].some((one) => one?.at && change.changed.has(one.at.file));
    return !isEdited && JSON.stringify(old?.body) === JSON.stringify(now?.body);
  });
}

/** Of the operator: it makes nothing more for it. A FluxInstance is said in words of its own. */
function isOff(key: string, { metadata }: YamlData): boolean {
  const { group, kind } = splitKey(key);
  const isMade = group === "fluxcd.controlplane.io" && kind !== "FluxInstance";
  return isMade && isPausedBy(metadata?.annotations, OPERATOR_MARK);
}

function isReclaimed(key: string, { spec }: YamlData): boolean {
  // What Git does not say of one that it makes is Retain.
  return key.startsWith("|PersistentVolume|") && (spec?.persistentVolumeReclaimPolicy ?? "Retain") !== "Retain";
}

/** Snapshots of a class, or one that was made, which the driver deletes with their VolumeSnapshot. */
function deletesSnapshots(key: string, { deletionPolicy, spec }: YamlData): boolean {
  if (key.startsWith("snapshot.storage.k8s.io|VolumeSnapshotClass|")) return deletionPolicy === "Delete";
  return key.startsWith("snapshot.storage.k8s.io|VolumeSnapshotContent|") && spec?.deletionPolicy === "Delete";
}

function isRelease(key: string): boolean {
  return groupKindOf(key) === "helm.toolkit.fluxcd.io|HelmRelease";
}

function uninstalls(key: string, { spec }: YamlData): boolean {
  if (!isRelease(key) || spec?.suspend === true) return false;
  const { strategy, retries } = spec?.upgrade?.remediation ?? {};
  // Without retries the failed release is left as it is, unless the last failure is to be remediated.
  return (
    strategy === "uninstall" && (Number(retries ?? 0) !== 0 || spec.upgrade.remediation.remediateLastFailure === true)
  );
}
