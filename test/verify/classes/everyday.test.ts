import { describe, expect, test } from "vitest";
import { verifyEdits } from "../edited.ts";
import { homeTree, ks, kustomization, object, operatorTree, release } from "../home-tree.ts";
import type { Edits, Files } from "../judge.ts";

const APPS = "kubernetes/apps";
const APP = `${APPS}/media/player/app`;
const PLAYER = `${APPS}/media/player/ks.yaml`;
const LIST = `${APP}/kustomization.yaml`;
const HELM = `${APP}/helmrelease.yaml`;
const FLUX = "kubernetes/flux/config/flux.yaml";
const home: Files = homeTree();
/** The flux-manifests artifact, its tag with a digest. */
const pinned = (tag: string, digit: string) => home[FLUX]!.replace("v2.6.4", `${tag}@sha256:${digit.repeat(64)}`);

/** An app in three places, each with a Kustomization, so that many files change at once. */
const many: Files = { ...home };
const names = Array.from({ length: 20 }, (_, i) => `app-${i}`);
for (const name of names) {
  many[`${APPS}/more/${name}/ks.yaml`] = ks(name, `${APPS}/more/${name}/app`, ["targetNamespace: media"]);
  many[`${APPS}/more/${name}/app/helmrelease.yaml`] = release(name);
}
many[`${APPS}/more/kustomization.yaml`] = kustomization(names.map((name) => `${name}/ks.yaml`));

const changed = (tree: Files, pick: (path: string) => boolean, edit: (text: string) => string): Edits =>
  Object.fromEntries(
    Object.keys(tree)
      .filter(pick)
      .map((path) => [path, edit(tree[path]!)]),
  );

const web = (tag: string) =>
  object("Deployment", "web", "apps/v1", [
    `spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: web, image: 'web:${tag}'}]}}}`,
  ]);
const plain: Files = {
  ...home,
  [LIST]: kustomization(["helmrelease.yaml", "web.yaml"]),
  [`${APP}/web.yaml`]: web("1"),
};

/** The app with all its files in another folder, as `git mv` leaves it. */
const moved: Edits = {
  ...Object.fromEntries(
    Object.keys(home)
      .filter((path) => path.startsWith(`${APPS}/media/player/`))
      .flatMap((path) => [
        [path, undefined],
        [path.replace("/media/", "/games/"), home[path]!.replace("apps/media/player", "apps/games/player")],
      ]),
  ),
  [`${APPS}/media/kustomization.yaml`]: kustomization(["namespace.yaml"]),
  [`${APPS}/games/kustomization.yaml`]: kustomization(["namespace.yaml", "chess/ks.yaml", "player/ks.yaml"]),
};

/** The layout of an artifact whose top is a folder of the repository. */
const published: Files = Object.fromEntries(
  Object.entries(home).map(([path, text]) => [
    path,
    text
      .replaceAll("path: ./kubernetes/", "path: ./")
      .replace("kind: GitRepository\nmetadata:", "kind: OCIRepository\nmetadata:")
      .replaceAll("    kind: GitRepository", "    kind: OCIRepository")
      .replace("https://git.example.invalid/me/home.git", "oci://registry.example.invalid/me/home")
      .replace("ref: {branch: main}", "ref: {tag: latest}"),
  ]),
);

