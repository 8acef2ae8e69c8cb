import { describe, expect, test } from "vitest";
import { homeTree, kustomization, object, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import { CHESS, CHESS_APP, inShort, PLAYER, PLAYER_APP, says } from "./tree.ts";

const LIST = `${PLAYER_APP}/kustomization.yaml`;
const HELM = `${PLAYER_APP}/helmrelease.yaml`;
const THING = `${PLAYER_APP}/thing.yaml`;
const POD = `${PLAYER_APP}/pod.yaml`;
const NONE = homeTree();

const pod = (ref: string) =>
  object("Deployment", "web", "apps/v1", [
    `spec: {selector: {}, template: {spec: {containers: [{name: c, env: [{name: A, valueFrom: {${ref}}}]}]}}}`,
  ]);
const all = kustomization(["helmrelease.yaml", "pvc.yaml", "thing.yaml", "pod.yaml"]);
const external = (spec: string) =>
  object("ExternalSecret", "made", "external-secrets.io/v1", [
    `spec: {secretStoreRef: {kind: ClusterSecretStore, name: x}, target: {name: made}, ${spec}}`,
  ]);

const ROWS: [what: string, thing: string, ref: string][] = [
  [
    "a ConfigMap",
    object("ConfigMap", "made", "v1", ["data: {wanted: x, other: x}"]),
    "configMapKeyRef: {name: made, key: wanted}",
  ],
  ["a Secret", object("Secret", "made", "v1", ["stringData: {wanted: x}"]), "secretKeyRef: {name: made, key: wanted}"],
  [
    "a SealedSecret",
    object("SealedSecret", "made", "bitnami.com/v1alpha1", ["spec: {encryptedData: {wanted: x}}"]),
    "secretKeyRef: {name: made, key: wanted}",
  ],
  [
    "an ExternalSecret",
    external("data: [{secretKey: wanted, remoteRef: {key: x}}]"),
    "secretKeyRef: {name: made, key: wanted}",
  ],
];

describe.each(ROWS)("a key of %s", (_, thing, ref) => {
  const tree: Files = { ...NONE, [LIST]: all, [THING]: thing, [POD]: pod(ref) };

  test("that goes while a pod takes it", () => {
    const { verdict, rules } = says(tree, { [THING]: thing.replace("wanted", "renamed") });
    expect([verdict, rules]).toEqual(["unsafe", ["reference-breaks Deployment media/web"]]);
  });

  test("that is misspelt", () => {
    expect(inShort(tree, { [POD]: pod(ref.replace("wanted", "wantde")) })).toBe(
      "unsafe | reference-missing Deployment media/web",
    );
  });

  test("that goes with its use, is optional, or was never there draws no word", () => {
    const both: Edits = { [THING]: thing.replace("wanted", "renamed"), [POD]: pod(ref.replace("wanted", "renamed")) };
    expect(says(tree, both).rules).toEqual([]);
    const optional = pod(ref.replace("}", ", optional: true}"));
    expect(says({ ...tree, [POD]: optional }, { [THING]: thing.replace("wanted", "renamed") }).rules).toEqual([]);
    const never = { ...tree, [POD]: pod(ref.replace("wanted", "never")) };
    expect(says(never, { [THING]: thing.replace("wanted", "renamed") }).rules).toEqual([]);
  });
});

test("an ExternalSecret that takes everything of its store has unknown keys", () => {
  const tree = { ...NONE, [LIST]: all, [THING]: external("dataFrom: [{extract: {key: x}}]"), [POD]: pod(ROWS[3]![2]) };
  expect(says(tree, { [POD]: pod("secretKeyRef: {name: made, key: other}") }).rules).toEqual([]);
});

describe("values of a release", () => {
  const generated = (file: string) =>
    kustomization(
      ["helmrelease.yaml", "pvc.yaml"],
      [`configMapGenerator: [{name: made, files: [${file}]}]`, "generatorOptions: {disableNameSuffixHash: true}"],
    );
  const tree: Files = {
    ...NONE,
    [HELM]: release("player", ["valuesFrom: [{kind: ConfigMap, name: made}]"]),
    [LIST]: generated("values.yaml"),
    [`${PLAYER_APP}/values.yaml`]: "a: 1\n",
  };

  test("are looked for under values.yaml where no key is named", () => {
    const moved = { [`${PLAYER_APP}/values.yaml`]: undefined, [`${PLAYER_APP}/vals.yaml`]: "a: 1\n" };
    expect(inShort(tree, { ...moved, [LIST]: generated("vals.yaml") })).toBe(
      "unsafe | reference-breaks HelmRelease media/player",
    );
    expect(inShort(tree, { ...moved, [LIST]: generated("values.yaml=vals.yaml") })).toBe("safe");
  });

  test("are looked for under the key that is named", () => {
    const edits = { [HELM]: release("player", ["valuesFrom: [{kind: ConfigMap, name: made, valuesKey: value.yaml}]"]) };
    expect(inShort(tree, edits)).toBe("unsafe | reference-missing HelmRelease media/player");
  });
});

test("a variable whose key leaves a SealedSecret is emptied", () => {
  const sealed = (keys: string) =>
    object("SealedSecret", "cluster-secrets", "bitnami.com/v1alpha1", [
      "  namespace: flux-system",
      `spec: {encryptedData: {${keys}}}`,
    ]);
  const file = "kubernetes/flux/vars/sealed.yaml";
  const tree = {
    ...NONE,
    [file]: sealed("HOST: x, MORE: y"),
    [CHESS]: `${NONE[CHESS]}  postBuild: {substituteFrom: [{kind: Secret, name: cluster-secrets}]}\n`,
    [`${CHESS_APP}/helmrelease.yaml`]: release("chess", ["values: {host: '${HOST}'}"]),
  };
  expect(inShort(tree, { [file]: sealed("MORE: y") })).toBe("unsafe | setting-lost Kustomization flux-system/chess");
  expect(inShort(tree, { [file]: sealed("HOST: x, MORE: z, NEW: n") })).toBe("safe");
});

test("a component that is not there is missing although Flux is told to leave it out", () => {
  const component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [a.yaml]\n";
  const named = (path: string) => `${NONE[PLAYER]}  components: [${path}]\n  ignoreMissingComponents: true\n`;
  const tree = {
    ...NONE,
    "parts/a/kustomization.yaml": component,
    "parts/a/a.yaml": object("ConfigMap", "a"),
    [PLAYER]: named("../../../../../parts/a"),
  };
  expect(inShort(tree, { [PLAYER]: named("../../../../../parts/b") })).toBe(
    "unsafe | reference-missing Kustomization flux-system/player",
  );
  expect(inShort(tree, { [PLAYER]: NONE[PLAYER]! })).toMatch(/^deletes/);
});
