import { expect, test } from "vitest";
import { APP, makeFluxSystem } from "./make-gotk.ts";
import { runPhase } from "./run-phases.ts";

const INSTANCE = `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  distribution:
    version: 2.7.x
    registry: ghcr.io/fluxcd
  sync:
    kind: GitRepository
    url: ssh://git@git.example.org/fleet
    ref: refs/heads/main
    path: cluster
    pullSecret: flux-system
`;

test("an owner's instance that syncs another path is said once, not with each object that would go for it", () => {
  const files = {
    ...makeFluxSystem("flux"),
    "flux/instance.yaml": INSTANCE,
    "flux/apps.yaml": APP,
    "apps/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\n",
    "cluster/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n  namespace: default\n",
  };
  const { findings, changed } = runPhase(files, "install");
  const stops = findings.filter(({ level }) => level === "blocker").map(({ rule, at }) => `${rule} ${at?.file}`);
  expect(stops.sort()).toEqual(["instance-before-crd flux/instance.yaml", "instance-contradiction flux/instance.yaml"]);
  expect(changed).toEqual([]);
});
