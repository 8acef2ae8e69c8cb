import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../world/kube.ts";
import { FLUX_TEXT } from "./flux-samples.ts";
import { RARE_TEXT } from "./rare-samples.ts";

const POD = `
    metadata: {labels: {app: web}, annotations: {a: b}}
    spec:
      restartPolicy: Always
      serviceAccountName: web
      terminationGracePeriodSeconds: 30
      hostNetwork: false
      dnsPolicy: ClusterFirst
      dnsConfig: {nameservers: [10.0.0.1], options: [{name: ndots, value: "2"}]}
      securityContext: {runAsUser: 1000, runAsNonRoot: true, fsGroup: 1000, fsGroupChangePolicy: OnRootMismatch, seccompProfile: {type: RuntimeDefault}, sysctls: [{name: net.a, value: "1"}], supplementalGroups: [44]}
      imagePullSecrets: [{name: pull}]
      hostAliases: [{ip: 10.0.0.1, hostnames: [a.example]}]
      nodeSelector: {kubernetes.io/os: linux}
      tolerations: [{key: node, operator: Exists, effect: NoSchedule, tolerationSeconds: null}]
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]
      affinity:
        nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a]}]}]}}
        podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: host, labelSelector: {matchLabels: {app: web}}}}]}
      priorityClassName: system-node-critical
      initContainers: [{name: init, image: "a/b:1", command: [sh, -c, "true"], volumeMounts: [{name: data, mountPath: /data, subPath: x}]}]
      containers:
        - name: web
          image: example/web:1@sha256:0000000000000000000000000000000000000000000000000000000000000000
          imagePullPolicy: IfNotPresent
          command: [web]
          args: ["--port", "80"]
          workingDir: /
          ports: [{name: http, containerPort: 80, protocol: TCP}, {name: dns, containerPort: 53, protocol: UDP, hostPort: 5353}]
          env: [{name: A, value: b}, {name: S, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}, {name: P, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: R, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]
          envFrom: [{prefix: X_, configMapRef: {name: c}}, {secretRef: {name: s}}]
          resources: {requests: {cpu: 10m, memory: 64Mi}, limits: {cpu: "1", memory: 1Gi}}
          volumeMounts: [{name: data, mountPath: /data, readOnly: true}, {name: tmp, mountPath: /tmp}]
          livenessProbe: {httpGet: {path: /, port: http, scheme: HTTP, httpHeaders: [{name: A, value: b}]}, initialDelaySeconds: 1, periodSeconds: 5, timeoutSeconds: 1, failureThreshold: 3, successThreshold: 1}
          readinessProbe: {tcpSocket: {port: 80}}
          startupProbe: {exec: {command: ["true"]}}
          lifecycle: {preStop: {exec: {command: [sleep, "1"]}}}
          securityContext: {privileged: false, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [NET_ADMIN]}}
      volumes:
        - {name: data, persistentVolumeClaim: {claimName: web, readOnly: true}}
        - {name: tmp, emptyDir: {medium: Memory, sizeLimit: 1Gi}}
        - {name: cm, configMap: {name: c, defaultMode: 420, items: [{key: a, path: b, mode: 256}]}}
        - {name: sec, secret: {secretName: s, optional: true}}
        - {name: host, hostPath: {path: /dev, type: Directory}}
        - {name: nfs, nfs: {server: nas, path: /x}}
        - {name: pro, projected: {sources: [{serviceAccountToken: {path: token, expirationSeconds: 3600, audience: x}}, {configMap: {name: c}}]}}
        - {name: csi, csi: {driver: a.b, volumeAttributes: {a: b}}}
`;

/** An object of each kind that is taken, with most of what people write in one. */
const TEXT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default, labels: {app: web}, annotations: {a: b}}
spec:
  replicas: 2
  minReadySeconds: 1
  revisionHistoryLimit: 3
  progressDeadlineSeconds: 600
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 1}}
  selector: {matchLabels: {app: web}, matchExpressions: [{key: app, operator: Exists}]}
  template:${POD}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, namespace: default}
spec:
  serviceName: web
  replicas: 1
  podManagementPolicy: Parallel
  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Delete}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web, volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: web, namespace: default}
