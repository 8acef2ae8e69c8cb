import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binaryPath } from "../install/build.ts";
import { CONTROL_PLANE, type Component } from "../install/components.ts";
import type { Pki } from "../install/pki.ts";
import { Kube } from "../world/kube.ts";
import { freePort } from "../world/ports.ts";
import type { Processes, Running } from "../world/processes.ts";
import { sleep, until } from "../world/wait.ts";

/** A Kubernetes of its own: etcd, API server, controller manager, scheduler, and kwok for nodes and pods. */
export interface ControlPlane {
  kube: Kube;
  /** Writes a kubeconfig for a token and returns its path. */
  kubeconfig(name: string, token: string): string;
  /** Kills the API server and starts it again after `pause` milliseconds; it answers when the promise resolves. */
  restartApiServer(pause: number): Promise<void>;
  stop(): Promise<void>;
}

const ADMIN_TOKEN = "fluxlift-e2e-admin";
const NODES = 1;

/** Controllers that make what a cluster does by itself; the rest would only burn processor time. */
const CONTROLLERS = [
  "deployment-controller",
  "replicaset-controller",
  "statefulset-controller",
  "daemonset-controller",
  "job-controller",
  "serviceaccount-controller",
  "garbage-collector-controller",
  "namespace-controller",
  "clusterrole-aggregation-controller",
  "root-ca-certificate-publisher-controller",
  "resourcequota-controller",
  "persistentvolumeclaim-protection-controller",
];

const command = (name: string) => binaryPath(CONTROL_PLANE.find((one) => one.name === name) as Component);

/**
 * Starts a control plane with its state below `dir`; it is ready to take objects when the promise resolves.
 * @param pods whether scheduler and kwok run, which let every pod start and never run anything
 */
export async function startControlPlane(
  dir: string,
  pki: Pki,
  processes: Processes,
  { pods = true } = {},
): Promise<ControlPlane> {
  mkdirSync(dir, { recursive: true });
  const [etcdPort, peerPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const started: Running[] = [];
  const start = (name: string, args: string[]) => {
    const running = processes.start(name, command(name), args);
    started.push(running);
    return running;
  };
  const etcd = `http://127.0.0.1:${etcdPort}`;
  start("etcd", [
    `--data-dir=${join(dir, "etcd")}`,
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    "--unsafe-no-fsync",
    "--log-level=error",
  ]);
  const tokens = join(dir, "tokens.csv");
  writeFileSync(tokens, `${ADMIN_TOKEN},admin,admin,system:masters\n`, { mode: 0o600 });
  const apiArgs = [
    `--etcd-servers=${etcd}`,
    `--secure-port=${apiPort}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--tls-cert-file=${pki.serving.cert}`,
    `--tls-private-key-file=${pki.serving.key}`,
    `--token-auth-file=${tokens}`,
    "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${pki.serviceAccountKey}`,
    `--service-account-signing-key-file=${pki.serviceAccountKey}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    "--endpoint-reconciler-type=none",
    "--enable-priority-and-fairness=false",
    // As every distribution for homes and labs has it; drivers and device plugins ask for it.
    "--allow-privileged=true",
    // No controller here would take the taint of a new node off again.
    "--disable-admission-plugins=TaintNodesByCondition",
    "--watch-cache=true",
    "--v=0",
  ];
  let api = start("kube-apiserver", apiArgs);
  const server = `https://127.0.0.1:${apiPort}`;
  const kube = new Kube(server, ADMIN_TOKEN, pki.ca);
  const kubeconfig = (name: string, token: string): string => {
    const path = join(dir, `${name}.kubeconfig`);
    writeFileSync(path, kubeconfigText(server, pki.caFile, token), { mode: 0o600 });
    return path;
  };
  const answers = () =>
    until("kube-apiserver is ready", 90, async () => (await kube.json<string>("GET", "/readyz")) === "ok", 250);
  await answers();
  const admin = kubeconfig("admin", ADMIN_TOKEN);
  start("kube-controller-manager", [
    `--kubeconfig=${admin}`,
    `--service-account-private-key-file=${pki.serviceAccountKey}`,
    `--root-ca-file=${pki.caFile}`,
    `--controllers=${CONTROLLERS.join(",")}`,
    "--leader-elect=false",
    "--secure-port=0",
    "--concurrent-gc-syncs=4",
  ]);
  if (pods) {
    start("kube-scheduler", [`--kubeconfig=${admin}`, "--leader-elect=false", "--secure-port=0"]);
    start("kwok", [
      `--kubeconfig=${admin}`,
      "--manage-all-nodes=true",
      `--server-address=127.0.0.1:${await freePort()}`,
    ]);
  }
  for (let number = 0; number < NODES; number++) await kube.apply(node(`node-${number}`), "fluxlift-e2e");
  return {
    kube,
    kubeconfig,
    async restartApiServer(pause) {
      started.splice(started.indexOf(api), 1);
      await processes.stop(api, 0);
      await sleep(pause);
      api = start("kube-apiserver", apiArgs);
      await answers();
    },
    async stop() {
      kube.close();
      for (const running of started.reverse()) await processes.stop(running, 5000);
    },
  };
}

const node = (name: string) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "kubernetes.io/os": "linux", "kubernetes.io/hostname": name, type: "kwok" } },
  status: {
    allocatable: { cpu: "64", memory: "256Gi", pods: "1000" },
    capacity: { cpu: "64", memory: "256Gi", pods: "1000" },
  },
});

/** With the certificate in it: from Flux 2.9.5 on its controllers refuse a kubeconfig that names a file. */
function kubeconfigText(server: string, caFile: string, token: string): string {
  const ca = readFileSync(caFile).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "e2e", cluster: { server, "certificate-authority-data": ca } }],
    users: [{ name: "e2e", user: { token } }],
    contexts: [{ name: "e2e", context: { cluster: "e2e", user: "e2e" } }],
    "current-context": "e2e",
  };
  return JSON.stringify(config, null, 2);
}
