/** Objects with `WORD` wherever a repository chooses one, and `VALUE` for what is changed. */
const OBJECTS = `apiVersion: source.toolkit.fluxcd.io/v1
kind: WORD
metadata: {name: one, namespace: flux-system}
spec: {interval: VALUE, url: "https://github.com/a/b", ref: {branch: "VALUE"}}
---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata: {name: p, namespace: flux-system}
spec: {type: WORD, address: "https://x.example.com/VALUE", secretRef: {name: s}}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: flux-system}
type: WORD
stringData: {WORD: "VALUE"}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g, namespace: default, labels: {a: "VALUE"}}
spec: {gatewayClassName: WORD, listeners: [{name: WORD, protocol: WORD, port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: default}
spec: {parentRefs: [{name: g, kind: WORD, group: WORD, sectionName: WORD}], hostnames: ["hVALUE.example.com"]}
---
apiVersion: WORD/v1
kind: WORD
metadata: {name: two, namespace: default, annotations: {WORD: "VALUE"}, labels: {WORD: a}}
spec: {type: WORD, WORD: {WORD: "VALUE"}, items: [{name: WORD, kind: WORD}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: default}
spec:
  strategy: {type: WORD}
  selector: {matchLabels: {a: WORD}}
  template:
    metadata: {labels: {a: WORD}}
    spec:
      restartPolicy: WORD
      dnsPolicy: WORD
      priorityClassName: WORD
      containers:
      - {name: c, image: "a:VALUE", imagePullPolicy: WORD, resources: {limits: {WORD: "VALUE"}}, ports: [{containerPort: 80, protocol: WORD}], env: [{name: WORD, valueFrom: {configMapKeyRef: {name: s, key: WORD}}}]}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: h, namespace: default}
spec: {interval: VALUE, chart: {spec: {chart: WORD, sourceRef: {kind: WORD, name: one}}}, valuesFrom: [{kind: WORD, name: s}], values: {WORD: {WORD: "VALUE"}, ingress: {className: WORD}}, install: {crds: WORD}, driftDetection: {mode: WORD}}
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: {name: ip, namespace: default, labels: {a: "VALUE"}}
spec: {imageRepositoryRef: {name: one}, policy: {WORD: {order: WORD}}, digestReflectionPolicy: WORD}
---
apiVersion: v1
kind: Service
metadata: {name: sv, namespace: default, labels: {a: "VALUE"}}
spec: {type: WORD, ports: [{port: 80, protocol: WORD, name: WORD}], selector: {a: WORD}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: k, namespace: flux-system}
spec: {interval: VALUE, path: ./WORD, prune: true, sourceRef: {kind: WORD, name: WORD}, dependsOn: [{name: WORD}], decryption: {provider: WORD}, postBuild: {substitute: {WORD: "VALUE"}, substituteFrom: [{kind: WORD, name: WORD}]}, healthChecks: [{kind: WORD, name: WORD, apiVersion: WORD}], patches: [{target: {kind: WORD}, patch: "[]"}]}
---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Alert
metadata: {name: al, namespace: flux-system, labels: {a: "VALUE"}}
spec: {providerRef: {name: p}, eventSeverity: WORD, eventSources: [{kind: WORD, name: WORD}]}
---
apiVersion: notification.toolkit.fluxcd.io/v1
kind: Receiver
metadata: {name: re, namespace: flux-system, labels: {a: "VALUE"}}
spec: {type: WORD, secretRef: {name: WORD}, resources: [{kind: WORD, name: WORD}], events: [WORD]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb, namespace: default, labels: {a: "VALUE"}}
roleRef: {apiGroup: WORD, kind: WORD, name: WORD}
subjects: [{kind: WORD, name: WORD, apiGroup: WORD}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: cj, namespace: default, labels: {a: "VALUE"}}
spec: {schedule: "@WORD", concurrencyPolicy: WORD, jobTemplate: {spec: {completionMode: WORD, template: {spec: {restartPolicy: WORD, containers: [{name: c, image: a}]}}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, namespace: default, labels: {a: "VALUE"}, annotations: {kubernetes.io/ingress.class: WORD}}
spec: {ingressClassName: WORD, rules: [{host: a.b, http: {paths: [{path: /, pathType: WORD, backend: {service: {name: WORD, port: {name: WORD}}}}]}}]}
---
apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
metadata: {name: rs, namespace: default, labels: {a: "VALUE"}}
spec: {inputs: [{WORD: "VALUE"}], dependsOn: [{apiVersion: WORD, kind: WORD, name: WORD}], resources: [{apiVersion: v1, kind: WORD, metadata: {name: << inputs.WORD | WORD >>}}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: pv, namespace: default, labels: {a: "VALUE"}}
spec: {storageClassName: WORD, accessModes: [WORD], volumeMode: WORD, resources: {requests: {WORD: "VALUE"}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: hp, namespace: default, labels: {a: "VALUE"}}
spec: {scaleTargetRef: {kind: WORD, name: WORD, apiVersion: WORD}, metrics: [{type: WORD}], maxReplicas: 2}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: es, namespace: default, labels: {a: "VALUE"}}
spec: {secretStoreRef: {kind: WORD, name: WORD}, target: {name: WORD, creationPolicy: WORD, deletionPolicy: WORD}, data: [{secretKey: WORD}]}
---
apiVersion: v1
kind: WORD
metadata: {name: k1, namespace: default, labels: {a: "VALUE"}}
spec: {type: WORD, ports: [{name: WORD}], selector: {a: WORD}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: WORD, namespace: flux-system, labels: {a: "VALUE"}}
spec: {replicas: 1, template: {spec: {containers: [{name: manager, image: "ghcr.io/fluxcd/WORD:v1", args: ["--WORD=VALUE", "--feature-gates=WORD=true"]}]}}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: fx, namespace: flux-system, labels: {a: "VALUE"}}
spec: {interval: 1h, chart: {spec: {chart: flux2, version: WORD, sourceRef: {kind: HelmRepository, name: fluxcd-community}}}, values: {WORD: {create: true, tag: WORD}, multitenancy: {WORD: "VALUE"}}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: gg, namespace: flux-system, labels: {a: "VALUE"}}
spec: {interval: 1h, url: "WORD://a/b", provider: WORD, secretRef: {name: s}, ref: {WORD: main}, verify: {mode: WORD, provider: WORD}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: og, namespace: flux-system, labels: {a: "VALUE"}}
spec: {interval: 1h, url: "oci://WORD/b", provider: WORD, layerSelector: {mediaType: WORD, operation: WORD}, verify: {provider: WORD, matchOIDCIdentity: [{issuer: WORD, subject: WORD}]}}
---
apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: ag, namespace: flux-system, labels: {a: "VALUE"}}
spec: {sources: [{alias: WORD, kind: WORD, name: WORD}], artifacts: [{name: WORD, copy: [{from: "@WORD/**", to: "@artifact/", strategy: WORD}]}]}
`;

const INSTANCE = `apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata: {name: flux, namespace: flux-system}
spec: {distribution: {version: WORD, registry: WORD, variant: WORD}, components: [WORD], cluster: {type: WORD, size: WORD, WORD: "VALUE"}}
`;

const fill = (text: string) => (word: string, value: string) =>
  text.replaceAll("WORD", word).replaceAll("VALUE", value);

/** Many kinds of objects that hold a word; and a FluxInstance that does. */
export const wordObjects = fill(OBJECTS);
export const wordInstance = fill(INSTANCE);
