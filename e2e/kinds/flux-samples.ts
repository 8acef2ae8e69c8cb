/** Objects of Flux and of its operator, with most of what people write in one. */
export const FLUX_TEXT = `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: default}
spec:
  interval: 10m
  retryInterval: 1m
  timeout: 5m
  path: ./apps
  prune: true
  wait: true
  force: false
  suspend: false
  deletionPolicy: MirrorPrune
  serviceAccountName: web
  targetNamespace: web
  namePrefix: a-
  nameSuffix: -b
  sourceRef: {kind: GitRepository, name: home, namespace: flux-system}
  dependsOn: [{name: db, namespace: default, readyExpr: "true"}]
  decryption: {provider: sops, secretRef: {name: sops-age}}
  postBuild: {substitute: {A: b}, substituteFrom: [{kind: ConfigMap, name: c, optional: true}, {kind: Secret, name: s}]}
  commonMetadata: {labels: {a: b}, annotations: {c: d}}
  components: [../c]
  healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: web, namespace: default}]
  healthCheckExprs: [{apiVersion: a.b/v1, kind: C, current: "true", failed: "false"}]
  images: [{name: a, newName: b, newTag: "1", digest: "sha256:0"}]
  patches: [{target: {kind: Deployment, name: web, labelSelector: "a=b"}, patch: "- op: remove"}]
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: away, namespace: default}
spec: {interval: 10m, prune: false, sourceRef: {kind: OCIRepository, name: home}, kubeConfig: {secretRef: {name: k, key: value}}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: default}
spec:
  interval: 10m
  timeout: 5m
  releaseName: web
  targetNamespace: web
  storageNamespace: web
  serviceAccountName: web
  maxHistory: 3
  suspend: false
  persistentClient: true
  chart:
    spec:
      chart: web
      version: ">=1.0.0"
      interval: 1h
      reconcileStrategy: ChartVersion
      valuesFiles: [values.yaml]
      sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}
      verify: {provider: cosign}
  dependsOn: [{name: db, namespace: default}]
  driftDetection: {mode: enabled, ignore: [{paths: [/spec/replicas], target: {kind: Deployment}}]}
  install: {createNamespace: true, crds: CreateReplace, disableWait: false, timeout: 5m, replace: true, remediation: {retries: 3, remediateLastFailure: true}}
  upgrade: {cleanupOnFail: true, crds: CreateReplace, force: false, preserveValues: false, remediation: {retries: 3, strategy: rollback}}
  rollback: {recreate: true, timeout: 5m}
  uninstall: {keepHistory: false, deletionPropagation: background}
  test: {enable: true, timeout: 1m}
  postRenderers: [{kustomize: {patches: [{patch: "- op: remove", target: {kind: Deployment}}], images: [{name: a, newTag: b}]}}]
  values: {a: {b: c}}
  valuesFrom: [{kind: Secret, name: s, valuesKey: k, targetPath: a.b, optional: true}]
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ref, namespace: default}
spec: {interval: 10m, chartRef: {kind: OCIRepository, name: web, namespace: flux-system}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: home, namespace: default}
spec:
  interval: 1m
  timeout: 60s
  url: ssh://git@example.org/me/home.git
  ref: {branch: main}
  secretRef: {name: flux-system}
  ignore: "/*"
  include: [{repository: {name: other}, fromPath: a, toPath: b}]
  recurseSubmodules: false
  suspend: false
  sparseCheckout: [a]
  verify: {mode: HEAD, secretRef: {name: keys}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: home, namespace: default}
spec:
  interval: 1m
  url: oci://ghcr.io/me/home
  ref: {tag: latest}
  provider: generic
  insecure: false
  secretRef: {name: pull}
  serviceAccountName: web
  layerSelector: {mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip, operation: copy}
  verify: {provider: cosign, matchOIDCIdentity: [{issuer: a, subject: b}]}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: default}
spec: {interval: 1h, type: oci, url: "oci://ghcr.io/me/charts", provider: generic, timeout: 1m, passCredentials: false, secretRef: {name: s}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: Bucket
metadata: {name: b, namespace: default}
spec: {interval: 5m, bucketName: flux, endpoint: s3.example.org, provider: generic, region: eu, prefix: a, insecure: false, secretRef: {name: s}}
---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata: {name: slack, namespace: default}
spec: {type: slack, channel: flux, address: "https://hooks.example.org/x", secretRef: {name: s}}
---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Alert
metadata: {name: all, namespace: default}
spec: {providerRef: {name: slack}, eventSeverity: error, eventSources: [{kind: Kustomization, name: "*", namespace: default}], exclusionList: [a], eventMetadata: {a: b}, suspend: false}
---
apiVersion: notification.toolkit.fluxcd.io/v1
kind: Receiver
metadata: {name: hook, namespace: default}
spec: {type: github, interval: 10m, events: [ping], secretRef: {name: s}, resources: [{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, name: home}]}
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: {name: web, namespace: default}
spec: {image: ghcr.io/me/web, interval: 1h, exclusionList: ["^.*\\\\.sig$"], secretRef: {name: s}}
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: {name: web, namespace: default}
spec: {imageRepositoryRef: {name: web}, filterTags: {pattern: "^v(.*)$", extract: "$1"}, policy: {semver: {range: ">=1.0.0"}}}
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageUpdateAutomation
metadata: {name: web, namespace: default}
spec:
  interval: 30m
  sourceRef: {kind: GitRepository, name: home}
  git: {checkout: {ref: {branch: main}}, commit: {author: {email: a@example.org, name: flux}, messageTemplate: x}, push: {branch: main}}
  update: {path: ./apps, strategy: Setters}
---
apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata: {name: flux, namespace: default}
spec:
  distribution: {version: 2.x, registry: ghcr.io/fluxcd, artifact: "oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests"}
  components: [source-controller, kustomize-controller]
  cluster: {type: kubernetes, multitenant: false, networkPolicy: true, domain: cluster.local}
  storage: {class: fast, size: 10Gi}
  sync: {kind: GitRepository, url: "https://example.org/me/home.git", ref: refs/heads/main, path: ./, interval: 1m, pullSecret: s}
  kustomize: {patches: [{target: {kind: Deployment}, patch: "- op: remove"}]}
---
apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
metadata: {name: apps, namespace: default}
spec:
  inputs: [{name: a}]
  dependsOn: [{apiVersion: v1, kind: Namespace, name: a, ready: true}]
  resources: [{apiVersion: v1, kind: ConfigMap, metadata: {name: "<< inputs.name >>", namespace: default}}]
  serviceAccountName: web
  wait: true
`;
