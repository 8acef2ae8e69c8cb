import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareSnapshots } from "../../src/safety/compare.ts";
import { simulate } from "./simulator.ts";
import { type ToyItem, type ToySpec, type ToyTree, type ToyWorld, toSnapshots } from "./world.ts";

const PATHS = ["p0", "p1", "p2", "p3"];

const spec = (paths: string[]): fc.Arbitrary<ToySpec> =>
  fc.record({
    path: fc.constantFrom(...paths),
    prune: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    suspend: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    policy: fc.constantFrom("mirror" as const, "mirror" as const, "orphan" as const, "delete" as const),
    source: fc.constantFrom("a", "a", "a", "b"),
  });

const plain: fc.Arbitrary<ToyItem> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("ConfigMap" as const),
      name: fc.constantFrom("c0", "c1", "c2"),
      spared: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("HelmRelease" as const),
      name: fc.constant("h"),
      suspend: fc.boolean(),
      holds: fc.constant<string[]>(["c2"]),
    }),
  },
  { weight: 1, arbitrary: fc.constant<ToyItem>({ kind: "Namespace", name: "n" }) },
  { weight: 1, arbitrary: fc.constant<ToyItem>({ kind: "ConfigMap", name: "inside", namespace: "n" }) },
);

const child: fc.Arbitrary<ToyItem> = fc.record({
  kind: fc.constant("Kustomization" as const),
  name: fc.constantFrom("k1", "k2"),
  spec: spec(PATHS.slice(1)),
});

const unique = (items: ToyItem[]) => [...new Map(items.map((item) => [`${item.kind}${item.name}`, item])).values()];
const folder = (max: number) =>
  fc.array(fc.oneof({ weight: 3, arbitrary: plain }, { weight: 2, arbitrary: child }), { maxLength: max }).map(unique);

const tree: fc.Arbitrary<ToyTree> = fc.record({ p0: folder(4), p1: folder(3), p2: folder(3), p3: folder(2) });

/** A tree after a few edits of the kinds people make. */
function edited(before: ToyTree): fc.Arbitrary<ToyTree> {
  const paths = Object.keys(before);
  const edit = fc.oneof(
    fc.record({
      do: fc.constant("move" as const),
      from: fc.constantFrom(...paths),
      to: fc.constantFrom(...paths),
      nth: fc.nat(3),
    }),
    fc.record({ do: fc.constant("remove" as const), from: fc.constantFrom(...paths), nth: fc.nat(3) }),
    fc.record({ do: fc.constant("add" as const), to: fc.constantFrom(...paths), item: fc.oneof(plain, child) }),
    fc.record({ do: fc.constant("gone" as const), from: fc.constantFrom(...paths) }),
    fc.record({ do: fc.constant("empty" as const), from: fc.constantFrom(...paths) }),
    fc.record({ do: fc.constant("break" as const), from: fc.constantFrom(...paths) }),
    fc.record({
      do: fc.constant("respec" as const),
      from: fc.constantFrom(...paths),
      nth: fc.nat(3),
      spec: spec(PATHS.slice(1)),
    }),
  );
  return fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => {
    const after: ToyTree = structuredClone(before);
    const list = (path: string) => (Array.isArray(after[path]) ? (after[path] as ToyItem[]) : []);
    for (const one of edits) {
      if (one.do === "gone") delete after[one.from];
      else if (one.do === "empty") after[one.from] = [];
      else if (one.do === "break") after[one.from] = "broken";
      else if (one.do === "add") after[one.to] = unique([...list(one.to), one.item]);
      else if (one.do === "respec") {
        const found = list(one.from).filter(({ spec }) => spec)[one.nth];
        if (found) found.spec = one.spec;
      } else {
        const [item] = list(one.from).splice(one.nth, 1);
        if (item && one.do === "move") after[one.to] = unique([...list(one.to), item]);
      }
    }
    return after;
  });
}

const operatorSet = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constant("ConfigMap" as const), name: fc.constantFrom("c0", "c1") }),
      fc.record({
        kind: fc.constant("Kustomization" as const),
        name: fc.constantFrom("root", "k1"),
        spec: spec(PATHS),
      }),
    ),
    { maxLength: 3 },
  )
  .map((items) => unique(items as ToyItem[]));

const rootItem = (root: ToySpec): ToyItem => ({ kind: "Kustomization", name: "root", spec: root });

const world: fc.Arbitrary<ToyWorld> = fc
  .record({
    before: tree,
    root: spec(["p0"]),
    selfDelivers: fc.boolean(),
    operator: fc.constantFrom("none", "none", "new", "adopted", "changed"),
  })
  .chain(({ before, root, selfDelivers, operator }) => {
    const own = selfDelivers ? { ...before, p0: unique([rootItem(root), ...(before.p0 as ToyItem[])]) } : before;
    return fc.record({ after: edited(own), today: operatorSet, later: operatorSet }).map(
      ({ after, today, later }): ToyWorld => ({
        before: own,
        after,
        root,
        adopted: operator === "adopted" || operator === "changed",
        ...(operator === "adopted" ? { operatorBefore: today, operatorAfter: today } : {}),
        ...(operator === "changed" ? { operatorBefore: today, operatorAfter: later } : {}),
        ...(operator === "new" ? { operatorAfter: later } : {}),
      }),
    );
  });

const RUNS = Number(process.env.FLUXLIFT_ORDER_RUNS ?? 1500);

describe("no order of reconciling deletes what the analysis calls safe", () => {
  test("whether or not what is built is asked for lazily", { timeout: 300_000 }, () => {
    const tally = { worlds: 0, complete: 0, alarms: 0, falseAlarms: 0, deletions: 0 };
    fc.assert(
      fc.property(world, (toy) => {
        const simulated = simulate(toy);
        for (const lazy of [true, false]) {
          const { before, after } = toSnapshots(toy, lazy);
          const { outcomes } = compareSnapshots(before, after, { adopted: toy.adopted });
          const fates = new Map(outcomes.map(({ key, fate }) => [key, fate]));
          for (const key of simulated.deleted) {
            if (!simulated.existing.has(key)) continue;
            tally.deletions++;
            expect(["deleted", "recreated"], `${key} is ${fates.get(key)}, lazy: ${lazy}`).toContain(fates.get(key));
          }
          tally.worlds++;
          if (!simulated.complete) continue;
          tally.complete++;
          for (const { key, fate } of outcomes) {
            if (fate !== "deleted" && fate !== "recreated") continue;
            tally.alarms++;
            if (!simulated.deleted.has(key)) tally.falseAlarms++;
          }
        }
      }),
      { numRuns: RUNS, seed: Number(process.env.FLUXLIFT_ORDER_SEED ?? 20), endOnFailure: false },
    );
    console.info(JSON.stringify(tally));
    // The property is empty when nothing is ever deleted, and useless when everything is called dangerous.
    expect(tally.deletions).toBeGreaterThan(tally.worlds / 10);
    expect(tally.falseAlarms / tally.alarms).toBeLessThan(0.25);
  });
});
