import type { DraftFinding } from "../../engine/transform.ts";
import type { PatchMapping } from "../../engine/types.ts";
import { describe, isFluxKustomization } from "../kinds.ts";
import { normalizePath } from "../paths.ts";
import type { FluxVersion } from "../releases.ts";
import type { Cluster, Install, KubeObject, SourcePatch } from "../types.ts";
import { findHandEdits } from "./hand-edits.ts";
import { checkDigests } from "./images.ts";
import { checkTags } from "./version.ts";

/** What there is to say about a gotk install once its version is decided. */
export function checkGotk(cluster: Cluster, install: Install, version: FluxVersion): DraftFinding[] {
  const { gotk } = install;
  if (!gotk) return [];
  const findings = [...gotk.findings, ...checkTags(version, gotk.images), ...checkDigests(gotk.images)];
  if (gotk.namespace !== cluster.namespace) findings.push(otherNamespace(cluster, install, gotk.namespace));
  if (!install.components.includes("helm-controller")) findings.push(withoutHelm(install));
  const own = [cluster.root, cluster.source].filter((object) => object !== undefined).map(placeOf);
  for (const document of gotk.foreign.filter((item) => !own.includes(placeOf(item)))) {
    findings.push({
      rule: "gotk-foreign-object",
      level: "info",
      resource: describe(document),
      at: { file: document.file, line: document.line, col: 1 },
      what: `${describe(document)} stands in the file of the Flux install but is no part of it; it stays there, delivered as before.`,
      why: "Only what the release itself installs is removed; deleting the whole file would prune this object (trap 3).",
      next: "Nothing to do; you may move it to a file with a better name.",
    });
  }
  return findings;
}

function placeOf({ file, doc }: { file: string; doc: number }): string {
  return `${file}#${doc}`;
}

/**
 * Another sync for the folder of this root, in a file that nothing delivers: a second cluster bootstrapped from a copy of
 * it reads the same folder, and every phase reaches both.
 */
export function reportSharedPath(cluster: Cluster, objects: readonly KubeObject[]): DraftFinding[] {
  const path = pathOf(cluster.root);
  return objects
    .filter((object) => isFluxKustomization(object) && object.name === cluster.root.name)
    .filter((object) => object.file !== cluster.root.file && !cluster.files.has(object.file) && pathOf(object) === path)
    .map((object) => ({
      rule: "root-path-shared",
      level: "caution",
      resource: describe(object),
      at: { file: object.file, line: 1, col: 1 },
      what: `${describe(object)} in this file builds ./${path} too, the folder of ${cluster.root.file}: if another cluster was started from it, every phase reaches that one as well.`,
      why: "What Flux adopts or prunes is decided cluster by cluster, but both read the same commits.",
      next: "Go on to the next phase only when the checks of the runbook hold in each of them; delete the file if it is only a copy.",
    }));
}

function pathOf({ data }: KubeObject): string | undefined {
  const path = data?.spec?.path;
  return typeof path === "string" ? normalizePath(path) : undefined;
}

/** The patches of a gotk install: hand edits of the file first, as they are there before any kustomization runs. */
export function gotkPatches(
  install: Install,
  version: FluxVersion,
  namespace: string,
): { patches: SourcePatch[]; findings: DraftFinding[] } {
  const { gotk } = install;
  if (!gotk) return { patches: install.patches, findings: [] };
  const edits = findHandEdits(gotk.documents, version, install.components, namespace);
  return { patches: [...edits.patches, ...install.patches], findings: edits.findings };
}

/** Rows for the patches that come along with the source and the root they shape. */
export function syncPatchRows(install: Install): PatchMapping[] {
  return (install.gotk?.syncPatches ?? []).map((patch) => ({
    from: patch.at,
    title: `${patch.target?.kind ?? "patch"} ${patch.target?.name ?? "of the sync"}`,
    to: "spec.kustomize.patches",
    note: "its effect is part of the source and root below",
  }));
}

function withoutHelm(install: Install): DraftFinding {
  return {
    rule: "helm-controller-missing",
    level: "blocker",
    at: install.at,
    what: "The install has no helm-controller, so nothing would ever install the flux-operator and flux-instance HelmReleases that fluxlift writes.",
    why: "Operator and instance come as Helm charts on this route.",
    next: "Install the operator by hand as the official guide shows, or add helm-controller (flux bootstrap --components) first.",
  };
}

function otherNamespace(cluster: Cluster, install: Install, namespace: string): DraftFinding {
  return {
    rule: "gotk-other-namespace",
    level: "blocker",
    at: install.at,
    what: `The controllers run in ${namespace}, the root ${cluster.root.name} lives in ${cluster.namespace}; the operator generates both in one namespace.`,
    why: "A FluxInstance manages the controllers and the sync of its own namespace only (flux-semantics 1.1), so one of them would be created a second time.",
    next: "Move source and root into the namespace of the controllers first, or use --sync keep to migrate the controllers alone.",
  };
}
