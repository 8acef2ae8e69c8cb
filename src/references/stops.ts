import { splitKey } from "../admission/key.ts";
import { isOpenText } from "../admission/open-text.ts";
import { isSkipped } from "../change/exclusions.ts";
import type { Given } from "../change/given.ts";
import type { TreeChange } from "../change/types.ts";
import type { Held, Holder, World } from "../change/world.ts";
import type { YamlData } from "../contract/objects.ts";
import { isFluxGroup } from "../delivery/kinds.ts";
import { isMap } from "../yaml/is-map.ts";
import { makeUntaken } from "./flux/shards.ts";
import { countReaders, findSuspended, findSuspendedSource } from "./flux/suspended.ts";
import { findLogin } from "./secrets/logins.ts";
import { findOtherHost } from "./secrets/other-hosts.ts";
import { findSigners } from "./secrets/signatures.ts";
import { type Stop, type Stopped, stopsOf } from "./stopped.ts";

/** @param sharding of the FluxInstance, where one is known */
export function findStops(given: Given, { after: tree, changed }: TreeChange, sharding: YamlData): Stopped[] {
  const untaken = makeUntaken(given, tree, sharding);
  const others = stopsOf(given, (held, was) => {
    const { group, remote } = splitKey(held.object.key);
    if (isHollow(held, was)) return HOLLOW;
    if (held.object.kind === "Deployment") return findScaledDown(held, was);
    if (!isFluxGroup(group) || remote !== "" || !held.object.body) return [];
    return [
      findSuspendedSource(given, held, was),
      untaken(held, was),
      findZero(given.after, held, was),
      findNoTime(held, was),
      findLogin(given, held, was),
      findOtherHost(given, held, was),
      findSigners(held, was),
      findScheme(held, was),
      findUnpinned(held, was),
      findKindless(held, was),
    ].flat();
  });
  return [...findSuspended(given, changed), ...findFrozen(given), ...others];
}

/** An object that loses all of its spec: where its kind does not ask for one the API server takes that. */
function isHollow({ object, by }: Held, was: Held | undefined): boolean {
  const [old, now]: unknown[] = [was?.object.body?.spec, object.body?.spec];
  if (!isMap(old) || Object.keys(old).length === 0 || !object.body || isMap(now) || isOpenText(now)) return false;
  return !by?.fixed && !object.isPart;
}

const HOLLOW: Stop = {
  path: [],
  what: "has no spec any more: what looks after it is told nothing by it, or the API server refuses it",
  why: "It has one today.",
  next: "Put the spec back, or take the object out.",
};

/** `commonMetadata` that marks all objects of a FluxKustomization as not to be applied (flux-facts 2.4 item 4). */
function findFrozen({ before, after, flux }: Given): Stopped[] {
  const isFrozen = ({ spec }: Holder) => isSkipped(spec.data.spec.commonMetadata, flux);
  return after.holders.flatMap((holder) => {
    const held = after.objects.get(holder.key);
    const was = before.holdersOf(holder.key);
    if (holder.fixed || !held || !isFrozen(holder) || was.length === 0 || was.some(isFrozen)) return [];
    return {
      held,
      path: ["spec", "commonMetadata"],
      what: "changes nothing of what it builds from then on: its commonMetadata marks all of it as not to be applied",
      why: "An object with ssa: Ignore, ssa: IfNotPresent or reconcile: disabled is left as it is, and Flux reports no error.",
      next: "Take that key out of commonMetadata, or put it on the objects that are meant.",
    };
  });
}

/** Longer ones are no durations. */
const LONGEST = 60;
const ZERO = /^(?:0+(?:\.0+)?(?:ms|s|m|h))+$/;

/** Without an interval source-controller does not come back to a source by itself (AlwaysRequeueResultBuilder of fluxcd/pkg/runtime). */
function findZero(after: World, held: Held, was: Held | undefined): Stop | [] {
  const isZero = ({ object: { body } }: Held) => ZERO.test(String(body?.spec?.interval).slice(0, LONGEST));
  const readers = isZero(held) && !(was && isZero(was)) ? countReaders(after, held.object.key) : 0;
  if (readers === 0) return [];
  return {
    path: ["spec", "interval"],
    what: `is not fetched again by itself: its interval is nothing, and no commit reaches the ${readers > 1 ? `${readers} Kustomizations that read` : "Kustomization that reads"} it`,
    why: "Flux looks at it when it changes, when a webhook wakes it, and when source-controller starts.",
    next: "Give it an interval, such as 1h beside a webhook.",
  };
}

const TIMED = ["GitRepository", "OCIRepository", "Bucket"];

