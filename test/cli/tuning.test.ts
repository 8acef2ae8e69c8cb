import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { tuningFlags } from "../../src/cli/core.ts";

const { v8 } = process.versions;

test("no V8 is told what it does not know: it would say so on stderr in every run", () => {
  const known = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  const flags = tuningFlags(v8).map((flag) => flag.replace(/^--(?:no-)?/, "").replace(/=.*/, ""));
  expect(flags.length).toBeGreaterThan(2);
  for (const flag of flags) expect(known).toMatch(new RegExp(`^ +--${flag} `, "m"));
});

test.each(["11.30.1", "12.9.202", "13.0.1", "14.10.1", "15.1.1"])("%s was not tried and is told nothing", (other) =>
  expect(tuningFlags(other)).toEqual([]),
);

test("the names of Node 20 are not those of Node 22 and later", () => {
  const [old, ...later] = [
    "11.3.244.8-node.33",
    "12.4.254.21-node.57",
    "13.6.233.17-node.53",
    "14.1.146.11-node.25",
  ].map((version) => tuningFlags(version).join(" "));
  expect(old).toContain("--interrupt-budget=");
  for (const flags of later) expect(flags).toMatch(/^(?!.*--interrupt-budget=).*--invocation-count-for-turbofan=/);
});
