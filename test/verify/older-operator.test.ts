import { describe, expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { object, operatorTree } from "./home-tree.ts";

const INSTANCE = "kubernetes/flux/config/instance.yaml";
const OPERATOR = "kubernetes/flux/operator.yaml";

const operator = (tag: string) =>
  object("HelmRelease", "flux-operator", "helm.toolkit.fluxcd.io/v2", [
    "  namespace: flux-system",
    "spec: {interval: 1h, chartRef: {kind: OCIRepository, name: flux-operator}}",
  ]) +
  object("OCIRepository", "flux-operator", "source.toolkit.fluxcd.io/v1", [
    "  namespace: flux-system",
    "spec:",
    "  interval: 1h",
    "  url: oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator",
    `  ref: {tag: ${tag}}`,
  ]);

function says(flux: string, from: string, to: string, artifact = ""): [string, string[]] {
  const tree = operatorTree();
  const instance = tree[INSTANCE]!.replace("{version: 2.6.x", `{version: "${flux}"${artifact}`);
  const { verdict, findings } = verifyEdits(
    { [OPERATOR]: operator(to) },
    { ...tree, [INSTANCE]: instance, [OPERATOR]: operator(from) },
  );
  return [verdict, findings.filter(({ level }) => level === "blocker").map(({ rule, what }) => `${rule}: ${what}`)];
}

const ARTIFACT = ", artifact: 'oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:latest'";

describe("the chart of the operator goes back", () => {
  test("to one without the minor: it builds nothing, wherever its manifests come from", () => {
    const told = [
      "unsafe",
      [
        "instance-harms: Flux Operator goes back to 0.50.0, which holds Flux up to 2.8.8, and the FluxInstance asks for 2.9.x. The operator then changes nothing more in Flux.",
      ],
    ];
    expect(says("2.9.x", "0.58.0", "0.50.0")).toEqual(told);
    expect(says("2.9.x", "0.58.0", "0.50.0", ARTIFACT)).toEqual(told);
    // It would take an older minor than the one that it applied last.
    expect(says("2.x", "0.58.0", "0.35.0")[0]).toBe("unsafe");
    expect(says("2.7.x", "0.58.0", "0.10.0")[1][0]).toContain("holds no Flux 2.7");
  });

  test("to one of which it is not known, or without the patch release", () => {
    expect(says("2.4.x", "0.58.0", "0.10.0")).toEqual([
      "unproven",
      [expect.stringMatching(/^safety-unknown: .*Flux Operator 0\.10\.0, which is older than all that are known here/)],
    ]);
    expect(says("2.9.4", "0.58.0", "0.56.0")).toEqual([
      "unproven",
      [expect.stringMatching(/holds Flux up to 2\.9\.3, while the FluxInstance asks for 2\.9\.4/)],
    ]);
  });

  test.each([
    ["that holds it", "2.6.x", "0.58.0", "0.35.0", ""],
    ["that lacks a patch release that nobody names", "2.9.x", "0.58.0", "0.56.0", ""],
    ["that fetches the patch release", "2.9.4", "0.58.0", "0.56.0", ARTIFACT],
    ["that is newer", "2.6.x", "0.35.0", "0.58.0", ""],
    ["that is newer than all that are known", "2.99.0", "9.2.0", "9.1.0", ""],
    ["of a range that never meant more", "2.x", "0.35.0", "0.34.0", ""],
  ])("and nothing is said of one %s", (_title, flux, from, to, artifact) => {
    expect(says(flux, from, to, artifact)).toEqual(["safe", []]);
  });

  test.each(["spec: {}", "spec: {distribution: }", "spec: {distribution: []}"])(
    "nor beside a FluxInstance with %s",
    (spec) => {
      const tree = operatorTree();
      const none = object("FluxInstance", "flux", "fluxcd.controlplane.io/v1", ["  namespace: flux-system", spec]);
      const back = { [OPERATOR]: operator("0.50.0") };
      const { findings } = verifyEdits(back, { ...tree, [INSTANCE]: none, [OPERATOR]: operator("0.58.0") });
      expect(findings.filter(({ what }) => what.includes("goes back"))).toEqual([]);
    },
  );
});
