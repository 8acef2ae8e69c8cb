import type { ControlPlane } from "../cluster/control-plane.ts";
import { condition, type KubeObject, pathOf, type Resource, type WatchEvent } from "../world/kube.ts";
import { sleep } from "../world/wait.ts";

/** What the bench tells apart. `relabelled`: the owner in the labels of kustomize-controller changed. */
export type Change = "created" | "deleting" | "deleted" | "recreated" | "relabelled" | "adopted" | "unready";

export interface Observation {
  /** Milliseconds since the recorder started. */
  at: number;
  step: string;
  change: Change;
  /** `Kind namespace/name`, as fluxlift writes it. */
  object: string;
  detail?: string;
}

interface Seen {
  /** Group and plural of its kind. */
  resource: string;
  uid: string;
  owner: string;
  operator: boolean;
  deleting: boolean;
  gone: boolean;
  dependent: boolean;
}

/** Kinds that come and go by themselves, and say nothing about Git. */
const IGNORED = new Set([
  "Event",
  "Lease",
  "Endpoints",
  "EndpointSlice",
  "Pod",
  "ReplicaSet",
  "Node",
  "CSINode",
  "ControllerRevision",
  "FluxReport",
  "PriorityLevelConfiguration",
  "FlowSchema",
  "APIService",
  "IPAddress",
  "ServiceCIDR",
]);

/** Milliseconds between two looks at what the API server serves, when nothing hints at a change. */
const REDISCOVER = 8000;

const NAME = "kustomize.toolkit.fluxcd.io/name";
const NAMESPACE = "kustomize.toolkit.fluxcd.io/namespace";

/** Watches everything the API server serves, and notes each deletion, re-creation and change of owner. */
export class Recorder {
  readonly #plane: ControlPlane;
  readonly #started = Date.now();
  readonly #watches = new Map<string, () => void>();
  readonly #seen = new Map<string, Seen>();
  readonly #unready = new Map<string, number>();
  readonly observations: Observation[] = [];
  /** Longest time in milliseconds that a FluxKustomization was not Ready, by step and object. */
  readonly notReady = new Map<string, Map<string, number>>();
  #ended = false;
  /** A CRD came or went, or a watch ended. */
  #stale = false;
  #loop: Promise<void> | undefined;
  #lastEvent = Date.now();
  step = "";

  constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  async start(): Promise<void> {
    await this.#discover();
    let asked = Date.now();
    this.#loop = (async () => {
      while (!this.#ended) {
        await sleep(1000);
        // Asking for every group is dear; new kinds come with CRDs, and ended watches have to be renewed.
        if (this.#ended || (!this.#stale && Date.now() - asked < REDISCOVER)) continue;
        this.#stale = false;
        asked = Date.now();
        await this.#discover().catch(() => {});
      }
    })();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    for (const stop of this.#watches.values()) stop();
    await this.#loop;
  }

  /** Milliseconds since anything but a status changed. */
  quietFor(): number {
    return Date.now() - this.#lastEvent;
  }

