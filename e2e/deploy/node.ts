import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Kube, KubeObject } from "../world/kube.ts";
import { commandOf } from "./pod.ts";

/** One pod that ran. */
export interface RanPod {
  name: string;
  /** Of an Indexed Job. */
  index: string | undefined;
  code: number | null;
  stderr: string;
}

/**
 * Stands in for scheduler, kubelet and image: a pod that the API server let in runs as a process of this machine, its volumes
 * are folders with what the ConfigMap or Secret in the cluster holds, and its end is written into its status.
 */
export class Node {
  readonly ran: RanPod[] = [];
  readonly running = new Map<string, ChildProcess>();
  readonly #kube: Kube;
  readonly #namespace: string;
  readonly #dir: string;
  readonly #program: string;
  readonly #seen = new Set<string>();

  /** @param program the script that the image starts with node */
  constructor(kube: Kube, namespace: string, dir: string, program: string) {
    this.#kube = kube;
    this.#namespace = namespace;
    this.#dir = dir;
    this.#program = program;
  }

  /** Starts the pods that no node has yet. */
  async startNew(): Promise<void> {
    for (const pod of await this.#kube.list("Pod")) {
      const { name, namespace } = pod.metadata;
      if (namespace !== this.#namespace || this.#seen.has(name) || pod.metadata.deletionTimestamp) continue;
      this.#seen.add(name);
      await this.#bind(name);
      await this.#start(pod);
    }
  }

  async #bind(name: string): Promise<void> {
    const target = { apiVersion: "v1", kind: "Node", name: "node-0" };
    const binding = { apiVersion: "v1", kind: "Binding", metadata: { name }, target };
    await this.#kube.json("POST", `${this.#path(name)}/binding`, binding);
  }

  async #start(pod: KubeObject): Promise<void> {
    const { name, annotations } = pod.metadata;
    const { args, env } = commandOf(pod, await this.#makeVolumes(pod));
    await this.#say(name, { phase: "Running", conditions: [{ type: "Ready", status: "True" }] });
    const child = spawn(process.execPath, [this.#program, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      // A container begins with nothing but a PATH.
      env: { PATH: process.env.PATH, NO_COLOR: "1", ...env },
    });
    this.running.set(name, child);
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("close", (code) => {
      this.running.delete(name);
      const index = annotations?.["batch.kubernetes.io/job-completion-index"];
      this.ran.push({ name, index, code, stderr });
      const terminated = { exitCode: code ?? 137, reason: code === 0 ? "Completed" : "Error" };
      const status = { name: "fluxlift", image: "", imageID: "", ready: false, restartCount: 0, state: { terminated } };
      const phase = code === 0 ? "Succeeded" : "Failed";
      const conditions = [{ type: "Ready", status: "False" }];
      void this.#say(name, { phase, conditions, containerStatuses: [status] }).catch(() => {});
    });
  }

  /** A folder for every volume: those of claims are shared, all others belong to the pod. */
  async #makeVolumes(pod: KubeObject): Promise<Map<string, string>> {
    const folders = new Map<string, string>();
    for (const { name, configMap, secret, persistentVolumeClaim: claim } of pod.spec.volumes) {
      const own = claim ? join(this.#dir, "claims", claim.claimName) : join(this.#dir, pod.metadata.name, name);
      mkdirSync(own, { recursive: true });
      folders.set(name, own);
      if (claim && !(await this.#kube.get("PersistentVolumeClaim", this.#namespace, claim.claimName)))
        throw new Error(`there is no claim ${claim.claimName}`);
      const source = configMap ? ["ConfigMap", configMap.name] : secret ? ["Secret", secret.secretName] : undefined;
      if (!source) continue;
      const held = await this.#kube.get(source[0], this.#namespace, source[1]);
      if (!held && !(configMap ?? secret).optional) throw new Error(`there is no ${source.join(" ")}`);
      for (const [key, value] of Object.entries<string>(held?.data ?? {})) {
        writeFileSync(join(own, key), secret ? Buffer.from(value, "base64") : value);
      }
      chmodSync(own, 0o555);
    }
    return folders;
  }

  async #say(name: string, status: unknown): Promise<void> {
    await this.#kube.json("PATCH", `${this.#path(name)}/status`, { status }, "application/merge-patch+json");
  }

  #path(name: string): string {
    return `/api/v1/namespaces/${this.#namespace}/pods/${name}`;
  }
}
