import { describe, expect, it } from "vitest";
import { checkTerritory, type Ground, homeOf } from "../../bench/corpus/gate/territory.ts";
import { type Files, tree } from "./trees.ts";

const ground = (name: string, path: string, ...reach: string[]): Ground => ({ name, path, reach: new Set(reach) });
const EAST = ground("east", "./clusters/east/flux", "clusters/east/flux/ks.yaml", "base/shared.yaml");
const WEST = ground("west", "./clusters/west/flux", "clusters/west/flux/ks.yaml", "base/shared.yaml");

const FILES: Files = {
  "clusters/east/flux/ks.yaml": "a: 1\n",
  "clusters/east/bootstrap/helmfile.yaml": "a: 1\n",
  "clusters/west/flux/ks.yaml": "a: 1\n",
  "clusters/west/bootstrap/helmfile.yaml": "a: 1\n",
  "base/shared.yaml": "a: 1\n",
  "Taskfile.yaml": "a: 1\n",
};

function reasons(change: Files, more: { held?: Ground[]; unnamed?: Ground[]; names?: string[] } = { held: [WEST] }) {
  const { held = [], unnamed = [], names } = more;
  return checkTerritory({
    before: tree(FILES),
    after: tree({ ...FILES, ...change }),
    written: [EAST],
    held,
    unnamed,
    ...(names ? { names: { first: ["east", "west"], now: names } } : {}),
  }).reasons;
}

describe("item 13: territory", () => {
  it("gives each cluster the folder that no other root shares", () => {
    expect(homeOf(EAST, [EAST, WEST])).toBe("clusters/east");
    expect(homeOf(EAST, [EAST])).toBeUndefined();
    expect(homeOf(ground("fleet", "clusters"), [ground("fleet", "clusters"), EAST])).toBeUndefined();
  });

  it("accepts files of the cluster that is written, and files of nobody", () => {
    const change = {
      "clusters/east/flux/ks.yaml": "a: 2\n",
      "clusters/east/new.yaml": "b: 1\n",
      "Taskfile.yaml": "a: 2\n",
    };
    expect(reasons(change)).toEqual([]);
  });

  it.each<[string, Files]>([
    ["a file that a stopped cluster builds", { "clusters/west/flux/ks.yaml": "a: 2\n" }],
    ["a bootstrap file in its folder", { "clusters/west/bootstrap/helmfile.yaml": "a: 2\n" }],
    ["a new file in its folder", { "clusters/west/apps/ks.yaml": "a: 1\n" }],
    ["a base that both read", { "base/shared.yaml": "a: 2\n" }],
  ])("fails %s", (_title, change) => {
    expect(reasons(change)).toHaveLength(1);
  });

  it("leaves a base alone that a root without a name reads as well", () => {
    expect(reasons({ "base/shared.yaml": "a: 2\n" }, { unnamed: [WEST] })).toEqual([]);
    expect(reasons({ "clusters/west/flux/ks.yaml": "a: 2\n" }, { unnamed: [WEST] })).toHaveLength(1);
  });

  it("fails a cluster that is called something else in a later phase", () => {
    expect(reasons({}, { names: ["west", "east"] })).toEqual([]);
    expect(reasons({}, { names: ["default", "west"] })).toEqual([
      "clusters were called east, west and are now default, west",
    ]);
  });
});
