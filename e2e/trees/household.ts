import { ApiError, condition, type Kube, type KubeObject, pathOf } from "../world/kube.ts";
import { sleep } from "../world/wait.ts";

/**
 * What other controllers of the real cluster do and none of the bench: claims are bound, and the Secrets and
 * ConfigMaps that releases and sources read, and that no file of the tree makes, are there.
 */
export class Household {
  readonly #kube: Kube;
  readonly #strange: string | undefined;
  #ended = false;
  #loop: Promise<void> | undefined;
  /** What was made, for the page. */
  readonly made = new Set<string>();

  /** For sources of `strange`, a URL, nothing is made: who brings the cluster up has to. */
  constructor(kube: Kube, strange?: string) {
    this.#kube = kube;
    this.#strange = strange;
  }

  start(): void {
    this.#loop = (async () => {
      while (!this.#ended) {
        await this.#look().catch(() => {});
        await sleep(2500);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#loop;
  }

  async #look(): Promise<void> {
    // One that has just gone, or that the API server refuses, keeps none of the others waiting.
    for (const claim of await this.#kube.list("PersistentVolumeClaim", ""))
      if (claim.status?.phase !== "Bound" && !claim.metadata.deletionTimestamp) await this.#bind(claim).catch(() => {});
    for (const kind of ["GitRepository", "OCIRepository", "HelmRepository", "Bucket", "Receiver", "Provider"]) {
      for (const { spec, metadata } of await this.#kube.list(kind)) {
        const name = spec?.secretRef?.name ?? spec?.certSecretRef?.name;
        if (name && (this.#strange === undefined || spec.url !== this.#strange))
          await this.#provide("Secret", metadata.namespace!, name, {
            username: "git",
            password: "none",
            token: "none",
          });
      }
    }
    for (const release of await this.#kube.list("HelmRelease", "helm.toolkit.fluxcd.io")) {
      if (condition(release, "Ready")?.status === "True") continue;
      type Wanted = { kind: "Secret" | "ConfigMap"; name: string; data: Record<string, string> };
      const wanted = new Map<string, Wanted>();
      for (const { kind, name, valuesKey, targetPath, optional } of release.spec.valuesFrom ?? []) {
        if (optional) continue;
        const one: Wanted = wanted.get(`${kind} ${name}`) ?? { kind, name, data: {} };
        one.data[valuesKey ?? "values.yaml"] = targetPath ? "stand-in" : "{}";
        wanted.set(`${kind} ${name}`, one);
      }
      for (const { kind, name, data } of wanted.values())
        await this.#provide(kind, release.metadata.namespace!, name, data);
    }
  }

  async #provide(kind: "Secret" | "ConfigMap", namespace: string, name: string, data: Record<string, string>) {
    const key = `${kind} ${namespace}/${name}`;
    if (this.made.has(key) || (await this.#kube.get(kind, namespace, name, "")) !== undefined) return;
    const body = {
      apiVersion: "v1",
      kind,
      metadata: { name, namespace },
      [kind === "Secret" ? "stringData" : "data"]: data,
    };
    await this.#kube.apply(body, "fluxlift-e2e-household").then(
      () => this.made.add(key),
      (error) => {
        // Its namespace is not there yet.
        if (!(error instanceof ApiError)) throw error;
      },
    );
  }

  async #bind(claim: KubeObject): Promise<void> {
    const { name, namespace, uid } = claim.metadata;
    const volume = `stand-in-${uid}`;
    await this.#kube.apply(
      {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: volume },
        spec: {
          capacity: { storage: claim.spec.resources?.requests?.storage ?? "1Gi" },
          accessModes: claim.spec.accessModes ?? ["ReadWriteOnce"],
          hostPath: { path: "/stand-in" },
          persistentVolumeReclaimPolicy: "Retain",
          storageClassName: claim.spec.storageClassName ?? "",
          claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
        },
      },
      "fluxlift-e2e-household",
    );
    const path = pathOf(await this.#kube.resourceOf("PersistentVolumeClaim", ""), namespace, name);
    const merge = "application/merge-patch+json";
    // Without the note that it is done the scheduler leaves every pod of the claim waiting.
    const metadata = { annotations: { "pv.kubernetes.io/bind-completed": "yes" } };
    await this.#kube.json("PATCH", path, { metadata, spec: { volumeName: claim.spec.volumeName ?? volume } }, merge);
    await this.#kube.json("PATCH", `${path}/status`, { status: { phase: "Bound" } }, merge);
    this.made.add(`PersistentVolume ${volume}`);
  }
}
