import { readFileSync } from "node:fs";
import { type Case, CONFIG, house, laid, URL } from "../../bench/beside/house.ts";
import type { Edits, Files } from "../../test/verify/judge.ts";
import { poke, type Settled } from "../cluster/settle.ts";
import { OPERATOR } from "../install/components.ts";
import type { StepResult } from "../record/result.ts";
import { compareStops } from "../record/stops.ts";
import { Household } from "../trees/household.ts";
import { operatorObjects } from "../world/charts.ts";
import { condition, type Kube } from "../world/kube.ts";
import { sleep } from "../world/wait.ts";
import type { ClusterHandle, World } from "../world/world.ts";
import { gotkSync } from "./gotk.ts";
import { namespace, objectsOf } from "./pieces.ts";

/** A change of docs/verify.md's table, with what it takes to show it on a live cluster. */
export interface Accident extends Pick<Case, "change" | "harm" | "tree" | "edits" | "since"> {
  /** Folder that the root reads, where no file holds the root. */
  root?: string;
  /** Whether the operator runs, for ResourceSets. */
  operator?: true;
  /** Whether there is a second cluster, with its kubeconfig in the Secret `second` of namespace media. */
  second?: true;
  /** Objects whose content is another one now, though nothing says so. */
  changed?(world: World): Promise<string[]>;
  /** Goes on where the harm shows only later. */
  later?(world: World): Promise<void>;
}

const SETTINGS = "kubernetes/flux/vars/cluster-settings.yaml";
const SECRET = "kubernetes/flux/vars/settings.sops.yaml";

/** Brings up the house of the case, says what `verify` says of its change, merges it and compares. */
export async function liveAccident(world: World, accident: Accident): Promise<void> {
  const { change, since, edits, harm } = accident;
  const cluster = await world.addCluster();
  const households = [housekeep(cluster)];
  try {
    await start(world, accident, cluster);
    if (accident.second) households.push(housekeep(await addSecond(world, cluster)));
    const from = world.repo.head();
    if (since) await world.change("what main gained", () => lay(world, since));
    const owners = cluster.recorder.owners();
    const step = await world.change(change, () => lay(world, edits), {
      expectNotReady: /./,
      after: nextInterval,
      ...(since ? { from } : {}),
    });
    const { waits, relabelled, stale } = await aftermath(cluster, change);
    const [seen] = step.clusters;
    const notReady = [...seen!.settled.notReady, ...stale];
    step.stops = compareStops({ ...seen!, settled: { ...seen!.settled, notReady } }, { owners, waits });
    judge(world, step);
    const stopped = new Set(step.stops.seen.map(({ object }) => object));
    const held = [...owners].filter(([, owner]) => stopped.has(`Kustomization ${owner}`)).map(([object]) => object);
    const lost = seen!.losses.map(({ object }) => object);
    const changed = (await accident.changed?.(world)) ?? [];
    const harmed = new Set([...lost, ...stopped, ...held, ...relabelled, ...changed]);
    for (const object of harm)
      world.expect(harmed.has(object), `${change}: ${object} comes to harm, as docs/verify.md says`);
    await accident.later?.(world);
  } finally {
    for (const one of households) await one.stop();
  }
}

function housekeep({ plane }: ClusterHandle): Household {
  const household = new Household(plane.kube);
  household.start();
  return household;
}

async function addSecond(world: World, first: ClusterHandle): Promise<ClusterHandle> {
  const second = await world.addCluster("second");
  await second.plane.kube.apply(objectsOf(namespace("media"))[0]!, "kubectl");
  const value = readFileSync(world.kubeconfig(second), "utf8");
  const metadata = { name: "second", namespace: "media" };
  await first.plane.kube.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData: { value } }, "kubectl");
  return second;
}