  /** Keys of live objects that no controller made on its own account. */
  live(): Set<string> {
    return new Set([...this.#seen].filter(([, one]) => !one.gone).map(([key]) => key));
  }

  /** FluxKustomization in the labels of a live object. */
  ownerOf(key: string): string | undefined {
    const seen = this.#seen.get(key);
    return seen && !seen.gone && seen.owner !== "" ? seen.owner : undefined;
  }

  /** FluxKustomization in the labels of each live object that has them. */
  owners(): Map<string, string> {
    return new Map(
      [...this.#seen].filter(([, one]) => !one.gone && one.owner !== "").map(([key, { owner }]) => [key, owner]),
    );
  }

  isAdopted(key: string): boolean {
    return this.#seen.get(key)?.operator ?? false;
  }

  /** Whether an object is there, but on its way out. */
  isDeleting(key: string): boolean {
    const seen = this.#seen.get(key);
    return seen !== undefined && !seen.gone && seen.deleting;
  }

  isDependent(key: string): boolean {
    return this.#seen.get(key)?.dependent ?? false;
  }

  async #discover(): Promise<void> {
    for (const resource of await this.#plane.kube.resources(true)) {
      const id = idOf(resource);
      if (this.#watches.has(id) || IGNORED.has(resource.kind) || !resource.verbs.includes("watch")) continue;
      const listed = await this.#plane.kube.json<{ metadata: { resourceVersion: string }; items: KubeObject[] }>(
        "GET",
        pathOf(resource),
      );
      for (const item of listed.items) this.#take({ type: "ADDED", object: item }, resource);
      this.#noteMissed(id, new Set(listed.items.map((item) => keyOf(resource, item))));
      const stop = await this.#plane.kube.watch(
        resource,
        listed.metadata.resourceVersion,
        (event) => this.#take(event, resource),
        () => {
          this.#watches.delete(id);
          this.#stale = true;
        },
      );
      if (this.#ended) stop();
      this.#watches.set(id, stop);
    }
  }

  /** What went while nobody watched, such as during a restart of the API server. */
  #noteMissed(id: string, there: Set<string>): void {
    for (const [key, seen] of this.#seen) {
      if (seen.resource !== id || seen.gone || there.has(key)) continue;
      this.#seen.set(key, { ...seen, gone: true });
      this.#readiness(key, undefined);
      this.#note("deleted", key, seen.owner);
    }
  }

  #take({ type, object }: WatchEvent, resource: Resource): void {
    if (type === "BOOKMARK" || type === "ERROR") return;
    const { metadata } = object;
    if (resource.kind === "CustomResourceDefinition" && type !== "MODIFIED") this.#stale = true;
    const key = keyOf(resource, object);
    const before = this.#seen.get(key);
    const uid = metadata.uid ?? "";
    const owner = metadata.labels?.[NAME] ? `${metadata.labels[NAMESPACE]}/${metadata.labels[NAME]}` : "";
    const operator = metadata.labels?.["app.kubernetes.io/managed-by"] === "flux-operator";
    const dependent = (metadata.ownerReferences ?? []).length > 0 || isHelmStorage(object, resource);
    const now: Seen = {
      resource: idOf(resource),
      uid,
      owner,
      operator,
      deleting: metadata.deletionTimestamp !== undefined,
      gone: false,
      dependent,
    };
    if (type === "DELETED") {
      this.#seen.set(key, { ...now, gone: true });
      this.#readiness(key, undefined);
      this.#note("deleted", key, owner);
      return;
    }
    this.#seen.set(key, now);
    if (resource.kind === "Kustomization" && resource.group === "kustomize.toolkit.fluxcd.io")
      this.#readiness(key, object);
    if (!before || before.gone || before.uid !== uid) {
      this.#note(before ? "recreated" : "created", key, owner);
      return;
    }
    if (now.deleting && !before.deleting) this.#note("deleting", key, owner);
    if (operator && !before.operator) this.#note("adopted", key, owner);
    if (owner !== before.owner) this.#note("relabelled", key, `${before.owner || "none"} -> ${owner || "none"}`);
  }

  #note(change: Change, object: string, detail?: string): void {
    this.#lastEvent = Date.now();
    const at = this.#lastEvent - this.#started;
    this.observations.push({ at, step: this.step, change, object, ...(detail ? { detail } : {}) });
  }

  #readiness(key: string, object: KubeObject | undefined): void {
    const ready =
      object === undefined || object.spec?.suspend === true || condition(object, "Ready")?.status === "True";
    const since = this.#unready.get(key);
    if (!ready && since === undefined) this.#unready.set(key, Date.now());
    if (ready && since !== undefined) {
      this.#unready.delete(key);
      this.#keepLongest(key, Date.now() - since);
    }
  }

  #keepLongest(key: string, duration: number): void {
    const step = this.notReady.get(this.step) ?? new Map<string, number>();
    step.set(key, Math.max(step.get(key) ?? 0, duration));
    this.notReady.set(this.step, step);
  }

  /** Closes the books of a step: what is not Ready yet counts until now. */
  endStep(): void {
    for (const [key, since] of this.#unready) this.#keepLongest(key, Date.now() - since);
    for (const key of this.#unready.keys()) this.#unready.set(key, Date.now());
  }
}

const idOf = ({ group, plural }: Resource) => `${group}/${plural}`;

const keyOf = ({ kind }: Resource, { metadata }: KubeObject) =>
  `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;

/** Release records of Helm are helm-controller's, not Git's. */
const isHelmStorage = (object: KubeObject, resource: Resource): boolean =>
  resource.kind === "Secret" && object.metadata.name.startsWith("sh.helm.release.");
