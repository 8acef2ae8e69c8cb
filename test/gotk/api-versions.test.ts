import { describe, expect, test } from "vitest";
import { isAccepted, listLostStorage, standingOf } from "../../src/release/flux-apis.ts";
import { parseFluxVersion } from "../../src/release/releases.ts";
import { makeFluxSystem } from "./make-gotk.ts";
import { type Files, runPhase } from "./run-phases.ts";

const release = (apiVersion: string, more = "") =>
  `apiVersion: ${apiVersion}\nkind: HelmRelease\nmetadata:\n  name: app\n  namespace: apps\nspec:\n  interval: 1h\n${more}  chart:\n    spec:\n      chart: app\n      sourceRef:\n        kind: HelmRepository\n        name: app\n`;
const APPS = `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  interval: 10m\n  path: ./apps\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n`;

describe("the table of API versions", () => {
  test.each([
    ["helm.toolkit.fluxcd.io/v2beta1", "HelmRelease", "2.6.4", "old", "helm.toolkit.fluxcd.io/v2"],
    ["helm.toolkit.fluxcd.io/v2beta1", "HelmRelease", "2.7.0", "removed", "helm.toolkit.fluxcd.io/v2"],
    ["helm.toolkit.fluxcd.io/v2beta1", "HelmRelease", "2.2.3", "old", "helm.toolkit.fluxcd.io/v2beta2"],
    ["source.toolkit.fluxcd.io/v1beta2", "OCIRepository", "2.8.0", "removed", "source.toolkit.fluxcd.io/v1"],
    ["image.toolkit.fluxcd.io/v1beta2", "ImagePolicy", "2.8.8", "old", "image.toolkit.fluxcd.io/v1"],
    ["image.toolkit.fluxcd.io/v1beta2", "ImagePolicy", "2.9.0", "removed", "image.toolkit.fluxcd.io/v1"],
    ["notification.toolkit.fluxcd.io/v1beta2", "Alert", "2.9.0", "removed", "notification.toolkit.fluxcd.io/v1beta3"],
  ])("%s %s on Flux %s is %s", (apiVersion, kind, version, state, newest) => {
    expect(standingOf(apiVersion, kind, parseFluxVersion(version)!)).toEqual({ state, newest });
  });

  test.each([
    ["source.toolkit.fluxcd.io/v1beta2", "OCIRepository", "2.5.1"],
    ["source.toolkit.fluxcd.io/v1", "OCIRepository", "2.5.1"],
    ["image.toolkit.fluxcd.io/v1beta2", "ImagePolicy", "2.6.4"],
    ["kustomize.config.k8s.io/v1beta1", "Kustomization", "2.9.4"],
    ["apps/v1", "Deployment", "2.9.4"],
  ])("never moves %s %s on Flux %s", (apiVersion, kind, version) => {
    expect(standingOf(apiVersion, kind, parseFluxVersion(version)!)).toBeUndefined();
  });

  test("begins with Flux 2", () => {
    expect(isAccepted("source.toolkit.fluxcd.io/v1", "GitRepository", parseFluxVersion("0.41.2")!)).toBe(false);
    const [old, now] = ["0.41.2", "2.9.4"].map((text) => parseFluxVersion(text)!);
    expect(standingOf("notification.toolkit.fluxcd.io/v1beta1", "Alert", old!)).toBeUndefined();
    expect(listLostStorage(old!, now!)).toEqual([]);
    expect(listLostStorage(now!, old!)).toEqual([]);
  });
});

