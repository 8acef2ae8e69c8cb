import type { DeliveredFluxObject } from "../../../src/contract/objects.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { basename, dirname } from "../../../src/delivery/paths.ts";
import { elect, tell } from "./evidence.ts";

/** How FluxKustomizations are called after the folder of their app. */
export interface NameHabit {
  /** What stands before the name of the app: `cluster-apps-`, `flux-system-`, mostly nothing. */
  prefix: string;
  learned: LearnedConvention[];
}

/** Stands for the folder of the namespace, or of a group, which is another one for each app. */
const NAMESPACE = Symbol("namespace");

/**
 * Learns from the FluxKustomizations whose name holds the folder they stand in: `cluster-apps-redis` in `redis/ks.yaml`,
 * or `media-redis` in `media/redis/ks.yaml`; or their file, `staging-apps` in `apps.yaml`. A prefix counts where most of all siblings have it, so that a few old names
 * do not decide.
 * @param namespaceDir folder of the Flux namespace among the apps
 * @param home folder that the root builds
 */
export function learnNames(
  siblings: readonly DeliveredFluxObject[],
  namespaceDir: string | undefined,
  home: string | undefined,
): NameHabit {
  const votes = siblings.map(({ object: { name, file } }) => ({ value: prefixOf(name, file, home), file }));
  const best = elect(votes);
  if (best === undefined || best.value === undefined || best.value === "" || best.count * 2 <= best.of)
    return { prefix: "", learned: best?.value === "" ? tell("name of a Kustomization", best, "<app>") : [] };
  const isOfNamespace = best.value === NAMESPACE;
  if (isOfNamespace && namespaceDir === undefined) return { prefix: "", learned: [] };
  const prefix = isOfNamespace ? `${basename(namespaceDir!)}-` : String(best.value);
  const says = isOfNamespace ? "<namespace>-<app>" : `${prefix}<app>`;
  return { prefix, learned: tell("name of a Kustomization", best, says) };
}

function prefixOf(name: string, file: string, home: string | undefined): string | typeof NAMESPACE | undefined {
  const before = prefixBefore(name, basename(file).replace(/\.ya?ml$/, ""));
  const folder = dirname(file);
  // `blue-vpc` in `provisioning/blue/vpc.yaml` of a hub is about blue, while `blue-apps` in blue's own folder is its habit.
  if (before !== undefined) return before === `${basename(folder)}-` && folder !== home ? NAMESPACE : before;
  // What stands in the root's own folder has no folder of its app: `infrastructure-production` in `production/infrastructure.yaml`.
  if (folder === home) return undefined;
  const app = basename(folder);
  // `redis-config` stands in `redis/ks.yaml` too.
  const at = app === "" ? -1 : `-${name}-`.indexOf(`-${app}-`);
  if (at < 0) return undefined;
  const prefix = name.slice(0, at);
  if (prefix === "") return prefix;
  return prefix === `${basename(dirname(folder))}-` ? NAMESPACE : prefix;
}

function prefixBefore(name: string, file: string): string | undefined {
  return name === file || name.endsWith(`-${file}`) ? name.slice(0, -file.length) : undefined;
}
