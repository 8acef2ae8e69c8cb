import { describe, expect, test } from "vitest";
import type { FluxSpec, OpenPoint } from "../../src/change/types.ts";
import { buildModel } from "../../src/cluster/model.ts";
import type { YamlMap } from "../../src/contract/objects.ts";
import { joinOpenPoints, makeDecides } from "../../src/safety/unknown/unknowns.ts";
import { memoryTree } from "../support/memory.ts";
import { homeTree, kustomization, operatorTree } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const point = (more: Partial<OpenPoint> = {}): OpenPoint => {
  return { resource: "Kustomization flux-system/a", what: "is touched", look: "look at it", ...more };
};
const at = (file: string) => point({ at: { file, line: 1, col: 1 } });
/** A point on which the whole build of a folder hangs. */
const builds = (path: string, isLocal = true) =>
  point({ specs: [{ data: { isLocal, spec: { path } as YamlMap } } as FluxSpec] });

/** Whether Flux itself hangs on a point. */
function decides(points: OpenPoint[], tree: Files = homeTree(), edits: Edits = {}): boolean[] {
  const later = Object.fromEntries(
    Object.entries({ ...tree, ...edits }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const before = memoryTree(tree);
  const [cluster] = buildModel({ tree: before, remotes: [], options: { layout: "auto" } }).clusters;
  const change = { before, after: memoryTree(later), changed: new Set(Object.keys(edits)) };
  return points.map(makeDecides(change, cluster!));
}

const K = "kubernetes";
const PLAYER = `${K}/apps/media/player`;
/** The tree with a line of fluxlift's in the FluxKustomization of an app. */
const guarded = (): Files => {
  const tree = homeTree();
  return { ...tree, [`${PLAYER}/ks.yaml`]: tree[`${PLAYER}/ks.yaml`]!.replace("true", "false # fluxlift:guard") };
};

describe("Flux itself hangs on", () => {
  test("what says so, wherever it is", () => {
    expect(decides([point({ decides: true }), point()])).toEqual([true, false]);
  });

  test("files of root, source and install, and of what leads there", () => {
    const files = ["flux/config/cluster.yaml", "flux/config/flux.yaml", "flux/apps.yaml", "apps/media/player/ks.yaml"];
    expect(decides(files.map((file) => at(`${K}/${file}`)))).toEqual([true, true, false, false]);
  });

  test("the file of an instance and its operator", () => {
    const tree = {
      ...operatorTree(),
      [`${PLAYER}/app/helmrelease.yaml`]: homeTree()[`${PLAYER}/app/helmrelease.yaml`]!.replace(
        "chart: app",
        "chart: flux-operator",
      ),
    };
    const files = ["flux/config/instance.yaml", "apps/media/player/app/helmrelease.yaml", "apps/media/player/ks.yaml"];
    expect(
      decides(
        files.map((file) => at(`${K}/${file}`)),
        tree,
      ),
    ).toEqual([true, true, true]);
    expect(decides([at(`${K}/flux/apps.yaml`), at(`${K}/apps/games/chess/ks.yaml`)], tree)).toEqual([true, false]);
  });

  test("the file of an instance beside a root of its own", () => {
    const file = `${K}/apps/media/instance.yaml`;
    const tree = {
      ...homeTree(),
      [file]: operatorTree()[`${K}/flux/config/instance.yaml`]!,
      [`${K}/apps/media/kustomization.yaml`]: kustomization(["instance.yaml", "player/ks.yaml"]),
    };
    expect(decides([at(file)], tree)).toEqual([true]);
  });

  test("the kustomization that names the install", () => {
    const file = `${K}/flux/config/kustomization.yaml`;
    const install = "https://github.com/fluxcd/flux2/releases/download/v2.6.4/install.yaml";
    const { [`${K}/flux/config/flux.yaml`]: _flux, ...tree } = homeTree();
    expect(decides([at(file)], { ...tree, [file]: kustomization(["cluster.yaml", install]) })).toEqual([true]);
    expect(decides([at(file)])).toEqual([false]);
  });

  test("a file with a guard, and every parent above it", () => {
    const files = [`${PLAYER}/ks.yaml`, `${K}/flux/apps.yaml`, `${K}/apps/games/chess/ks.yaml`];
    expect(decides(files.map(at), guarded())).toEqual([true, true, false]);
  });

  test("a build that reads such a file, today or afterwards", () => {
    const points = [builds(`./${K}/flux`), builds(`./${K}/apps`), builds(`./${K}/flux`, false)];
    expect(decides(points)).toEqual([true, false, false]);
    expect(decides(points, guarded())).toEqual([true, true, false]);
    const edits = { [`${PLAYER}/app/kustomization.yaml`]: kustomization(["../../../../flux/config/cluster.yaml"]) };
    expect(decides([builds(`./${PLAYER}/app`)], homeTree(), edits)).toEqual([true]);
    expect(decides([builds(`./${PLAYER}/app`)])).toEqual([false]);
    const listing = `${K}/flux/config/kustomization.yaml`;
    expect(decides([builds(`./${K}/flux/config`)], homeTree(), { [listing]: kustomization(["x.yaml"]) })).toEqual([
      true,
    ]);
  });
});

describe("what is open at one place for one reason", () => {
  const join = (...points: OpenPoint[]) =>
    joinOpenPoints(points, {
      decides: ({ decides: says }) => says === true,
      findAcceptor: (resource) => (resource.endsWith("/accepted") ? { how: "flag" } : undefined),
    });

  test("is said whole", () => {
    expect(join(point())).toEqual([
      {
        resources: ["Kustomization flux-system/a"],
        what: "Kustomization flux-system/a is touched.",
        look: "look at it",
      },
    ]);
    const key = "|ConfigMap|media|a";
    expect(
      join(
        { ...at("a.yaml"), decides: true, mayGo: [key], resource: "Kustomization flux-system/accepted" },
        { ...at("a.yaml"), decides: true, mayGo: [key, "|Secret|media|b"], resource: "Kustomization x/accepted" },
      ),
    ).toEqual([
      {
        resources: ["Kustomization flux-system/accepted", "Kustomization x/accepted"],
        what: "Kustomization flux-system/accepted is touched (a.yaml:1). The same holds for Kustomization x/accepted.",
        look: "look at it",
        at: { file: "a.yaml", line: 1, col: 1 },
        mayGo: ["ConfigMap media/a", "Secret media/b"],
        decides: true,
        accepted: true,
        acceptedBy: { how: "flag" },
      },
    ]);
  });

  test("stays apart from another place, another reason and another weight", () => {
    expect(join(point(), at("a.yaml"), at("b.yaml"))).toHaveLength(3);
    expect(join(point(), point({ what: "is gone" }))).toHaveLength(2);
    expect(join(point(), point({ decides: true }))).toHaveLength(2);
    expect(join(point(), point())).toMatchObject([{ resources: ["Kustomization flux-system/a"] }]);
  });

  test("counts what it does not name", () => {
    const what = (count: number) =>
      join(...Array.from({ length: count }, (_, n) => point({ resource: `K ${n}` })))[0]!.what;
    expect(what(4)).toBe("K 0 is touched. The same holds for K 1, K 2, K 3.");
    expect(what(5)).toBe("K 0 is touched. The same holds for K 1, K 2, K 3 and 1 more.");
  });
});
