import { expect, test } from "vitest";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import type { Options } from "../../src/contract/options.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { makeRepo } from "../support/repo.ts";

const OPTIONS = {
  ...{ phase: "cleanup", sync: "adopt", clusters: [], direct: false, only: [], skip: [] },
  ...{ serviceMonitor: false, layout: "auto" },
} as unknown as Options;
const ROOT = "kind: Kustomization\nmetadata:\n  name: flux-system\n  namespace: flux-system\n";

/** What the last phase says of a sync of bootstrap beside a FluxInstance that a person wrote. */
async function said({ source = "", root = "", instance = "" }) {
  const dir = makeRepo(
    {
      "clusters/home/flux-system/gotk-sync.yaml": `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1m0s
  ref:
    branch: main
${source}  url: https://github.com/example-org/fleet
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
${ROOT}spec:
  interval: 10m0s
  path: ./clusters/home
${root}  sourceRef:
    kind: GitRepository
    name: flux-system
`,
      "clusters/home/flux.yaml": `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  distribution:
    version: 2.7.x
    registry: ghcr.io/fluxcd
${instance}  sync:
    kind: GitRepository
    url: https://github.com/example-org/fleet.git
    ref: refs/heads/main
    path: clusters/home
`,
    },
    { remote: "https://github.com/example-org/fleet" },
  );
  const [phase] = makePlan(await openWorkspace(dir), OPTIONS).phases;
  const findings = phase!.clusters.flatMap((one) => one.findings);
  return findings.flatMap(({ rule, resource, what, at }) =>
    rule === "sync-field-unsaid" ? [[resource, /`.*`/.exec(what)?.[0], at?.line]] : [],
  );
}

const PRUNE = "  prune: true\n";
const DECRYPTION = "  decryption:\n    provider: sops\n";

test("what only the documents of bootstrap say is named before they go", async () => {
  const source = "  secretRef:\n    name: flux-system\n  ignore: |\n    /docs\n  recurseSubmodules: false\n";
  expect(await said({ source, root: `${PRUNE}${DECRYPTION}  wait: false\n` })).toEqual([
    ["GitRepository flux-system/flux-system", "`spec.secretRef` and `spec.ignore`", 10],
    ["Kustomization flux-system/flux-system", "`spec.decryption`", 26],
  ]);
});

test("what is the default of Flux is nothing that goes", async () => {
  const root = `${PRUNE}  deletionPolicy: MirrorPrune\n`;
  expect(await said({ source: "  timeout: 1m0s\n  provider: generic\n", root })).toEqual([]);
  expect(await said({ source: "  timeout: 2m\n", root: `${PRUNE}  timeout: 60s\n` })).toHaveLength(2);
  const times = (timeout: string, retry: string) =>
    said({ root: `${PRUNE}  timeout: ${timeout}\n  retryInterval: ${retry}\n` });
  expect(await times("10m", "10m0s")).toEqual([]);
  expect(await times("9m30s", "600s")).toEqual([]);
  expect(await times("9m", "2m")).toEqual([
    ["Kustomization flux-system/flux-system", "`spec.timeout` and `spec.retryInterval`", 21],
  ]);
});

test("a root that must not prune does so under an instance that leaves it out", async () => {
  expect(await said({ root: "  prune: false\n" })).toEqual([
    ["Kustomization flux-system/flux-system", "`spec.prune`", 20],
  ]);
});

test("nothing is said of what a patch of the instance puts back, of a guard, and of what both say", async () => {
  const patch = `      - patch: |
          apiVersion: kustomize.toolkit.fluxcd.io/v1
${`${ROOT}spec:\n${DECRYPTION}`.replace(/^/gm, "          ").trimEnd()}
        target:
          kind: Kustomization
`;
  const instance = `  kustomize:\n    patches:\n${patch}`;
  expect(await said({ root: `${PRUNE}${DECRYPTION}`, instance })).toEqual([]);
  expect(await said({ root: "  prune: false # fluxlift:guard\n" })).toEqual([]);
});
