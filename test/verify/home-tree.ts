const FLUX = "kustomize.toolkit.fluxcd.io/v1";

/** A FluxKustomization document; `extra` are spec lines. */
export function ks(name: string, path: string, extra: string[] = [], source = "home"): string {
  return [
    "---",
    `apiVersion: ${FLUX}`,
    "kind: Kustomization",
    "metadata:",
    `  name: ${name}`,
    "  namespace: flux-system",
    "spec:",
    "  interval: 30m",
    `  path: ./${path}`,
    "  prune: true",
    "  sourceRef:",
    "    kind: GitRepository",
    `    name: ${source}`,
    ...extra.map((line) => `  ${line}`),
    "",
  ].join("\n");
}

export function kustomization(resources: string[], extra: string[] = []): string {
  return [
    "apiVersion: kustomize.config.k8s.io/v1beta1",
    "kind: Kustomization",
    ...extra,
    "resources:",
    ...resources.map((item) => `  - ${item}`),
    "",
  ].join("\n");
}

export function object(kind: string, name: string, apiVersion = "v1", extra: string[] = []): string {
  return ["---", `apiVersion: ${apiVersion}`, `kind: ${kind}`, "metadata:", `  name: ${name}`, ...extra, ""].join("\n");
}

export const release = (name: string, spec: string[] = []) =>
  object("HelmRelease", name, "helm.toolkit.fluxcd.io/v2", [
    "spec:",
    "  interval: 1h",
    "  chart: {spec: {chart: app, sourceRef: {kind: HelmRepository, name: charts}}}",
    ...spec.map((line) => `  ${line}`),
  ]);

export const gitSource = (name: string) =>
  object("GitRepository", name, "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 30m",
    "  url: https://git.example.invalid/me/home.git",
    "  ref: {branch: main}",
  ]);

/** A secret as SOPS leaves it; nothing in it is one. */
const encrypted = object("Secret", "settings", "v1", [
  "  namespace: flux-system",
  "stringData: {key: 'ENC[AES256_GCM,data:AA==,type:str]'}",
  "sops: {version: 3.9.0}",
]);

export const ROOT_SETTINGS = [
  "decryption: {provider: sops, secretRef: {name: sops-age}}",
  "postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}",
];

/** A small tree in the home-ops manner: a root, `cluster-apps`, two apps, Flux from the flux-manifests artifact. */
export function homeTree(): Record<string, string> {
  return {
    "kubernetes/flux/config/cluster.yaml": gitSource("home") + ks("cluster", "kubernetes/flux", ROOT_SETTINGS),
    "kubernetes/flux/config/flux.yaml":
      object("OCIRepository", "flux-manifests", "source.toolkit.fluxcd.io/v1", [
        "  namespace: flux-system",
        "spec:",
        "  interval: 10m",
        "  url: oci://ghcr.io/fluxcd/flux-manifests",
        "  ref: {tag: v2.6.4}",
      ]) +
      ks("flux", "", ["wait: true"], "flux-manifests")
        .replace("kind: GitRepository", "kind: OCIRepository")
        .replace("path: ./", "path: ./"),
    "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml", "flux.yaml"]),
    "kubernetes/flux/vars/settings.sops.yaml": encrypted,
    "kubernetes/flux/vars/cluster-settings.yaml": object("ConfigMap", "cluster-settings", "v1", [
      "  namespace: flux-system",
      "data: {DOMAIN: example.invalid}",
    ]),
    "kubernetes/flux/apps.yaml": ks("cluster-apps", "kubernetes/apps"),
    "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml", "player/ks.yaml"]),
    "kubernetes/apps/media/namespace.yaml": object("Namespace", "media"),
    "kubernetes/apps/media/player/ks.yaml": ks("player", "kubernetes/apps/media/player/app", [
      "targetNamespace: media",
    ]),
    "kubernetes/apps/media/player/app/kustomization.yaml": kustomization(["helmrelease.yaml", "pvc.yaml"]),
    "kubernetes/apps/media/player/app/helmrelease.yaml": release("player", ["values: {host: 'player.${DOMAIN}'}"]),
    "kubernetes/apps/media/player/app/pvc.yaml": object("PersistentVolumeClaim", "player"),
    "kubernetes/apps/games/kustomization.yaml": kustomization(["namespace.yaml", "chess/ks.yaml"]),
    "kubernetes/apps/games/namespace.yaml": object("Namespace", "games"),
    "kubernetes/apps/games/chess/ks.yaml": ks("chess", "kubernetes/apps/games/chess/app", [
      "targetNamespace: games",
      "dependsOn: [{name: player}]",
    ]),
    "kubernetes/apps/games/chess/app/kustomization.yaml": kustomization(["helmrelease.yaml"]),
    "kubernetes/apps/games/chess/app/helmrelease.yaml": release("chess"),
  };
}

/** The same cluster run by the operator; its FluxInstance is a manifest below the root. */
export function operatorTree(): Record<string, string> {
  const tree = homeTree();
  delete tree["kubernetes/flux/config/flux.yaml"];
  delete tree["kubernetes/flux/config/cluster.yaml"];
  for (const [path, text] of Object.entries(tree))
    tree[path] = text.replaceAll("    name: home\n", "    name: flux-system\n");
  tree["kubernetes/flux/config/kustomization.yaml"] = kustomization(["instance.yaml"]);
  tree["kubernetes/flux/config/instance.yaml"] = object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}",
    "  components: [source-controller, kustomize-controller, helm-controller, notification-controller, image-reflector-controller]",
    "  sync: {kind: GitRepository, url: 'https://git.example.invalid/me/home.git', ref: refs/heads/main, path: kubernetes/flux}",
  ]);
  return tree;
}
