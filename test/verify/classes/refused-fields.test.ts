import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findRefusals, sayRefusal } from "../../../src/admission/refused.ts";
import { verifyEdits } from "../edited.ts";
import { kustomization, object } from "../home-tree.ts";
import { APP, h, LIST } from "../odd-tree.ts";

const says = (text: string, isWhole = true) => findRefusals(parse(text), isWhole).map(sayRefusal);
const head = (api: string, kind: string) => `apiVersion: ${api}, kind: ${kind}, metadata: {name: web}`;
const service = (spec: string) => `{${head("v1", "Service")}, spec: {${spec}, ports: [{port: 80}]}}`;
const pod = (container: string, more = "", kind = "Deployment", spec = "") =>
  `{${head("apps/v1", kind)}, spec: {${spec}selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {${more}containers: [{name: web, image: web${container}}]}}}}`;
const at = "spec.template.spec";
const one = `${at}.containers.0`;
const init = (more: string) => pod("", `initContainers: [{name: first, image: web, ${more}}], `);
const affinity = (said: string) => pod("", `affinity: {${said}}, `);
const WISH = "preferredDuringSchedulingIgnoredDuringExecution";
const policy = (peer: string) =>
  `{${head("networking.k8s.io/v1", "NetworkPolicy")}, spec: {podSelector: {}, egress: [{to: [${peer}]}]}}`;
const claim = (spec: string) =>
  `{${head("v1", "PersistentVolumeClaim")}, spec: {${spec}, resources: {requests: {storage: 1Gi}}}}`;
const BACKEND = "backend: {service: {name: web, port: {number: 80}}}";
const ingress = (spec: string) => `{${head("networking.k8s.io/v1", "Ingress")}, spec: {${spec}}}`;
const secret = (type: string, data = "{}") =>
  `{${head("v1", "Secret")}, type: ${type.includes("/") ? type : `kubernetes.io/${type}`}, stringData: ${data}}`;
const rbac = (kind: string, more: string) => `{${head("rbac.authorization.k8s.io/v1", kind)}, ${more}}`;
const binding = (kind: string, subject: string) =>
  rbac(kind, `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: web}, subjects: [${subject}]`);

