import { expect, test } from "vitest";
import { homeTree, ks, kustomization, object } from "./home-tree.ts";
import { type Files, judge } from "./judge.ts";

const LIST = "kubernetes/apps/games/kustomization.yaml";
const account = object("ServiceAccount", "chess", "v1", ["  namespace: flux-system"]);
const binding = object("ClusterRoleBinding", "chess", "rbac.authorization.k8s.io/v1", [
  "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}",
  "subjects: [{kind: ServiceAccount, name: chess, namespace: flux-system}]",
]);

function said(spec: string[], keeps: string[] = [], own: Files = {}) {
  const lists = (more: string[]) => kustomization(["namespace.yaml", ...more]);
  const files: Files = {
    ...homeTree(),
    [LIST]: lists(["chess/ks.yaml", "account.yaml", "binding.yaml"]),
    "kubernetes/apps/games/chess/ks.yaml": ks("chess", "kubernetes/apps/games/chess/app", [
      "targetNamespace: games",
      ...spec,
    ]),
    "kubernetes/apps/games/account.yaml": account,
    "kubernetes/apps/games/binding.yaml": binding,
    ...own,
  };
  const { safety, findings } = judge(files, { [LIST]: lists(keeps), "kubernetes/apps/games/chess/ks.yaml": undefined });
  const left = findings.filter(({ rule }) => rule === "left-behind");
  return { verdict: safety.verdict, left: left.map(({ resource, what }) => `${resource}: ${what.split(": ").at(-1)}`) };
}

const AS = ["serviceAccountName: chess"];
const LEAVES = "where that is gone first, Flux leaves all that it applied in the cluster.";

test("a Kustomization that goes with the account as which it deletes may leave all behind", () => {
  expect(said(AS, ["binding.yaml"]).left).toEqual([`Kustomization flux-system/chess: ${LEAVES}`]);
  const [kept] = said(AS, ["account.yaml"]).left;
  expect(kept).toContain("it may delete nothing, and stays in deletion until it may");
});

test("nothing is said where both stay, another account is meant, or it deletes nothing", () => {
  expect(said(AS, ["account.yaml", "binding.yaml"]).left).toEqual([]);
  expect(said([]).left).toEqual([]);
  expect(said(["serviceAccountName: other"]).left).toEqual([]);
  expect(said([...AS, "deletionPolicy: Orphan"]).left.filter((one) => one.includes("gone first"))).toEqual([]);
});

test("several that go with one account are told once", () => {
  const two = (names: string[]) =>
    names.map((name) => ks(name, "kubernetes/apps/games/chess/app", [...AS, "targetNamespace: games"])).join("---\n");
  const { left } = said(AS, ["binding.yaml"], { "kubernetes/apps/games/chess/ks.yaml": two(["chess", "go"]) });
  expect(left).toEqual([`Kustomization flux-system/chess: ${LEAVES}`]);
});
