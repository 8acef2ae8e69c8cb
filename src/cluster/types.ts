import type { Unknown } from "../contract/answer.ts";
import type { Loc } from "../contract/errors.ts";
import type { DraftFinding, Finding } from "../contract/finding.ts";
import type {
  Claim,
  DeliveredFluxObject,
  InstallStyle,
  KubeObject,
  SourcePatch,
  YamlData,
  YamlMap,
} from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";

/** One way Flux gets installed for a cluster, with what it says. */
export interface Install {
  style: InstallStyle;
  /** `continuous`: Flux keeps applying it. `bootstrap`: a person or a script applies it once. */
  role: "continuous" | "bootstrap";
  at: Loc;
  /** The documents that are this install and nothing else; removing them removes it. */
  objects: KubeObject[];
  /** FluxKustomizations whose folder holds nothing but this install: empty without it, they go with it. */
  deliverers?: KubeObject[];
  /** Another one that lies beside the root and that nothing lists: it would be taken for the install once this is gone. */
  leftovers?: KubeObject[];
  /** What shapes it further out on its way to the cluster: kustomizations, and the FluxKustomization that builds them. */
  around?: KubeObject[];
  /** Whether nothing but patches and replicas of the components of its own kustomization reaches it: these are in `patches`. */
  readsComponents?: boolean;
  /** The folder, for an install that is a kustomization. */
  dir?: string;
  /** `v2.6.4`; absent when it floats (`latest`, a branch) or cannot be read. */
  version?: Claim<string>;
  /** Where the controllers run, when the install says another namespace than `flux-system`. */
  namespace?: string;
  /** Version of the `flux2` chart, for style `community-chart`. */
  chartVersion?: Claim<string>;
  /** Where a copy of that chart lies, if it is none of the published ones. */
  chartCopy?: { chart: string; source: string };
  components: string[];
  /** Made of the bases of single components, without the network policies of the release. */
  lacksPolicies?: true;
  registry?: Claim<string>;
  patches: SourcePatch[];
  /** What only style `gotk` has. */
  gotk?: GotkDetails;
}

/** A Flux for somebody else, which watches its own namespace alone. */
export interface OtherInstall extends Install {
  namespace: string;
  /** Whether nothing reconciles it, so that it may not run. */
  isSuspended: boolean;
}

/** A FluxInstance that is already described in the tree, as a manifest or as values of the flux-instance chart. */
export interface InstanceDescription {
  at: Loc;
  object: KubeObject;
  form: "manifest" | "chart";
  /** The FluxInstance spec, or `values.instance` of the chart; empty where neither is there. */
  spec: YamlMap;
  /** All values of the chart that can be read, wherever they are kept. */
  values?: YamlData;
  /** Its namespace, where the manifest leaves it to what delivers it. */
  namespace?: string | undefined;
  /**
   * Where the manifest has variables in `sync.path`, as that of several clusters does: what stands for them here, and the
   * folder above the last of them (`clusters/one` for `clusters/${CLUSTER}/flux`).
   */
  filled?: { values: readonly string[]; folder: string };
  /** Values of the chart that are kept elsewhere and may say more than `spec`. */
  unread?: readonly Unknown[];
  delivered: boolean;
  /** The FluxKustomization that delivers it. */
  parent?: DeliveredFluxObject;
}

/** What a cluster starts from. */
export interface Start {
  /** Undefined when only a FluxInstance says what is synced. */
  source?: KubeObject;
  /** Made up from the FluxInstance when `rootFrom` is `instance`. */
  root: KubeObject;
  rootFrom: "manifest" | "instance";
  /** Folder of the repository that is the root of the source's artifact; `''` for Git. */
  artifactRoot: string;
  /** The folder whose build somebody applied to bring source and root, where nothing delivers these and that is known. */
  appliedIn?: string;
  /** Other starting points on the same source that nothing delivers and that cannot be told apart from `root`. */
  rivals: readonly KubeObject[];
  /** Others applied by hand that build folders of their own, while `root` delivers none either: there is no one root. */
  peers: readonly KubeObject[];
}

