import type { InstallStyle } from "./objects.ts";

/** How a line installs Flux without the operator. */
export type InstallWay =
  | "terraform"
  | "rendered"
  | "fetched"
  | "chart-read"
  | "k3s-manifests"
  | "k0s-manifests"
  | "timoni"
  | "olm"
  | "export"
  | "listing"
  | "scheduled"
  | "bootstrap"
  | "install"
  | "manifests"
  | "address"
  | "setting"
  | "searched"
  | "stray"
  | "chart"
  | "chart-kept"
  | "inflated"
  | "chart-sync"
  | "declared"
  | "argo"
  | "k3s"
  | "reconciler"
  | "embedded"
  | "machine"
  | "program"
  | "manager"
  | "runs"
  | "azure"
  | "comment"
  | "elsewhere"
  | "own";

/** Something other than Flux that installs the community chart, what applies a copy of the manifests of Flux, Timoni, or a program. */
export interface InstallElsewhere {
  by:
    | "argo"
    | "k3s"
    | "k3s-manifests"
    | "k0s-manifests"
    | "reconciler"
    | "embedded"
    | "machine"
    | "program"
    | "timoni"
    | "olm"
    | "terraform"
    | "rendered"
    | "umbrella"
    | "helm";
  file: string;
  line: number;
  /** `Application flux`, `HelmChart flux`, the address of the block in its state, the folder of a chart, or the file that has Helm install it. */
  name: string;
  /** Its values hold hooks of Helm, such as source and root in `extraObjects`. */
  hooks?: true;
  /** The file of the manifests that it applies, where it is no chart. */
  applies?: string;
}

/** Who has the operator already: something else, a ResourceSet, Flux by its manifests in `applied`, or what fetches those. */
export type KeptOperator =
  | { name: string; by: InstallElsewhere["by"] }
  | { set: string; release: string }
  | { applied: string }
  | { fetched: true };

/** In which way the file of an install is not whole. */
export type BrokenInstall =
  | { how: "no-controller" }
  /** `owner` applies the CRDs, `other` the controllers in `file`. */
  | { how: "apart"; owner: string; other: string; file: string }
  | { how: "no-yaml" | "twice"; resource: string }
  | { how: "cut-off"; resource: string; what: string }
  | { how: "in-part"; component: string; count: number };

/** Controllers whose selectors a setting changes. */
export interface Selected {
  namespace: string;
  deployments: readonly string[];
}

/** What an install lacks that an object needs. */
export interface MissingComponent {
  resource: string;
  component: string;
  style: InstallStyle;
  /** Whether it reads what the component makes. */
  isReader: boolean;
  /** The release that has no such component. */
  tooOld?: string | undefined;
}
