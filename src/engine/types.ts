import type { Loc } from "../errors.ts";

/** Phases of `fluxlift migrate` and, with the same `cleanup` at the end, of `fluxlift oci`. */
export type Phase = "install" | "cutover" | "prepare" | "switch" | "cleanup";
export const PHASES: readonly Phase[] = ["install", "cutover", "cleanup"];
export const OCI_PHASES: readonly Phase[] = ["prepare", "switch", "cleanup"];

export type SyncStrategy = "adopt" | "rename" | "keep";

export type Level = "info" | "caution" | "blocker";

/** Something a person should know. `what` says what Flux will do; `next` says what to do about it. */
export interface Finding {
  /** Kebab-case id, listed in the catalogue of findings (`src/engine/rules.ts`). */
  rule: string;
  level: Level;
  /** Absent when it concerns the whole repository. */
  cluster?: string;
  phase?: Phase;
  /** `Kind namespace/name` of the object concerned. */
  resource?: string;
  /** Absent only when there is no file to point at. */
  at?: Loc;
  what: string;
  why: string;
  next: string;
}

/** Half-open range of UTF-16 offsets in the text the edit was made against. */
export interface TextRange {
  start: number;
  end: number;
  text: string;
}

interface EditBase {
  path: string;
  /** One sentence for the reviewer. */
  why: string;
  transform: string;
  phase: Phase;
  cluster: string;
  /** Where in the old tree the edit was derived from. */
  evidence: Loc[];
}

export type Edit =
  | (EditBase & { kind: "create"; text: string; mode?: number })
  | (EditBase & { kind: "replace"; ranges: TextRange[] })
  | (EditBase & { kind: "delete" })
  | (EditBase & { kind: "move"; to: string });

/** What a transform writes: the engine fills in transform, phase and cluster. */
export type DraftEdit =
  | { kind: "create"; path: string; text: string; mode?: number; why: string; evidence?: Loc[] }
  | { kind: "replace"; path: string; ranges: TextRange[]; why: string; evidence?: Loc[] }
  | { kind: "delete"; path: string; why: string; evidence?: Loc[] }
  | { kind: "move"; path: string; to: string; why: string; evidence?: Loc[] };

/** Options that change what a plan contains; one schema for flags, config and plan JSON. */
export interface Options {
  phase: Phase | "all";
  sync: SyncStrategy;
  /** Names of clusters to work on; empty means all. */
  clusters: string[];
  direct: boolean;
  only: string[];
  skip: string[];
  /** Overrides the detected Flux version (`2.6.4`, `2.6.x`). */
  fluxVersion?: string;
  /** Overrides the operator and instance chart version. */
  operatorVersion?: string;
  /** Turn on `serviceMonitor.create` in the operator chart. */
  serviceMonitor: boolean;
  /** Prefix of the repository inside an OCI or Bucket artifact (`''` = artifact root is the repository root). */
  artifactPath?: string;
  layout: "apps" | "manifests" | "auto";
  /** On the direct route: what keeps the operator, a pinned chart (the default) or a ResourceSet that follows releases. */
  operatorUpgrades?: "auto" | "pinned";
  /** Bring Flux objects to the API versions of the Flux that the instance will run. */
  upgradeApis?: boolean;
  /** What flux bootstrap would be told, for trees that it has not filled in. */
  bootstrap?: BootstrapOptions;
  /** What `preflight.sh` measured on the live cluster, by cluster name; see `src/engine/facts.ts`. */
  facts?: Facts;
  /** Set by `fluxlift oci`, and only there: the plan then takes a cluster from Git to OCI. */
  oci?: OciOptions;
}

/** Flags of flux bootstrap, under its names; what is left out is read from git and the folders. */
export interface BootstrapOptions {
  url?: string;
  branch?: string;
  path?: string;
  secretName?: string;
}

export type Forge = "github" | "gitlab" | "azure" | "forgejo" | "bitbucket";
export const FORGES: readonly Forge[] = ["github", "gitlab", "azure", "forgejo", "bitbucket"];

/** Choices of `fluxlift oci`; what is left out is read from the tree, the sync and the remote. */
export interface OciOptions {
  /** `none`: something else publishes. */
  forge?: Forge | "none";
  /** `oci://host/path` of the artifact, or only its host; a tag is no part of it. */
  registry?: string;
  /** Tag that the clusters follow; by default `latest`, or the branch of a cluster that reads another branch. */
  tag?: string;
  /** Secret of type dockerconfigjson that source-controller pulls with; `''` for a public artifact. */
  pullSecret?: string;
  /** Sign each artifact with cosign, and let Flux verify it. */
  sign: boolean;
  /** Let HelmReleases read their charts through OCIRepositories of their own. */
  charts?: boolean;
  /** Chart repositories that also publish OCI artifacts, besides the known ones; these win. */
  chartMirrors?: ChartMirror[];
  /** `host/owner/name` of the remote `origin`, without user and password. */
  remote?: string;
}

/** A chart repository, and where the same charts are published as OCI artifacts. */
export interface ChartMirror {
  /** URL of the HelmRepository; a slash at the end does not matter. */
  repository: string;
  /** `oci://host/path`; the chart's name follows. */
  oci: string;
  /** Charts that are published there; all of them when left out. */
  charts?: string[];
}

