/** A Go command that the bench builds, pinned. */
export interface Component {
  name: string;
  module: string;
  version: string;
  /** Package of the command inside its module. */
  pkg: string;
  ldflags?: string;
  /** Replacements beyond those that its nested modules need, `path=path@version`; each is a stand-in or has its reason. */
  replace?: string[];
  /** Empty files, for `go:embed` patterns of what a module archive does not hold. */
  placeholders?: string[];
}

/** Controllers of one Flux release, and the manifests that release installs. */
export interface Generation {
  id: "old" | "new";
  /** Release whose manifests the repositories install and the FluxInstance asks for. */
  flux: string;
  components: Component[];
  /** Where a controller is not the one of the release, and why. */
  standIns: string[];
}

const KUBERNETES = "1.34.4";
const KUBERNETES_FLAGS = [
  `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES}`,
  "-X k8s.io/component-base/version.gitMajor=1",
  `-X k8s.io/component-base/version.gitMinor=${KUBERNETES.split(".")[1]}`,
].join(" ");

const kubernetes = (name: string): Component => ({
  name,
  module: "k8s.io/kubernetes",
  version: `v${KUBERNETES}`,
  pkg: `./cmd/${name}`,
  ldflags: KUBERNETES_FLAGS,
});

const controller = (name: string, version: string, replace: string[] = []): Component => ({
  name,
  module: `github.com/fluxcd/${name}`,
  version,
  pkg: ".",
  replace,
});

/** What every run needs. */
export const CONTROL_PLANE: Component[] = [
  { name: "etcd", module: "go.etcd.io/etcd/server/v3", version: "v3.6.16", pkg: "." },
  kubernetes("kube-apiserver"),
  kubernetes("kube-controller-manager"),
  kubernetes("kube-scheduler"),
  kubernetes("kubectl"),
  { name: "kwok", module: "sigs.k8s.io/kwok", version: "v0.7.0", pkg: "./cmd/kwok" },
];

/** The sops command writes the encrypted files of scenarios that decrypt. */
export const SOPS: Component = {
  name: "sops",
  module: "github.com/getsops/sops/v3",
  version: "v3.13.2",
  pkg: "./cmd/sops",
};

/** Only one fact is asked of the Helm CLI; releases are the business of helm-controller. */
export const HELM: Component = { name: "helm", module: "helm.sh/helm/v4", version: "v4.2.4", pkg: "./cmd/helm" };

/** The release that the publish job pins is v2.6.1. */
const COSIGN: Component = {
  name: "cosign",
  module: "github.com/sigstore/cosign/v2",
  version: "v2.6.1",
  pkg: "./cmd/cosign",
};

/** Programs that the runbook's commands and the publish job call, beside kubectl. */
export const RUNBOOK_TOOLS: Component[] = [
  HELM,
  SOPS,
  { name: "yq", module: "github.com/mikefarah/yq/v4", version: "v4.53.6", pkg: "." },
  {
    name: "flux",
    module: "github.com/fluxcd/flux2/v2",
    version: "v2.9.5",
    pkg: "./cmd/flux",
    ldflags: "-X main.VERSION=2.9.5",
    // `flux install` and `flux bootstrap` need them, and nothing here calls these.
    placeholders: ["cmd/flux/manifests/none.yaml"],
  },
  COSIGN,
];

/** Programs with which owners bring their clusters up. Their helmfiles ask for options that Helm 4 no longer has (`recreatePods`). */
export const OWNER_TOOLS: Component[] = [
  { name: "helm", module: "helm.sh/helm/v3", version: "v3.22.0", pkg: "./cmd/helm" },
  { name: "task", module: "github.com/go-task/task/v3", version: "v3.53.1", pkg: "./cmd/task" },
  { name: "helmfile", module: "github.com/helmfile/helmfile", version: "v1.8.0", pkg: "." },
];

export const OPERATOR: Component = {
  name: "flux-operator",
  module: "github.com/controlplaneio-fluxcd/flux-operator",
  version: "v0.59.0",
  pkg: "./cmd/operator",
  ldflags: "-X main.VERSION=v0.59.0",
  // The version it asks for is not on the module proxy; only the login to the registry of the artifact is in it.
  replace: [
    "github.com/google/go-containerregistry/pkg/authn/kubernetes=" +
      "github.com/google/go-containerregistry/pkg/authn/kubernetes@v0.0.0-20260224031529-85f2bf5f7303",
  ],
  // Its web page is built by npm and is no part of the module.
  placeholders: ["web/dist/index.html"],
};

/** One generation before and one after kustomize-controller 1.8.5 (flux-facts 2.4 items 2 and 7). */
export const GENERATIONS: Generation[] = [
  {
    id: "old",
    flux: "2.7.5",
    components: [
      controller("source-controller", "v1.7.3"),
      controller("kustomize-controller", "v1.7.3"),
      controller("helm-controller", "v1.4.3"),
      controller("notification-controller", "v1.9.3"),
    ],
    standIns: [
      "source-controller v1.7.3 for v1.7.4, which the module proxy refuses",
      "helm-controller v1.4.3 for v1.4.5, which the module proxy refuses",
      "notification-controller v1.9.3 for v1.7.5, which the module proxy refuses (as it does v1.7.4 and v1.8.4)",
    ],
  },
  {
    id: "new",
    flux: "2.9.5",
    components: [
      controller("source-controller", "v1.9.5", [
        "github.com/fluxcd/pkg/artifact=github.com/fluxcd/pkg/artifact@v0.18.1",
      ]),
      controller("kustomize-controller", "v1.9.5"),
      controller("helm-controller", "v1.6.4"),
      controller("notification-controller", "v1.9.3"),
    ],
    standIns: [
      "source-controller v1.9.5 is built with fluxcd/pkg/artifact v0.18.1 for v0.18.3, which the module proxy refuses",
      "notification-controller v1.9.3 for v1.9.4, which the module proxy refuses",
    ],
  },
];

/** The Flux of a generation, by its id; one that is unknown by now is called by that. */
export function fluxOf(generation: string): string {
  return GENERATIONS.find(({ id }) => id === generation)?.flux ?? generation;
}

export const binaryName = ({ name, version }: Component) => `${name}-${version}`;
