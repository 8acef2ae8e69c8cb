import type { DraftFinding } from "../engine/transform.ts";
import type { Loc } from "../errors.ts";
import { reach } from "../kustomize/index.ts";
import type { Tree } from "../workspace/tree.ts";
import { readYamlCached } from "../yaml/read.ts";
import { isKustomizationFile } from "./automation/removed.ts";
import { repositoryPath } from "./graph.ts";
import { describe } from "./kinds.ts";
import type { Cluster, DeliveredFluxObject } from "./types.ts";

/** Missing files are listed up to this many; archives of a tree often leave whole folders out. */
const LISTED = 5;

/**
 * Kustomizations of a cluster that Flux cannot build today. One that does not parse hides what it lists, so the phase
 * stops; one that only names a missing file is understood but for that.
 */
export function reportBrokenBuilds(tree: Tree, cluster: Cluster): DraftFinding[] {
  const findings = new Map<string, DraftFinding>();
  let missing = 0;
  for (const item of cluster.local) {
    const found = reachOf(tree, item, cluster.artifactRoot);
    for (const { at, reason } of found?.broken ?? []) add(findings, at, () => broken(item, at, reason));
    for (const { at, field, target } of found?.missing ?? []) {
      // A path that is not there belongs to the FluxKustomization, and often is made by a generator.
      if (field === "path") continue;
      if (!findings.has(keyOf(at))) missing++;
      if (missing <= LISTED) add(findings, at, () => incomplete(item, at, field, target));
    }
  }
  for (const path of cluster.files) {
    if (isKustomizationFile(path)) addRepeats(findings, tree, path);
  }
  return [...findings.values()];
}

/** kustomize takes the last of two equal keys without a word, so what the first one lists is not delivered. */
function addRepeats(findings: Map<string, DraftFinding>, tree: Tree, path: string): void {
  const read = readYamlCached(tree.read(path) ?? "");
  if (read.ok || !read.reason.includes("duplicated mapping key")) return;
  const at = { file: path, line: read.line, col: read.col };
  add(findings, at, () => ({
    rule: "kustomization-repeats",
    level: "caution",
    at,
    what: "This kustomization says one key twice: Flux takes the last one and leaves out what the first one lists.",
    why: "fluxlift reads it as Flux does, and cannot edit a file with duplicate keys.",
    next: "Join the two, and look at what that newly delivers before it is merged.",
  }));
}

function reachOf(tree: Tree, { effective }: DeliveredFluxObject, artifactRoot: string) {
  const spec = effective?.spec;
  const path = repositoryPath(spec, artifactRoot);
  if (path === undefined || !(path === "" || tree.isDir(path))) return undefined;
  const listed: unknown[] = Array.isArray(spec?.components) ? spec.components : [];
  const components = listed.filter((entry) => typeof entry === "string");
  return reach(tree, path, { components, ignoreMissingComponents: spec?.ignoreMissingComponents === true });
}

function add(findings: Map<string, DraftFinding>, at: Loc, make: () => DraftFinding): void {
  const key = keyOf(at);
  if (!findings.has(key)) findings.set(key, make());
}

function keyOf({ file, line, col }: Loc): string {
  return `${file}:${line}:${col}`;
}

function broken({ object }: DeliveredFluxObject, at: Loc, reason: string): DraftFinding {
  return {
    rule: "kustomization-broken",
    level: "blocker",
    resource: describe(object),
    at,
    what: `Flux cannot build ${describe(object)}: ${reason}.`,
    why: "What this kustomization lists is unknown, so references in it would be missed, and nothing new below it would reach the cluster.",
    next: "Mend it, let Flux reconcile it, and run fluxlift again.",
  };
}

function incomplete({ object }: DeliveredFluxObject, at: Loc, field: string, target: string): DraftFinding {
  return {
    rule: "kustomization-incomplete",
    level: "caution",
    resource: describe(object),
    at,
    what: `Flux cannot build ${describe(object)}: ${target}, named in ${field}, is not in this repository.`,
    why: "As long as it does not build, nothing of it is applied, and nothing that this phase adds to it either.",
    next: "Add the file or take the entry out, and wait until Flux has reconciled it, before this phase is merged.",
  };
}