/** JSON printed by `preflight.sh`; every field is optional, an absent one leaves an assumption in place. */
export interface Facts {
  cluster?: string;
  /** Version label of the running controllers, such as `v2.6.4`. */
  fluxVersion?: string;
  fluxInstanceReady?: boolean;
  /** Objects of the old install whose live labels and annotations show that the operator adopted them. */
  adopted?: boolean;
  guardsReconciled?: boolean;
  /** `Kind namespace/name` of every suspended Flux object. */
  suspended?: string[];
  /** `status.storedVersions` of the Flux CRDs, by CRD name. */
  storedVersions?: Record<string, string[]>;
  /** `Kind/name` of objects of the old install that lack the operator's annotations or still carry owner labels. */
  notAdopted?: string[];
  /** `Kind namespace/name` of sources and FluxKustomizations whose Ready condition is not `True`. */
  notReady?: string[];
  /** `Kind namespace/name` of Secrets and ConfigMaps that the sync needs and the cluster lacks; never their contents. */
  missing?: string[];
  /** `status.inventory` ids of every FluxKustomization, by `namespace/name`. */
  inventories?: Record<string, string[]>;
  /** URL of the live source, without user and password. */
  sourceUrl?: string;
  /** Facts of several clusters by name, from a file that holds a JSON array; the other fields are then absent. */
  clusters?: Record<string, Facts>;
}

/** Final state of one file in a phase. `before`/`after` are absent for a created/deleted file. */
export interface FileChange {
  path: string;
  before?: string;
  after?: string;
  /** Permission bits to create with, such as 0o755; kept as it is for existing files. */
  mode?: number;
}

export interface RunbookStep {
  title: string;
  /** Markdown prose, one paragraph a string. */
  body: string[];
  commands: string[];
  /** What the commands should show when all is well. */
  expect?: string;
}

export interface Runbook {
  preChecks: RunbookStep[];
  steps: RunbookStep[];
  rollback: RunbookStep[];
  rebuild: RunbookStep[];
  assumptions: string[];
  /** What `preflight.sh` looks at to turn the assumptions into facts. */
  measure: MeasureTargets;
}

/** Names of live objects; `preflight.sh` reads them and nothing else. */
export interface MeasureTargets {
  namespace: string;
  root: { namespace: string; name: string };
  /** Source of the sync under its old and its new name. */
  sources: { kind: string; namespace: string; name: string }[];
  guards: { kind: string; namespace: string; name: string; field: string; value: string }[];
  /** Secrets and ConfigMaps the sync needs; only their existence is looked at. */
  needs: { kind: string; namespace: string; name: string }[];
}

/** Old place of a patch or setting, and where it went (`undefined` = dropped, with the reason in `note`). */
export interface PatchMapping {
  from: Loc;
  title: string;
  to?: string;
  note: string;
}

/** What happens to an object when a phase is merged; see docs/merge-safety.md. */
export type ObjectFate = "kept" | "adopted" | "moved" | "recreated" | "orphaned" | "deleted" | "created" | "unknown";

/** An object that Flux may delete. */
export interface SafetyDanger {
  /** `Kind namespace/name`. */
  resource: string;
  outcome: "deleted" | "recreated";
  /** Whether the tree shows that it is still wanted. */
  wanted: boolean;
  /** 0 to 9, 9 being Flux itself. */
  rank: number;
  what: string;
  why: string;
  /** How it comes to that, the first cause first. */
  chain: string[];
  at?: Loc;
}

/** Objects that go from one owner to another, for the map of owners. */
export interface SafetyTransfer {
  /** `namespace/name` of FluxKustomizations, or `flux-operator`; absent for none. */
  from?: string;
  to?: string;
  outcome: ObjectFate;
  count: number;
  /** Some of them. */
  examples: string[];
}

/** What Flux does when a phase is merged, under every order of reconciling (design section 9). */
export interface MergeSafety {
  /** Whether it was assumed that the operator owns what it generates. */
  adopted: boolean;
  /** Of the objects that the change touches; unchanged FluxKustomizations are not counted. */
  outcomes: Partial<Record<ObjectFate, { count: number; names: string[] }>>;
  /** Biggest first. */
  dangers: SafetyDanger[];
  transfers: SafetyTransfer[];
  /** What cannot be known from the repository; never assumed safe. */
  unknown: string[];
}

export interface ClusterPlan {
  cluster: string;
  /** Where the cluster stands in the tree the plan was made from. */
  state: ClusterState;
  detected: DetectedInstall;
  edits: Edit[];
  findings: Finding[];
  patches: PatchMapping[];
  runbook: Runbook;
  /** Absent when the phase changes nothing for this cluster. */
  safety?: MergeSafety;
}

/** How far the migration of one cluster has come, judged from the tree. */
export type ClusterState = "not-started" | "partly-installed" | "installed" | "cut-over" | "done" | "unsupported";

/** What `scan` shows of a cluster; every value with the place it was read from. */
export interface DetectedInstall {
  style: string;
  namespace: string;
  version?: { value: string; at: Loc };
  components?: string[];
  source?: { kind: string; name: string; url: string; ref: string; at: Loc };
  root?: { name: string; path: string; at: Loc };
  continuous?: { style: string; at: Loc };
  bootstrap?: { style: string; version?: string; at: Loc }[];
  patches: number;
  layout: string;
  appsDir?: string;
}

export interface PhasePlan {
  phase: Phase;
  clusters: ClusterPlan[];
  /** The result of all edits of this phase, one entry a file, sorted by path. */
  files: FileChange[];
}

export interface Plan {
  tool: "fluxlift";
  version: string;
  /** Schema of this JSON; raised on a breaking change. */
  schema: 1;
  options: Options;
  scanned: { files: number; fluxFiles: number; git: { head?: string; branch?: string } | null };
  phases: PhasePlan[];
  /** Findings that belong to no cluster. */
  findings: Finding[];
  /** SHA-256 of every file an edit was derived from, as it was on disk. */
  base: Record<string, string>;
}
