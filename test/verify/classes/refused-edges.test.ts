import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findRefusals, sayRefusal } from "../../../src/admission/refused.ts";

const says = (text: string, isWhole = true) => findRefusals(parse(text), isWhole).map(sayRefusal);
const kind = (api: string, name: string, rest: string) =>
  `{apiVersion: ${api}, kind: ${name}, metadata: {name: web}, ${rest}}`;
const SELECTS = "selector: {matchLabels: {a: b}}, ";
const LABELS = "metadata: {labels: {a: b}}, ";
const workload = (name: string, spec: string, pod: string) =>
  kind("apps/v1", name, `spec: {${spec}${SELECTS}template: {${LABELS}spec: {${pod}}}}`);
const WEB = "containers: [{name: web, image: web}]";
const pod = (pod: string, containers = WEB) => workload("Deployment", "", `${pod}${containers}`);
const container = (more: string, beside = "") => pod(beside, `containers: [{name: web, image: web, ${more}}]`);
const init = (more: string) => pod(`initContainers: [{name: first, image: web, ${more}}], `);
const resources = (text: string) => container(`resources: {${text}}`);
const security = (text: string) => container(`securityContext: {${text}}`);
const tolerates = (text: string) => pod(`tolerations: [${text}], `);
const near = (term: string) => pod(`affinity: {podAffinity: {${term}}}, `);
const nodes = (expression: string) =>
  pod(
    `affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [${expression}]}]}}}, `,
  );
const wish = (weight: number) =>
  near(
    `preferredDuringSchedulingIgnoredDuringExecution: [{weight: ${weight}, podAffinityTerm: {topologyKey: a, labelSelector: {matchExpressions: [{key: a, operator: Exists}]}}}]`,
  );
const set = (claim: string, pod: string) => workload("StatefulSet", `volumeClaimTemplates: [${claim}], `, pod);
const job = (pod: string) => kind("batch/v1", "Job", `spec: {template: {spec: {${pod}${WEB}}}}`);
const cron = (spec: string, restart = "Never") =>
  kind(
    "batch/v1",
    "CronJob",
    `spec: {${spec}jobTemplate: {spec: {template: {spec: {restartPolicy: ${restart}, ${WEB}}}}}}`,
  );
const DAILY = 'schedule: "@daily", ';
const service = (spec: string) => kind("v1", "Service", `spec: {${spec}}`);
const ingress = (spec: string) => kind("networking.k8s.io/v1", "Ingress", `spec: {${spec}}`);
const BACKEND = "backend: {service: {name: web, port: {number: 80}}}";
const host = (name: string) => ingress(`rules: [{host: "${name}"}]`);
const path = (text: string) => ingress(`rules: [{http: {paths: [{${text}, ${BACKEND}}]}}]`);
const policy = (spec: string) => kind("networking.k8s.io/v1", "NetworkPolicy", `spec: {podSelector: {}, ${spec}}`);
const block = (text: string) => policy(`ingress: [{from: [{ipBlock: {${text}}}]}]`);
const ports = (text: string) => policy(`ingress: [{ports: [{${text}}]}]`);
const deadline = (text: string) => workload("Deployment", `${text}, `, WEB);
const claim = (modes: string) =>
  kind("v1", "PersistentVolumeClaim", `spec: {accessModes: ${modes}, resources: {requests: {storage: 1Gi}}}`);
const scaler = (least: string, most: string) =>
  kind(
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    `spec: {minReplicas: ${least}, maxReplicas: ${most}, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}}`,
  );
const budget = (spec: string) => kind("policy/v1", "PodDisruptionBudget", `spec: {${spec}selector: {}}`);
const RBAC = "rbac.authorization.k8s.io/v1";
const clusterRole = (rule: string) => kind(RBAC, "ClusterRole", `rules: [{verbs: [get], ${rule}}]`);
const subject = (kindOfBinding: string, text: string) =>
  kind(
    RBAC,
    kindOfBinding,
    `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: a}, subjects: [${text}]`,
  );
