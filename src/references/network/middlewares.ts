import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { type Given, goes } from "../../change/given.ts";
import type { Held } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { andSoMore } from "../../contract/list-some.ts";
import { type PlacedValue, walkData } from "../../yaml/walk-data.ts";
import { isAtWork, type Stopped } from "../stopped.ts";

const MIDDLEWARE = /^traefik\.(?:io|containo\.us)\|Middleware\|/;
/** Of an Ingress, also where values of a chart make one. */
const ANNOTATIONS = new Set<unknown>([
  "traefik.ingress.kubernetes.io/router.middlewares",
  "ingress.traefik.io/router.middlewares",
]);

interface Use {
  held: Held;
  path: PlacedValue["path"];
  key: ObjectKey;
}

/** Middlewares that an Ingress names in an annotation, as `NAMESPACE-NAME@kubernetescrd`, and that go while it stays. */
export function findLostMiddlewares(given: Given): Stopped[] {
  const { after, risks } = given;
  const gone = [...risks.keys()].filter(
    (key) => MIDDLEWARE.test(key) && splitKey(key).remote === "" && goes(given, key),
  );
  if (gone.length === 0) return [];
  const byName = new Map(gone.map((key) => [nameOf(key), key]));
  after.search(byName.keys());
  // Either of both groups serves the name.
  for (const { object } of after.all) if (MIDDLEWARE.test(object.key)) byName.delete(nameOf(object.key));
  const uses = after.all.flatMap((held) => listUses(held, byName));
  return [...groupBy(uses, ({ key }) => key).values()].map((all): Stopped => {
    const [{ held, path, key }] = all as [Use];
    const others = [...new Set(all.map((one) => one.held))].filter((one) => one !== held);
    return {
      ...{ held, path, others },
      rule: "reference-breaks",
      what: `names ${printKey(key)} in an annotation, which this change removes${andSoMore(others.length)}: nothing that comes in there reaches it`,
      why: "Traefik leaves out a route one of whose middlewares it does not find.",
      next: "Name the middleware that takes its place, or leave this one.",
    };
  });
}

function nameOf(key: ObjectKey): string {
  const { namespace, name } = splitKey(key);
  return `${namespace}-${name}@kubernetescrd`;
}

function listUses(held: Held, byName: ReadonlyMap<string, ObjectKey>): Use[] {
  if (!isAtWork(held)) return [];
  return walkData(held.object.body).flatMap(({ value, path }) =>
    typeof value !== "string" || !ANNOTATIONS.has(path.at(-1))
      ? []
      : value.split(",").flatMap((one): Use[] => {
          const named = byName.get(one.trim());
          return named === undefined ? [] : [{ held, path, key: named }];
        }),
  );
}
