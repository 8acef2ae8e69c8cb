/** Phases of `fluxlift migrate` and, with the same `cleanup` at the end, of `fluxlift oci`. */
export type Phase = "install" | "cutover" | "prepare" | "switch" | "cleanup";
export const PHASES: readonly Phase[] = ["install", "cutover", "cleanup"];
export const OCI_PHASES: readonly Phase[] = ["prepare", "switch", "cleanup"];

export type SyncStrategy = "adopt" | "rename" | "keep";

/** Options that change what a plan contains; one schema for flags, config and plan JSON. */
export interface Options {
  phase: Phase | "all";
  sync: SyncStrategy;
  /** Names of clusters to work on; empty means all. */
  clusters: string[];
  direct: boolean;
  /** The owner's word that the phase before is pushed, whatever the remote-tracking branch here says. */
  unpushed?: boolean;
  /** Asks where each cluster stands, too; versions that are not given are read back from what the tree has of the migration. */
  survey?: true;
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
  /** Write a helmfile that rebuilds an empty cluster also where the tree never used one. */
  rebuild?: "helmfile";
  /** What flux bootstrap would be told, for trees that it has not filled in. */
  bootstrap?: BootstrapOptions;
  /** `Kind namespace/name` of losses and unknowns that the owner takes. */
  accept?: string[];
  /** What `preflight.sh` measured on the live cluster, by cluster name; see `src/cluster/facts.ts`. */
  facts?: Facts;
  /** Settings that a cluster has of its own, by name; they win over the same ones here. */
  perCluster?: Record<string, ClusterOptions>;
  /** How generated files are written, where the owner says so; what is left out is learnt from the tree. */
  conventions?: ConventionOverrides;
  /** What the FluxKustomizations of the two apps are called; of one cluster. */
  names?: AppNames;
  /** Commands of the owner that install Flux the old way, besides those that are known. */
  rebuildCommands?: readonly string[];
  /** Files that were named, and how settings were allowed: for the command that gives this plan again. */
  typed?: TypedFlags;
  /** Set by `fluxlift oci`, and only there: the plan then takes a cluster from Git to OCI. */
  oci?: OciOptions;
}

interface TypedFlags {
  facts?: string;
  chartMirrors?: string;
  config?: string;
  trustConfig?: boolean;
}

type ClusterOptions = Partial<
  Pick<
    Options,
    | "sync"
    | "layout"
    | "fluxVersion"
    | "operatorVersion"
    | "operatorUpgrades"
    | "upgradeApis"
    | "serviceMonitor"
    | "conventions"
    | "names"
  >
> & {
  /** The branch that its source reads, where the tree does not say it. */
  branch?: string;
};

/** Names of objects; each is left as it would be where it is left out. */
export interface AppNames {
  operator?: string;
  instance?: string;
}

/** Habits that a tree shows too little of, or that are to change with the new apps. */
export interface ConventionOverrides {
  /** File of a FluxKustomization: `ks.yaml`. */
  kustomizationFile?: string;
  /** Folder below an app that its FluxKustomization builds: `app`. */
  appFolder?: string;
  /** What stands before the app in the name of its FluxKustomization: `cluster-apps-`. */
  namePrefix?: string;
  /** Files of a HelmRelease and of its chart's source, without extension. */
  releaseFile?: string;
  sourceFile?: string;
  extension?: ".yaml" | ".yml";
  /** `spec` of FluxKustomizations. */
  interval?: string;
  timeout?: string;
  retryInterval?: string;
  /** `spec.interval` of HelmReleases. */
  releaseInterval?: string;
}

/** Flags of flux bootstrap, under its names; what is left out is read from git and the folders. */
interface BootstrapOptions {
  url?: string;
  branch?: string;
  path?: string;
  secretName?: string;
}

export type Forge = "github" | "gitlab" | "azure" | "forgejo" | "bitbucket";

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