spec:
  selector: {matchLabels: {app: web}}
  updateStrategy: {type: OnDelete}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: web, namespace: default}
spec:
  schedule: "0 3 * * 1-5"
  timeZone: Europe/Berlin
  concurrencyPolicy: Forbid
  suspend: false
  startingDeadlineSeconds: 60
  successfulJobsHistoryLimit: 1
  failedJobsHistoryLimit: 1
  jobTemplate:
    spec:
      backoffLimit: 2
      ttlSecondsAfterFinished: 60
      activeDeadlineSeconds: 600
      template: {spec: {restartPolicy: Never, containers: [{name: web, image: web}]}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: web, namespace: default}
spec:
  backoffLimit: 2
  completions: 1
  parallelism: 1
  completionMode: NonIndexed
  template: {spec: {restartPolicy: OnFailure, containers: [{name: web, image: web}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http, protocol: TCP, appProtocol: http}, {name: dns, port: 53, targetPort: 5353, protocol: UDP, nodePort: 30053}]
  loadBalancerSourceRanges: [10.0.0.0/8]
  externalIPs: [10.0.0.9]
  externalTrafficPolicy: Local
  internalTrafficPolicy: Cluster
  sessionAffinity: ClientIP
  sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}
  ipFamilyPolicy: SingleStack
  publishNotReadyAddresses: true
---
apiVersion: v1
kind: Service
metadata: {name: name, namespace: default}
spec: {type: ExternalName, externalName: a.example.org}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: default}
immutable: false
data: {a: b, c.json: "{}"}
binaryData: {d: YQ==}
---
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: default}
type: Opaque
data: {a: YQ==}
stringData: {b: c}
---
apiVersion: v1
kind: Secret
metadata: {name: pull, namespace: default}
type: kubernetes.io/dockerconfigjson
data: {.dockerconfigjson: e30=}
---
apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {pod-security.kubernetes.io/enforce: privileged}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: default}
automountServiceAccountToken: false
imagePullSecrets: [{name: pull}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: web, namespace: default}
spec: {accessModes: [ReadWriteOnce], storageClassName: fast, volumeMode: Filesystem, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: web}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteMany]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: nfs
  mountOptions: [hard]
  claimRef: {name: web, namespace: default}
  nfs: {server: nas, path: /x}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: web, namespace: default}
spec: {hard: {cpu: "1", pods: "10"}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: web, namespace: default}
spec: {limits: [{type: Container, default: {cpu: 500m}, defaultRequest: {cpu: 100m}, max: {cpu: "1"}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: default, annotations: {a: b}}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: web, port: {number: 80}}}
  tls: [{hosts: [a.example.org], secretName: tls}]
  rules:
    - host: a.example.org
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: web}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: default}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{namespaceSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80, protocol: TCP}]}]
  egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5000, endPort: 5010}]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web, namespace: default}
rules: [{apiGroups: [""], resources: [pods], verbs: [get], resourceNames: [a]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: web}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}, {nonResourceURLs: [/metrics], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sum}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web, namespace: default}, {kind: User, name: me, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: web}
subjects: [{kind: ServiceAccount, name: web, namespace: default}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
  behavior: {scaleDown: {stabilizationWindowSeconds: 300, selectPolicy: Max, policies: [{type: Percent, value: 10, periodSeconds: 60}]}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: default}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}, unhealthyPodEvictionPolicy: AlwaysAllow}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: web}
provisioner: a.b/c
parameters: {a: b}
reclaimPolicy: Retain
volumeBindingMode: WaitForFirstConsumer
allowVolumeExpansion: true
mountOptions: [hard]
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: web}
value: 1000
globalDefault: false
description: text
preemptionPolicy: Never
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: web}
handler: nvidia
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: web}
webhooks:
  - name: a.example.org
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    timeoutSeconds: 5
    clientConfig: {service: {name: web, namespace: default, path: /x, port: 443}}
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: Namespaced}]
---
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: a.b}
spec: {attachRequired: false, podInfoOnMount: true, volumeLifecycleModes: [Persistent]}
`;

export const samples = (): KubeObject[] =>
  [TEXT, RARE_TEXT, FLUX_TEXT]
    .flatMap((text) => parseAllDocuments(text))
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return document.toJS() as KubeObject;
    });
