import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findRefusals, sayRefusal } from "../../../src/admission/refused.ts";

const says = (text: string) => findRefusals(parse(text)).map(sayRefusal);
const kind = (api: string, name: string, rest: string, meta = "") =>
  `{apiVersion: ${api}, kind: ${name}, metadata: {name: web${meta}}, ${rest}}`;
const workload = (more: string, container: string) =>
  kind(
    "apps/v1",
    "Deployment",
    `spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {${more}containers: [{name: web, image: web${container}}]}}}`,
  );
const pod = (more: string) => workload(`${more}, `, "");
const container = (more: string) => workload("", `, ${more}`);
const volume = (more: string) => workload(`volumes: [{name: a, ${more}}], `, "");
const mount = (more: string) =>
  workload("volumes: [{name: a, emptyDir: {}}], ", `, volumeMounts: [{name: a, mountPath: /a, ${more}}]`);

/** Each beside one that is taken, as the API server of `npm run e2e:kinds` says of both. */
const ROWS: readonly (readonly [refused: string, taken: string])[] = [
  [
    pod("securityContext: {sysctls: [{name: net ipv4.a, value: '1'}]}"),
    pod("securityContext: {sysctls: [{name: net/core/a_b.c, value: '1'}]}"),
  ],
  [pod("securityContext: {supplementalGroups: [-1]}"), pod("securityContext: {supplementalGroups: [0, 44]}")],
  [pod("nodeSelector: {a b: c}"), pod("nodeSelector: {example.com/a_b: c}")],
  [
    pod("tolerations: [{key: a b, operator: Exists}]"),
    pod("tolerations: [{key: '', operator: Exists}, {key: a.b/c, operator: Exists}]"),
  ],
  [
    pod("affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a b}]}}"),
    pod(
      "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname}]}}",
    ),
  ],
  [pod("dnsConfig: {nameservers: [dns.example.org]}"), pod("dnsConfig: {nameservers: [010.0.0.1, 'fd00::1']}")],
  [pod("hostAliases: [{ip: 10.0.0.256, hostnames: [a]}]"), pod("hostAliases: [{ip: 010.0.0.1, hostnames: [a]}]")],
  [pod("readinessGates: [{conditionType: a b}]"), pod("readinessGates: [{conditionType: example.com/ready}]")],
  [pod("os: {name: Linux}"), pod("os: {name: linux}")],
  [
    container("env: [{name: A, valueFrom: {secretKeyRef: {name: Web, key: a}}}]"),
    container("env: [{name: A, valueFrom: {secretKeyRef: {name: web, key: .a_B-c}}}]"),
  ],
  [
    container("env: [{name: A, valueFrom: {configMapKeyRef: {name: web, key: a/b}}}]"),
    container("envFrom: [{secretRef: {name: web}}, {configMapRef: {name: web-}}]"),
  ],
  [
    container("envFrom: [{configMapRef: {name: web_a}}]"),
    container("envFrom: [{prefix: 'A.', configMapRef: {name: web}}]"),
  ],
  [container("envFrom: [null]"), container("envFrom: []")],
  [container("ports: [{containerPort: 80, hostPort: 70000}]"), container("ports: [{containerPort: 80, hostPort: 0}]")],
  [container("livenessProbe: {grpc: {port: 0}}"), container("livenessProbe: {grpc: {port: 80}}")],
  [
    container("livenessProbe: {tcpSocket: {port: 80}, terminationGracePeriodSeconds: -1}"),
    container("livenessProbe: {tcpSocket: {port: 80}, terminationGracePeriodSeconds: 1}"),
  ],
  [
    container("livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: x_a, value: b}]}}"),
    container("livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: X-A1, value: b}]}}"),
  ],
  [
    container("lifecycle: {preStop: {sleep: {seconds: 60}}}"),
    container("lifecycle: {preStop: {sleep: {seconds: 30}}}"),
  ],
  [container("lifecycle: {preStop: {sleep: {seconds: -1}}}"), pod("terminationGracePeriodSeconds: -1")],
  [container("resources: {limits: {memory: -1Gi}}"), container("resources: {limits: {memory: 1Gi}}")],
  [container("resources: {limits: {memory: [1Gi]}}"), container("resources: {limits: {memory: 1073741824}}")],
  [
    container("resizePolicy: [{resourceName: memory, restartPolicy: Restart}]"),
    container("resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]"),
  ],
  [mount("subPathExpr: ../a"), mount("subPathExpr: $(A)/a")],
  [mount("mountPropagation: Bidirectional"), mount("mountPropagation: HostToContainer")],
  [
    volume("configMap: {name: a, items: [{key: a, path: /b}]}"),
    volume("configMap: {name: A_b, items: [{key: a, path: b/c..d}]}"),
  ],
  [
    volume("secret: {secretName: a, items: [{key: a, path: b/../c}]}"),
    volume("secret: {secretName: a, items: [{key: a, path: b/.c}]}"),
  ],
  [volume("nfs: {server: a, path: b}"), volume("nfs: {server: a, path: /b}")],
  [volume("emptyDir: {sizeLimit: -1Gi}"), volume("emptyDir: {sizeLimit: 0}")],
  [volume("csi: {driver: a_b}"), volume("csi: {driver: Secrets-store.csi.k8s.io}")],
  [
    volume("projected: {sources: [{serviceAccountToken: {path: a, expirationSeconds: 0}}]}"),
    volume("projected: {sources: [{serviceAccountToken: {path: a, expirationSeconds: 600}}]}"),
  ],
  [
    kind("v1", "ConfigMap", "data: {}", ", finalizers: [web]"),
    kind("v1", "ConfigMap", "data: {}", ", finalizers: [example.com/web, kubernetes]"),
  ],
  [
    kind("v1", "ConfigMap", "data: {}", ", finalizers: ['a b']"),
    kind("policy/v1", "PodDisruptionBudget", "spec: {maxUnavailable: 1}", ", finalizers: [web]"),
  ],
  [
    kind("v1", "PersistentVolumeClaim", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 0Gi}}}"),
    kind("v1", "PersistentVolumeClaim", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1}}}"),
  ],
  [
    kind("v1", "Service", "spec: {type: ExternalName, externalName: web_a.example.org}"),
    kind("v1", "Service", "spec: {type: ExternalName, externalName: web.example.org.}"),
  ],
  [
    kind("v1", "Service", "spec: {ports: [{port: 80, appProtocol: a b}]}"),
    kind("v1", "Service", "spec: {ports: [{port: 80, appProtocol: kubernetes.io/h2c}]}"),
  ],
  [
    kind(
      "networking.k8s.io/v1",
      "Ingress",
      "spec: {rules: [{http: {paths: [{pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}",
    ),
    kind(
      "networking.k8s.io/v1",
      "Ingress",
      "spec: {rules: [{http: {paths: [{pathType: ImplementationSpecific, backend: {service: {name: web, port: {number: 80}}}}]}}]}",
    ),
  ],
  [
    kind("networking.k8s.io/v1", "Ingress", "spec: {defaultBackend: {service: {name: web.a, port: {number: 80}}}}"),
    kind(
      "networking.k8s.io/v1",
      "Ingress",
      "spec: {defaultBackend: {service: {name: web, port: {name: http}}}, tls: [{secretName: a.b}]}",
    ),
  ],
  [
    kind("networking.k8s.io/v1", "Ingress", "spec: {defaultBackend: {service: {name: web, port: {number: 70000}}}}"),
    kind(
      "networking.k8s.io/v1",
      "Ingress",
      "spec: {defaultBackend: {service: {name: web, port: {number: 80, name: ''}}}}",
    ),
  ],
  [
    kind(
      "networking.k8s.io/v1",
      "Ingress",
      "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}, tls: [{secretName: a_b}]}",
    ),
    kind("networking.k8s.io/v1", "IngressClass", "spec: {controller: example.com/a}"),
  ],
  [
    kind(
      "autoscaling/v2",
      "HorizontalPodAutoscaler",
      "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, behavior: {scaleUp: {selectPolicy: max}}}",
    ),
    kind(
      "autoscaling/v2",
      "HorizontalPodAutoscaler",
      "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, metrics: [{type: External, external: {metric: {name: a, selector: {matchLabels: {a b: c d}}}, target: {type: Value, value: '1'}}}]}",
    ),
  ],
  [
    kind(
      "autoscaling/v2",
      "HorizontalPodAutoscaler",
      "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, behavior: {scaleUp: {policies: []}}}",
    ),
    kind(
      "autoscaling/v2",
      "HorizontalPodAutoscaler",
      "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, behavior: {scaleUp: {selectPolicy: Disabled}}}",
    ),
  ],
  [
    kind(
      "rbac.authorization.k8s.io/v1",
      "RoleBinding",
      "roleRef: {kind: Role, name: web}, subjects: [{kind: ServiceAccount, name: Web, namespace: a}]",
    ),
    kind(
      "rbac.authorization.k8s.io/v1",
      "RoleBinding",
      "roleRef: {kind: Role, name: web}, subjects: [{kind: User, name: A b}, {kind: Group, name: 'a:b', apiGroup: rbac.authorization.k8s.io}]",
    ),
  ],
  [
    kind(
      "rbac.authorization.k8s.io/v1",
      "RoleBinding",
      "roleRef: {kind: Role, name: web}, subjects: [{kind: Group, name: a, apiGroup: v1}]",
    ),
    kind(
      "rbac.authorization.k8s.io/v1",
      "RoleBinding",
      "roleRef: {kind: Role, name: web}, subjects: [{kind: ServiceAccount, name: a.b, namespace: a}]",
    ),
  ],
  [
    kind(
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      "webhooks: [{name: a.example.org, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {url: 'https://a.example.org'}, rules: [{apiGroups: [''], apiVersions: [v1], resources: [pods]}]}]",
    ),
    kind(
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      "webhooks: [{name: a.example.org, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {url: 'https://a.example.org'}, rules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [pods], scope: Namespaced}]}]",
    ),
  ],
  [
    kind(
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      "webhooks: [{name: a.example.org, sideEffects: None, clientConfig: {url: 'https://a.example.org'}}]",
    ),
    kind(
      "v1",
      "Service",
      "spec: {sessionAffinity: None, sessionAffinityConfig: {clientIP: {timeoutSeconds: 900}}, ports: [{port: 80}]}",
    ),
  ],
  [
    kind(
      "apps/v1",
      "StatefulSet",
      "spec: {serviceName: web, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: web, image: web}]}}, updateStrategy: {rollingUpdate: {partition: -1}}}",
    ),
    kind(
      "apps/v1",
      "StatefulSet",
      "spec: {serviceName: web, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: web, image: web}]}}, updateStrategy: {rollingUpdate: {partition: 2}}}",
    ),
  ],
];

describe("formats of single values that the API server of Kubernetes looks at", () => {
  test.each(ROWS)("%s", (refused, taken) => {
    expect(says(refused)).toHaveLength(1);
    expect(says(taken)).toEqual([]);
  });

  test("are said in words", () => {
    expect(
      [
        pod("securityContext: {sysctls: [{name: net ipv4.a, value: '1'}]}"),
        container("lifecycle: {preStop: {sleep: {seconds: 60}}}"),
        kind("v1", "ConfigMap", "data: {}", ", finalizers: [web]"),
      ].flatMap(says),
    ).toEqual([
      'spec.template.spec.securityContext.sysctls.0.name has to be the name of a sysctl, such as net.core.somaxconn, and is "net ipv4.a"',
      "spec.template.spec.containers.0.lifecycle.preStop.sleep.seconds is more than terminationGracePeriodSeconds of the pod, 30",
      'metadata.finalizers.0 is "web", and has no domain, as in example.com/web',
    ]);
  });
});
