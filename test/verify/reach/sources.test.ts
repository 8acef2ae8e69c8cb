import { describe, expect, test } from "vitest";
import { homeTree, ks, kustomization, object } from "../home-tree.ts";
import { type Edits, type Files, judge } from "../judge.ts";
import { answer, SAFE } from "./answer.ts";

const CONFIG = "kubernetes/flux/config";
const CLUSTER = `${CONFIG}/cluster.yaml`;
const EXTRA = "kubernetes/flux/extra.yaml";
const SOURCES = "kubernetes/flux/sources.yaml";

const git = (name: string, spec: string[] = [], repository = "me/home") =>
  object("GitRepository", name, "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 30m",
    `  url: https://git.example.invalid/${repository}.git`,
    "  ref: {branch: main}",
    ...spec.map((line) => `  ${line}`),
  ]);

/** The source of the root with more in its spec, beside the root itself. */
function rootWith(spec: string[]): string {
  const text = homeTree()[CLUSTER]!;
  return git("home", spec) + text.slice(text.indexOf("---\napiVersion: kustomize"));
}

const PVC = "PersistentVolumeClaim media/data";
const shared: Files = {
  "shared/app/claim.yaml": object("PersistentVolumeClaim", "data"),
  "shared/app/map.yaml": object("ConfigMap", "map"),
};
const reads = (path: string, source: string) => ks("extra", path, ["targetNamespace: media"], source);

describe("a source of this repository that includes another one", () => {
  const INCLUDE = "include: [{repository: {name: other}, fromPath: apps, toPath: vendor}]";
  const tree: Files = {
    ...homeTree(),
    [CLUSTER]: rootWith([INCLUDE]),
    [SOURCES]: git("other", [], "you/other"),
    [EXTRA]: reads("vendor/app", "home"),
  };

  test("is as it was where the change touches other things, and for a new app that reads it", () => {
    expect(answer({ "README.md": "Hello\n" }, tree)).toEqual(SAFE);
    expect(answer({ [EXTRA]: tree[EXTRA] }, { ...tree, [EXTRA]: "" })).toEqual(SAFE);
  });

  test.each<[string, Edits]>([
    ["takes another folder", { [CLUSTER]: rootWith([INCLUDE.replace("apps", "more")]) }],
    ["reads another branch there", { [SOURCES]: git("other", [], "you/other").replace("branch: main", "branch: dev") }],
    ["reads another repository there", { [SOURCES]: git("other", [], "you/another") }],
  ])("is unproven where it %s", (_, edits) => {
    expect(answer(edits, tree)).toMatchObject({ verdict: "unproven", goes: [] });
  });

  test("is followed where that one holds this repository as well", () => {
    const own = {
      ...tree,
      ...shared,
      [SOURCES]: git("other"),
      [CLUSTER]: rootWith([INCLUDE.replace("apps", "shared")]),
    };
    expect(answer({ "shared/app/claim.yaml": undefined }, own)).toMatchObject({ verdict: "deletes", goes: [PVC] });
    expect(answer({ "shared/app/map.yaml": object("ConfigMap", "map", "v1", ["data: {a: b}"]) }, own)).toEqual(SAFE);
  });

  test("includes it no more: what reads that folder never builds again", () => {
    expect(answer({ [CLUSTER]: rootWith([]) }, tree)).toMatchObject({ verdict: "unsafe", blockers: ["build-breaks"] });
  });

  test("does not hide what leaves the rest", () => {
    const edits = {
      "kubernetes/apps/media/player/app/pvc.yaml": undefined,
      "kubernetes/apps/media/player/app/kustomization.yaml": kustomization(["helmrelease.yaml"]),
    };
    expect(answer(edits, tree)).toMatchObject({ verdict: "deletes", goes: ["PersistentVolumeClaim media/player"] });
  });
});

