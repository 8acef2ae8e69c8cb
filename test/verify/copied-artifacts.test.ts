import { describe, expect, test } from "vitest";
import { ks, kustomization, object, operatorTree, release } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";
import { inShort, PLAYER, PLAYER_APP } from "./references/tree.ts";

const CONFIG = "kubernetes/flux/config/kustomization.yaml";
const INSTANCE = "kubernetes/flux/config/instance.yaml";
const MAKER = "kubernetes/flux/config/maker.yaml";
const HELM = `${PLAYER_APP}/helmrelease.yaml`;
/** An ArtifactGenerator with one artifact for each folder that it copies. */
const maker = (folders: Record<string, string>) =>
  object("ArtifactGenerator", "parts", "source.extensions.fluxcd.io/v1beta1", [
    "  namespace: flux-system",
    "spec:",
    "  sources: [{alias: r, kind: GitRepository, name: flux-system}]",
    "  artifacts:",
    ...Object.entries(folders).map(
      ([name, from]) => `    - {name: ${name}, copy: [{from: '@r/${from}/**', to: '@artifact/'}]}`,
    ),
  ]);
const base: Files = {
  ...operatorTree(),
  [INSTANCE]: operatorTree()
    [INSTANCE]!.replace("2.6.x", "2.8.x")
    .replace("components: [", "components: [source-watcher, "),
  [CONFIG]: kustomization(["instance.yaml", "maker.yaml"]),
};
const moved = (tree: Files, from: string, to: string): Edits =>
  Object.fromEntries(
    Object.entries(tree)
      .filter(([path]) => path.startsWith(`${from}/`))
      .flatMap(([path, text]) => [
        [path, undefined],
        [path.replace(from, to), text],
      ]),
  );

describe("a folder that a Kustomization reads by way of an artifact", () => {
  const tree: Files = {
    ...base,
    [MAKER]: maker({ player: PLAYER_APP }),
    [PLAYER]: ks("player", "", ["targetNamespace: media"], "player").replace("GitRepository", "ExternalArtifact"),
  };
  const to = "kubernetes/apps/media/player/base";

  test("moves, and what is copied with it", () => {
    const edits = { ...moved(tree, PLAYER_APP, to), [MAKER]: maker({ player: to }) };
    expect(inShort(tree, edits)).toBe("safe");
    // Its reader may be edited in the same change, but for its path.
    const slower = { [PLAYER]: tree[PLAYER]!.replace("interval: 30m", "interval: 1h") };
    expect(inShort(tree, { ...edits, ...slower })).toBe("safe");
    const lost = {
      ...edits,
      [`${to}/pvc.yaml`]: undefined,
      [`${to}/kustomization.yaml`]: kustomization(["helmrelease.yaml"]),
    };
    expect(inShort(tree, lost)).toBe("deletes");
  });

  test("no longer builds, for want of the file of a patch", () => {
    const patched = (kind: string, path: string) =>
      kustomization(["helmrelease.yaml", "pvc.yaml"], [`patches: [{path: ${path}, target: {kind: ${kind}}}]`]);
    const file = `${PLAYER_APP}/kustomization.yaml`;
    const patch = { [`${PLAYER_APP}/slow.yaml`]: "- {op: replace, path: /spec/interval, value: 2h}\n" };
    const told = (kind: string) =>
      inShort({ ...tree, ...patch, [file]: patched(kind, "slow.yaml") }, { [file]: patched(kind, "slwo.yaml") });
    expect(told("HelmRelease")).toBe("unsafe | build-breaks Kustomization flux-system/player");
    // What it says may be patches of the Kustomization.
    expect(told("Kustomization")).toContain("unproven");
  });

  test("is edited, where it is copied by a pattern that is not followed", () => {
    const open = { ...tree, [MAKER]: tree[MAKER]!.replace("/**'", "/*.yaml'") };
    const edited = (text: string) => inShort(open, { [HELM]: text });
    expect(edited(tree[HELM]!.replace("interval: 1h", "interval: 1h\n  suspend: true"))).toContain("unproven");
    const tagged = (tag: string) => tree[HELM]!.replace("values: {", `values: {image: {tag: ${tag}}, `);
    expect(inShort({ ...open, [HELM]: tagged("1.0.0") }, { [HELM]: tagged("1.1.0") })).toBe("safe");
  });

  test("is left for another one", () => {
    const other = { [MAKER]: maker({ player: "kubernetes/apps/games/chess/app" }) };
    expect(inShort(tree, other)).toBe(
      "unsafe | wanted-may-go HelmRelease media/player | wanted-may-go PersistentVolumeClaim media/player",
    );
  });
});

describe("a chart that a release takes from an artifact", () => {
  const chart = (name: string) => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`;
  const tree: Files = {
    ...base,
    [MAKER]: maker({ chart: "charts/app" }),
    [HELM]: release("player").replace(
      /chart: \{spec.*/,
      "chartRef: {kind: ExternalArtifact, name: chart, namespace: flux-system}",
    ),
    "charts/app/Chart.yaml": chart("app"),
    "charts/app/values.yaml": "a: b\n",
    "charts/app/templates/config.yaml": object("ConfigMap", "app"),
    "charts/other/Chart.yaml": chart("other"),
  };

  test("gets another name", () => {
    const lost = /^unsafe \|.*wanted-may-go HelmRelease media\/player/;
    expect(inShort(tree, { "charts/app/Chart.yaml": chart("web") })).toMatch(lost);
    expect(inShort(tree, { [MAKER]: maker({ chart: "charts/other" }) })).toMatch(lost);
  });

  test("loses a template", () => {
    expect(inShort(tree, { "charts/app/templates/config.yaml": undefined })).toContain("unproven");
  });

  test("goes", () => {
    expect(inShort(tree, { "charts/app/Chart.yaml": undefined })).toBe(
      "unsafe | build-breaks HelmRelease media/player",
    );
  });

  test("gets other content, or moves with what is copied", () => {
    expect(inShort(tree, { "charts/app/values.yaml": "a: c\n" })).toBe("safe");
    const edits = { ...moved(tree, "charts/app", "charts/web"), [MAKER]: maker({ chart: "charts/web" }) };
    expect(inShort(tree, edits)).toBe("safe");
  });
});

test("what lies in a copied folder is the cluster's, and so is what a Kustomization in it builds", () => {
  const artifact = ks("parts", "", [], "parts").replace("GitRepository", "ExternalArtifact");
  const tree: Files = {
    ...base,
    [MAKER]: maker({ parts: "parts" }) + artifact,
    "parts/inner.yaml": ks("inner", "inner", ["targetNamespace: media"], "flux-system"),
    "inner/one.yaml": object("ConfigMap", "one"),
    "inner/two.yaml": object("ConfigMap", "two"),
  };
  expect(inShort(tree, { "inner/two.yaml": undefined })).toBe("deletes");
  expect(inShort(tree, { "inner/two.yaml": object("ConfigMap", "three") })).toContain("deletes");
  // Where what is copied cannot be told, it is not known who applies that.
  const merged = { ...tree, [MAKER]: tree[MAKER]!.replace("'@artifact/'", "'@artifact/', strategy: Merge") };
  expect(inShort(merged, { "inner/two.yaml": undefined })).toContain("unproven");
});
