import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { kustomization, object } from "./home-tree.ts";
import { APP, CAPP, type Case, CHESS, chess, h, LIST, sayOf } from "./odd-tree.ts";

const MADE = `${APP}/made.yaml`;
const OTHER = `${CAPP}/made.yaml`;
const lists = {
  [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "made.yaml"]),
  [`${CAPP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "made.yaml"]),
  [CHESS]: chess().replace("targetNamespace: games", "targetNamespace: media"),
  [OTHER]: "",
};
const external = (name: string, target: string, more = "") =>
  object("ExternalSecret", name, "external-secrets.io/v1", [
    `spec: {secretStoreRef: {kind: ClusterSecretStore, name: x}, target: {name: '${target}'${more}}, data: [{secretKey: a, remoteRef: {key: x}}]}`,
  ]);
const certificate = (name: string, target: string) =>
  object("Certificate", name, "cert-manager.io/v1", [
    `spec: {secretName: ${target}, issuerRef: {name: x}, dnsNames: [a.example.invalid]}`,
  ]);
const tree = (made: string) => ({ ...h, ...lists, [MADE]: made });
const SECOND = "unsafe | second-owner ";

const CASES: Case[] = [
  ["beside it", SECOND, tree(external("one", "t")), { [MADE]: external("one", "t") + external("two", "t") }],
  ["in another Kustomization", SECOND, tree(external("one", "t")), { [OTHER]: external("two", "t") }],
  [
    "by an edit",
    SECOND,
    tree(external("one", "t") + external("two", "s")),
    { [MADE]: external("one", "t") + external("two", "t") },
  ],
  ["of cert-manager", SECOND, tree(certificate("one", "t")), { [OTHER]: certificate("two", "t") }],
  [
    "which adds to it",
    "safe",
    tree(external("one", "t")),
    { [OTHER]: external("two", "t", ", creationPolicy: Merge") },
  ],
  ["that makes another one", "safe", tree(external("one", "t")), { [OTHER]: external("two", "s") }],
  [
    "in its place",
    "deletes | deleted ExternalSecret media/one",
    tree(external("one", "t")),
    { [MADE]: external("two", "t") },
  ],
  ["whose name is not known", "safe", tree(external("one", "${A}")), { [OTHER]: external("two", "${A}") }],
  [
    "that has been there",
    "safe",
    tree(external("one", "t") + external("two", "t")),
    { [MADE]: external("one", "t") + external("two", "t").replace("key: x", "key: y") },
  ],
];

test.each(CASES)("a second maker of one Secret, %s", (_, said, before, change) => {
  expect(sayOf(before, change).replace(/second-owner .*/, "second-owner ")).toBe(said);
});

test("says which makes it as well, at the field", () => {
  const { findings } = verifyEdits({ [OTHER]: certificate("two", "t") }, tree(certificate("one", "t")));
  const found = findings.find(({ rule }) => rule === "second-owner");
  expect(found?.at).toMatchObject({ file: OTHER, line: 6 });
  expect(found?.what).toBe("Certificate media/two makes Secret media/t, which Certificate media/one makes as well.");
});
