import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Cluster, Install } from "../../src/cluster/types.ts";
import type { InstallStyle, KubeObject } from "../../src/contract/objects.ts";
import type { Options } from "../../src/contract/options.ts";
import { sayFinding } from "../../src/findings/say.ts";
import { type Around, decideVersions, pinnedOperator } from "../../src/instance/versions.ts";
import { DEFAULT_OPERATOR_VERSION } from "../../src/release/releases.ts";

const at = (file: string) => ({ file, line: 1, col: 1 });
const object = (kind: string, name: string, spec = "{}", file = `${name}.yaml`): KubeObject => ({
  ...{ file, doc: 0, apiVersion: kind === "HelmRelease" ? "helm.toolkit.fluxcd.io/v2" : "x/v1", kind, name },
  ...{ namespace: "flux-system", data: { spec: parse(spec) } },
});
const said = (value: string, file: string) => ({ value, at: at(file) });

function install(version: string | undefined, more: Partial<Install> = {}): Install {
  return {
    ...{ style: "oci-manifests", role: "continuous", at: at("flux.yaml"), objects: [], components: [], patches: [] },
    ...(version === undefined ? {} : { version: said(version, "version.yaml") }),
    ...more,
  } as Install;
}

function cluster(installed: Install | undefined, more: Partial<Cluster> = {}): Cluster {
  return {
    ...{
      name: "home",
      namespace: "flux-system",
      artifactRoot: "",
      files: new Set<string>(),
      bootstraps: [],
      operators: [],
      instances: [],
    },
    ...{
      kustomizations: [],
      root: object("Kustomization", "cluster", "{path: ./flux}"),
      source: object("GitRepository", "home"),
    },
    ...(installed ? { install: installed } : {}),
    ...more,
  } as unknown as Cluster;
}

const ask = (of: Cluster, options: Partial<Options> = {}, objects: KubeObject[] = [], around: Around = {}) =>
  decideVersions(of, options as Options, objects, around);
const rules = (...[of, options, objects]: Parameters<typeof ask>) => {
  const { versions, findings } = ask(of, options, objects);
  const { range, operatorVersion } = versions ?? {};
  return [
    versions && `${range} by ${operatorVersion === DEFAULT_OPERATOR_VERSION ? "the newest" : operatorVersion}`,
    ...findings.map(({ level, rule, at: place }) => `${level} ${rule} ${place?.file}`),
  ];
};
const rulesOf = (version: string) => ask(cluster(install(version))).findings.map(({ rule }) => rule);
const OURS = "2.6.x by the newest";

describe("the Flux that is written", () => {
  test.each<[version: string, said: unknown[]]>([
    ["v2.6.4", [OURS]],
    ["2.6.4", [OURS]],
    ["v2.6.4@sha256:abc", [OURS]],
    ["v2.6.2", [OURS, "info patch-upgrade version.yaml"]],
    ["v2.2.0", ["2.2.x by the newest", "info patch-upgrade version.yaml"]],
    ["v2.1.2", [undefined, "blocker flux-too-old version.yaml"]],
    ["v0.41.2", [undefined, "blocker flux-too-old version.yaml"]],
    ["latest", [undefined, "blocker version-unknown flux.yaml"]],
    ["v2.6.99", [OURS, "caution flux-unknown version.yaml"]],
    ["v2.99.0", [undefined, "blocker flux-not-embedded version.yaml"]],
    ["v3.0.0", [undefined, "blocker flux-not-embedded version.yaml"]],
  ])("%s", (version, found) => {
    expect(rules(cluster(install(version)))).toEqual(found);
  });

  test("is not known, and where a chart says it", () => {
    expect(rules(cluster(install(undefined)))).toEqual([undefined, "blocker version-unknown flux.yaml"]);
    const chart = (value: string) =>
      cluster(install(undefined, { style: "community-chart", chartVersion: said(value, "chart.yaml") }));
    expect(rules(chart("9.9.x-what"))).toEqual([undefined, "blocker version-unknown chart.yaml"]);
    const old = ask(chart("2.5.1"), { fluxVersion: "v2.5.1" });
    expect(old.versions).toBeUndefined();
    expect(old.findings.map(({ rule, level }) => `${level} ${rule}`)).toEqual(["blocker flux-too-old"]);
    const [decided, ...found] = rules(chart("2.16.1"));
    expect(decided).toMatch(/^2\.\d+\.x by the newest$/);
    expect(found[0]).toMatch(/ chart.yaml$| flux.yaml$/);
  });

  test.each<[style: InstallStyle, how: string]>([
    ["gotk", "let the flux command of the next minor make this file as the first time"],
    ["oci-manifests", "in place of the version that this line names"],
    ["remote-install", "in place of the version that this line names"],
    ["community-chart", "raise the version of the chart by one release"],
  ])("is upgraded first where the operator manages no such Flux: %s", (style, how) => {
    const { findings } = ask(cluster(install("v2.1.2", { style })));
    expect(findings.map((one) => sayFinding(one).next)).toEqual([expect.stringContaining(how)]);
  });

  test("is what runs and is written, unless somebody measured another", () => {
    const { versions } = ask(cluster(install("v2.6.2")));
    const V262 = { major: 2, minor: 6, patch: 2 };
    expect(versions).toMatchObject({ version: V262, written: V262, runs: V262 });
    const measured = ask(cluster(install("v2.6.2")), { facts: { cluster: "home", fluxVersion: "v2.7.0" } });
    const V270 = { major: 2, minor: 7, patch: 0 };
    expect(measured.versions).toMatchObject({ version: V270, written: V262, runs: V270, range: "2.7.x" });
    expect(measured.findings.map(({ rule }) => rule)).toEqual(rulesOf("v2.7.0"));
    const elsewhere = ask(cluster(install("v2.6.2")), { facts: { cluster: "other", fluxVersion: "v2.7.0" } });
    expect(elsewhere.versions).toMatchObject({ version: V262 });
  });
});

