/**
 * What a transform of your own is made with: `import { defineTransform } from "fluxlift/transform"`. How: docs/own-transforms.md.
 * @packageDocumentation
 */
import { editFile as editAny } from "../../transforms/shared/edit-file.ts";
import type { OwnEdit } from "../contract/edit.ts";
import type { Loc } from "../contract/errors.ts";
import type { Level } from "../contract/finding.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import type { Phase } from "../contract/options.ts";
import type { Tree } from "../files/tree.ts";
import { sayFinding } from "../findings/say.ts";
import { RawYaml } from "../yaml/raw.ts";
import { asWritten } from "../yaml/text.ts";
import type { YamlOp } from "../yaml/types.ts";

export { readObjects } from "../cluster/objects.ts";
export type { OwnEdit as DraftEdit, TextRange } from "../contract/edit.ts";
export type { Loc } from "../contract/errors.ts";
export type { Level } from "../contract/finding.ts";
export type { KubeObject } from "../contract/objects.ts";
export type { Phase } from "../contract/options.ts";
export { describe, isFluxInstance, isFluxKustomization, isHelmRelease, isSource } from "../delivery/kinds.ts";
export { pointAt } from "../delivery/locations.ts";
export type { Tree } from "../files/tree.ts";
export { editYaml } from "../yaml/edit.ts";
export { readYaml } from "../yaml/read.ts";
export type { YamlEdit, YamlOp, YamlPath } from "../yaml/types.ts";

/** One root of reconciliation, as far as a transform of your own may rely on it. */
export interface OwnCluster {
  /** As `fluxlift scan` shows it. */
  name: string;
  /** Of the Flux controllers. */
  namespace: string;
  source?: KubeObject;
  root: KubeObject;
  /** FluxKustomizations reached from the root, the root first. `object` is as it is written. */
  kustomizations: readonly { object: KubeObject }[];
  /** Every other Flux object that is delivered. */
  objects: readonly { object: KubeObject }[];
  /** Files that some FluxKustomization of this cluster reads. */
  files: ReadonlySet<string>;
  /** Branch that the source names. */
  branch?: string;
}

/** What a transform may look at. It never reads the disk, the clock or the network. */
export interface OwnContext {
  /** With the edits of the transforms before this one. Ask it for the bytes that you edit. */
  tree: Tree;
  /** As the phase began; findings point here. */
  before: Tree;
  /** Every Flux object of the repository, read from `before`. */
  model: { objects: readonly KubeObject[] };
  /** The cluster that is planned; read from `before`. */
  cluster: OwnCluster;
  phase: Phase;
  /** What the run was asked for. */
  options: {
    sync: "adopt" | "rename" | "keep";
    direct: boolean;
    layout: "apps" | "manifests" | "auto";
    fluxVersion?: string;
    operatorVersion?: string;
  };
  /** Paths that transforms before this one have edited for this cluster in this phase. */
  edited: ReadonlySet<string>;
}

/** Something that a person should know. `what` says what Flux will do; `next` says what to do about it. */
export interface OwnFinding {
  /** `<package>/<rule>`; those of `editFile` are fluxlift's. */
  rule: string;
  /** A blocker stops the phase for its cluster. */
  level: Level;
  /** `Kind namespace/name`. */
  resource?: string;
  at?: Loc;
  what: string;
  why: string;
  next: string;
}

/** What `fluxlift explain` says of a rule of your own; the configuration lists them by name. */
export interface OwnRule {
  title: string;
  levels: Level[];
  meaning: string;
  next: string;
}

/** What a transform comes to; what is left out is empty. */
export interface OwnResult {
  edits?: OwnEdit[];
  findings?: OwnFinding[];
}

/** A transform of your own; it runs after those of fluxlift. */
export interface OwnTransform {
  /** `<package>/<name>`, for `--only` and `--skip`. */
  id: string;
  /** One line for lists. */
  title: string;
  /** Phases in which it may edit. */
  phases: readonly Phase[];
  /** Whether there is anything to do; cheap. By default always. */
  applies?(context: OwnContext): boolean;
  /** Pure: the same context gives the same result, and the result of a second run is empty. */
  run(context: OwnContext): OwnResult;
}

/** Declares a transform; for the types alone. */
export function defineTransform(transform: OwnTransform): OwnTransform {
  return transform;
}

/** What the document of an object holds; a map, or anything where it is not what it should be. */
export function bodyOf(object: KubeObject): YamlData {
  return object.data;
}

/**
 * Turns operations on a YAML file into an edit of the bytes that change. What cannot be edited safely (templates, encrypted
 * files, anchors that reach elsewhere) becomes a blocker instead, and nothing is changed.
 * @param why one sentence for the reviewer
 * @param evidence where the edit was derived from
 */
export function editFile(
  tree: Tree,
  path: string,
  ops: readonly YamlOp[],
  why: string,
  evidence: Loc[] = [],
): OwnResult {
  const { edits = [], findings = [] } = editAny(tree, path, ops, why, evidence);
  return { edits, findings: findings.map(sayFinding) };
}

/**
 * A value or a document for an operation that is YAML already, written for indent 0: it goes in as it is, with its comments and
 * quotes. Only for text that you write yourself: what a repository says is given as a value, which is printed.
 */
export function rawYaml(text: string): RawYaml {
  return new RawYaml(asWritten(text));
}

/** All results as one, in their order. */
export function combine(...parts: readonly OwnResult[]): OwnResult {
  return {
    edits: parts.flatMap(({ edits = [] }) => edits),
    findings: parts.flatMap(({ findings = [] }) => findings),
  };
}
