import semver from "semver";
import { describe, expect, test } from "vitest";
import { EMBEDDED_FLUX } from "../../src/release/releases.ts";
import {
  APPS,
  blockers,
  CLUSTER,
  change,
  FLUX,
  homeOps,
  INSTANCE,
  instanceOf,
  migrate,
  run,
  textOf,
  yamlOf,
} from "./support.ts";

const minors = [...new Set(EMBEDDED_FLUX.map((version) => version.replace(/\.\d+$/, "")))];

describe("distribution.version", () => {
  test.each(minors)("trap 14: on Flux %s it never floats above the minor", (minor) => {
    const { version } = instanceOf(migrate(homeOps({ version: `v${minor}.0` })).files).distribution;
    expect(version).toBe(`${minor}.x`);
    const range = new semver.Range(version);
    const [major, number] = minor.split(".").map(Number);
    expect(EMBEDDED_FLUX.filter((other) => range.test(other)).every((other) => other.startsWith(`${minor}.`))).toBe(
      true,
    );
    expect(range.test(`${major}.${number! + 1}.0`)).toBe(false);
  });

  const installed = migrate(homeOps()).files;
  const write = (version: string) => change(installed, INSTANCE, "version: 2.6.x", `version: "${version}"`);

  test.each(["2.x", "2.7.x", ">=2.6.0 <3.0.0", "2.6.x || 2.9.x", "2.6.0 - 2.9.x", "*"])(
    "trap 14: an owner's %s, which moves to another minor, stops the cluster",
    (version) => expect(blockers(run(write(version)))).toEqual([`instance-contradiction ${INSTANCE}`]),
  );

  test("trap 14: where an operator may have moved on, the older version is not the one to write", () => {
    const stop = run(write("2.x")).findings.find(({ rule }) => rule === "instance-contradiction");
    expect(stop?.next).toContain("an operator that has installed a newer minor refuses an older one");
  });

  test.each(["2.6.3", "v2.6.0", "2.5.x"])(
    "trap 16: an owner's %s would downgrade 2.6.4 and stops the cluster",
    (version) => {
      expect(blockers(run(write(version)))).toEqual([`instance-contradiction ${INSTANCE}`]);
    },
  );

  test.each(["2.6.x", "2.6.4", "v2.6.4", "~2.6.0", "2.6.*"])("an owner's %s is left as it is", (version) => {
    const { findings, files } = migrate(write(version));
    expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(instanceOf(files).distribution.version).toBe(version);
  });

  test("trap 16: a newer version that somebody measured stops the cluster", () => {
    const facts = { cluster: "default", fluxVersion: "v2.7.5" };
    expect(instanceOf(migrate(homeOps({ version: "v2.7.0" }), { facts }).files).distribution.version).toBe("2.7.x");
    expect(blockers(run(homeOps(), { facts }))).toEqual([`facts-version-mismatch ${FLUX}`]);
    expect(textOf(migrate(homeOps()).cluster.runbook.preChecks)).toContain("has no downgrade guard");
  });

  test("trap 16: an API version that came with a later Flux says that another one may run", () => {
    const files = change(homeOps({ version: "v2.4.0" }), FLUX, "fluxcd.io/v1beta2", "fluxcd.io/v1");
    const early = run(files).findings.filter(({ rule }) => rule === "api-version-early");
    expect(early).toMatchObject([{ level: "caution", at: { file: FLUX, line: 2 } }]);
    expect(early[0]?.what).toContain("source.toolkit.fluxcd.io/v1 OCIRepository (2.6)");
    const later = run(files, { fluxVersion: "v2.6.4" }).findings.map(({ rule }) => rule);
    expect(later).not.toContain("api-version-early");
  });

  test.each([
    ["v2.8.4", "2.8.x"],
    ["v2.2.1", "2.2.x"],
  ])("trap 17: %s was never embedded and becomes a range, said so", (version, range) => {
    const { findings, files } = migrate(homeOps({ version }));
    expect(findings.map(({ rule }) => rule)).toContain("patch-upgrade");
    expect(instanceOf(files).distribution.version).toBe(range);
    const exact = change(files, INSTANCE, `version: ${range}`, `version: ${version}`);
    expect(blockers(run(exact))).toEqual([`instance-contradiction ${INSTANCE}`]);
  });

  test("trap 17: an owner's instance that holds the installed release is told of no newer one", () => {
    const running = migrate(homeOps({ version: "v2.6.2" })).files;
    const told = (version: string) => {
      const files = change(running, INSTANCE, "version: 2.6.x", `version: "${version}"`);
      return run(files).findings.flatMap(({ rule, what }) => (rule === "patch-upgrade" ? [what] : []));
    };
    expect(told("2.6.2")).toEqual([]);
    expect(told("2.6.3")).toEqual([expect.stringContaining("run Flux 2.6.3, as the FluxInstance says")]);
    expect(told("2.6.x")).toEqual([expect.stringContaining("at least 2.6.4")]);
  });

  test.each([
    ["v0.41.2", "flux-too-old"],
    ["v2.1.2", "flux-too-old"],
    ["v2.99.0", "flux-not-embedded"],
    ["v3.0.0", "flux-not-embedded"],
  ])("trap 17: %s is a blocker", (version, rule) => {
    expect(blockers(run(homeOps({ version })))).toEqual([`${rule} ${FLUX}`]);
  });
});