describe("another source that includes this repository", () => {
  const include = (from: string) => [`include: [{repository: {name: home}, fromPath: ${from}, toPath: vendor}]`];
  const tree: Files = {
    ...homeTree(),
    ...shared,
    [SOURCES]: git("other", include("shared"), "you/other"),
    [EXTRA]: reads("vendor/app", "other"),
  };

  test("loses what the folder loses", () => {
    expect(answer({ "shared/app/claim.yaml": undefined }, tree)).toMatchObject({ verdict: "deletes", goes: [PVC] });
    expect(answer({ "shared/app/map.yaml": object("ConfigMap", "map", "v1", ["data: {a: b}"]) }, tree)).toEqual(SAFE);
  });

  test("is unproven where it includes another folder, or what is read lies above", () => {
    expect(answer({ [SOURCES]: git("other", include("kubernetes"), "you/other") }, tree).verdict).toBe("unproven");
    const above = { ...tree, [EXTRA]: reads("", "other") };
    expect(answer({ "shared/app/claim.yaml": undefined }, above).verdict).toBe("unproven");
    expect(answer({ "README.md": "Hello\n" }, above)).toEqual(SAFE);
  });
});

describe("a source that reads submodules", () => {
  const modules = '[submodule "vendor"]\n\tpath = vendor\n\turl = https://git.example.invalid/you/vendor.git\n';
  const tree: Files = {
    ...homeTree(),
    [CLUSTER]: rootWith(["recurseSubmodules: true"]),
    ".gitmodules": modules,
    [EXTRA]: reads("vendor/app", "home"),
  };

  test("holds what cannot be seen, which only matters where the change touches it", () => {
    expect(answer({ "README.md": "Hello\n" }, tree)).toEqual(SAFE);
    expect(answer({ [EXTRA]: tree[EXTRA] }, { ...tree, [EXTRA]: "" })).toEqual(SAFE);
  });

  test("a path that no submodule fills stops the build, one above a submodule may be there, whether it prunes or not", () => {
    const deep = { ...tree, ...shared, ".gitmodules": modules.replace("path = vendor", "path = lib/vendor") };
    for (const prune of ["true", "false"]) {
      const at = (path: string) => reads(path, "home").replace("prune: true", `prune: ${prune}`);
      const before = { ...deep, [EXTRA]: at("shared/app") };
      expect(before[EXTRA]).toContain(`prune: ${prune}`);
      expect(answer({ [EXTRA]: at("shared/aapp") }, before)).toMatchObject({ blockers: ["build-breaks"] });
      expect(answer({ [EXTRA]: at("lib") }, before)).toMatchObject({ verdict: "unproven" });
    }
  });

  test("reads them no more: what lies there never builds again", () => {
    expect(answer({ [CLUSTER]: rootWith([]) }, tree)).toMatchObject({ verdict: "unsafe", blockers: ["build-breaks"] });
  });
});

test("a Kustomization on another repository may be suspended, and not while what it reads moves", () => {
  const tree = { ...homeTree(), [SOURCES]: git("other", [], "you/other"), [EXTRA]: reads("app", "other") };
  const paused = { [EXTRA]: `${reads("app", "other").trimEnd()}\n  suspend: true\n` };
  expect(answer(paused, tree)).toEqual(SAFE);
  const moved = { ...paused, [SOURCES]: git("other", [], "you/other").replace("branch: main", "branch: dev") };
  expect(answer(moved, tree).verdict).toBe("unproven");
});

