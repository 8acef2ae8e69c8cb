import { homeTree, ks, kustomization, object } from "../../test/verify/home-tree.ts";
import {
  APP,
  type Case,
  CHESS,
  CHESS_APP,
  CONFIG,
  chess,
  claim,
  K,
  MEDIA,
  PLAYER,
  player,
  release,
  source,
} from "./house.ts";

const KS = "Kustomization flux-system/player";
const CHESS_KS = "Kustomization flux-system/chess";
const SOURCES = `${K}/flux/sources`;
const LIST = `${APP}/kustomization.yaml`;

const crd = (...versions: string[]) =>
  object("CustomResourceDefinition", "widgets.example.net", "apiextensions.k8s.io/v1", [
    "spec:",
    "  group: example.net",
    "  scope: Namespaced",
    "  names: {kind: Widget, plural: widgets}",
    "  versions:",
    ...versions.map(
      (name, at) =>
        `    - {name: ${name}, served: true, storage: ${at === 0}, schema: {openAPIV3Schema: {type: object}}}`,
    ),
  ]);

const instance = (version: string) =>
  object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", [
    "  namespace: flux-system",
    "spec:",
    `  distribution: {version: ${version}, registry: ghcr.io/fluxcd}`,
    "  components: [source-controller, kustomize-controller, helm-controller, notification-controller]",
  ]);

const script = object("ConfigMap", "script", "v1", ["data: {run.sh: 'echo ${HOST}'}"]);
const token = object("Secret", "token", "v1", [
  "stringData: {key: 'ENC[AES256_GCM,data:AA==,type:str]'}",
  "sops: {version: 3.9.0}",
]);

/** Classes j to n: something stops being applied; class o: something else is applied. */
export const STOPPED: Case[] = [
  {
    class: "j",
    change: "a source of charts is taken out of a list while both releases name it",
    flux: "The source goes: both releases stay at the chart they have, and fail once source-controller has lost it.",
    harm: ["GitRepository flux-system/charts", "HelmRelease media/player", "HelmRelease games/chess"],
    tree: {
      [`${SOURCES}/kustomization.yaml`]: kustomization(["charts.yaml", "spare.yaml"]),
      [`${SOURCES}/charts.yaml`]: source("charts"),
      [`${SOURCES}/spare.yaml`]: source("spare"),
      [`${APP}/helmrelease.yaml`]: release("player", "{host: player.example.invalid}", "charts"),
      [`${CHESS_APP}/helmrelease.yaml`]: release("chess", "{persistence: {enabled: false}}", "charts"),
    },
    edits: { [`${SOURCES}/kustomization.yaml`]: kustomization(["spare.yaml"]) },
    konflate: ["render failure"],
  },
  {
    class: "k",
    change: "a new app has a letter too few in its `path`",
    flux: "The Kustomization is made and never builds.",
    harm: ["Kustomization flux-system/radio"],
    edits: {
      [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "radio/ks.yaml"]),
      [`${K}/apps/media/radio/ks.yaml`]: ks("radio", `${K}/apps/media/rado/app`, ["targetNamespace: media"]),
      [`${K}/apps/media/radio/app/settings.yaml`]: object("ConfigMap", "radio", "v1", ["data: {a: b}"]),
    },
    konflate: ["render failure"],
  },
  {
    class: "l",
    change: "two apps wait for each other by `dependsOn`",
    flux: "Neither is applied again.",
    harm: [KS, CHESS_KS],
    tree: { [CHESS]: chess("dependsOn: [{name: player}]") },
    edits: { [PLAYER]: player("dependsOn: [{name: chess}]") },
    konflate: ["render failure"],
  },
  {
    class: "m",
    change: "the storage class of a claim changes, without `force`",
    flux: "The API server refuses it, and nothing more of that Kustomization is applied.",
    harm: [KS, "PersistentVolumeClaim media/player"],
    edits: { [`${APP}/pvc.yaml`]: claim("player", "slow") },
    konflate: ["immutable-field"],
  },
  {
    class: "m",
    change: "a version leaves a CRD while an object of another app is written in it",
    flux: "That app is refused from then on.",
    harm: ["Widget games/board"],
    tree: {
      [`${K}/flux/crd.yaml`]: crd("v1", "v1alpha1"),
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "board.yaml"]),
      [`${CHESS_APP}/board.yaml`]: object("Widget", "board", "example.net/v1alpha1"),
    },
    edits: { [`${K}/flux/crd.yaml`]: crd("v1") },
    konflate: [],
  },
  {
    class: "n",
    change: "a FluxInstance moves to a Flux that serves an API version no more which an Alert uses",
    flux: "The Alert is refused, and with it all of its Kustomization.",
    harm: ["Alert flux-system/all"],
    tree: {
      [`${CONFIG}/instance.yaml`]: instance("2.6.x"),
      [`${CONFIG}/kustomization.yaml`]: kustomization(["cluster.yaml", "instance.yaml"]),
      [`${K}/flux/alert.yaml`]: object("Alert", "all", "notification.toolkit.fluxcd.io/v1beta2", [
        "  namespace: flux-system",
        "spec: {eventSources: []}",
      ]),
    },
    edits: { [`${CONFIG}/instance.yaml`]: instance("2.9.x") },
    konflate: [],
  },
  {
    class: "o",
    change: "`spec.postBuild` of an app is taken out while a file of it holds a variable",
    flux: "`${HOST}` is applied as it is written.",
    harm: ["ConfigMap media/script"],
    tree: {
      [PLAYER]: player("postBuild: {substitute: {HOST: player}}"),
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "script.yaml"]),
      [`${APP}/script.yaml`]: script,
    },
    edits: { [PLAYER]: player() },
    konflate: [],
  },
  {
    class: "o",
    change: "`spec.decryption` of an app is taken out while a Secret of it is encrypted",
    flux: "Nothing of it is applied any more: kustomize-controller refuses encrypted Secrets.",
    harm: ["Secret media/token"],
    tree: {
      [PLAYER]: player("decryption: {provider: sops, secretRef: {name: sops-age}}"),
      [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "secret.yaml"]),
      [`${APP}/secret.yaml`]: token,
      [`${CONFIG}/cluster.yaml`]: homeTree()[`${CONFIG}/cluster.yaml`]!,
    },
    edits: { [PLAYER]: player() },
    konflate: [],
  },
];