test("trap 15: the minor stays, and stored versions are looked at before the merge", () => {
  const { runbook } = migrate(homeOps()).cluster;
  expect(textOf(runbook.preChecks)).toContain("status.storedVersions");
  const storedVersions = { "receivers.notification.toolkit.fluxcd.io": ["v1beta1", "v1"] };
  const { findings } = run(homeOps(), { facts: { cluster: "default", storedVersions } });
  expect(findings.map(({ rule }) => rule)).toContain("facts-stored-versions");
});

test("traps 18 and 59: the runbook says what a range means; chart and operator are pinned to one release", () => {
  const { files, cluster } = migrate(homeOps());
  expect(cluster.runbook.assumptions.join("\n")).toMatch(
    /patch releases of Flux 2\.6 arrive by themselves.*never another minor/,
  );
  expect(textOf(cluster.runbook.preChecks)).toContain("flux-operator-manifests");
  const tags = ["flux-operator", "flux-instance"].map(
    (name) => yamlOf(files, `${APPS}/${name}/app/ocirepository.yaml`)[0].spec.ref,
  );
  expect(tags).toEqual([{ tag: "0.59.0" }, { tag: "0.59.0" }]);
});

test("trap 19: no API version of the repository is changed, and nobody is told to rewrite files", () => {
  const files = homeOps();
  const { files: after, cluster } = migrate(files);
  for (const path of Object.keys(files)) {
    const versions = (text: string) => text.match(/apiVersion: \S+/g);
    if (!/kustomization\.yaml$/.test(path)) expect(versions(after[path]!), path).toEqual(versions(files[path]!));
  }
  const { preChecks, steps } = cluster.runbook;
  const text = textOf([...preChecks, ...steps]);
  expect(text).toContain("flux migrate");
  expect(text).not.toMatch(/flux migrate.*(-f|--path)\b/);
});

describe("trap 51: API versions of generated files are those of the running Flux", () => {
  test.each([
    ["v2.2.3", "HelmRepository", "v1beta2", "helm.toolkit.fluxcd.io/v2beta2"],
    ["v2.3.0", "OCIRepository", "v1beta2", "helm.toolkit.fluxcd.io/v2"],
    ["v2.5.1", "OCIRepository", "v1beta2", "helm.toolkit.fluxcd.io/v2"],
    ["v2.6.0", "OCIRepository", "v1", "helm.toolkit.fluxcd.io/v2"],
    ["v2.9.4", "OCIRepository", "v1", "helm.toolkit.fluxcd.io/v2"],
  ])("%s", (version, kind, source, release) => {
    const { files } = migrate(homeOps({ version }));
    for (const name of ["flux-operator", "flux-instance"]) {
      const file = `${APPS}/${name}/app/${kind.toLowerCase()}.yaml`;
      expect(yamlOf(files, file)[0]).toMatchObject({ kind, apiVersion: `source.toolkit.fluxcd.io/${source}` });
      expect(yamlOf(files, `${APPS}/${name}/app/helmrelease.yaml`)[0].apiVersion).toBe(release);
    }
    expect(yamlOf(files, CLUSTER)[0].apiVersion).toBe("source.toolkit.fluxcd.io/v1");
  });
});
