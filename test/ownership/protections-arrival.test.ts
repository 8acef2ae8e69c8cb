import { describe, expect, test } from "vitest";
import { getOrMake } from "../../src/contract/group-by.ts";
import {
  APPS,
  CLUSTER,
  change,
  type Files,
  homeOps,
  INSTANCE,
  instanceOf,
  list,
  migrate,
  OPERATOR,
  run,
} from "../traps/support.ts";
import { checked, ofRelease, PARENT, patchApp, told, undone } from "./parent-patches.ts";

describe("an app that does not arrive as it is written stops the cluster, and how is said", () => {
  const installed = migrate(homeOps()).files;
  const displaced = (files: Files) => told(checked(files), "instance-displaced");
  const own = (path: string, from: string, to: string) => displaced(change(installed, path, from, to));
  const ks = (app: string) => `${APPS}/${app}/ks.yaml`;
  const release = (how: string) => `${INSTANCE}:2 flux-instance does not come to the cluster as it has to: ${how}.`;

  test("by a namespace or a prefix above it", () => {
    expect(displaced(homeOps({ listing: "namespace: other\n" }))).toEqual([
      `${PARENT}:2 flux-operator does not come to the cluster as it has to: Kustomization flux-system/flux-operator moves to namespace other, where its source is not.`,
      `${PARENT}:2 flux-instance does not come to the cluster as it has to: Kustomization flux-system/flux-instance moves to namespace other, where its source is not.`,
    ]);
    expect(displaced(homeOps({ appsListing: "namePrefix: prod-\n" }))).toEqual([
      `${PARENT}:2 flux-operator does not come to the cluster as it has to: Kustomization flux-system/flux-operator becomes prod-flux-operator, and what depends on it by name waits for ever.`,
      `${PARENT}:2 flux-instance does not come to the cluster as it has to: Kustomization flux-system/flux-instance becomes prod-flux-instance, and what depends on it by name waits for ever.`,
    ]);
  });

  test("but not by a namespace above it where it names that of its source, or where only a variable knows", () => {
    const listing = `${APPS}/kustomization.yaml`;
    const moved = (namespace: string) => ({
      ...installed,
      [listing]: `${installed[listing]}namespace: ${namespace}\n`,
    });
    const source = "kind: GitRepository\n    name: home\n";
    const named = (app: string, files: Files) =>
      change(files, ks(app), source, `${source}    namespace: flux-system\n`);
    const operator = `${OPERATOR}:2 flux-operator does not come to the cluster as it has to: Kustomization flux-system/flux-operator moves to namespace other, where its source is not.`;
    expect(displaced(named("flux-instance", moved("other")))).toEqual([operator]);
    expect(displaced(named("flux-operator", named("flux-instance", moved("other"))))).toEqual([]);
    expect(displaced(moved("${SPACE}"))).toEqual([]);
    // Nor where it gives one to what names none.
    const bare = change(
      moved("flux-system"),
      ks("flux-instance"),
      "  name: flux-instance\n  namespace: flux-system\n",
      "  name: flux-instance\n",
    );
    expect(displaced(bare)).toEqual([]);
  });

  test("by what the owner's app says", () => {
    expect(own(ks("flux-instance"), "targetNamespace: flux-system", "targetNamespace: other")).toEqual([
      release("the release goes to namespace other"),
    ]);
    expect(own(INSTANCE, "  chartRef:", "  targetNamespace: other\n  chartRef:")).toEqual([
      release("the release goes to namespace other"),
    ]);
    expect(own(`${APPS}/flux-instance/app/kustomization.yaml`, "resources:", "namePrefix: x-\nresources:")).toEqual([
      release("HelmRelease flux-instance becomes x-flux-instance, but its chart and dependsOn keep their names"),
    ]);
    expect(own(ks("flux-operator"), "targetNamespace: flux-system", "targetNamespace: other")).toEqual([
      `${OPERATOR}:2 flux-operator does not come to the cluster as it has to: the release goes to namespace other.`,
    ]);
    const override = (name: string) =>
      own(INSTANCE, "    commonAnnotations:", `    fullnameOverride: ${name}\n    commonAnnotations:`);
    expect(override("my-flux")).toEqual([release("fullnameOverride makes the FluxInstance my-flux")]);
    expect(override('""')).toEqual([release("fullnameOverride makes the FluxInstance take the name of its release")]);
    expect(override("flux")).toEqual([]);
  });

  test("where the operator runs elsewhere, its move takes that one off", () => {
    const moved = change(installed, ks("flux-operator"), "targetNamespace: flux-system", "targetNamespace: other");
    const found = checked(moved).findings.filter(({ rule }) => rule === "instance-displaced");
    expect(found.map(({ next }) => next)).toEqual([
      expect.stringMatching(/^Have its release go to flux-system, .*resourcesets/),
    ]);
  });

  test("where it is called otherwise, or is not there yet, nothing is taken off", () => {
    const names = `${APPS}/flux-operator/app/kustomization.yaml`;
    for (const files of [
      change(installed, names, "resources:", "namePrefix: x-\nresources:"),
      homeOps({ apps: patchApp("flux-operator", "targetNamespace: other") }),
    ]) {
      const found = checked(files).findings.filter(({ rule }) => rule === "instance-displaced");
      expect(found.map(({ next }) => next)).toEqual([expect.not.stringContaining("resourcesets")]);
    }
  });

  test("but not by the name that the chart of the operator gives what it makes", () => {
    expect(own(OPERATOR, "  chartRef:", "  values: {fullnameOverride: my-operator}\n  chartRef:")).toEqual([]);
  });

  test("but not by a variable that nobody can fill in here", () => {
    expect(own(ks("flux-instance"), "targetNamespace: flux-system", "targetNamespace: ${SPACE}")).toEqual([]);
    expect(own(INSTANCE, "  chartRef:", "  targetNamespace: ${SPACE}\n  chartRef:")).toEqual([]);
  });

  test("by name or namespace of a FluxInstance that is a manifest", () => {
    const manifest = (namespace: string, more: string) =>
      displaced({
        ...installed,
        [ks("flux-instance")]: installed[ks("flux-instance")]!.replace(/ *targetNamespace.*\n/, ""),
        [`${APPS}/flux-instance/app/kustomization.yaml`]: `${list("./instance.yaml")}${more}`,
        [`${APPS}/flux-instance/app/instance.yaml`]: `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n${namespace}spec: ${JSON.stringify(instanceOf(installed))}\n`,
      });
    const arrives = (how: string) =>
      `${APPS}/flux-instance/app/instance.yaml:1 flux-instance does not come to the cluster as it has to: ${how}.`;
    const inFlux = "  namespace: flux-system\n";
    expect(manifest(inFlux, "")).toEqual([]);
    expect(manifest(inFlux, "nameSuffix: -edge\n")).toEqual([arrives("the FluxInstance is called flux-edge")]);
    expect(manifest(inFlux, "namespace: other\n")).toEqual([arrives("the FluxInstance lands in namespace other")]);
    expect(manifest("", "")).toEqual([arrives("the FluxInstance lands in namespace default")]);
  });
});

