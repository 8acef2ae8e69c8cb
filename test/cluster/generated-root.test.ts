import { expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { memoryTree } from "../support/memory.ts";
import { OPTIONS } from "../traps/support.ts";
import { list } from "./fleet.ts";

const PATCH = `        - target: {kind: Kustomization, name: flux-system}
          patch: |
            apiVersion: kustomize.toolkit.fluxcd.io/v1
            kind: Kustomization
            metadata:
              name: flux-system
            spec:
              patches:
                - target: {kind: Kustomization}
                  patch: |
                    apiVersion: kustomize.toolkit.fluxcd.io/v1
                    kind: Kustomization
                    metadata:
                      name: all
                    spec:
                      sourceRef: {kind: GitRepository, name: flux-system}
`;
const instance = (patches: string) => `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  distribution: {version: 2.7.x, registry: ghcr.io/fluxcd}
  sync: {kind: GitRepository, url: https://github.com/owner/home-ops, ref: refs/heads/main, path: clusters/home}
  kustomize:
    patches:
${patches}`;

/** A cluster whose FluxKustomizations say no source: a patch of the root gives them theirs. */
const filesOf = (patches: string) =>
  buildModel({
    tree: memoryTree({
      "clusters/home/kustomization.yaml": list("flux.yaml", "apps.yaml"),
      "clusters/home/flux.yaml": instance(patches.replace(/^ {4}/gm, "")),
      "clusters/home/apps.yaml":
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  path: ./apps\n  prune: true\n  interval: 1h\n",
      "apps/receiver.yaml":
        "apiVersion: notification.toolkit.fluxcd.io/v1\nkind: Receiver\nmetadata:\n  name: github\n  namespace: flux-system\n",
    }),
    remotes: [],
    options: OPTIONS,
  }).clusters.flatMap(({ files }) => [...files]);

test("the patches that a FluxInstance gives to the root reach what that one delivers", () => {
  expect(filesOf(PATCH)).toContain("apps/receiver.yaml");
});

test("without them nothing says where an app is read", () => {
  expect(
    filesOf(PATCH.replace("name: flux-system}\n          patch", "name: another}\n          patch")),
  ).not.toContain("apps/receiver.yaml");
});
