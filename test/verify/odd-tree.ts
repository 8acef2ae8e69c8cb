import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { verifyChange } from "../../src/safety/verify.ts";
import { commitAll, makeRepo } from "../support/repo.ts";
import { verifyEdits } from "./edited.ts";
import { homeTree, ks, object, operatorTree } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const K = "kubernetes";
export const MEDIA = `${K}/apps/media/kustomization.yaml`;
export const PLAYER = `${K}/apps/media/player/ks.yaml`;
export const CHESS = `${K}/apps/games/chess/ks.yaml`;
export const APP = `${K}/apps/media/player/app`;
export const CAPP = `${K}/apps/games/chess/app`;
export const LIST = `${APP}/kustomization.yaml`;
export const HR = `${APP}/helmrelease.yaml`;
export const PVC = `${APP}/pvc.yaml`;
export const CLUSTER = `${K}/flux/config/cluster.yaml`;
export const h = homeTree();
export const op = operatorTree();
export const player = (...s: string[]) => ks("player", APP, ["targetNamespace: media", ...s]);
export const chess = (...s: string[]) =>
  ks("chess", CAPP, ["targetNamespace: games", "dependsOn: [{name: player}]", ...s]);
export const pvc = (extra: string[] = []) => object("PersistentVolumeClaim", "player", "v1", extra);
export const cls = (c: string) =>
  `spec: {storageClassName: ${c}, accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}`;
export const cm = (name: string, data: string, more: string[] = []) =>
  object("ConfigMap", name, "v1", [...more, `data: ${data}`]);
export const rename = (a: string, b: string) => (root: string) => {
  mkdirSync(join(root, b, ".."), { recursive: true });
  renameSync(join(root, a), join(root, b));
};

/** What happens, what is said: the verdict, what stops the merge, what goes. Then the tree, and the change. */
export type Case = [string, string, Edits, Edits | ((root: string) => void)];

/** What `verify` makes of a tree and a change of it, in one line. What is done to files on a disk is committed there. */
export function sayOf(before: Edits, change: Case[3]): string {
  const report = typeof change === "function" ? verifyDone(files(before), change) : verifyEdits(change, files(before));
  const lost = report.clusters.flatMap(({ safety }) => safety.dangers.map((one) => `${one.outcome} ${one.resource}`));
  const rules = report.findings
    .filter(({ level }) => level === "blocker")
    .map(({ rule, resource }) => `${rule} ${resource}`);
  return [report.verdict, ...new Set(rules.sort()), ...[...new Set(lost)].sort()].join(" | ");
}

function files(all: Edits): Files {
  return Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined));
}

function verifyDone(before: Files, change: (root: string) => void) {
  const root = makeRepo(before);
  change(root);
  commitAll(root, "Change");
  return verifyChange({ dir: root, base: "HEAD~1", head: "HEAD", remotes: [] }).report;
}
