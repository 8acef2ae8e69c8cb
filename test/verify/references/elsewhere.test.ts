import { expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import type { Files } from "../judge.ts";
import { CHESS_APP, inShort, says } from "./tree.ts";

const GAMES = "kubernetes/apps/games";
const IN_SHOP = ["  namespace: shop"];
const config = object("ConfigMap", "settings", "v1", [...IN_SHOP, "data: {a: b, c: d}"]);
const claim = object("PersistentVolumeClaim", "data", "v1", [
  ...IN_SHOP,
  "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
]);
const account = object("ServiceAccount", "shop", "v1", IN_SHOP);
const secret = object("ExternalSecret", "shop", "external-secrets.io/v1", [
  ...IN_SHOP,
  "spec: {secretStoreRef: {name: vault, kind: ClusterSecretStore}, target: {name: login}, data: [{secretKey: a, remoteRef: {key: b}}]}",
]);
const optional = object("ConfigMap", "more", "v1", IN_SHOP);
const ALL = [config, claim, account, secret, optional];
const hpa = (name: string) =>
  object("HorizontalPodAutoscaler", "shop", "autoscaling/v2", [
    ...IN_SHOP,
    `spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}}`,
  ]);
const shop = (name: string) =>
  object("Deployment", name, "apps/v1", [
    ...IN_SHOP,
    "spec:",
    `  selector: {matchLabels: {app: ${name}}}`,
    "  template:",
    `    metadata: {labels: {app: ${name}}}`,
    "    spec:",
    "      serviceAccountName: shop",
    "      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]",
    "      containers:",
    "        - name: shop",
    "          image: shop:1",
    "          volumeMounts: [{name: data, mountPath: /data}]",
    "          env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: a}}}]",
    "          envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: login}}, {configMapRef: {name: more, optional: true}}]",
  ]);

const BASE = "spokes/base/all.yaml";
const APPS = "spokes/apps/shop.yaml";
const far = (name: string) => ks(name, `spokes/${name}`, ["kubeConfig: {secretRef: {name: west}}"]);
const RELEASE = `${CHESS_APP}/helmrelease.yaml`;
/** A hub that applies an app and what that needs to another cluster, with one of its own that names the same here. */
const hub = (): Files => ({
  ...homeTree(),
  [`${GAMES}/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "west.yaml"]),
  [`${GAMES}/west.yaml`]: far("base") + far("apps"),
  [BASE]: ALL.join(""),
  [APPS]: shop("shop"),
  [RELEASE]: release("chess", ["targetNamespace: shop", "values: {existingClaim: data}"]) + shop("here"),
});
const without = (...gone: string[]) => ({ [BASE]: ALL.filter((one) => !gone.includes(one)).join("") });
const BREAKS = "reference-breaks Deployment shop/shop in the cluster of flux-system/west";
const MISSING = BREAKS.replace("breaks", "missing");

test.each([
  ["a ConfigMap", config],
  ["a claim", claim],
  ["an account", account],
  ["the maker of a Secret", secret],
])("what goes in another cluster breaks what names it there, and nothing here: %s", (_, gone) => {
  expect(new Set(inShort(hub(), without(gone)).split(" | "))).toEqual(new Set(["unsafe", BREAKS]));
});

test("what is optional, goes along, or comes from elsewhere in that cluster breaks nothing", () => {
  expect(inShort(hub(), without(optional))).toBe("deletes");
  expect(inShort(hub(), { ...without(config, claim, account, secret), [APPS]: optional })).not.toContain("reference");
  // A part of Flux there is read by the Flux of that cluster.
  const other = object("HelmRelease", "shop", "helm.toolkit.fluxcd.io/v2", [
    ...IN_SHOP,
    "spec: {interval: 1h, chartRef: {kind: OCIRepository, name: shop}, valuesFrom: [{kind: ConfigMap, name: settings}]}",
  ]);
  expect(inShort({ ...hub(), [APPS]: other }, without(config))).toBe("deletes");
  // The same goes here: what is here breaks, and nothing there.
  const here: Files = { ...hub(), [`${CHESS_APP}/settings.yaml`]: config };
  here[`${CHESS_APP}/kustomization.yaml`] = kustomization(["helmrelease.yaml", "settings.yaml"]);
  expect(inShort(here, { [`${CHESS_APP}/settings.yaml`]: optional })).toContain(
    "reference-breaks Deployment games/here",
  );
  expect(inShort(here, { [`${CHESS_APP}/settings.yaml`]: optional })).not.toContain("in the cluster of");
});

test.each([
  ["a key goes", BASE, "{a: b, c: d}", "{c: d}", BREAKS],
  ["a key is misspelt", APPS, "key: a", "key: aa", MISSING],
  ["an account is misspelt", APPS, "serviceAccountName: shop", "serviceAccountName: shp", MISSING],
  ["a claim is misspelt", APPS, "claimName: data", "claimName: dta", MISSING],
  [
    "what is scaled is misspelt",
    APPS,
    "kind: Deployment, name: shop",
    "kind: Deployment, name: shpo",
    BREAKS.replace("breaks Deployment", "missing HorizontalPodAutoscaler"),
  ],
])("a slip there is one as it is here: %s", (_, path, from, to, said) => {
  const tree: Files = { ...hub(), [APPS]: shop("shop") + hpa("shop") };
  expect(tree[path]).toContain(from);
  expect(inShort(tree, { [path]: tree[path]!.replace(from, to) })).toBe(`unsafe | ${said}`);
  expect(inShort(tree, { [path]: tree[path]!.replace("image: shop:1", "image: shop:2") })).toBe("safe");
});

test("what nothing makes there is looked for in that cluster", () => {
  const byHand = { [APPS]: shop("shop").replace("{secretRef: {name: login}}", "{secretRef: {name: by-hand}}") };
  expect(inShort({ ...hub(), ...without(secret) }, byHand)).toBe(
    `unproven | ${BREAKS.replace("reference-breaks", "safety-unknown")}`,
  );
  const [said] = says({ ...hub(), ...without(secret) }, byHand).findings.filter(
    ({ rule }) => rule === "safety-unknown",
  );
  expect(said?.next).toContain("Look in that cluster with kubectl get secret by-hand -n shop");
});

test("a generated ConfigMap is known there by the name that its users get", () => {
  const generated = (name: string) =>
    kustomization(["shop.yaml"], ["configMapGenerator:", `  - {name: ${name}, namespace: shop, literals: [a=b]}`]);
  const tree = { ...hub(), ...without(config), "spokes/apps/kustomization.yaml": generated("settings") };
  const other = { "spokes/apps/kustomization.yaml": generated("settings").replace("a=b", "a=c") };
  expect(inShort(tree, other)).not.toMatch(/reference-/);
  expect(inShort(tree, { "spokes/apps/kustomization.yaml": generated("setings") })).toContain(
    "reference-breaks Deployment shop/shop in the cluster of flux-system/west",
  );
});
