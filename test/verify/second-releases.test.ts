import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { ks, kustomization, object, release } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";
import { APP, CAPP, CHESS, cm, HR, h, MEDIA, PLAYER, PVC, sayOf } from "./odd-tree.ts";

const GAMES = "kubernetes/apps/games";
const EXTRA = `${GAMES}/extra.yaml`;
const LIST = { [`${GAMES}/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "extra.yaml"]) };
const add = (text: string) => sayOf(h, { ...LIST, [EXTRA]: text });
const second = (...spec: string[]) =>
  release("second", spec).replace("name: second", "name: second\n  namespace: games");

test("a second HelmRelease of one Helm release", () => {
  const same = second("releaseName: player", "targetNamespace: media", "storageNamespace: media");
  expect(add(same)).toBe("unsafe | second-owner HelmRelease games/second");
  expect(add(second("releaseName: player"))).toBe("safe");
  expect(add(second("releaseName: player", "targetNamespace: media", "storageNamespace: media", "suspend: true"))).toBe(
    "safe",
  );
});

test("each cluster has releases of its own", () => {
  const spoke = (name: string) =>
    ks(name, CAPP, ["targetNamespace: games", `kubeConfig: {secretRef: {name: ${name}}}`]);
  const rules = (edits: Edits, tree: Files) => verifyEdits(edits, tree).findings.map(({ rule }) => rule);
  const fleet = { ...h, [CHESS]: spoke("one") };
  expect(
    rules({ [CHESS]: spoke("one") + spoke("two") + ks("hub", CAPP, ["targetNamespace: games"]) }, fleet),
  ).not.toContain("second-owner");
  const twice = release("chess") + release("second", ["releaseName: chess"]);
  expect(rules({ [`${CAPP}/helmrelease.yaml`]: twice }, fleet)).toContain("second-owner");
});

test("a HelmRelease that stays when it leaves Git is still one", () => {
  const KEPT = "name: player\n  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}";
  const next = { [HR]: release("next", ["releaseName: player"]) };
  expect(sayOf({ ...h, [HR]: h[HR]!.replace("name: player", KEPT) }, next)).toContain(
    "second-owner HelmRelease media/next",
  );
  expect(sayOf(h, next)).not.toContain("second-owner");
});

test("a HelmRelease that gets another name while the old one stays is installed twice", () => {
  const KEPT = "name: player\n  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}";
  const kept = { ...h, [HR]: h[HR]!.replace("name: player", KEPT) };
  const { findings } = verifyEdits({ [HR]: release("next") }, kept);
  expect(findings.find(({ rule }) => rule === "second-owner")?.what).toContain(
    "HelmRelease media/next takes the place of HelmRelease media/player, which Flux leaves in the cluster",
  );
  expect(sayOf(kept, { [HR]: release("next").replace("chart: app", "chart: other") })).not.toContain("second-owner");
  expect(sayOf(kept, { [HR]: undefined, [`${APP}/kustomization.yaml`]: kustomization(["pvc.yaml"]) })).not.toContain(
    "second-owner",
  );
  expect(sayOf(h, { [HR]: release("next") })).not.toContain("second-owner");
});

test("so is one that was suspended, whose release Helm leaves", () => {
  const paused = { ...h, [HR]: release("player", ["suspend: true"]) };
  const { findings } = verifyEdits({ [HR]: release("next") }, paused);
  expect(findings.find(({ rule }) => rule === "second-owner")?.what).toContain(
    "HelmRelease media/next takes the place of HelmRelease media/player, which is suspended, so that Helm leaves its release",
  );
  expect(sayOf(paused, { [HR]: release("next", ["releaseName: player"]) })).toBe(
    "deletes | deleted HelmRelease media/player",
  );
  expect(sayOf(paused, { [HR]: release("next", ["suspend: true"]) })).toBe(
    "deletes | deleted HelmRelease media/player",
  );
  // Helm takes over what bears the name and the namespace of its release, wherever it keeps its records.
  expect(sayOf(paused, { [HR]: release("next", ["releaseName: player", "storageNamespace: flux-system"]) })).toBe(
    "deletes | deleted HelmRelease media/player",
  );
});

test("a second ConfigMap of one name counts where it says something else", () => {
  const settings = (data: string) => cm("cluster-settings", data, ["  namespace: flux-system"]);
  expect(add(settings("{DOMAIN: other.invalid}"))).toBe("unsafe | second-owner Kustomization flux-system/cluster-apps");
  expect(add(settings("{DOMAIN: example.invalid}"))).toBe("safe");
  expect(add(settings("{OTHER: x}"))).toBe("safe");
  expect(add(settings("{DOMAIN: '${OPEN}'}"))).not.toContain("second-owner");
});

test("a second Namespace of one name counts where it says something else by which others work in it", () => {
  const NS = `${CAPP}/namespace.yaml`;
  const list = { [`${CAPP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "namespace.yaml"]) };
  const games = (marks: string) => object("Namespace", "games", "v1", [`  labels: {${marks}}`]);
  const says = (own: string, other: string) =>
    sayOf({ ...h, [`${GAMES}/namespace.yaml`]: games(own) }, { ...list, [NS]: games(other) });
  const enforce = "pod-security.kubernetes.io/enforce: privileged";
  const second = "unsafe | second-owner Kustomization flux-system/chess";
  expect(says(enforce, "team: a")).toBe(second);
  expect(says("team: a", enforce)).toBe(second);
  expect(says(enforce, enforce.replace("privileged", "restricted"))).toContain(second);
  expect(says(enforce, `${enforce}, team: a`)).toBe("safe");
  expect(says("team: a", "team: b")).toBe("safe");
  expect(says(enforce, "pod-security.kubernetes.io/enforce: '${LEVEL}'")).not.toContain("second-owner");
});

