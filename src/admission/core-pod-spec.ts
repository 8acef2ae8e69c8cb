import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { checkSeccomp } from "./core-containers.ts";
import { familyOf } from "./core-network.ts";
import { isHostLabel, isPlainName } from "./names.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./refusal.ts";
import { show } from "./refused-words.ts";

type Path = Refusal["path"];

/** What the API server refuses of the spec of pods beside their containers (kubernetes, `ValidatePodSpec`). */
export function checkPodSpec(groupKind: string, pod: YamlData, path: Path, isWhole: boolean): Refusal[] {
  const { restartPolicy, dnsPolicy, dnsConfig, activeDeadlineSeconds } = pod;
  const isKept = groupKind.startsWith("apps|");
  const found: Refusal[] = [];
  if (isKept && (restartPolicy === "Never" || restartPolicy === "OnFailure"))
    found.push({ path: [...path, "restartPolicy"], what: `is ${restartPolicy}, and such pods always start again` });
  if (isKept && typeof activeDeadlineSeconds === "number")
    found.push({ path: [...path, "activeDeadlineSeconds"], what: "is said, and such pods always start again" });
  const isOpen = isOpenText(dnsConfig) || isOpenText(dnsConfig?.nameservers);
  if (isWhole && dnsPolicy === "None" && itemsOf(dnsConfig?.nameservers).length === 0 && !isOpen)
    found.push({ path: [...path, "dnsPolicy"], what: "is None, and dnsConfig names no server" });
  return [
    ...found,
    ...checkNamed(pod, path),
    ...checkHosts(pod.hostAliases, [...path, "hostAliases"]),
    ...checkHostPaths(pod.volumes, [...path, "volumes"]),
    ...checkTolerations(pod.tolerations, [...path, "tolerations"], isWhole),
    ...(isWhole ? checkHostPorts(pod, path) : []),
    ...checkSeccomp(pod.securityContext?.seccompProfile, [...path, "securityContext", "seccompProfile"], isWhole),
  ];
}

const NAMES = ["serviceAccountName", "priorityClassName", "runtimeClassName", "nodeName"];

/** Names of other objects, and labels of host names. */
function checkNamed(pod: YamlData, path: Path): Refusal[] {
  const odd = (field: string, isTaken: (name: string) => boolean): Refusal[] => {
    const name: unknown = pod[field];
    if (typeof name !== "string" || name === "" || isOpenText(name) || isTaken(name)) return [];
    return [{ path: [...path, field], what: `is ${show(name)}, which is no name of one` }];
  };
  return [
    ...NAMES.flatMap((field) => odd(field, isPlainName)),
    ...["hostname", "subdomain"].flatMap((field) => odd(field, isHostLabel)),
  ];
}

function checkHosts(aliases: YamlData, path: Path): Refusal[] {
  return itemsOf(aliases).flatMap((one, index): Refusal[] => {
    const { ip, hostnames } = isMap(one) ? one : {};
    if (typeof ip === "string" && !isOpenText(ip) && familyOf(ip) === 0)
      return [{ path: [...path, index, "ip"], what: `is ${show(ip)}, and no address` }];
    return itemsOf(hostnames).flatMap((name, at) =>
      typeof name !== "string" || isOpenText(name) || isPlainName(name)
        ? []
        : [{ path: [...path, index, "hostnames", at], what: `is ${show(name)}, which is no name of a host` }],
    );
  });
}

function checkHostPaths(volumes: YamlData, path: Path): Refusal[] {
  return itemsOf(volumes).flatMap((volume, index) => {
    const said: unknown = isMap(volume) ? (volume as YamlData).hostPath?.path : undefined;
    if (typeof said !== "string" || !said.split("/").includes("..")) return [];
    return [{ path: [...path, index, "hostPath", "path"], what: `is ${show(said)}, and may not hold ..` }];
  });
}

function checkTolerations(tolerations: YamlData, path: Path, isWhole: boolean): Refusal[] {
  return itemsOf(tolerations).flatMap((one, index): Refusal[] => {
    if (!isMap(one) || Object.values(one).some(isOpenText)) return [];
    const { key, operator, value, effect, tolerationSeconds } = one;
    const at = (field: string, what: string) => [{ path: [...path, index, field], what }];
    if (operator === "Exists" && (value ?? "") !== "") return at("value", "stands beside the operator Exists");
    if (isWhole && (key ?? "") === "" && operator !== "Exists") return at("key", "is missing beside that operator");
    if (isWhole && (tolerationSeconds ?? undefined) !== undefined && effect !== "NoExecute")
      return at("tolerationSeconds", "stands beside another effect than NoExecute");
    return [];
  });
}

/** A port of the node is taken once; pods in the network of the node have the same one. */
function checkHostPorts(pod: YamlData, path: Path): Refusal[] {
  const seen = new Set<string>();
  return itemsOf(pod.containers).flatMap((container, index) =>
    itemsOf(container.ports).flatMap((port, at): Refusal[] => {
      const { hostPort, containerPort, hostIP = "", protocol = "TCP" } = isMap(port) ? port : {};
      if (typeof hostPort !== "number" || hostPort === 0 || isOpenText(`${hostIP}${protocol}`)) return [];
      const id = `${protocol} ${hostIP} ${hostPort}`;
      const isTaken = seen.has(id);
      seen.add(id);
      const place = [...path, "containers", index, "ports", at, "hostPort"];
      if (isTaken) return [{ path: place, what: `is ${hostPort}, as that of another port` }];
      const isOther = pod.hostNetwork === true && typeof containerPort === "number" && containerPort !== hostPort;
      return isOther ? [{ path: place, what: `is not ${containerPort}, as hostNetwork wants it` }] : [];
    }),
  );
}
