import type { Recorder } from "../record/recorder.ts";
import { condition, type Kube, type KubeObject } from "../world/kube.ts";
import { sleep } from "../world/wait.ts";

const FLUX = "kustomize.toolkit.fluxcd.io";
const SOURCES = "source.toolkit.fluxcd.io";

export interface Settled {
  /** Objects that do not report Ready when everything came to rest, with the reason they give. */
  notReady: { object: string; reason: string; message: string }[];
  seconds: number;
  timedOut: boolean;
}

/**
 * Seconds after which what is still pending is taken to stay so, since its controller may be gone: nothing but statuses
 * changed, and none of it came to an end. Ten workers with sixty Kustomizations change nothing else for minutes.
 */
const DEAD = 90;

/** The same where a wait is a long one, as for real trees: all workers may wait for the health of what they applied, by default five minutes. */
const DEAD_LONG = 330;

const keyOf = (one: KubeObject) => `${one.kind} ${one.metadata.namespace}/${one.metadata.name}`;

/** A commit that every GitRepository of its repository has to reach; others are current when they are Ready. */
export interface Awaited {
  commit: string;
  /** URL of the repository. */
  own: string;
  /** Address of the artifact that CI makes of each commit, where one is published. */
  artifact?: string;
  /** Objects that were not Ready before anything was changed, and are not waited for. */
  accepted?: ReadonlySet<string>;
}

/**
 * Waits until the cluster has followed a commit: every source fetched it, everything that reads a source tried its newest
 * revision, and nothing changed for `quiet` seconds. What fails is asked to try again, as a person would with
 * `flux reconcile`, before it counts as failing.
 */
export async function settle(
  kube: Kube,
  recorder: Recorder,
  awaited: Awaited,
  limit = 420,
  quiet = 5,
): Promise<Settled> {
  const started = Date.now();
  const dead = limit >= 2 * DEAD_LONG ? DEAD_LONG : DEAD;
  await sleep(300);
  for (const kind of ["GitRepository", ...(awaited.artifact === undefined ? [] : ["OCIRepository"])])
    await poke(kube, await kube.list(kind, SOURCES));
  let retries = 0;
  let waiting = { names: "", since: started };
  while (Date.now() - started < limit * 1000) {
    await sleep(1500);
    const { pending, failed } = await look(kube, awaited);
    const calm = Math.min(recorder.quietFor(), Date.now() - started);
    const names = pending.map(keyOf).join();
    if (names !== waiting.names) waiting = { names, since: Date.now() };
    if (pending.length > 0 && Math.min(calm, Date.now() - waiting.since) > dead * 1000) break;
    if (pending.length > 0 || calm < quiet * 1000) continue;
    if (failed.length > 0 && retries < 3) {
      retries++;
      await poke(kube, failed);
      await sleep(4000);
      continue;
    }
    return { notReady: report(failed), seconds: seconds(started), timedOut: false };
  }
  const { pending, failed } = await look(kube, awaited);
  return { notReady: report([...pending, ...failed]), seconds: seconds(started), timedOut: true };
}

const seconds = (started: number) => Math.round((Date.now() - started) / 1000);

const report = (objects: KubeObject[]): Settled["notReady"] =>
  objects.map((object) => {
    const ready = condition(object, "Ready");
    return { object: keyOf(object), reason: ready?.reason ?? "unknown", message: (ready?.message ?? "").slice(0, 400) };
  });

/** Asks for a reconcile now, as `flux reconcile` does. */
export async function poke(kube: Kube, objects: Pick<KubeObject, "kind" | "metadata">[]): Promise<void> {
  const now = new Date().toISOString();
  for (const { kind, metadata } of objects) {
    const change = { metadata: { annotations: { "reconcile.fluxcd.io/requestedAt": now } } };
    await kube.patch(kind, metadata.namespace, metadata.name, change).catch(() => {});
  }
}

const plain = (url: unknown) => String(url).replace(/\.git$/, "");

async function look(
  kube: Kube,
  { commit, own, artifact, accepted }: Awaited,
): Promise<{ pending: KubeObject[]; failed: KubeObject[] }> {
  const pending: KubeObject[] = [];
  const failed: KubeObject[] = [];
  const sort = (object: KubeObject, current: boolean) => {
    if (object.spec?.suspend === true || accepted?.has(keyOf(object))) return;
    const ready = condition(object, "Ready");
    // The operator writes the generation into its conditions only, and so does what fails from its first day.
    const observed =
      ready?.status === "False"
        ? ready.observedGeneration
        : (object.status?.observedGeneration ?? ready?.observedGeneration);
    if (
      object.metadata.deletionTimestamp ||
      !ready ||
      ready.status === "Unknown" ||
      observed !== object.metadata.generation
    ) {
      pending.push(object);
    } else if (ready.status === "False") failed.push(object);
    else if (!current) pending.push(object);
  };
  const revisions = new Map<string, string>();
  for (const kind of ["GitRepository", "OCIRepository", "Bucket"]) {
    for (const source of await kube.list(kind, SOURCES)) {
      const revision = String(source.status?.artifact?.revision ?? "");
      revisions.set(`${kind} ${source.metadata.namespace}/${source.metadata.name}`, revision);
      const published = String(source.status?.artifact?.metadata?.["org.opencontainers.image.revision"] ?? "");
      if (kind === "GitRepository" && plain(source.spec.url) === plain(own)) sort(source, revision.includes(commit));
      else sort(source, source.spec.url !== artifact || artifact === undefined || published.includes(commit));
    }
  }
  for (const source of await kube.list("ExternalArtifact", SOURCES)) {
    const { revision = "", metadata = {} } = source.status?.artifact ?? {};
    revisions.set(`ExternalArtifact ${source.metadata.namespace}/${source.metadata.name}`, revision);
    sort(source, String(metadata["org.opencontainers.image.revision"] ?? commit).includes(commit));
  }
  for (const one of await kube.list("Kustomization", FLUX)) {
    const { kind, name, namespace = one.metadata.namespace } = one.spec.sourceRef;
    const revision = revisions.get(`${kind} ${namespace}/${name}`);
    sort(one, revision === undefined || one.status?.lastAppliedRevision === revision);
  }
  for (const one of await kube.list("HelmRelease", "helm.toolkit.fluxcd.io")) sort(one, true);
  for (const kind of ["FluxInstance", "ResourceSet"])
    for (const one of await kube.list(kind, "fluxcd.controlplane.io")) sort(one, true);
  return { pending, failed };
}
