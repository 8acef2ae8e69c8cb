import { describe, expect, test } from "vitest";
import { APP, CONFIG, kustomization, makeFluxSystem, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, runAll, runPhase } from "./run-phases.ts";

const LISTED = kustomization("resources:\n- gotk-components.yaml\n- gotk-sync.yaml\n");

/** A cluster bootstrapped with `--path=./`; `dir` is where somebody moved the gotk files to. */
function whole(dir = "flux-system", more: Files = {}): Files {
  return {
    [`${dir}/gotk-components.yaml`]: makeGotk(),
    [`${dir}/gotk-sync.yaml`]: makeSync("./"),
    "apps/settings.yaml": CONFIG,
    ...more,
  };
}

function wall(dir: string): string[] {
  const files = ["helmrelease", "kustomization", "ocirepository"].map((name) => `${name}.yaml`);
  return [
    `${dir}/flux-instance.yaml`,
    ...files.map((name) => `${dir}/flux-instance/${name}`),
    `${dir}/flux-operator.yaml`,
    ...files.map((name) => `${dir}/flux-operator/${name}`),
    `${dir}/kustomization.yaml`,
  ].sort();
}

describe("a root that reads the whole repository", () => {
  test.each([
    ["flux-system", {}, "flux-system-apps"],
    ["clusters/home/flux-system", {}, "clusters/home/flux-system-apps"],
  ])("keeps the apps of %s behind a kustomization of their own", (dir, more: Files, apps) => {
    const { install, cutover, cleanup } = runAll(whole(dir, more));
    expect([...install.changed].sort()).toEqual(wall(apps));
    expect(install.files[`${apps}/kustomization.yaml`]).toMatch(
      /resources:\n\s*- \.\/flux-operator\.yaml\n\s*- \.\/flux-instance\.yaml\n$/,
    );
    expect(install.files[`${apps}/flux-operator.yaml`]).toContain(`path: ./${apps}/flux-operator\n`);
    expect(cutover.files[`${dir}/gotk-components.yaml`]).toBeUndefined();
    expect(Object.keys(cleanup.files).filter((path) => path.startsWith(`${dir}/`))).toEqual([]);
    expect(cleanup.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(
      Object.keys(cleanup.files)
        .filter((path) => path.startsWith(apps))
        .sort(),
    ).toEqual(wall(apps));
  });

  test("is not another repository's because a bootstrap below it has more readers", () => {
    const nested = makeFluxSystem("clusters/home");
    const { plan, rules } = runPhase(whole("flux-system", { ...nested, "clusters/home/apps.yaml": APP }), "install");
    expect(plan.phases[0]!.clusters.map(({ detected }) => detected.root?.path)).toEqual(["./"]);
    // Once there is a FluxInstance its URL says whose source that is: nobody is to come so far first.
    expect(rules).toContain("gotk-broken");
  });

  test.each([
    ["a .sourceignore", { ".sourceignore": "# not for Flux\n/charts\n" }],
    ["its source", { "flux-system/gotk-sync.yaml": makeSync("./", { source: { ignore: "/charts\n" } }) }],
  ])("reads nothing that %s leaves out", (_title, more: Files) => {
    const chart = {
      "charts/own/Chart.yaml": "apiVersion: v2\nname: own\nversion: 0.1.0\n",
      "charts/own/templates/a.yaml": "kind: {{ .Values.kind }}\n",
    };
    const { install, cutover, cleanup } = runAll(whole("flux-system", { ...chart, ...more }));
    for (const { findings } of [install, cutover, cleanup])
      expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(cleanup.files).toMatchObject(chart);
    expect([...install.changed].sort()).toEqual(wall("flux-system-apps"));
  });

  test("needs no wall where bootstrap's kustomization is one", () => {
    const { install, cleanup } = runAll(whole("flux-system", { "flux-system/kustomization.yaml": LISTED }));
    expect([...install.changed].sort()).toEqual(wall("flux-system"));
    expect(cleanup.findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(Object.keys(cleanup.files).sort()).toEqual(["apps/settings.yaml", ...wall("flux-system")]);
  });

  test("with a kustomization of its own needs no wall, and lists the apps", () => {
    const patched = `${LISTED}patches:\n- patch: |\n    - op: add\n      path: /spec/suspend\n      value: false\n  target:\n    kind: Kustomization\n`;
    const files = whole("flux-system", {
      "flux-system/kustomization.yaml": patched,
      "kustomization.yaml": kustomization("resources:\n- flux-system\n- apps/settings.yaml\n"),
    });
    const { install, cleanup } = runAll(files);
    expect(install.files["kustomization.yaml"]).toContain("- flux-instance.yaml");
    expect(install.changed).toContain("flux-system/flux-instance/helmrelease.yaml");
    expect(cleanup.files["kustomization.yaml"]).toBe(
      kustomization("resources:\n- apps/settings.yaml\n- flux-operator.yaml\n- flux-instance.yaml\n"),
    );
  });

  test("whose source leaves the folder out stops the cluster, and so does a child of the same path", () => {
    const child = makeSync("./").split("---\n")[2]!.replace("name: flux-system", "name: everything");
    const ignored = makeSync("./", { source: { ignore: "/*\n!/apps\n!/flux-system\n" } });
    for (const [more, rule] of [
      [{ "apps/everything.yaml": child }, "root-ambiguous"],
      [{ "flux-system/gotk-sync.yaml": ignored }, "no-safe-place"],
    ] as [Files, string][]) {
      const done = runPhase(whole("flux-system", more), "install");
      expect(done.rules).toContain(rule);
      expect(done.changed).toEqual([]);
    }
  });

  test("that reads only the folder of its sync keeps the apps in a folder of that", () => {
    const files = {
      "flux/gotk-components.yaml": makeGotk(),
      "flux/gotk-sync.yaml": makeSync("./flux", { source: { ignore: "/*\n!/flux\n" } }),
      "flux/kustomization.yaml": LISTED,
    };
    const { install, cutover, cleanup } = runAll(files);
    for (const { findings } of [install, cutover, cleanup])
      expect(findings.filter(({ level }) => level === "blocker")).toEqual([]);
    expect(Object.keys(cleanup.files)).toContain("flux/flux-system/flux-instance/helmrelease.yaml");
    expect(cleanup.files["flux/kustomization.yaml"]).toBe(
      kustomization("resources:\n- flux-operator.yaml\n- flux-instance.yaml\n"),
    );
  });

  test("that builds Flux's own folder alone keeps the apps in that one, whatever starts beside it", () => {
    const cluster = (dir: string, path: string): Files => ({
      [`${dir}/gotk-components.yaml`]: makeGotk(),
      [`${dir}/gotk-sync.yaml`]: makeSync(path),
      [`${dir}/kustomization.yaml`]: LISTED,
    });
    const { cleanup } = runAll({
      ...cluster("flux/flux-system", "./flux/flux-system"),
      ...cluster("flux/other/flux-system", "./flux/other"),
    });
    const instances = Object.keys(cleanup.files).filter((path) => path.endsWith("flux-instance/helmrelease.yaml"));
    expect(instances.sort()).toEqual([
      "flux/flux-system/flux-instance/helmrelease.yaml",
      "flux/other/flux-system/flux-instance/helmrelease.yaml",
    ]);
  });
});
