import { describe, expect, test } from "vitest";
import type { Cluster } from "../../src/cluster/types.ts";
import transform from "../../transforms/automation-mentions/index.ts";
import { contextOf, homeWith, runTransform } from "./support.ts";

describe("Renovate", () => {
  const run = (text: string) => {
    const outcome = runTransform(transform, contextOf(homeWith({ "renovate.json5": text })));
    return { text: outcome.texts["renovate.json5"], rules: outcome.rules };
  };

  test("names the chart by its bare name where the rule is for charts of Helm alone", () => {
    const rule = (datasources: string) =>
      run(`{ packageRules: [{ matchPackageNames: ['flux2'], matchDatasources: [${datasources}] }] }`).rules;
    expect(rule("'helm'")).toEqual(["renovate-names-removed"]);
    expect(rule("'helm', 'github-releases'")).toEqual([]);
  });

  test("exchanges the artifact for the charts, in the quotes that are there", () => {
    expect(run("{ packageRules: [{ matchPackageNames: ['a', 'ghcr.io/fluxcd/flux-manifests'] }] }")).toEqual({
      text: "{ packageRules: [{ matchPackageNames: ['a', 'ghcr.io/controlplaneio-fluxcd/charts/flux-operator', 'ghcr.io/controlplaneio-fluxcd/charts/flux-instance'] }] }",
      rules: [],
    });
  });

  test("says of such a rule that it would miss the charts, and of nothing else", () => {
    const text = "{ packageRules: [{ matchPackageNames: ['ghcr.io/fluxcd/flux-manifests'] }] }";
    const [edit] = transform.run(contextOf(homeWith({ "renovate.json5": text }))).edits;
    expect(edit?.why).toBe(
      "Its rules follow what Flux was installed from, and would miss the charts that take its place.",
    );
  });

  test("exchanges the flux2 chart for the charts, and lists its other name beside it", () => {
    expect(run("{ matchPackageNames: ['ghcr.io/fluxcd-community/charts/flux2', 'flux2'] }")).toEqual({
      text: "{ matchPackageNames: ['ghcr.io/controlplaneio-fluxcd/charts/flux-operator', 'ghcr.io/controlplaneio-fluxcd/charts/flux-instance', 'flux2'] }",
      rules: ["renovate-names-removed"],
    });
  });

  test("leaves the flux2 chart where another cluster is installed from it, and its sister", () => {
    const names = "{ matchPackageNames: ['ghcr.io/fluxcd-community/charts/flux2'] }";
    const context = contextOf(homeWith({ "renovate.json5": names }));
    const other = {
      ...context.cluster,
      name: "other",
      install: { style: "community-chart", at: { file: "a.yaml" } },
    } as Cluster;
    const clusters = [...context.model.clusters, other];
    const kept = runTransform(transform, { ...context, model: { ...context.model, clusters } });
    expect([kept.texts["renovate.json5"], kept.rules]).toEqual([undefined, []]);
    const sister = "{ matchPackageNames: ['ghcr.io/fluxcd-community/charts/flux2-sync', 'flux2'] }";
    expect(run(sister)).toEqual({ text: undefined, rules: [] });
  });

  test.each([
    ["{ matchPackagePatterns: ['flux-manifests'] }", ["renovate-names-removed"]],
    [
      "{ matchDatasources: ['github-tags'], matchPackageNames: ['ghcr.io/fluxcd/flux-manifests'] }",
      ["renovate-names-removed"],
    ],
    ["{ ignorePaths: ['**/bootstrap/**'] }", ["renovate-ignores-helmfile"]],
    ["{ ignorePaths: ['**/archive/**', '*.sops.yaml'] }", []],
    ["{ ignorePaths: ['**/flux-operator/**'] }", ["renovate-ignores-charts"]],
    ["{ kubernetes: { ignorePaths: ['**/flux-operator/**'] } }", []],
    ["{ includePaths: ['charts/**'] }", ["renovate-ignores-charts"]],
    ["{ enabledManagers: ['helmv3', 'github-actions'] }", ["renovate-ignores-charts"]],
    ["{ enabledManagers: ['flux', 'helmfile'] }", []],
    ["{ enabledManagers: ['custom.regex'] }", []],
    ["{ flux: { fileMatch: ['gotk-components\\\\.yaml$'] } }", ["renovate-ignores-charts"]],
    [
      "{ flux: { managerFilePatterns: ['/gotk-.+\\\\.yaml$/', 'clusters/**/gotk-*.yaml'] } }",
      ["renovate-ignores-charts"],
    ],
    ["{ flux: { fileMatch: ['^kubernetes/[^/]+/.+\\\\.yaml$'] } }", []],
    ["{ flux: { fileMatch: [/* none */] } }", ["renovate-ignores-charts"]],
    ["{ flux: { managerFilePatterns: ['kubernetes/**'] } }", []],
    ["{ flux: { managerFilePatterns: ['kubernetes/**/*.{yaml,yml}'] } }", []],
    ["{ flux: { managerFilePatterns: ['/(?<=x)kubernetes/'] } }", []],
    ["{ flux: { enabled: true }, kubernetes: { fileMatch: ['x'] } }", []],
    ["{ includePaths: ['kubernetes/**', 'charts/**'] }", []],
    ["{ packageRules: [{ matchFileNames: ['**/flux-system/**'], enabled: false }] }", ["renovate-ignores-charts"]],
    ["{ packageRules: [{ matchFileNames: ['**/flux-system/**'], enabled: true }] }", []],
    ["{ packageRules: [{ matchFileNames: ['**/flux-system/**'], matchManagers: ['docker'], enabled: false }] }", []],
    ["{ matchPackageNames: ['/fluxcd/'] }", []],
  ])("%s", (text, rules) => {
    expect(run(text)).toEqual({ text: undefined, rules });
  });
});
