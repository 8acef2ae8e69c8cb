import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import { CONTAINER_LISTS } from "./pods.ts";

export const ENFORCE = "pod-security.kubernetes.io/enforce";
/** Its levels, the widest first. */
export const POD_SECURITY_LEVELS = ["privileged", "baseline", "restricted"];

/** Capabilities that `baseline` lets a container add. */
const CAPABILITIES = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);
const VOLUMES = new Set(
  "configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret".split(" "),
);
const PROFILES = ["RuntimeDefault", "Localhost"];

/**
 * Why a level refuses pods with such a spec (Pod Security Standards); undefined where it takes them, or may. Errs towards
 * taking them: sysctls, AppArmor and SELinux are not looked at.
 */
export function refusesPod(level: unknown, pod: YamlData): string | undefined {
  if (level !== "baseline" && level !== "restricted") return undefined;
  const containers = CONTAINER_LISTS.flatMap((list) => itemsOf(pod[list])).filter(isMap) as YamlData[];
  if (isOpenText(JSON.stringify(pod.securityContext ?? null))) return undefined;
  return refusesBaseline(pod, containers) ?? (level === "restricted" ? refusesRestricted(pod, containers) : undefined);
}

function refusesBaseline(pod: YamlData, containers: readonly YamlData[]): string | undefined {
  const host = ["hostNetwork", "hostPID", "hostIPC"].find((field) => pod[field] === true);
  if (host !== undefined) return `has ${host}`;
  if (itemsOf(pod.volumes).some((volume) => isMap(volume.hostPath))) return "mounts a hostPath";
  for (const { name, ports, securityContext } of containers) {
    const own: YamlData = isMap(securityContext) ? securityContext : {};
    if (own.privileged === true) return `runs the container ${name} privileged`;
    const added = itemsOf(own.capabilities?.add).find((one) => !CAPABILITIES.has(String(one)) && !isOpenText(one));
    if (added !== undefined) return `gives the container ${name} the capability ${added}`;
    if (own.procMount === "Unmasked" && pod.hostUsers !== false) return `unmasks /proc of the container ${name}`;
    if (itemsOf(ports).some((port) => Number(port.hostPort ?? 0) > 0)) return `takes a hostPort for ${name}`;
  }
  const unconfined = [pod, ...containers].some((one) => one.securityContext?.seccompProfile?.type === "Unconfined");
  return unconfined ? "is not confined by seccomp" : undefined;
}

function refusesRestricted(pod: YamlData, containers: readonly YamlData[]): string | undefined {
  if (pod.os?.name === "windows") return undefined;
  const volume = itemsOf(pod.volumes).find((one) =>
    Object.keys(one).some((key) => key !== "name" && isMap(one[key]) && !VOLUMES.has(key)),
  );
  if (volume) return `mounts the volume ${volume.name}, of a kind that is not allowed`;
  for (const { name, securityContext } of containers) {
    const own: YamlData = isMap(securityContext) ? securityContext : {};
    if (isOpenText(JSON.stringify(own))) continue;
    const all = pod.securityContext;
    if (own.allowPrivilegeEscalation !== false) return `does not set allowPrivilegeEscalation: false for ${name}`;
    if (!itemsOf(own.capabilities?.drop).includes("ALL")) return `does not drop ALL capabilities of ${name}`;
    if (!PROFILES.includes((own.seccompProfile ?? all?.seccompProfile)?.type))
      return `sets no seccompProfile for ${name}`;
    // With users of its own the pod may be root in it.
    if (pod.hostUsers === false) continue;
    if ((own.runAsNonRoot ?? all?.runAsNonRoot) !== true) return `does not set runAsNonRoot for ${name}`;
    if ((own.runAsUser ?? all?.runAsUser) === 0) return `runs ${name} as root`;
  }
  return undefined;
}
