import { describe, expect, test } from "vitest";
import { compareSnapshots } from "../../src/safety/compare.ts";
import { simulate } from "./simulator.ts";
import { keyOf, ROOT, type ToyItem, type ToySpec, type ToyWorld, toSnapshots } from "./world.ts";

const spec = (path: string, more: Partial<ToySpec> = {}): ToySpec => {
  return { path, prune: true, suspend: false, policy: "mirror", source: "a", ...more };
};
const flux = (name: string, body: ToySpec): ToyItem => ({ kind: "Kustomization", name, spec: body });
const apps = flux("apps", spec("apps"));
const data: ToyItem = { kind: "ConfigMap", name: "data" };

/** `--sync rename`: the operator makes a root of another name on the same folder, then the old root leaves Git. */
function renamedRoot(root: ToySpec): ToyWorld {
  const operator = [flux("flux-system", spec("root"))];
  return {
    before: { root: [flux("root", root), apps], apps: [data] },
    after: { root: [apps], apps: [data] },
    root,
    adopted: true,
    operatorBefore: operator,
    operatorAfter: operator,
  };
}

/** The release of the flux2 chart leaves Git; what it installed is the operator's by then. */
function droppedChart(suspend: boolean): ToyWorld {
  const release: ToyItem = { kind: "HelmRelease", name: "flux2", suspend, holds: ["controllers"] };
  const operator: ToyItem[] = [{ kind: "ConfigMap", name: "controllers" }];
  return {
    before: { root: [release, apps], apps: [data] },
    after: { root: [apps], apps: [data] },
    root: spec("root"),
    adopted: true,
    operatorBefore: operator,
    operatorAfter: operator,
  };
}

/** What both the simulator, in some order, and the analysis say is lost; they must agree on the given objects. */
function lost(world: ToyWorld, items: readonly ToyItem[]): string[] {
  const { deleted, complete } = simulate(world, 50_000);
  expect(complete).toBe(true);
  const { before, after } = toSnapshots(world, true);
  const { outcomes } = compareSnapshots(before, after, { adopted: world.adopted });
  const gone = new Set(outcomes.filter(({ fate }) => /deleted|recreated/.test(fate)).map(({ key }) => key));
  return items.map(keyOf).filter((key) => {
    expect(gone.has(key), key).toBe(deleted.has(key));
    return gone.has(key);
  });
}

describe("a guard is what makes the next phase safe", () => {
  const wanted = [apps, data];

  test("prune: false on a root that gets another name", () => {
    expect(lost(renamedRoot(spec("root")), wanted)).toEqual(wanted.map(keyOf));
    expect(lost(renamedRoot(spec("root", { prune: false })), wanted)).toEqual([]);
  });

  test("prune: false does not help where deletionPolicy says Delete; Orphan does", () => {
    expect(lost(renamedRoot(spec("root", { prune: false, policy: "delete" })), wanted)).toEqual(wanted.map(keyOf));
    expect(lost(renamedRoot(spec("root", { prune: false, policy: "orphan" })), wanted)).toEqual([]);
  });

  test("suspend: true on a release of the flux2 chart", () => {
    const controllers: ToyItem[] = [{ kind: "ConfigMap", name: "controllers" }];
    expect(lost(droppedChart(false), controllers)).toHaveLength(1);
    expect(lost(droppedChart(true), controllers)).toEqual([]);
  });

  test("the old root itself goes either way", () => {
    const { outcomes } = compare(renamedRoot(spec("root", { prune: false })));
    expect(outcomes.find(({ key }) => key === ROOT)?.fate).toBe("deleted");
  });
});

function compare(world: ToyWorld) {
  const { before, after } = toSnapshots(world, true);
  return compareSnapshots(before, after, { adopted: world.adopted });
}
