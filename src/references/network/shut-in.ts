import { splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { World } from "../../change/world.ts";
import { repositoryIdentity } from "../../contract/address.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { isMap } from "../../yaml/is-map.ts";

/** What Cilium counts to the cluster (docs.cilium.io, "Entities based"). */
const INSIDE = new Set<unknown>(
  "cluster kube-apiserver host remote-node health init unmanaged ingress none".split(" "),
);
const WAYS_IN = ["toEndpoints", "toServices", "toEntities"];

/** Whether an `egress` rule of Cilium leads nowhere but to what runs in the cluster. */
export function isInsideOnlyCilium(rule: YamlData): boolean {
  if (!isMap(rule)) return false;
  const ways = Object.keys(rule).filter((field) => /^to(?!Ports$)/.test(field));
  if (ways.length === 0 || ways.some((field) => !WAYS_IN.includes(field))) return false;
  return itemsOf(rule.toEntities).every((one) => INSIDE.has(one)) && !ways.includes("toServices");
}

/** The same of a NetworkPolicy: pods and namespaces alone, and no address. */
export function isInsideOnly(rule: YamlData): boolean {
  const to = itemsOf(rule?.to);
  return to.length > 0 && to.every((one) => isMap(one) && !one.ipBlock && (one.podSelector || one.namespaceSelector));
}

/** A host from which a source of Flux in that namespace is fetched, and that may run in no cluster of the owner. */
export function findHostOutside(world: World, flux: string): { host: string; isSure: boolean } | undefined {
  const isProxied = (data: unknown) =>
    /"(?:https?_proxy|all_proxy|proxySecretRef)"/i.test(JSON.stringify(data ?? null));
  const controller = world.objects.get(`apps|Deployment|${flux}|source-controller`)?.object.body;
  if (isProxied(controller)) return undefined;
  const hosts = world.all.flatMap(({ object }) => {
    const { group, kind, namespace } = splitKey(object.key);
    const isSource = group === "source.toolkit.fluxcd.io" && (kind === "GitRepository" || kind === "OCIRepository");
    if (!isSource || namespace !== flux || isProxied(object.body)) return [];
    const url = String(object.body?.spec?.url ?? "");
    const host = isOpenText(url) ? "" : repositoryIdentity(url.replace(/^oci:/, "https:")).split("/")[0]!;
    // A name without a dot, or of a Service, is resolved in the cluster.
    return host.includes(".") && !/\.svc(?:\.|$)|\.local$/.test(host) ? [host] : [];
  });
  const sure = hosts.find((host) => PUBLIC.test(host));
  const host = sure ?? hosts[0];
  return host === undefined ? undefined : { host, isSure: sure !== undefined };
}

/** Hosts of Git and of artifacts that nobody runs in a cluster of his own. */
const PUBLIC =
  /^(?:github\.com|gitlab\.com|codeberg\.org|bitbucket\.org|ghcr\.io|quay\.io|dev\.azure\.com|registry\.gitlab\.com|(?:registry-1\.)?docker\.io|public\.ecr\.aws|[\w.-]+\.(?:amazonaws\.com|azurecr\.io|pkg\.dev))$/;
