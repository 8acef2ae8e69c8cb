import { describe, expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { ks, kustomization, object, operatorTree, release } from "./home-tree.ts";

const INSTANCE = "kubernetes/flux/config/instance.yaml";
const OPERATOR = "kubernetes/flux/operator.yaml";
const KS = "kubernetes/apps/media/player/ks.yaml";
const APP = "kubernetes/apps/media/player/app";

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

  const ranges: [string, string, string][] = [
    ["{tag: 0.58.0}", "{semver: 0.50.x}", "unsafe"],
    ["{semver: '>=0.55.0'}", "{semver: 0.50.x}", "unsafe"],
    // A range comes before a tag.
    ["{tag: 0.58.0}", "{tag: 0.58.0, semver: 0.50.x}", "unsafe"],
    ["{tag: 0.58.0}", "{semver: 0.x}", "safe"],
    ["{semver: 0.50.x}", "{semver: '*'}", "safe"],
  ];
  test.each(ranges)("by a range, from %s to %s", (from, to, verdict) => {
    const tree = { ...operatorTree(), [INSTANCE]: operatorTree()[INSTANCE]!.replace("2.6.x", "2.9.x") };
    const ranged = (ref: string) => operator("").replace("{tag: }", ref);
    expect(verifyEdits({ [OPERATOR]: ranged(to) }, { ...tree, [OPERATOR]: ranged(from) }).verdict).toBe(verdict);
  });

  test.each([
    ["version: 0.x, ", "version: 0.50.x, ", "unsafe"],
    ["", "version: 0.50.0, ", "unsafe"],
    ["version: 0.50.0, ", "", "safe"],
  ])("in the chart of the release, from '%s' to '%s'", (from, to, verdict) => {
    const tree = { ...operatorTree(), [INSTANCE]: operatorTree()[INSTANCE]!.replace("2.6.x", "2.9.x") };
    const charted = (version: string) =>
      release("flux-operator")
        .replace("metadata:\n", "metadata:\n  namespace: flux-system\n")
        .replace("{chart: app, ", `{${version}chart: flux-operator, `);
    expect(verifyEdits({ [OPERATOR]: charted(to) }, { ...tree, [OPERATOR]: charted(from) }).verdict).toBe(verdict);
  });

  test("in a HelmChart that the release names", () => {
    const [charted = "", source = ""] = operator("")
      .replace("OCIRepository", "HelmChart")
      .split(/(?<=\n)(?=---)/);
    const apart = (version: string) =>
      source
        .replace("OCIRepository", "HelmChart")
        .replace(/ {2}url.*\n.*\n/, `  chart: flux-operator\n  version: ${version}\n`)
        .concat("  sourceRef: {kind: HelmRepository, name: charts}\n");
    const tree = { ...operatorTree(), [INSTANCE]: operatorTree()[INSTANCE]!.replace("2.6.x", "2.9.x") };
    const before = { ...tree, [OPERATOR]: charted, "kubernetes/flux/chart.yaml": apart("0.58.0") };
    expect(verifyEdits({ "kubernetes/flux/chart.yaml": apart("0.50.0") }, before).verdict).toBe("unsafe");
    expect(verifyEdits({ "kubernetes/flux/chart.yaml": apart("0.58.1") }, before).verdict).toBe("safe");
  });

  test("by a patch, a variable, or the tag of its image", () => {
    const list = (tag: string) => {
      const patch = `[{"op": "replace", "path": "/spec/ref/tag", "value": "${tag}"}]`;
      return kustomization(["operator.yaml"], [`patches: [{target: {kind: OCIRepository}, patch: '${patch}'}]`]);
    };
    const app = (...more: string[]) => ks("player", APP, more, "flux-system");
    const tree = {
      ...operatorTree(),
      [INSTANCE]: operatorTree()[INSTANCE]!.replace("2.6.x", "2.9.x"),
      [`${APP}/operator.yaml`]: operator("'${TAG}'"),
      [`${APP}/kustomization.yaml`]: kustomization(["operator.yaml"]),
      [KS]: app("postBuild: {substitute: {TAG: 0.58.0}}"),
    };
    const lower = app("postBuild: {substitute: {TAG: 0.50.0}}");
    const image = operator("'${TAG}'").replace("spec: {", "spec: {values: {image: {tag: v0.50.0}}, ");
    const edits = [
      { [KS]: lower },
      { [`${APP}/kustomization.yaml`]: list("0.50.0") },
      { [`${APP}/operator.yaml`]: image },
    ];
    expect(edits.map((edit) => verifyEdits(edit, tree).verdict)).toEqual(["unsafe", "unsafe", "unsafe"]);
    expect(verifyEdits({ [KS]: app("postBuild: {substitute: {TAG: 0.58.1}}") }, tree).verdict).toBe("safe");
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

describe("the FluxInstance asks for a newer Flux", () => {
  const asks = (from: string, to: string, tag: string, raised = tag): [string, string[]] => {
    const tree = { ...operatorTree(), [OPERATOR]: operator(tag) };
    const instance = (flux: string) =>
      operatorTree()[INSTANCE]!.replace("{version: 2.6.x", `{version: "${flux}"${ARTIFACT}`);
    const edits = { [INSTANCE]: instance(to), ...(raised === tag ? {} : { [OPERATOR]: operator(raised) }) };
    const { verdict, findings } = verifyEdits(edits, { ...tree, [INSTANCE]: instance(from) });
    return [verdict, findings.filter(({ level }) => level === "blocker").map(({ what, next }) => `${what} ${next}`)];
  };

  test("than the operator holds, which then builds nothing", () => {
    expect(asks("2.7.x", "2.9.x", "0.35.0")).toEqual([
      "unsafe",
      [
        "The FluxInstance asks for Flux 2.9.x, and Flux Operator 0.35.0, which OCIRepository flux-system/flux-operator says in spec.ref.tag, holds Flux up to 2.7.5. The operator then changes nothing more in Flux. Raise Flux Operator to 0.53.0 or a newer one, in this change or in one before it.",
      ],
    ]);
    expect(asks("2.6.x", "2.8.x", "0.10.0")[0]).toBe("unsafe");
    expect(asks("2.6.x", ">=2.8.0", "0.35.0")[0]).toBe("unsafe");
    expect(asks("2.7.x", "2.9.x", "0.33.0", "0.35.0")[0]).toBe("unsafe");
  });

  test.each([
    ["of a minor that it holds", "2.6.x", "2.7.x", "0.35.0", "0.35.0"],
    ["that comes with the operator", "2.7.x", "2.9.x", "0.35.0", "0.58.0"],
    ["of which it takes what it has", "2.7.x", "2.x", "0.35.0", "0.35.0"],
    ["with an operator that is not known", "2.8.x", "2.9.x", "9.9.0", "9.9.0"],
    ["with whichever operator is the newest", "2.8.x", "2.9.x", "'*'", "'*'"],
  ])("%s: nothing is said", (_title, from, to, tag, raised) => {
    expect(asks(from, to, tag, raised)[1]).toEqual([]);
  });
});
