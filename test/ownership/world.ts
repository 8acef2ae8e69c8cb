import { fluxKey, keyOfObject, splitKey } from "../../src/admission/key.ts";
import type { Build, FluxSpec, OperatorSet, OwnedObject, Snapshot } from "../../src/change/types.ts";
import type { YamlMap } from "../../src/contract/objects.ts";

/** A FluxKustomization's spec in a made-up world. */
export interface ToySpec extends YamlMap {
  path: string;
  prune: boolean;
  suspend: boolean;
  policy: "mirror" | "orphan" | "delete";
  source: string;
}

export interface ToyItem {
  kind: "ConfigMap" | "Namespace" | "Kustomization" | "HelmRelease";
  name: string;
  namespace?: string;
  spared?: boolean;
  spec?: ToySpec;
  suspend?: boolean;
  holds?: string[];
}

/** Folder -> what lies in it; `broken` does not build. */
export type ToyTree = Record<string, ToyItem[] | "broken">;

export interface ToyWorld {
  before: ToyTree;
  after: ToyTree;
  root: ToySpec;
  adopted: boolean;
  operatorBefore?: ToyItem[];
  operatorAfter?: ToyItem[];
}

const API = {
  ConfigMap: "v1",
  Namespace: "v1",
  Kustomization: "kustomize.toolkit.fluxcd.io/v1",
  HelmRelease: "helm.toolkit.fluxcd.io/v2",
};

export const keyOf = (item: Pick<ToyItem, "kind" | "name" | "namespace">) =>
  keyOfObject({ apiVersion: API[item.kind], kind: item.kind, namespace: item.namespace ?? "x", name: item.name });
export const ROOT = fluxKey("x", "root");
const configMapKey = (name: string) => keyOf({ kind: "ConfigMap", name });

/** Whether the finalizer deletes the inventory (flux-facts 2.4 item 3), as the simulator sees it. */
export const finalizesToy = (spec: ToySpec) =>
  !spec.suspend && (spec.policy === "delete" || (spec.policy === "mirror" && spec.prune));

function toFluxSpec(spec: ToySpec): FluxSpec {
  const { prune, suspend, source } = spec;
  return {
    id: JSON.stringify({ ...spec, source: "" }),
    prune,
    suspend,
    source,
    finalizes: finalizesToy(spec),
    data: { spec, isLocal: false },
  };
}

function toOwned(item: ToyItem): OwnedObject {
  const { kind, name, spared = false } = item;
  return {
    key: keyOf(item),
    kind,
    name,
    namespace: kind === "Namespace" ? "" : (item.namespace ?? "x"),
    spared,
    ...(item.spec ? { flux: toFluxSpec(item.spec) } : {}),
    ...(kind === "HelmRelease"
      ? {
          release: {
            suspend: item.suspend ?? false,
            identity: "",
            name,
            target: item.namespace ?? "x",
            storage: item.namespace ?? "x",
            holds: (item.holds ?? []).map(configMapKey),
          },
        }
      : {}),
  };
}

/** Gives the analysis what it would read from a tree. `lazy` lets it skip builds, as a real tree does. */
export function toSnapshots(world: ToyWorld, lazy: boolean): { before: Snapshot; after: Snapshot } {
  const snapshot = (tree: ToyTree, other: ToyTree, operator: ToyItem[] | undefined): Snapshot => {
    const files = (spec: FluxSpec) => tree[(spec.data.spec as ToySpec).path];
    const set: OperatorSet | undefined = operator && {
      failure: undefined,
      objects: new Map(operator.map((item) => [keyOf(item), toOwned(item)])),
      carriers: [],
      keeps: new Set(),
    };
    return {
      roots: new Map([[ROOT, toFluxSpec(world.root)]]),
      ...(set ? { operator: set } : {}),
      build(spec): Build {
        const items = files(spec);
        if (items === undefined || items === "broken") return { ok: false, reason: "it does not build" };
        return { ok: true, objects: new Map(items.map((item) => [keyOf(item), toOwned(item)])), unknown: [] };
      },
      isBuilt: () => !lazy,
      mayDiffer: (spec) =>
        !lazy || JSON.stringify(files(spec)) !== JSON.stringify(other[(spec.data.spec as ToySpec).path]),
      mayHoldFlux: (spec) => !lazy || JSON.stringify(files(spec) ?? "").includes("Kustomization"),
      namesIn: (spec) => {
        const items = files(spec);
        return lazy && Array.isArray(items) ? new Set(items.map(({ name }) => name)) : undefined;
      },
      mayHold: (spec, key) => !lazy || JSON.stringify(files(spec) ?? "").includes(splitKey(key).name),
    };
  };
  return {
    before: snapshot(world.before, world.after, world.operatorBefore),
    after: snapshot(world.after, world.before, world.operatorAfter),
  };
}
