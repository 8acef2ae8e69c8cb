import { expect, it } from "vitest";
import { isAskedFor } from "../../e2e/trees/by-hand.ts";

const COMMANDS = [
  `kubectl -n flux-system patch helmreleases.helm.toolkit.fluxcd.io flux --type merge -p '{"spec":{"suspend":true}}'`,
  "kubectl -n flux-system delete helmreleases.helm.toolkit.fluxcd.io flux --ignore-not-found",
  "kubectl -n flux-system delete helmrepositories.source.toolkit.fluxcd.io fluxcd-community --ignore-not-found",
  "kubectl -n flux-system delete secrets -l owner=helm,name=flux",
];

it.each([
  ["HelmRelease flux-system/flux", true],
  ["HelmRepository flux-system/fluxcd-community", true],
  ["Secret flux-system/sh.helm.release.v1.flux.v2", true],
  ["HelmChart flux-system/flux-system-flux", true],
  ["Secret flux-system/sh.helm.release.v1.flux-operator.v1", false],
  ["HelmRelease flux-system/flux-operator", false],
  ["ServiceAccount flux-system/flux", false],
  ["Deployment flux-system/source-controller", false],
])("what the runbook has deleted by hand is %s: %s", (key, asked) => {
  expect(isAskedFor(key, COMMANDS)).toBe(asked);
});
