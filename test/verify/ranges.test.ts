import { expect, test } from "vitest";
import { readRange } from "../../src/release/ranges.ts";
import { parseFluxVersion } from "../../src/release/releases.ts";

const VERSIONS = ["2.5.1", "2.6.0", "2.6.4", "2.7.5", "2.8.3"];

// What Masterminds semver 3 says, which the operator reads ranges with.
test.each([
  ["2.6.x", "2.6.0 2.6.4"],
  ["v2.6", "2.6.0 2.6.4"],
  ["=2.6.4", "2.6.4"],
  ["2", "2.5.1 2.6.0 2.6.4 2.7.5 2.8.3"],
  ["*", "2.5.1 2.6.0 2.6.4 2.7.5 2.8.3"],
  [">2.6", "2.7.5 2.8.3"],
  [">2.6.0", "2.6.4 2.7.5 2.8.3"],
  ["<=2.6", "2.5.1 2.6.0 2.6.4"],
  ["<2.6", "2.5.1"],
  ["!=2.6", "2.5.1 2.7.5 2.8.3"],
  ["~2.6.1", "2.6.4"],
  ["~>2.6", "2.6.0 2.6.4"],
  ["^2.6.1", "2.6.4 2.7.5 2.8.3"],
  [">=2.6.0, <2.8", "2.6.0 2.6.4 2.7.5"],
  [">= 2.6.4 <2.8.0", "2.6.4 2.7.5"],
  ["2.6 - 2.7.x", "2.6.0 2.6.4 2.7.5"],
  ["2.5.1 || >=2.8", "2.5.1 2.8.3"],
  [">=2.6.4-rc.1", "2.6.4 2.7.5 2.8.3"],
  ["2.6.4-rc.1", ""],
  ["<=*", ""],
  [">*", "2.5.1 2.6.0 2.6.4 2.7.5 2.8.3"],
])("%s takes %s", (range, wanted) => {
  const takes = readRange(range);
  expect(VERSIONS.filter((version) => takes?.(parseFluxVersion(version)!)).join(" ")).toBe(wanted);
});

test.each(["", "latest", "2.6.x.x", "2.", ">", "2.6,", "||", "=>=2.6", "a2.6"])("%j is no range", (text) => {
  expect(readRange(text)).toBeUndefined();
});
