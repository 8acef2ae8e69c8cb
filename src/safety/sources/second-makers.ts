import { groupKindHere, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import { readApplied, toKube } from "../../change/applied-release.ts";
import type { ClusterChange } from "../../change/change.ts";
import { type Given, staysWithoutGit } from "../../change/given.ts";
import { listMade } from "../../change/makers.ts";
import type { Harm, OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { pointAt } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import { GENERATOR_MARK, isPausedBy, OPERATOR_MARK } from "../../references/flux/paused.ts";

const INSTANCE = "fluxcd.controlplane.io|FluxInstance";

/** What one thing may have one of, and what comes of two. */
const MAKERS: Readonly<Record<string, { field: string[]; noun: string; why: string }>> = {
  "source.extensions.fluxcd.io|ArtifactGenerator": {
    field: ["spec", "artifacts"],
    noun: "artifacts",
    why: "source-watcher writes the artifact for both in turn: what reads it applies the one content, then the other, and prunes what that lacks.",
  },
  "external-secrets.io|ExternalSecret": {
    field: ["spec", "target", "name"],
    noun: "Secrets",
    why: "Both mean to own the Secret (creationPolicy: Owner): External Secrets fills it for one and reports an error for the other, or writes the keys of both over each other.",
  },
  "cert-manager.io|Certificate": {
    field: ["spec", "secretName"],
    noun: "Secrets",
    why: "cert-manager finds a certificate in it that was issued for the other, and issues it anew for both in turn.",
  },
};

/** What an object makes and means to have for itself. */
function madeBy(object: OwnedObject): ObjectKey[] {
  return listMade(object).flatMap(({ key, owned, renewed }) =>
    (owned || renewed) && !key.includes("${") ? [key] : [],
  );
}

/** Objects that come to make what another one of their kind makes, which each means to have for itself. */
export function findSecondMakers({ before, after }: Given, tree: Tree): Harm[] {
  // What is disabled writes nothing.
  const isMaker = (held: Held) =>
    Object.hasOwn(MAKERS, groupKindHere(held.object.key)) &&
    !held.object.ignored &&
    !isPausedBy(held.object.body?.metadata?.annotations, GENERATOR_MARK);
  const came = after.all.flatMap((held) => {
    if (!isMaker(held) || held.by?.fixed) return [];
    const { object } = held;
    const was = before.objects.get(object.key);
    const known = new Set(was && isMaker(was) ? madeBy(was.object) : []);
    const fresh = new Set(madeBy(object).filter((key) => !known.has(key)));
    return fresh.size > 0 ? [{ object, fresh }] : [];
  });
  if (came.length === 0) return [];
  after.search(came.flatMap(({ object }) => madeBy(object).map((key) => splitKey(key).name)));
  const all = after.all.filter(isMaker).flatMap(({ object }) => madeBy(object).map((made) => ({ made, object })));
  const makers = groupBy(all, ({ made, object }) => `${groupKindHere(object.key)} ${made}`);
  return came.flatMap(({ object, fresh }) => {
    const doc = toKube(object);
    const kind = groupKindHere(object.key);
    return [...fresh].flatMap((made): Harm | [] => {
      const other = makers.get(`${kind} ${made}`)?.find((one) => one.object.key !== object.key)?.object;
      if (!other || !doc) return [];
      const { field, noun, why } = MAKERS[kind]!;
      return {
        ...pointAt(tree, doc, field),
        what: `${printKey(object.key)} makes ${printKey(made)}, which ${printKey(other.key)} makes as well.`,
        why,
        next: `Give one of both ${noun} another name.`,
      };
    });
  });
}

/** FluxInstances, and releases of the chart that holds one, which come beside another one that stays. */
export function findSecondInstances(given: Given, change: ClusterChange): Harm[] {
  const { before, after } = given;
  const holds = (world: World, side: "before" | "after") => (held: Held) => {
    const { object } = held;
    if (object.ignored) return false;
    if (groupKindHere(object.key) === INSTANCE) return true;
    if (object.kind !== "HelmRelease" || object.release?.cluster !== undefined) return false;
    return groupKindHere(object.key) !== "" && readApplied(object, world, change.objects[side])?.use.chart === CHART;
  };
  const isOld = holds(before, "before");
  const isNew = holds(after, "after");
  const came = after.all.filter((held) => {
    if (held.by?.fixed || !isNew(held) || isPaused(held)) return false;
    const old = before.objects.get(held.object.key);
    return !(old && isOld(old) && !isPaused(old));
  });
  if (came.length === 0) return [];
  after.search(["FluxInstance", CHART]);
  // What is paused stays in the cluster, and makes nothing where it comes so.
  const all = after.all.filter((held) => {
    if (!isNew(held) || !isPaused(held)) return isNew(held);
    const old = before.find(held.object.key);
    return old !== undefined && isOld(old);
  });
  // A guard keeps what Git no longer has.
  const left = before.all.filter((held) => isOld(held) && staysWithoutGit(given, held.object.key));
  return came.flatMap(({ object }): Harm | [] => {
    const isOther = (one: Held) => one.object.key !== object.key;
    const other = (all.find(isOther) ?? left.find((one) => isElsewhere(one.object, object)))?.object;
    const doc = toKube(object);
    if (!other || !doc) return [];
    return {
      ...pointAt(change.after, doc, ["metadata", "name"]),
      what: `${printKey(object.key)} brings a FluxInstance beside that of ${printKey(other.key)}, which stays.`,
      why: "Two of one name and namespace set each other's changes back, and two in different namespaces run two sets of controllers that apply the same objects. Whichever goes first uninstalls Flux.",
      next: "Keep one of both for each cluster.",
    };
  });
}

const CHART = "flux-instance";

/** Of one namespace it is the same one by another way, and of two releases it is said that the chart is installed twice. */
function isElsewhere(old: OwnedObject, now: OwnedObject): boolean {
  const placeOf = ({ release, namespace }: OwnedObject) => release?.target ?? namespace;
  return placeOf(old) !== placeOf(now) && !(old.release && now.release);
}

/** By its own manifest: a FluxInstance has an annotation for that, which its chart takes from values, and no `suspend`. */
function isPaused({ object: { kind, body } }: Held): boolean {
  const { metadata, spec } = body ?? {};
  if (kind !== "HelmRelease") return isPausedBy(metadata?.annotations, OPERATOR_MARK);
  return spec?.suspend === true || isPausedBy(spec?.values?.commonAnnotations, OPERATOR_MARK);
}