describe("what a Kustomization on another repository substitutes from", () => {
  const SETTINGS = "kubernetes/flux/settings.yaml";
  const from = (kind: string) => `postBuild: {substituteFrom: [{kind: ${kind}, name: settings}]}`;
  const settings = (kind: string, data: string) => object(kind, "settings", "v1", ["  namespace: flux-system", data]);
  const treeOf = (kind: string, data: string, source = "other"): Files => ({
    ...homeTree(),
    [SOURCES]: git("other", [], "you/other"),
    [EXTRA]: ks("extra", "apps", [from(kind)], source),
    [SETTINGS]: settings(kind, data),
  });

  test.each([
    ["data: {SITE: one, TAG: v1.2.3}", "data: {SITE: two, TAG: v1.2.3}", "unproven"],
    ["data: {SITE: one, TAG: v1.2.3}", "data: {TAG: v1.2.3}", "unproven"],
    ["data: {SITE: one, TAG: v1.2.3}", "data:", "unproven"],
    ["data:", "data: {SITE: one}", "safe"],
    ["data: {SITE: one, TAG: v1.2.3}", "data: {SITE: one, TAG: v1.2.4}", "safe"],
    ["data: {SITE: one, TAG: v1.2.3}", "data: {SITE: one, TAG: v1.2.3, MORE: x}", "safe"],
  ])("decides what cannot be seen: %s, then %s", (was, is, verdict) => {
    const edits = { [SETTINGS]: settings("ConfigMap", is) };
    expect(answer(edits, treeOf("ConfigMap", was)).verdict).toBe(verdict);
  });

  test("decides it in a Secret as well", () => {
    const edits = { [SETTINGS]: settings("Secret", "stringData: {SITE: two}") };
    expect(answer(edits, treeOf("Secret", "stringData: {SITE: one}")).verdict).toBe("unproven");
    const more = { [SETTINGS]: settings("Secret", "stringData: {SITE: one, MORE: two}") };
    expect(answer(more, treeOf("Secret", "stringData: {SITE: one}")).verdict).toBe("safe");
  });

  test("may be given to all by a patch, and then not be meant for its files", () => {
    const { [EXTRA]: _, ...tree } = treeOf("ConfigMap", "data: {SITE: one}");
    const parent = tree["kubernetes/flux/apps.yaml"]!.trimEnd();
    const patch = `patches: [{target: {kind: Kustomization}, patch: "[{op: add, path: /spec/postBuild, value: {substituteFrom: [{kind: ConfigMap, name: settings}]}}]"}]`;
    const player = "kubernetes/apps/media/player/ks.yaml";
    const patched = {
      ...tree,
      "kubernetes/flux/apps.yaml": `${parent}\n  ${patch}\n`,
      [player]: reads("app", "other"),
    };
    const edits = { [SETTINGS]: settings("ConfigMap", "data: {SITE: two}") };
    expect(answer(edits, patched).verdict).toBe("safe");
    expect(answer(edits, { ...patched, [player]: ks("extra", "app", [from("ConfigMap")], "other") }).verdict).toBe(
      "unproven",
    );
  });
});

describe("a second source of this repository", () => {
  const tree: Files = { ...homeTree(), ...shared, [SOURCES]: git("second"), [EXTRA]: reads("shared/app", "second") };

  test("leaves out more: its own readers lose it, and no others", () => {
    const found = answer({ [SOURCES]: git("second", ["ignore: claim.yaml"]) }, tree);
    expect(found).toMatchObject({ verdict: "unsafe", goes: [PVC] });
    expect(answer({ [SOURCES]: git("second", ["ignore: '*.md'"]) }, tree)).toEqual(SAFE);
  });

  test("fetches fewer folders", () => {
    const sparse = git("second", ["sparseCheckout: [kubernetes]"]);
    expect(answer({ [SOURCES]: sparse }, tree).verdict).not.toBe("safe");
  });
});

describe("a source that fetches some folders alone", () => {
  const sparse = (...folders: string[]) => `sparseCheckout: [${folders.join(", ")}]`;
  const moved: Edits = Object.fromEntries(
    Object.entries(shared).flatMap(([path, text]) => [
      [path, undefined],
      [path.replace("shared/", "moved/"), text],
    ]),
  );
  const extra = { [EXTRA]: reads("moved/app", "home") };

  test("is fetched no more where one of them is gone, also where its new list comes in the same change", () => {
    const tree = {
      ...homeTree(),
      ...shared,
      [CLUSTER]: rootWith([sparse("kubernetes", "shared")]),
      [EXTRA]: reads("shared/app", "home"),
    };
    const stops = { verdict: "unsafe", blockers: expect.arrayContaining(["reconcile-stops"]) };
    expect(answer({ ...moved, ...extra }, tree)).toMatchObject(stops);
    expect(answer({ ...moved, ...extra, [CLUSTER]: rootWith([sparse("kubernetes", "moved")]) }, tree)).toMatchObject(
      stops,
    );
    expect(answer({ [CLUSTER]: rootWith([sparse("kubernetes", "shared", "mvoed")]) }, tree)).toMatchObject(stops);
    const kept = {
      ...moved,
      ...extra,
      [CLUSTER]: rootWith([sparse("kubernetes", "moved")]),
      "shared/app/README.md": "Moved.\n",
    };
    expect(answer(kept, tree)).toEqual(SAFE);
  });

  test("is not said to stop where a folder was not there before either", () => {
    const app = "kubernetes/apps/media/player/app";
    const tree = {
      ...homeTree(),
      [`${app}/kustomization.yaml`]: kustomization(["helmrelease.yaml", "pvc.yaml", "git.yaml"]),
      [`${app}/git.yaml`]: git("second", [sparse("kubernetes", "nowhere")]),
      "old.yaml": "{}\n",
    };
    expect(answer({ "old.yaml": undefined }, tree)).toEqual(SAFE);
  });

  test("gets its new list in time where another source brings it", () => {
    const tree = {
      ...homeTree(),
      ...shared,
      [SOURCES]: git("second", [sparse("shared")]),
      [EXTRA]: reads("shared/app", "second"),
    };
    const edits = { ...moved, [SOURCES]: git("second", [sparse("moved")]), [EXTRA]: reads("moved/app", "second") };
    expect(answer(edits, tree)).toEqual(SAFE);
  });
});

