import { type DeliveredFluxObject, readableSpec } from "../contract/objects.ts";
import { isHelmRelease } from "../delivery/kinds.ts";
import type { Tree } from "../files/tree.ts";
import { installedBase } from "../release/base.ts";
import { flagsOf } from "../release/compare.ts";
import { readBaseFacts } from "../release/facts.ts";
import { parseFluxVersion } from "../release/releases.ts";
import { deploymentsOf, runPatches, runSources } from "../release/simulate.ts";
import type { SimObject } from "../release/types.ts";
import { isController } from "./gotk/detect.ts";
import { toSimObject } from "./gotk/overlays.ts";
import { type Delivered, deliverObject, keyOf } from "./graph.ts";
import { readHelmValues } from "./helm-values.ts";
import { namespaceOf } from "./instances.ts";
import { installNamespaceOf, syncNamespaceOf } from "./namespaces.ts";
import type { GotkDetails, Install, InstanceDescription, OtherInstall, Start } from "./types.ts";

const FLAG = "--watch-all-namespaces";

interface Found {
  tree: Tree;
  start: Start;
  reached: Pick<Delivered, "kustomizations" | "parentOf">;
  instances: readonly InstanceDescription[];
}

/**
 * The installs of the root's own Flux, and those that it delivers to other namespaces of the cluster, for somebody else: each
 * is known to watch that namespace alone, or both would reconcile the same objects. Where all are elsewhere, the root's own is
 * among them, unless a FluxInstance makes its sync.
 */
export function tellApart(all: readonly Install[], { tree, start, reached, instances }: Found) {
  const maybe = all.flatMap((install): OtherInstall[] => {
    if (install.gotk) return readNarrowGotk(install, install.gotk, reached);
    const delivered = deliveredOf(tree, install, reached, start.artifactRoot);
    return delivered ? readNarrow(tree, install, delivered) : [];
  });
  const isMaybe = ({ at }: Install) => maybe.some((other) => other.at === at);
  const home = syncNamespaceOf(start);
  const rest = all.filter((install) => !isMaybe(install)).map((install) => installNamespaceOf(install) ?? home);
  const taken = new Set([home, ...rest, ...instances.map(namespaceOf)]);
  const others = maybe.filter(({ namespace }) => !taken.has(namespace));
  const isHome = others.length < all.length || instances.some(({ spec }) => spec.sync !== undefined);
  const isOther = ({ at }: Install) => others.some((other) => other.at === at);
  return isHome ? { installs: all.filter((one) => !isOther(one)), others } : { installs: all, others: [] };
}

/** What makes an install, as the cluster has it; undefined where that is not known. */
function deliveredOf(tree: Tree, { objects: [object] }: Install, reached: Found["reached"], artifactRoot: string) {
  if (!object) return undefined;
  const parent = reached.parentOf.get(object.file);
  const known = reached.kustomizations.find((item) => keyOf(item.object) === keyOf(object));
  const delivered = known ?? (parent && deliverObject(tree, object, parent, artifactRoot));
  return delivered?.effective.known ? delivered : undefined;
}

/** An install that watches the namespace of its controllers alone; none where that, or the namespace, is not known. */
function readNarrow(tree: Tree, install: Install, delivered: DeliveredFluxObject): OtherInstall[] {
  const spec = readableSpec(delivered);
  const isRelease = isHelmRelease(delivered.object);
  const namespace = spec?.targetNamespace ?? (isRelease ? delivered.namespace : undefined);
  if (typeof namespace !== "string" || namespace === "" || namespace.includes("$")) return [];
  if (!(isRelease ? isNarrowChart(tree, delivered) : isNarrowRelease(install, namespace, spec?.patches))) return [];
  return [{ ...install, namespace, isSuspended: spec?.suspend === true }];
}

/** The same of the files of flux bootstrap: every controller is told so by its file and what is patched on the way. */
function readNarrowGotk(install: Install, gotk: GotkDetails, { parentOf }: Found["reached"]): OtherInstall[] {
  const objects = gotk.documents.flatMap((document) => {
    const data = isController(document) ? document.data() : undefined;
    return data ? [toSimObject(data)] : [];
  });
  if (runSources(objects, install.patches) !== undefined || !areNarrow(objects)) return [];
  const parent = parentOf.get(install.at.file);
  const isSuspended = parent !== undefined && readableSpec(parent)?.suspend === true;
  return [{ ...install, namespace: gotk.namespace, isSuspended }];
}

function isNarrowChart(tree: Tree, { object, effective, namespace }: DeliveredFluxObject): boolean {
  if (!effective.known) return false;
  const spec = effective.value.spec;
  const { values } = readHelmValues(tree, { ...object, namespace }, spec);
  // An argument of one controller, or a patch, comes behind what the chart says.
  const isOverruled = values.known && JSON.stringify([values.value, spec?.postRenderers]).includes(FLAG);
  return values.known && values.value?.watchAllNamespaces === false && !isOverruled;
}

/** Whether every controller of the release manifests is told so. */
function isNarrowRelease({ style, version, components }: Install, namespace: string, patches: unknown): boolean {
  const parsed = style === "oci-manifests" ? parseFluxVersion(version?.value ?? "") : undefined;
  const facts = parsed && readBaseFacts(parsed);
  if (!facts) return false;
  const objects = installedBase(facts, style, components, namespace);
  if (runPatches(objects, patches) !== undefined) return false;
  return areNarrow(objects);
}

function areNarrow(objects: readonly SimObject[]): boolean {
  const controllers = deploymentsOf(objects);
  return controllers.length > 0 && controllers.every(({ data }) => flagsOf(data).get(FLAG) === "false");
}
