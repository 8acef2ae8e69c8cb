import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";
import {
  CHESS,
  CHESS_APP,
  chart,
  chartTree,
  GAMES,
  inFlux,
  inShort,
  PLAYER,
  PLAYER_APP,
  REPOS,
  repository,
  says,
} from "./tree.ts";

const LIST = `${REPOS}/kustomization.yaml`;

describe("a source that goes while its users stay", () => {
  test("taken out of a list: both users are named, in files that the change does not touch", () => {
    const { verdict, findings } = says(chartTree(), { [LIST]: kustomization(["spare.yaml"]) });
    expect(verdict).toBe("unsafe");
    const broken = findings.filter(({ rule }) => rule === "reference-breaks");
    expect(broken.map(({ resource, at }) => `${resource} ${at?.file}:${at?.line}`)).toEqual([
      `HelmRelease games/chess ${CHESS_APP}/helmrelease.yaml:8`,
      `HelmRelease media/player ${PLAYER_APP}/helmrelease.yaml:8`,
    ]);
    expect(broken[0]!.what).toContain(
      "names HelmRepository/bjw-charts in spec.chart.spec.sourceRef, which this change removes",
    );
    // Seen live (flux-facts 6.2): it is not refused at once.
    expect(broken[0]!.what).toContain(
      "it gets no other version of its chart, and once source-controller has lost the one it keeps Flux does not apply it any more",
    );
    expect(broken[0]!.why).toContain("flux-system/cluster, flux-system/cluster-apps, flux-system/chess");
  });

  test("seventy users are one finding", () => {
    const names = Array.from({ length: 70 }, (_, i) => `app-${i}`);
    const tree: Files = {
      ...chartTree(),
      ...Object.fromEntries(names.map((name) => [`${CHESS_APP}/${name}.yaml`, chart(name, "bjw-charts")])),
      [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", ...names.map((name) => `${name}.yaml`)]),
    };
    const broken = says(tree, { [LIST]: kustomization(["spare.yaml"]) }).findings.filter(
      ({ rule }) => rule === "reference-breaks",
    );
    expect(broken).toHaveLength(1);
    expect(broken[0]!.what).toContain("72 objects name HelmRepository/bjw-charts");
    expect(broken[0]!.what).toMatch(/\(kubernetes\/apps\/\S+:8:30\)/);
  });

  test("a parent takes it along", () => {
    const tree: Files = {
      ...chartTree(),
      "kubernetes/flux/config/repos.yaml": ks("repos", REPOS),
      "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml", "flux.yaml", "repos.yaml"]),
      "kubernetes/flux/kustomization.yaml": kustomization([
        "config",
        "vars/cluster-settings.yaml",
        "vars/settings.sops.yaml",
        "apps.yaml",
      ]),
    };
    expect(inShort(tree, { [`${LIST}x`]: "" })).toBe("safe");
    const edits: Edits = {
      "kubernetes/flux/config/repos.yaml": undefined,
      "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml", "flux.yaml"]),
    };
    expect(says(tree, edits).rules).toContain("reference-breaks HelmRelease media/player");
  });

  test("quiet when the users change with it, when nothing uses it, and when it only moves to another file", () => {
    expect(inShort(chartTree(), { [LIST]: kustomization(["bjw.yaml"]), [`${REPOS}/spare.yaml`]: undefined })).toBe(
      "deletes",
    );
    const both: Edits = {
      [LIST]: kustomization(["spare.yaml"]),
      [`${REPOS}/bjw.yaml`]: undefined,
      [`${PLAYER_APP}/helmrelease.yaml`]: chart("player", "spare-charts"),
      [`${CHESS_APP}/helmrelease.yaml`]: chart("chess", "spare-charts"),
    };
    expect(says(chartTree(), both).rules).toEqual([]);
    const moved: Edits = {
      [`${REPOS}/bjw.yaml`]: undefined,
      [`${REPOS}/all.yaml`]: repository("bjw-charts"),
      [LIST]: kustomization(["all.yaml", "spare.yaml"]),
    };
    expect(inShort(chartTree(), moved)).toBe("safe");
  });

  test("a suspended release waits for nothing", () => {
    const tree = { ...chartTree(), [`${CHESS_APP}/helmrelease.yaml`]: chart("chess", "bjw-charts", ["suspend: true"]) };
    const { rules } = says(tree, { [LIST]: kustomization(["spare.yaml"]), [`${REPOS}/bjw.yaml`]: undefined });
    expect(rules).toEqual(["reference-breaks HelmRelease media/player"]);
  });

  test("left behind because prune is off, it goes on serving", () => {
    const tree: Files = {
      ...chartTree(),
      "kubernetes/flux/config/repos.yaml": ks("repos", REPOS).replace("prune: true", "prune: false"),
      "kubernetes/flux/config/kustomization.yaml": kustomization(["cluster.yaml", "flux.yaml", "repos.yaml"]),
      "kubernetes/flux/kustomization.yaml": kustomization([
        "config",
        "vars/cluster-settings.yaml",
        "vars/settings.sops.yaml",
        "apps.yaml",
      ]),
    };
    expect(says(tree, { [LIST]: kustomization(["spare.yaml"]) }).rules).toEqual([]);
  });
});