describe("a path or a name with a variable from a Secret that is not here", () => {
  const from = "postBuild: {substituteFrom: [{kind: Secret, name: elsewhere}]}";
  const parent = homeTree()["kubernetes/flux/apps.yaml"]!.trimEnd();
  const tree: Files = {
    ...homeTree(),
    ...shared,
    "kubernetes/flux/apps.yaml": `${parent}\n  ${from}\n`,
    "kubernetes/apps/media/player/ks.yaml": ks("player", "shared/${APP_DIR}", ["targetNamespace: media"]),
  };

  test("is unproven where the change may lie below that path", () => {
    expect(answer({ "shared/app/claim.yaml": undefined }, tree).verdict).toBe("unproven");
    expect(answer({ "README.md": "Hello\n" }, tree)).toEqual(SAFE);
  });

  test("is unproven where the Kustomization of that path goes", () => {
    const chess = "kubernetes/apps/games/chess/ks.yaml";
    const alone = { ...tree, [chess]: tree[chess]!.replace(/ *dependsOn.*\n/, "") };
    const edits = {
      "kubernetes/apps/media/player/ks.yaml": undefined,
      "kubernetes/apps/media/kustomization.yaml": kustomization(["namespace.yaml"]),
    };
    expect(answer(edits, alone)).toMatchObject({ verdict: "unproven", goes: ["Kustomization flux-system/player"] });
  });
});

test("a folder that the source leaves out is not missing in the repository, and that is said", () => {
  const tree = { ...homeTree(), ".sourceignore": "/*\n!/kubernetes\n" };
  const app = "kubernetes/apps/media/player/app";
  const base: Edits = {
    [`${app}/kustomization.yaml`]: kustomization(["../../../../../base/player"]),
    "base/player/kustomization.yaml": kustomization(["map.yaml"]),
    "base/player/map.yaml": object("ConfigMap", "map"),
  };
  const moved = { "kubernetes/apps/media/player/ks.yaml": ks("player", "base/player", ["targetNamespace: media"]) };
  for (const edits of [{ ...base, ...moved }, base]) {
    const found = judge(tree, edits).findings.find(({ rule }) => rule === "build-breaks");
    expect(found?.what).toContain("it is in the repository, and the source leaves it out.");
    expect(found?.next).toContain("spec.ignore");
  }
  const { "base/player/kustomization.yaml": _, ...missing } = base;
  expect(judge(tree, missing).findings.find(({ rule }) => rule === "build-breaks")?.what).not.toContain(
    "leaves it out",
  );
});

test("a folder stays in the artifact when all in it is left out, and Flux prunes what came from it", () => {
  const app = "kubernetes/apps/media/player/app";
  const claim = "deleted PersistentVolumeClaim media/player";
  const answerTo = (ignore: string) => {
    const { blockers, wanted } = judge(homeTree(), { ".sourceignore": `${ignore}\n` });
    return [...blockers, ...wanted].filter((one) => one === "build-breaks" || one === claim);
  };
  expect(answerTo(`/${app}/*`)).toEqual([claim]);
  expect(answerTo(`${app}/*.yaml`)).toEqual([claim]);
  expect(answerTo(`/${app}/`)).toEqual(["build-breaks"]);
});
