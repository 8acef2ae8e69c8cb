import { type Answer, answerOf, type Unknown } from "../contract/answer.ts";
import { bodyOf, type KubeObject } from "../contract/objects.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { stringList } from "./kustomize/data.ts";
import { type DeliveredObject, deliverFlux, type Reach, reach } from "./kustomize/index.ts";
import { locateField } from "./locations.ts";

/** A FluxKustomization that builds a folder: its manifest, and its spec as it is in the cluster. */
export interface Builder {
  object: Pick<KubeObject, "file" | "doc" | "data">;
  spec: FluxObjectSpec | undefined;
  /** Whether `postBuild` is applied too. */
  substitutes?: boolean;
}

interface FluxBuild {
  /** Why Flux applies nothing of it; then `objects` are what could be read all the same. */
  failure?: Unknown;
  objects: readonly DeliveredObject[];
}

type Place = Pick<KubeObject, "file" | "doc" | "kind">;

/** What the build of a FluxKustomization reads. */
export function reachOf(tree: Tree, spec: FluxObjectSpec | undefined, dir: string): Reach {
  const ignoreMissingComponents = spec?.ignoreMissingComponents === true;
  return reach(tree, dir, { components: stringList(spec?.components), ignoreMissingComponents });
}

/**
 * An object exactly as a FluxKustomization applies it, after every kustomization, component, transformer and patch on the
 * way; undefined where the build leaves it out. Unknown where Flux cannot build the folder, or where something that
 * cannot be read may change the object.
 * @param dir the folder of the repository that it builds.
 */
export function findDelivered(tree: Tree, by: Builder, dir: string, place: Place): Answer<DeliveredObject | undefined> {
  const { failure, objects } = buildFlux(tree, by, dir);
  // Of a document that is built several times the last one counts: an overlay's copy usually follows that of its base.
  const byPlace = () => new Map(objects.map((object) => [keyOf(object), object]));
  const found = remember(tree, "delivered objects", objects, byPlace).get(keyOf(place));
  return answerOf(found, failure ? [failure] : (found?.hidden ?? []));
}

/** All that a FluxKustomization applies; where Flux cannot build the folder, what could be read all the same. */
export function listDelivered(tree: Tree, by: Builder, dir: string): readonly DeliveredObject[] {
  return buildFlux(tree, by, dir).objects;
}

/** Why Flux cannot build a folder; undefined when it can. */
export function failureOf(tree: Tree, by: Builder, dir: string): Unknown | undefined {
  return buildFlux(tree, by, dir).failure;
}

/** What a FluxKustomization would make of an object that its folder does not hold yet. */
export function probeDelivered(
  tree: Tree,
  { object, spec }: Builder,
  dir: string,
  added: Pick<KubeObject, "file" | "data">,
): Answer<DeliveredObject | undefined> {
  const at = locateField(tree, object, ["spec"]);
  const wanted = { ...spec, path: `./${dir}`, postBuild: undefined };
  const delivery = deliverFlux(tree, wanted, { at, probe: { body: bodyOf(added), file: added.file } });
  if (!delivery.ok) return answerOf(undefined, [{ at: delivery.at, what: delivery.reason, stops: true }]);
  const [found] = delivery.objects;
  return answerOf(found, found?.hidden ?? []);
}

/** All that a FluxKustomization applies. A generator's file that is kept out of this copy (`.env`) fails no build. */
function buildFlux(tree: Tree, { object, spec: said, substitutes = false }: Builder, dir: string): FluxBuild {
  const key = remember(tree, `build key ${substitutes}`, said, () => JSON.stringify(essence(said, substitutes)));
  return remember(tree, "flux build", `${dir}\0${object.file}\0${key}`, () => {
    const spec = { ...said, path: `./${dir}`, ...(substitutes ? {} : { postBuild: undefined }) };
    const build = (options: Parameters<typeof deliverFlux>[2]) => deliverFlux(tree, spec, options);
    const quick = build({ at: { file: object.file, line: 1, col: 1 } });
    if (quick.ok && quick.unknowns.length === 0) return quick;
    const at = locateField(tree, object, ["spec"]);
    const exact = build({ at });
    if (exact.ok) return exact;
    const assumed = exact.missing === undefined ? exact : build({ at, assumesSources: () => true });
    if (assumed.ok) return assumed;
    const rest = build({ at, goesOn: true });
    return { failure: { at: assumed.at, what: assumed.reason, stops: true }, objects: rest.ok ? rest.objects : [] };
  });
}

/** What of a spec its build depends on. */
function essence(spec: FluxObjectSpec | undefined, substitutes: boolean): unknown[] {
  const { targetNamespace, namePrefix, nameSuffix, components, ignoreMissingComponents, decryption } = spec ?? {};
  const { patches, patchesJson6902, patchesStrategicMerge, postBuild } = spec ?? {};
  return [
    ...[targetNamespace, namePrefix, nameSuffix, components, ignoreMissingComponents, decryption?.provider],
    ...[patches, patchesJson6902, patchesStrategicMerge, substitutes && postBuild],
  ];
}

function keyOf({ file, doc, kind }: Place): string {
  return `${file}\0${doc}\0${kind}`;
}
