import { isDeepStrictEqual } from "node:util";
import { isFilled, itemsOf, type YamlData } from "../contract/objects.ts";
import { readDeployments } from "./running.ts";
import type { WantedInstance } from "./want.ts";

/** What the chart of the operator says of its one pod (chart 0.59, `resources`). */
export const OPERATOR_RESOURCES = {
  limits: { cpu: "2000m", memory: "1Gi" },
  requests: { cpu: "100m", memory: "64Mi" },
};

/** Variables that a program needs to reach the network at all: proxies, trusted CAs, an API server at another address. */
const REACH = /^(?:https?_proxy|no_proxy|all_proxy|ssl_cert_(?:file|dir)|kubernetes_service_(?:host|port))$/i;

/** Those of a program that fetches from outside, whether or not the others need them. */
const PROXY = /^(?:https?|no|all)_proxy$/i;
const FETCHER = "source-controller";

/** Settings of a pod that decide what it reaches, and that the chart has no value for, or none that is safe to set unasked. */
const LEFT = ["hostNetwork", "hostAliases", "dnsConfig"] as const;

/** Variables that name where CAs lie, and folders where programs look for them unasked. */
const TRUST = /^ssl_cert_(file|dir)$/i;
const CA_FOLDER = /^\/(?:etc\/(?:ssl|pki)|usr\/(?:local\/)?share\/(?:pki|ca-certificates))(?:\/|$)/;

const LINUX = { "kubernetes.io/os": "linux" };

/** What every controller of Flux has and its operator, a controller more, needs as well. */
export interface OperatorPod {
  values: YamlData;
  /** Fields of the pods that stay for a person to decide. */
  left: readonly string[];
}

/**
 * Values of the operator's chart without which its pod may not be scheduled, or may reach nothing, where every controller of
 * Flux has them: tolerations, node selectors and affinity, proxies, and CAs that are mounted. Nothing else says of the
 * operator where it may run. Proxies are also those of source-controller alone, since the operator fetches artifacts, too.
 */
export function readOperatorPod(wanted: WantedInstance, namespace: string): OperatorPod {
  const { components } = wanted.spec;
  const deployments = wanted.patches.length === 0 ? [] : readDeployments({ ...wanted, components }, namespace);
  const pods = deployments.map(({ spec }) => spec?.template?.spec ?? {});
  const managers = pods.map(({ containers }) => itemsOf(containers)[0]);
  const fetcher = managers[deployments.findIndex(({ metadata }) => metadata.name === FETCHER)];
  const mounted = findMounts(pods, managers);
  const reach = readReach(managers, mounted);
  const isCommon = ({ name }: YamlData) => reach.envs.some((env) => env.name === name);
  const proxies = itemsOf(fetcher?.env).filter((env) => PROXY.test(String(env.name)) && !isCommon(env));
  const values = {
    ...readScheduling(pods),
    extraEnvs: [...reach.envs, ...proxies],
    extraVolumes: mounted.volumes,
    extraVolumeMounts: mounted.mounts,
  };
  return {
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => isFilled(value))),
    left: [
      ...LEFT.filter(
        (field) =>
          inAll(pods.map((pod) => [pod[field]].filter((value) => isFilled(value) && value !== false))).length > 0,
      ),
      // With hostNetwork another policy comes by itself.
      ...(inAll(pods.map(({ dnsPolicy }) => [dnsPolicy])).some((policy) => policy === "Default") ? ["dnsPolicy"] : []),
      ...reach.left,
      // The chart takes variables one by one, and what a ConfigMap or Secret holds is not known.
      ...(inAll(managers.map((manager) => itemsOf(manager?.envFrom))).length > 0 ? ["envFrom"] : []),
    ],
  };
}

/** Where the pods of all controllers may run. */
function readScheduling(pods: readonly YamlData[]) {
  const selectors = pods.map(({ nodeSelector }) => Object.entries<YamlData>(nodeSelector ?? {}));
  const nodeAffinity = inAll(pods.map(({ affinity }) => [affinity?.nodeAffinity].filter(isFilled)))[0];
  return {
    tolerations: inAll(pods.map(({ tolerations }) => itemsOf(tolerations))),
    nodeSelector: {
      ...Object.fromEntries(inAll(selectors).filter(([key]) => !(key in LINUX))),
      // The chart says so by an affinity of its own, which this one takes the place of.
      ...(nodeAffinity ? LINUX : {}),
    },
    ...(nodeAffinity ? { affinity: { nodeAffinity } } : {}),
  };
}

/** Variables by which all controllers reach the network, and what of them, or of the mounted CAs, cannot be carried. */
function readReach(managers: readonly YamlData[], mounted: ReturnType<typeof findMounts>) {
  const reaching = inAll(managers.map((manager) => itemsOf(manager?.env))).filter(({ name }) =>
    REACH.test(String(name)),
  );
  const isIn = (mounts: readonly YamlData[], path: string) =>
    mounts.some(({ mountPath }) => isBelow(path, String(mountPath)));
  const isLostPath = (path: string) => isIn(mounted.unknown, path) && !isIn(mounted.mounts, path);
  // SSL_CERT_DIR may name several folders; one that is there is enough to start with.
  const pathsOf = ({ name, value }: YamlData) => {
    const [, what] = TRUST.exec(String(name)) ?? [];
    return what === undefined ? [] : what.toLowerCase() === "dir" ? String(value).split(":") : [String(value)];
  };
  // Without the volume it points into, such a variable takes away the CAs that the image has.
  const isLost = (env: YamlData) => {
    const paths = pathsOf(env);
    return paths.length > 0 && paths.every(isLostPath);
  };
  const envs = reaching.filter((env) => !isLost(env));
  const named = envs.flatMap((env) => pathsOf(env).filter(isLostPath));
  const unknown = mounted.unknown
    .map(({ mountPath }) => String(mountPath))
    .filter((path) => CA_FOLDER.test(path) || named.some((one) => isBelow(one, path)));
  return {
    envs,
    left: [...reaching.filter(isLost).map(({ name }) => String(name)), ...unknown.map((path) => `a volume at ${path}`)],
  };
}

/** ConfigMaps and Secrets that every controller mounts, as bundles of CAs are, and its mounts of anything else. */
function findMounts(pods: readonly YamlData[], managers: readonly YamlData[]) {
  const volumes = inAll(pods.map((pod) => itemsOf(pod.volumes))).filter(({ configMap, secret }) => configMap ?? secret);
  const names = new Set(volumes.map(({ name }) => name));
  const all = inAll(managers.map((one) => itemsOf(one?.volumeMounts)));
  const mounts = all.filter(({ name }) => names.has(name));
  const used = new Set(mounts.map(({ name }) => name));
  const unknown = all.filter(({ name }) => !names.has(name));
  return { volumes: volumes.filter(({ name }) => used.has(name)), mounts, unknown };
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** The items of the first list that every other list has too. */
function inAll<T>([first = [], ...others]: readonly (readonly T[])[]): T[] {
  return first.filter((item) => others.every((list) => list.some((other) => isDeepStrictEqual(other, item))));
}
