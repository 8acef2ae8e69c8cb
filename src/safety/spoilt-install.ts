import { itemsOf, type YamlData } from "../contract/objects.ts";
import { PROBES } from "./pods.ts";

/** Controllers that the others fetch from, each through the Service of its name (flux2, `manifests/bases`). */
const SERVED = ["source-controller", "source-watcher"];
/** Where they look for artifacts: `--storage-adv-addr` names no port. */
const HTTP = 80;

/**
 * What of the objects of a Flux install does not fit together, as patches leave it, each as the end of a sentence. The API
 * server takes all of it. A release as it comes has none of this.
 */
export function listSpoilt(objects: readonly YamlData[]): string[] {
  return objects.flatMap((one) => {
    if (one.kind === "ClusterRoleBinding") return listIdleRights(one, objects);
    if (one.kind !== "Deployment") return [];
    const name = String(one.metadata?.name);
    const probes = listVainProbes(one).map((probe) => `the ${probe} of ${name} asks a port that it does not have`);
    if (!SERVED.includes(name)) return probes;
    const service = objects.find(({ kind, metadata }) => kind === "Service" && metadata?.name === name);
    const why = service ? findUnserved(service, one) : "is not there any more";
    return [
      ...probes,
      ...(why === undefined ? [] : [`Service ${name}, by which the other controllers get their sources, ${why}`]),
    ];
  });
}

/** The role by which the controllers read and write Flux's own kinds; the operator puts the namespace behind its name. */
function listIdleRights({ metadata, roleRef }: YamlData, objects: readonly YamlData[]): string[] {
  if (!/^crd-controller/.test(String(roleRef?.name)) || roleRef.kind !== "ClusterRole") return [];
  const role = objects.find(({ kind, metadata }) => kind === "ClusterRole" && /^crd-controller/.test(metadata?.name));
  if (role && itemsOf(role.rules).length > 0) return [];
  return [`ClusterRoleBinding ${metadata?.name} gives the controllers no rights on Flux's own kinds any more`];
}

function findUnserved({ spec }: YamlData, deployment: YamlData): string | undefined {
  const labels = deployment.spec?.template?.metadata?.labels;
  const selector = Object.entries(spec?.selector ?? {});
  if (selector.some(([key, value]) => labels?.[key] !== value)) return "selects its pods no more";
  const port = itemsOf(spec?.ports).find((one) => one?.port === HTTP);
  if (!port) return `has no port ${HTTP} any more`;
  return hasPort(deployment, port.targetPort ?? HTTP)
    ? undefined
    : `leads to port ${port.targetPort ?? HTTP}, which its pods do not have`;
}

const containersOf = ({ spec }: YamlData): YamlData[] => itemsOf(spec?.template?.spec?.containers);

function hasPort(deployment: YamlData, wanted: unknown): boolean {
  return containersOf(deployment).some(({ ports }) =>
    itemsOf(ports).some(({ name, containerPort }) => wanted === name || Number(wanted) === containerPort),
  );
}

function listVainProbes(deployment: YamlData): string[] {
  const [first] = containersOf(deployment);
  return PROBES.filter((probe) => {
    const port: unknown = first?.[probe]?.httpGet?.port;
    return port !== undefined && !hasPort(deployment, port);
  });
}
