/** One cluster of a tree, and what its owner applied by hand to bring it up. */
export interface TreeCluster {
  /** The name fluxlift gives it. */
  name: string;
  /** Files with the source and the root, applied once. */
  sync: string[];
  /** Files applied by hand before, such as the values that the root substitutes; encrypted ones are decrypted. */
  before?: string[];
}

/** A real repository that goes through the phases. */
export interface RealTree {
  /** Name of the state in the corpus. */
  state: string;
  /** Its repository, over HTTPS. */
  url: string;
  /** How Flux got there: `gotk` by flux bootstrap, `manifests` by the OCI artifact of the manifests. */
  install: "gotk" | "manifests";
  clusters: TreeCluster[];
  /** Flags of every phase. */
  args?: string[];
}

const gotk = (name: string, path = `clusters/${name}`): TreeCluster => ({
  name,
  sync: [`${path}/flux-system/gotk-sync.yaml`],
});

export const TREES: RealTree[] = [
  {
    state: "CJ-Jackson__homelab__live",
    url: "https://github.com/CJ-Jackson/homelab",
    install: "gotk",
    clusters: [gotk("production")],
  },
  {
    state: "controlplaneio-fluxcd__d1-fleet__before",
    url: "https://github.com/controlplaneio-fluxcd/d1-fleet.git",
    install: "gotk",
    clusters: [gotk("staging")],
    args: ["--cluster", "staging"],
  },
  {
    state: "QuantumDancer__flux-cluster-config__live",
    url: "https://gitlab.home.rottlr.de/homelab/flux-cluster-config.git",
    install: "gotk",
    clusters: [gotk("prod")],
  },
  {
    state: "bluevulpine__flux-talos__before",
    url: "https://github.com/bluevulpine/flux-talos.git",
    install: "manifests",
    clusters: [
      {
        name: "default",
        sync: ["kubernetes/flux/config/cluster.yaml", "kubernetes/flux/config/flux.yaml"],
        before: ["kubernetes/flux/vars/cluster-secrets.sops.yaml", "kubernetes/flux/vars/cluster-settings.yaml"],
      },
    ],
  },
];
