import { expect, test } from "vitest";
import { printSarif } from "../../src/report/sarif.ts";

test.each([
  ["apps/a b/é#1.yaml", "apps/a%20b/%C3%A9%231.yaml"],
  ["apps/caf\udce9/x.yaml", "apps/caf%E9/x.yaml"],
  ["apps/\ud800x%.yaml", "apps/%EF%BF%BDx%25.yaml"],
  ["a!*'(),;:@&=+$~/b.yaml", "a!*'()%2C%3B%3A%40%26%3D%2B%24~/b.yaml"],
])("a finding in %j has an address", (file, uri) => {
  const text = { what: "w", why: "y", next: "n" };
  const log = JSON.parse(
    printSarif([{ rule: "path-taken", level: "caution", at: { file, line: 1, col: 1 }, ...text }]),
  );
  expect(log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toBe(uri);
});
