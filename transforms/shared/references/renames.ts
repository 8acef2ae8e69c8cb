import { instanceOf, syncNameOf } from "../../../src/cluster/instances.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { Loc } from "../../../src/contract/errors.ts";
import type { Options } from "../../../src/contract/options.ts";
import { isFluxKustomization } from "../../../src/delivery/kinds.ts";

/** An object whose name other objects may hold, and what it becomes; without `to` it goes away. */
export interface Rename {
  kind: string;
  group: string;
  name: string;
  namespace: string;
  to?: { kind: string; group: string; name: string };
  /** Whether it installed Flux: what it becomes is delivered below the root, so nothing above may wait for it. */
  isInstaller?: true;
}

const SOURCE = "source.toolkit.fluxcd.io";
const KUSTOMIZE = "kustomize.toolkit.fluxcd.io";

/** What the cutover renames or removes, read from the tree: the instance says the new name, never a flag. */
export function listRenames(cluster: Cluster, options: Pick<Options, "sync">): Rename[] {
  const { source, root, install, namespace } = cluster;
  const renames: Rename[] = [];
  const instance = instanceOf(cluster);
  const planned = { adopt: root.name, rename: namespace, keep: undefined }[options.sync];
  const syncName = instance ? syncNameOf(instance, namespace) : planned;
  if (syncName !== undefined && source && source.name !== syncName) {
    renames.push({
      ...object(source.kind, SOURCE, source.name, namespace),
      to: { kind: source.kind, group: SOURCE, name: syncName },
    });
  }
  if (syncName !== undefined && cluster.rootFrom === "manifest" && root.name !== syncName) {
    renames.push({
      ...object("Kustomization", KUSTOMIZE, root.name, namespace),
      to: { kind: "Kustomization", group: KUSTOMIZE, name: syncName },
    });
  }
  // A kustomization on the remote base is an object without a name.
  const objects = (install?.objects ?? []).filter(({ name }) => name !== "");
  for (const old of [...objects, ...(install?.deliverers ?? [])]) {
    if (isFluxKustomization(old)) {
      renames.push({
        ...object("Kustomization", KUSTOMIZE, old.name, namespace),
        to: { kind: "Kustomization", group: KUSTOMIZE, name: instance?.parent?.object.name ?? "flux-instance" },
        isInstaller: true,
      });
    } else if (old.kind === "HelmRelease") {
      const group = "helm.toolkit.fluxcd.io";
      renames.push({
        ...object("HelmRelease", group, old.name, namespace),
        ...(instance?.form === "manifest"
          ? {}
          : { to: { kind: "HelmRelease", group, name: instance?.object.name ?? "flux-instance" } }),
        isInstaller: true,
      });
    } else renames.push(object(old.kind, SOURCE, old.name, namespace));
  }
  return renames;
}

function object(kind: string, group: string, name: string, namespace: string): Rename {
  return { kind, group, name, namespace };
}

/** A place that Flux reads and that still holds an old name. */
export interface Remaining {
  at: Loc;
  rename: Rename;
  /** Set where the name comes out of a substitution: the expression that yields it. */
  expression?: string;
}