describe("old API versions in a cluster", () => {
  const tree = (version: string, more: Files): Files => ({
    ...makeFluxSystem("clusters/home", { version }),
    "clusters/home/apps.yaml": APPS,
    ...more,
  });

  test("stop it where its Flux refuses them, with file and line, and only then", () => {
    const files = tree("2.8.8", { "apps/app.yaml": `# an app\n${release("helm.toolkit.fluxcd.io/v2beta2")}` });
    const stopped = runPhase(files, "install");
    const finding = stopped.findings.find(({ rule }) => rule === "api-version-removed")!;
    expect(finding).toMatchObject({ level: "blocker", at: { file: "apps/app.yaml", line: 2 } });
    expect(finding.next).toContain("--upgrade-apis");
    expect(stopped.changed).toEqual([]);
    expect(runPhase({ ...files, ...tree("2.7.5", {}) }, "install").rules).not.toContain("api-version-removed");
  });

  test("stop nothing below a FluxKustomization that is suspended", () => {
    const old = release("helm.toolkit.fluxcd.io/v2beta2");
    const paused = { "clusters/home/apps.yaml": APPS.replace("spec:", "spec:\n  suspend: true"), "apps/app.yaml": old };
    const done = runPhase(tree("2.8.8", paused), "install");
    expect(done.findings.find(({ rule }) => rule === "api-version-removed")).toMatchObject({
      level: "caution",
      what: expect.stringContaining("suspended"),
      next: expect.stringContaining("before you resume it"),
    });
    expect(done.changed.length).toBeGreaterThan(0);
    const upgraded = runPhase(tree("2.8.8", paused), "install", { upgradeApis: true });
    expect(upgraded.files["apps/app.yaml"]).toContain("helm.toolkit.fluxcd.io/v2\n");
  });

  test("are looked for in everything delivered, and nowhere else", () => {
    const old = release("helm.toolkit.fluxcd.io/v2beta2");
    const done = runPhase(tree("2.8.8", { "archive/app.yaml": old, "apps/readme.yaml": "# nothing\n" }), "install");
    expect(done.rules).not.toContain("api-version-removed");
  });

  test("are upgraded on request, and a second run has nothing left to do", () => {
    const files = tree("2.8.8", { "apps/app.yaml": release("'helm.toolkit.fluxcd.io/v2beta2' # old") });
    const done = runPhase(files, "install", { upgradeApis: true });
    expect(done.files["apps/app.yaml"]).toBe(release("'helm.toolkit.fluxcd.io/v2' # old"));
    expect(runPhase(done.files, "install", { upgradeApis: true }).changed).toEqual([]);
    expect(runPhase(done.files, "cutover").rules).not.toContain("phase-not-reached");
  });

  test.each([
    ["plain", "apiVersion: helm.toolkit.fluxcd.io/v2beta2 # old", "apiVersion: helm.toolkit.fluxcd.io/v2 # old"],
    ["tagged", "apiVersion: !!str helm.toolkit.fluxcd.io/v2beta2", "apiVersion: helm.toolkit.fluxcd.io/v2"],
    ["on the next line", "apiVersion:\n  helm.toolkit.fluxcd.io/v2beta2", "apiVersion:\n  helm.toolkit.fluxcd.io/v2"],
    ["anchored", "apiVersion: &v helm.toolkit.fluxcd.io/v2beta2", "apiVersion: &v helm.toolkit.fluxcd.io/v2"],
  ])("are upgraded where they stand in an object and in an inline patch, %s", (_, old, now) => {
    const PLAIN = "apiVersion: helm.toolkit.fluxcd.io/v2beta2";
    const app = (line: string) => release("helm.toolkit.fluxcd.io/v2beta2").replace(PLAIN, line);
    const list = (line: string) =>
      `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- app.yaml\npatches:\n- patch: |\n    # of all\n    ${line.replace("\n", "\n    ")}\n    kind: HelmRelease\n    metadata:\n      name: app\n      namespace: apps\n    spec:\n      timeout: 5m\n`;
    const files = tree("2.8.8", { "apps/app.yaml": app(old), "apps/kustomization.yaml": list(old) });
    const done = runPhase(files, "install", { upgradeApis: true });
    expect(done.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(done.files["apps/app.yaml"]).toBe(app(now));
    expect(done.files["apps/kustomization.yaml"]).toBe(list(now));
  });

  test("keep CRLF line ends", () => {
    const text = release("helm.toolkit.fluxcd.io/v2beta2", "  timeout: 5m\n").replaceAll("\n", "\r\n");
    const done = runPhase(tree("2.8.8", { "apps/app.yaml": text }), "install", { upgradeApis: true });
    expect(done.files["apps/app.yaml"]).toBe(text.replace("v2beta2", "v2"));
  });

  test("stay where another cluster with an older Flux reads the same file", () => {
    const shared = release("helm.toolkit.fluxcd.io/v2beta1");
    const files = {
      ...tree("2.7.5", { "apps/app.yaml": shared }),
      ...makeFluxSystem("clusters/old", { version: "2.2.3" }),
      "clusters/old/apps.yaml": APPS,
    };
    const done = runPhase(files, "install", { upgradeApis: true, clusters: ["home"] });
    expect(done.findings.find(({ rule }) => rule === "api-version-kept")?.next).toBe(
      "Upgrade the Flux of cluster old first, commit, and run fluxlift again.",
    );
    expect(done.changed).toEqual([]);
    const newer = { ...files, ...makeFluxSystem("clusters/old", { version: "2.6.4" }) };
    const alone = runPhase(newer, "install", { upgradeApis: true, clusters: ["home"] });
    expect(alone.findings.find(({ rule }) => rule === "shared-with-blocked")).toMatchObject({
      level: "blocker",
      at: { file: "apps/app.yaml", line: 1 },
    });
    expect(alone.changed).toEqual([]);
    const both = runPhase(newer, "install", { upgradeApis: true });
    expect(both.files["apps/app.yaml"]).toContain("helm.toolkit.fluxcd.io/v2\n");
  });
});
