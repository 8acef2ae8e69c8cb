import { groupKindHere, isCustomGroup, keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { type Given, goes } from "../../change/given.ts";
import { type Held, labelsOf } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { andSoMore } from "../../contract/list-some.ts";
import { walkData } from "../../yaml/walk-data.ts";
import type { Stopped } from "../stopped.ts";

/** What goes, and the names below which it answers in its namespace. */
interface Lost {
  key: ObjectKey;
  namespace: string;
  name: string;
  /** Names that begin with it and a dash are its own as well. */
  isPrefix: boolean;
}

/** Databases whose operators make Services that begin with their name. */
const PREFIXED = new Set(["postgresql.cnpg.io|Cluster", "dragonflydb.io|Dragonfly", "k8s.mariadb.com|MariaDB"]);

/** Services that others name by their address in the cluster (Kubernetes: DNS for Services and Pods), and that go while these stay. */
export function findLostAddresses(given: Given): Stopped[] {
  const lost = [...given.risks.keys()].flatMap((key) => readLost(given, key));
  if (lost.length === 0) return [];
  const { after } = given;
  after.search(lost.map(({ namespace }) => `${namespace}.svc`));
  const byName = groupBy(lost, ({ namespace, name }) => `${namespace}/${name}`);
  const owners = new Set(after.all.filter(mayOwnServices).map(({ object }) => `${object.namespace}/${object.name}`));
  const users = after.all.flatMap((held) => listUses(given, held, { byName, owners }));
  return [...groupBy(users, ({ by }) => by.key).values()].map((group): Stopped => {
    const [{ held, address, path, by }] = group as [Use];
    const others = [...new Set(group.map((one) => one.held))].filter((one) => one !== held);
    const more = andSoMore(others.length);
    return {
      ...{ held, path, others },
      rule: "reference-breaks",
      level: "caution",
      what: `names the address ${address}${more}, where nothing answers any more: ${printKey(by.key)} goes`,
      why: "Flux applies it all the same, and whoever asks that address gets no answer.",
      next: "Name what takes its place, or take the address out.",
    };
  });
}

function readLost(given: Given, key: ObjectKey): Lost[] {
  const was = given.before.objects.get(key);
  // Of Flux itself it is said elsewhere what becomes of it.
  if (!was || !goes(given, key) || labelsOf(was)["app.kubernetes.io/part-of"] === "flux") return [];
  const { namespace, name } = splitKey(key);
  const kind = groupKindHere(key);
  if (kind === "|Service") return [{ key, namespace, name, isPrefix: false }];
  if (PREFIXED.has(kind)) return [{ key, namespace, name, isPrefix: true }];
  const { release } = was.object;
  return release && release.cluster === undefined
    ? [{ key, namespace: release.target, name: release.name, isPrefix: true }]
    : [];
}

/** Custom kinds of which no operator makes a Service: those that everyday apps bring along under their own name. */
const SILENT =
  /^(?:external-secrets\.io|bitnami\.com|monitoring\.coreos\.com|volsync\.backube|cert-manager\.io|traefik\.io|cilium\.io|metallb\.io|kyverno\.io)$|\.k8s\.io$|\.fluxcd\.io$/;

/** What an operator may make Services for that begin with its name. */
function mayOwnServices({ object: { key, ignored } }: Held): boolean {
  const { group, remote } = splitKey(key);
  return !ignored && remote === "" && isCustomGroup(group) && !SILENT.test(group);
}

/** By `namespace/name`. */
interface Names {
  byName: ReadonlyMap<string, readonly Lost[]>;
  owners: ReadonlySet<string>;
}

interface Use {
  held: Held;
  address: string;
  path: readonly (string | number)[];
  by: Lost;
}

/** A name and a namespace as the addresses of Services have them. */
const ADDRESS = /(?<![\w.-])([a-z0-9][a-z0-9-]{0,62})\.([a-z0-9][a-z0-9-]{0,62})\.svc\b/g;

function listUses(given: Given, held: Held, { byName, owners }: Names): Use[] {
  const { key, body, ignored, defines } = held.object;
  const isOut = ignored || defines !== undefined || held.by?.spec.suspend || body?.spec?.suspend === true;
  // In another cluster other things answer.
  if (isOut || splitKey(key).remote !== "") return [];
  return walkData(body).flatMap(({ value, path }) =>
    typeof value !== "string" || !value.includes(".svc")
      ? []
      : [...value.matchAll(ADDRESS)].flatMap(([address, name = "", namespace = ""]): Use[] => {
          const places = listPlaces(namespace, name);
          const by = findBy(byName, places);
          if (!by || places.some((place) => owners.has(place))) return [];
          return !mayAnswer(given, namespace, name, key) ? [{ held, address, path, by }] : [];
        }),
  );
}

/** Names that it is, or begins with, the longest first. */
function listPlaces(namespace: string, name: string): string[] {
  const parts = name.split("-");
  return parts.map((_, index) => `${namespace}/${parts.slice(0, parts.length - index).join("-")}`);
}

const findBy = (byName: Names["byName"], [own = "", ...more]: readonly string[]): Lost | undefined =>
  byName.get(own)?.[0] ?? more.flatMap((place) => byName.get(place) ?? []).find(({ isPrefix }) => isPrefix);

/** Git or a release, or something comes to say its very name. */
function mayAnswer({ before, after }: Given, namespace: string, name: string, by: ObjectKey): boolean {
  const key = keyOfObject({ apiVersion: "v1", kind: "Service", namespace, name });
  if (after.makes(key) || after.isOfRelease(key) || after.isOpenName(key)) return true;
  return after.isNamed(key, by) && !before.isNamed(key, by);
}