const secret = (rest: string) => kind("v1", "Secret", rest);
const typed = (type: string, rest: string) => secret(`type: kubernetes.io/${type}, ${rest}`);
const config = (rest: string) => kind("v1", "ConfigMap", rest);
const crd = (versions: string) =>
  kind(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    `spec: {group: b.c, scope: Namespaced, names: {kind: A, plural: as}, versions: [${versions}]}`,
  ).replace("name: web", "name: as.b.c");
const rollout = (text: string) => workload("Deployment", `strategy: {rollingUpdate: {${text}}}, `, WEB);
const MOUNT = "volumeMounts: [{name: a, mountPath: /a}]";

const at = "spec.template.spec";
const one = `${at}.containers.0`;
const KEY = "is no key: only letters, digits, -, _ and . may be in it";
const UP = "is no key: it may not be . nor begin with ..";
const ENDS = "stands at a container that ends, without restartPolicy: Always";

describe("is refused, and said with its place", () => {
  test.each<[text: string, ...said: string[]]>([
    [resources("requests: {hugepages: 1}"), `${one}.resources.requests.hugepages is no resource of a container`],
    [resources("limits: {x-hugepages-: 1}"), `${one}.resources.limits.x-hugepages- is no resource of a container`],
    [resources("requests: {cpu: 2}, limits: {cpu: 1}"), `${one}.resources.requests.cpu is more than the limit, 1`],
    [init("lifecycle: {preStop: {exec: {command: [a]}}}"), `${at}.initContainers.0.lifecycle ${ENDS}`],
    [init("livenessProbe: {exec: {command: [a]}}"), `${at}.initContainers.0.livenessProbe ${ENDS}`],
    [init("startupProbe: {exec: {command: [a]}}"), `${at}.initContainers.0.startupProbe ${ENDS}`],
    [
      container("startupProbe: {exec: {command: [a]}, successThreshold: 3}"),
      `${one}.startupProbe.successThreshold is 3, and has to be 1`,
    ],
    [
      security("allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}"),
      `${one}.securityContext.allowPrivilegeEscalation is false beside CAP_SYS_ADMIN`,
    ],
    [
      security("seccompProfile: {type: Unconfined, localhostProfile: a}"),
      `${one}.securityContext.seccompProfile.localhostProfile stands beside type Unconfined`,
    ],
    [
      set("{metadata: {name: a}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {}}}}", WEB),
      "spec.volumeClaimTemplates.0.spec.resources.requests.storage is missing",
    ],
    [
      set(
        "{metadata: {name: a}, spec: {accessModes: [ReadWriteOncePod, ReadWriteMany], resources: {requests: {storage: 1Gi}}}}",
        WEB,
      ),
      "spec.volumeClaimTemplates.0.spec.accessModes has other modes beside ReadWriteOncePod",
    ],
    [job(""), `${at}.restartPolicy has to be OnFailure or Never`],
    [job("restartPolicy: Always, "), `${at}.restartPolicy has to be OnFailure or Never`],
    [cron(DAILY, "Always"), `spec.jobTemplate.${at}.restartPolicy has to be OnFailure or Never`],
    [cron(`${DAILY}timeZone: europe/berlin, `), 'spec.timeZone is "europe/berlin", which is no time zone'],
    [cron(`${DAILY}timeZone: us/eastern, `), 'spec.timeZone is "us/eastern", which is no time zone'],
    [cron(`${DAILY}timeZone: Local, `), 'spec.timeZone is "Local", which is no time zone'],
    [cron(`${DAILY}timeZone: "+01:00", `), 'spec.timeZone is "+01:00", which is no time zone'],
    [cron('schedule: "daily", '), 'spec.schedule is "daily", which is no schedule of five fields'],
    [
      service("type: LoadBalancer, clusterIP: None, ports: [{port: 80}]"),
      "spec.clusterIP is None, which no Service of type LoadBalancer may have",
    ],
    [
      service("type: '', ports: [{port: 80, nodePort: 30080}]"),
      "spec.ports.0.nodePort stands at a Service of type ClusterIP",
    ],
    [
      service("type: ExternalName, externalName: a.b, loadBalancerClass: a/b"),
      "spec.loadBalancerClass stands at a Service of type ExternalName",
    ],
    [claim("[ReadWriteMany, ReadWriteOncePod]"), "spec.accessModes has other modes beside ReadWriteOncePod"],
    [scaler("3", "2"), "spec.minReplicas is more than maxReplicas, 2"],
    [budget("minAvailable: 0, maxUnavailable: 0, "), "spec.maxUnavailable stands beside minAvailable"],
    [clusterRole('apiGroups: [""]'), "rules.0.resources is missing"],
    [clusterRole("resources: [pods]"), "rules.0.apiGroups is missing"],
    [clusterRole('nonResourceURLs: [/a], apiGroups: [""]'), "rules.0.nonResourceURLs stands beside apiGroups"],
    [clusterRole("nonResourceURLs: [/a], resources: [pods]"), "rules.0.nonResourceURLs stands beside resources"],
    [clusterRole("nonResourceURLs: [/a], resourceNames: [a]"), "rules.0.nonResourceURLs stands beside resourceNames"],
    [
      subject("ClusterRoleBinding", "{kind: ServiceAccount, name: a, namespace: ''}"),
      "subjects.0.namespace is missing",
    ],
    [
      subject("ClusterRoleBinding", "{kind: ServiceAccount, name: a, namespace: b, apiGroup: v1}"),
      "subjects.0.apiGroup stands at a ServiceAccount",
    ],
    [
      rollout("maxSurge: 00%, maxUnavailable: 0"),
      "spec.strategy.rollingUpdate.maxUnavailable is 0, and so is maxSurge",
    ],
    [deadline("minReadySeconds: 600"), "spec.minReadySeconds is no less than progressDeadlineSeconds, 600"],
    [
      deadline("minReadySeconds: 30, progressDeadlineSeconds: 20"),
      "spec.minReadySeconds is no less than progressDeadlineSeconds, 20",
    ],
    [pod("activeDeadlineSeconds: 9, "), `${at}.activeDeadlineSeconds is said, and such pods always start again`],
    [
      job("restartPolicy: Never, ").replace("{template", "{completionMode: Indexed, template"),
      "spec.completions is missing, and completionMode is Indexed",
    ],
    [ports("endPort: 90"), "spec.ingress.0.ports.0.endPort stands there without port"],
    [ports("port: http, endPort: 90"), "spec.ingress.0.ports.0.endPort stands beside a port by its name"],
    [ports("port: 91, endPort: 90"), "spec.ingress.0.ports.0.endPort is less than port, 91"],
    [
      crd("{name: a, served: true, storage: false}, {name: b, served: true, storage: false}"),
      "spec.versions has no version with storage: true, and one is to have it",
    ],
    [host("Web.example.org"), "spec.rules.0.host is no name of a host"],
    [host("web_1.example.org"), "spec.rules.0.host is no name of a host"],
    [host("web.example.org."), "spec.rules.0.host is no name of a host"],
    [host("a.*.org"), "spec.rules.0.host is no name of a host"],
    [host("127.127.127.127"), "spec.rules.0.host is an address"],
    [path("path: a, pathType: Exact"), "spec.rules.0.http.paths.0.path does not begin with a slash"],
    [path('path: "", pathType: Exact'), "spec.rules.0.http.paths.0.path does not begin with a slash"],
    [path("path: /a//b, pathType: Exact"), "spec.rules.0.http.paths.0.path holds what no path may"],
    [path("path: /a/.., pathType: Prefix"), "spec.rules.0.http.paths.0.path holds what no path may"],
    [path("path: /a/./b, pathType: Prefix"), "spec.rules.0.http.paths.0.path holds what no path may"],
    [path("path: /a%2Fb, pathType: Prefix"), "spec.rules.0.http.paths.0.path holds what no path may"],
    [
      path("path: /, pathType: Prefix").replace("number: 80", "number: 80, name: http"),
      "spec.rules.0.http.paths.0.backend.service.port.name stands beside number",
    ],
    [policy("ingress: [{from: [{}]}]"), "spec.ingress.0.from.0 names nobody"],
    [policy("ingress: [{from: [null]}]"), "spec.ingress.0.from.0 names nobody"],
    [block("cidr: x10.0.0.0/8"), "spec.ingress.0.from.0.ipBlock.cidr is no network, such as 10.0.0.0/8"],
    [block("cidr: 10.0.0.0/8x"), "spec.ingress.0.from.0.ipBlock.cidr is no network, such as 10.0.0.0/8"],
    [pod("restartPolicy: Never, "), `${at}.restartPolicy is Never, and such pods always start again`],
    [pod("restartPolicy: OnFailure, "), `${at}.restartPolicy is OnFailure, and such pods always start again`],
    [pod("dnsPolicy: None, "), `${at}.dnsPolicy is None, and dnsConfig names no server`],
    [pod("dnsPolicy: None, dnsConfig: {nameservers: []}, "), `${at}.dnsPolicy is None, and dnsConfig names no server`],
    [tolerates("{key: a, operator: Exists, value: b}"), `${at}.tolerations.0.value stands beside the operator Exists`],
    [tolerates("{operator: Equal, value: b}"), `${at}.tolerations.0.key is missing beside that operator`],
    [tolerates("{effect: NoSchedule}"), `${at}.tolerations.0.key is missing beside that operator`],
    [
      tolerates("{key: a, operator: Exists}, {key: a, operator: Exists, effect: NoSchedule, tolerationSeconds: 0}"),
      `${at}.tolerations.1.tolerationSeconds stands beside another effect than NoExecute`,
    ],
    [
      container("ports: [{containerPort: 80, hostPort: 80, protocol: TCP}, {containerPort: 81, hostPort: 80}]"),
      `${one}.ports.1.hostPort is 80, as that of another port`,
    ],
    [
      container("ports: [{containerPort: 80, name: a}, {containerPort: 81, name: a}]"),
      `${one}.ports.1.name is "a", as that of another port`,
    ],
    [init("args: []").replace("first", "web"), `${at}.initContainers.0.name is "web", as that of another container`],
    [
      container("env: [{name: A, value: a, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]"),
      `${one}.env.0.valueFrom stands beside value`,
    ],
    [
      pod("volumes: [{name: a, secret: {secretName: a}, nfs: {server: a, path: /a}}], "),
      `${at}.volumes.0.nfs stands beside secret`,
    ],
    [container(MOUNT), `${one}.volumeMounts.0.name is "a", and no volume is`],
    [
      set(
        "{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}",
        `containers: [{name: web, image: web, ${MOUNT}}]`,
      ),
      `${one}.volumeMounts.0.name is "a", and no volume is`,
    ],
    ...["In", "NotIn"].map((operator): [string, string] => [
      nodes(`{key: a, operator: ${operator}}`),
      `${at}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0.values is missing beside ${operator}`,
    ]),
    ...["Exists", "DoesNotExist"].map((operator): [string, string] => [
      nodes(`{key: a, operator: ${operator}, values: [b]}`),
      `${at}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0.values stands beside ${operator}`,
    ]),
    [
      wish(101),
      `${at}.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution.0.weight is 101, and has to be 1 to 100`,
    ],
    [secret("data: {a: a!aa}"), "data.a is no base64"],
    [secret("data: {a: aaaa=aaa}"), "data.a is no base64"],
    [secret("data: {a: aaa}"), "data.a is no base64"],
    [secret("data: {a: aaaa aaaa}"), "data.a is no base64"],
    [config("binaryData: {a: a!aa}"), "binaryData.a is no base64"],
    [config("data: {a: b}, binaryData: {a: aaaa}"), "binaryData.a stands in data as well"],
    [config("data: {a b: c}"), `data.a b ${KEY}`],
    [config("binaryData: {a/b: aaaa}"), `binaryData.a/b ${KEY}`],
    [
      secret("stringData: {a b: c}"),
      "stringData holds a key that is none: only letters, digits, -, _ and . may be in it",
    ],
    [config("data: {..a: b}"), `data...a ${UP}`],
    [config("data: {.: b}"), `data.. ${UP}`],
    [config(`data: {${"a".repeat(254)}: c}`), `data.${"a".repeat(254)} ${KEY}`],
    [typed("dockercfg", "data: {}"), "data..dockercfg is missing in a Secret of type kubernetes.io/dockercfg"],
    [typed("ssh-auth", "data: {}"), "data.ssh-privatekey is missing in a Secret of type kubernetes.io/ssh-auth"],
    [
      typed("tls", "stringData: {a: b}"),
      "data.tls.crt is missing in a Secret of type kubernetes.io/tls",
      "data.tls.key is missing in a Secret of type kubernetes.io/tls",
    ],
    [
      pod("").replace("{matchLabels: {a: b}}", "{matchLabels: {a: '${A}', c: d}}"),
      "spec.selector selects c: d, which the template does not have",
    ],
    [pod("").replace("{matchLabels: {a: b}}", "{matchExpressions: []}"), "spec.selector selects nothing"],
  ])("%s", (text, ...said) => {
    expect(says(text)).toEqual(said);
  });
});

