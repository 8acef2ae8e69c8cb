import { expect, test } from "vitest";
import { makeFluxSystem } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";

const namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: web\n";

/** What the files that the install phase makes end with. */
function madeEndings(files: Record<string, string>): string[] {
  const given = { ...makeFluxSystem("clusters/home"), ...files };
  const made = Object.keys(runPhase(given, "install").files).filter((path) => !(path in given));
  return [...new Set(made.map((path) => path.slice(path.lastIndexOf("."))))];
}

test.each([".yml", ".yaml"])(
  "files end with %s where those of the cluster do, though none of them is an app",
  (end) => {
    expect(madeEndings({ [`clusters/home/web${end}`]: namespace })).toEqual([end]);
  },
);

test("what flux bootstrap calls its files is nobody's habit", () => {
  expect(madeEndings({})).toEqual([".yaml"]);
});
