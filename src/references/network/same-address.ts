import { printKey } from "../../admission/key.ts";
import type { Given } from "../../change/given.ts";
import type { Held } from "../../change/world.ts";
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
    return listAsked(held).flatMap((asked) => (known.has(asked.address) ? [] : [{ held, asked }]));
  });
  if (fresh.length === 0) return [];
  after.search([...POOL_KINDS, ...ASKING]);
  const pools = rangesOf(after.all) ?? [];
  const all = after.all.flatMap((held) => listAsked(held).map((asked): Asking => ({ held, asked })));
  const byAddress = groupBy(all, ({ asked }) => asked.text);
  const unshared = groupBy(
    all.filter(({ held }) => !shares(held)),
    ({ asked }) => asked.text,
  );
  return fresh.flatMap(({ held, asked }): Stopped[] => {
    const others = (shares(held) ? unshared : byAddress).get(asked.text) ?? [];
    const other = others.find((one) => one.held.object.key !== held.object.key);
    // Of two new ones the second is told of.
    const isFirst = other && !before.objects.has(other.held.object.key) && held.object.key < other.held.object.key;
    if (!other || isFirst || !isIn(asked.address, pools)) return [];
    const name = printKey(other.held.object.key);
    return [
      {
        held,
        path: asked.path,
        rule: "reference-breaks",
        what: `asks for the address ${asked.text}, which ${name} asks for as well`,
        why: "A pool gives an address to one Service, unless both say that they share it. The other one waits for it without end, is not reached from outside, and Flux reports no error.",
        next: `Ask for another address, or have both share it (lbipam.cilium.io/sharing-key, metallb.io/allow-shared-ip).`,
      },
    ];
  });
}

const SHARES = /allow-shared-ip|sharing-key/;
const shares = ({ object: { body } }: Held): boolean => SHARES.test(JSON.stringify(body));
