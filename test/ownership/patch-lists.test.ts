import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import type { DeliveredFluxObject } from "../../src/contract/objects.ts";
import {
  patchesOnWay,
  reaches,
  type WrittenPatch,
  withEditedPatches,
} from "../../transforms/protections/patch-lists.ts";
import { memoryTree } from "../support/memory.ts";
import { homeTree, ks, kustomization, ROOT_SETTINGS } from "../verify/home-tree.ts";

const ROOT = "kubernetes/flux/config/cluster.yaml";
const APPS = "kubernetes/flux/apps.yaml";
const MEDIA = "kubernetes/apps/media";
const PLAYER = `${MEDIA}/player/ks.yaml`;
const LABEL = "- {op: add, path: /metadata/labels, value: {a: b}}";

type Files = Record<string, string>;
/** Lines of a list of patches, one for each name that it is for. */
const patchesFor = (...names: string[]) =>
  names.length === 0 ? [] : ["patches:", ...names.map((name) => `  - {target: {name: ${name}}, patch: "${LABEL}"}`)];

const modelOf = (files: Files) =>
  buildModel({ tree: memoryTree(files), remotes: [], options: { layout: "auto" } }).clusters[0]!;
const find = (files: Files, name: string): DeliveredFluxObject =>
  modelOf(files).kustomizations.find(({ object }) => object.name === name)!;
const objectIn = (files: Files, file: string) => readObjects(memoryTree(files), file).objects.at(-1)!;

describe("the patches that an object of a FluxKustomization passes", () => {
  const listed = (files: Files) =>
    patchesOnWay(memoryTree(files), find(files, "cluster-apps"), "", objectIn(files, PLAYER));
  const namesIn = (files: Files) =>
    listed(files).map(({ file, patches }) => [file, patches.map(({ item }) => item.target?.name)]);

  test("are those of the folder with the object, of the folder that is built, then of the spec", () => {
    const files = {
      ...homeTree(),
      [APPS]: ks("cluster-apps", "kubernetes/apps", patchesFor("of-spec")),
      "kubernetes/apps/kustomization.yaml": kustomization(["./media", "./games"], patchesFor("of-top")),
      [`${MEDIA}/kustomization.yaml`]: kustomization(["player/ks.yaml"], patchesFor("of-media", "other")),
      "kubernetes/apps/games/kustomization.yaml": kustomization(["chess/ks.yaml"], patchesFor("of-games")),
    };
    expect(namesIn(files)).toEqual([
      [`${MEDIA}/kustomization.yaml`, ["of-media", "other"]],
      ["kubernetes/apps/kustomization.yaml", ["of-top"]],
      [undefined, ["of-spec"]],
    ]);
    expect(listed(files).map(({ patches }) => patches.map(({ place }) => place))).toEqual([
      [0, 1].map((index) => ({ file: `${MEDIA}/kustomization.yaml`, doc: 0, path: ["patches", index] })),
      [{ file: "kubernetes/apps/kustomization.yaml", doc: 0, path: ["patches", 0] }],
      [{ file: APPS, doc: 0, path: ["spec", "patches", 0] }],
    ]);
  });

  test("are none where nothing patches, and no kustomization is made for a folder that has none", () => {
    expect(namesIn(homeTree()).at(-1)).toEqual([undefined, []]);
    expect(namesIn(homeTree()).map(([file]) => file)).toEqual([`${MEDIA}/kustomization.yaml`, undefined]);
  });

  test("are those of the folder that is built, also for what it does not list yet", () => {
    const [top, media] = ["kubernetes/apps", MEDIA].map((folder) => `${folder}/kustomization.yaml`) as [string, string];
    const files = {
      ...homeTree(),
      [top]: kustomization(["./media"], patchesFor("of-top")),
      [media]: kustomization(["player/ks.yaml"], patchesFor("of-media")),
      "kubernetes/apps/new.yaml": ks("new", "new"),
    };
    const lists = patchesOnWay(
      memoryTree(files),
      find(files, "cluster-apps"),
      "",
      objectIn(files, "kubernetes/apps/new.yaml"),
    );
    expect(lists.map(({ file }) => file)).toEqual([top, undefined]);
  });

  test("are those of components as well, which hold no object", () => {
    const component = [
      "apiVersion: kustomize.config.k8s.io/v1alpha1",
      "kind: Component",
      ...patchesFor("of-component"),
    ];
    const files = {
      ...homeTree(),
      [`${MEDIA}/kustomization.yaml`]: kustomization(["player/ks.yaml"], ["components: [../../components/plain]"]),
      "kubernetes/components/plain/kustomization.yaml": `${component.join("\n")}\n`,
    };
    expect(namesIn(files)).toContainEqual(["kubernetes/components/plain/kustomization.yaml", ["of-component"]]);
  });

  test("are read from files of their own, and from the older field", () => {
    const older = `patchesJson6902: [{target: {name: older, kind: Kustomization, version: v1}, patch: "${LABEL}"}]`;
    const files = {
      ...homeTree(),
      [`${MEDIA}/kustomization.yaml`]: kustomization(
        ["player/ks.yaml"],
        ["patches: [{target: {name: filed}, path: ./label.yaml}]", older],
      ),
      [`${MEDIA}/label.yaml`]: LABEL,
    };
    expect(listed(files)[0]!.patches.map(({ item, place }) => [item.target.name, item.patch, place!.path])).toEqual([
      ["filed", LABEL, ["patches", 0]],
      ["older", LABEL, ["patchesJson6902", 0]],
    ]);
  });

  test("are those of the spec as its own parents leave it, which no file may hold", () => {
    const patch = `{target: {name: cluster-apps}, patch: '- {op: add, path: /spec/patches, value: [{target: {name: from-above}, patch: ""}]}'}`;
    const home = homeTree();
    const files = {
      ...home,
      [ROOT]: home[ROOT]!.replace(ROOT_SETTINGS[0]!, `${ROOT_SETTINGS[0]}\n  patches: [${patch}]`),
    };
    const own = listed(files).at(-1)!.patches;
    expect(own.map(({ item, place }) => [item.target.name, place])).toEqual([["from-above", undefined]]);
  });
});