/** One root of reconciliation: a source, a root FluxKustomization and a Flux install. */
export interface Cluster extends Start {
  /** Unique in the repository, derived from the graph (`main`, `edge`; `default` where there is only one). */
  name: string;
  /** Of the controllers, the operator and the FluxInstance. */
  namespace: string;
  /**
   * `source` as Flux reads it, with what patches on its way give it (URL, ref, `ignore`, Secret). What the cluster fetches is
   * asked of this one, where a value stands of `source`.
   */
  runningSource?: KubeObject;
  /** The FluxKustomizations reached from the root, the root first; parents before children. */
  kustomizations: DeliveredFluxObject[];
  /** Those of them that only deliver themselves, and run in the cluster beside the root. */
  companions: readonly DeliveredFluxObject[];
  /** Those of them that read this repository, the root first: only their paths are folders of the tree. */
  local: DeliveredFluxObject[];
  /**
   * Every other Flux object delivered to the cluster (sources, HelmReleases, Receivers, Alerts, automations). Worked out when
   * it is asked for, which takes as long as a build of everything: `{ ...cluster }` asks.
   */
  objects: DeliveredFluxObject[];
  /** Those of `objects` in files whose text may matter; no other file is parsed. */
  findObjects(mayMatter: (text: string) => boolean): DeliveredFluxObject[];
  /** Files any FluxKustomization of this cluster reads, to tell delivered files from files that only lie there. */
  files: ReadonlySet<string>;
  /**
   * Those of them that hold objects, or shape some, as patches do. A manifest that a generator puts into a ConfigMap, for
   * Cluster API or a Job to apply somewhere, is text: nothing in it is an object of this cluster.
   */
  manifests: ReadonlySet<string>;
  /** FluxKustomizations with a kubeconfig, and the files that each of them applies to another cluster. */
  remotes: readonly { by: DeliveredFluxObject; files: ReadonlySet<string> }[];
  /** All of those files. */
  elsewhere: ReadonlySet<string>;
  install?: Install;
  /** Other Flux that it delivers to namespaces of the same cluster. */
  otherInstalls?: readonly OtherInstall[];
  bootstraps: Install[];
  instances: InstanceDescription[];
  operators: KubeObject[];
  /** Branch named by the source, when it is one. */
  branch?: string;
  /** Tag of git that the source names, or the range of versions of which it reads the newest tag. */
  tag?: { name: string; isRange: boolean };
  layout: LayoutModel;
  /** What makes this cluster unworkable, found while building the model. */
  findings: Finding[];
}

/** Where new apps go in this cluster's part of the repository. */
export interface LayoutModel {
  kind: "apps" | "manifests";
  /** Folder that holds one folder a namespace (`kubernetes/apps`), for `apps`. */
  appsDir?: string;
  /** Folder of the Flux namespace inside it (`kubernetes/apps/flux-system`). */
  namespaceDir?: string;
  /** FluxKustomization that delivers `appsDir`, or `namespaceDir` where each namespace has one of its own. */
  parent?: DeliveredFluxObject;
}

/** A place that looks like a cluster and is none of the recognised ones. */
export interface LeftOut {
  object: KubeObject;
  /** The source that it reads, where it may well be in a recognised cluster and not the start of another one. */
  source?: KubeObject;
  /** Whether an install of Flux lies below it. */
  installs?: true;
  /** Why it is none: the end of a sentence that starts with the object. */
  why: string;
  /** Whether it is only a copy of what a recognised cluster does, or lies in an archive. */
  isCopy: boolean;
  /** The cluster whose root it is once more, read alike: it goes with that one. */
  copyOf?: string;
  next: string;
}

export interface RepoModel {
  tree: Tree;
  objects: KubeObject[];
  clusters: Cluster[];
  leftOut: LeftOut[];
  /** Installs applied by hand of which nothing says whose they are; never looked into, never deleted. */
  strays: Install[];
  /** Whole-repository findings: broken YAML that mentions Flux, templates, nothing recognised. */
  findings: Finding[];
}

/** The image of a controller: `ghcr.io/fluxcd/source-controller:v1.5.0`. */
export interface ImageReference {
  component: string;
  /** `ghcr.io/fluxcd`. */
  registry: string;
  /** The name of the image in the registry. */
  image: string;
  tag?: string;
  digest?: string;
  at: Loc;
}

/** One document of a large file, named from its text; its body is parsed only when asked for. */
export interface LazyDocument extends Omit<KubeObject, "data"> {
  line: number;
  /** Without the `---` line. */
  text: string;
  /** The parsed document; undefined when it is no valid YAML. */
  data(): YamlMap | undefined;
}

/** What a gotk install says beyond the fields all styles share. */
export interface GotkDetails {
  /** The documents of the install, hand-added ones left out. */
  documents: LazyDocument[];
  /** Documents somebody added to the file: they stay delivered. */
  foreign: LazyDocument[];
  /** Namespace of the controllers. */
  namespace: string;
  /** How the names of its RBAC end: in the namespace, or in nothing as in the files of a release (flux-facts 4.6). */
  suffix: string;
  /** Images after `images` entries of kustomizations. */
  images: ImageReference[];
  commonMetadata: { labels: Record<string, string>; annotations: Record<string, string> };
  /** Patches that only shape the source and the root; they come along with those. */
  syncPatches: SourcePatch[];
  findings: DraftFinding[];
}

/** When a command of a job runs. */
export interface Runs {
  /** What starts it by itself, the most that does: a merge, or a tag of Git or a release; else a person does, or nothing. */
  by: "merge" | "tag" | "hand";
  /** The branches whose merges start it, where they are written out. */
  branches?: readonly string[];
}
