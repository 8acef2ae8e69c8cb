import { groupKindHere, keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { type Given, goes } from "../../change/given.ts";
import { type Held, labelsOf, type World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
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
  const namespaces = groupBy(lost, ({ namespace }) => namespace);
  after.search([...namespaces.keys()].map((namespace) => `.${namespace}.svc`));
  const users = after.all.flatMap((held) =>
    [...namespaces].flatMap(([namespace, own]) => listUses(after, held, namespace, own)),
  );
  return [...groupBy(users, ({ by }) => by.key).values()].map((group): Stopped => {
    const [{ held, address, path, by }] = group as [Use];
    const others = [...new Set(group.map((one) => one.held))].filter((one) => one !== held);
    const more = others.length > 0 ? `, and so do ${others.length} more` : "";
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

interface Use {
  held: Held;
  address: string;
  path: readonly (string | number)[];
  by: Lost;
}

/** A name and a namespace as the addresses of Services have them. */
const ADDRESS = /(?<![\w.-])([a-z0-9][a-z0-9-]{0,62})\.([a-z0-9][a-z0-9-]{0,62})\.svc\b/g;

function listUses(after: World, held: Held, namespace: string, lost: readonly Lost[]): Use[] {
  const { body, ignored, defines } = held.object;
  const isOut = ignored || defines !== undefined || held.by?.spec.suspend || body?.spec?.suspend === true;
  if (isOut || !JSON.stringify(body ?? null).includes(`.${namespace}.svc`)) return [];
  return walkData(body).flatMap(({ value, path }) =>
    typeof value !== "string"
      ? []
      : [...value.matchAll(ADDRESS)].flatMap(([address, name = "", place]): Use[] => {
          if (place !== namespace || mayAnswer(after, namespace, name)) return [];
          const by = lost.find((one) => one.name === name || (one.isPrefix && name.startsWith(`${one.name}-`)));
          return by ? [{ held, address, path, by }] : [];
        }),
  );
}

function mayAnswer(after: World, namespace: string, name: string): boolean {
  const key = keyOfObject({ apiVersion: "v1", kind: "Service", namespace, name });
  return after.makes(key) || after.isOfRelease(key) || after.isOpenName(key);
}
