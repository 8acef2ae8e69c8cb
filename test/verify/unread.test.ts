import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../support/project.ts";
import { verifyEdits } from "./edited.ts";
import { homeTree as dependentTree, ks, kustomization, object, release } from "./home-tree.ts";
import { type Edits, type Files, judge } from "./judge.ts";

const PLAYER = "kubernetes/apps/media/player/ks.yaml";
const MEDIA = "kubernetes/apps/media/kustomization.yaml";
const APP = "kubernetes/apps/media/player/app";
const LISTING = `${APP}/kustomization.yaml`;
const PVC = "PersistentVolumeClaim media/player";
const BOTH = ["helmrelease.yaml", "pvc.yaml"];
const bumped = { [`${APP}/helmrelease.yaml`]: release("player", ["values: {replicas: 2}"]) };

/** Verdict, what goes, and the resources that are open. */
function answer(edits: Edits, tree: Files = homeTree(), accept?: string[]) {
  const { verdict, dangers, unknown } = judge(tree, edits, 0, undefined, accept).safety;
  return {
    verdict,
    goes: dangers.map(({ resource }) => resource).sort(),
    open: unknown.map(({ resources, at }) => `${resources.join()} ${at?.file}:${at?.line}`),
  };
}
/** Without the dependency between its apps, which breaks when one goes. */
const homeTree = (): Files => ({
  ...dependentTree(),
  "kubernetes/apps/games/chess/ks.yaml": ks("chess", "kubernetes/apps/games/chess/app", ["targetNamespace: games"]),
});
const SAFE = { verdict: "safe", goes: [], open: [] };

function readExample(name: string): Files {
  const root = join(PROJECT_ROOT, "examples", name);
  const all = readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) => join(root, path));
  return Object.fromEntries(
    all.filter((path) => statSync(path).isFile()).map((path) => [relative(root, path), readFileSync(path, "utf8")]),
  );
}

test("a release goes below a listing that patches an annotation into maps that are not there", () => {
  const listing = "kubernetes/apps/default/kustomization.yaml";
  const patch = "- op: add\n        path: /metadata/annotations/example.com~1team\n        value: home\n";
  const tree = readExample("home-ops");
  tree[listing] += `patches:\n  - target: {kind: Kustomization}\n    patch: |\n      ${patch}`;
  const report = verifyEdits({ [listing]: tree[listing]!.replace(/.*\.\/bookmarks\/ks\.yaml\n/, "") }, tree);
  expect(report).toMatchObject({ verdict: "deletes", safe: false });
  expect(report.clusters[0]!.safety.outcomes.deleted!.names).toContain("HelmRelease default/bookmarks");
});

test("patches of a parent decide what goes with a Kustomization", () => {
  const apps = "kubernetes/flux/apps.yaml";
  const patched = (operation: object) => ({
    ...homeTree(),
    [PLAYER]: ks("player", APP, ["targetNamespace: media", "deletionPolicy: Delete"]),
    [apps]: `${homeTree()[apps]!.trimEnd()}\n  patches: [{target: {kind: Kustomization, name: player}, patch: '${JSON.stringify([operation])}'}]\n`,
  });
  const gone = { [PLAYER]: undefined, [MEDIA]: kustomization(["namespace.yaml"]) };
  const orphan = patched({ op: "replace", path: "/spec/deletionPolicy", value: "Orphan" });
  expect(answer(gone, orphan).goes).toEqual(["Kustomization flux-system/player"]);
  const spared = patched({
    op: "add",
    path: "/metadata/annotations/kustomize.toolkit.fluxcd.io~1prune",
    value: "disabled",
  });
  expect(answer(gone, spared).goes).toEqual([]);
  expect(answer(gone, patched({ op: "test", path: "/kind", value: "Kustomization" })).goes).toContain(PVC);
});