describe("root and instance that wait for each other stop the cluster, and how is said", () => {
  const circle = (files: Files, options = {}) => told(checked(files, options), "instance-waits-for-root");
  const waits = (how: string) =>
    `${CLUSTER}:25 The root would never become Ready: ${how}, and the FluxInstance waits for the root it generates.`;
  const check = (kind: string, name: string) =>
    `  healthChecks:\n    - {apiVersion: x/v1, kind: ${kind}, name: ${name}, namespace: flux-system}\n`;

  test("by a health check of the instance", () => {
    const root = check("FluxInstance", "flux");
    expect(circle(homeOps({ root }))).toEqual([
      waits("Kustomization flux-system/cluster checks the health of the FluxInstance"),
    ]);
    expect(circle(homeOps({ root }), { sync: "keep" })).toEqual([]);
    expect(circle(homeOps({ root: check("FluxInstance", "other") }))).toEqual([]);
    expect(circle(homeOps({ root: check("Deployment", "flux") }))).toEqual([]);
    expect(circle(homeOps({ apps: root }))).toEqual([]);
    expect(circle(homeOps({ apps: root, root: "  wait: true\n" }))).toEqual([
      waits("Kustomization flux-system/cluster-apps checks the health of the FluxInstance"),
    ]);
    expect(circle(homeOps({ apps: root, root: check("Kustomization", "cluster-apps") }))).toEqual([
      waits("Kustomization flux-system/cluster-apps checks the health of the FluxInstance"),
    ]);
    expect(circle(homeOps({ apps: root, root: check("Kustomization", "other") }))).toEqual([]);
    // With wait: true the list is not looked at.
    expect(circle(homeOps({ apps: `${root}  wait: true\n`, root: "  wait: true\n" }))).toEqual([]);
  });

  test("by a FluxInstance that is applied as a manifest, unless it says that it does not wait", () => {
    const manifest = (wait: string, more = "") => {
      const listing = `  - ./instance.yaml\n${more}`;
      const files = homeOps({ listing, apps: "  wait: true\n", root: "  wait: true\n" });
      files[`${APPS}/instance.yaml`] =
        `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n${wait}  distribution:\n    version: 2.6.x\n  sync: {kind: GitRepository, name: cluster, url: "https://github.com/example/home-ops", ref: refs/heads/main, path: kubernetes/flux}\n`;
      return circle(files);
    };
    const how = waits("Kustomization flux-system/cluster-apps waits for the FluxInstance it applies");
    expect([manifest(""), manifest("  wait: true\n"), manifest("  wait: false\n")]).toEqual([[how], [how], []]);
    const patch = `[{"op": "replace", "path": "/spec/wait", "value": false}]`;
    expect(manifest("  wait: true\n", `patches:\n  - {target: {kind: FluxInstance}, patch: '${patch}'}\n`)).toEqual([]);
  });

  const trees = new Map<string, Files>();
  const installedWith = (version: string) =>
    getOrMake(
      trees,
      version,
      () => migrate(homeOps({ version, root: "  wait: true\n", apps: "  wait: true\n" })).files,
    );

  /** An owner's app whose root, parent and FluxKustomization wait; `edits` replace text of the release. */
  function waiting(version: string, edits: [string, string][], { own = "wait: true", root = "  wait: true\n" } = {}) {
    let all = change(installedWith(version), `${APPS}/flux-instance/ks.yaml`, "wait: false", own);
    for (const [from, to] of edits) all = change(all, INSTANCE, from, to);
    return circle(change(all, CLUSTER, "  wait: true\n", root));
  }
  const install: [string, string] = ["  install:\n    disableWait: true\n", "  install:\n"];
  const upgrade: [string, string] = ["  upgrade:\n    disableWait: true\n", "  upgrade:\n"];
  const health: [string, string] = ["  values:\n", "  values:\n    healthcheck:\n      enabled: true\n"];

  test("by the health check of the chart", () => {
    expect(waiting("v2.6.4", [health])).toEqual([waits("the health check of the chart waits for the FluxInstance")]);
    expect(waiting("v2.6.4", [health], { own: "wait: false" })).toEqual([]);
    expect(waiting("v2.6.4", [health], { root: "" })).toEqual([]);
    const named = "healthChecks: [{apiVersion: x/v2, kind: HelmRelease, name: flux-instance, namespace: flux-system}]";
    expect(waiting("v2.6.4", [health], { own: named })).toEqual([
      waits("the health check of the chart waits for the FluxInstance"),
    ]);
    expect(waiting("v2.6.4", [health], { own: named.replace("name: flux-instance", "name: other") })).toEqual([]);
    expect(waiting("v2.6.4", [])).toEqual([]);
  });

  test("by a release that waits for what it installs, from Flux 2.8 on", () => {
    expect(waiting("v2.6.4", [upgrade])).toEqual([]);
    expect(waiting("v2.9.4", [upgrade])).toEqual([
      waits("HelmRelease flux-instance waits for the FluxInstance it installs"),
    ]);
    expect(waiting("v2.9.4", [["  chartRef:", "  waitStrategy: {name: legacy}\n  chartRef:"], upgrade])).toEqual([]);
    expect(waiting("v2.9.4", [])).toEqual([]);
    expect(waiting("v2.9.4", [install])).toEqual([
      waits("HelmRelease flux-instance waits for the FluxInstance it installs"),
    ]);
  });
});

