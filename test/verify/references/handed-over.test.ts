import { expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import { PLAYER, PLAYER_APP, says } from "./tree.ts";

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

test("what another maker of its kind makes again is named with those that are without it until then", () => {
  const source = "[{alias: repo, kind: GitRepository, name: home}]";
  const generator = (name: string, artifact = "parts") =>
    object("ArtifactGenerator", name, "source.extensions.fluxcd.io/v1beta1", [
      "  namespace: flux-system",
      `spec: {sources: ${source}, artifacts: [{name: ${artifact}, copy: [{from: '@repo/${PLAYER_APP}/**', to: '@artifact/'}]}]}`,
    ]);
  const file = "kubernetes/flux/generator.yaml";
  const reader = ks("player", "", ["targetNamespace: media"], "parts").replace("GitRepository", "ExternalArtifact");
  const tree = { ...homeTree(), [file]: generator("old"), [PLAYER]: reader };
  const found = (to: string) => {
    const { verdict, findings } = says(tree, { [file]: to });
    return [verdict, ...findings.filter(({ level }) => level === "caution").map(({ what }) => what)];
  };
  expect(found(generator("new"))).toEqual([
    "deletes",
    "ArtifactGenerator flux-system/new makes ExternalArtifact flux-system/parts in the place of ArtifactGenerator flux-system/old, with which it goes for a while: Kustomization flux-system/player is without it until then.",
  ]);
  expect(found(generator("old").replace("@artifact/'}", "@artifact/', exclude: [a.md]}"))).toEqual(["safe"]);
  expect(found(generator("new", "other"))[0]).toBe("unsafe");
  expect(
    told(external(), external().replace("name: login", "name: next").replace("{sec", "{target: {name: login}, sec")),
  ).toEqual(["deletes"]);
});

test("an ExternalSecret that takes the place of a SealedSecret makes the Secret once that is gone", () => {
  const list = kustomization(["login.yaml", "helmrelease.yaml", "pvc.yaml"]);
  const reads = release("player", ["valuesFrom: [{kind: Secret, name: login}]"]);
  const tree = { ...homeTree(), [LOGIN]: sealed, [LIST]: list, [`${PLAYER_APP}/helmrelease.yaml`]: reads };
  const { verdict, findings } = says(tree, { [LOGIN]: external() });
  const gap = findings.find(({ rule }) => rule === "reference-breaks");
  expect([verdict, gap?.level, gap?.resource]).toEqual(["unproven", "caution", "ExternalSecret media/login"]);
  expect(gap?.what).toContain("in the place of SealedSecret media/login, with which it goes for a while");
  expect(gap?.next).toMatch(/^Have it made again at once when .*annotate externalsecret login -n media/);
});

test("one of Git that Flux does not apply goes for good, and breaks what reads it", () => {
  const list = kustomization(["login.yaml", "helmrelease.yaml", "pvc.yaml"]);
  const reads = release("player", ["valuesFrom: [{kind: Secret, name: login}]"]);
  const tree = { ...homeTree(), [LOGIN]: external(), [LIST]: list, [`${PLAYER_APP}/helmrelease.yaml`]: reads };
  const off = secret().replace("login", "login\n  annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}");
  const what = (text: string) => {
    const { verdict, findings } = says(tree, { [LOGIN]: text });
    return [verdict, ...findings.filter(({ rule }) => rule === "reference-breaks").map((one) => one.level)];
  };
  expect(what(secret())).toEqual(["deletes", "caution"]);
  expect(what(off)).toEqual(["unsafe", "blocker", "caution"]);
  // Another one makes it soon.
  expect(what(`${off}${external("target: {name: login}").replace("name: login", "name: next")}`)).toEqual([
    "deletes",
    "caution",
  ]);
});

test.each(["before", "from then on"])("so it does where its Kustomization is suspended: %s", (when) => {
  const media = "kubernetes/apps/media";
  const late = (...more: string[]) => ks("late", "kubernetes/late", [...more, "targetNamespace: media"]);
  const list = (...more: string[]) => kustomization(["namespace.yaml", "player/ks.yaml", ...more]);
  const tree = {
    ...homeTree(),
    [`${media}/login.yaml`]: external().replace("login\n", "login\n  namespace: media\n"),
    [`${media}/kustomization.yaml`]: list("login.yaml", "late.yaml"),
    [`${PLAYER_APP}/helmrelease.yaml`]: release("player", ["valuesFrom: [{kind: Secret, name: login}]"]),
    [`${media}/late.yaml`]: when === "before" ? late("suspend: true") : late(),
    "kubernetes/late/a.yaml": object("ConfigMap", "a"),
  };
  const { verdict, findings } = says(tree, {
    [`${media}/login.yaml`]: undefined,
    [`${media}/kustomization.yaml`]: list("late.yaml"),
    [`${media}/late.yaml`]: late("suspend: true"),
    "kubernetes/late/login.yaml": secret(),
  });
  const found = findings.filter(({ rule }) => rule === "reference-breaks");
  expect([verdict, ...found.map(({ level, resource }) => `${level} ${resource}`)]).toEqual([
    "unsafe",
    "blocker HelmRelease media/player",
  ]);
});