describe("a patch reaches an object", () => {
  const target = objectIn(homeTree(), PLAYER);
  const reach = (item: unknown) => reaches({ item } as WrittenPatch, target);

  test("that it is for, and no other", () => {
    expect(reach({ target: { name: "player" }, patch: LABEL })).toBe(true);
    expect(reach({ target: { kind: "Kustomization" }, patch: LABEL })).toBe(true);
    expect(reach({ target: { name: "chess" }, patch: LABEL })).toBe(false);
    expect(reach({ target: { kind: "HelmRelease" }, patch: LABEL })).toBe(false);
  });

  test("also where it cannot be run on it", () => {
    expect(reach({ target: { name: "player" }, patch: "- {op: remove, path: /spec/none}" })).toBe(true);
  });
});

describe("a parent whose patches this phase has edited", () => {
  /** The tree as it was, and as it is now: both with a list of patches in the spec of one FluxKustomization. */
  const edited = (name: string, now: string[], was: string[]) => {
    const tree = (patches: string[]): Files => {
      const home = homeTree();
      return {
        ...home,
        [ROOT]:
          name === "cluster"
            ? home[ROOT]!.replace(ROOT_SETTINGS[0]!, [ROOT_SETTINGS[0], ...patchesFor(...patches)].join("\n  "))
            : home[ROOT]!,
        [APPS]: name === "cluster-apps" ? ks(name, "kubernetes/apps", patchesFor(...patches)) : home[APPS]!,
      };
    };
    const { parent: above, ...alone } = find(tree(was), name);
    // Nothing but bootstrap applies the root.
    const parent: DeliveredFluxObject = name === "cluster" || !above ? alone : { ...alone, parent: above };
    return { parent, now: withEditedPatches(memoryTree(tree(now)), parent, "") };
  };
  const namesOf = ({ object, effective }: DeliveredFluxObject) => {
    const spec = effective.known ? effective.value.spec : effective.partial?.spec;
    return [object.data?.spec?.patches, spec?.patches].map((list) =>
      list?.map((one) => (one as { target: { name: string } }).target.name),
    );
  };

  test.each(["cluster", "cluster-apps"])("%s has them as its file does now", (name) => {
    const { parent, now } = edited(name, ["new", "newer"], ["old"]);
    expect(namesOf(parent)).toEqual([["old"], ["old"]]);
    expect(namesOf(now)).toEqual([
      ["new", "newer"],
      ["new", "newer"],
    ]);
    expect([now.effective.known, now.object.name, now.parent?.object.name]).toEqual([
      parent.effective.known,
      name,
      parent.parent?.object.name,
    ]);
    const spec = now.effective.known ? now.effective.value.spec : now.effective.partial?.spec;
    expect(spec?.path).toBe(parent.object.data?.spec?.path);
  });

  test.each(["cluster", "cluster-apps"])("%s may have none any more", (name) => {
    const { now } = edited(name, [], ["old"]);
    expect(namesOf(now)).toEqual([undefined, undefined]);
  });

  test.each(["cluster", "cluster-apps"])("%s is the same where its file is", (name) => {
    for (const names of [[], ["old"]]) {
      const { parent, now } = edited(name, names, names);
      expect(now).toBe(parent);
    }
  });

  test("is the same where the file is gone, or others have changed the list", () => {
    const parent = find(homeTree(), "cluster-apps");
    const { [APPS]: _gone, ...rest } = homeTree();
    expect(withEditedPatches(memoryTree(rest), parent, "")).toBe(parent);
    const file = { ...homeTree(), [APPS]: ks("cluster-apps", "kubernetes/apps", patchesFor("new")) };
    const patches = [{ target: { name: "from-above" }, patch: "" }];
    const value = { ...parent.object.data, spec: { ...parent.object.data?.spec, patches } };
    const other = { ...parent, effective: { known: true, value } } as DeliveredFluxObject;
    expect(withEditedPatches(memoryTree(file), other, "")).toBe(other);
  });

  test("is the same where a patch from above brings the very list that its file had", () => {
    const list = `[{target: {name: old}, patch: "${LABEL}"}]`;
    const above = `{target: {name: cluster-apps}, patch: '- {op: add, path: /spec/patches, value: ${list}}'}`;
    const tree = (names: string[]) => {
      const home = homeTree();
      return {
        ...home,
        [ROOT]: home[ROOT]!.replace(ROOT_SETTINGS[0]!, `${ROOT_SETTINGS[0]}\n  patches: [${above}]`),
        [APPS]: ks("cluster-apps", "kubernetes/apps", patchesFor(...names)),
      };
    };
    const now = withEditedPatches(memoryTree(tree(["new"])), find(tree(["old"]), "cluster-apps"), "");
    expect(namesOf(now)).toEqual([["new"], ["old"]]);
  });

  test("stays unknown where it was", () => {
    const { parent } = edited("cluster", [], ["old"]);
    const unknowns = [{ what: "something", at: { file: ROOT, line: 1, col: 1 } }];
    const open = {
      ...parent,
      effective: { known: false, unknowns, partial: parent.object.data },
    } as unknown as DeliveredFluxObject;
    const now = withEditedPatches(memoryTree(homeTree()), open, "");
    expect(now.effective).toMatchObject({ known: false, unknowns });
    expect(namesOf(now)).toEqual([undefined, undefined]);
  });
});
