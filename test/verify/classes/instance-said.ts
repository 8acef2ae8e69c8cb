import { object, operatorTree } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";

export const CONFIG = "kubernetes/flux/config";
export const INSTANCE = `${CONFIG}/instance.yaml`;
export const SYNC =
  "sync: {kind: GitRepository, url: 'https://git.example.invalid/me/home.git', ref: refs/heads/main, path: kubernetes/flux}";

/** What a merge that edits a tree is judged to do. */
export const said = (tree: Files, edits: Edits) => {
  const { safety, blockers, findings } = judge(tree, edits);
  return { verdict: safety.verdict, blockers, texts: findings.map(({ what }) => what).join("\n") };
};

/** The same, by a release of its chart; values inline or in a ConfigMap. */
export function chartTree(values: string[], more: Files = {}): Files {
  const tree = operatorTree();
  tree[INSTANCE] = object("HelmRelease", "flux-instance", "helm.toolkit.fluxcd.io/v2", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 1h",
    "  chart: {spec: {chart: flux-instance, sourceRef: {kind: HelmRepository, name: operator}}}",
    ...values.map((line) => `  ${line}`),
  ]);
  return { ...tree, ...more };
}

export const INSTANCE_VALUES = ["instance:", "  distribution: {version: 2.6.x, registry: ghcr.io/fluxcd}", `  ${SYNC}`];
export const inline = ["values:", ...INSTANCE_VALUES.map((line) => `  ${line}`)];
