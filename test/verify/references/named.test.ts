import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { inShort, PLAYER_APP } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const THING = `${PLAYER_APP}/thing.yaml`;
const USER = `${PLAYER_APP}/user.yaml`;

const claim = object("PersistentVolumeClaim", "library");
const secret = object("Secret", "library");
const map = object("ConfigMap", "library");
const custom = (spec: string) => object("Shelf", "one", "books.example/v1", [`spec: ${spec}`]);

const tree = (thing: string, values: string, user = custom("{size: 1}")): Files => ({
  ...homeTree(),
  [LIST]: kustomization(["helmrelease.yaml", "thing.yaml", "user.yaml"]),
  [HELM]: release("player", [`values: ${values}`]),
  [THING]: thing,
  [USER]: user,
});
const without = { [THING]: undefined, [LIST]: kustomization(["helmrelease.yaml", "user.yaml"]) };

describe("what goes while values of a chart, or fields of another operator, go on naming it", () => {
  test.each<[string, Files]>([
    ["existingClaim", tree(claim, "{persistence: {books: {existingClaim: library}}}")],
    ["a claim by its kind", tree(claim, "{persistence: {books: {type: persistentVolumeClaim, name: library}}}")],
    ["existingSecret", tree(secret, "{auth: {existingSecret: library}}")],
    ["envFrom of a chart", tree(secret, "{controllers: {main: {envFrom: [{secretRef: {name: library}}]}}}")],
    ["a list of names", tree(map, "{existingConfigMaps: [library]}")],
    ["a volume of a chart", tree(map, "{persistence: {config: {type: configMap, name: library}}}")],
  ])("a release: %s", (_, before) => {
    expect(inShort(before, without)).toBe("unsafe | reference-breaks HelmRelease media/player");
  });

  test.each<[string, Files]>([
    ["by a reference", tree(secret, "{}", custom("{apiTokenSecretRef: {name: library, key: token}}"))],
    ["by kind", tree(secret, "{}", custom("{credentials: {kind: Secret, name: library}}"))],
    ["by name", tree(map, "{}", custom("{configMapName: library}"))],
  ])("another operator: %s", (_, before) => {
    expect(inShort(before, without)).toBe("unsafe | reference-breaks Shelf media/one");
  });

  test("draws no word where the name stands elsewhere, is optional, or goes as well", () => {
    for (const values of [
      "{controllers: {library: {image: library}}}",
      "{envFrom: [{secretRef: {name: library, optional: true}}]}",
    ])
      expect(inShort(tree(secret, values), without)).toBe("deletes");
    const named = tree(secret, "{auth: {existingSecret: library}}");
    expect(inShort(named, { ...without, [HELM]: release("player", ["values: {}"]) })).toBe("deletes");
    const made = { ...without, [USER]: object("ExternalSecret", "library", "external-secrets.io/v1") };
    expect(inShort(named, made)).not.toContain("reference-breaks");
  });
});
