import { expect, test } from "vitest";
import { judge } from "../verify/judge.ts";
import { example, planExample } from "./plan-example.ts";

const KS = "kubernetes/apps/default/echo/ks.yaml";
const RELEASE = "kubernetes/apps/default/echo/app/helmrelease.yaml";

/** Where a text is expected, and what stands there today. */
const PLACES: readonly (readonly [file: string, field: RegExp])[] = [
  [KS, /(?<= path: ).*/],
  [KS, /(?<= {4}kind: ).*/],
  [KS, /(?<= {4}name: ).*/],
  [KS, /(?<=^apiVersion: ).*/m],
  [RELEASE, /(?<= kind: ).*/],
  ["kubernetes/flux/config/cluster.yaml", /(?<= url: ).*/],
  ["kubernetes/flux/config/flux.yaml", /(?<= tag: ).*/],
];

test.each(PLACES)("a map with a key that JavaScript makes text by is no text: %s, %s", (file, field) => {
  const odd = { [file]: example[file]!.replace(field, "{toString: a, valueOf: b}") };
  expect(odd[file]).not.toBe(example[file]);
  expect(planExample(odd).phases).toHaveLength(3);
  expect(judge(example, odd).safety.verdict).toBeTypeOf("string");
});

test("other objects are made text as ever", () => {
  const own = { toString: () => "text", valueOf: () => 7 };
  expect([`${own}`, Number(own), `${{}}`, `${[1, [2]]}`, `${new Date(0).getTime()}`]).toEqual([
    ...["text", 7, "[object Object]", "1,2", "0"],
  ]);
  expect(Object.keys({})).toEqual([]);
});
