import { groupKindHere, printKey, splitKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { type Given, staysWithoutGit } from "../../change/given.ts";
import type { Held, World } from "../../change/world.ts";
import { andSoMore, listSome } from "../../contract/list-some.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { walkData } from "../../yaml/walk-data.ts";
import { LISTED, type Stopped } from "../stopped.ts";

/** First and last address. */
type Range = readonly [first: number, last: number];

/** Kinds of pools, each with what of its spec says addresses (Cilium: LB IPAM; MetalLB: IPAddressPool). */
const POOLS: Readonly<Record<string, (spec: YamlData) => (Range | undefined)[]>> = {
  "cilium.io|CiliumLoadBalancerIPPool": ({ blocks, cidrs, disabled }) =>
    disabled === true
      ? []
      : [...itemsOf(blocks), ...itemsOf(cidrs)].map(({ cidr, start, stop }) =>
          cidr === undefined ? readRange(`${start}-${stop ?? start}`) : readRange(String(cidr)),
        ),
  "metallb.io|IPAddressPool": ({ addresses }) => itemsOf(addresses).map((one) => readRange(String(one))),
};

/** Where a Service, what makes one, or values of a chart that does, asks for addresses of a pool. */
export const ASKING = new Set([
  ...["loadBalancerIP", "lbipam.cilium.io/ips", "io.cilium/lb-ipam-ips"],
  ...["metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs"],
]);

export interface Asked {
  address: number;
  text: string;
  path: readonly (string | number)[];
}

/**
 * Addresses that a Service asks for and that a pool of Git gives today, and none afterwards: the Service loses its address, and
 * waits for one without end. Nothing is said of IPv6, and where a pool holds what cannot be read.
 */
export function findUnpooled(given: Given): Stopped[] {
  const { before, after } = given;
  const fresh = after.all.filter((held) => held.by?.fixed === false && print(before, held) !== print(after, held));
  const edited = fresh.filter(isPool);
  const missing = before.all.filter((held) => isPool(held) && !after.has(held.object.key));
  // One that Flux does not prune goes on giving its addresses.
  const [left, gone] = [true, false].map((stays) =>
    missing.filter(({ object }) => staysWithoutGit(given, object.key) === stays),
  ) as [Held[], Held[]];
  const asks = fresh.some((held) => listAsked(held).length > 0);
  if (edited.length + gone.length === 0 && !asks) return [];
  // That reads further objects, so it comes before any of them are listed.
  for (const world of [before, after])
    world.search([...POOL_KINDS, ...(edited.length + gone.length > 0 ? ASKING : [])]);
  if (makesPools(after)) return [];
  const [old, now] = [rangesOf(before.all), rangesOf([...after.all, ...left])];
  if (!old || !now || old.length === 0) return [];
  const lost = after.all.flatMap((held) => {
    const was = before.objects.get(held.object.key);
    const earlier = was ? listAsked(was) : [];
    const known = new Set(earlier.map(({ address }) => address));
    // One more field may be for what no pool of Git serves.
    const had = new Set(earlier.filter(({ address }) => isIn(address, old)).map(({ path }) => path.join()));
    const isLost = ({ address, path }: Asked) =>
      !isIn(address, now) && (known.has(address) ? isIn(address, old) : had.has(path.join()));
    return listAsked(held).flatMap((asked) => (isLost(asked) ? [{ held, asked }] : []));
  });
  const [first] = lost;
  if (!first) return [];
  const { held, asked } = first;
  const others = [...new Set(lost.map((one) => one.held))].slice(1);
  const more = andSoMore(others.length);
  const pools = listSome(
    [...edited, ...gone].map(({ object }) => printKey(object.key)),
    LISTED,
  );
  return [
    {
      held,
      path: asked.path,
      others,
      rule: "reference-breaks",
      what: `asks for the address ${asked.text}, which no pool of Git holds any more${more}`,
      why: `${pools === "" ? "" : `This change edits ${pools}. `}A Service that gets no address is not reached from outside any more, and Flux reports no error.`,
      next: "Put the address into a pool, or ask for one that a pool holds.",
    },
  ];
}

export const POOL_KINDS = Object.keys(POOLS).map((one) => one.slice(one.indexOf("|") + 1));
const isPool = ({ object: { key } }: Held): boolean => Object.hasOwn(POOLS, groupKindHere(key));
const print = (world: World, { object: { key } }: Held): string =>
  JSON.stringify(world.objects.get(key)?.object.body ?? null);
export const isIn = (address: number, ranges: readonly Range[]) =>
  ranges.some(([first, last]) => first <= address && address <= last);

/** Whether a chart or a template may make one: it names the kind. */
function makesPools(world: World): boolean {
  return world.all.some(({ object: { key, body, release, ignored, kind } }) => {
    if (ignored || splitKey(key).remote !== "" || !(release || kind === "ResourceSet")) return false;
    const text = JSON.stringify(body?.spec ?? null);
    return POOL_KINDS.some((one) => text.includes(one));
  });
}

/** Undefined where a pool holds something that is none in plain words. */
export function rangesOf(all: readonly Held[]): Range[] | undefined {
  const found = all.flatMap(({ object: { key, body, ignored } }) =>
    ignored || !body ? [] : (ofOwn(POOLS, groupKindHere(key))?.(body.spec ?? {}) ?? []),
  );
  const known = found.filter((one) => one !== undefined);
  return known.length === found.length ? known : undefined;
}

/** What holds values for other objects: those ask. */
const HOLDS = new Set([
  ...["|ConfigMap", "|Secret", "kustomize.toolkit.fluxcd.io|Kustomization"],
  "fluxcd.controlplane.io|ResourceSetInputProvider",
]);
/** Types of a Service that no pool gives an address. */
const POOLLESS = new Set<unknown>(["ClusterIP", "NodePort", "ExternalName"]);

/** Of what is taken out of work nothing is asked, and what goes to another cluster asks there. */
export function listAsked({ object, by }: Held): Asked[] {
  const { key, body, release } = object;
  if (splitKey(key).remote !== "" || release?.cluster !== undefined || HOLDS.has(groupKindHere(key))) return [];
  if (groupKindHere(key) === "|Service" && (body?.spec?.type ?? "ClusterIP") !== "LoadBalancer") return [];
  if (object.ignored || object.defines || by?.spec.suspend || body?.spec?.suspend === true) return [];
  return walkData(body).flatMap(({ value, path }) => {
    if (typeof value !== "string" || !ASKING.has(String(path.at(-1))) || isOpenText(value)) return [];
    if (isOff(body, path)) return [];
    return value.split(/[,\s]+/).flatMap((text): Asked[] => {
      const address = readAddress(text);
      return address === undefined ? [] : [{ address, text, path }];
    });
  });
}

/** Whether a map above a value of a chart says that there is no such Service, or none with an address. */
function isOff(body: YamlData, path: Asked["path"]): boolean {
  let above: YamlData = body;
  for (const part of path) {
    if (above?.enabled === false || POOLLESS.has(above?.type)) return true;
    above = above?.[part];
  }
  return false;
}

function readAddress(text: string): number | undefined {
  const parts = text.split(".");
  const isPlain = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return isPlain ? parts.reduce((sum, part) => sum * 256 + Number(part), 0) : undefined;
}

/** `10.0.0.1-10.0.0.9`, `10.0.0.0/24`; of IPv6 a range that holds no address of IPv4. */
function readRange(text: string): Range | undefined {
  if (isOpenText(text)) return undefined;
  if (text.includes(":")) return [-1, -1];
  const [from = "", bits] = text.split("/");
  if (bits !== undefined) {
    const [address, size] = [readAddress(from), 2 ** (32 - Number(bits))];
    if (address === undefined || !/^\d{1,2}$/.test(bits) || size < 1) return undefined;
    const first = address - (address % size);
    return [first, first + size - 1];
  }
  const [first, last] = from.split("-").map((one) => readAddress(one.trim()));
  return first === undefined || (last === undefined && from.includes("-")) ? undefined : [first, last ?? first];
}
