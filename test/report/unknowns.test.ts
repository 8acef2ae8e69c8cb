import { expect, test } from "vitest";
import type { OpenPoint } from "../../src/change/types.ts";
import { joinOpenPoints } from "../../src/safety/unknown/unknowns.ts";

const BASE = "is touched by this change and holds what cannot be read here: remote base example.invalid/x?ref=v1";
const base = (name: string, what = BASE): OpenPoint => ({
  resource: `Kustomization flux-system/${name}`,
  what,
  look: "look at it",
  at: { file: "base/kustomization.yaml", line: 4, col: 1 },
});
const join = (points: OpenPoint[], accepted: string[] = []) =>
  joinOpenPoints(points, {
    decides: () => false,
    findAcceptor: (resource) => (accepted.includes(resource) ? { how: "flag" } : undefined),
  });

test("one place that many FluxKustomizations share is told once, and names all of them", () => {
  const [shared, ...rest] = join(["a", "b", "c", "d", "e"].map((name) => base(name)));
  expect(rest).toEqual([]);
  expect(shared!.resources).toHaveLength(5);
  expect(shared!.what).toBe(
    `Kustomization flux-system/a ${BASE} (base/kustomization.yaml:4). The same holds for Kustomization flux-system/b, Kustomization flux-system/c, Kustomization flux-system/d and 1 more.`,
  );
});

test("what is accepted, and other reasons at the same place, stay apart", () => {
  const all = join([base("a"), base("b"), base("c", "goes")], ["Kustomization flux-system/b"]);
  expect(all.map(({ resources, accepted }) => [resources.length, accepted])).toEqual([
    [1, undefined],
    [1, true],
    [1, undefined],
  ]);
});

test("what one look settles is told once, wherever it is named, and apart where the look is another", () => {
  const named = (name: string, line: number, look = "look"): OpenPoint => ({
    ...base(name, "names GitRepository/gone in spec.sourceRef, which nothing here makes"),
    ...{ look, anywhere: true, at: { file: "apps.yaml", line, col: 1 } },
  });
  const all = join([named("a", 1), named("b", 9), named("c", 17, "look elsewhere")]);
  expect(all.map(({ resources, at }) => [resources.map((one) => one.at(-1)).join(), at?.line])).toEqual([
    ["a,b", 1],
    ["c", 17],
  ]);
});
