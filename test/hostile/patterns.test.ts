import { describe, expect, test } from "vitest";
import { compile } from "../../src/delivery/kustomize/regex.ts";
import { findInstallRule, findMissed } from "../../transforms/automation-mentions/renovate-patterns.ts";
import { findMissedByRenovate } from "../../transforms/charts-to-oci/automation.ts";
import type { ChartMove } from "../../transforms/charts-to-oci/decide.ts";
import { matchesGlob, readFluxPatterns } from "../../transforms/shared/automation/renovate-files.ts";
import { memoryTree } from "../support/memory.ts";
import { stopAfter } from "./growth.ts";

const CHARTS = ["ghcr.io/controlplaneio-fluxcd/charts/flux-operator"];

const inTime = <T>(run: () => T): T => stopAfter(run, 5000);

const PATTERNS = {
  "alternatives that are the same": "(a|a)".repeat(40),
  "characters that may be there": ".?".repeat(40),
  "a repetition repeated": "(a+)+",
  "all, again and again": "(.*)*",
};

describe.each(Object.entries(PATTERNS))("a pattern of %s takes no time", (_, pattern) => {
  test("as the target of a patch", () => {
    expect(inTime(() => compile(`^(?:${pattern}Z)$`)?.test("a".repeat(60)))).toBe(false);
  });

  test("in a list of Renovate", () => {
    const items = `"/${pattern.replaceAll("a", "[a-z/.-]")}Z$/", "fluxcd/flux2"`;
    expect(inTime(() => findMissed("matchPackageNames", items, CHARTS))).toBeUndefined();
    expect(inTime(() => findInstallRule("matchPackageNames", items, CHARTS))?.name).toBe("fluxcd/flux2");
  });

  test("as what Renovate's flux manager reads", () => {
    const flux = { fileMatch: [`${pattern}Z`, "^apps/"] };
    const tree = memoryTree({ "renovate.json": JSON.stringify({ flux }) });
    const release = { kind: "HelmRelease", name: "a", namespace: "b", file: `apps/${"a".repeat(60)}.yaml` };
    const moved = [{ move: { release } as unknown as ChartMove, file: `other/${"a".repeat(60)}.yaml` }];
    expect(inTime(() => findMissedByRenovate(tree, moved)).map(({ rule }) => rule)).toEqual(["renovate-misses-chart"]);
  });
});

test.each([
  ["ghcr.io/fluxcd/**", "ghcr.io/fluxcd/flux-manifests", true],
  ["ghcr.io/fluxcd/**", "ghcr.io/fluxcd", false],
  ["**/flux-manifests", "ghcr.io/fluxcd/flux-manifests", true],
  ["**/flux-manifests", "flux-manifests", true],
  ["*flux*", "fluxcd/flux2", false],
  ["*/flux*", "fluxcd/flux2", true],
  ["kubernetes/**/*.yaml", "kubernetes/a/b/c.yaml", true],
  ["kubernetes/**/*.yaml", "kubernetes/c.yaml", true],
  ["kubernetes/*.yaml", "kubernetes/a/c.yaml", false],
  ["flux", "a/flux/b", true],
])("the glob %s takes %s: %s", (glob, path, isTaken) => {
  expect(inTime(() => matchesGlob(glob, path))).toBe(isTaken);
});

test.each([
  ["*a", "a"],
  ["**/a/", "a/"],
])("a glob of %s again and again takes no time", (glob, path) => {
  expect(inTime(() => matchesGlob(`${glob.repeat(500)}b`, path.repeat(5000)))).toBe(false);
});

test("a list of patterns that never ends takes no time", () => {
  for (const text of ["//a\n".repeat(900), "a/".repeat(1900), "'a',".repeat(900)])
    expect(inTime(() => readFluxPatterns("renovate.json5", `{ flux: { fileMatch: [${text}`))).toEqual([]);
});