describe("a folder that builds on neither side", () => {
  const broken = (resources: string[]) =>
    kustomization(resources, [
      "patches:",
      "  - target: {kind: HelmRelease}",
      `    patch: '[{"op": "replace", "path": "/spec/not/there", "value": 1}]'`,
    ]);
  const tree = { ...homeTree(), [LISTING]: broken(BOTH) };

  test("is unproven where the change takes something out of it, or touches what it fails at", () => {
    const other = broken(BOTH).replace("/spec/not/there", "/spec/maxHistory");
    for (const text of [broken(["helmrelease.yaml"]), other]) {
      expect(answer({ [LISTING]: text }, tree)).toEqual({
        verdict: "unproven",
        goes: [],
        open: [`Kustomization flux-system/player ${LISTING}:5`],
      });
    }
    const { findings } = verifyEdits({ [LISTING]: other }, tree);
    expect(findings.map(({ rule, level }) => `${level} ${rule}`)).toEqual(["caution safety-unknown"]);
  });

  test("loses nothing by other content, whether Flux builds it or not", () => {
    expect(answer(bumped, tree)).toEqual(SAFE);
  });

  test("is nothing to speak of where it does not", () => {
    expect(
      answer({ "kubernetes/apps/games/chess/app/helmrelease.yaml": release("chess", ["timeout: 5m"]) }, tree),
    ).toEqual(SAFE);
  });

  test("is unproven when it goes, and when it builds again", () => {
    const gone = { [PLAYER]: undefined, [MEDIA]: kustomization(["namespace.yaml"]) };
    expect(answer(gone, tree)).toMatchObject({ verdict: "unproven", goes: ["Kustomization flux-system/player"] });
    expect(answer({ [LISTING]: kustomization(BOTH) }, tree).verdict).toBe("unproven");
  });

  test("stops a plan where Flux itself hangs on it", () => {
    const config = "kubernetes/flux/config/kustomization.yaml";
    const patch = `patches: [{target: {kind: GitRepository}, patch: '[{"op": "remove", "path": "/spec/not"}]'}]`;
    const root = { ...homeTree(), [config]: kustomization(["cluster.yaml", "flux.yaml"], [patch]) };
    const { findings, clusters } = verifyEdits({ [config]: kustomization(["cluster.yaml"], [patch]) }, root);
    expect(clusters[0]!.safety.unknown[0]).toMatchObject({ decides: true });
    expect(findings.map(({ rule, level }) => `${level} ${rule}`)).toContain("blocker safety-unknown");
  });
});

describe("a remote base", () => {
  const url = "https://git.example.invalid/you/player?ref=v1";
  const listing = (resources: string[], extra: string[] = []) => kustomization([...resources, url], extra);
  const tree = { ...homeTree(), [LISTING]: listing(BOTH) };
  const open = [`Kustomization flux-system/player ${LISTING}:6`];

  test.each<[string, Edits]>([
    ["something beside it changes", bumped],
    [
      "something is listed beside it",
      { [LISTING]: listing([...BOTH, "map.yaml"]), [`${APP}/map.yaml`]: object("ConfigMap", "map") },
    ],
    ["an image changes", { [LISTING]: listing(BOTH, ["images: [{name: app, newTag: v2}]"]) }],
    [
      "a new app has one",
      {
        [MEDIA]: kustomization(["namespace.yaml", "player/ks.yaml", "other/ks.yaml"]),
        "kubernetes/apps/media/other/ks.yaml": ks("other", "kubernetes/apps/media/other/app"),
        "kubernetes/apps/media/other/app/kustomization.yaml": kustomization([url]),
      },
    ],
  ])("is as it was where %s", (_, edits) => {
    expect(answer(edits, tree)).toEqual(SAFE);
  });

  test.each<[string, Edits]>([
    ["its ref changes", { [LISTING]: listing(BOTH).replace("ref=v1", "ref=v2") }],
    ["it gets another patch", { [LISTING]: listing(BOTH, ["namePrefix: a-"]) }],
    ["its Kustomization gets another namespace", { [PLAYER]: ks("player", APP, ["targetNamespace: games"]) }],
    ["it goes", { [LISTING]: kustomization(BOTH) }],
  ])("is unproven where %s", (_, edits) => {
    const found = answer(edits, tree);
    expect(found.open.join()).toContain("Kustomization flux-system/player");
    expect(["unproven", "unsafe"]).toContain(found.verdict);
  });

  test("stays listed once it is accepted", () => {
    const edits = { [LISTING]: listing(BOTH).replace("ref=v1", "ref=v2") };
    expect(answer(edits, tree)).toEqual({ verdict: "unproven", goes: [], open });
    const report = verifyEdits(edits, tree, ["Kustomization flux-system/player"]);
    expect(report).toMatchObject({ verdict: "deletes", safe: false });
    expect(report.clusters[0]!.safety.unknown[0]).toMatchObject({ accepted: true });
    expect(report.findings.map(({ level }) => level)).toEqual(["info"]);
  });
});