describe("is taken as it is", () => {
  test.each([
    resources("requests: {hugepages-2Mi: 2Mi, example.com/a: 1}, limits: {hugepages-2Mi: 2Mi, example.com/a: 1}"),
    resources("requests: {cpu: 1}, limits: {memory: 1Gi}"),
    resources("requests: {cpu: 1}, limits: {cpu: 2}"),
    container("livenessProbe: {exec: {command: [a]}, successThreshold: 1}"),
    security("privileged: true"),
    security("allowPrivilegeEscalation: true, privileged: true"),
    security("allowPrivilegeEscalation: false"),
    security("seccompProfile: {type: Localhost, localhostProfile: a}"),
    security("seccompProfile: {type: RuntimeDefault}"),
    set("{metadata: {name: a}}", `containers: [{name: web, image: web, ${MOUNT}}]`),
    job("restartPolicy: OnFailure, "),
    cron(`${DAILY}timeZone: Europe/Berlin, `, "OnFailure"),
    cron(`${DAILY}timeZone: US/Eastern, `),
    cron(`${DAILY}timeZone: UTC, `),
    service("ports: [{port: 80}]"),
    service("type: ClusterIP, ports: [{port: 80, nodePort: 0}], loadBalancerSourceRanges: []"),
    service("type: ExternalName, externalName: a.b"),
    service("clusterIP: None"),
    claim("[ReadWriteOncePod]"),
    claim("[ReadWriteOnce, ReadOnlyMany]"),
    scaler("2", "2"),
    scaler("1", "2"),
    budget("minAvailable: 0, "),
    budget("maxUnavailable: 0, "),
    budget(""),
    clusterRole("nonResourceURLs: [/a], apiGroups: [], resources: []"),
    subject("ClusterRoleBinding", "{kind: ServiceAccount, name: a, namespace: b}"),
    subject("RoleBinding", "{kind: ServiceAccount, name: a}"),
    rollout("maxSurge: 10%, maxUnavailable: 0"),
    rollout("maxSurge: 0, maxUnavailable: 10%"),
    deadline("minReadySeconds: 599"),
    deadline("minReadySeconds: 600, progressDeadlineSeconds: 601"),
    job("activeDeadlineSeconds: 9, restartPolicy: Never, "),
    job("restartPolicy: Never, ").replace("{template", "{completionMode: Indexed, completions: 1, template"),
    ports("port: 90, endPort: 90"),
    ports("port: '${PORT}', endPort: 90"),
    rollout("maxUnavailable: 0"),
    crd("{name: a, served: true, storage: true}, {name: b, served: true, storage: false}"),
    host("a"),
    host("a.b.c"),
    host("*.example.org"),
    host("1.example.org"),
    host("10.0.0.1.example.org"),
    host("a10.0.0.1"),
    host(""),
    path('path: "", pathType: ImplementationSpecific').replace('path: "", ', ""),
    path("path: /a//b, pathType: ImplementationSpecific"),
    path("path: /a.b/..c, pathType: Exact"),
    ingress("rules: [{}], tls: [{}]"),
    ingress("rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {resource: {kind: A, name: a}}}]}}]"),
    block("cidr: 10.0.0.0/8, except: [10.1.0.0/16]"),
    policy("ingress: [{}], egress: []"),
    pod("restartPolicy: Always, dnsPolicy: ClusterFirst, "),
    pod("dnsPolicy: None, dnsConfig: {nameservers: [10.0.0.1]}, "),
    tolerates("{operator: Exists}"),
    tolerates("{key: a, operator: Exists, value: ''}"),
    tolerates("{key: a, value: b, effect: NoExecute, tolerationSeconds: 5}"),
    tolerates("{key: a, value: b, effect: NoSchedule, tolerationSeconds: null}"),
    container(
      "ports: [{containerPort: 80, hostPort: 80, protocol: UDP, name: a}, {containerPort: 81, hostPort: 80, name: b}, {containerPort: 82, hostPort: 80, hostIP: 10.0.0.1}]",
    ),
    container("ports: [{containerPort: 80, hostPort: 0}, {containerPort: 81, hostPort: 0}]"),
    container("ports: [{containerPort: 80, name: ''}, {containerPort: 81, name: ''}]"),
    init("args: []"),
    container("env: [{name: A, value: '', valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: B}]"),
    container(MOUNT, "volumes: [{name: a, emptyDir: {}, secret: null}], "),
    nodes("{key: a, operator: In, values: [b]}"),
    nodes("{key: a, operator: DoesNotExist, values: []}"),
    nodes("{key: a, operator: Gt, values: ['1']}"),
    wish(1),
    wish(100),
    pod("nodeSelector: {matchExpressions: a}, "),
    secret("data: {a: '', b: aa==, c: aaa=, d: aaaa, e: null}"),
    secret('data: {a: "aaaa\\r\\naaaa\\n"}'),
    secret("stringData: {a: a!}"),
    config("data: {a: a!}, binaryData: {b: aaaa}"),
    config(`data: {${"a".repeat(253)}: c, A_b-c.1: d}`),
    typed("tls", "data: {tls.crt: aaaa}, stringData: {tls.key: a}"),
    typed("dockercfg", "data: {.dockercfg: aaaa}"),
    typed("dockerconfigjson", "data: {.dockerconfigjson: aaaa}"),
    typed("ssh-auth", "data: {ssh-privatekey: aaaa}"),
    kind("v1", "Secretive", "data: {a b: c!}"),
    kind("example.com/v1", "Secret", "data: {a b: c!}"),
    kind("example.com/v1", "CustomResourceDefinition", "spec: {versions: [{name: a}]}"),
    kind("example.com/v1", "Deployment", "spec: {selector: {matchLabels: {a: b}}, template: {}}"),
    pod("").replace("{matchLabels: {a: b}}", "{matchExpressions: [{key: a, operator: Exists}]}"),
    pod("").replace("{matchLabels: {a: b}}", "{matchLabels: {a: b}, matchExpressions: [{key: a, operator: Exists}]}"),
  ])("%s", (text) => {
    expect(says(text)).toEqual([]);
  });
});

