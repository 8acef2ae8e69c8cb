import { expect, test } from "vitest";
import { planOf } from "../traps/support.ts";
import { flux, list, URL } from "./fleet.ts";

const instance = (more: string) => `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  distribution:
    version: 2.8.x
    registry: ghcr.io/fluxcd
  sync:
    kind: GitRepository
    url: ${URL}
    ref: refs/heads/main
    path: clusters/one
${more}`;
const said = (more: string) =>
  planOf({
    "clusters/one/kustomization.yaml": list("flux.yaml", "apps.yaml"),
    "clusters/one/flux.yaml": instance(more),
    "clusters/one/apps.yaml": flux("apps", "./apps", "GitRepository flux-system"),
    "apps/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  namespace: web\n",
  }).findings.filter(({ rule }) => rule === "instance-field-unknown");

test("fields that no FluxInstance has are said, with the place of the first, and none where all are known", () => {
  const [one, ...others] = said(
    "  kustomizeController:\n    args: [--concurrent=12]\n  cluster:\n    kubeAPI:\n      qps: 500\n",
  );
  expect([one?.level, one?.cluster, one?.at, others]).toEqual([
    "caution",
    expect.any(String),
    { file: "clusters/one/flux.yaml", line: 15, col: 3 },
    [],
  ]);
  expect(one?.what).toMatch(/spec\.kustomizeController is no field there.*spec\.cluster\.kubeAPI is no field there/);
  expect(said("  kustomize:\n    patches: []\n  cluster:\n    networkPolicy: true\n")).toEqual([]);
});
