import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, operatorTree } from "../home-tree.ts";
import { type Files, judge } from "../judge.ts";

const CONFIG = "kubernetes/flux/config";
const COPY = `${CONFIG}/cluster.yaml`;
const INSTANCE = `${CONFIG}/instance.yaml`;
const root = (interval: string) =>
  object("Kustomization", "flux-system", "kustomize.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec:",
    `  interval: ${interval}`,
    "  path: ./kubernetes/flux",
    "  prune: true",
    "  sourceRef: {kind: GitRepository, name: flux-system}",
  ]);
const controller = (name: string, replicas: number) =>
  object("Deployment", name, "apps/v1", ["  namespace: flux-system", "spec:", `  replicas: ${replicas}`]);

/** Between install and cutover: the instance runs, and Git still holds the root, and a controller, of the old install. */
const tree: Files = {
  ...operatorTree(),
  [`${CONFIG}/kustomization.yaml`]: kustomization(["instance.yaml", "cluster.yaml", "old.yaml", "own.yaml"]),
  [COPY]: root("10m"),
  [`${CONFIG}/old.yaml`]: `${controller("source-controller", 1)}---\n${controller("kustomize-controller", 1)}`,
  [`${CONFIG}/own.yaml`]: controller("own-controller", 1),
};
const said = (edits: Files, before = tree) => {
  const { safety, findings } = judge(before, edits);
  const found = findings.filter(({ rule }) => rule === "edit-idle");
  return { verdict: safety.verdict, found: found.map(({ level, what, at }) => `${level} ${at?.file}: ${what}`) };
};

describe("an edit of what Flux Operator owns", () => {
  test("of the root is said to come to nothing", () => {
    expect(said({ [COPY]: root("1h") })).toEqual({
      verdict: "safe",
      found: [
        `caution ${COPY}: Nothing comes of what the change edits of Kustomization flux-system/flux-system: Flux Operator owns it once the FluxInstance is Ready, and Flux leaves out the copy in Git.`,
      ],
    });
  });

  test("of controllers is said once for all of them", () => {
    const old = tree[`${CONFIG}/old.yaml`]!.replaceAll("replicas: 1", "replicas: 2");
    const { found } = said({ [`${CONFIG}/old.yaml`]: old });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("Deployment flux-system/source-controller");
    expect(found[0]).toContain("Deployment flux-system/kustomize-controller");
  });

  test.each<[string, Files]>([
    ["of something else", { [`${CONFIG}/own.yaml`]: controller("own-controller", 2) }],
    ["of the way it is written", { [COPY]: `# the root\n${root('"10m"')}` }],
    ["of the instance", { [INSTANCE]: tree[INSTANCE]!.replace("2.6.x", "2.7.x") }],
    ["that takes the copy away", { [`${CONFIG}/kustomization.yaml`]: kustomization(["instance.yaml", "own.yaml"]) }],
  ])("nothing %s", (_, edits) => {
    expect(said(edits).found).toEqual([]);
  });

  test("that only comes to say what the operator's own says loses nothing", () => {
    const waiting = { ...tree, [COPY]: root("10m").replace("  prune:", "  dependsOn: [{name: flux}]\n  prune:") };
    expect(waiting[COPY]).toContain("dependsOn");
    expect(said({ [COPY]: root("10m") }, waiting).found).toEqual([]);
    expect(said({ [COPY]: waiting[COPY]! }).found).toHaveLength(1);
    const other = { [COPY]: root("10m").replace("  prune:", "  dependsOn: [{name: else}]\n  prune:") };
    expect(said(other, waiting).found).toHaveLength(1);
  });

  test("nothing where no operator runs", () => {
    const home = homeTree();
    const edited = home[COPY]!.replace(/path: .*/, (line) => `${line}\n  timeout: 7m`);
    expect(edited).not.toBe(home[COPY]);
    expect(said({ [COPY]: edited }, { ...tree, ...home }).found).toEqual([]);
  });
});
