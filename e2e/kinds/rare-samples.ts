/**
 * What few people write: places in which the table requires something or has words for it, and that samples.ts leaves out. None
 * of a feature that is off by default in the Kubernetes of this bench: it drops what stands there, and then takes anything.
 */
export const RARE_TEXT = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: rare, namespace: default}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      os: {name: linux}
      readinessGates: [{conditionType: example.com/ready}]
      resourceClaims: [{name: gpu, resourceClaimTemplateName: gpu}]
      securityContext: {supplementalGroupsPolicy: Strict}
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, nodeAffinityPolicy: Honor, nodeTaintsPolicy: Ignore, labelSelector: {matchLabels: {app: web}}, matchLabelKeys: [pod-template-hash]}]
      affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: zone, operator: Gt, values: ["1"]}]}}]}}
      initContainers: [{name: side, image: web, restartPolicy: Always}]
      containers:
        - name: web
          image: web
          terminationMessagePolicy: FallbackToLogsOnError
          resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]
          resources: {claims: [{name: gpu, request: one}]}
          securityContext: {procMount: Default, appArmorProfile: {type: RuntimeDefault}}
          env: [{name: C, valueFrom: {configMapKeyRef: {name: c, key: k}}}, {name: "a.b-c"}]
          livenessProbe: {grpc: {port: 80, service: web}}
          lifecycle: {postStart: {sleep: {seconds: 3}}, preStop: {httpGet: {port: 80}}}
          volumeDevices: [{name: block, devicePath: /dev/block}]
          volumeMounts: [{name: iscsi, mountPath: /a, mountPropagation: HostToContainer}, {name: down, mountPath: /b, subPathExpr: $(C)}]
      volumes:
        - {name: block, persistentVolumeClaim: {claimName: web}}
        - {name: iscsi, iscsi: {targetPortal: "10.0.0.1:3260", iqn: "iqn.2001-04.com.example:a", lun: 0}}
        - {name: down, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.labels}}]}}
        - {name: new, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], dataSource: {kind: PersistentVolumeClaim, name: a}, dataSourceRef: {kind: PersistentVolumeClaim, name: a}, resources: {requests: {storage: 1Gi}}}}}}
        - {name: trust, projected: {sources: [{downwardAPI: {items: [{path: a, resourceFieldRef: {containerName: web, resource: limits.cpu}}]}}]}}
        - {name: ebs, awsElasticBlockStore: {volumeID: a}}
        - {name: disk, azureDisk: {diskName: a, diskURI: "/subscriptions/a", cachingMode: None, kind: Managed}}
        - {name: file, azureFile: {secretName: a, shareName: a}}
        - {name: ceph, cephfs: {monitors: ["10.0.0.1:6789"]}}
        - {name: cinder, cinder: {volumeID: a}}
        - {name: flex, flexVolume: {driver: a/b}}
        - {name: gce, gcePersistentDisk: {pdName: a}}
        - {name: git, gitRepo: {repository: a}}
        - {name: gluster, glusterfs: {endpoints: a, path: a}}
        - {name: photon, photonPersistentDisk: {pdID: a}}
        - {name: portworx, portworxVolume: {volumeID: a}}
        - {name: quobyte, quobyte: {registry: "a:1", volume: a}}
        - {name: rbd, rbd: {image: a, monitors: ["10.0.0.1:6789"]}}
        - {name: io, scaleIO: {gateway: a, secretRef: {name: a}, system: a, volumeName: a}}
        - {name: vsphere, vsphereVolume: {volumePath: a}}
        - {name: fc, fc: {targetWWNs: [a], lun: 2}}
        - {name: flocker, flocker: {datasetName: a}}
---
apiVersion: v1
kind: Pod
metadata: {name: rare, namespace: default}
spec: {schedulingGates: [{name: example.com/gate}], containers: [{name: web, image: web}]}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: rare, namespace: default}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: rare, namespace: default}
spec:
  ordinals: {start: 1}
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
  volumeClaimTemplates:
    - apiVersion: v1
      kind: PersistentVolumeClaim
      metadata: {name: data, labels: {a: b}}
      spec: {accessModes: [ReadWriteOnce], volumeMode: Block, resources: {requests: {storage: 1Gi}}}
      status: {phase: Pending, conditions: [{type: Resizing, status: "True"}]}
