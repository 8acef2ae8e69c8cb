import { expect, test } from "vitest";
import { joinUnknowns } from "../../src/engine/unknowns.ts";

const claim = (name: string) =>
  `Kustomization flux-system/${name}: value of CLAIM in the id of PersistentVolumeClaim \${CLAIM}.${name} (components/pvc.yaml:1)`;

test("one place that many FluxKustomizations share is told once", () => {
  expect(joinUnknowns([claim("a"), claim("b"), claim("c"), claim("d"), "Something else."])).toEqual([
    "Kustomizations flux-system/a, flux-system/b, flux-system/c, … 4 in all: value of CLAIM in the id of PersistentVolumeClaim ${CLAIM}.a (components/pvc.yaml:1)",
    "Something else.",
  ]);
});

test("other variables at the same place, and a single one, stay as they are", () => {
  const other = claim("b").replaceAll("CLAIM", "NAME");
  expect(joinUnknowns([claim("a"), other])).toEqual([claim("a"), other]);
});
