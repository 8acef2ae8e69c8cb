import { groupKindHere, type ObjectKey, printKey } from "../../admission/key.ts";
import { readApplied, toKube } from "../../change/applied-release.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import { listMade } from "../../change/makers.ts";
import type { Harm, OwnedObject } from "../../change/types.ts";
import type { Held, World } from "../../change/world.ts";
import { groupBy } from "../../contract/group-by.ts";
import { pointAt } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";
import { GENERATOR_MARK, isPausedBy, OPERATOR_MARK } from "../../references/flux/paused.ts";

const GENERATOR = "source.extensions.fluxcd.io|ArtifactGenerator";
const INSTANCE = "fluxcd.controlplane.io|FluxInstance";

const madeBy = (object: OwnedObject): ObjectKey[] => listMade(object).map(({ key }) => key);

/** ArtifactGenerators that come to make an artifact which another one makes: source-watcher writes it for both, one after the other. */
export function findSecondGenerators({ before, after }: Given, tree: Tree): Harm[] {
  // What is disabled writes nothing.
  const isGenerator = (held: Held) =>
    groupKindHere(held.object.key) === GENERATOR &&
    !held.object.ignored &&
    !isPausedBy(held.object.body?.metadata?.annotations, GENERATOR_MARK);
  const came = after.all.filter((held) => isGenerator(held) && !held.by?.fixed);
  if (came.length === 0) return [];
  after.search(["ArtifactGenerator"]);
  const all = after.all.filter(isGenerator).flatMap(({ object }) => madeBy(object).map((made) => ({ made, object })));
  const makers = groupBy(all, ({ made }) => made);
  return came.flatMap(({ object }) => {
    const was = before.objects.get(object.key);
    const old = was && isGenerator(was) ? was.object : undefined;
    const known = new Set(old ? madeBy(old) : []);
    const doc = toKube(object);
    return [...new Set(madeBy(object))].flatMap((made): Harm | [] => {
      const other = makers.get(made)?.find((one) => one.object.key !== object.key)?.object;
      if (known.has(made) || !other || !doc) return [];
      return {
        ...pointAt(tree, doc, ["spec", "artifacts"]),
        what: `${printKey(object.key)} makes ${printKey(made)}, which ${printKey(other.key)} makes as well.`,
        why: "source-watcher writes the artifact for both in turn: what reads it applies the one content, then the other, and prunes what that lacks.",
        next: "Give one of both artifacts another name.",
      };
    });
  });
}

/** FluxInstances, and releases of the chart that holds one, which come beside another one that stays. */
export function findSecondInstances({ before, after }: Given, change: ClusterChange): Harm[] {
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
  return came.flatMap(({ object }): Harm | [] => {
    const other = all.find((one) => one.object.key !== object.key)?.object;
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

/** By its own manifest: a FluxInstance has an annotation for that, which its chart takes from values, and no `suspend`. */
function isPaused({ object: { kind, body } }: Held): boolean {
  const { metadata, spec } = body ?? {};
  if (kind !== "HelmRelease") return isPausedBy(metadata?.annotations, OPERATOR_MARK);
  return spec?.suspend === true || isPausedBy(spec?.values?.commonAnnotations, OPERATOR_MARK);
}