describe("may become what is taken, by a variable that nobody knows", () => {
  test.each([
    resources('requests: {"${R}": 1}, limits: {"${R}": 1}'),
    resources('requests: {example.com/a: 1}, limits: "${L}"'),
    resources('requests: {cpu: 2}, limits: {cpu: "${CPU}"}'),
    security('seccompProfile: {type: "${TYPE}", localhostProfile: a}'),
    container('volumeMounts: [{name: a, mountPath: /a, subPath: "/${SUB}"}]', "volumes: [{name: a, emptyDir: {}}], "),
    container('volumeMounts: [{name: "${A}", mountPath: /a}]'),
    container(MOUNT, 'volumes: "${VOLUMES}", '),
    container(MOUNT, 'volumes: ["${VOLUME}"], '),
    container(MOUNT, 'volumes: [{name: "${NAME}", emptyDir: {}}], '),
    set('"${CLAIM}"', `containers: [{name: web, image: web, ${MOUNT}}]`),
    set('{metadata: {name: "${NAME}"}}', `containers: [{name: web, image: web, ${MOUNT}}]`),
    job('restartPolicy: "${RESTART}", '),
    cron(`${DAILY}timeZone: "\${ZONE}", `),
    cron('schedule: "${MINUTE} 3 * * *", '),
    claim('[ReadWriteOncePod, "${MODE}"]'),
    clusterRole('nonResourceURLs: "${URLS}", resources: [a]'),
    host("${HOST}"),
    path('path: "${PATH}", pathType: Prefix'),
    path('path: a, pathType: "${TYPE}"'),
    ingress('rules: "${RULES}"'),
    policy('ingress: [{from: ["${PEER}"]}]'),
    block('cidr: "${NET}", except: ["${OTHER}"]'),
    pod('dnsPolicy: None, dnsConfig: "${DNS}", '),
    pod('dnsPolicy: None, dnsConfig: {nameservers: "${SERVERS}"}, '),
    tolerates('"${ONE}"'),
    tolerates('{key: "${KEY}", operator: Exists, value: b}'),
    container(
      'ports: [{containerPort: 80, hostPort: 80, hostIP: "${IP}"}, {containerPort: 81, hostPort: 80, hostIP: "${IP}"}]',
    ),
    container('ports: [{containerPort: 80, name: "${P}"}, {containerPort: 81, name: "${P}"}]'),
    init("args: []").replace("first", '"${N}"').replace("name: web", 'name: "${N}"'),
    nodes('{key: a, operator: In, values: "${VALUES}"}'),
    secret('data: {a: "${A}"}'),
    config('data: {"${KEY}": b}'),
    typed("tls", 'data: "${DATA}"'),
    typed("tls", 'data: {"${KEY}": aaaa, a: aaaa}'),
    typed("tls", 'stringData: "${DATA}"'),
    pod("").replace("{matchLabels: {a: b}}", '{matchLabels: {a: "${A}"}}'),
    pod("").replace(LABELS, 'metadata: {labels: {"${KEY}": b}}, '),
    pod("").replace(LABELS, 'metadata: {labels: "${LABELS}"}, '),
    pod("").replace("{matchLabels: {a: b}}", '{matchExpressions: "${ALL}"}'),
  ])("%s", (text) => {
    expect(says(text)).toEqual([]);
  });

  test.each([
    cron("").replace("restartPolicy: Never, ", ""),
    container(MOUNT),
    security("seccompProfile: {type: Localhost}"),
    init("livenessProbe: {exec: {command: [a]}}"),
    tolerates("{effect: NoSchedule}"),
    tolerates("{key: a, tolerationSeconds: 5}"),
    pod("dnsPolicy: None, "),
    nodes("{key: a, operator: In}"),
    resources("requests: {example.com/a: 1}"),
    service("selector: {a: b}"),
    clusterRole('apiGroups: [""]'),
    subject("ClusterRoleBinding", "{kind: ServiceAccount, name: a}"),
    crd("{name: a, served: true, storage: false}"),
    pod("").replace(LABELS, ""),
  ])("or by a patch that nobody can read: %s", (text) => {
    expect(says(text)).not.toEqual([]);
    expect(says(text, false)).toEqual([]);
  });
});

test("all values of a ConfigMap together have a most", () => {
  const most = 1024 * 1024;
  const sized = (bytes: number) => config(`data: {a: ${"a".repeat(bytes)}}`);
  expect(says(sized(most))).toEqual([]);
  expect(says(sized(most + 1))).toEqual([`data holds ${most + 1} bytes or more, and at most ${most} are taken`]);
  expect(says(sized(most + 1), false)).toEqual([]);
});

test.each([
  ["v1", "Service"],
  ["v1", "PersistentVolumeClaim"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["apps/v1", "DaemonSet"],
  ["batch/v1", "Job"],
  ["batch/v1", "CronJob"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["networking.k8s.io/v1", "Ingress"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["policy/v1", "PodDisruptionBudget"],
])("a spec that is none is all that is said of a %s %s", (api, name) => {
  expect(says(kind(api, name, "spec: null"))).toEqual([]);
  expect(says(kind(api, name, 'spec: "${SPEC}"'))).toEqual([]);
  expect(says(kind(api, name, "spec: a"))).toEqual(['spec has to be a map, and is "a"']);
  expect(says(kind(api, name, "spec: []"))).toEqual(["spec has to be a map, and is a list"]);
});