// trap 16: no Flux goes back without being asked, and none at all.
describe("the Flux that is asked for", () => {
  test.each<[installed: string, asked: string, said: unknown[]]>([
    ["v2.6.4", "2.6.4", [OURS]],
    ["v2.6.4", "2.6.x", [OURS]],
    ["v2.6.2", "2.6.x", [OURS]],
    ["v2.6.2", "2.6.3", [OURS, "info patch-upgrade version.yaml"]],
    ["v2.6.4", "2.7.x", ["2.7.x by the newest", "caution version-raised version.yaml"]],
    ["v2.6.4", "2.5.1", [undefined, "blocker version-lowered version.yaml"]],
    ["v2.6.4", "2.6.3", [undefined, "info patch-upgrade version.yaml", "blocker version-lowered version.yaml"]],
    ["latest", "2.6.4", [OURS]],
  ])("over %s: %s", (installed, fluxVersion, found) => {
    expect(rules(cluster(install(installed)), { fluxVersion })).toEqual(found);
  });

  test.each([
    ["oci-manifests", "2.6.4", 6],
    ["oci-manifests", "2.8.0", 6],
    ["oci-manifests", "2.9.3", 7],
    ["remote-install", "2.8.0", 7],
  ] as const)("says what a %s that names no release brings, with %s", (style, fluxVersion, count) => {
    for (const version of ["latest", undefined])
      expect(ask(cluster(install(version, { style })), { fluxVersion }).versions?.install.components).toHaveLength(
        count,
      );
    const some = { style, components: ["source-controller"] };
    expect(ask(cluster(install(undefined, some)), { fluxVersion }).versions?.install.components).toHaveLength(1);
    const gotk = install(undefined, { style: "gotk" });
    expect(ask(cluster(gotk), { fluxVersion }).versions?.install.components).toEqual([]);
  });

  test("goes over what was measured", () => {
    const { versions } = ask(cluster(install("v2.6.4")), { fluxVersion: "2.7.x", facts: { fluxVersion: "v2.6.4" } });
    expect(versions).toMatchObject({ range: "2.7.x", runs: { minor: 6 }, written: { minor: 6 } });
  });
});

describe("an install by hand beside it", () => {
  const beside = (...versions: (string | undefined)[]) =>
    cluster(install("v2.6.4"), {
      bootstraps: versions.map((one, at) => install(one, { at: { file: `b${at}`, line: 1, col: 1 } })),
    });
  test.each<[version: string | undefined, said: unknown[]]>([
    ["v2.6.4", [OURS]],
    [undefined, [OURS]],
    ["latest", [OURS]],
    ["v2.6.3", [OURS, "info bootstrap-differs version.yaml"]],
    ["v2.6.5", [OURS, "info bootstrap-differs version.yaml"]],
    ["v2.5.1", [OURS, "info bootstrap-differs version.yaml"]],
    ["v2.7.0", [undefined, "blocker bootstrap-newer version.yaml"]],
    ["v3.6.4", [undefined, "blocker bootstrap-newer version.yaml"]],
  ])("of %s", (version, found) => {
    expect(rules(beside(version))).toEqual(found);
    // Whoever says which version is wanted has looked.
    expect(rules(beside(version), { fluxVersion: "2.6.4" })).toEqual([OURS]);
  });

  test("is another one where both are by hand", () => {
    const byHand = install("v2.6.4", { style: "gotk", objects: [object("Deployment", "a", "{}", "gotk.yaml")] });
    const two = (other: Install, files: string[] = []) =>
      rules(cluster(byHand, { bootstraps: [other], files: new Set(files) }));
    expect(two(install("v2.6.3"))).toEqual([OURS, "caution install-undecided flux.yaml"]);
    expect(two(install("v2.6.4"))).toEqual([OURS]);
    expect(two(install("v2.6.4", { patches: [{ body: "a" }] as Install["patches"] }))).toEqual([
      OURS,
      "caution install-undecided flux.yaml",
    ]);
    expect(two(install("v2.6.3"), ["gotk.yaml"])).toEqual([OURS, "info bootstrap-differs version.yaml"]);
  });
});

