import { printKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import type { Stopped } from "../stopped.ts";
import { ASKING, type Asked, isIn, listAsked, POOL_KINDS, rangesOf } from "./pools.ts";

interface Asking {
  held: Held;
  asked: Asked;
}

/**
 * Addresses of a pool that something comes to ask for while another one of Git asks for it as well: MetalLB and Cilium give it
 * to one of them, unless both say that they share it. Only where a pool of Git holds it: some clouds let Services share one.
 */
export function findSameAddresses({ before, after }: Given): Stopped[] {
  const fresh = after.all.flatMap((held): Asking[] => {
    if (held.by?.fixed !== false) return [];
    const was = before.objects.get(held.object.key);
    const known = new Set((was ? listAsked(was) : []).map(({ address }) => address));
    return asking(held).flatMap((one) => (known.has(one.asked.address) ? [] : [one]));
  });
  if (fresh.length === 0) return [];
  after.search([...POOL_KINDS, ...ASKING]);
  const pools = rangesOf(after.all) ?? [];
  const now = listAsking(after);
  const clashes = fresh.flatMap(({ held, asked }) => {
    const others = now(held, asked.text);
    return others.length > 0 && isIn(asked.address, pools) ? [{ held, asked, others }] : [];
  });
  if (clashes.length === 0) return [];
  before.search(ASKING);
  const earlier = listAsking(before);
  return clashes.flatMap(({ held, asked, others }): Stopped[] => {
    // One that gets another name, or is moved, comes to nothing new.
    if (earlier(held, asked.text).length > others.length) return [];
    // Of two new ones the second is told of.
    const other = others.find(({ object: { key } }) => before.objects.has(key) || key < held.object.key);
    if (!other) return [];
    const name = printKey(other.object.key);
    return [
      {
        held,
        path: asked.path,
        rule: "reference-breaks",
        what: `asks for the address ${asked.text}, which ${name} asks for as well`,
        why: "A pool gives an address to one Service, unless both say that they share it. The other one waits for it without end, is not reached from outside, and Flux reports no error.",
        next: "Ask for another address, or have both share it (lbipam.cilium.io/sharing-key, metallb.io/allow-shared-ip).",
      },
    ];
  });
}

/** What only says how the Services of others are made: those ask, or what they are made from. */
const DESCRIBES = new Set(["ResourceSet", "EnvoyProxy", "GatewayParameters"]);
const asking = (held: Held): Asking[] =>
  DESCRIBES.has(held.object.kind) ? [] : listAsked(held).map((asked) => ({ held, asked }));

/** What asks for an address beside an object and does not share it with that. */
function listAsking(world: World): (held: Held, text: string) => Held[] {
  const all = world.all.flatMap(asking);
  const byAddress = groupBy(all, ({ asked }) => asked.text);
  const unshared = groupBy(
    all.filter(({ held }) => !shares(held)),
    ({ asked }) => asked.text,
  );
  return (held, text) => {
    const found = (shares(held) ? unshared : byAddress).get(text) ?? [];
    return [...new Set(found.map((one) => one.held))].filter(({ object }) => object.key !== held.object.key);
  };
}

const SHARES = /allow-shared-ip|sharing-key/;
const shares = ({ object: { body } }: Held): boolean => SHARES.test(JSON.stringify(body));
