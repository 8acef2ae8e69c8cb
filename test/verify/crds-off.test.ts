import { describe, expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { homeTree, ks, kustomization, object, release } from "./home-tree.ts";

const APP = "kubernetes/apps/media/player/app";
const RELEASE = `${APP}/helmrelease.yaml`;
const LIST = `${APP}/kustomization.yaml`;
const THING = `${APP}/thing.yaml`;

const DATABASE = object("Cluster", "db", "postgresql.cnpg.io/v1");
const ISSUER = object("Issuer", "ca", "cert-manager.io/v1");

const GATEWAY = object("Gateway", "a", "gateway.networking.k8s.io/v1");

const operator = (chart: string, values: string, ...more: string[]) =>
  release("operator", [...(values ? [`values: ${values}`] : []), ...more]).replace("chart: app", `chart: ${chart}`);

/** A tree in which an operator stands beside an object of its kinds. */
const tree = (chart: string, values: string, thing = DATABASE) => ({
  ...homeTree(),
  [RELEASE]: operator(chart, values),
  [THING]: thing,
  [LIST]: kustomization(["helmrelease.yaml", "thing.yaml"]),
});

function says(chart: string, from: string, to: string, thing = DATABASE): string {
  const { verdict, findings } = verifyEdits({ [RELEASE]: operator(chart, to) }, tree(chart, from, thing));
  return [verdict, ...findings.filter(({ level }) => level === "blocker").map(({ rule }) => rule)].join(" | ");
}

describe("values switch the CRDs of an operator off", () => {
  test.each([
    ["cloudnative-pg", "", "{crds: {create: false}}", DATABASE, "unproven | safety-unknown"],
    ["cloudnative-pg", "{crds: {create: true}}", "{crds: {create: false}}", DATABASE, "unproven | safety-unknown"],
    [
      "rook-ceph",
      "",
      "{crds: {enabled: false}}",
      object("CephCluster", "a", "ceph.rook.io/v1"),
      "unproven | safety-unknown",
    ],
    [
      "external-secrets",
      "",
      "{installCRDs: false}",
      object("ExternalSecret", "a", "external-secrets.io/v1"),
      "unproven",
    ],
    ...[
      ["gatewayAPI", GATEWAY, "unproven"],
      ["gatewayAPI", object("Backend", "a", "gateway.envoyproxy.io/v1alpha1"), "safe"],
      ["envoyGateway", GATEWAY, "safe"],
    ].map(([off, thing, said]): [string, string, string, string, string] => [
      "gateway-crds-helm",
      "{crds: {gatewayAPI: {enabled: true}, envoyGateway: {enabled: true}}}",
      `{crds: {${off === "gatewayAPI" ? "envoyGateway" : "gatewayAPI"}: {enabled: true}}}`,
      thing!,
      said!,
    ]),
    ["cert-manager", "{installCRDs: true}", "", ISSUER, "unproven"],
    ["cert-manager", "{crds: {enabled: true}}", "{crds: {enabled: false}}", ISSUER, "safe"],
    ["dragonfly-operator", "", "{crds: {install: false}}", object("Dragonfly", "a", "dragonflydb.io/v1alpha1"), "safe"],
    // Kept ones become unkept only with an upgrade that still has them.
    ["cert-manager", "{crds: {enabled: true, keep: true}}", "{crds: {keep: false}}", ISSUER, "safe"],
    ["cert-manager", "{crds: {enabled: true, keep: false}}", "{crds: {keep: true}}", ISSUER, "unsafe | operator-goes"],
  ])("%s from '%s' to '%s'", (chart, from, to, thing, said) => {
    expect(says(chart, from, to, thing)).toBe(said);
  });

  test("with the objects and the value named", () => {
    const { findings } = verifyEdits(
      { [RELEASE]: operator("cloudnative-pg", "{crds: {create: false}}") },
      tree("cloudnative-pg", "", DATABASE + object("Pooler", "p", "postgresql.cnpg.io/v1")),
    );
    const told = findings.find(({ rule }) => rule === "safety-unknown");
    expect(told?.what).toContain(
      "HelmRelease media/operator has its CRDs switched off (crds.create) while Cluster db and 1 more stay in the tree",
    );
    expect(told?.at?.file).toBe(RELEASE);
  });

  test("with the command that Helm answers, whatever the HelmRelease is called", () => {
    const look = (...fields: string[]) => {
      const to = operator("cloudnative-pg", "{crds: {create: false}}", ...fields);
      const from = { ...tree("cloudnative-pg", ""), [RELEASE]: operator("cloudnative-pg", "", ...fields) };
      return verifyEdits({ [RELEASE]: to }, from).findings.find(({ rule }) => rule === "safety-unknown")?.next;
    };
    expect(look()).toContain("helm get manifest operator -n media whether");
    expect(look("targetNamespace: db")).toContain("helm get manifest db-operator -n media whether");
    expect(look("releaseName: cnpg", "targetNamespace: db", "storageNamespace: db")).toContain(
      "helm get manifest cnpg -n db whether",
    );
  });

  test("in a patch of the list, or in a file of values", () => {
    const patch =
      "patches: [{target: {kind: HelmRelease}, patch: '- {op: add, path: /spec/values, value: {crds: {create: false}}}'}]";
    const list = kustomization(["helmrelease.yaml", "thing.yaml"], [patch]);
    expect(verifyEdits({ [LIST]: list }, tree("cloudnative-pg", "")).verdict).toBe("unproven");
    const generated = {
      ...tree("cloudnative-pg", ""),
      [RELEASE]: operator("cloudnative-pg", "", "valuesFrom: [{kind: ConfigMap, name: values}]"),
      [LIST]: kustomization(
        ["helmrelease.yaml", "thing.yaml"],
        [
          "generatorOptions: {disableNameSuffixHash: true}",
          "configMapGenerator: [{name: values, files: [values.yaml]}]",
        ],
      ),
      [`${APP}/values.yaml`]: "crds: {create: true}\n",
    };
    const off = verifyEdits({ [`${APP}/values.yaml`]: "crds: {create: false}\n" }, generated);
    expect(off.findings.map(({ what }) => what)).toContainEqual(expect.stringContaining("(crds.create)"));
  });
});

describe("nothing is said", () => {
  test.each([
    ["of another value", "cloudnative-pg", "", "{replicaCount: 2}", DATABASE],
    ["where they come to be made", "cloudnative-pg", "{crds: {create: false}}", "{crds: {create: true}}", DATABASE],
    ["where they were off", "cloudnative-pg", "{crds: {create: false}}", "{crds: {create: false}, a: 1}", DATABASE],
    ["where they are off by default", "cert-manager", "", "{crds: {enabled: false}}", ISSUER],
    ["of another name of the same", "cert-manager", "{installCRDs: true}", "{crds: {enabled: true}}", ISSUER],
    ["without objects of its kinds", "cloudnative-pg", "", "{crds: {create: false}}", ISSUER],
    ["of a value that is not known", "cloudnative-pg", "", "{crds: {create: '${CRDS}'}}", DATABASE],
    ["of a chart that is not known", "constructor", "", "{crds: {create: false}}", DATABASE],
    // Its CRDs are no templates.
    [
      "of a job",
      "kube-prometheus-stack",
      "",
      "{crds: {enabled: false}}",
      object("Probe", "a", "monitoring.coreos.com/v1"),
    ],
  ])("%s", (_title, chart, from, to, thing) => {
    const { findings } = verifyEdits({ [RELEASE]: operator(chart, to) }, tree(chart, from, thing));
    expect(findings.filter(({ what }) => what.includes("CRDs"))).toEqual([]);
  });

  test("of what a Secret may set", () => {
    const moved = operator("cert-manager", "", "valuesFrom: [{kind: Secret, name: values}]");
    const { findings } = verifyEdits({ [RELEASE]: moved }, tree("cert-manager", "{crds: {enabled: true}}", ISSUER));
    expect(findings.filter(({ what }) => what.includes("CRDs"))).toEqual([]);
  });

  test("but where a Secret may only have another switch on", () => {
    const secret = "valuesFrom: [{kind: Secret, name: values}]";
    const said = (from: string, to: string) => {
      const before = { ...tree("cert-manager", "", ISSUER), [RELEASE]: operator("cert-manager", from, secret) };
      return verifyEdits({ [RELEASE]: operator("cert-manager", to, secret) }, before).verdict;
    };
    expect(said("{crds: {enabled: true, keep: false}}", "{crds: {enabled: false, keep: false}}")).toBe("unproven");
    expect(said("{crds: {enabled: true, keep: false}}", "{crds: {keep: false}}")).toBe("unproven");
    expect(said("{crds: {enabled: true, keep: true}}", "{crds: {enabled: false, keep: true}}")).toBe("safe");
    expect(said("{crds: {enabled: true, keep: false}}", "{crds: {enabled: false}, installCRDs: true}")).toBe("safe");
    expect(said("{crds: {enabled: true, keep: false}}", "{crds: {enabled: false}, installCRDs: false}")).toBe("unsafe");
  });

  test("of a release that is new, or suspended", () => {
    const edit = operator("cloudnative-pg", "{crds: {create: false}}");
    const { [RELEASE]: _, ...none } = tree("cloudnative-pg", "");
    const begins = verifyEdits({ [RELEASE]: edit }, { ...none, [LIST]: kustomization(["thing.yaml"]) });
    expect(begins.findings.filter(({ what }) => what.includes("CRDs"))).toEqual([]);
    const suspended = operator("cloudnative-pg", "{crds: {create: false}}", "suspend: true");
    const told = verifyEdits({ [RELEASE]: suspended }, tree("cloudnative-pg", ""));
    expect(told.findings.filter(({ what }) => what.includes("CRDs"))).toEqual([]);
  });
});

test("a release of another cluster reads the source that is there", () => {
  const far = ["kubeConfig: {secretRef: {name: spoke}}"];
  const source = (chart: string) =>
    object("OCIRepository", "charts", "source.toolkit.fluxcd.io/v1", [
      "  namespace: flux-system",
      `spec: {interval: 1h, url: 'oci://registry.example.invalid/${chart}', ref: {tag: 1.0.0}}`,
    ]);
  const remote = (isOn: boolean) =>
    object("HelmRelease", "far", "helm.toolkit.fluxcd.io/v2", [
      "  namespace: flux-system",
      `spec: {interval: 1h, chartRef: {kind: OCIRepository, name: charts}, values: {crds: {create: ${isOn}}}}`,
    ]);
  const files = {
    ...homeTree(),
    "kubernetes/flux/source.yaml": source("cloudnative-pg"),
    "kubernetes/flux/spoke.yaml": ks("spoke", "spoke/apps", far) + ks("sources", "spoke/sources", far),
    "spoke/sources/source.yaml": source("app"),
    "kubernetes/flux/db.yaml": DATABASE,
    "spoke/apps/release.yaml": remote(true),
  };
  const { findings } = verifyEdits({ "spoke/apps/release.yaml": remote(false) }, files);
  expect(findings.map(({ what }) => what).join()).not.toContain("has its CRDs switched off");
});

test("values that another Kustomization delivers are read as it is given them", () => {
  const CHESS = "kubernetes/apps/games/chess";
  const map = (isOn: boolean) =>
    object("ConfigMap", "operator-values", "v1", [
      "  namespace: media",
      `data: {values.yaml: '{crds: {create: ${isOn}}}'}`,
    ]);
  const before = {
    ...tree("cloudnative-pg", ""),
    [RELEASE]: operator("cloudnative-pg", "", "valuesFrom: [{kind: ConfigMap, name: operator-values}]"),
    [`${CHESS}/app/kustomization.yaml`]: kustomization(["values.yaml"]),
    [`${CHESS}/app/values.yaml`]: map(true),
    [`${CHESS}/ks.yaml`]: ks("chess", `${CHESS}/app`),
  };
  expect(verifyEdits({ [`${CHESS}/app/values.yaml`]: map(false) }, before).verdict).toBe("unproven");
  expect(verifyEdits({ [`${CHESS}/app/values.yaml`]: `${map(true)}# same\n` }, before).verdict).toBe("safe");
});