describe("the operator", () => {
  const release = (version: string) =>
    object(
      "HelmRelease",
      "flux-operator",
      `{chart: {spec: {chart: flux-operator, version: '${version}'}}}`,
      "operator.yaml",
    );
  const pinned = (version: string) => cluster(install("v2.6.4"), { operators: [release(version)] });

  test("is the newest, or the one that is pinned and can run it", () => {
    expect(rules(pinned("0.30.0"))).toEqual(["2.6.x by 0.30.0"]);
    expect(rules(pinned("0.3.0"))).toEqual([OURS, "info operator-too-old operator.yaml"]);
    expect(rules(pinned("0.x"))).toEqual([OURS]);
    expect(pinnedOperator(pinned("0.30.0"), [])).toEqual({ value: "0.30.0", file: "operator.yaml" });
    expect(pinnedOperator(cluster(undefined), [])).toBeUndefined();
  });

  test.each<[operatorVersion: string, said: unknown[]]>([
    ["0.30.0", ["2.6.x by 0.30.0"]],
    ["0.3.0", [undefined, "blocker operator-cannot-run flux.yaml"]],
    ["0.999.0", ["2.6.x by 0.999.0", "caution operator-unknown flux.yaml"]],
  ])("is %s where that is asked for", (operatorVersion, found) => {
    expect(rules(cluster(install("v2.6.4")), { operatorVersion })).toEqual(found);
    expect(rules(pinned("0.29.0"), { operatorVersion })).toEqual(found);
  });

  test("that is not known yet may run a Flux that is not known yet", () => {
    const later = { operatorVersion: "0.999.0" };
    expect(rules(cluster(install("v2.99.0")), later)).toEqual([
      "2.99.x by 0.999.0",
      "caution flux-unknown version.yaml",
      "caution operator-unknown flux.yaml",
    ]);
    expect(rules(cluster(install("v2.99.0"), { operators: [release("0.999.0")] }))).toEqual([
      "2.99.x by 0.999.0",
      "caution flux-unknown version.yaml",
    ]);
  });
});

describe("where the controllers are", () => {
  test("is where source and root are, unless these stay", () => {
    const elsewhere = cluster(install("v2.6.4"), { namespace: "gitops" });
    expect(rules(elsewhere)).toEqual([undefined, "blocker controllers-elsewhere flux.yaml"]);
    expect(rules(elsewhere, { sync: "keep" })).toEqual([OURS]);
    expect(ask(elsewhere).findings[0]).toMatchObject({ facts: { namespace: "gitops", own: "flux-system" } });
  });

  test("is nowhere", () => {
    const none = (around: Around = {}, more: Partial<Cluster> = {}) => {
      const { versions, findings } = ask(cluster(undefined, more), {}, [], around);
      expect(versions).toBeUndefined();
      expect(findings).toMatchObject([
        { rule: "install-not-found", level: "blocker", at: { file: "cluster.yaml", line: 1 } },
      ]);
      return (findings[0] as { facts?: Record<string, unknown> }).facts!;
    };
    expect(Object.entries(none()).filter(([, value]) => value !== undefined)).toEqual([]);
    expect(none({ broken: ["other/a.yaml", "flux/a.yaml"], idle: ["x.yaml"] })).toMatchObject({
      unread: "flux/a.yaml",
      idle: ["x.yaml"],
    });
    expect(none({}, { bootstraps: [install("v2.6.4")] })).toMatchObject({ bootstrap: { file: "flux.yaml", line: 1 } });
    const other = object("Kustomization", "other", "{}", "other/root.yaml");
    const source = object("GitRepository", "home");
    const leftOut = (more: object) =>
      [{ object: other, source, installs: true, ...more }] as unknown as Around["leftOut"] & object;
    expect(none({ leftOut: leftOut({}) })).toMatchObject({
      starts: [
        { name: expect.stringContaining("cluster"), file: "cluster.yaml", folder: "flux" },
        { name: expect.stringContaining("other"), file: "other/root.yaml", folder: "." },
      ],
    });
    for (const more of [{ installs: false }, { source: undefined }, { source: object("GitRepository", "away") }])
      expect(none({ leftOut: leftOut(more) }).starts).toBeUndefined();
  });
});
