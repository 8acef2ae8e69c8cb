import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CORPUS, NO_CORPUS } from "../../bench/corpus/places.ts";
import type { AgeKey } from "../scenarios/age.ts";
import type { KubeObject } from "../world/kube.ts";
import type { World } from "../world/world.ts";
import { adapt, fillGotk } from "./adapt.ts";
import { type Catalog, catalogOf } from "./catalog.ts";
import { readObjects } from "./documents.ts";
import { addHelmfiles } from "./helmfiles.ts";
import type { RealTree } from "./list.ts";
import { addRemoteBases } from "./remote-bases.ts";
import type { Rebuilt } from "./result.ts";
import { encryptAll, type StandIn, sopsStandIns } from "./sops.ts";
import { stubCrds } from "./stub-crds.ts";

/** Longest wait for a real tree to come to rest, in seconds. */
export const LIMIT = 900;

/** A tree on disk, made fit for the bench. */
export interface Prepared {
  dir: string;
  catalog: Catalog;
  crds: KubeObject[];
  standIns: StandIn[];
  /** What was edited, for the page. */
  edits: string[];
}

/** Unpacks a state of the corpus below `scratch` and adapts it. Throws when the corpus is not there. */
export function prepare(tree: RealTree, scratch: string, flux: string, operatorDir: string): Prepared {
  const packed = join(CORPUS, "states", `${tree.state}.tar.gz`);
  if (!existsSync(packed)) throw new Error(NO_CORPUS);
  mkdirSync(scratch, { recursive: true });
  execFileSync("tar", ["-xzf", packed, "-C", scratch]);
  const dir = join(scratch, tree.state);
  const options = { dir, own: tree.url, flux, operatorDir };
  const done = adapt(options);
  if (tree.unfilled) {
    for (const { sync } of tree.clusters) fillGotk(sync[0]!, options, tree.unfilled.components);
    done.set("cluster with the placeholders of its flux bootstrap filled in", tree.clusters.length);
  }
  const objects = readObjects(dir);
  const standIns = sopsStandIns(dir);
  const catalog = catalogOf(objects, tree.url);
  addHelmfiles(catalog, dir);
  addRemoteBases(catalog, objects);
  if (tree.artifact) catalog.foreign.delete(tree.artifact.name);
  if (standIns.length > 0) done.set("file encrypted anew to the key of the run, with stand-in values", standIns.length);
  return {
    dir,
    standIns,
    catalog,
    crds: stubCrds(objects),
    edits: [...done].map(([what, count]) => `${what} (${count})`),
  };
}

export interface TreeRun {
  tree: RealTree;
  prepared: Prepared;
  key: AgeKey;
  rollback: boolean;
  /** What may stay not Ready on a rebuilt cluster, since it was not before the migration either; by cluster. */
  known?: Record<string, Record<string, string>>;
}

/** What a reader of the result should know. */
export interface Seen {
  stubs: number;
  made: string[];
  rebuilt?: Rebuilt;
}

/** Puts the tree into the repository of the run, its secrets encrypted to the key of the run. */
export function placeTree(world: World, { prepared, key }: TreeRun): void {
  cpSync(prepared.dir, world.repo.dir, { recursive: true, verbatimSymlinks: true });
  rmSync(prepared.dir, { recursive: true, force: true });
  encryptAll(world.repo.dir, world.dir, key.recipient, prepared.standIns);
  // Some trees hold files that their own .gitignore names.
  world.repo.git("add", "--all", "--force");
  world.repo.commit("Old state");
}
