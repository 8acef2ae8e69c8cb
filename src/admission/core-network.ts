import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./refusal.ts";

/** Zeros at the start are taken. */
const BYTE = "0{0,2}(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^(?:${BYTE}\\.){3}${BYTE}$`);

/** The family of an address, 0 where it is none. */
export function familyOf(text: string): 0 | 4 | 6 {
  if (IPV4.test(text)) return 4;
  return /^[\da-f:.]{2,45}$/i.test(text) && text.includes(":") && URL.canParse(`http://[${text}]`) ? 6 : 0;
}

const NO_PATH = /\/\/|\/\.\.?(?:\/|$)|%2f/i;
const HOST = /^(?:\*\.)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const CLASS = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
const ADDRESS = /^\d+(?:\.\d+){3}$/;
/** An address with the length of its network; which addresses there are is not looked at. */
const NETWORK = /^\s*[0-9A-Fa-f:.]+\/\d+\s*$/;

/** Paths begin with a slash, and hosts are names in small letters (`ValidateIngressCreate` of Kubernetes). */
export function checkIngress(spec: YamlData, isWhole: boolean): Refusal[] {
  if (!isMap(spec)) return [];
  const rules = itemsOf(spec.rules);
  const { ingressClassName: named } = spec;
  const isOdd = typeof named === "string" && named !== "" && !isOpenText(named) && !CLASS.test(named);
  const isEmpty = isWhole && rules.length === 0 && (spec.defaultBackend ?? undefined) === undefined;
  return [
    ...(isOdd ? [{ path: ["spec", "ingressClassName"], what: "is no name that a class may have" }] : []),
    ...(isEmpty && !isOpenText(spec.rules)
      ? [{ path: ["spec", "rules"], what: "is missing, and so is defaultBackend" }]
      : []),
    ...(isWhole ? checkBackend(spec.defaultBackend, ["spec", "defaultBackend"]) : []),
    ...rules.flatMap((rule, index) => checkRule(rule, ["spec", "rules", index], isWhole)),
    ...itemsOf(spec.tls).flatMap((entry, index) =>
      itemsOf(entry.hosts).flatMap((host, at) => checkHost(host, ["spec", "tls", index, "hosts", at])),
    ),
  ];
}

function checkRule(rule: YamlData, at: Refusal["path"], isWhole: boolean): Refusal[] {
  const { host, http } = isMap(rule) ? rule : {};
  const paths = itemsOf(http?.paths).flatMap((item: YamlData, index): Refusal[] => {
    const place = [...at, "http", "paths", index];
    const { path, pathType, backend } = isMap(item) ? item : {};
    const found = isWhole ? checkBackend(backend, [...place, "backend"]) : [];
    const isPlain = pathType === "Exact" || pathType === "Prefix";
    if (isWhole && isPlain && (path ?? undefined) === undefined)
      return [{ path: [...place, "path"], what: `is missing beside pathType ${pathType}` }, ...found];
    if (typeof path !== "string" || isOpenText(`${path}${pathType}`)) return found;
    const isTaken = path === "" ? !isPlain : path.startsWith("/") && !(isPlain && NO_PATH.test(path));
    const what = path.startsWith("/") ? "holds what no path may" : "does not begin with a slash";
    return isTaken ? found : [{ path: [...place, "path"], what }, ...found];
  });
  const isAddress = typeof host === "string" && ADDRESS.test(host);
  return [
    ...(isAddress ? [{ path: [...at, "host"], what: "is an address" }] : checkHost(host, [...at, "host"])),
    ...paths,
  ];
}

function checkHost(host: unknown, path: Refusal["path"]): Refusal[] {
  if (typeof host !== "string" || host === "" || isOpenText(host) || HOST.test(host)) return [];
  return [{ path, what: "is no name of a host" }];
}

function checkBackend(backend: YamlData, path: Refusal["path"]): Refusal[] {
  const { name, number } = isMap(backend?.service?.port) ? backend.service.port : {};
  return name && number ? [{ path: [...path, "service", "port", "name"], what: "stands beside number" }] : [];
}

const TYPES = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];

/** Fields of a Service that only some types have (`ValidateService` of Kubernetes). */
export function checkTypeFields(spec: YamlData, type: unknown): Refusal[] {
  const named = type === undefined || type === "" ? "ClusterIP" : String(type);
  const found: Refusal[] = [];
  if (!TYPES.includes(named)) return found;
  const bar = (path: Refusal["path"], value: unknown) => {
    const isSet = (value ?? "") !== "" && value !== 0 && !(Array.isArray(value) && value.length === 0);
    if (isSet && !isOpenText(value)) found.push({ path, what: `stands at a Service of type ${named}` });
  };
  if (named === "ClusterIP")
    for (const [index, port] of itemsOf(spec.ports).entries()) bar(["spec", "ports", index, "nodePort"], port.nodePort);
  if (named !== "LoadBalancer")
    for (const field of ["loadBalancerClass", "loadBalancerSourceRanges", "allocateLoadBalancerNodePorts"])
      bar(["spec", field], spec[field]);
  const hasAddress = isOpenText(spec.externalIPs) || itemsOf(spec.externalIPs).length > 0;
  const isReached = named === "LoadBalancer" || named === "NodePort" || hasAddress;
  if (!isReached) bar(["spec", "externalTrafficPolicy"], spec.externalTrafficPolicy);
  return found;
}

