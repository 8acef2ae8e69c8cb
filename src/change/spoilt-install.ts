import { isOpenText } from "../admission/open-text.ts";
import { PROBES } from "../admission/pods.ts";
import { isOn } from "../admission/switches.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { flagsOf } from "../release/compare.ts";

/** Something in an install of Flux that does not fit together. */
export interface Spoilt {
  /** The controller that it stops. */
  name: string;
  /** The end of a sentence. */
  says: string;
  /** It may work all the same. */
  isOpen?: true;
}

/** Controllers that the others fetch from, each through the Service of its name (flux2, `manifests/bases`). */
const SERVED = ["source-controller", "source-watcher"];
/** Where they look for artifacts: `--storage-adv-addr` names no port. */
const HTTP = 80;
/** Kinds that each controller reads and writes. */
export const GROUPS: Readonly<Record<string, string>> = {
  "source-controller": "source.toolkit.fluxcd.io",
  "kustomize-controller": "kustomize.toolkit.fluxcd.io",
  "helm-controller": "helm.toolkit.fluxcd.io",
  "notification-controller": "notification.toolkit.fluxcd.io",
  "image-reflector-controller": "image.toolkit.fluxcd.io",
  "image-automation-controller": "image.toolkit.fluxcd.io",
  "source-watcher": "source.extensions.fluxcd.io",
};

/**
 * What of the objects of a Flux install does not fit together, as patches leave it. The API server takes all of it. A
 * release as it comes has none of this.
 */
export function listSpoilt(objects: readonly YamlData[]): Spoilt[] {
  return objects.flatMap((one) => {
    const name = String(one?.metadata?.name);
    if (one?.kind === "ClusterRoleBinding") return listIdleRights(one, objects);
    if (one?.kind !== "Deployment" || ofOwn(GROUPS, String(name)) === undefined) return [];
    const found = [...listVainProbes(one), ...listUnwritable(one), ...listOther(one)];
    if (SERVED.includes(name)) {
      const service = objects.find(({ kind, metadata }) => kind === "Service" && metadata?.name === name);
      const why = service ? findUnserved(service, one) : "is not there any more";
      if (why !== undefined)
        found.unshift({ says: `Service ${name}, by which the other controllers get their sources, ${why}` });
    }
    return found.map((each) => ({ name, ...each }));
  });
}

/** What is spoilt now and was not before. */
export function listNewSpoilt(was: readonly Spoilt[] = [], now: readonly Spoilt[] = []): Spoilt[] {
  const known = new Set(was.map(({ says }) => says));
  return now.filter(({ says }) => !known.has(says));
}

export const LOOK_AT_CONTROLLER =
  "look at the controller where it runs already: kubectl get deploy -n flux-system -o yaml, and its log";

type Found = Omit<Spoilt, "name">;

/** The role by which the controllers read and write Flux's own kinds; the operator puts the namespace behind its name. */
function listIdleRights({ metadata, roleRef }: YamlData, objects: readonly YamlData[]): Spoilt[] {
  if (!/^crd-controller/.test(String(roleRef?.name)) || roleRef.kind !== "ClusterRole") return [];
  const role = objects.find(({ kind, metadata }) => kind === "ClusterRole" && /^crd-controller/.test(metadata?.name));
  const rules = itemsOf(role?.rules);
  const controllers = objects.filter(
    (one) => one.kind === "Deployment" && ofOwn(GROUPS, String(one.metadata?.name)) !== undefined,
  );
  const unread = controllers.find((one) => {
    const group = ofOwn(GROUPS, String(one.metadata.name));
    return !rules.some(({ apiGroups }) =>
      itemsOf(apiGroups).some((each) => String(each) === group || String(each) === "*"),
    );
  });
  // A newer Flux may serve another group by another role: only what the rules of a release say counts.
  if (!unread) return [];
  const name = String(unread.metadata.name);
  const says = `ClusterRoleBinding ${metadata?.name} gives ${rules.length > 0 ? name : "the controllers"} no rights on Flux's own kinds any more`;
  return [{ name, says }];
}

function findUnserved({ spec }: YamlData, deployment: YamlData): string | undefined {
  const labels = deployment.spec?.template?.metadata?.labels;
  const selector = Object.entries(spec?.selector ?? {});
  if (selector.some(([key, value]) => labels?.[key] !== value)) return "selects its pods no more";
  const port = itemsOf(spec?.ports).find((one) => one.port === HTTP);
  if (!port) return `has no port ${HTTP} any more`;
  const target = port.targetPort ?? HTTP;
  const number = findPort(deployment, target);
  if (number === undefined) return `leads to port ${target}, which its pods do not have`;
  const listens = portOf(flagsOf(deployment).get("--storage-addr"));
  return listens !== undefined && listens !== number
    ? `leads to port ${number}, and --storage-addr is port ${listens}`
    : undefined;
}

