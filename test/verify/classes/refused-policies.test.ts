import { expect, test } from "vitest";
import { findRefusals } from "../../../src/admission/refused.ts";
import { readYaml } from "../../../src/yaml/read.ts";
import { object } from "../home-tree.ts";

const of = (kind: string, apiVersion: string) => (spec: string) => object(kind, "x", apiVersion, [`spec: ${spec}`]);
const H = of("HorizontalPodAutoscaler", "autoscaling/v2");
const L = (limits: string) => of("LimitRange", "v1")(`{limits: [${limits}]}`);
const P = of("PodDisruptionBudget", "policy/v1");
const S = of("Service", "v1");
const I = of("Ingress", "networking.k8s.io/v1");
const Q = of("ResourceQuota", "v1");
const PC = (lines: string[]) => object("PriorityClass", "x", "scheduling.k8s.io/v1", lines);
const SC = (lines: string[]) => object("StorageClass", "x", "storage.k8s.io/v1", lines);
const W = (more: string, target = "service: {name: a, namespace: b}", review = "v1") =>
  object("ValidatingWebhookConfiguration", "x", "admissionregistration.k8s.io/v1", [
    `webhooks: [{admissionReviewVersions: [${review}], sideEffects: None, clientConfig: {${target}}, ${more}}]`,
  ]);
const A = (name: string, spec: string) => object("APIService", name, "apiregistration.k8s.io/v1", [`spec: {${spec}}`]);
const ref = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}";
const be = "backend: {service: {name: a, port: {number: 80}}}";

