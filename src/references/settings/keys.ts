import {
  groupKindOf,
  isCustomGroup,
  isFluxElsewhere,
  keyOfObject,
  type ObjectKey,
  splitKey,
} from "../../admission/key.ts";
import { listEnv } from "../../admission/pods.ts";
import { withOpenHash } from "../../change/generated-names.ts";
import type { Given } from "../../change/given.ts";
import { keysOf, makeKeysOf } from "../../change/made-keys.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { isMap } from "../../yaml/is-map.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { listFieldKeys, listValueKeys } from "./named-keys.ts";
import { type KeyUse, listChartMounts, listVolumeKeys } from "./volume-keys.ts";

/** That an object takes one key of a ConfigMap or Secret. */
interface KeyReference {
  path: readonly (string | number)[];
  target: ObjectKey;
  key: string;
  /** Nothing says of what it is a key: only that it goes is sure to be a mistake. */
  assumed?: true;
  /** It is mounted as a file by its name. */
  mounted?: true;
  /** It is read as text: a ConfigMap's `binaryData` holds none. */
  asText?: true;
}

const RELEASE = "helm.toolkit.fluxcd.io|HelmRelease";
const RECEIVER = "notification.toolkit.fluxcd.io|Receiver";
const CLUSTER_ISSUER = "cert-manager.io|ClusterIssuer";
/** Where cert-manager looks for what they name, unless its chart or `--cluster-resource-namespace` says otherwise: then nothing is found there. */
const ISSUERS_HOME = "cert-manager";

/**
 * Keys that objects take and that the change takes away or misspells. Only where the keys are known on both sides that count:
 * from the document, its generator, a SealedSecret, or an ExternalSecret that lists them.
 */
export function findLostKeys({ before, after }: Given): Stopped[] {
  const changed = after.all.filter(({ by }) => !by?.fixed);
  const lost = new Map(changed.flatMap((held) => losesKeys(before, held)));
  // What a new place takes may lie in what nothing else of the change asks for.
  const fresh = changed.flatMap((held) => listNewKeys(before, held));
  const names = [...lost.keys(), ...fresh].map((key) => splitKey(key).name);
  for (const world of [before, after]) world.search(names);
  const [was, is] = [makeKeysIn(before), makeKeysIn(after)];
  const makersOf = once(() => groupBy(after.all, ({ object }) => keysOf(object)?.[0] ?? ""));
  return stopsOf({ before, after }, (held, old) => {
    if (held.object.body?.spec?.suspend === true) return [];
    const known = new Map((old ? listKeys(old) : []).flatMap((one) => idsOf(one).map((id) => [id, one])));
    const taken = listKeys(held);
    // Of a key that either may hold, the one that has it is meant.
    const there = new Set(taken.flatMap((one) => (one.assumed && is(one)?.has(one.key) ? [one.path.join()] : [])));
    return taken.flatMap((one): Stop | [] => {
      if (one.assumed && there.has(one.path.join())) return [];
      const keys = is(one);
      // What holds none, and held none, is there for somebody else to fill: a token, a copy of another one.
      const earlier = idsOf(one)
        .map((id) => known.get(id))
        .find(Boolean);
      // Whoever else adds to it, what Git takes out of it goes.
      const isDropped = earlier?.target === one.target && earlier.key === one.key && lost.get(one.target)?.has(one.key);
      if (!keys && isDropped && makersOf().get(one.target)?.length === 1) return sayLost(held, one, true);
      const isOpen = !keys || (keys.size === 0 && !was(earlier ?? one)?.size);
      if (isOpen || keys.has(one.key)) return [];
      const had = earlier ? was(earlier)?.has(earlier.key) : undefined;
      // What nobody found before is no business of the change.
      if (earlier && had === false) return [];
      if (earlier && had === undefined && earlier.target === one.target && earlier.key === one.key) return [];
      const isKept = earlier?.key === one.key && had === true;
      if (one.assumed && !isKept) return [];
      const isGone = isKept && !is({ ...one, target: earlier.target })?.has(one.key);
      return sayLost(held, one, isGone);
    });
  });
}

/** Tells the keys of what a reference is to, as far as it can read them. */
function makeKeysIn(world: World): (one: KeyReference) => ReadonlySet<string> | undefined {
  const [all, text] = [makeKeysOf(world), makeKeysOf(world, true)];
  return ({ target, asText }) => (asText ? text(target) : all(target));
}

/** The very same reference, then whatever stands in its place. */
const idsOf = ({ path, target }: KeyReference) => [`${path.join()} ${target}`, path.join()];

/** ConfigMaps and Secrets of which something takes a key that it did not take before. */
function listNewKeys(before: World, held: Held): ObjectKey[] {
  const now = listKeys(held);
  const was = now.length > 0 ? before.applied(held.object.key) : undefined;
  const print = ({ target, key }: KeyReference) => `${target} ${key}`;
  const known = new Set((was ? listKeys(was) : []).map(print));
  return now.flatMap((one) => (known.has(print(one)) ? [] : [one.target]));
}

