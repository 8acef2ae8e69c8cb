import { printKey, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import type { Given } from "../../change/given.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import type { Stopped } from "../stopped.ts";

/** What one object of a cluster has, and no second one may have at the same time. */
interface Claim {
  id: string;
  /** As texts have it. */
  word: string;
  path: readonly (string | number)[];
  says: string;
  /** A port that the API server gives out only where it is told another range of ports. */
  isBeyond?: boolean;
}

/**
 * Objects that ask for what another one has: an address or a port of a Service, the default among PriorityClasses. The API
 * server refuses the second. So it does where the first goes in the same Kustomization, as Flux prunes only what is left
 * over once all is applied, or gives it up there, as Flux tries all before it applies the first; what is free in another
 * Kustomization is free by the next try.
 */
export function findTaken({ before, after }: Given): Stopped[] {
  const asking = after.all.flatMap((held) => {
    if (held.by?.fixed || held.by?.spec.suspend || held.object.ignored) return [];
    const known = claimsOf(before.objects.get(held.object.key));
    const claims = listClaims(held.object).filter(({ id }) => !known.has(id));
    return claims.map((claim) => ({ held, claim }));
  });
  if (asking.length === 0) return [];
  after.search(asking.map(({ claim }) => claim.word));
  before.search(asking.map(({ claim }) => claim.word));
  const had = before.all.filter(({ by }) => by);
  const having = groupBy(
    [...after.all, ...had].flatMap((held) => listClaims(held.object).map(({ id }) => ({ held, id }))),
    ({ id }) => id,
  );
  const stateOf = (one: Held): State => {
    const now = after.find(one.object.key);
    return now === one ? "has" : now ? "gives up" : "goes";
  };
  const isWider = once(() => isWidened(before));
  return asking.flatMap(({ held, claim }): Stopped[] => {
    const others = (having.get(claim.id) ?? [])
      .map((one) => one.held)
      .filter(({ object }) => object.key !== held.object.key);
    const owners = others.filter((one) => stateOf(one) === "has");
    // Of what has it afterwards the one of today has it first.
    const old = owners.find(({ object }) => claimsOf(before.objects.get(object.key)).has(claim.id));
    const other = old ?? owners[0] ?? others.find(({ by }) => by?.key === held.by?.key);
    // Of two new ones the second is refused.
    const isFirst = other && !before.objects.has(other.object.key) && held.object.key < other.object.key;
    if (other && !isFirst) return [{ held, path: claim.path, ...say(claim, held, other, stateOf(other)) }];
    return claim.isBeyond && !isWider() ? [{ held, path: claim.path, ...sayBeyond(claim, held) }] : [];
  });
}

/** Whether something has a port already that is none of those that the API server gives out by itself. */
function isWidened(before: World): boolean {
  before.readAll();
  return before.all.some(({ object }) => listClaims(object).some(({ isBeyond }) => isBeyond));
}

function sayBeyond({ says }: Claim, { by }: Held) {
  const all = by ? `, and Flux then applies nothing more of ${printKey(by.key)}` : "";
  return {
    rule: "object-refused" as const,
    what: `asks for ${says}, which the API server refuses unless it is told to give out others than ${PORTS.join(" to ")}${all}`,
    why: "",
    next: "",
    look: "look for --service-node-port-range among the flags of the API server",
  };
}

/** The ports that the API server gives out by itself. */
const PORTS = [30000, 32767] as const;

/** Whether what has it today keeps it. */
type State = "has" | "gives up" | "goes";

function say({ says }: Claim, { by }: Held, { object }: Held, state: State) {
  const name = printKey(object.key);
  const all = by ? `and Flux then applies nothing more of ${printKey(by.key)}` : "and it is not applied";
  const has = { has: "has", "gives up": "has until this change is applied", goes: "has as long as it is there" }[state];
  const why = {
    has: "Only one object of a cluster can have it.",
    "gives up": `Flux tries every object of a Kustomization before it applies the first, and so ${name} never gives it up.`,
    goes: `Flux deletes ${name} only after everything else of that Kustomization is applied, and so never.`,
  }[state];
  const next = {
    has: `Choose another one, or take it from ${name} first, in a merge of its own.`,
    "gives up": `Take it from ${name} in a merge before this one.`,
    goes: `Take it from ${name} in a merge before this one, or leave the value out here until ${name} is gone.`,
  }[state];
  return {
    rule: "object-refused" as const,
    what: `asks for ${says}, which ${name} ${has}: the API server refuses it, ${all}`,
    why,
    next,
  };
}

const claimsOf = (held: Held | undefined): ReadonlySet<string> =>
  new Set(held && listClaims(held.object).map(({ id }) => id));

function listClaims({ key, body }: OwnedObject): Claim[] {
  const { group, kind, remote } = splitKey(key);
  const claims =
    group === "" && kind === "Service"
      ? listOfService(body?.spec)
      : group === "scheduling.k8s.io" && kind === "PriorityClass" && body?.globalDefault === true
        ? [
            {
              id: "priority",
              word: "globalDefault",
              path: ["globalDefault"],
              says: "the place of the default PriorityClass",
            },
          ]
        : [];
  return claims.map((claim) => ({ ...claim, id: `${remote} ${claim.id}` }));
}

function listOfService(spec: YamlData): Claim[] {
  const { type = "ClusterIP" } = spec ?? {};
  if (type === "ExternalName") return [];
  const addresses = [
    { value: spec?.clusterIP, path: ["spec", "clusterIP"] },
    ...itemsOf(spec?.clusterIPs).map((value, index) => ({ value, path: ["spec", "clusterIPs", index] })),
  ].flatMap(({ value, path }): Claim[] => {
    if (typeof value !== "string" || value === "" || value === "None" || isOpenText(value)) return [];
    return [{ id: `address ${value}`, word: value, path, says: `the address ${value}` }];
  });
  const ports =
    type === "ClusterIP"
      ? []
      : itemsOf(spec?.ports).flatMap(({ nodePort }, index): Claim[] => {
          if (typeof nodePort !== "number" || nodePort === 0) return [];
          const path = ["spec", "ports", index, "nodePort"];
          const isBeyond = nodePort < PORTS[0] || nodePort > PORTS[1];
          const says = `port ${nodePort} of the nodes`;
          return [{ id: `port ${nodePort}`, word: String(nodePort), path, says, isBeyond }];
        });
  return [...new Map([...addresses, ...ports].map((claim) => [claim.id, claim])).values()];
}
