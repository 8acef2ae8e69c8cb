import { expect, test } from "vitest";
import { homeTree, ks, object } from "../home-tree.ts";
import { inShort, PLAYER, PLAYER_APP, says } from "./tree.ts";

const SETTINGS = "kubernetes/flux/vars/cluster-settings.yaml";
const settings = (data: string) => ({
  [SETTINGS]: object("ConfigMap", "cluster-settings", "v1", ["  namespace: flux-system", `data: {${data}}`]),
});
const reads = (name: string, ...more: string[]) => ({
  [PLAYER]: ks("player", PLAYER_APP, [
    "targetNamespace: media",
    `postBuild: {substituteFrom: [{kind: ConfigMap, name: ${name}}]}`,
    ...more,
  ]),
});
const SPOILT = "DOMAIN: example.invalid, my-domain: x";

test("a key that is no name of a variable, where something substitutes from it", () => {
  const { verdict, findings } = says({ ...homeTree(), ...reads("cluster-settings") }, settings(SPOILT));
  expect(verdict).toBe("unsafe");
  expect(findings[0]).toMatchObject({
    rule: "build-breaks",
    level: "blocker",
    what: expect.stringMatching(/has the key my-domain, .* flux-system\/cluster substitutes from it, like 1 more:/),
  });
});

test("that there is one is told where something comes to read it", () => {
  const spare = object("ConfigMap", "spare", "v1", ["  namespace: flux-system", `data: {${SPOILT}}`]);
  const files = { ...homeTree(), "kubernetes/flux/vars/spare.yaml": spare };
  expect(inShort(files, reads("spare"))).toBe("unsafe | build-breaks ConfigMap flux-system/spare");
  // What is suspended builds nothing.
  expect(inShort(files, reads("spare", "suspend: true"))).not.toContain("ConfigMap");
});

test("one that is there today, that goes, or that nothing substitutes from", () => {
  expect(inShort({ ...homeTree(), ...settings(SPOILT) }, settings(`${SPOILT}, MORE: y`))).toBe("safe");
  expect(inShort({ ...homeTree(), ...settings(SPOILT) }, settings("DOMAIN: example.invalid"))).not.toContain("breaks");
  const apart = object("ConfigMap", "files", "v1", ["  namespace: flux-system", "data: {config.yaml: x}"]);
  expect(inShort(homeTree(), { "kubernetes/flux/vars/files.yaml": apart })).toBe("safe");
});

test("is told once, where the build of what reads it is known to fail", () => {
  const CLUSTER = "kubernetes/flux/config/cluster.yaml";
  const plain = homeTree()[CLUSTER]!.replace(/^ {2}postBuild: .*\n/m, "");
  const files = { ...homeTree(), [CLUSTER]: plain, ...reads("cluster-settings") };
  expect(inShort(files, settings(SPOILT))).toBe("unsafe | build-breaks Kustomization flux-system/player");
});

test("a key of the Secret that a controller makes", () => {
  const MADE = "kubernetes/flux/vars/made.yaml";
  const made = (kind: string, apiVersion: string, spec: string) => ({
    [MADE]: object(kind, "made", apiVersion, ["  namespace: flux-system", `spec: {${spec}}`]),
  });
  const sealed = (key: string) => made("SealedSecret", "bitnami.com/v1alpha1", `encryptedData: {${key}: AgA}`);
  const external = (key: string) =>
    made(
      "ExternalSecret",
      "external-secrets.io/v1",
      `secretStoreRef: {name: s, kind: ClusterSecretStore}, data: [{secretKey: ${key}, remoteRef: {key: x}}]`,
    );
  const files = { ...homeTree(), [PLAYER]: reads("made")[PLAYER]!.replace("ConfigMap", "Secret") };
  for (const make of [sealed, external]) {
    const { verdict, findings } = says({ ...files, ...make("a") }, make("a-b"));
    expect(verdict).toBe("unsafe");
    expect(findings[0]?.what).toContain("makes a Secret with the key a-b, which is no name of a variable");
    expect(inShort({ ...files, ...make("a") }, make("b"))).not.toContain("build-breaks");
  }
});

test("the letters of a text are no keys", () => {
  const files = { ...homeTree(), ...reads("cluster-settings") };
  const text = object("ConfigMap", "cluster-settings", "v1", ["  namespace: flux-system", "data: x"]);
  expect(inShort(files, { [SETTINGS]: text })).not.toContain("build-breaks");
});