const LONGEST_AFFINITY = 86400;

/** Addresses and networks of a Service, and how long it keeps a client (`ValidateService` of Kubernetes). */
export function checkAddresses(spec: YamlData, type: unknown): Refusal[] {
  const found: Refusal[] = [];
  const { clusterIP, sessionAffinity, sessionAffinityConfig } = spec;
  const isAddress = (value: unknown) => typeof value !== "string" || isOpenText(value) || familyOf(value) !== 0;
  if ((clusterIP ?? "") !== "" && clusterIP !== "None" && !isAddress(clusterIP))
    found.push({ path: ["spec", "clusterIP"], what: "is no address" });
  for (const [index, address] of itemsOf(spec.externalIPs).entries()) {
    const path = ["spec", "externalIPs", index];
    if (!isAddress(address)) found.push({ path, what: "is no address" });
    else if (/^(?:127\.|169\.254\.|0\.0\.0\.0$|::1?$)/.test(String(address)))
      found.push({ path, what: "is an address that no other machine reaches" });
  }
  if (type === "LoadBalancer")
    for (const [index, network] of itemsOf(spec.loadBalancerSourceRanges).entries()) {
      if (typeof network !== "string" || isOpenText(network) || isNetwork(network.trim())) continue;
      found.push({ path: ["spec", "loadBalancerSourceRanges", index], what: "is no network, such as 10.0.0.0/8" });
    }
  // Beside sessionAffinity: None it is left out.
  const seconds: unknown = sessionAffinity === "ClientIP" ? sessionAffinityConfig?.clientIP?.timeoutSeconds : undefined;
  if (typeof seconds === "number" && (seconds < 1 || seconds > LONGEST_AFFINITY))
    found.push({
      path: ["spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds"],
      what: `is ${seconds}, and may be 1 to ${LONGEST_AFFINITY}`,
    });
  return found;
}

function isNetwork(text: string): boolean {
  const [address = "", length = "", ...more] = text.split("/");
  const family = familyOf(address);
  return more.length === 0 && family !== 0 && /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
}

/** Who may send, and where to: pods, or a network (`ValidateNetworkPolicyPeer` of Kubernetes). */
export function checkPolicy(spec: YamlData): Refusal[] {
  const lists = { ingress: "from", egress: "to" };
  return Object.entries(lists).flatMap(([list, field]) =>
    itemsOf(spec?.[list]).flatMap((rule, index) => [
      ...itemsOf(rule[field]).flatMap((peer, at) => checkPeer(peer, ["spec", list, index, field, at])),
      ...itemsOf(rule.ports).flatMap((port, at) => checkEnd(port, ["spec", list, index, "ports", at])),
    ]),
  );
}

function checkEnd(port: YamlData, path: Refusal["path"]): Refusal[] {
  const { port: first, endPort: last } = isMap(port) ? port : {};
  if (typeof last !== "number" || isOpenText(first)) return [];
  if (first == null) return [{ path: [...path, "endPort"], what: "stands there without port" }];
  if (typeof first === "string") return [{ path: [...path, "endPort"], what: "stands beside a port by its name" }];
  return last < first ? [{ path: [...path, "endPort"], what: `is less than port, ${first}` }] : [];
}

function checkPeer(peer: YamlData, path: Refusal["path"]): Refusal[] {
  if (!isMap(peer)) return [];
  const { ipBlock, podSelector, namespaceSelector } = peer;
  const [own, other] = [ipBlock, podSelector ?? namespaceSelector].map((one) => (one ?? undefined) !== undefined);
  if (!own && !other) return [{ path, what: "names nobody" }];
  if (!own) return [];
  if (other) return [{ path: [...path, "ipBlock"], what: "stands beside a selector" }];
  const listed = itemsOf(ipBlock.except).map((one, index): [Refusal["path"], unknown] => [["except", index], one]);
  const networks: [Refusal["path"], unknown][] = [[["cidr"], ipBlock.cidr], ...listed];
  return networks.flatMap(([place, text]) =>
    typeof text !== "string" || text === "" || isOpenText(text) || NETWORK.test(text)
      ? []
      : [{ path: [...path, "ipBlock", ...place], what: "is no network, such as 10.0.0.0/8" }],
  );
}
