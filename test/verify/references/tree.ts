import { homeTree, kustomization, object, release } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";

export const GAMES = "kubernetes/apps/games/kustomization.yaml";
export const CHESS = "kubernetes/apps/games/chess/ks.yaml";
export const CHESS_APP = "kubernetes/apps/games/chess/app";
export const PLAYER = "kubernetes/apps/media/player/ks.yaml";
export const PLAYER_APP = "kubernetes/apps/media/player/app";
export const REPOS = "kubernetes/flux/repos";

export const inFlux = (kind: string, name: string, apiVersion: string, spec: string[] = []) =>
  object(kind, name, apiVersion, ["  namespace: flux-system", ...(spec.length > 0 ? ["spec:", ...spec] : [])]);

export const repository = (name: string, spec: string[] = []) =>
  inFlux("HelmRepository", name, "source.toolkit.fluxcd.io/v1", [
    "  interval: 1h",
    "  url: https://charts.example.invalid",
    ...spec.map((line) => `  ${line}`),
  ]);

/** A release of a chart from a HelmRepository in flux-system. */
export const chart = (name: string, from: string, spec: string[] = []) =>
  release(name, spec).replace("name: charts}", `name: ${from}, namespace: flux-system}`);

/** The tree with two HelmRepositories that a list names, and both apps on one of them. */
export function chartTree(): Files {
  return {
    ...homeTree(),
    [`${REPOS}/kustomization.yaml`]: kustomization(["bjw.yaml", "spare.yaml"]),
    [`${REPOS}/bjw.yaml`]: repository("bjw-charts"),
    [`${REPOS}/spare.yaml`]: repository("spare-charts"),
    [`${PLAYER_APP}/helmrelease.yaml`]: chart("player", "bjw-charts"),
    [`${CHESS_APP}/helmrelease.yaml`]: chart("chess", "bjw-charts"),
  };
}

/** What verify says: the verdict, and `rule resource` of everything above a note, places included on demand. */
export function says(tree: Files, edits: Edits) {
  const { safety, findings } = judge(tree, edits);
  const loud = findings.filter(
    ({ level, rule }) => level === "blocker" || (level === "caution" && rule === "safety-unknown"),
  );
  return { verdict: safety.verdict, rules: loud.map(({ rule, resource }) => `${rule} ${resource}`).sort(), findings };
}

/** `verdict: rule resource, …` in one line. */
export function inShort(tree: Files, edits: Edits): string {
  const { verdict, rules } = says(tree, edits);
  return [verdict, ...rules].join(" | ");
}
