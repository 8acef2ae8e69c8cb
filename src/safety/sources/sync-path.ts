import { givenIn, toKube } from "../../change/applied-release.ts";
import type { ClusterChange } from "../../change/change.ts";
import { type ReadContext, readFluxSpec } from "../../change/read-object.ts";
import type { Build, FluxSpec, Harm, OpenPoint, Snapshot } from "../../change/types.ts";
import { listValueSources, readKeys } from "../../change/value-keys.ts";
import { repositoryPath } from "../../cluster/graph.ts";
import { readHelmValues } from "../../cluster/helm-values.ts";
import { objectsIn } from "../../cluster/objects.ts";
import type { InstanceDescription } from "../../cluster/types.ts";
import { readable } from "../../contract/answer.ts";
import { bodyOf, readableSpec } from "../../contract/objects.ts";
import { describe } from "../../delivery/kinds.ts";
import { locateField, pointAt } from "../../delivery/locations.ts";
import type { Tree } from "../../files/tree.ts";

export interface Directed {
  instance: InstanceDescription;
  /** The path as it is delivered, where variables stay in it that are not known here; and what they come from. */
  open?: { path: string; sources: readonly string[] };
  /** The path as it is written, where Flux fills in nothing. */
  literal?: string;
}

/**
 * A FluxInstance whose `sync.path` holds variables is taken for that of every cluster whose folder fits. What Flux fills in
 * is told by the FluxKustomization that delivers it to this cluster, and may be the folder of another, or nothing.
 */
export function direct(
  instance: InstanceDescription,
  by: FluxSpec,
  [today, later]: readonly [Snapshot, Snapshot],
  { cluster, before, after, isDelivered }: ClusterChange,
  read: ReadContext,
): Directed {
  if (!instance.filled) return { instance };
  const found = readPath(later.build(by), instance, after);
  const sources = listValueSources(by.data.spec);
  const isOpen = found?.includes("${");
  const old = isOpen ? cluster.instances.find(({ delivered }) => delivered) : undefined;
  if (old?.parent) {
    const was = readFluxSpec(readableSpec(old.parent), old.parent.namespace || cluster.namespace, read);
    // What it was before is known to be right.
    const isSame =
      readPath(today.build(was), old, before) === found && `${listValueSources(was.data.spec)}` === `${sources}`;
    if (isSame) return { instance };
  }
  if (found === undefined) return { instance };
  if (isOpen && sources.length === 0) return { instance, literal: found };
  const path = isOpen ? fillFromFiles(found, sources, after, isDelivered) : found;
  if (path.includes("${")) return { instance, open: { path, sources } };
  const { sync } = instance.spec;
  const [is, expected] = [{ path }, sync].map((one) => repositoryPath(one, cluster.artifactRoot));
  if (is === expected) return { instance };
  return { instance: { ...instance, spec: { ...instance.spec, sync: { ...sync, path } } } };
}

/** With the values of ConfigMaps that the cluster reads from this repository; what may have another value stays. */
function fillFromFiles(
  path: string,
  sources: readonly string[],
  tree: Tree,
  isDelivered: (file: string) => boolean,
): string {
  const values = new Map<string, string>();
  for (const id of sources) {
    const keys = readKeys(tree, id);
    if (!keys) return path;
    const [kind, name = ""] = id.split("/");
    const objects = objectsIn(tree, tree.grep(name).filter(isDelivered));
    const declared = objects.filter((one) => kind === "ConfigMap" && one.kind === kind && one.name === name);
    for (const key of keys) {
      const value: unknown = declared.length === 1 ? bodyOf(declared[0]!).data?.[key] : undefined;
      if (typeof value === "string" && !value.includes("$")) values.set(key, value);
      else values.delete(key);
    }
  }
  return path.replace(/\$\{(\w+)\}/g, (written, name: string) => values.get(name) ?? written);
}

/** A path that ends in what nobody can read here. */
export function findOpenPath({ instance, open }: Directed, after: Tree): OpenPoint[] {
  if (!open) return [];
  return [
    {
      resource: describe(instance.object),
      what: `syncs ${open.path}, and what stands for the variable in it cannot be read here`,
      look: `compare ${open.sources.join(" and ")} in the cluster with the folder it syncs today`,
      at: locateField(after, instance.object),
      decides: true,
    },
  ];
}

/** A folder with such a name is in no repository. */
export function findLiteralPath({ instance, literal }: Directed, after: Tree): Harm[] {
  if (literal === undefined) return [];
  return [
    {
      ...pointAt(after, instance.object, ["spec", "sync", "path"]),
      what: `${describe(instance.object)} syncs ${literal} as it is written, a folder that is not there: Flux applies nothing more.`,
      why: "Nothing that delivers it to this cluster has a value for the variable.",
      next: "Set spec.postBuild on the Kustomization that delivers it, or write the folder out.",
    },
  ];
}

/** The path in what a FluxKustomization builds: of the manifest, or of the values of the release. */
function readPath(build: Build, { object: wanted, form }: InstanceDescription, tree: Tree): string | undefined {
  if (!build.ok) return undefined;
  const objects = [...build.objects.values()];
  const found = objects.find(({ kind, name }) => kind === wanted.kind && name === wanted.name);
  const object = found && toKube(found);
  if (!object) return undefined;
  const { spec } = object.data;
  const read =
    form === "manifest" ? spec : readable(readHelmValues(tree, object, spec, givenIn(objects)).values).instance;
  const path: unknown = read?.sync?.path;
  return typeof path === "string" ? path : undefined;
}
