import { expect, test } from "vitest";
import { homeTree, object } from "../home-tree.ts";
import { inShort, says } from "./tree.ts";

const FILE = "kubernetes/flux/vars/automation.yaml";
const automation = (push: string, checkout = "main", more = "") =>
  object("ImageUpdateAutomation", "all", "image.toolkit.fluxcd.io/v1beta2", [
    "  namespace: flux-system",
    `spec: {interval: 1h, sourceRef: {kind: GitRepository, name: home}, ${more}git: {checkout: {ref: {branch: ${checkout}}}, commit: {author: {email: a@example.invalid}}, push: {branch: ${push}}}, update: {path: ./kubernetes, strategy: Setters}}`,
  ]);
const goes = (from: string, to: string) => inShort({ ...homeTree(), [FILE]: from }, { [FILE]: to });
const UNPROVEN = "unproven | safety-unknown ImageUpdateAutomation flux-system/all";

test("a branch in image automation that differs by a letter from the one that is read", () => {
  expect(goes(automation("main"), automation("mian"))).toBe(UNPROVEN);
  expect(goes(automation("main"), automation("main", "mian"))).toContain("safety-unknown ImageUpdateAutomation");
  expect(goes(automation("images"), automation("mains"))).toBe(UNPROVEN);
  const { findings } = says({ ...homeTree(), [FILE]: automation("main") }, { [FILE]: automation("mian") });
  const said = findings.find(({ rule }) => rule === "safety-unknown")!;
  expect(said.what).toContain("names the branch mian, and main is what is read here");
  expect(said.next).toContain("git ls-remote --heads origin mian");
});

test("another branch is meant, and one that was so before is no business of the change", () => {
  for (const branch of ["image-updates", "staging", "main2", "main"])
    expect(goes(automation("main"), automation(branch))).toBe("safe");
  expect(goes(automation("mian"), automation("mian").replace("1h", "2h"))).toBe("safe");
  expect(goes(automation("main"), automation("mian", "main", "suspend: true, "))).toBe("safe");
});
