import { expect, test } from "vitest";
import { openWorkspace } from "../../src/cli/load-engine.ts";
import type { Options } from "../../src/contract/options.ts";
import { writeChanges } from "../../src/files/write.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import { makeOciPlan } from "../../src/plan/oci-plan.ts";
import { commitAll, makeRepo, readTree } from "../support/repo.ts";

const fluxKustomization = (name: string, path: string, more = "") => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 30m
  path: ${path}
  prune: false
  sourceRef:
    kind: GitRepository
    name: flux-system
${more}`;

const sync = (cluster: string) => `  patches:
    - target:
        kind: FluxInstance
      patch: |-
        - op: add
          path: /spec/sync/path
          value: clusters/${cluster}
`;

const externalSecret = (name: string, more = "") => `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: ${name}
  namespace: apps
spec:
${more}  secretStoreRef:
    kind: ClusterSecretStore
    name: vault
  dataFrom:
    - extract:
        key: ${name}
`;

const FILES = {
  "clusters/edge/flux-instance.yaml": fluxKustomization("flux-instance", "./shared/instance", sync("edge")),
  "clusters/edge/secret.yaml": externalSecret("edge"),
  "clusters/prod/flux-instance.yaml": fluxKustomization("flux-instance", "./shared/instance", sync("prod")),
  "clusters/prod/secret.yaml": externalSecret("prod", "  refreshInterval: 1h\n"),
  "shared/instance/instance.yaml": `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  distribution:
    version: "2.7.x"
    registry: "ghcr.io/fluxcd"
  sync:
    kind: GitRepository
    url: "https://github.com/example-org/fleet.git"
    ref: "refs/heads/main"
    path: ""
`,
  "shared/instance/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - instance.yaml
`,
};

/** Plans a phase, commits what it writes, and says what it finds. */
async function take(root: string, phase: Options["phase"], clusters: string[] = []) {
  const options = {
    ...{ phase, sync: "adopt", clusters, direct: false, isUnpushed: true, only: [], skip: [] },
    ...{ serviceMonitor: false, layout: "auto", oci: { sign: false } },
  } as unknown as Options;
  const workspace = await openWorkspace(root);
  const made = makeOciPlan(workspace, options);
  writeChanges(workspace, composeChanges(made), { label: "test", validate: () => undefined });
  commitAll(root, phase);
  return made.phases.flatMap((one) => one.clusters.flatMap(({ findings }) => findings));
}

const repo = () => makeRepo(FILES, { remote: "https://github.com/example-org/fleet" });

test("two clusters with one folder of the instance go all the way together", async () => {
  const root = repo();
  const prepared = await take(root, "prepare");
  expect(prepared.map(({ rule, level, cluster }) => [rule, level, cluster])).toEqual([
    ["pull-secret-entry", "caution", "edge"],
    ["pull-secret-entry", "caution", "prod"],
  ]);
  expect(readTree(root)["shared/instance/kustomization.yaml"]).toMatch(
    /resources:\n {2}- instance\.yaml\n {2}- externalsecret\.yaml\n {2}- artifact\.yaml\n$/,
  );
  for (const phase of ["switch", "cleanup"] as const)
    expect((await take(root, phase)).filter(({ level }) => level === "blocker")).toEqual([]);
  const { "shared/instance/instance.yaml": instance, ...rest } = readTree(root);
  expect(instance).toContain("kind: OCIRepository");
  for (const cluster of ["edge", "prod"])
    expect(rest[`clusters/${cluster}/flux-instance.yaml`]).toContain("kind: OCIRepository");
  expect(rest).not.toHaveProperty(["shared/instance/artifact.yaml"]);
});

test("one of them alone leaves the other's Flux without its source, and is stopped", async () => {
  const root = repo();
  const before = readTree(root);
  const found = await take(root, "prepare", ["edge"]);
  expect(found.filter(({ level }) => level === "blocker").map(({ rule }) => rule)).toEqual(["oci-shared-blocked"]);
  expect(readTree(root)).toEqual(before);
});
