import { describe, expect, test } from "vitest";
import { type Files, homeOps, migrate } from "../traps/support.ts";
import { checked, ofRelease, PARENT, patch, patchApp, says, told, undone } from "./parent-patches.ts";

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
});

test("half an app that its owner has protected is protected by what is written beside it", () => {
  const whole = migrate(homeOps()).files;
  const half: Files = Object.fromEntries(
    Object.entries(whole).filter(([path]) => !path.includes("/flux-instance/app/")),
  );
  const files = { ...half, [PARENT]: homeOps({ apps: patchApp("flux-instance", "suspend: true") })[PARENT]! };
  expect(undone(files)).toEqual([says("flux-instance", "flux-instance is suspended")]);
});
