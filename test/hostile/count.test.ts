import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listAttacks } from "../../bench/growth/inputs.ts";
import { PROJECT_ROOT } from "../support/fixtures.ts";
import { FAULTS, STEPS } from "./faults.ts";
import { PATH_CASES } from "./path-cases.ts";
import { YAML_CASES } from "./yaml-cases.ts";

const counted = {
  "`yaml.test.ts`": Object.keys(YAML_CASES).length,
  "`paths.test.ts`": Object.keys(PATH_CASES).length,
  "`faults.test.ts`": FAULTS.length + STEPS.length,
  "`bench/costs/linear.test.ts`": listAttacks().length,
};

test("the page on security counts the hostile cases as they are", () => {
  const page = readFileSync(join(PROJECT_ROOT, "docs/security.md"), "utf8");
  for (const [file, count] of Object.entries(counted))
    expect(page).toMatch(new RegExp(`\\| ${file} \\|.*\\| ${count} \\|`));
  expect(Object.values(counted).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(120);
});
