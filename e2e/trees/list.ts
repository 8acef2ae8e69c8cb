import { CORE } from "../world/gotk.ts";

/** One cluster of a tree, and what its owner applied by hand to bring it up. */
export interface TreeCluster {
  /** The name fluxlift gives it. */
  name: string;
  /** Files with the source and the root, applied once. */
  sync: string[];
  /** Files applied by hand before, such as the values that the root substitutes; encrypted ones are decrypted. */
  before?: string[];
  /** How its owner brings an empty one up. */
  ownWay?: OwnWay;
}

/** What an owner types at an empty cluster, and the files that only the owner's machine has. */
export interface OwnWay {
  commands: string[];
  /** Where in the checkout the kubeconfig lies. */
  kubeconfig: string;
  /** Where in the checkout the secret half of the age key lies. */
  ageKey: string;
}

/** An artifact that is made of a folder of the repository. */
export interface OwnArtifact {
  /** Without scheme and tag, such as `ghcr.io/acme/fleet`. */
  name: string;
  folder: string;
}

/** A real repository that goes through the phases. */
export interface RealTree {
  /** Name of the state in the corpus. */
  state: string;
  /** Its repository, over HTTPS. */
  url: string;
  /** How Flux got there: by flux bootstrap, by the OCI artifact of the manifests, or by the community chart. */
  install: "gotk" | "manifests" | "chart";
  /** One after the other, each through all phases; the repository may hold more of them. */
  clusters: TreeCluster[];
  /** Each phase names its cluster, since the repository holds several. */
  several?: true;
  /** Its gotk files are placeholders, which the bench fills in for the clusters it brings up, as `flux bootstrap` would. */
  unfilled?: { components?: string[] };
  /** The OCI artifact its CI makes of every commit on main, where its clusters read that; the bench does it at once. */
  artifact?: OwnArtifact;
  /** Branches that the clusters read, where it is not `main` alone. Every commit goes to all of them. */
  branches?: string[];
}

const gotk = (name: string, path = `clusters/${name}`): TreeCluster => ({
  name,
  sync: [`${path}/flux-system/gotk-sync.yaml`],
});

/** The home-ops layout with `flux/config` and `flux/vars`. */
const homeOps = (name: string, base: string, secrets = "cluster-secrets.sops.yaml"): TreeCluster => ({
  name,
  sync: ["cluster.yaml", "flux.yaml"].map((file) => `${base}/flux/config/${file}`),
  before: [secrets, "cluster-settings.yaml"].map((file) => `${base}/flux/vars/${file}`),
});

export const TREES: RealTree[] = [
  {
    state: "AlinaNova21__home-ops__before",
    url: "https://github.com/alinanova21/home-ops",
    install: "chart",
    clusters: [
      {
        name: "default",
        sync: ["registry/oci/ocirepository.yaml", "flux-system.yaml", "cluster.yaml"].map(
          (file) => `kubernetes/flux-config/${file}`,
        ),
      },
    ],
    artifact: { name: "ghcr.io/alinanova21/home-ops", folder: "kubernetes" },
  },
  {
    state: "CJ-Jackson__homelab__live",
    url: "https://github.com/CJ-Jackson/homelab",
    install: "gotk",
    clusters: [gotk("production")],
  },
  {
    state: "CloudHub-Social__CloudHub-Cluster__live",
    url: "https://github.com/CloudHub-Social/CloudHub-Cluster.git",
    install: "gotk",
    clusters: [gotk("production", "cluster/production")],
  },
  {
    state: "controlplaneio-fluxcd__d1-fleet__before",
    url: "https://github.com/controlplaneio-fluxcd/d1-fleet.git",
    install: "gotk",
    clusters: [gotk("staging")],
    several: true,
  },
  {
    state: "fluxcd__flux2-kustomize-helm-example__live",
    url: "https://github.com/fluxcd/flux2-kustomize-helm-example",
    install: "gotk",
    clusters: [gotk("staging"), gotk("production")],
    several: true,
    unfilled: { components: [...CORE, "source-watcher"] },
  },
  {
    state: "fluxcd__flux2-multi-tenancy__live",
    url: "https://github.com/fluxcd/flux2-multi-tenancy",
    install: "gotk",
    clusters: [gotk("staging"), gotk("production")],
    several: true,
    unfilled: {},
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
    clusters: [homeOps("default", "kubernetes")],
  },
  {
    state: "onedr0p__home-ops__before",
    url: "https://github.com/onedr0p/home-ops",
    install: "chart",
    clusters: [{ name: "default", sync: ["kubernetes/main/flux/config/cluster.yaml"] }],
  },
  {
    state: "thaynes43__haynes-ops__live",
    url: "https://github.com/thaynes43/haynes-ops.git",
    install: "manifests",
    several: true,
    branches: ["main", "edge"],
    clusters: [
      {
        ...homeOps("edge", "kubernetes/edge"),
        ownWay: {
          commands: ["task edge:install-helm-apps", "task edge:bootstrap"],
          kubeconfig: "kubeconfig-edge",
          ageKey: "age.key",
        },
      },
      {
        ...homeOps("main", "kubernetes/main"),
        ownWay: {
          commands: ["task talos:install-helm-apps", "task flux:bootstrap"],
          kubeconfig: "kubeconfig",
          ageKey: "age.key",
        },
      },
    ],
  },
];
