import { groupKindOf, keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { listContainers } from "../../admission/pods.ts";
import type { Given } from "../../change/given.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { listSome } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { LISTED, type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { findSelected, groupPods, hasOtherMakers, type Pods } from "./idle-services.ts";

type Path = readonly (string | number)[];

/** That something is led to a port by its name or number. */
interface PortReference {
  path: Path;
  target: ObjectKey;
  port: string | number;
}

/**
 * Ports that are named where this change leaves none of that name or number: of a Service in Git, or of the pods
 * behind it. Nothing is refused; whoever asks gets no answer.
 */
export function findLostPorts(given: Given): Stopped[] {
  return [...findLostServicePorts(given), ...findLostTargets(given)];
}

const ROUTE = /^gateway\.networking\.k8s\.io\|(?:HTTP|GRPC|TLS|TCP|UDP)Route$/;
const TRAEFIK = /^traefik\.io\|IngressRoute(?:TCP|UDP)?$/;

/** What an Ingress or a route leads to. */
function listPorts({ key, namespace, body }: OwnedObject): PortReference[] {
  const groupKind = groupKindOf(key);
  const { remote } = splitKey(key);
  const spec: YamlData = body?.spec;
  const read = (name: unknown, port: unknown, path: Path, own: unknown = namespace): PortReference[] => {
    const isPlain = typeof name === "string" && (typeof port === "number" || (typeof port === "string" && port !== ""));
    if (!isPlain || isOpenText(`${name}${port}${own}`)) return [];
    const service = { apiVersion: "v1", kind: "Service", namespace: String(own), name };
    return [{ path, port, target: keyOfObject(service, remote) }];
  };
  if (groupKind === "networking.k8s.io|Ingress") {
    const backend = (one: YamlData, path: Path) =>
      read(one?.service?.name, one?.service?.port?.number ?? one?.service?.port?.name, [...path, "service", "port"]);
    const rules = itemsOf(spec?.rules).flatMap((rule, at) =>
      itemsOf(rule.http?.paths).flatMap((one, index) =>
        backend(one.backend, ["spec", "rules", at, "http", "paths", index, "backend"]),
      ),
    );
    return [...backend(spec?.defaultBackend, ["spec", "defaultBackend"]), ...rules];
  }
  const [rules, refs] = TRAEFIK.test(groupKind) ? ["routes", "services"] : ["rules", "backendRefs"];
  if (rules === "rules" && !ROUTE.test(groupKind)) return [];
  return itemsOf(spec?.[rules]).flatMap((rule, at) =>
    itemsOf(rule[refs]).flatMap((ref, index) =>
      (ref.kind ?? "Service") === "Service" && (ref.group ?? "") === ""
        ? read(ref.name, ref.port, ["spec", rules, at, refs, index, "port"], ref.namespace ?? namespace)
        : [],
    ),
  );
}

/** The ports of a Service; undefined where they cannot be known. */
function portsOf(world: World, key: ObjectKey): YamlData[] | undefined {
  const { spec }: YamlData = world.objects.get(key)?.object.body ?? {};
  const ports = itemsOf(spec?.ports);
  const isKnown = ports.length > 0 && spec?.type !== "ExternalName" && !isOpenText(JSON.stringify(ports));
  return isKnown ? ports : undefined;
}

const hasPort = (ports: readonly YamlData[], wanted: string | number): boolean =>
  ports.some(({ name, port }) => (typeof wanted === "number" ? port === wanted : name === wanted));

function findLostServicePorts({ before, after }: Given): Stopped[] {
  after.search(after.all.filter((held) => losesPorts(before, held)).map(({ object }) => object.name));
  return stopsOf({ before, after }, (held, was) => {
    const listed = listPorts(held.object);
    if (listed.length === 0 || held.by?.spec.suspend) return [];
    const old = new Set((was ? listPorts(was.object) : []).map(idOf));
    return listed.flatMap((one): Stop | [] => {
      if (held.by?.fixed !== true) after.has(one.target);
      const ports = portsOf(after, one.target);
      if (!ports || hasPort(ports, one.port)) return [];
      // What led nowhere before is no business of the change.
      if (old.has(idOf(one)) && !hasPort(portsOf(before, one.target) ?? [], one.port)) return [];
      return {
        path: one.path,
        rule: "reference-breaks",
        what: `leads to port ${one.port} of ${printKey(one.target)}, which has none of that ${typeof one.port === "number" ? "number" : "name"}: whoever asks gets no answer`,
        why: `That Service has ${listSome(ports.map(sayPort), LISTED)}, and nothing is refused.`,
        next: "Write one of its ports, or give the Service that port.",
      };
    });
  });
}

const idOf = ({ target, port }: PortReference): string => `${target} ${port}`;
const sayPort = ({ name, port }: YamlData): string => (name === undefined ? String(port) : `${port} (${name})`);

function losesPorts(before: World, { object, by }: Held): boolean {
  if (object.kind !== "Service" || by?.fixed) return false;
  const old = before.objects.get(object.key)?.object.body;
  const ports = itemsOf(object.body?.spec?.ports);
  return itemsOf(old?.spec?.ports).some(
    ({ name, port }) => !hasPort(ports, port) || (typeof name === "string" && !hasPort(ports, name)),
  );
}

/** Services whose `targetPort` is a name that no container behind them has any more, or from the start. */
function findLostTargets({ before, after }: Given): Stopped[] {
  const services = after.all.filter(
    ({ object, by }) =>
      object.key.startsWith("|Service|") && by && !by.fixed && !by.spec.suspend && namesOf(object).length > 0,
  );
  if (services.length === 0) return [];
  const [listOld, listNow] = [makeSelection(before), makeSelection(after)];
  return services.flatMap((held): Stopped | [] => {
    const { first: pod, names, isOpen } = listNow(held.object);
    const was = before.objects.get(held.object.key)?.object;
    const had = was ? listOld(was).names : new Set<string>();
    const known = new Set(was ? namesOf(was).map(({ name }) => name) : []);
    const lost = namesOf(held.object).filter(({ name }) => !names.has(name) && !(known.has(name) && !had.has(name)));
    const [first] = isOpen ? [] : lost;
    if (!first || !pod) return [];
    return {
      held,
      path: ["spec", "ports", first.index, "targetPort"],
      rule: "reference-breaks",
      what: `leads to the port ${first.name} of its pods, and no container of ${printKey(pod.key)} has a port of that name: whoever asks that Service gets no answer`,
      why: "A port that is named is looked for in the containers, and nothing is refused.",
      next: `Write ${names.size > 0 ? `${names.size > 1 ? "one of " : ""}${listSome([...names], LISTED)}` : "the number of the port"}, or give the port of the container that name.`,
      ...(hasOtherMakers(after, held.object.key)
        ? { look: "look whether other pods that it selects have a port of that name" }
        : {}),
    };
  });
}

/** The first pods that a Service selects, with the names of the ports of all of them. */
interface Selection {
  first?: Pods;
  names: ReadonlySet<string>;
  /** Whether a name has a variable. */
  isOpen: boolean;
}

/** Many Services may select the same pods. */
function makeSelection(world: World): (service: OwnedObject) => Selection {
  const pods = groupPods(world);
  const known = new Map<string, Selection>();
  return (service) =>
    getOrMake(
      known,
      JSON.stringify([splitKey(service.key).remote, service.namespace, service.body?.spec?.selector]),
      () => {
        const selected = findSelected(service, pods);
        const names = new Set(
          selected.flatMap(({ spec }) =>
            listContainers({ data: spec, path: [] }).flatMap(({ data }) => portNames(data)),
          ),
        );
        return { ...(selected[0] && { first: selected[0] }), names, isOpen: [...names].some(isOpenText) };
      },
    );
}

/** Ports by name that a Service leads to. */
function namesOf({ body }: OwnedObject): { name: string; index: number }[] {
  return itemsOf(body?.spec?.ports).flatMap(({ targetPort }, index) =>
    typeof targetPort === "string" && !isOpenText(targetPort) && !isNumber(targetPort)
      ? [{ name: targetPort, index }]
      : [],
  );
}

/** Whether a port is written as text and is a number. */
export const isNumber = (text: string): boolean => /^\d+$/.test(text);
/** Names of the ports of a container. */
export const portNames = (container: YamlData): string[] =>
  itemsOf(container?.ports).flatMap(({ name }) => (typeof name === "string" ? [name] : []));
