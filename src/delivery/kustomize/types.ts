import type { Unknown } from "../../contract/answer.ts";
import type { Loc } from "../../contract/errors.ts";
import type { YamlData } from "../../contract/objects.ts";

/** What kustomize calls a resource id; `namespace` is `''` for cluster-scoped kinds or when none is written. */
export interface Id {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
}

export interface DeliveredObject extends Id {
  /** File and document it came from; generated objects name the kustomization file that generates them. */
  file: string;
  doc: number;
  /**
   * The object as built: patches, namespace, names, labels and annotations applied; references to renamed objects and
   * images not. Shared between deliveries: never change it.
   */
  body: Readonly<Record<string, YamlData>>;
  /** Its name or namespace holds a part that cannot be known here; the delivery's `unknowns` say why. */
  uncertain?: true;
  /** What may have changed it in ways that cannot be known; see `Item.hidden`. */
  hidden?: readonly Unknown[];
  /** See `Item.follows`. */
  follows?: readonly string[];
}

/** Result of evaluating a folder the way kustomize (or kustomize-controller, where no kustomization exists) does. */
export type Delivery =
  | { ok: true; objects: DeliveredObject[]; unknowns: Unknown[] }
  | {
      ok: false;
      at: Loc;
      reason: string;
      /** Path of the file that a generator reads and that is not there, where that is the reason. */
      missing?: string;
      unknowns: Unknown[];
    };

/**
 * Which files a folder's build reads, found from kustomization files alone: no resource file is parsed.
 * Cheap enough to run for every FluxKustomization.
 */
export interface Reach {
  /** Resource files, in build order. */
  resources: string[];
  /** Folders with a kustomization that take part (bases and components included). */
  kustomizations: string[];
  /** Patch, generator, transformer and configuration files. */
  auxiliary: string[];
  /** The files of those kustomizations. */
  lists: string[];
  /** What is no resource: auxiliary files and lists. */
  others: string[];
  /** Those of them that a generator takes as text, and that nothing reads as objects or patches. */
  texts: string[];
  remotes: { at: Loc; url: string }[];
  missing: { at: Loc; field: string; target: string }[];
  /** A kustomization file that does not parse or that kustomize rejects; the walk went on without it. */
  broken: { at: Loc; reason: string }[];
  /** All that is read: resources and the others. */
  files: () => ReadonlySet<string>;
}
