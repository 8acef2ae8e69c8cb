import { describe, expect, test } from "vitest";
import { kustomization, object, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { HELM, LIST, thingTree, USER, without } from "./thing-tree.ts";
import { CHESS_APP, inShort, PLAYER_APP, says } from "./tree.ts";

const claim = object("PersistentVolumeClaim", "library");
const secret = object("Secret", "library");
const map = object("ConfigMap", "library");
const custom = (spec: string) => object("Shelf", "one", "books.example/v1", [`spec: ${spec}`]);

const tree = (thing: string, values: string, user = custom("{size: 1}")) => thingTree(thing, values, user);

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

  test("a release that says its own name", () => {
    const values = (name: string) => `{persistence: {a: {type: secret, name: "${name}"}}}`;
    for (const own of ["{{ .Release.Name }}-env", "{{.Release.Name}}-env", "{{- $.Release.Name -}}-env"]) {
      const before = tree(object("Secret", "player-env"), values(own));
      expect(inShort(before, without), own).toBe("unsafe | reference-breaks HelmRelease media/player");
    }
    const other = tree(object("Secret", "player-env"), values("{{ .Release.Namespace }}-env"));
    expect(inShort(other, without)).toBe("deletes");
  });

  test.each<[string, Files]>([
    ["by a reference", tree(secret, "{}", custom("{apiTokenSecretRef: {name: library, key: token}}"))],
    [
      "by a key of it",
      tree(secret, "{}", custom("{auth: {dopplerToken: {name: library, namespace: media, key: token}}}")),
    ],
    ["by kind", tree(secret, "{}", custom("{credentials: {kind: Secret, name: library}}"))],
    ["by name", tree(map, "{}", custom("{configMapName: library}"))],
  ])("another operator: %s", (_, before) => {
    expect(inShort(before, without)).toBe("unsafe | reference-breaks Shelf media/one");
  });

  test("draws no word where the name stands elsewhere, is optional, or goes as well", () => {
    for (const values of [
      "{controllers: {library: {image: library}}}",
      "{envFrom: [{secretRef: {name: library, optional: true}}]}",
      "{env: [{valueFrom: {configMapKeyRef: {name: library, key: token}}}]}",
      "{env: [{name: library, key: token, value: x}]}",
    ])
      expect(inShort(tree(secret, values), without)).toBe("deletes");
    const named = tree(secret, "{auth: {existingSecret: library}}");
    expect(inShort(named, { ...without, [HELM]: release("player", ["values: {}"]) })).toBe("deletes");
    const made = { ...without, [USER]: object("ExternalSecret", "library", "external-secrets.io/v1") };
    expect(inShort(named, made)).not.toContain("reference-breaks");
  });
});

