import type { DeliveredFluxObject } from "../../../src/contract/objects.ts";
import type { LearnedConvention } from "../../../src/contract/plan.ts";
import { basename, dirname } from "../../../src/delivery/paths.ts";
import { elect, tell } from "./evidence.ts";

/** How FluxKustomizations are called after the folder of their app. */
export interface NameHabit {
  /** What stands before the name of the app: `cluster-apps-`, `flux-system-`, mostly nothing. */
  prefix: string;
  /** What stands behind it: `-sync`, mostly nothing. */
  suffix: string;
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
  const suffix = learnSuffix(siblings, home);
  if (best === undefined || best.value === undefined || best.value === "" || best.count * 2 <= best.of)
    return { prefix: "", suffix, learned: best?.value === "" ? tell(ABOUT, best, `<app>${suffix}`) : [] };
  const isOfNamespace = best.value === NAMESPACE;
  if (isOfNamespace && namespaceDir === undefined) return { prefix: "", suffix, learned: [] };
  const prefix = isOfNamespace ? `${basename(namespaceDir!)}-` : String(best.value);
  const says = isOfNamespace ? `<namespace>-<app>${suffix}` : `${prefix}<app>${suffix}`;
  return { prefix, suffix, learned: tell(ABOUT, best, says) };
}

const ABOUT = "name of a Kustomization";

/**
 * What most names have behind the folder they stand in: `redis-sync` in `redis/ks.yaml`. Where a file holds several of one
 * app, such as `redis-app` and `redis-config`, what more than half of all share is the habit, else there is none.
 */
function learnSuffix(siblings: readonly DeliveredFluxObject[], home: string | undefined): string {
  const best = elect(siblings.map(({ object: { name, file } }) => ({ value: suffixOf(name, file, home), file })));
  if (!best?.value || best.count < 2 || best.count * 2 <= best.of) return "";
  return best.value;
}

function suffixOf(name: string, file: string, home: string | undefined): string | undefined {
  const folder = dirname(file);
  const app = basename(folder);
  if (prefixBefore(name, basename(file).replace(/\.ya?ml$/, "")) !== undefined) return "";
  if (folder === home || app === "") return undefined;
  const at = `-${name}-`.indexOf(`-${app}-`);
  const suffix = name.slice(at + app.length);
  // `redis-media` in `media/redis/ks.yaml` says where it runs, as no other app does.
  return at < 0 || suffix === `-${basename(dirname(folder))}` ? undefined : suffix;
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
