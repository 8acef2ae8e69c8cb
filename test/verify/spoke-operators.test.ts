import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "./home-tree.ts";
import type { Files } from "./judge.ts";
import { sayOf } from "./odd-tree.ts";

const FAR = ["kubeConfig: {secretRef: {name: spoke}}"];
const DATABASE = object("Cluster", "db", "postgresql.cnpg.io/v1", ["  namespace: media"]);
const RELEASE = "spoke/apps/release.yaml";
const LIST = "spoke/apps/kustomization.yaml";
const operator = (...spec: string[]) =>
  release("operator", spec)
    .replace("chart: app", "chart: cloudnative-pg")
    .replace("spec:", "  namespace: media\nspec:");
const OFF = "values: {crds: {create: false}}";

/** A hub with a spoke that has the operator; the database is in one of both. */
const fleet = (database: "spoke/db" | "kubernetes/apps/media/player/app"): Files => ({
  ...homeTree(),
  "kubernetes/flux/spoke.yaml": ks("spoke", "spoke/apps", FAR) + ks("databases", "spoke/db", FAR),
  [RELEASE]: operator(),
  [LIST]: kustomization(["release.yaml"]),
  "spoke/db/none.yaml": object("Namespace", "media"),
  [`${database}/db.yaml`]: DATABASE,
  ...(database === "spoke/db"
    ? {}
    : { [`${database}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "db.yaml"]) }),
});
const IN_SPOKE = fleet("spoke/db");
const IN_HUB = fleet("kubernetes/apps/media/player/app");

describe("an operator serves the objects of the cluster that it is installed into", () => {
  test("its CRDs are switched off", () => {
    expect(sayOf(IN_SPOKE, { [RELEASE]: operator(OFF) })).toBe(
      "unproven | safety-unknown HelmRelease media/operator in the cluster of flux-system/spoke",
    );
    expect(sayOf(IN_HUB, { [RELEASE]: operator(OFF) })).toBe("safe");
  });

  test("it goes", () => {
    const gone = { [LIST]: kustomization([]) };
    expect(sayOf(IN_SPOKE, gone)).toContain("operator-goes Cluster media/db");
    expect(sayOf(IN_HUB, gone)).not.toContain("operator-goes");
  });

  test("which a release with a kubeconfig of its own says", () => {
    const own = (tree: Files, ...spec: string[]): Files => ({
      ...tree,
      "kubernetes/flux/operator.yaml": operator(...spec).replace("namespace: media", "namespace: flux-system"),
    });
    const off = (tree: Files) => sayOf(own(tree, ...FAR), own(tree, ...FAR, OFF));
    expect(off(IN_SPOKE)).toContain("unproven");
    expect(off(IN_HUB)).toBe("safe");
  });
});