describe("a name that the change misspells, though what it names is still there", () => {
  const values = (text: string): Files => ({ [HELM]: release("player", [`values: ${text}`]) });
  const broken = "unsafe | reference-missing HelmRelease media/player";
  const [auth, wrong] = ["{auth: {existingSecret: library}}", "{auth: {existingSecret: librray}}"];

  test.each<[what: string, thing: string, was: string, is: string]>([
    ["by two letters in the wrong order", secret, auth, wrong],
    ["by a letter less", map, "{existingConfigMap: library}", "{existingConfigMap: librar}"],
    ["by a digit", secret, auth, "{auth: {existingSecret: library1}}"],
    ["in a list", map, "{existingConfigMaps: [a, library]}", "{existingConfigMaps: [a, libary]}"],
    ["of a claim, in a field that was not there", claim, "{}", "{books: {existingClaim: libary}}"],
  ])("%s", (_, thing, was, is) => {
    expect(inShort(tree(thing, was), values(is))).toBe(broken);
  });

  test("is said where it stands, and beside what is there", () => {
    const list = (name: string) => `{list: [{auth: {existingSecret: ${name}}}]}`;
    const { findings } = says(tree(secret, list("library")), values(list("librray")));
    const [found] = findings.filter(({ rule }) => rule === "reference-missing");
    expect([found?.what, found?.why, found?.at?.line]).toEqual([
      "HelmRelease media/player names Secret/librray in spec.values.list.auth.existingSecret, and nothing makes that in namespace media: what its chart makes with that does not work any more.",
      "There is library, which differs by a letter. It is applied through flux-system/cluster, flux-system/cluster-apps, flux-system/player.",
      9,
    ]);
  });

  test("in a field of another operator", () => {
    const user = (name: string) => custom(`{configMapName: ${name}}`);
    expect(inShort(tree(map, "{}", user("library")), { [USER]: user("libary") })).toBe(
      "unsafe | reference-missing Shelf media/one",
    );
  });

  test("in what has no namespace, which is told one beside it or knows where to look", () => {
    const store = (name: string, place = "") =>
      object("ClusterSecretStore", "one", "external-secrets.io/v1", [
        `spec: {auth: {tokenSecretRef: {name: ${name}${place}}}}`,
      ]);
    const says = (was: string, is: string, thing = secret) => inShort(tree(thing, "{}", was), { [USER]: is });
    const bad = "unsafe | reference-missing ClusterSecretStore one";
    expect(says(store("library"), store("librray"))).toBe(bad);
    expect(says(store("library", ", namespace: media"), store("librray", ", namespace: media"))).toBe(bad);
    // The same name in a namespace where nothing makes it.
    expect(says(store("library", ", namespace: media"), store("library", ", namespace: meida"))).toBe(
      "unproven | safety-unknown ClusterSecretStore one",
    );
    expect(says(store("library", ", namespace: meida"), store("library", ", namespace: media"))).toBe("safe");
    expect(says(store("other", ", namespace: media"), store("other", ", namespace: games"))).toBe("safe");
    const other = ", namespace: games";
    expect(says(store("library", other), store("librray", other))).toBe("safe");
    expect(says(store("library"), store("cellar"))).toBe("unproven | safety-unknown ClusterSecretStore one");
    expect(says(store("libary"), store("library"))).toBe("safe");
    expect(says(store("library"), store("librray"), secret + object("Secret", "librray"))).toBe("safe");
  });

  test.each<[what: string, thing: string, was: string, is: string]>([
    ["that is another word", secret, auth, "{auth: {existingSecret: cellar}}"],
    ["of a Secret, in a field that was not there", secret, "{}", wrong],
    ["that Git did not make before", object("Secret", "other"), auth, wrong],
    ["that is no name", secret, auth, "{auth: {existingSecret: Librray}}"],
    ["that is optional", secret, auth, "{auth: {optional: true, existingSecret: librray}}"],
  ])("is no mistake %s", (_, thing, was, is) => {
    expect(inShort(tree(thing, was), values(is))).not.toContain("reference-missing");
  });

  test("is no mistake where something makes it, it is gone too, or nothing is applied", () => {
    const both = object("Secret", "librray");
    const listed = kustomization(["helmrelease.yaml", "thing.yaml", "user.yaml", "more.yaml"]);
    const before = tree(secret, auth);
    expect(inShort(before, { ...values(wrong), [LIST]: listed, [`${PLAYER_APP}/more.yaml`]: both })).not.toContain(
      "reference-missing",
    );
    expect(inShort(before, { ...values(wrong), ...without })).not.toContain("reference-missing");
    const off = { [HELM]: release("player", ["suspend: true", `values: ${wrong}`]) };
    expect(inShort(before, off)).not.toContain("reference-missing");
    expect(inShort(tree(claim, "{books: {existingClaim: libary}}"), { [USER]: custom("{size: 2}") })).toBe("safe");
  });
});

describe("values of a chart name what is in the namespace that the release goes to", () => {
  const inGames = `${CHESS_APP}/thing.yaml`;
  const [listed, bare] = [["thing.yaml"], []].map((more) => kustomization(["helmrelease.yaml", ...more]));
  const auth = (name: string) => `values: {auth: {existingSecret: ${name}}}`;
  const make = (spec: string[]): Files => ({
    ...tree(secret, "{}"),
    [HELM]: release("player", [...spec, auth("library")]),
    [`${CHESS_APP}/kustomization.yaml`]: listed!,
    [inGames]: secret,
  });
  const withoutGames = { [inGames]: undefined, [`${CHESS_APP}/kustomization.yaml`]: bare! };
  const there = ["targetNamespace: games", "storageNamespace: media"];
  const remote = ["kubeConfig: {secretRef: {name: edge}}"];

  test("which loses it", () => {
    expect(inShort(make(there), withoutGames)).toBe("unsafe | reference-breaks HelmRelease media/player");
    expect(inShort(make([]), withoutGames)).toBe("deletes");
    expect(inShort(make(there), without)).toBe("deletes");
    expect(inShort(make(remote), without)).toBe("deletes");
  });

  test("which has no such name", () => {
    const missing = (spec: string[]) => inShort(make(spec), { [HELM]: release("player", [...spec, auth("librray")]) });
    const bad = "unsafe | reference-missing HelmRelease media/player";
    expect([missing(there), missing([])]).toEqual([bad, bad]);
    expect(missing(remote)).not.toContain("reference-missing");
  });
});
