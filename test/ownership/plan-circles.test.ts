import { expect, test } from "vitest";
import { homeOps, run } from "../traps/support.ts";
import { patchApp } from "./parent-patches.ts";

test("a plan says that what it adds would wait in a circle, as verify does", () => {
  const inCircle = (apps?: string) =>
    run(homeOps(apps === undefined ? {} : { apps })).findings.filter(({ rule }) => rule === "waits-in-circle");
  expect(inCircle()).toEqual([]);
  const [found, ...more] = inCircle(patchApp("flux-operator", "dependsOn: [{name: flux-instance}]"));
  expect(more).toEqual([]);
  expect(found).toMatchObject({ level: "blocker", resource: expect.stringContaining("flux-system/flux-") });
});