---
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: rare, namespace: default}
spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, targetCPUUtilizationPercentage: 80}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: rarer, namespace: default}
spec:
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics:
    - {type: ContainerResource, containerResource: {container: web, name: cpu, target: {type: Utilization, averageUtilization: 60}}}
    - {type: External, external: {metric: {name: a, selector: {matchLabels: {a: b}}}, target: {type: AverageValue, averageValue: 30}}}
    - {type: Object, object: {describedObject: {apiVersion: v1, kind: Service, name: web}, metric: {name: a}, target: {type: Value, value: 10k}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: rare, namespace: default}
spec:
  completionMode: Indexed
  completions: 3
  parallelism: 2
  podReplacementPolicy: Failed
  podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget, status: "True"}]}, {action: FailJob, onExitCodes: {containerName: web, operator: In, values: [42]}}]}
  template: {spec: {restartPolicy: Never, containers: [{name: web, image: web}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: rare, namespace: default}
spec: {defaultBackend: {resource: {apiGroup: example.com, kind: Bucket, name: a}}, tls: [{hosts: [a.example.org]}, {secretName: a}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: rare}
spec: {controller: example.com/a, parameters: {apiGroup: example.com, kind: Params, name: a, scope: Cluster}}
---
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: rare.example.com}
spec: {tokenRequests: [{audience: a}], volumeLifecycleModes: [Ephemeral], fsGroupPolicy: File}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: rare}
provisioner: example.com/a
volumeBindingMode: WaitForFirstConsumer
allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a]}]}]
---
apiVersion: storage.k8s.io/v1
kind: VolumeAttributesClass
metadata: {name: rare}
driverName: example.com
parameters: {a: b}
---
apiVersion: v1
kind: Endpoints
metadata: {name: rare, namespace: default}
subsets: [{addresses: [{ip: 10.1.0.1, nodeName: a, targetRef: {kind: Pod, name: a}}], ports: [{name: a, port: 80, protocol: TCP}]}]
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rare-csi}
spec: {accessModes: [ReadWriteMany], capacity: {storage: 1Gi}, csi: {driver: a.example.com, volumeHandle: a}, claimRef: {namespace: default, name: a}, mountOptions: [hard]}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rare-iscsi}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, iscsi: {targetPortal: "10.0.0.1:3260", iqn: "iqn.2001-04.com.example:a", lun: 0}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rare-local}
spec:
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1Gi}
  local: {path: /data}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a]}]}]}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rare-azurefile}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, azureFile: {secretName: a, secretNamespace: default, shareName: a}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rare-cephfs}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, cephfs: {monitors: ["10.0.0.1:6789"], secretRef: {name: a, namespace: default}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rare-cinder}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, cinder: {volumeID: a}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rare-flexvolume}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, flexVolume: {driver: a/b}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rare-glusterfs}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, glusterfs: {endpoints: a, path: a}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rare-rbd}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, rbd: {image: a, monitors: ["10.0.0.1:6789"]}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: rare-scaleio}
spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, scaleIO: {gateway: a, system: a, volumeName: a, secretRef: {name: a, namespace: default}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: rare, namespace: default}
spec: {hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [a]}]}}
---
apiVersion: v1
kind: Service
metadata: {name: rare, namespace: default}
spec: {ipFamilies: [IPv4], trafficDistribution: PreferClose, ports: [{port: 80}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: rare, namespace: default}
secrets: [{name: a}]
imagePullSecrets: [{name: b}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: rare}
webhooks:
  - name: a.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    matchPolicy: Exact
    reinvocationPolicy: IfNeeded
    timeoutSeconds: 5
    matchConditions: [{name: a, expression: "true"}]
    clientConfig: {service: {namespace: default, name: a, path: /a, port: 443}}
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: Namespaced}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: rare}
spec:
  failurePolicy: Fail
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  matchConditions: [{name: a, expression: "true"}]
  variables: [{name: a, expression: "1"}]
  validations: [{expression: "true", message: a, reason: Invalid}]
  auditAnnotations: [{key: a, valueExpression: "'a'"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: rare}
spec: {policyName: rare, validationActions: [Deny, Audit], paramRef: {name: a, namespace: default, parameterNotFoundAction: Deny}}
`;
