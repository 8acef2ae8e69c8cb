import { describe, expect, test } from "vitest";
import { type Files, homeOps, migrate } from "../traps/support.ts";
import { checked, indent, KS, ofRelease, PARENT, patch, patchApp, says, told, undone } from "./parent-patches.ts";

const REMEDIATION = "install:\n  remediation:\n    retries: 3";

describe("a release of the operator that is uninstalled where it fails", () => {
  const risks = (apps: string) => told(checked(homeOps({ apps })), "release-may-uninstall");
  const said = [
    `caution ${PARENT}:14 Patches of this FluxKustomization reach flux-operator, and a failed flux-operator release would be uninstalled: install.remediation uninstalls a release whose install failed.`,
  ];

  test("is told, and stops nothing", () => {
    expect(risks(ofRelease(REMEDIATION).replace("flux-.*", "flux-operator"))).toEqual(said);
  });

  test("but not beside what stops it anyway, or where it is let out of the patch", () => {
    expect(
      risks(`${patchApp("flux-operator", "prune: true")}${ofRelease(REMEDIATION).replace("  patches:\n", "")}`),
    ).toEqual([]);
  });
});

test("a parent that Flux cannot build today is no doing of the apps", () => {
  const broken = patch('[{"op": "remove", "path": "/spec/none"}]', "kind: Kustomization");
  expect(undone(homeOps({ apps: broken }))).toEqual([]);
  // Nor is one whose own folder builds, while the folder that brings it does not.
  const files = homeOps();
  const config = "kubernetes/flux/config/kustomization.yaml";
  expect(undone({ ...files, [config]: `${files[config]}  - ./gone\n` })).toEqual([]);
});

describe("a patch that fails on the apps alone, by which Flux would build nothing any more", () => {
  const remove = (path: string) => `[{"op": "remove", "path": "${path}"}]`;

  test("is said of the Kustomizations", () => {
    const files = homeOps({ apps: patch(remove("/spec/force"), "kind: Kustomization") });
    for (const path of ["kubernetes/apps/default/echo/ks.yaml", "kubernetes/apps/flux-system/addons/ks.yaml"])
      files[path] += "  force: false\n";
    const how =
      "Flux cannot build Kustomization flux-system/cluster-apps any more: Kustomization.v1.kustomize.toolkit.fluxcd.io/flux-operator.flux-system: remove /spec/force: unable to remove nonexistent key: force";
    expect(undone(files)).toEqual([says("flux-operator", how), says("flux-instance", how)]);
  });

  test("is narrowed for what they build", () => {
    const nested = indent(`patches:\n  - patch: '${remove("/spec/none")}'\n    target:\n      kind: HelmRelease`, 2);
    const apps = patch(`${KS}\nmetadata:\n  name: x\nspec:\n${nested}`, "kind: Kustomization");
    const { cluster } = migrate(homeOps({ apps }));
    const edits = cluster.edits.filter(({ transform }) => transform === "protections");
    const how = (app: string) =>
      `Flux cannot build ${app}: HelmRelease.v2.helm.toolkit.fluxcd.io/${app}.[noNs]: remove /spec/none: unable to remove nonexistent key: none.`;
    expect(edits.map(({ why }) => why)).toEqual([
      `Let this patch leave flux-operator and flux-instance out: ${how("flux-operator")}`,
      `Opt out of the parent's patches: ${how("flux-operator")}`,
      `Opt out of the parent's patches: ${how("flux-instance")}`,
    ]);
  });
});

test("half an app that its owner has protected is protected by what is written beside it", () => {
  const whole = migrate(homeOps()).files;
  const half: Files = Object.fromEntries(
    Object.entries(whole).filter(([path]) => !path.includes("/flux-instance/app/")),
  );
  const files = { ...half, [PARENT]: homeOps({ apps: patchApp("flux-instance", "suspend: true") })[PARENT]! };
  expect(undone(files)).toEqual([says("flux-instance", "flux-instance is suspended")]);
});
