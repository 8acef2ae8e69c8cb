import { printKey } from "../../admission/key.ts";
import { isOpenText } from "../../admission/open-text.ts";
import { readApplied, readValues } from "../../change/applied-release.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import type { Settings } from "../../change/settings.ts";
import type { Harm, OpenPoint, OwnedObject } from "../../change/types.ts";
import type { World } from "../../change/world.ts";
import { withOthers } from "../../contract/list-some.ts";
import { type KubeObject, valueAt, type YamlData } from "../../contract/objects.ts";
import { ofOwn } from "../../contract/of-own.ts";
import { locateField } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import { clusterOf, makeFindLeft } from "../operator/operators-gone.ts";
import { manifestCommand } from "./helm-words.ts";

/**
 * Values by which a chart makes its CRDs from templates, each with what the chart says by default; of several, one is enough.
 * Charts that have their CRDs in `crds/` are not here: Helm never deletes those.
 */
const SWITCHES: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  "cloudnative-pg": { "crds.create": true },
  "rook-ceph": { "crds.enabled": true },
  "mariadb-operator": { "crds.enabled": false },
  "eck-operator": { installCRDs: true },
  "opensearch-operator": { installCRDs: true },
  "dragonfly-operator": { "crds.install": true },
  "community-operator": { "community-operator-crds.enabled": true },
  volsync: { manageCRDs: true },
  "cert-manager": { "crds.enabled": false, installCRDs: false },
  "external-secrets": { installCRDs: true },
  "trust-manager": { "crds.enabled": true },
  metallb: { "crds.enabled": true },
  kyverno: { "crds.install": true },
  keda: { "crds.install": true },
};

/** Charts that have a switch for each of some API groups. */
const OF_GROUPS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "gateway-crds-helm": {
    "crds.gatewayAPI.enabled": ["gateway.networking.k8s.io"],
    "crds.envoyGateway.enabled": ["gateway.envoyproxy.io"],
  },
};

/** The switches that stand for each other, with the groups that they are for: those of the chart, where none are said. */
function switchesOf(chart: string): { switches: Readonly<Record<string, boolean>>; groups?: readonly string[] }[] {
  const each = Object.entries(ofOwn(OF_GROUPS, chart) ?? {}).map(([path, groups]) => ({
    switches: { [path]: false },
    groups,
  }));
  const own = ofOwn(SWITCHES, chart);
  return own ? [{ switches: own }, ...each] : each;
}

/**
 * Charts that mark their CRDs with `helm.sh/resource-policy: keep` where this value is on, and not where it is off. It is on by
 * default where the switch beside it has effect; a chart with `installCRDs` alone may be older than it.
 */
const KEEPS: Readonly<Record<string, string>> = {
  "cert-manager": "crds.keep",
  "dragonfly-operator": "crds.keep",
  "trust-manager": "crds.keep",
};

/**
 * Releases of known operators whose values come to switch their CRDs off while objects of these kinds stay: Helm deletes what
 * a chart renders no more, and with a CRD goes every object of it, unless the CRD is marked as one to keep.
 */
export function findCrdsOff(
  { before, after }: Pick<Given, "before" | "after">,
  change: Pick<ClusterChange, "before" | "after" | "isDelivered" | "objects">,
  { dataOf }: Settings,
): { harms: Harm[]; open: OpenPoint[] } {
  const harms: Harm[] = [];
  const open: OpenPoint[] = [];
  const findLeft = makeFindLeft(change, after, dataOf);
  for (const [key, { object: now }] of after.objects) {
    if (now.release?.suspend) continue;
    const old = before.objects.get(key)?.object;
    const [was, is] = [
      old && readRelease(old, before, change.before, change.objects.before),
      readRelease(now, after, change.after, change.objects.after),
    ];
    if (!was || !is || was.chart !== is.chart) continue;
    for (const { switches, groups } of switchesOf(is.chart)) {
      const found = findSwitchedOff(switches, was, is);
      const keeps = found && readKeeps(is.chart, found.off, was);
      const left =
        found && keeps !== true ? findLeft(is.chart, clusterOf(key, is.release.data.spec), groups) : undefined;
      if (!found || !left) continue;
      const { off, isSure } = found;
      const said = { name: printKey(key), off, what: left.what, stays: left.others.length === 0 ? "stays" : "stay" };
      const at = locateField(change.after, is.release, ["spec", "values", ...off.split(".")]);
      if (keeps === false && isSure)
        harms.push({ ...sayHarm(said), resource: said.name, ...withOthers(left.others), at });
      else open.push({ ...sayOpen(said, now), resource: said.name, at, ...(left.holdsData ? DECIDES : {}) });
    }
  }
  return { harms, open };
}

