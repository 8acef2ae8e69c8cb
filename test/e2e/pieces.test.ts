import { describe, expect, it } from "vitest";
import { replaceEdits } from "../../e2e/install/build.ts";
import { bech32 } from "../../e2e/scenarios/age.ts";
import { dropBlock } from "../../e2e/scenarios/edits.ts";
import { SCENARIOS } from "../../e2e/scenarios/index.ts";
import { manifestComponents } from "../../e2e/world/gotk.ts";

describe("pieces of the live bench", () => {
  it("writes Bech32 as BIP 173 has it", () => {
    const words = Uint8Array.from(Buffer.from("751e76e8199196d454941c45d1b3a323f1433bd6", "hex"));
    // The test vector of BIP 173 has the version word 0 before the program; without it the words are the same.
    expect(bech32("bc", words)).toMatch(/^bc1w508d6qejxtdg4y5r3zarvary0c5xw7k/);
  });

  it("drops a block of YAML with what is below it", () => {
    expect(dropBlock("a:\n  b:\n    - c\n\n  d: 1\n", /^ {2}b:/)).toBe("a:\n  d: 1\n");
    expect(() => dropBlock("a: 1\n", /^b:/)).toThrow("no line matches");
  });

  it("takes replacements by local folders out of a go.mod, and pins the staged modules of Kubernetes", () => {
    const mod = {
      Replace: [
        { Old: { Path: "k8s.io/api" }, New: { Path: "./staging/src/k8s.io/api" } },
        { Old: { Path: "example.org/x", Version: "v1.0.0" }, New: { Path: "example.org/y", Version: "v1.0.1" } },
      ],
    };
    const component = { name: "x", module: "k8s.io/kubernetes", version: "v1.34.4", pkg: "." };
    expect(replaceEdits(component, mod)).toEqual(["-dropreplace=k8s.io/api", "-replace=k8s.io/api=k8s.io/api@v0.34.4"]);
    expect(replaceEdits({ ...component, module: "example.org/z" }, mod)).toEqual(["-dropreplace=k8s.io/api"]);
  });

  it("lists source-watcher among the published manifests from 2.9.3 only", () => {
    expect(manifestComponents("2.9.2")).not.toContain("source-watcher");
    expect(manifestComponents("2.9.3")).toContain("source-watcher");
  });

  it("has at least 20 scenarios with names of their own, half of them wrong on purpose", () => {
    expect(new Set(SCENARIOS.map(({ id }) => id)).size).toBe(SCENARIOS.length);
    const tried = SCENARIOS.filter(({ kind }) => kind !== "fact");
    expect(tried.length).toBeGreaterThanOrEqual(20);
    expect(tried.filter(({ kind }) => kind === "wrong").length * 2).toBeGreaterThanOrEqual(tried.length);
  });
});