/** The house with the tree of the case, at rest. */
async function start(world: World, { tree = {}, root, operator }: Accident, cluster: ClusterHandle): Promise<void> {
  const files = livable(laid(house(), { ...tree, [SECRET]: undefined }), world.repo.url);
  world.write(files);
  world.repo.commit("Old state");
  const sync = root ? gotkSync(root).replaceAll("__GIT__", world.repo.url) : files[`${CONFIG}/cluster.yaml`]!;
  // The root substitutes from what it delivers, so somebody applies that before.
  const settings = root ? [] : objectsOf(files[SETTINGS]!);
  const extra = [...settings, ...(operator ? operatorObjects(world.operatorDir, OPERATOR.version) : [])];
  await world.bootstrap(objectsOf(sync), { extra }, cluster);
}

/** Makes a change; `undefined` removes a file. */
export function lay(world: World, edits: Edits): void {
  const written = Object.entries(edits).filter((one): one is [string, string] => one[1] !== undefined);
  world.write(livable(Object.fromEntries(written), world.repo.url));
  world.repo.remove(...Object.keys(edits).filter((path) => edits[path] === undefined));
}

/** The house is read from the bench, and has no key to decrypt anything with. */
export const livable = (files: Files, url: string): Files =>
  Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path, text.replaceAll(URL, url).replace(/^ +decryption: .*\n/gm, "")]),
  );

/** What stays applies again at its next interval, which nobody here waits for. */
async function nextInterval({ plane: { kube } }: ClusterHandle): Promise<void> {
  await poke(kube, await kube.list("Kustomization", "kustomize.toolkit.fluxcd.io"));
  // A release asks its HelmChart, and that one the source; until it is asked it serves the chart of before.
  await poke(kube, await kube.list("HelmChart", "source.toolkit.fluxcd.io"));
  await sleep(3000);
  await poke(kube, await kube.list("HelmRelease", "helm.toolkit.fluxcd.io"));
}

/** Who waits for whom now, and what got other owner labels in a step, with the owners before. */
async function aftermath({ plane: { kube }, recorder }: ClusterHandle, step: string) {
  const waits = new Map<string, string[]>();
  for (const kind of ["Kustomization", "HelmRelease"])
    for (const { metadata, spec } of await kube.list(
      kind,
      `${kind === "Kustomization" ? "kustomize" : "helm"}.toolkit.fluxcd.io`,
    ))
      waits.set(
        `${kind} ${metadata.namespace}/${metadata.name}`,
        ((spec.dependsOn ?? []) as { name: string; namespace?: string }[]).map(
          ({ name, namespace = metadata.namespace }) => `${kind} ${namespace}/${name}`,
        ),
      );
  const moved = recorder.observations.filter((one) => one.step === step && one.change === "relabelled");
  const relabelled = moved.flatMap(({ object, detail = "" }) => [object, `Kustomization ${detail.split(" -> ")[0]}`]);
  return { waits, relabelled, stale: await staleReleases(kube) };
}

/** Releases that report success with a chart whose HelmChart no longer gets at its source: they get no other version. */
async function staleReleases(kube: Kube): Promise<Settled["notReady"]> {
  const found: Settled["notReady"] = [];
  for (const { kind, metadata, status } of await kube.list("HelmRelease", "helm.toolkit.fluxcd.io")) {
    const [namespace, name = ""] = String(status?.helmChart ?? "").split("/");
    const chart = name === "" ? undefined : await kube.get("HelmChart", namespace, name);
    const ready = chart && condition(chart, "Ready");
    if (ready?.status === "False")
      found.push({
        object: `${kind} ${metadata.namespace}/${metadata.name}`,
        reason: `Ready with the chart of before; HelmChart: ${ready.reason}`,
        message: ready.message ?? "",
      });
  }
  return found;
}

/** What stopped without a word, and what was said to stop and did not, speaks against `verify`. */
function judge(world: World, { name, stops, clusters, verdict }: StepResult): void {
  for (const { object, reason, verdict: foretold } of stops!.seen) {
    world.log(`    ${foretold}: ${object} ${reason}`);
    world.expect(foretold !== "not-foretold", `${name}: ${object} stops (${reason}), and verify did not say so`);
  }
  for (const object of stops!.idle) world.expect(false, `${name}: verify says that ${object} stops, and it is Ready`);
  for (const { object, said } of clusters[0]!.alarms)
    world.expect(false, `${name}: verify says that ${object} is ${said}, and it stays`);
  world.expect(verdict !== "safe", `${name}: verify says safe`);
}
