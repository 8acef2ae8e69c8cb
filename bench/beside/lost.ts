import { ks, kustomization, object } from "../../test/verify/home-tree.ts";
import {
  APP,
  type Case,
  CHESS,
  CHESS_APP,
  CONFIG,
  claim,
  GAMES,
  house,
  K,
  MEDIA,
  PLAYER,
  player,
  URL,
} from "./house.ts";

const LIST = `${APP}/kustomization.yaml`;
const KS = "Kustomization flux-system/player";

const instance = (sync: string) =>
  object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    "  annotations: {kustomize.toolkit.fluxcd.io/force: enabled}",
    "spec:",
    `  distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}`,
    `  sync: {kind: GitRepository, url: '${URL}', ref: refs/heads/main, path: ${K}/flux, name: ${sync}}`,
  ]);

const SET = `${CONFIG}/tenants.yaml`;
const set = (inputs: string) =>
  object("ResourceSet", "tenants", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    "spec:",
    `  inputs: ${inputs}`,
    "  resources:",
    "    - apiVersion: kustomize.toolkit.fluxcd.io/v1",
    "      kind: Kustomization",
    "      metadata: {name: << inputs.name >>, namespace: flux-system}",
    "      spec: {interval: 1h, prune: true, targetNamespace: media, path: './tenants/<< inputs.name >>', sourceRef: {kind: GitRepository, name: home}}",
  ]);

const SECOND = "clusters/second";

/** Classes a to i: something goes. */
export const LOST: Case[] = [
  {
    class: "a",
    change: "`resource:` is written for `resources:` in the folder of an app",
    flux: "kustomize-controller reads it as a list of nothing: all of the app is pruned, its data among it.",
    harm: ["HelmRelease media/player", "PersistentVolumeClaim media/player"],
    edits: { [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml"]).replace("resources:", "resource:") },
    konflate: ["removed-pvc"],
  },
  {
    class: "b",
    change: "an old branch takes out the namespace of the games, into which main has put a claim since",
    flux: "The namespace goes, and the new app with it.",
    harm: ["Namespace games", "Kustomization flux-system/go", "PersistentVolumeClaim games/go"],
    edits: {
      [GAMES]: undefined,
      [`${K}/apps/games/namespace.yaml`]: undefined,
      [CHESS]: undefined,
      [`${CHESS_APP}/kustomization.yaml`]: undefined,
      [`${CHESS_APP}/helmrelease.yaml`]: undefined,
    },
    since: {
      [`${K}/apps/media/kustomization.yaml`]: kustomization(["namespace.yaml", "player/ks.yaml", "go/ks.yaml"]),
      [`${K}/apps/media/go/ks.yaml`]: ks("go", `${K}/apps/media/go/app`, ["targetNamespace: games"]),
      [`${K}/apps/media/go/app/claim.yaml`]: claim("go"),
    },
    konflate: ["removed-namespace"],
  },
  {
    class: "c",
    change: "the template of a claim is taken out of a chart in the repository, and the chart gets a new version",
    flux: "Helm deletes the claim with the next upgrade.",
    harm: ["PersistentVolumeClaim media/player-data"],
    edits: {
      "charts/app/templates/claim.yaml": undefined,
      "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.1.0\n",
    },
    konflate: [],
  },
  {
    class: "d",
    change: "a `path` is pointed at another folder in a cluster that Terraform starts",
    flux: "What the old folder held is pruned, the claim with its data among it.",
    harm: ["PersistentVolumeClaim shop/orders"],
    tree: {
      [`${SECOND}/apps.yaml`]: ks("shop", "shop", ["targetNamespace: shop"], "flux-system"),
      [`${SECOND}/blog.yaml`]: ks("blog", "blog", ["targetNamespace: blog"], "flux-system"),
      [`${SECOND}/spaces.yaml`]: object("Namespace", "shop") + object("Namespace", "blog"),
      "shop/claim.yaml": claim("orders"),
      "blog/settings.yaml": object("ConfigMap", "blog", "v1", ["data: {a: b}"]),
      "infra/main.tf": `resource "flux_bootstrap_git" "this" {\n  path = "${SECOND}"\n}\n`,
    },
    edits: { [`${SECOND}/apps.yaml`]: ks("shop", "blog", ["targetNamespace: shop"], "flux-system") },
    konflate: ["removed-pvc"],
  },
  {
    class: "e",
    change: "the storage class of a claim changes below `force: true`",
    flux: "Flux deletes the claim with its data and makes an empty one.",
    harm: ["PersistentVolumeClaim media/player"],
    tree: { [PLAYER]: player("force: true") },
    edits: { [`${APP}/pvc.yaml`]: claim("player", "slow") },
    konflate: ["immutable-field"],
  },
  {
    class: "f",
    change: "a tenant is renamed in the inputs of a ResourceSet",
    flux: "The Kustomization of the old name goes with all it holds.",
    harm: ["Kustomization flux-system/one", "PersistentVolumeClaim media/one"],
    tree: {
      [SET]: set("[{name: one}, {name: two}]"),
      [`${CONFIG}/kustomization.yaml`]: kustomization(["cluster.yaml", "tenants.yaml"]),
      "tenants/one/claim.yaml": claim("one"),
      "tenants/two/claim.yaml": claim("two"),
      "tenants/three/settings.yaml": object("ConfigMap", "three", "v1", ["data: {a: b}"]),
    },
    edits: { [SET]: set("[{name: three}, {name: two}]") },
    konflate: ["removed-pvc"],
  },
  {
    class: "g",
    change: "`ignore` of the source grows by a pattern that matches the claims",
    flux: "The artifact lacks them, and they are pruned with their data.",
    harm: ["PersistentVolumeClaim games/saves"],
    tree: {
      [`${K}/apps/games/chess/app/kustomization.yaml`]: undefined,
      [`${K}/apps/games/chess/app/saves/data.yaml`]: claim("saves"),
    },
    edits: {
      [`${CONFIG}/cluster.yaml`]: house()[`${CONFIG}/cluster.yaml`]!.replace(
        "  ref: {branch: main}",
        "  ref: {branch: main}\n  ignore: data.yaml",
      ),
    },
    konflate: [],
  },
  {
    class: "h",
    change: "`sync.name` of a FluxInstance that may be replaced by `force` changes",
    flux: "The FluxInstance is deleted and made anew, which uninstalls Flux.",
    harm: ["FluxInstance flux-system/flux"],
    tree: {
      [`${CONFIG}/instance.yaml`]: instance("home"),
      [`${CONFIG}/kustomization.yaml`]: kustomization(["cluster.yaml", "instance.yaml"]),
      [`${CONFIG}/cluster.yaml`]: house()[`${CONFIG}/cluster.yaml`]!.replace("  name: cluster\n", "  name: home\n"),
    },
    edits: { [`${CONFIG}/instance.yaml`]: instance("other") },
    konflate: [],
  },
  {
    class: "i",
    change: "a `ks.yaml` is copied and keeps the path of the first",
    flux: "Two Kustomizations own one claim; whichever goes first deletes it for both.",
    harm: [KS, "PersistentVolumeClaim media/player"],
    edits: {
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "radio/ks.yaml"]),
      [`${K}/apps/media/radio/ks.yaml`]: player().replace("name: player", "name: radio"),
    },
    konflate: [],
  },
];
