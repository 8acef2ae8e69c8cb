import { describe, expect, test } from "vitest";
import type { Gap } from "../../src/change/types.ts";
import type { SaidFinding } from "../../src/contract/finding.ts";
import { openGaps } from "../../src/safety/unknown/gaps.ts";
import { homeTree, ks, kustomization, object } from "./home-tree.ts";
import { type Edits, judge } from "./judge.ts";

const APPS = "kubernetes/flux/apps.yaml";
const MEDIA = "kubernetes/apps/media/kustomization.yaml";
const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const RELEASE = "kubernetes/apps/media/player/app/helmrelease.yaml";
const LABELS = "kubernetes/parts/labels/kustomization.yaml";

const media = (resources: string[], component = "../../parts/labels") =>
  kustomization(resources, ["components:", `  - ${component}`]);
const OWN = ["namespace.yaml", "player/ks.yaml"];

/** `cluster-apps` lists a file that is not there, before the change and after it. */
function brokenTree(prune = true): Record<string, string> {
  const home = homeTree();
  return {
    ...home,
    [APPS]: prune ? home[APPS]! : home[APPS]!.replace("prune: true", "prune: false"),
    [MEDIA]: media([...OWN, "gone/ks.yaml"]),
    [LABELS]: "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {team: home}}]\n",
  };
}

function answer(edits: Edits, tree = brokenTree()) {
  const { safety, findings } = judge(tree, edits);
  return {
    verdict: safety.verdict,
    rules: findings.map(({ rule }) => rule),
    says: safety.unknown.map(({ what }) => what),
  };
}

const edited = (file: string, from: string, to: string, tree = brokenTree()): Edits => {
  expect(tree[file]).toContain(from);
  return { [file]: tree[file]!.replace(from, to) };
};

describe("below a Kustomization that builds on neither side", () => {
  test("a path that leads nowhere is said, with its place", () => {
    const { verdict, says } = answer(edited(PLAYER, "path: ./kubernetes/apps/media", "path: ./kubernetes/apps/mdeia"));
    expect(verdict).toBe("unproven");
    expect(says[0]).toContain("Kustomization flux-system/cluster-apps cannot be built here");
  });

  test.each([
    [
      "a path",
      edited(PLAYER, "path: ./kubernetes/apps/media", "path: ./kubernetes/apps/mdeia"),
      "path not found: kubernetes/apps/mdeia/player/app; there is kubernetes/apps/media",
    ],
    ["a source", edited(PLAYER, "name: home", "name: hoem"), "GitRepository/hoem"],
    ["a component", { [MEDIA]: media([...OWN, "gone/ks.yaml"], "../../parts/lables") }, "no such directory"],
  ])("%s that is misspelt is said, where nothing can be pruned", (_, edits, says) => {
    const found = answer(edits as Edits, brokenTree(false));
    expect(found).toMatchObject({ verdict: "unproven", rules: ["safety-unknown"] });
    expect(found.says[0]).toContain("builds neither before this change nor after (resources: ");
    expect(found.says[0]).toContain(says);
    expect(found.says[0]).toMatch(/\(kubernetes\/.*:\d+\)\.$/);
  });

  test("a field that the API server refuses is said", () => {
    const found = answer(edited(PLAYER, "interval: 30m", "interval: 30m\n  retrryInterval: 1m"));
    expect(found.verdict).toBe("unproven");
    expect(found.says[0]).toContain("spec.retrryInterval");
  });

  test("what the spec of it takes away from the readable ones is said", () => {
    const patched = (kind: string) =>
      ks("cluster-apps", "kubernetes/apps", [
        `patches: [{patch: "[{op: add, path: /spec/path, value: ./kubernetes/other}]", target: {kind: ${kind}}}]`,
      ]).replace("prune: true", "prune: false");
    const tree = {
      ...brokenTree(false),
      [APPS]: patched("Kustomization"),
      "kubernetes/other/map.yaml": object("ConfigMap", "other"),
    };
    expect(answer({ [APPS]: patched("Kustomisation") }, tree)).toMatchObject({ verdict: "unproven" });
  });

  test("what goes elsewhere and is named there is said", () => {
    const chart = object("HelmRepository", "charts", "source.toolkit.fluxcd.io/v1", [
      "  namespace: media",
      "spec: {interval: 1h, url: https://charts.example.invalid}",
    ]);
    const listing = "kubernetes/apps/media/player/app/kustomization.yaml";
    const sources = "kubernetes/flux/vars/charts.yaml";
    const tree = {
      ...homeTree(),
      [listing]: kustomization(["helmrelease.yaml", "gone.yaml"]),
      [sources]: chart,
    };
    const found = answer({ [sources]: undefined }, tree);
    expect(found.verdict).toBe("unproven");
    expect(found.says[0]).toContain("HelmRelease media/player names HelmRepository/charts");
  });

  test("a folder of which nothing can be read is said, where the change touches it", () => {
    const at = (path: string) => ks("cluster-apps", path).replace("prune: true", "prune: false");
    const found = answer({ [APPS]: at("kubernetes/gone") }, { ...brokenTree(false), [APPS]: at("kubernetes/missing") });
    expect(found.says).toEqual([expect.stringContaining("what Flux applies of it cannot be seen here")]);
  });
});

