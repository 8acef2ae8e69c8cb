import type { Data } from "./snapshot.ts";

const DEFAULTED = ["kustomize-controller", "helm-controller"];

interface Size {
  requests: Data;
  limits: Data;
  /** Whether the resources go to every Deployment or to kustomize, helm and source only. */
  everywhere: boolean;
  concurrent: number;
  requeue: string;
  cache: number;
  sourceConcurrent?: number;
}

/** flux-facts 1.6; source-controller has lower limits in `large`. */
const SIZES: Record<string, Size> = {
  small: {
    requests: { cpu: "100m", memory: "64Mi" },
    limits: { cpu: "1000m", memory: "512Mi" },
    everywhere: true,
    concurrent: 5,
    requeue: "10s",
    cache: 10,
  },
  medium: {
    requests: { cpu: "100m", memory: "128Mi" },
    limits: { cpu: "2000m", memory: "1Gi" },
    everywhere: false,
    concurrent: 10,
    requeue: "5s",
    cache: 50,
    sourceConcurrent: 5,
  },
  large: {
    requests: { cpu: "100m", memory: "256Mi" },
    limits: { cpu: "3000m", memory: "3Gi" },
    everywhere: false,
    concurrent: 20,
    requeue: "5s",
    cache: 100,
    sourceConcurrent: 10,
  },
};

/** Patch that appends arguments to container 0 of Deployments by name (a regular expression). */
export function appendArgs(name: string, args: string[]): Data {
  const operations = args.map((value) => ({ op: "add", path: "/spec/template/spec/containers/0/args/-", value }));
  return { target: { kind: "Deployment", name }, patch: JSON.stringify(operations) };
}

function setResources(name: string, requests: Data, limits: Data): Data {
  const operations = [{ op: "add", path: "/spec/template/spec/containers/0/resources", value: { requests, limits } }];
  return { target: { kind: "Deployment", name }, patch: JSON.stringify(operations) };
}

function sizePatches(size: Size, large: boolean): Data[] {
  const cache = [
    `--helm-cache-max-size=${size.cache}`,
    "--helm-cache-ttl=720m",
    "--helm-cache-purge-interval=60m",
    ...(size.sourceConcurrent ? [`--concurrent=${size.sourceConcurrent}`] : []),
  ];
  const sourceLimits = large ? { cpu: "2000m", memory: "2Gi" } : size.limits;
  return [
    setResources(size.everywhere ? ".*" : `(${DEFAULTED.join("|")})`, size.requests, size.limits),
    ...(size.everywhere ? [] : [setResources("source-controller", size.requests, sourceLimits)]),
    appendArgs(`(${DEFAULTED.join("|")})`, [`--concurrent=${size.concurrent}`, `--requeue-dependency=${size.requeue}`]),
    appendArgs("source-controller", cache),
  ];
}

function multitenantPatches(cluster: Data): Data[] {
  const account = cluster.tenantDefaultServiceAccount || "default";
  const strict = "(kustomize-controller|helm-controller|notification-controller|image-.*|source-watcher)";
  return [
    appendArgs(strict, ["--no-cross-namespace-refs=true"]),
    appendArgs("kustomize-controller", ["--no-remote-bases=true"]),
    appendArgs(`(${DEFAULTED.join("|")})`, [`--default-service-account=${account}`]),
    {
      target: { kind: "Kustomization", group: "kustomize.toolkit.fluxcd.io" },
      patch: JSON.stringify([{ op: "add", path: "/spec/serviceAccountName", value: "kustomize-controller" }]),
    },
  ];
}

/**
 * Patches the operator itself adds for first-class fields (flux-facts 1.6), in its order. The workload-identity gate
 * is left out because both sides are compared without it.
 */
export function operatorPatches(spec: Data): Data[] {
  const cluster = spec.cluster ?? {};
  const size = SIZES[cluster.size ?? ""];
  const watcher = (spec.components ?? []).includes("source-watcher");
  return [
    ...(size ? sizePatches(size, cluster.size === "large") : []),
    ...(cluster.multitenant === true ? multitenantPatches(cluster) : []),
    ...(watcher ? [appendArgs(`(${DEFAULTED.join("|")})`, ["--feature-gates=ExternalArtifact=true"])] : []),
  ];
}

/** Fields of an instance that this reconstruction does not model. */
export function unmodelled(spec: Data): string[] {
  const cluster = spec.cluster ?? {};
  return [
    ...(spec.storage ? ["storage"] : []),
    ...(spec.sharding ? ["sharding"] : []),
    ...(cluster.type === "openshift" ? ["cluster.type: openshift"] : []),
    ...(cluster.multitenantWorkloadIdentity ? ["cluster.multitenantWorkloadIdentity"] : []),
  ];
}
