import { homeTree, ks, kustomization, object } from "../../test/verify/home-tree.ts";
import type { Edits, Files } from "../../test/verify/judge.ts";

/** A change that both tools are asked about. */
export interface Case {
  /** The class of docs/verify.md, `a` to `o`, or `everyday`. */
  class: string;
  /** What its author did. */
  change: string;
  /** What Flux does with it. */
  flux: string;
  /** `Kind namespace/name` of what is lost, refused, orphaned or never applied again; none where the change is harmless. */
  harm: string[];
  /** The tree before, where it is not the house as it is. */
  tree?: Edits;
  edits: Edits;
  /** What the main branch has gained since the branch of the change began. */
  since?: Edits;
  /** The warnings of konflate that apply, read in its source: names of its rules, and what to know of them. */
  konflate: string[];
}

export const K = "kubernetes";
export const URL = "https://git.example.invalid/me/home.git";
export const MEDIA = `${K}/apps/media/kustomization.yaml`;
export const GAMES = `${K}/apps/games/kustomization.yaml`;
export const PLAYER = `${K}/apps/media/player/ks.yaml`;
export const CHESS = `${K}/apps/games/chess/ks.yaml`;
export const APP = `${K}/apps/media/player/app`;
export const CHESS_APP = `${K}/apps/games/chess/app`;
export const CONFIG = `${K}/flux/config`;

/** The Kustomization of the player, with more in its spec. */
export const player = (...spec: string[]) => ks("player", APP, ["targetNamespace: media", ...spec]);
export const chess = (...spec: string[]) => ks("chess", CHESS_APP, ["targetNamespace: games", ...spec]);

/** A claim with a class and a size. */
export const claim = (name: string, storageClass = "fast") =>
  object("PersistentVolumeClaim", name, "v1", [
    "spec:",
    "  accessModes: [ReadWriteOnce]",
    `  storageClassName: ${storageClass}`,
    "  resources: {requests: {storage: 5Gi}}",
  ]);

/** A release of a chart that lies in this repository, so that nobody has to fetch one. */
export const release = (name: string, values: string, source = "home", interval = "1h") =>
  object("HelmRelease", name, "helm.toolkit.fluxcd.io/v2", [
    "spec:",
    `  interval: ${interval}`,
    `  chart: {spec: {chart: ./charts/app, sourceRef: {kind: GitRepository, name: ${source}, namespace: flux-system}}}`,
    `  values: ${values}`,
  ]);

/** A source of this repository under another name. */
export const source = (name: string, spec: string[] = []) =>
  object("GitRepository", name, "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 30m",
    `  url: ${URL}`,
    "  ref: {branch: main}",
    ...spec.map((line) => `  ${line}`),
  ]);

const CHART: Files = {
  "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n",
  "charts/app/values.yaml": "image: nginx:1.27.0\nhost: example.invalid\npersistence: {enabled: true}\n",
  "charts/app/templates/deployment.yaml":
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n" +
    "  selector: {matchLabels: {app: '{{ .Release.Name }}'}}\n  template:\n    metadata: {labels: {app: '{{ .Release.Name }}'}}\n" +
    "    spec:\n      containers:\n        - name: app\n          image: {{ .Values.image }}\n          env: [{name: HOST, value: '{{ .Values.host }}'}]\n",
  "charts/app/templates/claim.yaml":
    "{{- if .Values.persistence.enabled }}\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: {{ .Release.Name }}-data\n" +
    "spec:\n  accessModes: [ReadWriteOnce]\n  resources: {requests: {storage: 1Gi}}\n{{- end }}\n",
};

/**
 * The small tree of the tests, made so that nothing of it has to be fetched: Flux is installed by hand, and the charts lie
 * in the repository.
 */
export function house(): Files {
  const tree: Files = { ...homeTree(), ...CHART };
  delete tree[`${CONFIG}/flux.yaml`];
  tree[`${CONFIG}/kustomization.yaml`] = kustomization(["cluster.yaml"]);
  tree[`${APP}/helmrelease.yaml`] = release("player", "{host: player.example.invalid}");
  tree[`${CHESS_APP}/helmrelease.yaml`] = release("chess", "{persistence: {enabled: false}}");
  tree[`${APP}/pvc.yaml`] = claim("player");
  tree[CHESS] = chess();
  return tree;
}

/** Edits laid over a tree; `undefined` removes. */
export function laid(tree: Files, edits: Edits): Files {
  const all: Edits = { ...tree, ...edits };
  return Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined));
}
