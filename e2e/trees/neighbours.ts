import { join } from "node:path";
import type { ClusterHandle, World } from "../world/world.ts";
import { Household } from "./household.ts";
import { SourceWatcher } from "./source-watcher.ts";

/** Other controllers of the clusters of a run. */
export class Neighbours {
  readonly #homes: Household[] = [];
  readonly #watchers: SourceWatcher[] = [];

  /** Starts a cluster with its neighbours; `strange` is a source that they do nothing for. */
  async start(world: World, name: string, strange?: string): Promise<ClusterHandle> {
    const cluster = await world.addCluster(name);
    const home = new Household(cluster.plane.kube, strange);
    this.#homes.push(home);
    home.start();
    const watcher = new SourceWatcher(cluster.plane.kube, join(world.dir, name, "source-watcher"));
    this.#watchers.push(watcher);
    await watcher.start(world.log);
    return cluster;
  }

  async stop(): Promise<void> {
    for (const one of [...this.#homes, ...this.#watchers]) await one.stop();
  }

  get made(): string[] {
    return this.#homes.flatMap(({ made }) => [...made]).sort();
  }
}