describe("an owner's app that patches above it reach", () => {
  const installed = migrate(homeOps()).files;

  test("may uninstall Flux though it does not say so itself", () => {
    const files = {
      ...installed,
      [PARENT]: homeOps({ apps: ofRelease("install:\n  remediation:\n    retries: 3") })[PARENT]!,
    };
    expect(undone(files)).toEqual([
      `${PARENT}:14 Patches of the parents reach flux-instance, and a failed release would take Flux away: install.remediation uninstalls a release whose install failed.`,
    ]);
    expect(undone({ ...installed, [PARENT]: homeOps({ apps: ofRelease("timeout: 3m") })[PARENT]! })).toEqual([]);
    // What it says itself is told where the app is completed, and of a part of it that is written now no parent is blamed.
    const own = change(files, INSTANCE, "  install:\n", "  install:\n    remediation:\n      retries: 1\n");
    expect(undone(own)).toEqual([]);
  });

  test("has its FluxInstance before the CRD where one Kustomization applies both", () => {
    const files = homeOps({ listing: "  - ./instance.yaml\n" });
    files[`${APPS}/instance.yaml`] =
      "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\nspec:\n  distribution:\n    version: 2.6.x\n";
    expect(told(checked(files), "instance-before-crd")).toEqual([
      `${APPS}/instance.yaml:1 Kustomization flux-system/cluster-apps applies this FluxInstance together with what brings its CRD, so on a cluster without the operator nothing of it is applied.`,
    ]);
    // A release of the instance waits for that of the operator.
    const listed = `${APPS}/flux-operator/app/kustomization.yaml`;
    const all = change(installed, listed, "resources:\n", "resources:\n  - ../../flux-instance/app\n");
    const both = change(all, `${APPS}/kustomization.yaml`, "  - ./flux-instance/ks.yaml\n", "");
    expect(told(checked(both), "instance-before-crd")).toEqual([]);
    // On the direct route a person installs the operator first.
    expect(told(checked(files, { direct: true }), "instance-before-crd")).toEqual([]);
  });
});

