import type { Finding } from "../engine/types.ts";
import type { Loc } from "../errors.ts";
import type { Tree } from "../workspace/tree.ts";
import type { GotkDetails } from "./gotk/read.ts";

/** A value read from the repository together with the place that says so. */
export interface Claim<T> {
  value: T;
  at: Loc;
}

// biome-ignore lint/suspicious/noExplicitAny: parsed YAML has no static shape; readers narrow what they use
export type YamlData = any;

/** One Kubernetes object as a YAML document of a file. */
export interface KubeObject {
  file: string;
  /** Index of the document in its file, counting every document, also empty ones. */
  doc: number;
  apiVersion: string;
  kind: string;
  name: string;
  /** As written; `''` when the document leaves it out. */
  namespace: string;
  data: YamlData;
}

/** An object as it reaches a cluster: which FluxKustomization delivers it, and its namespace after transformers. */
export interface DeliveredFluxObject {
  object: KubeObject;
  /** After `namespace:` of kustomizations and `targetNamespace`. */
  namespace: string;
  /** The FluxKustomization that delivers it; undefined for what only bootstrap applies. */
  parent?: DeliveredFluxObject;
  /** The object after patches of parents (kustomize patches of folders are not included), see `src/flux/effective.ts`. */
  effective: YamlData;
}

export type InstallStyle = "gotk" | "oci-manifests" | "remote-install" | "community-chart" | "operator";

/** Where a patch of the old install stands, and the patch as data. */
export interface SourcePatch {
  at: Loc;
  /** The file and document and path of the list item, for copying its text with comments. */
  file: string;
  doc: number;
  path: readonly (string | number)[];
  /** The patch body as text, whatever its legacy form; files are inlined. */
  body: string;
  target?: PatchTarget;
  /** Which kustomize field it came from. */
  form: "patches" | "patchesStrategicMerge" | "patchesJson6902" | "chart-values" | "hand-edit";
}

export interface PatchTarget {
  group?: string;
  version?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  labelSelector?: string;
  annotationSelector?: string;
}

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
  /** The folder, for an install that is a kustomization. */
  dir?: string;
  /** `v2.6.4`; absent when it floats (`latest`, a branch) or cannot be read. */
  version?: Claim<string>;
  /** Where the controllers run, when the install says another namespace than `flux-system`. */
  namespace?: string;
  /** Version of the `flux2` chart, for style `community-chart`. */
  chartVersion?: Claim<string>;
  components: string[];
  registry?: Claim<string>;
  imagePullSecret?: Claim<string>;
  domain?: Claim<string>;
  patches: SourcePatch[];
  /** What only style `gotk` has. */
  gotk?: GotkDetails;
}

/** A FluxInstance that is already described in the tree, as a manifest or as values of the flux-instance chart. */
export interface InstanceDescription {
  at: Loc;
  object: KubeObject;
  form: "manifest" | "chart";
  /** The FluxInstance spec, or `values.instance` of the chart. */
  spec: YamlData;
  delivered: boolean;
  /** The FluxKustomization that delivers it. */
  parent?: DeliveredFluxObject;
}

/** One root of reconciliation: a source, a root FluxKustomization and a Flux install. */
export interface Cluster {
  /** Unique in the repository, derived from the graph (`main`, `edge`; `default` where there is only one). */
  name: string;
  namespace: string;
  /** Undefined when only a FluxInstance says what is synced. */
  source?: KubeObject;
  /** Made up from the FluxInstance when `rootFrom` is `instance`. */
  root: KubeObject;
  rootFrom: "manifest" | "instance";
  /** Folder of the repository that is the root of the source's artifact; `''` for Git. */
  artifactRoot: string;
  /** The FluxKustomizations reached from the root, the root first; parents before children. */
  kustomizations: DeliveredFluxObject[];
  /** Those of them that read this repository, the root first: only their paths are folders of the tree. */
  local: DeliveredFluxObject[];
  /** Every other Flux object delivered to the cluster (sources, HelmReleases, Receivers, Alerts, automations). */
  objects: DeliveredFluxObject[];
  /** Those of `objects` in files whose text may matter; no other file is parsed. */
  findObjects(mayMatter: (text: string) => boolean): DeliveredFluxObject[];
  /** Files any FluxKustomization of this cluster reads, to tell delivered files from files that only lie there. */
  files: ReadonlySet<string>;
  install?: Install;
  bootstraps: Install[];
  instances: InstanceDescription[];
  operators: KubeObject[];
  /** Branch named by the source, when it is one. */
  branch?: string;
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
  /** FluxKustomization that delivers `appsDir`. */
  parent?: DeliveredFluxObject;
}

export interface RepoModel {
  tree: Tree;
  objects: KubeObject[];
  clusters: Cluster[];
  /** Whole-repository findings: broken YAML that mentions Flux, templates, nothing recognised. */
  findings: Finding[];
}