test("a second object of any kind counts where both say something else", () => {
  const files = (own: string, other: string, spec = ["targetNamespace: media"]): [Files, Edits] => [
    {
      ...h,
      [`${APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "x.yaml"]),
      [`${APP}/x.yaml`]: own,
    },
    {
      ...{ ...LIST, [EXTRA]: ks("second", "kubernetes/second", spec) },
      ...{ "kubernetes/second/x.yaml": other },
      "kubernetes/second/kustomization.yaml": kustomization(["x.yaml"]),
    },
  ];
  const says = (own: string, other: string, spec?: string[]) => sayOf(...files(own, other, spec));
  const secret = (key: string, more: string[] = []) =>
    object("ExternalSecret", "x", "external-secrets.io/v1", [
      ...more,
      `spec: {secretStoreRef: {name: s, kind: ClusterSecretStore}, dataFrom: [{extract: {key: ${key}}}]}`,
    ]);
  const second = "unsafe | second-owner Kustomization flux-system/second";
  expect(says(secret("a"), secret("b"))).toBe(second);
  expect(says(secret("a"), secret("a", ["  labels: {team: b}"]))).toBe("safe");
  expect(says(secret("a"), secret("'${KEY}'"))).not.toContain("second-owner");
  expect(says(secret("a"), secret("b"), ["targetNamespace: media", "suspend: true"])).not.toContain("second-owner");
  const once = ["  annotations: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}"];
  expect(says(secret("a"), secret("b", once))).not.toContain("second-owner");
  const source = (tag: string) =>
    object("OCIRepository", "x", "source.toolkit.fluxcd.io/v1", [
      `spec: {interval: 1h, url: 'oci://ghcr.io/me/x', ref: {tag: ${tag}}}`,
    ]);
  expect(says(source("1.0.0"), source("2.0.0"))).toBe(second);
  expect(
    says(source("1.0.0"), source("1.0.0").replace("{interval: 1h, url", "{url").replace("x', ", "x', interval: 1h, ")),
  ).toBe("safe");
});

test("a HelmRelease that moves with its file to another namespace while the old one stays runs twice", () => {
  const NEW = `${GAMES}/player`;
  const moved = (prune: boolean) => ({
    ...{ [PLAYER]: undefined, [HR]: undefined, [`${APP}/kustomization.yaml`]: undefined, [PVC]: undefined },
    [MEDIA]: kustomization(["namespace.yaml"]),
    [`${GAMES}/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "player/ks.yaml"]),
    [`${NEW}/ks.yaml`]: ks("player", `${NEW}/app`, ["targetNamespace: games"]).replace(
      "prune: true",
      `prune: ${prune}`,
    ),
    [`${NEW}/app/helmrelease.yaml`]: h[HR]!,
  });
  const KEEPS = h[PLAYER]!.replace("prune: true", "prune: false");
  const { findings } = verifyEdits(moved(false), { ...h, [PLAYER]: KEEPS });
  expect(findings.find(({ rule }) => rule === "second-owner")?.what).toContain(
    "the release player runs in media and in games side by side",
  );
  const { findings: gone } = verifyEdits(moved(true), h);
  expect(gone.map(({ rule }) => rule)).not.toContain("second-owner");
  const next = gone.find(({ resource }) => resource === "HelmRelease media/player")?.next;
  expect(next).toContain("--accept 'HelmRelease media/player'");
  expect(next).not.toContain("prune: false");
});

test("two new Kustomizations that apply the same new objects", () => {
  const NEW = `${GAMES}/draughts`;
  const add = (other: string) => ({
    [`${GAMES}/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "draughts/ks.yaml"]),
    [`${NEW}/ks.yaml`]:
      ks("draughts", `${NEW}/app`, ["targetNamespace: games"]) + ks("draughts-two", other, ["targetNamespace: games"]),
    [`${NEW}/app/helmrelease.yaml`]: release("draughts"),
    [`${NEW}/two/settings.yaml`]: cm("draughts-two", "{a: b}"),
  });
  expect(sayOf(h, add(`${NEW}/app`))).toBe("unsafe | second-owner Kustomization flux-system/draughts-two");
  expect(sayOf(h, add(`${NEW}/two`))).toBe("safe");
  // Without a namespace they are refused, and that is enough.
  const bare = Object.entries(add(`${NEW}/app`)).map(([path, text]) => [
    path,
    path.endsWith("draughts/ks.yaml") ? text.replaceAll(/ +targetNamespace: games\n/g, "") : text,
  ]);
  const deployment = object("Deployment", "draughts", "apps/v1", [
    "spec: {selector: {matchLabels: {a: d}}, template: {metadata: {labels: {a: d}}, spec: {containers: [{name: a, image: a}]}}}",
  ]);
  const said = sayOf(h, { ...Object.fromEntries(bare), [`${NEW}/app/helmrelease.yaml`]: deployment });
  expect(said).toContain("object-refused");
  expect(said).not.toContain("second-owner");
});