const DECIDES = { decides: true } as const;

interface Said {
  name: string;
  off: string;
  what: string;
  stays: string;
}

function sayHarm({ name, off, what, stays }: Said): Pick<Harm, "what" | "why" | "next"> {
  return {
    what: `${name} has its CRDs switched off (${off}), and they are not kept: Helm deletes them, and with them ${what}, which ${stays} in the tree.`,
    why: "Helm deletes what a chart renders no more, and the API server deletes every object of a CRD that goes.",
    next: `Take the edit of ${off} back; or have them kept first, let that reconcile, and then switch them off.`,
  };
}

function sayOpen({ off, what, stays }: Said, release: OwnedObject): Pick<OpenPoint, "what" | "look"> {
  return {
    what: `has its CRDs switched off (${off}) while ${what} ${stays} in the tree: Helm deletes those CRDs and every object of them, unless they are marked with helm.sh/resource-policy: keep, which cannot be seen here`,
    look: `look with ${manifestCommand(release)} whether it holds the CRDs, and with kubectl get crd whether they have that mark`,
  };
}

function readRelease(object: OwnedObject, world: World, tree: Tree, objects: readonly KubeObject[]) {
  const applied = readApplied(object, world, objects);
  // Values are read of the few charts that have such a switch.
  if (!applied || switchesOf(applied.use.chart).length === 0) return undefined;
  return { release: applied.release, chart: applied.use.chart, ...readValues(applied, tree, world) };
}

/** Whether a release that gets other values switches CRDs off that may go then, by what it says itself. */
export function switchesCrdsOff(chart: string, before: YamlData, after: YamlData): boolean {
  const [was, is] = [before, after].map((values) => ({ values: values ?? {}, isKnown: true }));
  const found = switchesOf(chart).map(({ switches }) => findSwitchedOff(switches, was!, is!));
  return found.some((one) => one !== undefined && readKeeps(chart, one.off, was!) !== true);
}

/** Whether the chart has marked its CRDs to be kept, where that is known. */
function readKeeps(chart: string, off: string, was: Values): unknown {
  const keep = ofOwn(KEEPS, chart);
  if (keep === undefined) return undefined;
  return valueAt(was.values, keep.split(".")) ?? (off.startsWith("crds.") && was.isKnown ? true : undefined);
}

interface Values {
  values: YamlData;
  isKnown: boolean;
}

/**
 * The value to blame where some were on, or may have been, and none is any more. Not sure where a Secret may have another one
 * on: what the release itself says is said for certain, and nobody but that Secret knows of the rest.
 */
function findSwitchedOff(
  switches: Readonly<Record<string, boolean>>,
  was: Values,
  is: Values,
): { off: string; isSure: boolean } | undefined {
  const saidOf = ({ values }: Values, path: string) => valueAt(values, path.split("."));
  const paths = Object.keys(switches);
  const isOff = (path: string) => (saidOf(is, path) ?? (is.isKnown ? switches[path] : undefined)) === false;
  const isSure = paths.every(isOff);
  if (!paths.every((path) => isOff(path) || saidOf(is, path) === undefined)) return undefined;
  // What the release says no more is as the chart has it, unless that Secret says it.
  const mayBeOff = (path: string) => isOff(path) || switches[path] === false;
  const off = paths.find((path) => {
    const on = saidOf(was, path) ?? switches[path];
    return mayBeOff(path) && (on === true || isOpenText(on));
  });
  return off === undefined ? undefined : { off, isSure };
}