/** @param isGone the key is there today, and the change takes it away */
function sayLost({ object }: Held, { path, target, key, mounted, assumed }: KeyReference, isGone: boolean): Stop {
  const { kind, name } = splitKey(target);
  const [takes, provided] =
    assumed && !mounted
      ? [`names the key ${key} of ${name}`, `if that is ${kind}/${name}, `]
      : [`takes the key ${key} of ${kind}/${name}`, ""];
  const isTaken = object.release && path[1] === "valuesFrom";
  const effect = mounted
    ? "its pods get an empty folder in place of that file, or do not start"
    : isTaken
      ? "helm-controller does not upgrade it any more"
      : object.kind === "Receiver"
        ? "it takes no call of a webhook any more"
        : isCustomGroup(splitKey(object.key).group)
          ? "it does not work any more"
          : "its pods do not start any more";
  return {
    path,
    rule: isGone ? "reference-breaks" : "reference-missing",
    what: `${takes}, which has no such key after this change: ${provided}${effect}`,
    why: isGone
      ? "The key is there today, and this change takes it away."
      : "Its keys are known, and this is none of them.",
    next: `Name a key that ${kind}/${name} has, or put the key back.`,
  };
}

/** The ConfigMap or Secret that an object is, or makes, and the keys that Git takes out of it: of a part too. */
function losesKeys(before: World, { object }: Held): [ObjectKey, ReadonlySet<string>][] {
  const whole = ({ key, body }: OwnedObject) => keysOf({ key, body });
  const [target, keys] = whole(object) ?? [];
  const old = before.objects.get(object.key);
  const known = old && whole(old.object)?.[1];
  if (!target || !known || !keys) return [];
  const lost = [...known].filter((key) => !keys.has(key));
  return lost.length > 0 ? [[target, new Set(lost)]] : [];
}

/** Keys of what kustomize names by a hash that cannot be known, under the name that stands for it. */
function listKeys(held: Held): KeyReference[] {
  const { follows = [] } = held.object;
  return listWritten(held).map((one) => ({ ...one, target: withOpenHash(one.target, follows) }));
}

function listWritten({ object: { key, namespace, body, release } }: Held): KeyReference[] {
  const groupKind = groupKindOf(key);
  const { group, remote } = splitKey(key);
  if (!isMap(body) || isFluxElsewhere(key)) return [];
  const read =
    (home: string) =>
    ({ kind: of, name, key: wanted, optional, path, ...more }: KeyUse): KeyReference[] => {
      const isPlain = typeof name === "string" && typeof wanted === "string" && !`${name}${wanted}`.includes("$");
      if (!isPlain || optional === true) return [];
      const target = keyOfObject({ apiVersion: "v1", kind: of, namespace: home, name }, remote);
      return [{ ...more, path, target, key: wanted }];
    };
  if (groupKind === RELEASE) {
    const { spec } = body;
    const from = itemsOf(spec?.valuesFrom).flatMap((ref, at): KeyUse | [] =>
      ref.kind === "ConfigMap" || ref.kind === "Secret"
        ? {
            ...{ kind: ref.kind, name: ref.name, key: ref.valuesKey ?? "values.yaml", optional: ref.optional },
            path: ["spec", "valuesFrom", at],
            asText: true as const,
          }
        : [],
    );
    // What a chart makes in another cluster finds other Secrets there.
    if (release?.cluster !== undefined) return from.flatMap(read(namespace));
    return [
      ...from.flatMap(read(namespace)),
      ...[...listChartMounts(spec?.values), ...listValueKeys(spec?.values)].flatMap(read(release?.target ?? namespace)),
    ];
  }
  if (isCustomGroup(group))
    return listFieldKeys(body.spec).flatMap(({ namespace: far, ...use }) => {
      const home = typeof far === "string" ? far : groupKind === CLUSTER_ISSUER ? ISSUERS_HOME : namespace;
      return home === "" ? [] : read(home)(use);
    });
  if (groupKind === RECEIVER) {
    const { name } = body.spec?.secretRef ?? {};
    // It asks the issuer of a token, and holds none.
    if (body.spec?.type === "generic-oidc") return [];
    return read(namespace)({ kind: "Secret", name, key: "token", path: ["spec", "secretRef", "name"] });
  }
  const env = listEnv(groupKind, body).flatMap(({ path, data }): KeyUse[] => {
    const { configMapKeyRef, secretKeyRef } = data?.valueFrom ?? {};
    const from = [...path, "valueFrom"];
    return [
      { kind: "ConfigMap", ...plainOf(configMapKeyRef), path: [...from, "configMapKeyRef"], asText: true },
      { kind: "Secret", ...plainOf(secretKeyRef), path: [...from, "secretKeyRef"] },
    ];
  });
  return [...env, ...listVolumeKeys(groupKind, body)].flatMap(read(namespace));
}

const plainOf = (ref: YamlData) => ({ name: ref?.name, key: ref?.key, optional: ref?.optional });