describe("a variable without a value", () => {
  const from = "postBuild: {substituteFrom: [{kind: Secret, name: elsewhere}]}";
  const claim = (name: string) => object("PersistentVolumeClaim", name);

  test("in a name is as it was while what gives it its value stays", () => {
    const tree: Files = { ...homeTree(), [PLAYER]: ks("player", APP, ["targetNamespace: media", from]) };
    tree[`${APP}/pvc.yaml`] = claim("data-${VOL}");
    expect(answer(bumped, tree)).toEqual(SAFE);
    expect(answer({ [LISTING]: kustomization(["helmrelease.yaml"]) }, tree)).toEqual({
      verdict: "deletes",
      goes: ["PersistentVolumeClaim media/data-${VOL}"],
      open: [],
    });
    // It may be the same object under its real name.
    expect(answer({ [`${APP}/pvc.yaml`]: claim("data-1") }, tree).verdict).toBe("unproven");
  });

  test("in a host name is content", () => {
    const tree = { ...homeTree(), [PLAYER]: ks("player", APP, ["targetNamespace: media", from]) };
    const edits = { [`${APP}/helmrelease.yaml`]: release("player", ["values: {host: '${A}.${B}'}"]) };
    expect(answer(edits, tree)).toEqual(SAFE);
  });

  test("in a path is unproven where the change may lie below it", () => {
    const tree = { ...homeTree(), [PLAYER]: ks("player", "kubernetes/apps/media/${NAME}/app", []) };
    expect(answer(bumped, tree).verdict).toBe("unproven");
    expect(
      answer({ "kubernetes/apps/games/chess/app/helmrelease.yaml": release("chess", ["timeout: 5m"]) }, tree),
    ).toEqual(SAFE);
  });

  test("that apps share by a default is another name in each of them", () => {
    const app = (name: string) =>
      ks(name, "kubernetes/apps/media/claim", [
        "targetNamespace: media",
        `postBuild: {substitute: {APP: ${name}}, substituteFrom: [{kind: Secret, name: elsewhere}]}`,
      ]);
    const tree: Files = {
      ...homeTree(),
      [PLAYER]: app("player") + app("reader"),
      "kubernetes/apps/media/claim/kustomization.yaml": kustomization(["pvc.yaml"]),
      "kubernetes/apps/media/claim/pvc.yaml": claim("${CLAIM:-${APP}}"),
    };
    expect(
      answer(
        {
          [PLAYER]: app("player"),
          "kubernetes/apps/games/chess/ks.yaml": homeTree()["kubernetes/apps/games/chess/ks.yaml"],
        },
        tree,
      ),
    ).toEqual({
      verdict: "deletes",
      goes: ["Kustomization flux-system/reader", "PersistentVolumeClaim media/reader"],
      open: [],
    });
  });
});

describe("on purpose", () => {
  test("is what leaves a list, with all it takes along", () => {
    const found = answer({ [MEDIA]: kustomization(["namespace.yaml"]) });
    expect(found.goes).toEqual(["HelmRelease media/player", "Kustomization flux-system/player", PVC]);
    expect(found.verdict).toBe("deletes");
  });

  test("is not what Flux no longer finds", () => {
    const slip = homeTree()[LISTING]!.replace("resources:", "resource:");
    expect(answer({ [LISTING]: slip }).verdict).toBe("unsafe");
    const elsewhere = ks("player", "kubernetes/apps/games/chess/app", ["targetNamespace: media"]);
    expect(answer({ [PLAYER]: elsewhere }).verdict).toBe("unsafe");
  });

  test("is what was accepted, with all it takes along", () => {
    const elsewhere = ks("player", "kubernetes/apps/games/chess/app", ["targetNamespace: media"]);
    const losses = [PVC, "HelmRelease media/player"];
    expect(answer({ [PLAYER]: elsewhere }, homeTree(), losses.slice(1)).verdict).toBe("unsafe");
    expect(answer({ [PLAYER]: elsewhere }, homeTree(), losses)).toEqual({
      verdict: "deletes",
      goes: losses.sort(),
      open: [],
    });
  });
});

describe("a tree without a recognised cluster", () => {
  const { "kubernetes/flux/config/cluster.yaml": _, ...tree } = homeTree();
  const verdict = (edits: Edits) => verifyEdits(edits, tree).verdict;

  test("loses nothing by other content, and by what is listed besides", () => {
    const more = { [LISTING]: kustomization([...BOTH, "map.yaml"]), [`${APP}/map.yaml`]: object("ConfigMap", "map") };
    expect(verdict({ ...bumped, ...more, "README.md": "Hello\n" })).toBe("safe");
  });

  test.each<[string, Edits]>([
    ["a document goes", { [`${APP}/pvc.yaml`]: undefined }],
    ["a list loses something", { [LISTING]: kustomization(["pvc.yaml"]) }],
    ["a list gets a patch", { [LISTING]: kustomization(BOTH, ["namePrefix: a-"]) }],
    ["a Kustomization reads another folder", { [PLAYER]: ks("player", "kubernetes/apps/games/chess/app") }],
    [
      "what variables come from changes",
      {
        "kubernetes/flux/vars/cluster-settings.yaml": object("ConfigMap", "cluster-settings", "v1", [
          "data: {DOMAIN: other}",
        ]),
      },
    ],
    ["the artifact leaves out more", { ".sourceignore": "*.md\n" }],
  ])("is unproven where %s", (_name, edits) => {
    const settings = {
      ...tree,
      [PLAYER]: ks("player", APP, ["postBuild: {substituteFrom: [{kind: ConfigMap, name: cluster-settings}]}"]),
    };
    const found = verifyEdits(edits, settings);
    expect(found).toMatchObject({ verdict: "unproven", safe: false, clusters: [] });
  });
});

test("an ignore file counts for a source that no file here makes, as it may be this repository", () => {
  const tree: Files = { ...homeTree(), [PLAYER]: ks("player", APP, ["targetNamespace: media"], "unseen") };
  for (const path of [".sourceignore", "kubernetes/apps/.sourceignore", `${APP}/.sourceignore`])
    expect(answer({ [path]: "pvc.yaml\n" }, tree).verdict).toBe("unproven");
  expect(answer({ "docs/.sourceignore": "pvc.yaml\n" }, tree).verdict).toBe("safe");
});
