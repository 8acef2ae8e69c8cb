import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findRefusals, sayRefusal } from "../../../src/admission/refused.ts";
import { homeTree, kustomization, object } from "../home-tree.ts";
import { judge } from "../judge.ts";
import { PLAYER_APP } from "../references/tree.ts";

const says = (text: string, isWhole = true) => findRefusals(parse(text), isWhole).map(sayRefusal);

const POD = "{containers: [{name: web, image: web}]}";
const deployment = (spec = POD, more = "") =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: ${spec}}${more}}}`;
const container = (more: string) => deployment(`{containers: [{name: web, image: web, ${more}}]}`);
const cronJob = (schedule: string, restart = "restartPolicy: Never, ") =>
  `{apiVersion: batch/v1, kind: CronJob, metadata: {name: web}, spec: {schedule: "${schedule}", jobTemplate: {spec: {template: {spec: {${restart}containers: [{name: web, image: web}]}}}}}}`;
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
const volume = (text: string) => deployment(`{containers: [{name: web, image: web}], volumes: [{name: a, ${text}}]}`);
const service = (spec: string) => `{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {${spec}}}`;
const role = (rule: string) =>
  `{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: web}, rules: [{${rule}}]}`;
const TEMPLATE = "spec.template.spec";

describe("an object of Kubernetes that the API server refuses", () => {
  test.each<[what: string, text: string, says: string]>([
    [
      "a probe beside its containers",
      deployment("{livenessProbe: {tcpSocket: {port: 80}}, containers: [{name: web, image: web}]}"),
      `${TEMPLATE}.livenessProbe is no field there`,
    ],
    [
      "a slip deep inside",
      container("volumeMount: []"),
      `${TEMPLATE}.containers.0.volumeMount is no field there, but volumeMounts is`,
    ],
    [
      "text for a number",
      deployment(POD, ", replicas: '2'"),
      'spec.replicas has to be a whole number from 0, and is "2"',
    ],
    [
      "a strategy that is none",
      deployment(POD, ", strategy: {type: Rolling}"),
      'spec.strategy.type has to be one of Recreate, RollingUpdate, and is "Rolling"',
    ],
    [
      "a container without an image",
      deployment("{containers: [{name: web}]}"),
      `${TEMPLATE}.containers.0.image is missing`,
    ],
    ["no containers", deployment("{containers: []}"), `${TEMPLATE}.containers has no items`],
    [
      "a name with an underscore",
      deployment("{containers: [{name: my_web, image: web}]}"),
      `${TEMPLATE}.containers.0.name has to be a name of small letters, digits and -, of at most 63, and is "my_web"`,
    ],
    [
      "a port beyond all",
      container("ports: [{containerPort: 80800}]"),
      `${TEMPLATE}.containers.0.ports.0.containerPort has to be a port from 1 to 65535, and is 80800`,
    ],
    [
      "a port in quotes",
      container('livenessProbe: {httpGet: {port: "80"}}'),
      `${TEMPLATE}.containers.0.livenessProbe.httpGet.port has to be a port from 1 to 65535, or its name, and is "80"`,
    ],
    [
      "a probe that asks nothing",
      container("livenessProbe: {periodSeconds: 5}"),
      `${TEMPLATE}.containers.0.livenessProbe has none of exec, grpc, httpGet, tcpSocket`,
    ],
    [
      "one that asks twice",
      container("livenessProbe: {exec: {command: [a]}, tcpSocket: {port: 80}}"),
      `${TEMPLATE}.containers.0.livenessProbe has exec and tcpSocket, and only one of them may be there`,
    ],
    [
      "a mode that is no octal number",
      deployment(
        "{containers: [{name: web, image: web}], volumes: [{name: a, configMap: {name: a, defaultMode: 755}}]}",
      ),
      `${TEMPLATE}.volumes.0.configMap.defaultMode has to be a mode from 0 to 0777, and is 755`,
    ],
    [
      "a field of a pod that is none",
      container("env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.name}}}]"),
      `${TEMPLATE}.containers.0.env.0.valueFrom.fieldRef.fieldPath is "spec.name", which does not match`,
    ],
    [
      "a selector of nothing",
      deployment().replace("selector: {matchLabels: {a: b}}", "selector: {}"),
      "spec.selector selects nothing",
    ],
    [
      "a template without the labels",
      deployment().replace("metadata: {labels: {a: b}}, ", ""),
      "spec.selector selects a: b, which the template does not have",
    ],
    ["six fields of a schedule", cronJob("0 0 3 * * *"), 'spec.schedule is "0 0 3 * * *", which is no schedule'],
    ["an odd schedule", cronJob("0 3 * * 1-5x!"), 'spec.schedule is "0 3 * * 1-5x!", which is no schedule'],
    ["the seventh day", cronJob("0 3 * * 7"), 'spec.schedule is "0 3 * * 7", which is no schedule'],
    ["a sixtieth minute", cronJob("60 3 * * *"), 'spec.schedule is "60 3 * * *", which is no schedule'],
    ["days in a circle", cronJob("0 3 * * fri-mon"), 'spec.schedule is "0 3 * * fri-mon", which is no schedule'],
    ["a job that never ends", cronJob("@daily", ""), `${TEMPLATE}.restartPolicy has to be OnFailure or Never`],
    [
      "more replicas at least than at most",
      "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {minReplicas: 3, maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}}}",
      "spec.minReplicas is more than maxReplicas, 2",
    ],
    ...[
      ["no version", "false", "has no version with storage: true"],
      ["two versions", "true}, {name: v2, served: true, storage: true", "has 2 versions with storage: true"],
    ].map(([what, storage, says]): [string, string, string] => [
      `${what} to store a kind in`,
      `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: as.b.c}, spec: {group: b.c, scope: Namespaced, names: {kind: A, plural: as}, versions: [{name: v1, served: true, storage: ${storage}}]}}`,
      `spec.versions ${says}`,
    ]),
    [
      "a budget that says both",
      "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {minAvailable: 1, maxUnavailable: 1, selector: {}}}",
      "spec.maxUnavailable stands beside minAvailable",
    ],
    [
      "a time zone that is none",
      cronJob("@daily").replace("schedule:", "timeZone: Europe/Berln, schedule:"),
      'spec.timeZone is "Europe/Berln", which is no time zone',
    ],
    [
      "a headless service of nodes",
      service("type: NodePort, clusterIP: None, ports: [{port: 80}]"),
      "spec.clusterIP is None, which no Service of type NodePort may have",
    ],
    ["ports without names", service("ports: [{port: 80}, {port: 443, name: tls}]"), "spec.ports.0.name is missing"],
    ["a service without ports", service("selector: {a: b}"), "spec.ports is missing"],
    ["a host without a name", service("type: ExternalName"), "spec.externalName is missing"],
    [
      "a dot in its name",
      service("ports: [{port: 80}]").replace("name: web", "name: web.x"),
      'metadata.name is "web.x"',
    ],
    [
      "a claim of nothing",
      "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {}}}}",
      "spec.resources.requests.storage is missing",
    ],
    [
      "a claim with an odd amount",
      "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10GB}}}}",
      'spec.resources.requests.storage has to be an amount, such as 500m or 10Gi, and is "10GB"',
    ],
    ["a rule about nothing", role("apiGroups: [''], verbs: [get]"), "rules.0.resources is missing"],
    [
      "a path without its type",
      "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: a, port: {number: 80}}}}]}}]}}",
      "spec.rules.0.http.paths.0.pathType is missing",
    ],
    [
      "labels that are a list",
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: [a]}}",
      "metadata.labels has to be a map",
    ],
  ])("is one with %s", (_, text, said) => {
    const found = says(text).map((one) => one.replace("spec.jobTemplate.spec.template", "spec.template"));
    expect(found).toEqual([expect.stringContaining(said)]);
  });

  test("stops the merge, as Flux applies nothing more of its Kustomization", () => {
    const tree = homeTree();
    const list = `${PLAYER_APP}/kustomization.yaml`;
    const edits = {
      [list]: kustomization(["helmrelease.yaml", "pvc.yaml", "web.yaml"]),
      [`${PLAYER_APP}/web.yaml`]: object("Service", "web", "v1", ["spec: {ports: [{port: 80}, {port: 81}]}"]),
    };
    const { safety, findings } = judge(tree, edits);
    expect(safety.verdict).toBe("unsafe");
    expect(findings.find(({ rule }) => rule === "object-refused")?.what).toContain("spec.ports.0.name is missing");
  });
});

describe("nothing is said", () => {
  test.each<[what: string, text: string]>([
    ["of a workload", deployment()],
    ["of items and fields without a value", container("args: [a, null], env: null, resources: {limits: null}")],
    ["of words that are empty", container("imagePullPolicy: '', ports: [{containerPort: 80, protocol: ''}]")],
    ["of variables that Flux fills in", container("workingDir: '${DIR}', ports: [{containerPort: '${PORT}'}]")],
    ["of a number that is an amount", container("resources: {limits: {cpu: 0.5, memory: 1Gi}}")],
    ["of a schedule with words", cronJob("0,30 */2 1-5 JAN-MAR MON")],
    ["of one in a word", cronJob("@every 1h30m")],
    ["of odd fields that are taken", cronJob("*/90 3/2 1,? JAN-3 sat,Sun")],
    ["of a weight alone", deployment(`{affinity: {nodeAffinity: {${PREFERRED}: [{weight: 1}]}}, ${POD.slice(1)}`)],
    [
      "of a disk without its number",
      volume("iscsi: {targetPortal: '10.0.0.1:3260', iqn: 'iqn.2001-04.com.example:a'}"),
    ],
    ["of a sleep of no time", container("lifecycle: {preStop: {sleep: {}}}")],
    [
      "of a condition of pods that is true by default",
      cronJob("@daily").replace(
        "{spec: {template",
        "{spec: {podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}]}]}, template",
      ),
    ],
    ["of words of Kubernetes 1.35", deployment(`{tolerations: [{key: a, operator: Lt, value: "5"}], ${POD.slice(1)}`)],
    [
      "of the status that a controller wrote into a template of claims",
      `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: ${POD}}, volumeClaimTemplates: [{metadata: {name: a}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}, status: {conditions: [{}]}}]}}`,
    ],
    [
      "of a group of OpenShift",
      "{apiVersion: user.openshift.io/v1, kind: Group, metadata: {name: 'Cluster_Admins'}, users: []}",
    ],
    [
      "of a bundle of certificates",
      "{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: 'example.com:web:a'}, spec: {signerName: example.com/web, trustBundle: a}}",
    ],
    ["of a headless service", service("clusterIP: None, selector: {a: b}")],
    ["of a port by its name", service("ports: [{port: 80, targetPort: http}]")],
    ["of rules for paths", role("nonResourceURLs: [/metrics], verbs: [get]").replace("Role", "ClusterRole")],
    [
      "of an object without a spec, which is a fragment",
      "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}",
    ],
    ["of a version that is no more", "{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: a}, spec: {x: 1}}"],
  ])("%s", (_, text) => {
    expect(says(text)).toEqual([]);
  });

  test("of what a patch that cannot be read may bring", () => {
    expect(says(deployment("{containers: [{name: web}]}"), false)).toEqual([]);
    expect(says(service("selector: {a: b}"), false)).toEqual([]);
  });
});

test("paths and hosts of an Ingress", () => {
  const ingress = (path: string, host = "web.example.org", type = "Prefix") =>
    says(
      `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web}, spec: {rules: [{host: ${host}, http: {paths: [{path: ${path}, pathType: ${type}, backend: {service: {name: web, port: {number: 80}}}}]}}]}}`,
    );
  for (const path of ["/", "/app", "/app/", "/a.b/..c", '"${PATH}"']) expect(ingress(path)).toEqual([]);
  for (const host of ["web", '"*.example.org"', '"${HOST}"', '""', "xn--a.example.org"])
    expect(ingress("/", host)).toEqual([]);
  expect(ingress("/app(/|$)(.*)//", "web", "ImplementationSpecific")).toEqual([]);
  expect(ingress("app")).toEqual(["spec.rules.0.http.paths.0.path does not begin with a slash"]);
  expect(ingress('""')).toEqual(["spec.rules.0.http.paths.0.path does not begin with a slash"]);
  expect(ingress("app(.*)", "web", "ImplementationSpecific")).toHaveLength(1);
  for (const path of ["/a//b", "/../a", "/a/.", "/a%2Fb"])
    expect(ingress(path)).toEqual(["spec.rules.0.http.paths.0.path holds what no path may"]);
  for (const host of ["Web.example.org", "web.example.org:8080", "https://web.example.org", "web_a.example.org"])
    expect(ingress("/", host)).toEqual(["spec.rules.0.host is no name of a host"]);
});

test("a field that nobody here knows may be new in Kubernetes", () => {
  const [found] = findRefusals(parse(deployment(POD, ", newInKubernetes: 1")));
  expect(found).toMatchObject({ path: ["spec", "newInKubernetes"], doubtful: true });
});