const CASES: [string, "refused" | "taken", string][] = [
  [
    "hpa ok",
    "taken",
    H(
      `{${ref}, minReplicas: 1, maxReplicas: 3, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}`,
    ),
  ],
  ["hpa min>max", "refused", H(`{${ref}, minReplicas: 5, maxReplicas: 3}`)],
  ["hpa max 0", "refused", H(`{${ref}, maxReplicas: 0}`)],
  ["hpa metric type w/o block", "refused", H(`{${ref}, maxReplicas: 3, metrics: [{type: Resource}]}`)],
  [
    "hpa metric wrong block",
    "refused",
    H(
      `{${ref}, maxReplicas: 3, metrics: [{type: Pods, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}`,
    ),
  ],
  [
    "hpa target util missing",
    "refused",
    H(`{${ref}, maxReplicas: 3, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization}}}]}`),
  ],
  [
    "hpa util + averageValue",
    "refused",
    H(
      `{${ref}, maxReplicas: 3, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80, averageValue: 1}}}]}`,
    ),
  ],
  [
    "hpa behavior window",
    "refused",
    H(`{${ref}, maxReplicas: 3, behavior: {scaleDown: {stabilizationWindowSeconds: 4000}}}`),
  ],
  [
    "hpa behavior policy period 0",
    "refused",
    H(`{${ref}, maxReplicas: 3, behavior: {scaleDown: {policies: [{type: Pods, value: 1, periodSeconds: 0}]}}}`),
  ],
  [
    "lr ok",
    "taken",
    L("{type: Container, default: {cpu: 500m}, defaultRequest: {cpu: 100m}, max: {cpu: 1}, min: {cpu: 50m}}"),
  ],
  ["lr default>max", "refused", L("{type: Container, default: {cpu: 2}, max: {cpu: 1}}")],
  ["lr min>max", "refused", L("{type: Container, min: {cpu: 2}, max: {cpu: 1}}")],
  ["lr defaultRequest>default", "refused", L("{type: Container, default: {cpu: 1}, defaultRequest: {cpu: 2}}")],
  ["lr Pod default", "refused", L("{type: Pod, default: {cpu: 1}}")],
  ["lr pvc w/o min max", "refused", L("{type: PersistentVolumeClaim, default: {storage: 1Gi}}")],
  ["lr dup type", "refused", L("{type: Container, max: {cpu: 1}}, {type: Container, max: {cpu: 2}}")],
  ["lr ratio <1", "refused", L("{type: Container, maxLimitRequestRatio: {cpu: 500m}}")],
  ["pdb ok", "taken", P("{minAvailable: 1, selector: {matchLabels: {a: b}}}")],
  ["pdb both", "refused", P("{minAvailable: 1, maxUnavailable: 1, selector: {matchLabels: {a: b}}}")],
  ["pdb percent", "refused", P("{minAvailable: 120%, selector: {matchLabels: {a: b}}}")],
  ["pdb neg", "refused", P("{minAvailable: -1, selector: {matchLabels: {a: b}}}")],
  ["pdb text", "refused", P("{minAvailable: half, selector: {matchLabels: {a: b}}}")],
  ["svc ok", "taken", S("{ports: [{port: 80}], selector: {a: b}}")],
  [
    "svc lbsr bad cidr",
    "refused",
    S("{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/33], ports: [{port: 80}]}"),
  ],
  ["svc externalIP bad", "refused", S("{externalIPs: [10.0.0.256], ports: [{port: 80}]}")],
  ["svc externalIP loopback", "refused", S("{externalIPs: [127.0.0.1], ports: [{port: 80}]}")],
  ["svc loadBalancerIP any", "taken", S("{type: LoadBalancer, loadBalancerIP: 10.0.0.1, ports: [{port: 80}]}")],
  ["svc clusterIP bad", "refused", S("{clusterIP: nope, ports: [{port: 80}]}")],
  ["svc None with LB", "refused", S("{type: LoadBalancer, clusterIP: None, ports: [{port: 80}]}")],
  [
    "svc affinity timeout",
    "refused",
    S("{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 90000}}, ports: [{port: 80}]}"),
  ],
  [
    "svc affinity None with cfg",
    "taken",
    S("{sessionAffinity: None, sessionAffinityConfig: {clientIP: {timeoutSeconds: 900}}, ports: [{port: 80}]}"),
  ],
  ["pc ok", "taken", PC(["value: 1000"])],
  ["pc too high", "refused", PC(["value: 1000000001"])],
  ["pc system name", "refused", object("PriorityClass", "system-x", "scheduling.k8s.io/v1", ["value: 5"])],
  ["pc preempt", "refused", PC(["value: 1", "preemptionPolicy: Sometimes"])],
  ["sc ok", "taken", SC(["provisioner: a.b/c", "reclaimPolicy: Retain"])],
  ["sc no provisioner", "refused", SC(["reclaimPolicy: Retain"])],
  ["sc provisioner bad", "refused", SC(["provisioner: 'a b'"])],
  ["sc recycle", "refused", SC(["provisioner: a", "reclaimPolicy: Recycle"])],
  ["sc mode", "refused", SC(["provisioner: a", "volumeBindingMode: Later"])],
  [
    "sc topo empty",
    "refused",
    SC(["provisioner: a", "allowedTopologies: [{matchLabelExpressions: [{key: a, values: []}]}]"]),
  ],
  ["ing ok", "taken", I(`{rules: [{host: a.b, http: {paths: [{path: /, pathType: Prefix, ${be}}]}}]}`)],
  ["ing nothing", "refused", I(`{ingressClassName: nginx}`)],
  [
    "ing backend port both",
    "refused",
    I(
      `{rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80, name: http}}}}]}}]}`,
    ),
  ],
  [
    "ing backend no port",
    "refused",
    I(`{rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a}}}]}}]}`),
  ],
  [
    "ing backend res+svc",
    "refused",
    I(
      `{rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}, resource: {kind: A, name: b}}}]}}]}`,
    ),
  ],
  ["ing path rel", "refused", I(`{rules: [{http: {paths: [{path: a, pathType: Prefix, ${be}}]}}]}`)],
  ["ing path //", "refused", I(`{rules: [{http: {paths: [{path: /a//b, pathType: Prefix, ${be}}]}}]}`)],
  ["ing host ip", "refused", I(`{rules: [{host: 10.0.0.1, http: {paths: [{path: /, pathType: Prefix, ${be}}]}}]}`)],
  ["ing host star", "refused", I(`{rules: [{host: 'a.*.b', http: {paths: [{path: /, pathType: Prefix, ${be}}]}}]}`)],
  [
    "ing tls host bad",
    "refused",
    I(`{tls: [{hosts: ['A_b'], secretName: x}], rules: [{http: {paths: [{path: /, pathType: Prefix, ${be}}]}}]}`),
  ],
  [
    "ing class upper",
    "refused",
    I(`{ingressClassName: Nginx, rules: [{http: {paths: [{path: /, pathType: Prefix, ${be}}]}}]}`),
  ],
  ["ing paths empty", "refused", I(`{rules: [{http: {paths: []}}]}`)],
  ["webhook ok", "taken", W("name: a.b.c")],
  ["webhook two parts", "refused", W("name: a.b")],
  ["webhook capitals", "refused", W("name: A.b.c")],
  ["webhook of variables", "taken", W("name: '${NAME}'")],
  ["webhook slow", "refused", W("name: a.b.c, timeoutSeconds: 31")],
  ["webhook url and service", "refused", W("name: a.b.c", "url: 'https://a', service: {name: a, namespace: b}")],
  ["webhook nowhere", "refused", W("name: a.b.c", "caBundle: YQ==")],
  ["webhook review", "refused", W("name: a.b.c", "url: 'https://a'", "v2")],
  ["api ok", "taken", A("v1.a.b", "group: a.b, version: v1, groupPriorityMinimum: 100, versionPriority: 100")],
  ["api name", "refused", A("a.b", "group: a.b, version: v1, groupPriorityMinimum: 100, versionPriority: 100")],
  ["api priority", "refused", A("v1.a.b", "group: a.b, version: v1, groupPriorityMinimum: 0, versionPriority: 100")],
  [
    "api tls",
    "refused",
    A(
      "v1.a.b",
      "group: a.b, version: v1, insecureSkipTLSVerify: true, caBundle: YQ==, service: {name: a, namespace: b}",
    ),
  ],
  ["rq bad qty", "refused", Q("{hard: {pods: ten}}")],
  ["rq pods frac", "refused", Q("{hard: {pods: 500m}}")],
  ["rq unknown", "refused", Q("{hard: {cpus: 1}}")],
];

test.each(CASES)("the API server, asked about %s: %s", (_, said, document) => {
  const parsed = readYaml(document);
  const data = parsed.ok ? parsed.docs.map((one) => one.data).find(Boolean) : undefined;
  expect(findRefusals(data).length > 0).toBe(said === "refused");
});

test("what variables bring is taken", () => {
  for (const document of [
    S("{clusterIP: '${IP}', externalIPs: ['${IP}'], ports: [{port: 80}]}"),
    Q("{hard: {pods: '${MOST}'}}"),
  ]) {
    const parsed = readYaml(document);
    expect(parsed.ok && findRefusals(parsed.docs.map((one) => one.data).find(Boolean))).toEqual([]);
  }
});
