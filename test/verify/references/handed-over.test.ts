import { expect, test } from "vitest";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { PLAYER_APP, says } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const LOGIN = `${PLAYER_APP}/login.yaml`;
const secret = (name = "login") => object("Secret", name, "v1", ["stringData: {TOKEN: a}"]);
const external = (spec = "") =>
  object("ExternalSecret", "login", "external-secrets.io/v1", [
    `spec: {secretStoreRef: {kind: ClusterSecretStore, name: store}, ${spec}}`,
  ]);
const sealed = object("SealedSecret", "login", "bitnami.com/v1alpha1", ["spec: {encryptedData: {TOKEN: a}}"]);

function told(from: string, to: string): string[] {
  const list = kustomization(["login.yaml", "helmrelease.yaml", "pvc.yaml"]);
  const { verdict, findings } = says({ ...homeTree(), [LOGIN]: from, [LIST]: list }, { [LOGIN]: to });
  const found = findings.filter(({ rule }) => rule === "reference-breaks");
  return [
    verdict,
    ...found.map(({ level, resource, next }) => `${level} ${resource} ${/flux reconcile .*?-n [\w-]+/.exec(next)}`),
  ];
}

const GAP = ["deletes", "caution Secret media/login flux reconcile kustomization player -n flux-system"];

test("a Secret of Git takes the place of one that goes with its owner", () => {
  expect(told(external(), secret())).toEqual(GAP);
  expect(told(external("target: {name: other}"), secret("other"))[1]).toContain("caution Secret media/other");
  expect(told(sealed, secret())).toEqual(GAP);
});

test("nothing is said of a Secret that nothing owns, that was in Git, or whose owner stays", () => {
  expect(told(external("target: {creationPolicy: Orphan}"), secret())).toEqual(["deletes"]);
  expect(told(external(), external() + secret())).toEqual(["safe"]);
  expect(told(external() + secret(), secret())).toEqual(["deletes"]);
  expect(told(external(), secret("another"))).toEqual(["deletes"]);
});
