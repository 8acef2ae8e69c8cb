import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { binaryPath } from "../install/build.ts";
import { type Component, type Generation, OPERATOR } from "../install/components.ts";
import type { Pki } from "../install/pki.ts";
import type { KubeObject } from "../world/kube.ts";
import { freePort } from "../world/ports.ts";
import type { Processes, Running } from "../world/processes.ts";
import { sleep } from "../world/wait.ts";
import type { ControlPlane } from "./control-plane.ts";

export interface ControllersOptions {
  dir: string;
  generation: Generation;
  plane: ControlPlane;
  processes: Processes;
  pki: Pki;
  /** `HTTPS_PROXY` of every controller: the registry of the bench. */
  proxy: string;
  namespace: string;
  /** Manifests that the operator was released with. */
  operatorData: string;
  log: (line: string) => void;
}

interface Supervised {
  /** What the process was started with; another value restarts it, as a rollout would. */
  stamp: string;
  running: Running;
}

/** Arguments that name addresses inside a cluster, or paths inside a container. */
const REPLACED =
  /^--(events-addr|storage-adv-addr|storage-addr|storage-path|metrics-addr|health-addr|receiverAddr|enable-leader-election|log-encoding|web-server-port|requeue-dependency)(=|$)/;

/** Milliseconds before a controller that crashed is started again. */
const BACKOFF = 4000;

/**
 * Stands in for the kubelet: where the cluster has a Deployment of a controller, its real binary runs as a process on
 * loopback, with the arguments of the Deployment and a token of its ServiceAccount. Deployment or ServiceAccount gone:
 * the process is killed. Another pod template: it restarts. So a controller that deletes its own rights or its own
 * Deployment loses them here as well. The pods themselves are kwok's.
 */
export class Controllers {
  readonly #options: ControllersOptions;
  readonly #processes = new Map<string, Supervised>();
  readonly #ports = new Map<string, number>();
  #loop: Promise<void> | undefined;
  /** When a controller that ended by itself may start again. */
  readonly #rest = new Map<string, number>();
  #ended = false;
  /** Times a process was started, by Deployment. */
  readonly starts = new Map<string, number>();

  constructor(options: ControllersOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = (async () => {
      while (!this.#ended) {
        await this.#look().catch((error: Error) => this.#options.log(`controllers: ${error.message}`));
        await sleep(1200);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#loop;
    await Promise.all([...this.#processes.values()].map(({ running }) => this.#options.processes.stop(running, 3000)));
    this.#processes.clear();
  }

  /** Kills a controller as the kernel would when memory runs out; it is started again as its Deployment asks. */
  kill(name: string): void {
    this.#options.log(`kill ${name}`);
    this.#processes.get(name)?.running.child.kill("SIGKILL");
  }

  async #look(): Promise<void> {
    const { plane, namespace } = this.#options;
    const deployments = (await plane.kube.list("Deployment", "apps")).filter(
      (one) => one.metadata.namespace === namespace && !one.metadata.deletionTimestamp,
    );
    const accounts = (await plane.kube.list("ServiceAccount", "")).filter(
      (one) => one.metadata.namespace === namespace,
    );
    const wanted = new Map<
      string,
      { deployment: KubeObject; account: KubeObject; component: Component; stamp: string }
    >();
    for (const deployment of deployments) {
      const component = this.#componentOf(deployment.metadata.name);
      const template = deployment.spec.template;
      const account = accounts.find((one) => one.metadata.name === template.spec.serviceAccountName);
      if (!component || !account || deployment.spec.replicas === 0) continue;
      const stamp = JSON.stringify([template, account.metadata.uid]);
      wanted.set(deployment.metadata.name, { deployment, account, component, stamp });
    }
    for (const [name, { running, stamp }] of [...this.#processes]) {
      if (wanted.get(name)?.stamp === stamp && running.child.exitCode === null && running.child.signalCode === null)
        continue;
      const crashed = running.child.exitCode !== null;
      this.#options.log(crashed ? `${name} ended by itself (${running.child.exitCode})` : `stop ${name}`);
      if (crashed) this.#rest.set(name, Date.now() + BACKOFF);
      this.#processes.delete(name);
      await this.#options.processes.stop(running, 3000);
    }
    for (const [name, one] of wanted) {
      if (!this.#processes.has(name) && (this.#rest.get(name) ?? 0) < Date.now())
        await this.#launch(name, one.deployment, one.account, one.component, one.stamp);
    }
  }

  #componentOf(name: string): Component | undefined {
    return [...this.#options.generation.components, OPERATOR].find((one) => one.name === name);
  }

  async #launch(name: string, deployment: KubeObject, account: KubeObject, component: Component, stamp: string) {
    const { plane, processes, dir, pki, proxy, namespace, operatorData, log } = this.#options;
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account.metadata.name}/token`;
    const request = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 86400 },
    };
    const answer = await plane.kube.json<{ status: { token: string } }>("POST", path, request);
    const scratch = join(dir, name);
    const storage = join(scratch, "data");
    for (const folder of [storage, join(scratch, "tmp")]) mkdirSync(folder, { recursive: true });
    const port = async (what: string) => `127.0.0.1:${await this.#port(`${name} ${what}`)}`;
    const given = (deployment.spec.template.spec.containers[0].args ?? []) as string[];
    const args = given
      .filter((arg) => !REPLACED.test(arg))
      .map((arg) => arg.replaceAll("$(RUNTIME_NAMESPACE)", namespace));
    args.push(
      `--metrics-addr=${await port("metrics")}`,
      `--health-addr=${await port("health")}`,
      "--log-encoding=json",
    );
    if (component === OPERATOR) {
      args.push(
        "--web-server-port=0",
        `--storage-path=${operatorData}`,
        "--enable-leader-election=false",
        "--requeue-dependency=2s",
      );
    } else {
      args.push("--enable-leader-election=false");
      if (name !== "notification-controller") args.push("--events-addr=");
      if (name === "kustomize-controller" || name === "helm-controller") args.push("--requeue-dependency=2s");
    }
    if (name === "source-controller") {
      const address = await port("storage");
      args.push(`--storage-path=${storage}`, `--storage-addr=${address}`, `--storage-adv-addr=${address}`);
    }
    if (name === "notification-controller") {
      args.push(`--receiverAddr=${await port("receiver")}`, `--events-addr=${await port("events")}`);
    }
    this.starts.set(name, (this.starts.get(name) ?? 0) + 1);
    log(`start ${component.name} ${component.version}`);
    const running = processes.start(name, binaryPath(component), args, {
      KUBECONFIG: plane.kubeconfig(name, answer.status.token),
      RUNTIME_NAMESPACE: namespace,
      HTTPS_PROXY: proxy,
      NO_PROXY: "127.0.0.1,localhost",
      SSL_CERT_FILE: pki.caFile,
      // kustomize clones what a kustomization builds from elsewhere with git, which reads its own variable.
      GIT_SSL_CAINFO: pki.caFile,
      TMPDIR: join(scratch, "tmp"),
      HOME: scratch,
      // The operator refuses to run outside FIPS mode, which any Go build can turn on.
      ...(component === OPERATOR ? { GODEBUG: "fips140=on" } : {}),
    });
    this.#processes.set(name, { stamp, running });
  }

  /** The same port for a controller after a restart, as its Service would keep its address. */
  async #port(what: string): Promise<number> {
    const known = this.#ports.get(what) ?? (await freePort());
    this.#ports.set(what, known);
    return known;
  }
}