describe("what people do every day draws no word", () => {
  test.each<[string, Files, Edits]>([
    ["an image gets another tag", plain, { [`${APP}/web.yaml`]: web("2") }],
    [
      "an image gets another tag through its list",
      plain,
      { [LIST]: `${plain[LIST]}images: [{name: web, newTag: "3"}]\n` },
    ],
    [
      "a chart gets another version",
      home,
      { [HELM]: home[HELM]!.replace("chart: app,", "chart: app, version: 2.0.0,") },
    ],
    ["values change", home, { [HELM]: release("player", ["values: {host: 'tv.${DOMAIN}', replicas: 2}"]) }],
    [
      "a dependency comes",
      home,
      { [PLAYER]: `${home[PLAYER]}  dependsOn: [{name: cluster-apps-first}]\n`.replace("cluster-apps-first", "flux") },
    ],
    [
      "intervals change in many files",
      many,
      changed(
        many,
        (path) => path.endsWith("ks.yaml"),
        (text) => text.replace("30m", "1h"),
      ),
    ],
    [
      "comments come to many files",
      many,
      changed(
        many,
        (path) => path.startsWith(APPS),
        (text) => `# Kept by hand\n${text}`,
      ),
    ],
    ["an app moves to another folder", home, moved],
    [
      "a release is split into two",
      home,
      {
        [`${APP}/second.yaml`]: release("player-web"),
        [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "second.yaml"]),
      },
    ],
    [
      "documents of one file get a file each",
      { ...home, [HELM]: `${home[HELM]}${home[`${APP}/pvc.yaml`]}`, [LIST]: kustomization(["helmrelease.yaml"]) },
      { [HELM]: home[HELM], [LIST]: home[LIST] },
    ],
    [
      "docs and settings of other programs",
      home,
      {
        "README.md": "a\n",
        "docs/a.md": "b\n",
        "renovate.json": "{}\n",
        ".github/renovate.json5": "{}\n",
        ".github/workflows/lint.yaml": "on: push\n",
        "Taskfile.yaml": "version: 3\n",
      },
    ],
    [
      "a Secret is encrypted anew",
      home,
      {
        "kubernetes/flux/vars/settings.sops.yaml": home["kubernetes/flux/vars/settings.sops.yaml"]!.replace(
          "AA==",
          "BB==",
        ).replace("3.9.0", "3.10.0"),
      },
    ],
    [
      "a new cluster comes beside it",
      home,
      {
        "clusters/second/source.yaml": home["kubernetes/flux/config/cluster.yaml"]!.replaceAll("home", "second")
          .replaceAll("kubernetes/flux", "clusters/second")
          .replaceAll("name: cluster\n", "name: second\n")
          .replace("cluster-settings", "second-settings"),
        "clusters/second/settings.yaml": object("ConfigMap", "second-settings", "v1", [
          "  namespace: flux-system",
          "data: {DOMAIN: b.invalid}",
        ]),
      },
    ],
    [
      "a newer Flux whose tag has its digest",
      { ...home, [FLUX]: pinned("v2.6.4", "0") },
      { [FLUX]: pinned("v2.7.3", "1") },
    ],
    [
      "a newer Flux of the operator",
      operatorTree(),
      changed(
        operatorTree(),
        (path) => path.endsWith("instance.yaml"),
        (text) => text.replace("2.6.x", "2.7.x"),
      ),
    ],
  ])("%s", (_, tree, edits) => {
    const { verdict, findings } = verifyEdits(edits, tree);
    expect([verdict, findings.filter(({ level }) => level !== "info").map(({ what }) => what)]).toEqual(["safe", []]);
  });

  test("an artifact whose top is a folder of the repository", () => {
    const quiet = verifyEdits({ [PLAYER]: published[PLAYER]!.replace("30m", "1h") }, published, [], {
      artifactPath: "kubernetes",
    });
    expect([quiet.verdict, quiet.clusters.length]).toEqual(["safe", 1]);
    const loud = verifyEdits(
      { [LIST]: kustomization(["helmrelease.yaml"]), [`${APP}/pvc.yaml`]: undefined },
      published,
      [],
      { artifactPath: "kubernetes" },
    );
    expect(loud.clusters[0]!.safety.dangers.map(({ resource }) => resource)).toEqual([
      "PersistentVolumeClaim media/player",
    ]);
  });
});

test.each<[string, Edits]>([
  ["the values that all take", { "kubernetes/flux/vars/cluster-settings.yaml": undefined }],
  ["a parent", { "kubernetes/flux/apps.yaml": undefined }],
  ["a list", { [`${APPS}/more/kustomization.yaml`]: kustomization(["app-0/ks.yaml"]) }],
  [
    "the source",
    {
      "kubernetes/flux/config/cluster.yaml": many["kubernetes/flux/config/cluster.yaml"]!.replace(
        "branch: main",
        "branch: other",
      ),
    },
  ],
])("no name is said twice in a sentence: %s goes", (_, edits) => {
  const { findings } = verifyEdits(edits, many);
  expect(findings.length).toBeGreaterThan(0);
  for (const { what } of findings) expect(what).not.toMatch(/([A-Z]\w+ [\w-]+\/[\w.-]+)(?:, | and )\1(?![\w-])/);
});
