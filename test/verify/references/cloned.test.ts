import { expect, test } from "vitest";
import { homeTree, object } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { inShort } from "./tree.ts";

const [POLICY, SECRET] = ["kubernetes/flux/vars/policy.yaml", "kubernetes/flux/vars/registry.yaml"];
const policy = (generate: string, synchronize = true) =>
  object("ClusterPolicy", "copies", "kyverno.io/v1", [
    `spec: {rules: [{name: a, match: {any: [{resources: {kinds: [Namespace]}}]}, generate: {synchronize: ${synchronize}, namespace: "{{request.object.metadata.name}}", ${generate}}}]}`,
  ]);
const list = (label = "copy: everyone", from = "flux-system") =>
  policy(`cloneList: {namespace: ${from}, kinds: [v1/Secret], selector: {matchLabels: {${label}}}}`);
const one = (name = "registry", from = "flux-system") =>
  policy(`apiVersion: v1, kind: Secret, name: registry, clone: {namespace: ${from}, name: ${name}}`);
const secret = (label = "copy: everyone", name = "registry") =>
  object("Secret", name, "v1", ["  namespace: flux-system", `  labels: {${label}}`, "stringData: {a: b}"]);
const goes = (text: string, edits: Files | Record<string, string | undefined>, own = secret()) =>
  inShort({ ...homeTree(), [POLICY]: text, [SECRET]: own }, edits);
const BREAKS = "unsafe | reference-breaks ClusterPolicy copies";

test("a rule of Kyverno that copies nothing of it any more", () => {
  expect(goes(list(), { [POLICY]: list("copy: everyon") })).toBe(BREAKS);
  expect(goes(list(), { [POLICY]: list("copy: everyone", "flux-sytem") })).toBe(BREAKS);
  expect(goes(list(), { [SECRET]: secret("copy: everyon") })).toBe(BREAKS);
  expect(goes(list(), { [SECRET]: secret("cpoy: all") })).toBe(BREAKS);
  expect(goes(list(), { [SECRET]: secret("copy: everyone", "regsitry") })).toBe(BREAKS);
  expect(goes(list(), { [SECRET]: undefined })).toBe(BREAKS);
  expect(goes(one(), { [POLICY]: one("regisrty") })).toBe(BREAKS);
});

test("what may be meant is left to a person, and what stays copied is no finding", () => {
  const unproven = "unproven | safety-unknown ClusterPolicy copies";
  expect(goes(list(), { [SECRET]: secret("other: x") })).toBe(unproven);
  expect(goes(list(), { [SECRET]: secret("copy: everyone, more: x") })).toBe("safe");
  expect(goes(list(), { [POLICY]: undefined })).toBe("deletes");
  const two = secret() + secret("copy: everyone", "other");
  expect(goes(list(), { [SECRET]: secret() }, two)).toBe("deletes");
  expect(goes(list("copy: none"), { [POLICY]: list("copy: nothing") })).toBe("safe");
  expect(goes(one("absent"), { [POLICY]: one("absnet") })).toBe("safe");
});