// Each is refused, and each of the others taken, by the validation of Kubernetes 1.34 itself.
describe("fields that do not go together are refused", () => {
  test.each<[text: string, said: string]>([
    [service("externalTrafficPolicy: Local"), "spec.externalTrafficPolicy stands at a Service of type ClusterIP"],
    [
      service("type: ClusterIP, loadBalancerClass: a/b"),
      "spec.loadBalancerClass stands at a Service of type ClusterIP",
    ],
    [
      service("type: NodePort, loadBalancerSourceRanges: [10.0.0.0/8]"),
      "spec.loadBalancerSourceRanges stands at a Service of type NodePort",
    ],
    [
      service("allocateLoadBalancerNodePorts: false"),
      "spec.allocateLoadBalancerNodePorts stands at a Service of type ClusterIP",
    ],
    [
      service("type: ClusterIP").replace("port: 80", "port: 80, nodePort: 30080"),
      "spec.ports.0.nodePort stands at a Service of type ClusterIP",
    ],
    [pod(", resources: {limits: {mem: 1Gi}}"), `${one}.resources.limits.mem is no resource of a container`],
    [
      pod(", resources: {requests: {nvidia.com/gpu: 1}}"),
      `${one}.resources.limits.nvidia.com/gpu is missing, and has to be as much as is asked for`,
    ],
    [
      pod(", resources: {requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 2}}"),
      `${one}.resources.requests.nvidia.com/gpu is less than the limit, 2, and has to be as much`,
    ],
    [
      pod(", livenessProbe: {tcpSocket: {port: 80}, successThreshold: 2}"),
      `${one}.livenessProbe.successThreshold is 2, and has to be 1`,
    ],
    [
      pod(", readinessProbe: {tcpSocket: {port: 80}, terminationGracePeriodSeconds: 5}"),
      `${one}.readinessProbe.terminationGracePeriodSeconds stands at a probe that ends no pod`,
    ],
    [
      pod(", securityContext: {allowPrivilegeEscalation: false, privileged: true}"),
      `${one}.securityContext.allowPrivilegeEscalation is false beside privileged: true`,
    ],
    [
      pod(", securityContext: {seccompProfile: {type: Localhost}}"),
      `${one}.securityContext.seccompProfile.localhostProfile is missing beside type Localhost`,
    ],
    [
      pod("", "securityContext: {seccompProfile: {type: RuntimeDefault, localhostProfile: a}}, "),
      `${at}.securityContext.seccompProfile.localhostProfile stands beside type RuntimeDefault`,
    ],
    [
      pod(", volumeMounts: [{name: a, mountPath: /a, subPath: /b}]", "volumes: [{name: a, emptyDir: {}}], "),
      `${one}.volumeMounts.0.subPath begins with a slash`,
    ],
    [
      pod(", volumeMounts: [{name: a, mountPath: /a, subPath: a/../b}]", "volumes: [{name: a, emptyDir: {}}], "),
      `${one}.volumeMounts.0.subPath holds ..`,
    ],
    [
      pod(", ports: [{containerPort: 80, hostPort: 81}]", "hostNetwork: true, "),
      `${one}.ports.0.hostPort is not 80, as hostNetwork wants it`,
    ],
    [
      init("readinessProbe: {tcpSocket: {port: 80}}"),
      `${at}.initContainers.0.readinessProbe stands at a container that ends, without restartPolicy: Always`,
    ],
    [
      affinity(`podAntiAffinity: {${WISH}: [{weight: 0, podAffinityTerm: {topologyKey: a}}]}`),
      `${at}.affinity.podAntiAffinity.${WISH}.0.weight is 0, and has to be 1 to 100`,
    ],
    [
      affinity(`nodeAffinity: {${WISH}: [{weight: 1, preference: {matchExpressions: [{key: a, operator: In}]}}]}`),
      `${at}.affinity.nodeAffinity.${WISH}.0.preference.matchExpressions.0.values is missing beside In`,
    ],
    [
      affinity(
        "nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists, values: [b]}]}]}}",
      ),
      `${at}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0.values stands beside Exists`,
    ],
    [
      pod("", "", "Deployment", "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}, "),
      "spec.strategy.rollingUpdate.maxUnavailable is 0, and so is maxSurge",
    ],
    [
      pod("", "", "DaemonSet", "updateStrategy: {rollingUpdate: {maxUnavailable: 0}}, "),
      "spec.updateStrategy.rollingUpdate.maxUnavailable is 0, and so is maxSurge",
    ],
    [policy("{ipBlock: {cidr: 10.0.0.0}}"), "spec.egress.0.to.0.ipBlock.cidr is no network, such as 10.0.0.0/8"],
    [
      policy("{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0]}}"),
      "spec.egress.0.to.0.ipBlock.except.0 is no network, such as 10.0.0.0/8",
    ],
    [policy("{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}"), "spec.egress.0.to.0.ipBlock stands beside a selector"],
    [policy("{}"), "spec.egress.0.to.0 names nobody"],
    [
      claim("accessModes: [ReadWriteOncePod, ReadWriteOnce]"),
      "spec.accessModes has other modes beside ReadWriteOncePod",
    ],
    [
      claim("accessModes: [ReadWriteOnce], dataSource: {kind: VolumeSnapshot, name: a}"),
      "spec.dataSource.apiGroup is missing, and no VolumeSnapshot is without one",
    ],
    [ingress("ingressClassName: web"), "spec.rules is missing, and so is defaultBackend"],
    [
      ingress("defaultBackend: {service: {name: web, port: {number: 80, name: http}}}"),
      "spec.defaultBackend.service.port.name stands beside number",
    ],
    [
      ingress(`rules: [{host: 10.0.0.1, http: {paths: [{path: /, pathType: Prefix, ${BACKEND}}]}}]`),
      "spec.rules.0.host is an address",
    ],
    [
      ingress(`default${BACKEND.replace("b", "B")}, tls: [{hosts: ["https://web.example.org"]}]`),
      "spec.tls.0.hosts.0 is no name of a host",
    ],
    [secret("tls", "{tls.crt: a}"), "data.tls.key is missing in a Secret of type kubernetes.io/tls"],
    [
      secret("dockerconfigjson", "{config.json: a}"),
      "data..dockerconfigjson is missing in a Secret of type kubernetes.io/dockerconfigjson",
    ],
    [secret("basic-auth", "{user: a}"), "data.username is missing in a Secret of type kubernetes.io/basic-auth"],
    [
      rbac("Role", "rules: [{nonResourceURLs: [/metrics], verbs: [get]}]"),
      "rules.0.nonResourceURLs stands in a Role, which has none",
    ],
    [
      binding("RoleBinding", "{kind: ServiceAccount, name: a, apiGroup: rbac.authorization.k8s.io}"),
      "subjects.0.apiGroup stands at a ServiceAccount",
    ],
    [binding("ClusterRoleBinding", "{kind: ServiceAccount, name: a}"), "subjects.0.namespace is missing"],
  ])("%s", (text, said) => {
    expect(says(text)).toEqual([said]);
  });

  test.each([
    service(
      "type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerSourceRanges: [10.0.0.0/8], loadBalancerClass: a/b",
    ),
    service("externalIPs: [10.0.0.1], externalTrafficPolicy: Local"),
    service("type: '${TYPE}', externalTrafficPolicy: Local"),
    service("type: NodePort, externalTrafficPolicy: Local").replace("port: 80", "port: 80, nodePort: 30080"),
    pod(", resources: {requests: {ephemeral-storage: 1Gi, cpu: 1}, limits: {nvidia.com/gpu: 1}}"),
    pod(", resources: {requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: '1'}}"),
    pod(", readinessProbe: {tcpSocket: {port: 80}, successThreshold: 2}"),
    pod(", securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [NET_ADMIN]}}"),
    pod(", volumeMounts: [{name: a, mountPath: /a, subPath: ..b/c}]", "volumes: [{name: a, emptyDir: {}}], "),
    pod(", ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81}]", "hostNetwork: true, "),
    init("restartPolicy: Always, readinessProbe: {tcpSocket: {port: 80}}"),
    pod("", "", "Deployment", "strategy: {rollingUpdate: {maxUnavailable: 0}}, "),
    pod("", "", "DaemonSet", "updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}, "),
    policy("{ipBlock: {cidr: '2001:db8::/32'}}"),
    policy("{namespaceSelector: {}, podSelector: {matchExpressions: [{key: a, operator: Exists}]}}"),
    claim("accessModes: [ReadWriteOnce], dataSource: {kind: PersistentVolumeClaim, name: a}"),
    claim(
      "accessModes: [ReadWriteOnce], dataSourceRef: {kind: VolumeSnapshot, name: a, apiGroup: snapshot.storage.k8s.io}",
    ),
    ingress(`default${BACKEND.replace("b", "B")}`),
    secret("tls", "{tls.crt: '', tls.key: ''}"),
    secret("basic-auth", "{password: a}"),
    secret("example.com/own"),
    rbac("ClusterRole", "rules: [{nonResourceURLs: [/metrics], verbs: [get]}]"),
    binding("RoleBinding", "{kind: ServiceAccount, name: a}"),
    binding("ClusterRoleBinding", "{kind: User, name: a, apiGroup: rbac.authorization.k8s.io}"),
  ])("and not %s", (text) => {
    expect(says(text)).toEqual([]);
  });

  test("what a patch that cannot be read may set is not taken for missing", () => {
    expect(says(service("externalTrafficPolicy: Local"), false)).toEqual([]);
    expect(says(secret("tls"), false)).toEqual([]);
    expect(says(ingress("ingressClassName: web"), false)).toEqual([]);
  });
});

test("a kind without a spec may come to lack something as well", () => {
  const role = (rule: string) => object("Role", "web", "rbac.authorization.k8s.io/v1", [`rules: [{${rule}}]`]);
  const file = `${APP}/role.yaml`;
  const tree = {
    ...h,
    [LIST]: kustomization(["helmrelease.yaml", "pvc.yaml", "role.yaml"]),
    [file]: role("apiGroups: [''], resources: [pods], verbs: [get]"),
  };
  expect(verifyEdits({ [file]: role("resources: [pods], verbs: [get]") }, tree).verdict).toBe("unsafe");
});