describe("other things that go while something needs them", () => {
  const withSecret = (maker: string, user: string): Files => ({
    ...homeTree(),
    [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "secret.yaml"]),
    [`${CHESS_APP}/secret.yaml`]: maker,
    [`${CHESS_APP}/helmrelease.yaml`]: user,
  });
  const without: Edits = {
    [`${CHESS_APP}/secret.yaml`]: undefined,
    [`${CHESS_APP}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]),
  };
  const user = release("chess", ["valuesFrom: [{kind: Secret, name: chess-values}]"]);

  test("an ExternalSecret takes the Secret along that it owns, unless it leaves it", () => {
    const external = (spec: string) =>
      object("ExternalSecret", "values", "external-secrets.io/v1", ["spec:", `  target: {name: chess-values${spec}}`]);
    expect(inShort(withSecret(external(""), user), without)).toContain("reference-breaks HelmRelease games/chess");
    expect(says(withSecret(external(", creationPolicy: Orphan"), user), without).rules).toEqual([]);
  });

  test("a OnePasswordItem takes its Secret along", () => {
    const item = object("OnePasswordItem", "chess-values", "onepassword.com/v1", [
      "spec: {itemPath: vaults/a/items/b}",
    ]);
    expect(inShort(withSecret(item, user), without)).toContain("reference-breaks HelmRelease games/chess");
    // One that Flux leaves in the cluster keeps it.
    const marked = item.replace("metadata:", "metadata:\n  annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}");
    expect(says(withSecret(marked, user), without).rules).not.toContain("reference-breaks");
  });

  test("a Secret that something else makes instead is no loss", () => {
    const sealed = object("SealedSecret", "chess-values", "bitnami.com/v1alpha1", ["spec: {encryptedData: {}}"]);
    const other = { [`${PLAYER_APP}/pvc.yaml`]: sealed.replace("chess-values", "other") };
    const tree = { ...withSecret(object("Secret", "chess-values"), user), ...other };
    expect(says(tree, { [`${CHESS_APP}/secret.yaml`]: sealed }).rules).toEqual([]);
  });

  test.each([
    [
      "a claim",
      object("PersistentVolumeClaim", "chess-data"),
      "volumes: [{name: data, persistentVolumeClaim: {claimName: chess-data}}]",
    ],
    ["a ConfigMap", object("ConfigMap", "chess-data"), "volumes: [{name: data, configMap: {name: chess-data}}]"],
    ["a Secret", object("Secret", "chess-data"), "containers: [{name: a, envFrom: [{secretRef: {name: chess-data}}]}]"],
    ["an account", object("ServiceAccount", "chess-data"), "serviceAccountName: chess-data"],
  ])("%s that pods use", (_, maker, line) => {
    const pods = object("Deployment", "chess", "apps/v1", ["spec:", "  template:", "    spec:", `      ${line}`]);
    const { findings } = says(withSecret(maker, pods), without);
    const broken = findings.find(({ rule }) => rule === "reference-breaks");
    expect(broken?.resource).toBe("Deployment games/chess");
    expect(broken?.what).toContain("its pods do not start any more");
  });

  test("a Kustomization that others depend on, a provider of alerts", () => {
    const tree: Files = {
      ...homeTree(),
      "kubernetes/flux/alerts.yaml":
        inFlux("Provider", "chat", "notification.toolkit.fluxcd.io/v1beta3", ["  type: slack"]) +
        inFlux("Alert", "all", "notification.toolkit.fluxcd.io/v1beta3", [
          "  providerRef: {name: chat}",
          "  eventSources: [{kind: Kustomization, name: '*'}]",
        ]),
    };
    const alone = inFlux("Alert", "all", "notification.toolkit.fluxcd.io/v1beta3", [
      "  providerRef: {name: chat}",
      "  eventSources: [{kind: Kustomization, name: '*'}]",
    ]);
    expect(says(tree, { "kubernetes/flux/alerts.yaml": alone }).rules).toEqual([
      "reference-breaks Alert flux-system/all",
    ]);
    const gone: Edits = {
      [PLAYER]: undefined,
      "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]),
    };
    expect(says(tree, gone).rules).toContain("reference-breaks Kustomization flux-system/chess");
    expect(says(tree, { ...gone, [CHESS]: ks("chess", CHESS_APP, ["targetNamespace: games"]) }).rules).toEqual([]);
  });

  test("an app that goes with everything of its own breaks nothing", () => {
    const edits: Edits = {
      [CHESS]: undefined,
      [`${CHESS_APP}/kustomization.yaml`]: undefined,
      [`${CHESS_APP}/helmrelease.yaml`]: undefined,
      [GAMES]: kustomization(["namespace.yaml"]),
    };
    expect(inShort(chartTree(), edits)).toBe("deletes");
  });
});

describe("an artifact", () => {
  const generator = (name: string) =>
    inFlux("ArtifactGenerator", "copies", "source.extensions.fluxcd.io/v1beta1", [
      "  sources: [{alias: repo, kind: GitRepository, name: home}]",
      `  artifacts: [{name: ${name}, copy: [{from: '@repo/${CHESS_APP}/**', to: '@artifact/'}]}]`,
    ]);
  const file = "kubernetes/flux/copies.yaml";
  const reader = ks("chess", "", ["targetNamespace: games"], "chess").replace("GitRepository", "ExternalArtifact");
  const tree = { ...homeTree(), [file]: generator("chess"), [CHESS]: reader };

  test("goes with what generates it, and with its name there, while a Kustomization reads it", () => {
    for (const edits of [{ [file]: undefined }, { [file]: generator("ches") }]) {
      const { verdict, rules } = says(tree, edits);
      expect(verdict).toBe("unsafe");
      expect(rules).toContain("reference-breaks Kustomization flux-system/chess");
    }
  });
});