describe("a suspended parent of operator or instance stops the cluster", () => {
  const isSuspended = (place: string, name: string) =>
    `${place} Kustomization flux-system/${name} is suspended, so Flux will not apply the operator and the instance that lie below it.`;
  const suspended = (files: Files, options = {}) =>
    told(run(files, { only: ["suspended-parents"], ...options }), "parent-suspended");
  const SUSPEND = "  suspend: true\n";
  const installed = migrate(homeOps()).files;

  test("in the install phase, each that is above the apps", () => {
    expect(suspended(homeOps({ apps: SUSPEND }))).toEqual([isSuspended(`${PARENT}:14`, "cluster-apps")]);
    expect(suspended(homeOps({ apps: SUSPEND, root: SUSPEND }))).toEqual([
      isSuspended(`${PARENT}:14`, "cluster-apps"),
      isSuspended(`${CLUSTER}:25`, "cluster"),
    ]);
    expect(suspended(homeOps({ apps: "  suspend: false\n", flux: SUSPEND }))).toEqual([]);
  });

  test("that are there already, by what delivers the instance", () => {
    const own = { ...installed, [PARENT]: homeOps({ apps: SUSPEND })[PARENT]! };
    expect(suspended(own)).toEqual([isSuspended(`${PARENT}:14`, "cluster-apps")]);
    // Cutover stops before that: nothing shows that the phase before it has arrived.
    expect(told(run(own, { phase: "cutover" }), "phase-not-reached")).toHaveLength(1);
    const done = migrate(installed, { phase: "cutover" }).files;
    const later = change(done, `${APPS}/flux-instance/ks.yaml`, "spec:\n", `spec:\n${SUSPEND}`);
    expect(suspended(later)).toEqual([]);
  });
});