/** A timeout of nothing is over before anything is fetched (source-controller); helm-controller and a HelmRepository take it as none. */
function findNoTime(held: Held, was: Held | undefined): Stop | [] {
  const hasNone = ({ object: { body } }: Held) => ZERO.test(String(body?.spec?.timeout).slice(0, LONGEST));
  const { kind, body } = held.object;
  if (!TIMED.includes(kind) || body?.spec?.suspend === true || !hasNone(held) || (was && hasNone(was))) return [];
  return {
    path: ["spec", "timeout"],
    what: "is not fetched: its timeout is nothing, which is over before it begins",
    why: "A timeout of 0s is no way to have none: source-controller gives up at once.",
    next: "Give it a timeout, or take the field out; 60s is the default.",
  };
}

/** What the others cannot do without; notifications and image updates may well be turned off. */
const NEEDED = ["source-controller", "kustomize-controller", "helm-controller", "flux-operator"];

/** A controller of Flux with no pods left, by its own manifest. */
function findScaledDown(held: Held, was: Held | undefined): Stop | [] {
  const { name, body } = held.object;
  const replicas = (object: YamlData) => object?.spec?.replicas;
  if (!NEEDED.includes(name) || !was || replicas(body) !== 0 || replicas(was.object.body) === 0) return [];
  return {
    path: ["spec", "replicas"],
    what: "has no pods from then on, so that nothing it looks after is reconciled",
    why: "Flux cannot bring it back: what would apply the next commit is off, or reads what is not fetched any more.",
    next: "Take the edit back; to stop Flux for a while, scale the Deployment in the cluster, or use flux suspend.",
  };
}

const REFS = ["tag", "semver", "digest"];

/** Without a ref source-controller reads the tag latest, which `helm push` does not make; a ref may have named that before. */
function findUnpinned(held: Held, was: Held | undefined): Stop | [] {
  const pinOf = ({ object: { body } }: Held) => REFS.find((field) => body?.spec?.ref?.[field]);
  if (held.object.kind !== "OCIRepository" || !was || pinOf(held) !== undefined || pinOf(was) === undefined) return [];
  const { ref, suspend } = held.object.body?.spec ?? {};
  if (isOpenText(ref) || held.object.isPart || suspend === true) return [];
  const old: YamlData = was.object.body?.spec?.ref;
  if (old?.tag === "latest" && !old.semver && !old.digest) return [];
  return {
    path: ["spec"],
    what: "names no version any more: Flux reads the tag latest from then on, which is another version, or is not there",
    why: "helm push and most jobs make no such tag, and where there is one nobody knows what it holds.",
    next: "Put the ref back.",
    look: "look with crane ls or oras repo tags whether the tag latest is there, and what it holds",
  };
}

/** The API server takes a release whose chart has a source without a kind, and not the HelmChart that helm-controller makes of it. */
function findKindless(held: Held, was: Held | undefined): Stop | [] {
  const refOf = ({ object: { kind, body } }: Held): YamlData =>
    kind === "HelmRelease" ? body?.spec?.chart?.spec?.sourceRef : undefined;
  const isKindless = (one: Held) => isMap(refOf(one)) && (refOf(one).kind ?? "") === "";
  const { body, isPart } = held.object;
  if (!isKindless(held) || isPart || body?.spec?.suspend === true || (was && isKindless(was))) return [];
  return {
    path: ["spec", "chart", "spec", "sourceRef"],
    what: "says no kind of the source of its chart: helm-controller makes no HelmChart of that, and upgrades the release no more",
    why: "A HelmChart has to say HelmRepository, GitRepository or Bucket, and some releases of Flux refuse the HelmRelease itself.",
    next: "Write the kind of the source.",
  };
}

/** A HelmRepository of `type: oci` is read from a registry, and any other over HTTP (source-controller, `HelmRepository`). */
function findScheme(held: Held, was: Held | undefined): Stop | [] {
  const readWrong = ({ object: { kind, body } }: Held): "typeless" | "schemeless" | undefined => {
    const { url, type } = body?.spec ?? {};
    if (kind !== "HelmRepository" || typeof url !== "string" || isOpenText(url)) return undefined;
    if (url.startsWith("oci://")) return type === "oci" ? undefined : "typeless";
    return type === "oci" ? "schemeless" : undefined;
  };
  const wrong = readWrong(held);
  if (wrong === undefined || (was && readWrong(was) === wrong)) return [];
  const [what, why, next] =
    wrong === "typeless"
      ? [
          "has a URL that begins with oci:// and no type: oci",
          "Without that type it is read over HTTP.",
          "Set spec.type: oci.",
        ]
      : [
          "has type: oci and a URL that does not begin with oci://",
          "With that type it is read from a registry.",
          "Take spec.type out, or write the URL of the registry.",
        ];
  return { path: ["spec", "url"], what: `${what}: Flux fetches no chart from it`, why, next };
}
