import { expect, test } from "vitest";
import { isWithin, join } from "../../src/delivery/paths.ts";

test("a path that leads out of the repository is no file or folder of it", () => {
  expect(join("apps", "../web/")).toBe("web");
  expect(join("apps", "..")).toBe("");
  const out = ["../..", "../../web/", "./../../../web"].map((path) => join("apps", path));
  expect(out).toEqual(["..", "../web", "../../web"]);
  for (const path of out) expect(isWithin("web", path)).toBe(false);
});