const containersOf = ({ spec }: YamlData): YamlData[] => itemsOf(spec?.template?.spec?.containers);

/** The number of a port of its pods; undefined where they have none such. */
function findPort(deployment: YamlData, wanted: unknown): number | undefined {
  const ports = containersOf(deployment).flatMap(({ ports }) => itemsOf(ports));
  const found = ports.find(({ name, containerPort }) => wanted === name || Number(wanted) === containerPort);
  return found ? Number(found.containerPort) : undefined;
}

/** The port of an address that a controller listens on, such as `:9440`. */
function portOf(address: string | undefined): number | undefined {
  const [, port] = /:(\d{1,5})$/.exec(address ?? "") ?? [];
  return port === undefined ? undefined : Number(port);
}

/** What controllers answer on `--health-addr` (`probes.SetupChecks` of fluxcd/pkg/runtime). */
const HEALTH = /^\/(?:healthz|readyz)(?:\/|$)/;

function listVainProbes(deployment: YamlData): Found[] {
  const name = String(deployment.metadata.name);
  const [first] = containersOf(deployment);
  const listens = portOf(flagsOf(deployment).get("--health-addr"));
  return PROBES.flatMap((probe): Found[] => {
    const { port, path } = first?.[probe]?.httpGet ?? {};
    if (port === undefined) return [];
    const number = findPort(deployment, port);
    if (number === undefined) return [{ says: `the ${probe} of ${name} asks a port that it does not have` }];
    const isHealth = port === "healthz" || number === HEALTH_PORT;
    if (!isHealth && !SERVED.includes(name)) return [];
    if (isHealth && listens !== undefined && listens !== number)
      return [{ says: `the ${probe} of ${name} asks port ${number}, and --health-addr is port ${listens}` }];
    // The server of sources answers for its top, and for sources.
    const isAnswered = isHealth ? HEALTH.test(String(path)) : (path ?? "/") === "/";
    if (isOpenText(String(path))) return [];
    return isAnswered ? [] : [{ says: `the ${probe} of ${name} asks for ${path ?? "/"}, which it does not answer` }];
  });
}

const HEALTH_PORT = 9440;

/** Folders that a controller writes to, where its container may write nowhere else. */
function listUnwritable(deployment: YamlData): Found[] {
  const name = String(deployment.metadata.name);
  const [first] = containersOf(deployment);
  if (first?.securityContext?.readOnlyRootFilesystem !== true) return [];
  const storage = flagsOf(deployment).get("--storage-path");
  const mounts = itemsOf(first.volumeMounts).map((one) => String(one.mountPath));
  const isIn = (path: string) => mounts.some((mount) => path === mount || path.startsWith(`${mount}/`));
  const needed = ["/tmp", ...(storage?.startsWith("/") ? [storage.replace(/\/$/, "")] : [])];
  return needed
    .filter((path) => !isIn(path))
    .map((path) => ({ says: `${name} writes to ${path}, and no volume is mounted there` }));
}

/** Where it may well be meant. */
function listOther(deployment: YamlData): Found[] {
  const name = String(deployment.metadata.name);
  const [first] = containersOf(deployment);
  const flags = flagsOf(deployment);
  const image = String(first?.image ?? name);
  const command = itemsOf(first?.command);
  const variables = new Set(itemsOf(first?.env).map((one) => one.name));
  const address = flags.get("--storage-adv-addr") ?? "";
  const [, unset] = /\$\(([A-Za-z_]\w*)\)/.exec(address) ?? [];
  const host = address.split(/[.:]/)[0]!;
  const isOther = (text: string) => !text.includes(name) && !isOpenText(text);
  const replicas = deployment.spec?.replicas ?? 1;
  const leads = flags.get("--enable-leader-election");
  const found: Found[] = [];
  // Without any argument it is no more than a part of a Deployment.
  if (Number(replicas) > 1 && flags.size > 0 && !isOn(leads) && !isOpenText(leads ?? ""))
    found.push({
      says: `several pods of ${name} work at once, as --enable-leader-election is off`,
      isOpen: true,
    });
  if (command.length > 0 && isOther(command.join(" ")))
    found.push({
      says: `${name} starts ${JSON.stringify(command.join(" "))} and not the program of its image`,
      isOpen: true,
    });
  if (isOther(image.split("/").at(-1)!))
    found.push({ says: `the image of ${name} is ${image}, which by its name is another one`, isOpen: true });
  if (unset !== undefined && !variables.has(unset) && itemsOf(first?.envFrom).length === 0)
    found.push({ says: `--storage-adv-addr of ${name} names the variable ${unset}, which it does not have` });
  if (SERVED.includes(name) && host !== "" && !host.startsWith("$") && isOther(host))
    found.push({
      says: `${name} tells the others to look for sources at ${address}, which is not its Service`,
      isOpen: true,
    });
  return found;
}