describe("nothing is said below it", () => {
  test.each([
    ["of what only changes content", edited(PLAYER, "interval: 30m", "interval: 1h")],
    ["of a release with other values", edited(RELEASE, "interval: 1h", "interval: 2h")],
    ["of another file that is not there and only adds", { [MEDIA]: media([...OWN, "gone/ks.yaml", "new/ks.yaml"]) }],
    ["of what lies elsewhere", { "docs/notes.md": "read me\n" }],
  ])("%s", (_, edits) => {
    expect(answer(edits as Edits)).toMatchObject({ verdict: "safe", says: [] });
    expect(answer(edits as Edits, brokenTree(false))).toMatchObject({ verdict: "safe", says: [] });
  });
});

test("a file that a generator reads and that the change takes away stops the build, beside one that was never there", () => {
  const listing = "kubernetes/apps/media/player/app/kustomization.yaml";
  const tree = {
    ...homeTree(),
    [listing]: kustomization(
      ["helmrelease.yaml", "pvc.yaml"],
      ["configMapGenerator: [{name: a, files: [kept-out.env]}, {name: b, files: [script.js]}]"],
    ),
    "kubernetes/apps/media/player/app/script.js": "run()\n",
  };
  const found = answer({ "kubernetes/apps/media/player/app/script.js": undefined }, tree);
  expect(found).toMatchObject({ verdict: "unsafe", rules: expect.arrayContaining(["build-breaks"]) });
});

describe("a folder that the source leaves out", () => {
  const CLUSTER = "kubernetes/flux/config/cluster.yaml";
  const home = homeTree();
  const THEIRS = "other/apps/radio/config.yaml";
  const radio = (value: string) => `${object("ConfigMap", "radio")}data: {a: ${value}}\n`;
  const tree = (ignore: string): Record<string, string> => ({
    ...home,
    [CLUSTER]: home[CLUSTER]!.replace("  ref: {branch: main}", `  ref: {branch: main}\n  ignore: ${ignore}`),
    [PLAYER]: home[PLAYER]! + ks("radio", "other/apps/radio", ["targetNamespace: media"]),
    [THEIRS]: radio("one"),
  });

  test("is not touched by what changes there", () => {
    expect(answer({ [THEIRS]: radio("two") }, tree("/other")).verdict).toBe("safe");
  });

  test("is touched where it comes to be left in", () => {
    expect(answer({ [CLUSTER]: tree("/docs")[CLUSTER] }, tree("/other")).verdict).toBe("unproven");
  });
});

test("what is said at a line hides nothing of another kind at that line", () => {
  const gap = { key: "Kustomization.kustomize.toolkit.fluxcd.io/a/b", reason: "it fails", failures: new Set() } as Gap;
  const say = (rule: string, what: string) =>
    ({ rule, level: "blocker", what, at: { file: "a.yaml", line: 1 } }) as unknown as SaidFinding;
  const open = (...findings: SaidFinding[]) =>
    openGaps([gap], {
      as: () => ({ verdict: "unsafe", findings: [say("object-refused", "One is refused.")] }),
      asIfBuilt: () => ({ verdict: "unsafe", findings }),
    }).map(({ what }) => what);
  expect(open(say("wanted-may-go", "Another goes."))).toEqual([expect.stringContaining("then: Another goes")]);
  expect(open(say("object-refused", "One is refused, in other words."))).toEqual([]);
});
