import { groupKindOf } from "../../admission/key.ts";
import { isSkipped } from "../../change/exclusions.ts";
import type { OwnedObject } from "../../change/types.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { isMap } from "../../yaml/is-map.ts";

type Reader = (was: YamlData, is: YamlData) => string | undefined;

const restoresInto = ({ restic, rclone, rsyncTLS, kopia }: YamlData): unknown =>
  [restic, rclone, rsyncTLS, kopia].find(isMap)?.destinationPVC;

/** By `group|Kind`, each of what stands in `spec` before and after. */
const READERS: Readonly<Record<string, Reader>> = {
  // CloudNativePG, PostgreSQL Database Management
  "postgresql.cnpg.io|Database": (was, is) =>
    is.ensure === "absent" && was.ensure !== "absent"
      ? "comes to say ensure: absent: the operator drops the database, with the data in it"
      : undefined,
  // Crunchy PGO, Resize PVC: the new set comes first, and the old one goes once the new one has a copy
  "postgres-operator.crunchydata.com|PostgresCluster": (was, is) => {
    const [old, now] = [was, is].map(({ instances }) => itemsOf(instances).map(({ name = "00" }) => String(name)));
    if (!old?.length || !now?.length || now.some((name) => name.includes("${") || old.includes(name))) return undefined;
    return `has none of its sets of instances any more (${old.join(", ")} before): the operator deletes them with their claims, and those that come have no copy yet`;
  },
  // Rook, CephCluster CRD, Cleanup Policy: from then on nothing else in the cluster is changed, either
  "ceph.rook.io|CephCluster": (was, is) =>
    isMap(is.cleanupPolicy) && is.cleanupPolicy.confirmation && !was.cleanupPolicy?.confirmation
      ? "comes to say cleanupPolicy.confirmation: Rook configures it no more from then on, and wipes its disks when it goes"
      : undefined,
  // VolSync, Triggers and Restic-based backup: each new word starts one more restore, over what is there; a schedule starts many,
  // and without any trigger one follows the other
  "volsync.backube|ReplicationDestination": (was, is) => {
    const [old, now] = [was, is].map(({ trigger }): YamlData => trigger ?? {});
    const claim = restoresInto(is);
    // A schedule that becomes another one restored before.
    const isSame = now.manual === old.manual && (now.manual !== undefined || !now.schedule === !old.schedule);
    return typeof claim === "string" && claim !== "" && is.paused !== true && !isSame && restoresInto(was) === claim
      ? `starts ${now.manual === undefined ? "restores" : "a restore"}: what is on the claim ${claim} is overwritten by a backup`
      : undefined;
  },
};

/**
 * What an object that stays comes to tell its controller to delete: nothing is pruned by that, and nothing is refused. Goes on from
 * its name.
 */
export function readToldLoss(old: OwnedObject, now: OwnedObject): string | undefined {
  const [was, is]: YamlData[] = [old.body?.spec, now.body?.spec];
  const isLeft = isSkipped(now.body?.metadata, undefined);
  return isLeft ? undefined : readToldSpec(groupKindOf(now.key), was, is);
}

/** The same of what stands in `spec` of such an object, or that a chart writes there. */
export function readToldSpec(groupKind: string, was: YamlData, is: YamlData): string | undefined {
  return isMap(was) && isMap(is) ? ofOwn(READERS, groupKind)?.(was, is) : undefined;
}
