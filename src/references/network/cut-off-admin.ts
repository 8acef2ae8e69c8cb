import { groupKindHere, splitKey } from "../../admission/key.ts";
import type { OwnedObject } from "../../change/types.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { isMap } from "../../yaml/is-map.ts";
import { NEEDED, sayDenied } from "./needed.ts";
import { plainLabels } from "./selectors.ts";

/** A NetworkPolicy of Kubernetes stands at this place among those of Calico. */
const KUBERNETES_ORDER = 1000;
const DNS = 53;
const EVERYWHERE = ["0.0.0.0/0"];

/** Policies that go over those of Kubernetes, which a Flux install brings; by `group|Kind`. */
const READERS: Readonly<Record<string, (spec: YamlData, namespace: string, flux: string) => string[]>> = {
  "policy.networking.k8s.io|AdminNetworkPolicy": listAdmin,
  "projectcalico.org|GlobalNetworkPolicy": listCalico,
  "crd.projectcalico.org|GlobalNetworkPolicy": listCalico,
  "projectcalico.org|NetworkPolicy": listCalico,
  "crd.projectcalico.org|NetworkPolicy": listCalico,
};

/** What a policy of an administrator, or of Calico, denies Flux whatever its own policies allow; errs towards nothing. */
export function listDeniedAbove({ key, body }: Pick<OwnedObject, "key" | "body">, flux: string): string[] {
  const read = ofOwn(READERS, groupKindHere(key));
  const { kind, namespace } = splitKey(key);
  const at = kind.startsWith("Global") ? "" : namespace;
  return read && isMap(body?.spec) ? read(body.spec, at, flux) : [];
}

function listAdmin({ subject, egress, ingress }: YamlData, _: string, flux: string): string[] {
  const { namespaces, pods } = subject ?? {};
  const name = NEEDED.find((one) =>
    isMap(pods)
      ? meets(pods.namespaceSelector, { [NAME]: flux }) && meets(pods.podSelector, { app: one })
      : meets(namespaces, { [NAME]: flux }),
  );
  const isAll = (peer: YamlData) =>
    isEmpty(peer?.namespaces) ||
    (isEmpty(peer?.pods?.namespaceSelector) && isEmpty(peer?.pods?.podSelector)) ||
    itemsOf(peer?.networks).some((one) => EVERYWHERE.includes(one));
  const denies = (rules: unknown, way: "to" | "from") =>
    firstOf(itemsOf(rules), "ports", ({ action, ports, [way]: peers }) => {
      return action === "Deny" && ports === undefined && itemsOf(peers).some(isAll);
    });
  return sayDenied(name, denies(egress, "to"), denies(ingress, "from"));
}

function listCalico(spec: YamlData, namespace: string, flux: string): string[] {
  const { order, tier = "default", selector, namespaceSelector, egress, ingress } = spec;
  const isBefore = tier !== "default" || (typeof order === "number" && order < KUBERNETES_ORDER);
  const isHere = namespace === "" ? selectsNamespace(namespaceSelector, flux) : namespace === flux;
  if (!isBefore || !isHere || (selector !== undefined && !/^(?:all\(\))?$/.test(String(selector).trim()))) return [];
  const denies = (rules: unknown) =>
    firstOf(itemsOf(rules), "destination", (rule) => rule.action === "Deny" && Object.keys(rule).length === 1);
  return sayDenied(NEEDED[0], denies(egress), denies(ingress));
}

/** Whether a rule denies, and none before it lets more through than names to be looked up. */
function firstOf(rules: readonly YamlData[], field: string, denies: (rule: YamlData) => boolean): boolean {
  const at = rules.findIndex((rule) => isMap(rule) && denies(rule));
  return at >= 0 && rules.slice(0, at).every((rule) => isForNames(rule?.[field]));
}

function isForNames(said: YamlData): boolean {
  const ports = Array.isArray(said) ? said.map((one) => one?.portNumber?.port) : itemsOf(said?.ports);
  return ports.length > 0 && ports.every((port) => Number(port) === DNS);
}

const NAME = "kubernetes.io/metadata.name";

/** Written out, and with nothing in it: it selects all. */
const isEmpty = (selector: unknown): boolean => isMap(selector) && Object.keys(selector).length === 0;

function meets(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  return plainLabels(selector)?.every(([key, value]) => labels[key] === value) ?? false;
}

function selectsNamespace(selector: unknown, flux: string): boolean {
  if (selector === undefined || selector === "") return true;
  const [, name] =
    /^(?:kubernetes\.io\/metadata\.name|projectcalico\.org\/name)\s*==\s*["']([\w.-]+)["']$/.exec(
      String(selector).trim().slice(0, 300),
    ) ?? [];
  return name === flux || String(selector).trim() === "all()";
}
