import { expect, test } from "vitest";
import { readDiff } from "../../../src/report/html/fleet-diffs.ts";

test("the diff of a repository shows no value of a Secret, and nothing that is named a password", () => {
  const after =
    "kind: Secret\nmetadata: {name: a}\nstringData:\n  user: s3cr3t\n---\nkind: A\nspec:\n  password: s3cr3t\n  b: c\n";
  const { files, text } = readDiff({ phases: [{ files: [{ path: "a.yaml", after }] }] })!;
  expect([files, text.includes("s3cr3t"), text.includes("+  b: c\n")]).toEqual([1, false, true]);
});
