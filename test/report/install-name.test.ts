import { expect, test } from "vitest";
import { sayStyle } from "../../src/contract/install-style.ts";

const at = (file: string) => ({ file, line: 1, col: 1 });

test("an install is called after flux bootstrap only where its file is", () => {
  expect(sayStyle("gotk", at("clusters/home/flux-system/gotk-components.yaml"))).toContain("flux bootstrap");
  expect(sayStyle("gotk", at("kind/flux-install.yaml"))).toBe("manifests of flux install");
  expect(sayStyle("community-chart", at("flux/release.yaml"))).toBe("flux2 Helm chart");
});
